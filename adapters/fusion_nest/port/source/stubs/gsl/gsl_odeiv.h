// SPDX-License-Identifier: GPL-2.0-or-later
// What NEST's headers name of GSL's solvers: pointers that nothing here follows, and one structure that nodes hold.
#pragma once
#include <cstddef>

struct gsl_odeiv_step;
struct gsl_odeiv_control;
struct gsl_odeiv_evolve;

struct gsl_odeiv_system
{
  int ( *function )( double, const double*, double*, void* );
  int ( *jacobian )( double, const double*, double*, double*, void* );
  std::size_t dimension;
  void* params;
};
