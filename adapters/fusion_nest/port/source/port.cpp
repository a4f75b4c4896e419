// SPDX-License-Identifier: GPL-2.0-or-later
// The port: a node of NEST's that hands spikes and samples in and out while NEST runs, and the C functions that
// fusion_nest.port calls. Every function catches everything; -1 stands for an error whose text `fusion_error` gives.

#include "exchange.h"

using namespace fusion;

namespace
{

class PortNode;

struct Port
{
  // Shared with Python: the tick reached, and whether nodes and the port node are still those of this claim.
  long now = 0;
  long alive = 0;

  PortNode* node = nullptr;
  bool armed = false;
  long origin = 0; // NEST's step at tick 0
  long until = 0;  // the last tick of this run
  std::string error;
  std::vector< std::unique_ptr< Group > > groups;
  std::vector< std::unique_ptr< Sender > > senders;
  std::vector< std::unique_ptr< Levels > > levels;
  std::vector< std::unique_ptr< Trace > > traces;
  std::vector< std::unique_ptr< Sink > > sinks;
  std::vector< std::vector< std::pair< Sink*, long > > > places; // by node id: who wants its spikes, as which index

  void
  forget()
  {
    alive = armed = false;
    node = nullptr;
    places.clear();
    traces.clear();
    levels.clear();
    senders.clear();
    groups.clear();
  }

  void
  close()
  {
    forget();
    sinks.clear();
    error.clear();
    now = 0;
  }

  // Arrivals are due in the step that ends at `tick`. NEST's own spikes that were fired two steps before that end, or
  // earlier, stand in the ring buffers by now, and later ones do not yet: NEST delivers as the next slice begins. So
  // it makes no difference whether the step before was the last of a run or not.
  void deliver( long tick );

  void
  end_of_tick( long tick )
  {
    now = tick;
    for ( auto& each : levels )
    {
      each->deliver( tick );
    }
    for ( auto& each : traces )
    {
      each->sample();
    }
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
} port;

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
    if ( not port.armed or id >= port.places.size() )
    {
      return;
    }
    const long tick = spike.get_stamp().get_steps() - port.origin;
    for ( const auto& [ sink, index ] : port.places[ id ] )
    {
      for ( size_t times = 0; times < spike.get_multiplicity(); ++times )
      {
        sink->ticks.push_back( tick );
        sink->indices.push_back( index );
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

template < class F >
long
guarded( F&& call )
{
  try
  {
    return call();
  }
  catch ( const std::exception& error )
  {
    port.error = error.what();
  }
  catch ( ... )
  {
    port.error = "unknown error";
  }
  return -1;
}

template < class T, class... Arguments >
long
add( std::vector< std::unique_ptr< T > >& all, Arguments&&... arguments )
{
  all.push_back( std::make_unique< T >( std::forward< Arguments >( arguments )... ) );
  return all.size() - 1;
}

// The step that NEST has reached; the port works in slices of one step.
long
step()
{
  const auto& kernel = nest::kernel();
  if ( kernel.connection_manager.get_min_delay() != 1 or kernel.vp_manager.get_num_threads() != 1 )
  {
    throw std::runtime_error( "NEST's min_delay must be one step, and its local_num_threads 1" );
  }
  return kernel.simulation_manager.get_clock().get_steps() + kernel.simulation_manager.get_from_step();
}

}

extern "C"
{

const char*
fusion_error()
{
  return port.error.c_str();
}

const char*
fusion_version()
{
  return NEST_VERSION;
}

const long*
fusion_state()
{
  return &port.now;
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

// 0, or the first tick that has its row already.
long
fusion_push( long sender, PyObject* ticks, PyObject* indices, PyObject* values )
{
  return guarded( [ & ] {
    const Array< const long > when( ticks ), where( indices );
    const Array< const double > what( values );
    auto& queue = port.living().senders.at( sender )->queue;
    if ( when.size() and *when.begin() <= port.now )
    {
      throw std::runtime_error( "a row is late" );
    }
    sized( where, when.size() );
    sized( what, when.size() );
    return std::max( queue.push( when.begin(), where.begin(), what.begin(), when.size() ), 0L );
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
fusion_push_levels( long levels, long t0, PyObject* values )
{
  return guarded( [ & ] {
    Levels& to = *port.living().levels.at( levels );
    to.push( t0, std::make_unique< Array< const double > >( values ), port.now );
    to.deliver( port.now );
    return 0L;
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

// Let samples go into rows, one a tick, which stay there until the run is over.
long
fusion_aim( long trace, PyObject* rows )
{
  return guarded( [ & ] {
    const Array< double > room( rows );
    Trace& one = *port.living().traces.at( trace );
    one.aim( room.begin(), one.size() ? room.size() / one.size() : 0 );
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

long
fusion_waiting( long sink )
{
  return guarded( [ & ] { return static_cast< long >( port.sinks.at( sink )->ticks.size() ); } );
}

// Hand the spikes out, all of them; how many there are of ticks that were completed.
long
fusion_pull( long sink, PyObject* ticks, PyObject* indices )
{
  return guarded( [ & ] {
    Sink& from = *port.sinks.at( sink );
    const Array< long > when( ticks ), where( indices );
    const long n = from.ticks.size();
    sized( when, n );
    sized( where, n );
    from.sort();
    std::copy( from.ticks.begin(), from.ticks.end(), when.begin() );
    std::copy( from.indices.begin(), from.indices.end(), where.begin() );
    from.ticks.clear();
    from.indices.clear();
    return static_cast< long >( std::upper_bound( when.begin(), when.end(), port.now ) - when.begin() );
  } );
}

// --- running ---------------------------------------------------------------------------------------------------------

// From now on ticks pass; NEST stands at tick `now`.
long
fusion_arm( long now )
{
  return guarded( [ & ] {
    Port& here = port.living();
    if ( here.node->get_node_id() != nest::kernel().node_manager.size() )
    {
      throw std::runtime_error( "the port is not NEST's last node" );
    }
    here.origin = step() - now;
    here.now = here.until = now;
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

// Be ready for a run from tick `now` to the end of tick `until`.
long
fusion_begin( long now, long until )
{
  return guarded( [ & ] {
    Port& here = port.living();
    if ( not here.armed )
    {
      throw std::runtime_error( here.error.empty() ? "the port is not armed" : here.error );
    }
    if ( now != here.now or step() != here.origin + now )
    {
      throw std::runtime_error( "NEST's clock was moved during the run" );
    }
    here.until = until;
    here.deliver( here.now + 1 );
    return 0L;
  } );
}

}
