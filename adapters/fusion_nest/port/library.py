# SPDX-License-Identifier: GPL-2.0-or-later
"""`Library`: the compiled port, loaded and checked against the NEST that runs."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.core.projection import Projection
from fusion.errors import SimulatorFailed
from fusion_nest.port.build import PortUnavailable, built

_NUMBER, _TEXT, _ARRAY = ctypes.c_long, ctypes.c_char_p, ctypes.py_object

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class PortError(SimulatorFailed):
    """The port refused a call; nothing was touched."""

    def __init__(self, said: str, tick: int) -> None:
        super().__init__(f"NEST's port: {said}.", simulator="nest", tick=tick)


class Library:
    """The functions of the port, which hold the interpreter's lock as PyNEST does.

    Arrays are contiguous, of int64 or float64; sizes and indices are checked on the other side, which raises
    `PortError`.

    Attributes
    ----------
    advance : (now, until) -> now
        Compute from the end of one tick to the end of another; failures of NEST are ``nest.NESTError``, as from PyNEST.
    push : (sender, ticks, indices, values) -> int
        Queue rows; 0, or the first tick that has its row already, and then nothing was queued.
    push_levels : (levels, t0, values) -> 0
        Queue samples, which must not change until their tick; the one of the tick that NEST stands at is written at
        once.
    take : (trace, rows) -> 0
        Copy the samples of each tick since the last call.
    waiting : (sink) -> int
        How many spikes wait to be pulled.
    pull : (sink, ticks, indices) -> int
        Copy the spikes that wait, in order; how many are of ticks that were completed. A step that failed has fired
        part of its spikes.

    Raises
    ------
    PortUnavailable
        If it cannot be loaded, or was not built for this NEST.
    """

    MODEL = "fusion_port"
    """What NEST calls the node in whose turn the port works."""

    def __init__(self, path: Path, nest: Any) -> None:
        try:
            self._functions = ctypes.PyDLL(str(path))
        except OSError as error:
            raise PortUnavailable(f"the port was compiled, and cannot be loaded: {error}") from error
        self._now = self._function("now")
        self._survey = self._function("survey", _ARRAY)
        self._register = self._function("register")
        self._occupy = self._function("occupy", _NUMBER)
        self._group = self._function("group", _ARRAY)
        self._records = self._function("records", _NUMBER, _TEXT)
        self._read = self._function("read", _NUMBER, _TEXT, _ARRAY)
        self._read_some = self._function("read_some", _NUMBER, _TEXT, _ARRAY, _ARRAY)
        self._input = self._function("input", _NUMBER, _NUMBER)
        self._link = self._function("link", _NUMBER, _NUMBER, _ARRAY, _ARRAY, _ARRAY, _ARRAY, _NUMBER)
        self._reweigh = self._function("reweigh", _NUMBER, _ARRAY, _NUMBER)
        self._levels = self._function("levels", _NUMBER)
        self._trace = self._function("trace", _NUMBER, _TEXT, _ARRAY)
        self.untrace = self._function("untrace", _NUMBER)
        self._sink = self._function("sink", _ARRAY)
        self._draws = self._function("draws")
        self._rewired = self._function("rewired")
        self._breaks = self._function("breaks")
        self._uses = self._function("uses", _TEXT)
        self._arm = self._function("arm", _NUMBER, _NUMBER)
        self.disarm = self._function("disarm")
        self.close = self._function("close")
        self._check_version(nest)
        calls = self._functions["fusion_calls"]
        calls.argtypes, calls.restype = (_ARRAY, _ARRAY), _ARRAY
        functions = calls(PortError, nest.NESTError)
        self.advance: Callable[[int, int], int] = functions["advance"]
        self.push: Callable[[int, Ints, Ints, Floats], int] = functions["push"]
        self.push_levels: Callable[[int, int, Floats], int] = functions["push_levels"]
        self.take: Callable[[int, Floats], int] = functions["take"]
        self.waiting: Callable[[int], int] = functions["waiting"]
        self.pull: Callable[[int, Ints, Ints], int] = functions["pull"]
        self._check_headers(nest)

    def _function(self, name: str, *arguments: Any) -> Callable[..., int]:
        function = self._functions[f"fusion_{name}"]
        function.argtypes, function.restype = arguments, _NUMBER
        return function

    def _check_version(self, nest: Any) -> None:
        version = self._functions["fusion_version"]
        version.restype = _TEXT
        built_for, there = version().decode(), nest.build_info["version"]
        if built_for != there:
            raise PortUnavailable(f"the port was compiled for NEST {built_for}, and this is NEST {there}")

    def _check_headers(self, nest: Any) -> None:
        """Compare the kernel as the port sees it with the kernel as PyNEST tells, and the sizes of nodes."""
        seen = np.zeros(6, np.int64)
        self._survey(seen)
        there = nest.build_info["version"]
        status = nest.GetKernelStatus()
        step = status["resolution"]
        expected = [
            round(step * 1000.0),
            round(status["min_delay"] / step),
            round(status["max_delay"] / step),
            status["network_size"],
            status["local_num_threads"],
            0,
        ]
        if seen.tolist() != expected:
            raise PortUnavailable(
                f"the headers of NEST {there} do not describe the NEST that runs: by them its kernel is "
                f"{seen.tolist()}, by PyNEST {expected}. Install nest-simulator anew"
            )

    @property
    def now(self) -> int:
        """The tick that NEST has completed."""
        return self._now()

    # --- building --------------------------------------------------------------------------------------------------

    def register(self) -> None:
        """Forget what was, and make `MODEL` known to NEST."""
        self._register()

    def occupy(self, node: int) -> None:
        """Work in the turn of a node of `MODEL`, by its id."""
        self._occupy(node)

    def group(self, ids: Ints) -> int:
        """Nodes of one model."""
        return self._group(ids)

    def records(self, group: int, name: str) -> bool:
        """Whether a variable can be read at once; others take as long as PyNEST takes."""
        return bool(self._records(group, name.encode()))

    def read(self, group: int, name: str, out: Floats, positions: Ints | None = None) -> None:
        """Copy a variable of all nodes, or of those at some positions."""
        if positions is None:
            self._read(group, name.encode(), out)
        else:
            self._read_some(group, name.encode(), positions, out)

    def input(self, group: int, receptor: int) -> int:
        """A sender of sums to a receptor of each node."""
        return self._input(group, receptor)

    def link(self, group: int, receptor: int, projection: Projection) -> int:
        """A sender of spikes over synapses; a row acts at its tick over the shortest delay."""
        pre, post, weights = projection.pre, projection.post, projection.weights
        later = projection.delays - projection.shortest
        return self._link(group, receptor, pre, post, weights, later, projection.n_sources)

    def reweigh(self, link: int, weights: Floats, last: int) -> None:
        """Give a link other weights for rows of ticks after `last`."""
        self._reweigh(link, weights, last)

    def levels(self, group: int) -> int:
        """A place for samples of I_e."""
        return self._levels(group)

    def trace(self, group: int, name: str, positions: Ints) -> int:
        """A variable to be sampled after each tick."""
        return self._trace(group, name.encode(), positions)

    def sink(self, ids: Ints) -> int:
        """A place where the spikes of nodes wait that are connected to the port's node."""
        return self._sink(ids)

    # --- running ---------------------------------------------------------------------------------------------------

    def draws(self) -> bool:
        """Whether neurons draw random numbers of which the names of their models tell nothing."""
        return bool(self._draws())

    def rewired(self) -> bool:
        """Whether synapses were made or removed since NEST last prepared a run."""
        return bool(self._rewired())

    def uses(self, synapse_model: str) -> bool:
        """Whether there are synapses of a model of NEST's, or of copies of it."""
        return bool(self._uses(synapse_model.encode()))

    def breaks(self) -> bool:
        """Whether precise spike times came into a kernel that stands in the middle of a slice; NEST would crash."""
        return bool(self._breaks())

    def arm(self, now: int, by_tick: bool) -> None:
        """Let ticks pass, from `now` on, until `disarm`; one by one also where NEST has longer slices."""
        self._arm(now, by_tick)


def load(nest: Any) -> Library:
    """The port for the NEST that runs; compiled, loaded and checked the first time.

    Raises
    ------
    PortUnavailable
        If it cannot be had; tried once in a process for each setting of ``CXX`` and ``XDG_CACHE_HOME``.
    """
    found = _load(nest, os.environ.get("CXX"), os.environ.get("XDG_CACHE_HOME"))
    if isinstance(found, PortUnavailable):
        raise found
    return found


@cache
def _load(nest: Any, _compiler: str | None, _folder: str | None) -> Library | PortUnavailable:
    try:
        with built(nest) as path:
            return Library(path, nest)
    except PortUnavailable as reason:
        return reason
