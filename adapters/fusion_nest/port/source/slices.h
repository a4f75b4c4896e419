// SPDX-License-Identifier: GPL-2.0-or-later
// NEST's slices: its nodes go through all steps of one, one node after the other, and then its spikes are exchanged.
#pragma once

#include "models.h"

#include "event_delivery_manager.h"

namespace fusion
{

struct Received
{
  friend constexpr auto exposed( Received );
};
template struct Expose< Received, &nest::EventDeliveryManager::recv_buffer_spike_data_ >;

// The spikes of the slice before go into the buffers of their targets. NEST does so as a slice begins; what is done
// here, it finds marked as empty.
inline void
deliver_nests_own()
{
  auto& manager = nest::kernel().event_delivery_manager;
  auto& received = manager.*exposed( Received {} );
  const bool is_due = nest::kernel().simulation_manager.get_from_step() == 0;
  if ( is_due and not manager.get_off_grid_communication() and not received.empty() )
  {
    manager.deliver_events( 0 );
    received[ 0 ].set_invalid_marker();
  }
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
