// SPDX-License-Identifier: GPL-2.0-or-later
// Nothing that goes wrong here leaves as a C++ exception: it becomes one of Python's.
#pragma once

#include "node.h"

#include <stdexcept>
#include <string>

namespace fusion
{
namespace
{

// What `SimulationManager::run` said.
struct RunFailed : std::runtime_error
{
  using std::runtime_error::runtime_error;
};

// The classes of exceptions in Python.
PyObject* refusal = nullptr;         // takes a text and a tick
PyObject* failure_of_nest = nullptr; // takes a text

void
set_error( PyObject* type, const char* form, const std::string& said )
{
  PyObject* text = PyUnicode_DecodeUTF8( said.data(), said.size(), "replace" );
  PyObject* arguments = text ? Py_BuildValue( form, text, port.now ) : nullptr;
  if ( arguments )
  {
    PyErr_SetObject( type, arguments );
    Py_DecRef( arguments );
  }
}

// What a call gives, or -1 when an exception is set.
template < class F >
long
guarded( F&& call )
{
  std::string said = "unknown error";
  try
  {
    return call();
  }
  catch ( const RunFailed& error )
  {
    set_error( failure_of_nest, "(N)", error.what() );
    return -1;
  }
  catch ( const std::exception& error )
  {
    said = error.what();
  }
  catch ( ... )
  {
  }
  set_error( refusal, "(Nl)", said );
  return -1;
}

}
}
