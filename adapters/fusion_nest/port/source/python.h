// SPDX-License-Identifier: GPL-2.0-or-later
// The bits of Python's stable ABI that are used here; Python's own headers are no part of most installations.
#pragma once

#include <sys/types.h>

struct _object;
using PyObject = struct _object;

struct Py_buffer
{
  void* buf;
  PyObject* obj;
  ssize_t len, itemsize;
  int readonly, ndim;
  char* format;
  ssize_t *shape, *strides, *suboffsets;
  void* internal;
};

struct PyMethodDef
{
  const char* name;
  PyObject* ( *call )( PyObject* self, PyObject* const* arguments, ssize_t n );
  int flags;
  const char* text;
};

extern "C"
{
  int PyObject_GetBuffer( PyObject*, Py_buffer*, int );
  void PyBuffer_Release( Py_buffer* );
  PyObject* PyErr_Occurred();
  void PyErr_Clear();
  void PyErr_SetObject( PyObject*, PyObject* );
  int PyGILState_Check();
  void Py_IncRef( PyObject* );
  void Py_DecRef( PyObject* );
  PyObject* Py_BuildValue( const char*, ... );
  PyObject* PyUnicode_DecodeUTF8( const char*, ssize_t, const char* );
  long PyLong_AsLong( PyObject* );
  PyObject* PyLong_FromLong( long );
  PyObject* PyDict_New();
  int PyDict_SetItemString( PyObject*, const char*, PyObject* );
  PyObject* PyCFunction_NewEx( PyMethodDef*, PyObject*, PyObject* );
}

namespace fusion
{

constexpr int METH_FASTCALL = 0x0080; // part of the stable ABI since 3.10

}
