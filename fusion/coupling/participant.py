"""`ForeignParticipant`: one simulator in the schedule - it is fed, advances, and what it fired is read."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from time import perf_counter
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from fusion.core.batch import Samples, Spikes
from fusion.core.behaviour import Behaviour
from fusion.core.foreign import ForeignNeuronGroup
from fusion.core.neurons import NeuronGroup
from fusion.coupling.access import selection_key
from fusion.coupling.inbox import Inbox
from fusion.coupling.link import Link
from fusion.coupling.relay import Relay
from fusion.coupling.served import NOBODY, Fired, Subscription, Wanted
from fusion.errors import FusionError, SimulatorFailed


class Simulator(Protocol):
    """What the schedule asks of an adapter."""

    name: str
    place: str
    differences: Sequence[str]
    tier: Any
    capabilities: Any

    def prepare(self) -> None: ...
    def start(self, until: int) -> None: ...
    def advance(self, until: int) -> None: ...
    def push(self, port: Any, batch: Spikes | Samples) -> None: ...
    def pull(self, port: Any) -> Spikes | Samples: ...
    def read(self, handle: Any, name: str, index: Any = None) -> NDArray[Any]: ...
    def unsubscribe(self, port: Any) -> None: ...
    def seconds_in(self, port: Any) -> float | None: ...
    def cleanup(self) -> None: ...
    def close(self) -> None: ...


class Feed:
    """An inbox and the port that it empties into."""

    def __init__(self, inbox: Inbox | Relay, port: Any, kind: str) -> None:
        self.inbox, self.port, self.kind = inbox, port, kind

    def hand_over(self, simulator: Simulator, until: int, start: int) -> None:
        """Push the rows up to tick `until`, in ticks of a simulator that joined at tick `start`."""
        if self.kind == "samples":
            assert isinstance(self.inbox, Inbox)
            for run in self.inbox.take_samples(until):
                simulator.push(self.port, Samples(run.t0 - start, run.values))
            return
        batch = self.inbox.take_spikes(until)
        if batch is not None:
            if start:
                batch = Spikes(batch.ticks - start, batch.indices, batch.values, batch.complete_until - start)
            simulator.push(self.port, batch)


class ForeignParticipant:
    """What advances together: one NEST kernel, one Brian2 network, one Keras group.

    at : key at which the others see its new state
    every : ticks from one advance to the next
    start : tick of the network at which it joined; its own ticks count from there
    """

    def __init__(self, simulator: Simulator, label: str, at: float, every: int, start: int) -> None:
        self.simulator, self.label, self.at, self.every, self.start = simulator, label, at, every, start
        self.groups: list[ForeignNeuronGroup] = []
        self.feeds: list[Feed] = []
        self.early: list[Link] = []
        """Links that must be collected in the very iteration, before this participant advances."""
        self.hidden_from: dict[Behaviour, FusionError] = {}
        """Behaviours that come before it only because it waits for a source, and what to tell them if they look."""
        self.outlets: dict[ForeignNeuronGroup, Any] = {}
        """Ports from which spikes are pulled."""
        self.subscriptions: dict[Hashable, Subscription] = {}
        """Variables that behaviours and links read within windows."""
        self.written_at = -1
        """The last tick at whose end somebody wrote into it."""
        self.seconds = 0.0
        self.calls = 0
        self.reached = start
        self.computing: int | None = None
        """The tick up to which it computes in the background; None if it does not."""
        self._fired: dict[NeuronGroup, Fired] = {}
        self._is_prepared = False

    def prepare(self) -> None:
        """Start of a run."""
        self._is_prepared = True
        start = perf_counter()
        self.simulator.prepare()
        self.seconds += perf_counter() - start

    def cleanup(self) -> Exception | None:
        """End of a run, also after an error; tells what went wrong."""
        if not self._is_prepared:
            return None
        self._is_prepared = False
        failure = self._settle()
        start = perf_counter()
        try:
            self.simulator.cleanup()
        except Exception as error:  # noqa: BLE001 - returned, so that the other participants are cleaned up, too
            return failure or error
        finally:
            self.seconds += perf_counter() - start
        return failure

    def _settle(self) -> Exception | None:
        """Wait for what it computes in the background, if the run ended before that did."""
        if self.computing is not None:
            try:
                self.advance(self.computing)
            except Exception as error:  # noqa: BLE001 - as in `cleanup`
                return error
        return None

    @property
    def in_background(self) -> bool:
        """Whether it can compute while others do."""
        in_background: bool = self.simulator.capabilities.background
        return in_background

    def launch_step(self, tick: int) -> None:
        """As `launch`, for the `step` of a tick that follows."""
        if tick > self.reached and (tick - self.start) % self.every == 0:
            self._collect_early(tick)
            self.launch(tick)

    def step(self, tick: int) -> None:
        """Let the simulator compute tick `tick`, if that is one of its ticks."""
        if tick <= self.reached:
            return  # an iteration that failed after this step is done once more
        if (tick - self.start) % self.every:
            self.reached = tick
            return
        if self.early and self.computing is None:
            self._collect_early(tick)
        self.advance(tick)

    def _collect_early(self, tick: int) -> None:
        for link in self.early:
            link.collect(tick)

    def launch(self, last: int) -> None:
        """Let the simulator begin to compute all ticks up to `last` in the background; `advance` waits for it."""
        start = perf_counter()
        try:
            self._feed(last)
            self.simulator.start(last - self.start)
        except FusionError:
            raise
        except Exception as error:
            raise self._failure(error) from error
        self.computing = last
        self.seconds += perf_counter() - start

    def advance(self, last: int) -> None:
        """Let the simulator compute all ticks up to `last`, and take from it what it did in them."""
        start, simulator, first = perf_counter(), self.simulator, self.reached + 1
        try:
            if self.computing is None:
                self._feed(last)
            self.computing = None
            simulator.advance(last - self.start)
            for group, port in self.outlets.items():
                self._fired.setdefault(group, Fired()).put(first, last, simulator.pull(port), self.start)  # type: ignore[arg-type]
            for subscription in self.subscriptions.values():
                subscription.pull(first, self.start)
        except FusionError:
            raise
        except Exception as error:
            raise self._failure(error) from error
        self.reached = last
        self.calls += 1
        self.seconds += perf_counter() - start

    def _feed(self, last: int) -> None:
        notice = self.simulator.capabilities.notice
        for feed in self.feeds:
            # A row of spikes must be known `notice` ticks before its effect; a sample stands from its tick on.
            feed.hand_over(self.simulator, last + notice if feed.kind == "spikes" else last, self.start)

    def _failure(self, error: Exception) -> SimulatorFailed:
        return SimulatorFailed(
            f"{self.label} failed after tick {self.reached}: {type(error).__name__}: {error}",
            simulator=self.label,
            tick=self.reached,
        )

    def subscribe(self, wanted: Iterable[Wanted]) -> None:
        """Have these variables served tick by tick, and no others."""
        keys = {(one.group, one.name, selection_key(one.index)): one for one in wanted}
        for key in self.subscriptions.keys() - keys.keys():
            self.simulator.unsubscribe(self.subscriptions.pop(key).port)
        for key, one in keys.items():
            if key not in self.subscriptions:
                self.subscriptions[key] = Subscription(one)
            self.subscriptions[key].lags = one.lags

    def refresh(self) -> None:
        """Look again at variables that somebody may have written."""
        for subscription in self.subscriptions.values():
            subscription.refresh(self.reached)

    def served(self, group: Hashable, name: str, index: Any, tick: int) -> NDArray[Any] | None:
        """A variable at the end of `tick`; None if nobody subscribed to it."""
        exact = self.subscriptions.get((group, name, selection_key(index)))
        if exact is not None:
            return exact.at(tick)
        whole = self.subscriptions.get((group, name, None))
        return None if whole is None else whole.at(tick)[index]

    def fired(self, group: NeuronGroup, tick: int) -> NDArray[np.int64]:
        """Who fired at `tick`, one of the last window or the one before it."""
        fired = self._fired.get(group)
        return NOBODY if fired is None else fired.at(tick)

    def window(self, group: NeuronGroup) -> Fired:
        """The last window of a group."""
        return self._fired.setdefault(group, Fired())

    def __repr__(self) -> str:
        return f"ForeignParticipant({self.label})"
