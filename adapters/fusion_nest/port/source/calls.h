// SPDX-License-Identifier: GPL-2.0-or-later
// The functions that a running network calls in each window, as functions of Python's: ctypes takes ten times as long.
#pragma once

#include "guard.h"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>

namespace fusion
{
namespace
{

// What Python gave.
class Arguments
{
public:
  Arguments( PyObject* const* values, ssize_t n, ssize_t wanted )
    : values_( values )
  {
    if ( n != wanted )
    {
      throw std::runtime_error( "a function got " + std::to_string( n ) + " arguments, not " + std::to_string( wanted ) );
    }
  }

  PyObject*
  operator[]( long i ) const
  {
    return values_[ i ];
  }

  long
  number( long i ) const
  {
    const long value = PyLong_AsLong( values_[ i ] );
    if ( value == -1 and PyErr_Occurred() )
    {
      PyErr_Clear();
      throw std::runtime_error( "an argument is no whole number" );
    }
    return value;
  }

private:
  PyObject* const* values_;
};

// Go on from the end of one tick to the end of another; the tick reached.
long
advance( const Arguments& arguments )
{
  Port& here = port.living();
  const long now = arguments.number( 0 ), until = arguments.number( 1 );
  if ( not here.armed )
  {
    throw std::runtime_error( here.error.empty() ? "the port is not armed" : here.error );
  }
  if ( now != here.now or step() != here.origin + now )
  {
    throw std::runtime_error( "NEST's clock was moved during the run" );
  }
  while ( here.now < until )
  {
    here.begin_run( until );
    try
    {
      nest::kernel().simulation_manager.run( nest::Time::step( here.until - here.now ) );
    }
    catch ( const nest::KernelException& error )
    {
      throw RunFailed( error.what() );
    }
    if ( here.now < here.until )
    {
      throw std::runtime_error( here.error );
    }
  }
  return here.now;
}

// Sender, ticks, indices, values: 0, or the first tick that has its row already.
long
push( const Arguments& arguments )
{
  auto& queue = port.living().senders.at( arguments.number( 0 ) )->queue;
  const Array< const long > ticks( arguments[ 1 ] ), indices( arguments[ 2 ] );
  const Array< const double > values( arguments[ 3 ] );
  const long n = ticks.size();
  sized( indices, n );
  sized( values, n );
  if ( n and *ticks.begin() <= port.now )
  {
    throw std::runtime_error( "a row is late" );
  }
  return queue.push( ticks.begin(), indices.begin(), values.begin(), n );
}

// Levels, the first tick, values: the row for now is written at once.
long
push_levels( const Arguments& arguments )
{
  Levels& to = *port.living().levels.at( arguments.number( 0 ) );
  to.push( arguments.number( 1 ), std::make_unique< Array< const double > >( arguments[ 2 ] ), port.now );
  to.deliver( port.now );
  return 0;
}

// Trace, rows of the ticks up to now.
long
take( const Arguments& arguments )
{
  auto& trace = port.traces.at( arguments.number( 0 ) );
  if ( not trace )
  {
    throw std::runtime_error( "this trace has ended" );
  }
  trace->take( Array< double >( arguments[ 1 ] ) );
  return 0;
}

// Sink: how many spikes wait to be pulled.
long
waiting( const Arguments& arguments )
{
  return port.sinks.at( arguments.number( 0 ) )->spikes.size();
}

// Sink, ticks, indices: all spikes that wait; how many of them are of ticks that were completed.
long
pull( const Arguments& arguments )
{
  Sink& from = *port.sinks.at( arguments.number( 0 ) );
  const Array< long > ticks( arguments[ 1 ] ), indices( arguments[ 2 ] );
  sized( ticks, from.spikes.size() );
  sized( indices, from.spikes.size() );
  from.sort();
  long *tick = ticks.begin(), *index = indices.begin();
  for ( const auto& spike : from.spikes )
  {
    *tick++ = spike.first;
    *index++ = spike.second;
  }
  from.spikes.clear();
  return std::upper_bound( ticks.begin(), ticks.end(), port.now ) - ticks.begin();
}

template < long ( *call )( const Arguments& ), ssize_t n_arguments >
PyObject*
called( PyObject*, PyObject* const* values, ssize_t n )
{
  const long result = guarded( [ & ] { return call( Arguments( values, n, n_arguments ) ); } );
  return result < 0 ? nullptr : PyLong_FromLong( result );
}

// All of these, by name.
PyObject*
calls()
{
  static PyMethodDef table[] = {
    { "advance", called< advance, 2 >, METH_FASTCALL, nullptr },
    { "push", called< push, 4 >, METH_FASTCALL, nullptr },
    { "push_levels", called< push_levels, 3 >, METH_FASTCALL, nullptr },
    { "take", called< take, 2 >, METH_FASTCALL, nullptr },
    { "waiting", called< waiting, 1 >, METH_FASTCALL, nullptr },
    { "pull", called< pull, 3 >, METH_FASTCALL, nullptr },
  };
  PyObject* all = PyDict_New();
  for ( PyMethodDef& one : table )
  {
    PyObject* function = all ? PyCFunction_NewEx( &one, nullptr, nullptr ) : nullptr;
    if ( not function or PyDict_SetItemString( all, one.name, function ) != 0 )
    {
      return nullptr;
    }
    Py_DecRef( function );
  }
  return all;
}

}
}
