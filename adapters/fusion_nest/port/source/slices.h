// SPDX-License-Identifier: GPL-2.0-or-later
// NEST's slices: its nodes go through all steps of one, one node after the other, and then its spikes are exchanged.
#pragma once

#include "models.h"

#include "event_delivery_manager.h"

#include <string>
#include <typeinfo>

namespace fusion
{

struct Emitted
{
  friend constexpr auto exposed( Emitted );
};
template struct Expose< Emitted, &nest::EventDeliveryManager::emitted_spikes_register_ >;

// The spikes that NEST's nodes have fired go into the buffers of their targets at once. NEST itself does so when the
// next slice begins, and finds nothing left to do: no spike waits while weights are set or tables of synapses rebuilt.
inline void
deliver_nests_own()
{
  auto& kernel = nest::kernel();
  auto& manager = kernel.event_delivery_manager;
  if ( manager.get_off_grid_communication() )
  {
    return;
  }
  const auto& models = kernel.model_manager.get_connection_models( 0 );
  const nest::Time origin = kernel.simulation_manager.get_slice_origin();
  nest::SpikeEvent event;
  for ( auto* const emitted : manager.*exposed( Emitted {} ) )
  {
    for ( const auto& [ rank, spike ] : *emitted )
    {
      const auto synapse = spike.get_syn_id();
      size_t first = spike.get_lcid();
      if ( kernel.connection_manager.use_compressed_spikes() )
      {
        first = kernel.connection_manager.get_compressed_spike_data( synapse, first )[ 0 ].get_lcid();
      }
      if ( first != nest::invalid_lcid )
      {
        event.set_stamp( origin + nest::Time::step( spike.get_lag() + 1 ) );
        event.set_sender_node_id_info( 0, synapse, first );
        kernel.connection_manager.send( 0, synapse, first, models, event );
      }
    }
    emitted->clear();
  }
}

// Whether there are synapses of a model, or of copies of it.
inline bool
has_synapses_of( const std::string& model )
{
  auto& kernel = nest::kernel();
  const auto& all = kernel.model_manager.get_connection_models( 0 );
  const auto& wanted = *all.at( kernel.model_manager.get_synapse_model_id( model ) );
  for ( size_t id = 0; id < all.size(); ++id )
  {
    const auto& each = *all[ id ];
    if ( typeid( each ) == typeid( wanted ) and kernel.connection_manager.get_num_connections( id ) > 0 )
    {
      return true;
    }
  }
  return false;
}

// Whether a neuron with a sharp threshold by default was given a random one.
inline bool
has_random_thresholds()
{
  for ( const auto& entry : nest::kernel().node_manager.get_local_nodes( 0 ) )
  {
    auto* node = dynamic_cast< nest::iaf_psc_exp* >( entry.get_node() );
    if ( node and ( node->*exposed( parameters_of_iaf_psc_exp {} ) ).delta_ != 0.0 )
    {
      return true;
    }
  }
  return false;
}

}
