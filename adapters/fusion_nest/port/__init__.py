# SPDX-License-Identifier: GPL-2.0-or-later
"""A compiled port into NEST: arrays go in and out of its nodes. An optional component of its own, see LICENSE."""

from fusion_nest.port.build import PortUnavailable
from fusion_nest.port.library import Library, PortError, load

__all__ = ["Library", "PortError", "PortUnavailable", "load"]
