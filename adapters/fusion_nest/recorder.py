"""`SpikeRecorder`: one NEST recorder for all groups, read through a file that NEST writes after each Run."""

from __future__ import annotations

import math
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.adapter.queues import Emissions
from fusion.errors import SimulatorFailed
from fusion_nest.kernel import FOREVER, Kernel, State

_BLOCK = 1 << 16  # bytes per read
_KEPT = 1 << 24  # bytes after which what was read of a file is given back
_DIGITS = 9  # decimals of a time in ms


class SpikeRecorder:
    """Hands the spikes of each group to the queues that wait for them.

    A recorder in memory cannot be emptied before the end of a run, and reading it copies all that it holds; NEST's
    text files are complete after each Run, and reading on where one stopped takes 1 us if nothing was fired. The files
    live in memory (``/dev/shm``) where there is such a place, and have no name from the moment they are opened, so
    nothing is left behind. Between runs the recorder is off.
    """

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._node = kernel.create("spike_recorder", 1, {"stop": 0.0})
        self._groups: list[tuple[NDArray[np.int64], list[Emissions]]] = []
        self._files: list[int] = []
        self._bytes = 0
        self._places: dict[bytes, tuple[int, int]] = {}
        """Group and index of each node, by the id as NEST writes it."""

    def add(self, nodes: Any, ids: NDArray[np.int64]) -> Emissions:
        """A queue for the spikes of `nodes`, whose ids are `ids`."""
        queue = Emissions()
        for known, queues in self._groups:
            if known is ids:
                queues.append(queue)
                return queue
        self._kernel.connect(nodes, self._node, one_to_one=False)
        self._groups.append((ids, [queue]))
        group = len(self._groups) - 1
        self._places.update((b"%d" % id, (group, index)) for index, id in enumerate(ids.tolist()))
        return queue

    def prepare(self, state: State) -> None:
        """Prepare the kernel, recording to new files."""
        if state.data_prefix:
            raise SimulatorFailed(
                f"nest.data_prefix is {state.data_prefix!r}, and NEST would put it before the path of the file from "
                "which fusion reads spikes. Write nest.data_prefix = '' and put the prefix into your recorders' labels."
            )
        shared = Path("/dev/shm")
        place = str(shared) if os.access(shared, os.W_OK) else None
        with tempfile.TemporaryDirectory(prefix="fusion-nest-", dir=place) as folder:
            label = Path(folder, "spikes")
            path = os.path.relpath(label, state.data_path) if state.data_path else str(label)
            on = {
                "record_to": "ascii",
                "precision": _DIGITS,
                "label": path,
                "start": state.step * self._kernel.dt,
                "stop": FOREVER,
            }
            self._kernel.set(self._node, [on])
            self._kernel.prepare()
            # One file per thread. The descriptors outlive the folder.
            self._files = [os.open(name, os.O_RDWR) for name in sorted(Path(folder).iterdir())]
        for file in self._files:
            if os.read(file, _BLOCK).count(b"\n") != 3:
                raise SimulatorFailed("NEST's spike file does not begin with the three lines that NEST 3.10 writes.")

    def read(self, origin: int, now: int) -> None:
        """Hand out the spikes fired since the last read, up to tick `now`; `origin` is the step of tick 0."""
        text = b"".join(map(_rest, self._files))
        if not text:
            return
        self._hand_out(text, origin, now)
        self._bytes += len(text)
        if self._bytes > _KEPT:
            self._bytes = 0
            # Both ends keep their position; what lies before it takes no room any more.
            for file in self._files:
                os.ftruncate(file, 0)

    def _hand_out(self, text: bytes, origin: int, now: int) -> None:
        rows: dict[tuple[int, int], list[int]] = {}
        words = text.split()  # sender and time in ms; one line per spike
        last, tick = b"", 0
        for sender, time in zip(words[0::2], words[1::2], strict=True):
            if time != last:
                # A model with precise times fires within a step; its spike has the tick at which the step ends.
                last, tick = time, math.ceil(float(time) / self._kernel.dt - 1e-6) - origin
            group, index = self._places[sender]
            rows.setdefault((tick, group), []).append(index)
        for (tick, group), indices in sorted(rows.items()):
            if tick > now:  # a step that failed has written part of its spikes
                break
            row = np.array(sorted(indices), np.int64)
            for queue in self._groups[group][1]:
                queue.add(tick, row)

    def cleanup(self, state: State) -> None:
        """Close the files and switch the recorder off, so that the user's own runs neither write nor keep spikes."""
        self.close()
        now = state.step * self._kernel.dt
        self._kernel.set(self._node, [{"record_to": "memory", "start": now, "stop": now, "n_events": 0}])

    def close(self) -> None:
        """Close the files."""
        for file in self._files:
            os.close(file)
        self._files = []


def _rest(file: int) -> bytes:
    text = block = os.read(file, _BLOCK)
    while len(block) == _BLOCK:
        block = os.read(file, _BLOCK)
        text += block
    return text[: text.rfind(b"\n") + 1]  # a step that failed may leave half a line
