// SPDX-License-Identifier: GPL-2.0-or-later
// What NEST's headers name of GSL's integration: a pointer that nothing here follows.
#pragma once

struct gsl_integration_workspace;
