// SPDX-License-Identifier: GPL-2.0-or-later
// Nodes of one model, by their places in the network's group.
#pragma once

#include "models.h"

#include <map>
#include <memory>
#include <stdexcept>
#include <string>

namespace fusion
{

class Group
{
public:
  Group( const long* ids, long n )
  {
    for ( long i = 0; i < n; ++i )
    {
      nest::Node* node = nest::kernel().node_manager.get_node_or_proxy( ids[ i ] );
      if ( node->is_proxy() or node->get_node_id() != static_cast< size_t >( ids[ i ] ) )
      {
        throw std::runtime_error( "node " + std::to_string( ids[ i ] ) + " does not live here" );
      }
      nodes.push_back( node );
    }
    model_ = model_of( *nodes.at( 0 ) );
  }

  // Whether a variable can be read without asking for the whole status.
  bool
  records( const std::string& name ) const
  {
    return model_ and model_->reader( name, nodes[ 0 ] );
  }

  const Reader&
  reader( const std::string& name )
  {
    auto& known = readers_[ name ];
    if ( not known and model_ )
    {
      known = model_->reader( name, nodes[ 0 ] );
    }
    if ( not known )
    {
      auto slow = std::make_unique< StatusReader >();
      slow->name = name;
      known = std::move( slow );
    }
    return *known;
  }

  std::unique_ptr< Writer >
  writer() const
  {
    auto direct = model_ ? model_->writer() : nullptr;
    return direct ? std::move( direct ) : std::make_unique< StatusWriter >();
  }

  Nodes
  at( const long* positions, long n ) const
  {
    Nodes chosen( n );
    for ( long i = 0; i < n; ++i )
    {
      chosen[ i ] = nodes.at( positions[ i ] );
    }
    return chosen;
  }

  Nodes nodes;

private:
  const Model* model_;
  std::map< std::string, std::unique_ptr< Reader > > readers_;
};

}
