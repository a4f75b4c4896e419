// SPDX-License-Identifier: GPL-2.0-or-later
// NEST includes this in headers that use nothing of it.
#pragma once
