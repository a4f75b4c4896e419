// SPDX-License-Identifier: GPL-2.0-or-later
// A node of NEST's that hands spikes and samples in and out while NEST runs.
#pragma once

#include "samples.h"
#include "senders.h"
#include "slices.h"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace fusion
{
namespace
{

// Spikes of one group that wait to be pulled: tick and index.
struct Sink
{
  std::vector< std::pair< long, long > > spikes;

  // Ascending by tick, then by neuron: so they come, but for models that fire out of turn.
  void
  sort()
  {
    if ( not std::is_sorted( spikes.begin(), spikes.end() ) )
    {
      std::sort( spikes.begin(), spikes.end() );
    }
  }
};

class PortNode;

struct Port
{
  long now = 0;       // the tick reached
  bool alive = false; // whether nodes and the port node are still those of this claim
  long claim = 0;     // counts the networks that had the port
  PortNode* node = nullptr;
  bool armed = false;
  bool by_tick = false;  // whether NEST goes step by step, however long its slices are
  bool off_grid = false; // whether spikes had precise times in the last run
  long origin = 0;       // NEST's step at tick 0
  long until = 0;        // the last tick of this run of NEST
  std::string error;
  std::vector< std::unique_ptr< Group > > groups;
  std::vector< std::unique_ptr< Sender > > senders;
  std::vector< std::unique_ptr< Levels > > levels;
  std::vector< std::unique_ptr< Trace > > traces; // null where nobody wants the samples any more
  std::vector< std::unique_ptr< Sink > > sinks;
  std::vector< std::vector< std::pair< Sink*, long > > > places; // by node id: who wants its spikes, as which index

  // The nodes are gone; what they have told is not.
  void
  forget()
  {
    alive = armed = false;
    node = nullptr;
    places.clear();
    levels.clear();
    senders.clear();
    groups.clear();
  }

  void
  close()
  {
    forget();
    traces.clear();
    sinks.clear();
    error.clear();
    now = 0;
    ++claim;
  }

  // Arrivals are due in the step that ends at `tick`. NEST's own spikes that arrive in it stand in the ring buffers by
  // now, by `end_of_tick`; so sums are made in one order, wherever runs, windows and slices begin.
  void deliver( long tick );

  // Set out towards tick `last`: as far as NEST runs at once, with what is due delivered. In slices of one step the port
  // has its turn in each of them, and delivers then; in longer ones nodes go through all steps one after the other, and
  // nobody can look or deliver in between.
  void
  begin_run( long last )
  {
    const long slice = nest::kernel().connection_manager.get_min_delay();
    if ( slice == 1 )
    {
      until = last;
      deliver( now + 1 );
      return;
    }
    if ( by_tick or is_watched() )
    {
      until = now + 1;
    }
    else
    {
      const long left = slice - nest::kernel().simulation_manager.get_from_step();
      until = senders.empty() ? last : std::min( last, now + left );
    }
    for ( long tick = now + 1; tick <= until; ++tick )
    {
      deliver( tick );
    }
  }

  // Whether samples go in or out, which takes a turn in each step.
  bool
  is_watched() const
  {
    const auto is_there = []( const auto& each ) { return bool( each ); };
    return not levels.empty() or std::any_of( traces.begin(), traces.end(), is_there );
  }

  void
  end_of_tick( long tick )
  {
    for ( auto& each : levels )
    {
      each->deliver( tick );
    }
    for ( auto& each : traces )
    {
      if ( each )
      {
        each->sample();
      }
    }
    now = tick;
    deliver_nests_own();
    if ( tick < until )
    {
      deliver( tick + 1 );
    }
  }

  Port&
  living()
  {
    if ( not alive )
    {
      throw std::runtime_error( "the nodes of this port are gone" );
    }
    return *this;
  }
};

Port port;

// Takes spikes from any node, at once. As the last node of the kernel it is updated when all others are.
class PortNode : public nest::DeviceNode
{
public:
  PortNode() = default;
  PortNode( const PortNode& ) = default;

  ~PortNode() override
  {
    if ( port.node == this )
    {
      port.forget();
    }
  }

  bool
  has_proxies() const override
  {
    return false;
  }

  bool
  local_receiver() const override
  {
    return true;
  }

  nest::SignalType
  receives_signal() const override
  {
    return nest::ALL;
  }

  using nest::Node::handle;
  using nest::Node::handles_test_event;
  using nest::Node::receives_signal;

  size_t
  handles_test_event( nest::SpikeEvent&, size_t receptor ) override
  {
    if ( receptor != 0 )
    {
      throw nest::UnknownReceptorType( receptor, get_name() );
    }
    return 0;
  }

  void
  handle( nest::SpikeEvent& spike ) override
  {
    const size_t id = spike.get_sender().get_node_id();
    if ( not port.armed or claim != port.claim or id >= port.places.size() )
    {
      return;
    }
    const long tick = spike.get_stamp().get_steps() - port.origin;
    for ( const auto& [ sink, index ] : port.places[ id ] )
    {
      for ( size_t times = 0; times < spike.get_multiplicity(); ++times )
      {
        sink->spikes.emplace_back( tick, index );
      }
    }
  }

  void
  get_status( Dictionary& ) const override
  {
  }

  void
  set_status( const Dictionary& ) override
  {
  }

  void
  update( const nest::Time& slice, const long, const long to ) override
  {
    if ( port.node != this or not port.armed )
    {
      return;
    }
    try
    {
      port.end_of_tick( slice.get_steps() + to - port.origin );
    }
    catch ( const std::exception& error )
    {
      port.error = error.what();
      port.armed = false;
    }
  }

  long claim = 0; // of which network; those of earlier ones stay connected

private:
  void
  init_state_() override
  {
  }

  void
  init_buffers_() override
  {
  }

  void
  pre_run_hook() override
  {
  }
};

void
Port::deliver( long tick )
{
  nest::SpikeEvent spike;
  spike.set_stamp( nest::Time::step( origin + tick - 1 ) );
  spike.set_delay_steps( 1 );
  spike.set_sender( *node );
  spike.set_sender_node_id( node->get_node_id() );
  for ( auto& sender : senders )
  {
    sender->deliver( tick, spike );
  }
}

// The step that NEST has reached.
long
step()
{
  const auto& kernel = nest::kernel();
  if ( kernel.vp_manager.get_num_threads() != 1 )
  {
    throw std::runtime_error( "NEST's local_num_threads must be 1" );
  }
  return kernel.simulation_manager.get_clock().get_steps() + kernel.simulation_manager.get_from_step();
}

}
}
