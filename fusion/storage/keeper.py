"""`Keeper`: writes down what a network records, while it runs and when it ends."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from os import PathLike
from time import perf_counter
from typing import Any, Protocol, cast

from fusion.adapter.makeup import makeup
from fusion.core.clock import Clock
from fusion.core.foreign import ForeignNeuronGroup
from fusion.core.neurons import NeuronGroup
from fusion.core.parts import Part
from fusion.core.synapses import SynapseGroup
from fusion.coupling.certificate import Certificate
from fusion.coupling.runner import COMPLETE
from fusion.errors import FusionError, InvalidValue
from fusion.storage import about, folder
from fusion.storage.data import Block, DataFile
from fusion.storage.description import tree
from fusion.storage.folder import Folder
from fusion.storage.places import Places, Recorded
from fusion.storage.values import Values

PAUSE = 2.0  # s between two times that something is written while it runs
LOOK = 0.25  # s between two looks at the clock
FURTHEST = 64  # iterations between them; a look takes some microseconds, and an iteration may suddenly take long


class Keepable(Protocol):
    """A network, as it is kept."""

    clock: Clock
    iteration: int
    groups: list[NeuronGroup]
    synapses: list[SynapseGroup]

    @property
    def dt(self) -> float: ...
    @property
    def seed(self) -> int: ...
    @property
    def coupling(self) -> Certificate: ...
    def recorders(self) -> Sequence[Any]: ...


class Keeper:
    """Keeps a network in a folder: all that its recorders hold now, and what they write from now on.

    Rows are written when all participants have met, so that the file never holds a part of an iteration.

    outcome : how the last run ended, if there was one
    """

    def __init__(self, path: str | PathLike[str], net: Keepable, outcome: str) -> None:
        self._net = net
        self._folder = Folder.claim(path)
        self.path = self._folder.path
        self._data = DataFile(self.path / folder.DATA)
        self._process = os.getpid()
        self._kept = 0
        """The iteration up to which everything is in the file."""
        self._places = Places()
        self._recorders: dict[Recorded, None] = {}
        """Those of which not everything is written, also if they have been taken off."""
        self._n_adapters = 0
        self.values = Values(self._folder, self._save)
        self._facts: dict[str, Any] = {"fusion run": folder.FORM, "status": folder.NEW}
        self._facts |= {"begun": about.now(), "ended": None, "iterations": 0, **about.script()}
        with self._folder.removed_on_error():
            if net.iteration:
                self.end(outcome)
            else:
                self._describe()

    # --- how runs go -----------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """A run begins, or a session of runs; `InvalidValue` in a forked process, where it is another run."""
        self._check_process()
        if self._kept == self._net.iteration:
            self._recorders.clear()  # what was taken off since then may record elsewhere
        self._folder.lock()
        try:
            self._describe(status=folder.RUNNING, ended=None)
        except BaseException:
            self._folder.unlock()
            raise
        self._looked, self._then = self._net.iteration, perf_counter()
        self._due = self._then + PAUSE

    def reach(self, iteration: int) -> int:
        """Told that everybody has finished this iteration; gives the one after which to be told again."""
        now = perf_counter()
        done, seconds = iteration - self._looked, now - self._then
        self._hold()
        if now >= self._due:
            self.flush(iteration)
            now = perf_counter()
            self._due = now + PAUSE
        self._looked, self._then = iteration, now
        # By the pace since the last look; the next iterations may take far longer.
        return iteration + max(1, min(2 * done, FURTHEST, int(done / max(seconds, 1e-9) * LOOK)))

    def end(self, outcome: str) -> None:
        """A run or session has ended, well or not; what it has recorded is written, whatever it was."""
        try:
            self.flush(self._net.iteration)
            self._data.close()
            self._folder.certify(self._net.coupling.to_dict())
            self._tell_end(outcome)
        except BaseException as error:
            with suppress(FusionError):
                self._tell_end(f"failed: {type(error).__name__}: {error}" if outcome == COMPLETE else outcome)
            raise
        finally:
            self._data.close()
            self._folder.unlock()

    def flush(self, reached: int) -> None:
        """Write what was recorded up to an iteration that everybody has finished."""
        if reached == self._kept:
            return
        self._hold()
        blocks = []
        for recorder in self._recorders:
            places = self._places.of(recorder)
            for text, ticks, values in recorder.between(self._kept, reached):
                place = places[text]
                blocks.append(Block(place.path, place.columns, self._net.clock.ms(ticks), values, place.unit))
        self._data.append(blocks, reached)
        self._kept = reached
        for recorder in self._recorders:
            recorder.trim()
        self._recorders.clear()
        self._hold()

    def _hold(self) -> None:
        """Take in the recorders that there are; what they record from now on stays until it is in the file."""
        for recorder in self._net.recorders():
            self._recorders[recorder] = None
            self._places.of(recorder)
            recorder.hold()

    # --- what is told of it ----------------------------------------------------------------------------------------

    def _tell_end(self, outcome: str) -> None:
        self._describe(status=outcome, ended=about.now(), iterations=self._net.iteration)

    def _describe(self, **facts: Any) -> None:
        net = self._net
        self._hold()
        self._facts |= {**facts, "seed": net.seed, "dt_ms": net.dt, "versions": self._versions()}
        self._facts["network"] = tree(cast(Part, net), (*net.groups, *net.synapses), self._places.by_owner())
        self._save()

    def _versions(self) -> dict[str, str]:
        """Of all that computes; looked up again only when there are more simulators."""
        adapters = {group.adapter for group in self._net.groups if isinstance(group, ForeignNeuronGroup)}
        if "versions" not in self._facts or len(adapters) != self._n_adapters:
            self._n_adapters = len(adapters)
            return makeup(*adapters)
        found: dict[str, str] = self._facts["versions"]
        return found

    def _check_process(self) -> None:
        if os.getpid() != self._process:
            raise InvalidValue(
                f"The run in {str(self.path)!r} is kept by another process, of which this one is a fork; keep it in a "
                "folder of its own here, with net.keep(...)."
            )

    def _save(self) -> None:
        self._check_process()
        self._folder.write({**self._facts, "kept": self.values.plain, "arrays": self.values.files})
