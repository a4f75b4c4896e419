// SPDX-License-Identifier: GPL-2.0-or-later
// NEST's kernel, from the headers that its wheel brings along.
#pragma once

// Boost serves NEST's headers to sort and to print names of types. Nothing here does, and no class changes without it.
#include "config.h"
#undef HAVE_BOOST

#include "connection_manager.h"
#include "device_node.h"
#include "dictionary.h"
#include "event.h"
#include "exceptions.h"
#include "genericmodel_impl.h"
#include "kernel_manager.h"
#include "model_manager_impl.h"
#include "nest_time.h"
#include "node_manager.h"
#include "simulation_manager.h"
