// SPDX-License-Identifier: GPL-2.0-or-later
// The functions that fusion_nest.port calls by ctypes, which raises what they leave behind.

#include "calls.h"
#include "guard.h"

using namespace fusion;

namespace
{

template < class T, class... Given >
long
add( std::vector< std::unique_ptr< T > >& all, Given&&... given )
{
  all.push_back( std::make_unique< T >( std::forward< Given >( given )... ) );
  return all.size() - 1;
}

}

extern "C"
{

// The functions of a running network, in a dictionary; what is raised from now on is of these classes.
PyObject*
fusion_calls( PyObject* for_refusals, PyObject* for_failures_of_nest )
{
  Py_IncRef( for_refusals );
  Py_IncRef( for_failures_of_nest );
  refusal = for_refusals;
  failure_of_nest = for_failures_of_nest;
  return calls();
}

const char*
fusion_version()
{
  return NEST_VERSION;
}

long
fusion_now()
{
  return port.now;
}

// The kernel as these headers see it, for comparison with what PyNEST says: resolution (us), min_delay, max_delay
// (steps), nodes, threads; then the models of another size here than there, of which there should be none.
long
fusion_survey( PyObject* out )
{
  return guarded( [ & ] {
    const auto& kernel = nest::kernel();
    const Array< long > found( out );
    long* values = sized( found, 6 ).begin();
    values[ 0 ] = std::lround( nest::Time::get_resolution().get_ms() * 1000.0 );
    values[ 1 ] = kernel.connection_manager.get_min_delay();
    values[ 2 ] = kernel.connection_manager.get_max_delay();
    values[ 3 ] = kernel.node_manager.size();
    values[ 4 ] = kernel.vp_manager.get_num_threads();
    values[ 5 ] = 0;
    for ( const Model& model : models() )
    {
      const auto id = kernel.model_manager.get_node_model_id( model.name );
      values[ 5 ] += kernel.model_manager.get_node_model( id )->get_element_size() != model.size;
    }
    return 0L;
  } );
}

// Make the model of the port node known to NEST, which forgets it when the kernel is reset.
long
fusion_register()
{
  return guarded( [ & ] {
    port.close();
    try
    {
      nest::kernel().model_manager.register_node_model< PortNode >( "fusion_port" );
    }
    catch ( const nest::NamingConflict& )
    {
      // An earlier network has done so.
    }
    return 0L;
  } );
}

// Work in the turn of this node, which is the last of the kernel.
long
fusion_occupy( long id )
{
  return guarded( [ & ] {
    auto* node = dynamic_cast< PortNode* >( nest::kernel().node_manager.get_node_or_proxy( id ) );
    if ( not node )
    {
      throw std::runtime_error( "this node is no fusion_port" );
    }
    port.node = node;
    port.alive = true;
    node->claim = port.claim;
    return 0L;
  } );
}

void
fusion_close()
{
  port.close();
}

long
fusion_group( PyObject* ids )
{
  return guarded( [ & ] {
    const Array< const long > given( ids );
    return add( port.living().groups, given.begin(), given.size() );
  } );
}

long
fusion_records( long group, const char* name )
{
  return guarded( [ & ] { return static_cast< long >( port.living().groups.at( group )->records( name ) ); } );
}

long
fusion_read( long group, const char* name, PyObject* out )
{
  return guarded( [ & ] {
    Group& from = *port.living().groups.at( group );
    const Array< double > values( out );
    from.reader( name ).read( from.nodes, sized( values, from.nodes.size() ).begin() );
    return 0L;
  } );
}

long
fusion_read_some( long group, const char* name, PyObject* positions, PyObject* out )
{
  return guarded( [ & ] {
    Group& from = *port.living().groups.at( group );
    const Array< const long > chosen( positions );
    const Array< double > values( out );
    from.reader( name ).read( from.at( chosen.begin(), chosen.size() ), sized( values, chosen.size() ).begin() );
    return 0L;
  } );
}

// --- ports -----------------------------------------------------------------------------------------------------------

long
fusion_input( long group, long receptor )
{
  return guarded( [ & ] {
    Port& here = port.living();
    here.senders.push_back( std::make_unique< Input >( *here.groups.at( group ), receptor, *here.node ) );
    return static_cast< long >( here.senders.size() - 1 );
  } );
}

long
fusion_link( long group, long receptor, PyObject* pre, PyObject* post, PyObject* weights, PyObject* delays, long n )
{
  return guarded( [ & ] {
    Port& here = port.living();
    const Array< const long > sources( pre ), targets( post ), waits( delays );
    const Array< const double > values( weights );
    sized( targets, sources.size() );
    sized( waits, sources.size() );
    sized( values, sources.size() );
    here.senders.push_back( std::make_unique< Link >( *here.groups.at( group ),
      receptor,
      *here.node,
      std::vector< long >( sources.begin(), sources.end() ),
      std::vector< long >( targets.begin(), targets.end() ),
      std::vector< double >( values.begin(), values.end() ),
      std::vector< long >( waits.begin(), waits.end() ),
      n ) );
    return static_cast< long >( here.senders.size() - 1 );
  } );
}

long
fusion_reweigh( long link, PyObject* weights, long last )
{
  return guarded( [ & ] {
    const Array< const double > values( weights );
    auto& one = dynamic_cast< Link& >( *port.living().senders.at( link ) );
    one.reweigh( { values.begin(), values.end() }, last );
    return 0L;
  } );
}

long
fusion_levels( long group )
{
  return guarded( [ & ] {
    Port& here = port.living();
    return add( here.levels, *here.groups.at( group ) );
  } );
}

long
fusion_trace( long group, const char* name, PyObject* positions )
{
  return guarded( [ & ] {
    Port& here = port.living();
    Group& from = *here.groups.at( group );
    const Array< const long > chosen( positions );
    return add( here.traces, from.at( chosen.begin(), chosen.size() ), from.reader( name ) );
  } );
}

long
fusion_untrace( long trace )
{
  return guarded( [ & ] {
    port.traces.at( trace ).reset();
    return 0L;
  } );
}

long
fusion_sink( PyObject* ids )
{
  return guarded( [ & ] {
    Port& here = port.living();
    const Array< const long > nodes( ids );
    const long sink = add( here.sinks );
    for ( long i = 0; i < nodes.size(); ++i )
    {
      const size_t id = nodes.begin()[ i ];
      here.places.resize( std::max( here.places.size(), id + 1 ) );
      here.places[ id ].emplace_back( here.sinks.back().get(), i );
    }
    return sink;
  } );
}

// --- running ---------------------------------------------------------------------------------------------------------

// Whether neurons draw random numbers of which the names of their models tell nothing.
long
fusion_draws()
{
  return guarded( [] { return static_cast< long >( has_random_thresholds() ); } );
}

// Whether synapses were made or removed since NEST last prepared a run.
long
fusion_rewired()
{
  return guarded( [] { return static_cast< long >( nest::kernel().connection_manager.connections_have_changed() ); } );
}

// Whether there are synapses of a model, or of copies of it.
long
fusion_uses( const char* model )
{
  return guarded( [ & ] { return static_cast< long >( has_synapses_of( model ) ); } );
}

// Whether precise spike times came into a kernel that stands in the middle of a slice, which NEST does not survive.
long
fusion_breaks()
{
  return guarded( [] {
    const auto& kernel = nest::kernel();
    const bool is_within = kernel.simulation_manager.get_from_step() != 0;
    return static_cast< long >( is_within and kernel.event_delivery_manager.get_off_grid_communication() and not port.off_grid );
  } );
}

// From now on ticks pass; NEST stands at tick `now`, and goes step by step if `by_tick` is not 0.
long
fusion_arm( long now, long by_tick )
{
  return guarded( [ & ] {
    Port& here = port.living();
    if ( here.node->get_node_id() != nest::kernel().node_manager.size() )
    {
      throw std::runtime_error( "the port is not NEST's last node" );
    }
    here.origin = step() - now;
    here.now = here.until = now;
    here.by_tick = by_tick;
    here.off_grid = nest::kernel().event_delivery_manager.get_off_grid_communication();
    here.armed = true;
    here.error.clear();
    return 0L;
  } );
}

void
fusion_disarm()
{
  port.armed = false;
}

}
