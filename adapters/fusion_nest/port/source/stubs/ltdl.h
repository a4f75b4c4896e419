// SPDX-License-Identifier: GPL-2.0-or-later
// What NEST's headers name of libltdl: a pointer that nothing here follows.
#pragma once

typedef struct lt__handle* lt_dlhandle;
