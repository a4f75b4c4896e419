// SPDX-License-Identifier: GPL-2.0-or-later
// What goes into NEST's nodes and comes out of them, by ticks of the network.
#pragma once

#include "array.h"
#include "models.h"

#include <algorithm>
#include <map>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace fusion
{

// Nodes of one model, by their places in the network's group.
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
  hit( long target, double weight, nest::SpikeEvent& spike ) const
  {
    nest::Node* node = nodes[ target ];
    spike.set_receiver( *node );
    spike.set_rport( ports_[ target ] );
    spike.set_weight( weight );
    node->handle( spike );
  }

  const Nodes nodes;

private:
  std::vector< size_t > ports_;
};

// Rows of pairs that wait for their tick.
class Queue
{
public:
  struct Row
  {
    std::vector< long > indices;
    std::vector< double > values;
  };

  explicit Queue( long size )
    : size_( size )
  {
  }

  // Take rows in, all or none; the first tick that has its row already, or -1.
  long
  push( const long* ticks, const long* indices, const double* values, long n )
  {
    for ( long i = 0; i < n; ++i )
    {
      if ( indices[ i ] < 0 or indices[ i ] >= size_ )
      {
        throw std::runtime_error( "there is no neuron " + std::to_string( indices[ i ] ) );
      }
      if ( ( i == 0 or ticks[ i ] != ticks[ i - 1 ] ) and rows_.count( ticks[ i ] ) )
      {
        return ticks[ i ];
      }
    }
    for ( long begin = 0, end = 0; begin < n; begin = end )
    {
      while ( end < n and ticks[ end ] == ticks[ begin ] )
      {
        ++end;
      }
      rows_[ ticks[ begin ] ] = { { indices + begin, indices + end }, { values + begin, values + end } };
    }
    return -1;
  }

  // The row of a tick, once.
  Row
  take( long tick )
  {
    const auto found = rows_.find( tick );
    if ( found == rows_.end() )
    {
      return {};
    }
    Row row = std::move( found->second );
    rows_.erase( found );
    return row;
  }

private:
  long size_;
  std::map< long, Row > rows_;
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
    const Queue::Row row = queue.take( tick );
    for ( size_t i = 0; i < row.indices.size(); ++i )
    {
      if ( row.values[ i ] != 0.0 )
      {
        receptor_.hit( row.indices[ i ], row.values[ i ], spike );
      }
    }
  }

private:
  Receptor receptor_;
};

// Spikes of the sources of a link, which holds the weights.
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
    for ( const auto& [ target, weight ] : due )
    {
      receptor_.hit( target, weight, spike );
    }
    due.clear();
    const Queue::Row row = queue.take( tick );
    for ( long source : row.indices )
    {
      for ( long k = begins_[ source ]; k < begins_[ source + 1 ]; ++k )
      {
        if ( delays_[ k ] == 0 )
        {
          receptor_.hit( post_[ k ], weights_[ k ], spike );
        }
        else
        {
          later_[ ( tick + delays_[ k ] ) % later_.size() ].emplace_back( post_[ k ], weights_[ k ] );
        }
      }
    }
  }

private:
  Receptor receptor_;
  std::vector< long > begins_, post_, delays_;
  std::vector< double > weights_;
  std::vector< std::pair< long, std::vector< double > > > new_;
  std::vector< std::vector< std::pair< long, double > > > later_; // on their way, by tick, round and round
};

// Samples for I_e, which stand from the end of their tick on.
class Levels
{
public:
  explicit Levels( const Group& group )
    : nodes_( group.nodes )
    , writer_( group.writer() )
  {
  }

  // The rows stay where they are; the array is let go of by a later push.
  void
  push( long t0, std::unique_ptr< Array< const double > > values, long now )
  {
    while ( not kept_.empty() and kept_.begin()->first < now )
    {
      kept_.erase( kept_.begin() );
    }
    const long n = nodes_.size(), rows = values->size() / n;
    for ( long row = 0; row < rows; ++row )
    {
      rows_[ t0 + row ] = values->begin() + row * n;
    }
    kept_.emplace( t0 + rows, std::move( values ) );
  }

  void
  deliver( long tick )
  {
    if ( const auto found = rows_.find( tick ); found != rows_.end() )
    {
      writer_->write( nodes_, found->second );
      rows_.erase( found );
    }
  }

private:
  Nodes nodes_;
  std::unique_ptr< Writer > writer_;
  std::map< long, const double* > rows_;
  std::multimap< long, std::unique_ptr< Array< const double > > > kept_; // by the tick after their last
};

// A subscribed variable, sampled at the end of each tick into rows that somebody else provides.
class Trace
{
public:
  Trace( Nodes nodes, const Reader& reader )
    : nodes_( std::move( nodes ) )
    , reader_( reader )
  {
  }

  void
  aim( double* rows, long n )
  {
    next_ = rows;
    left_ = n;
  }

  void
  sample()
  {
    if ( left_ > 0 )
    {
      reader_.read( nodes_, next_ );
      next_ += nodes_.size();
      --left_;
    }
  }

  size_t
  size() const
  {
    return nodes_.size();
  }

private:
  Nodes nodes_;
  const Reader& reader_;
  double* next_ = nullptr;
  long left_ = 0;
};

// Spikes of one group that wait to be pulled.
struct Sink
{
  std::vector< long > ticks, indices;

  // Ascending by tick, then by neuron: so they come, but for models that fire out of turn.
  void
  sort()
  {
    std::vector< std::pair< long, long > > pairs( ticks.size() );
    for ( size_t i = 0; i < pairs.size(); ++i )
    {
      pairs[ i ] = { ticks[ i ], indices[ i ] };
    }
    if ( std::is_sorted( pairs.begin(), pairs.end() ) )
    {
      return;
    }
    std::sort( pairs.begin(), pairs.end() );
    for ( size_t i = 0; i < pairs.size(); ++i )
    {
      std::tie( ticks[ i ], indices[ i ] ) = pairs[ i ];
    }
  }
};

}
