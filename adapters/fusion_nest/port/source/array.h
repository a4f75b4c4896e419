// SPDX-License-Identifier: GPL-2.0-or-later
// NumPy arrays as arguments, by the buffer protocol.
#pragma once

#include "python.h"

#include <stdexcept>
#include <string>
#include <type_traits>

namespace fusion
{

// The items of a contiguous array of long (int64) or double (float64).
template < class T >
class Array
{
public:
  explicit Array( PyObject* object )
  {
    constexpr int c_contiguous_with_format = 0x0038 | 0x0004;
    constexpr int writable = std::is_const_v< T > ? 0 : 0x0001;
    if ( PyObject_GetBuffer( object, &view_, c_contiguous_with_format | writable ) != 0 )
    {
      PyErr_Clear();
      throw std::runtime_error( "an argument is no contiguous array" );
    }
    const char kind = std::is_same_v< std::remove_const_t< T >, double > ? 'd' : 'l';
    if ( view_.itemsize != sizeof( T ) or not view_.format or view_.format[ 0 ] != kind )
    {
      PyBuffer_Release( &view_ );
      throw std::runtime_error( "an array has items of another type" );
    }
  }

  ~Array()
  {
    // When NEST's kernel is reset it may let go of the interpreter's lock; rather keep an array for good then.
    if ( PyGILState_Check() )
    {
      PyBuffer_Release( &view_ );
    }
  }

  Array( const Array& ) = delete;
  Array& operator=( const Array& ) = delete;

  T*
  begin() const
  {
    return static_cast< T* >( view_.buf );
  }

  T*
  end() const
  {
    return begin() + size();
  }

  long
  size() const
  {
    return view_.len / sizeof( T );
  }

private:
  Py_buffer view_;
};

// The array again, if it has the size that is needed.
template < class A >
const A&
sized( const A& array, long size )
{
  if ( array.size() != size )
  {
    throw std::runtime_error( "an array has " + std::to_string( array.size() ) + " items instead of " + std::to_string( size ) );
  }
  return array;
}

}
