// SPDX-License-Identifier: GPL-2.0-or-later
// What hands spikes to NEST's nodes, by ticks of the network.
#pragma once

#include "group.h"
#include "queue.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>
#include <vector>

namespace fusion
{

// Adds to the ring buffers of nodes, where a spike of NEST's own would.
class Receptor
{
public:
  Receptor( const Group& group, long receptor, nest::Node& sender )
    : nodes( group.nodes )
  {
    nest::SpikeEvent probe;
    probe.set_sender( sender );
    for ( nest::Node* node : nodes )
    {
      probe.set_receiver( *node );
      // What Connect asks; throws if the node takes no spikes there.
      ports_.push_back( node->handles_test_event( probe, receptor ) );
    }
  }

  void
  hit( long target, double weight, nest::SpikeEvent& spike, long times = 1 ) const
  {
    nest::Node* node = nodes[ target ];
    spike.set_receiver( *node );
    spike.set_rport( ports_[ target ] );
    spike.set_weight( weight );
    spike.set_multiplicity( times );
    node->handle( spike );
  }

  const Nodes nodes;

private:
  std::vector< size_t > ports_;
};

// Something that hands rows of spikes to nodes in their turn.
struct Sender
{
  explicit Sender( long size )
    : queue( size )
  {
  }
  virtual ~Sender() = default;

  // Deliver what takes effect at `tick`, whose step begins when the spike stands.
  virtual void deliver( long tick, nest::SpikeEvent& spike ) = 0;

  Queue queue;
};

// Sums, one for each target.
class Input : public Sender
{
public:
  Input( const Group& group, long receptor, nest::Node& sender )
    : Sender( group.nodes.size() )
    , receptor_( group, receptor, sender )
  {
  }

  void
  deliver( long tick, nest::SpikeEvent& spike ) override
  {
    queue.take( tick, [ & ]( long target, double sum ) {
      if ( sum != 0.0 )
      {
        receptor_.hit( target, sum, spike );
      }
    } );
  }

private:
  Receptor receptor_;
};

// Spikes of the sources of a link, which holds the weights; a value says how often a source has fired.
class Link : public Sender
{
public:
  // Synapses ascend by source; delays count from the shortest.
  Link( const Group& group, long receptor, nest::Node& sender, const std::vector< long >& pre,
    std::vector< long > post, std::vector< double > weights, std::vector< long > delays, long n_sources )
    : Sender( n_sources )
    , receptor_( group, receptor, sender )
    , begins_( n_sources + 1 )
    , post_( std::move( post ) )
    , delays_( std::move( delays ) )
    , weights_( std::move( weights ) )
  {
    for ( long source : pre )
    {
      ++begins_.at( source + 1 );
    }
    for ( long source = 0; source < n_sources; ++source )
    {
      begins_[ source + 1 ] += begins_[ source ];
    }
    long longest = 0;
    for ( size_t k = 0; k < post_.size(); ++k )
    {
      receptor_.nodes.at( post_[ k ] );
      if ( delays_[ k ] < 0 )
      {
        throw std::runtime_error( "a delay is shorter than the shortest" );
      }
      longest = std::max( longest, delays_[ k ] );
    }
    later_.resize( longest + 1 );
  }

  // Use other weights for rows of ticks after `last`.
  void
  reweigh( std::vector< double > weights, long last )
  {
    if ( weights.size() != post_.size() )
    {
      throw std::runtime_error( "there is a weight for each synapse, no more and no less" );
    }
    new_.emplace_back( last, std::move( weights ) );
  }

  void
  deliver( long tick, nest::SpikeEvent& spike ) override
  {
    while ( not new_.empty() and tick > new_.front().first )
    {
      weights_ = std::move( new_.front().second );
      new_.erase( new_.begin() );
    }
    auto& due = later_[ tick % later_.size() ];
    for ( const auto& [ target, weight, times ] : due )
    {
      receptor_.hit( target, weight, spike, times );
    }
    due.clear();
    queue.take( tick, [ & ]( long source, double fired ) {
      const long times = std::max( std::lround( fired ), 0L );
      for ( long k = begins_[ source ]; k < begins_[ source + 1 ]; ++k )
      {
        if ( delays_[ k ] == 0 )
        {
          receptor_.hit( post_[ k ], weights_[ k ], spike, times );
        }
        else
        {
          later_[ ( tick + delays_[ k ] ) % later_.size() ].push_back( { post_[ k ], weights_[ k ], times } );
        }
      }
    } );
  }

private:
  struct Hit
  {
    long target;
    double weight;
    long times;
  };

  Receptor receptor_;
  std::vector< long > begins_, post_, delays_;
  std::vector< double > weights_;
  std::vector< std::pair< long, std::vector< double > > > new_;
  std::vector< std::vector< Hit > > later_; // on their way, by tick, round and round
};

}
