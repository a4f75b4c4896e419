"""Topologies of any shape, and a plain account of what must arrive where and when.

Populations fire what they are told and keep what arrives in each tick apart; weights are quarters, so that sums do not
round and every single spike shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import brian2
import nest
import numpy as np
from brian2 import ms
from numpy.typing import NDArray
from scenarios.lif_split import Rests
from scipy.sparse import csc_array

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.testing.toy import ToyNeurons

DT = 0.1  # ms

Plan = NDArray[np.bool_]
"""(ticks, neurons): who fires when; row 0 is tick 1."""


class Plays(Behaviour):
    """Fires what is planned for a tick, and where arrivals reach a limit."""

    plan: object
    limit: float = np.inf

    def iteration(self, neurons):
        planned = self.plan[neurons.iteration - 1].copy()
        for name in {"input", "other"} & set(neurons.variable_names()):
            planned |= neurons.read(name) >= self.limit
        neurons.spike = planned


class Population:
    """Neurons of one simulator, and what they show of their input.

    inputs : what `into=` may say
    """

    inputs: tuple[str | None, ...] = ()
    is_source = True
    keeps_to_plan = True

    def __init__(self, net: Network, foreign: Any, tag: str, plan: Plan, **options: Any) -> None:
        self.plan = plan
        self.group = NeuronGroup(net, foreign, tag=tag, **options)
        self.watched: dict[str | None, Recorder] = {}
        if self.is_source:
            self.group.add_behaviour(90, EventRecorder("spike"))

    def watch(self, into: str | None) -> None:
        """Keep what arrives at an input."""
        if into not in self.watched:
            self.watched[into] = Recorder(self.shows(into), tag=f"{self.group.tag} {into}")
            self.group.add_behaviour(91 + len(self.watched), self.watched[into])

    def shows(self, into: str | None) -> str:
        """The variable in which an input can be seen."""
        return str(into)

    def arrivals(self, into: str | None) -> NDArray[np.float64]:
        """What came (ticks, neurons)."""
        return np.asarray(self.group[self.shows(into), 0], float)

    def fold(self, due: NDArray[np.float64]) -> NDArray[np.float64]:
        """What it can show of arrivals (ticks, neurons)."""
        return due

    @property
    def spikes(self) -> NDArray[np.int64]:
        """What it fired, (tick, neuron)."""
        return self.group["spike", 0]


class Native(Population):
    """Behaviours; the input of a tick is an array."""

    inputs = ("input", "other")

    def __init__(self, net: Network, tag: str, plan: Plan) -> None:
        # Every third relays what it gets, so that activity can go round.
        limit = 2.0 if plan.sum() % 3 == 0 else np.inf
        super().__init__(net, plan.shape[1], tag, plan, behaviour={1: Plays(plan=plan, limit=limit)})


class Toy(Population):
    """The toy simulator, with a current that lasts one step; its neurons fire by themselves, in turn."""

    inputs = ("current",)
    keeps_to_plan = False

    def __init__(self, net: Network, tag: str, plan: Plan) -> None:
        cells = ToyNeurons(plan.shape[1], tau_syn=1e-6, refractory=int(plan.sum()) % 4)
        cells.drive[:], cells.held[:] = 1e7, np.arange(plan.shape[1])
        super().__init__(net, cells, tag, plan)


class Brian2(Population):
    """Two variables that are emptied before the synapses of each step act."""

    inputs = ("x", "y")

    def __init__(self, net: Network, tag: str, plan: Plan) -> None:
        # The step that begins at t is the tick that ends at t + dt.
        planned = brian2.TimedArray(plan.astype(float), dt=DT * ms)
        cells = brian2.NeuronGroup(
            plan.shape[1], "x : 1\ny : 1", threshold="planned(t, i) > 0.5", reset="", namespace={"planned": planned}
        )
        cells.run_regularly("x = 0\ny = 0", when="before_synapses")
        super().__init__(net, cells, tag, plan)


class NestSource(Population):
    """NEST's generators."""

    def __init__(self, net: Network, tag: str, plan: Plan) -> None:
        times = [{"spike_times": ((np.flatnonzero(row) + 1) * DT).tolist()} for row in plan.T]
        super().__init__(net, nest.Create("spike_generator", len(times), times), tag, plan)


class NestSink(Population):
    """NEST neurons that never forget: what arrives moves the potential, for good."""

    inputs = (None,)
    is_source = False

    def __init__(self, net: Network, tag: str, plan: Plan) -> None:
        endless = {"E_L": 0.0, "V_m": 0.0, "V_th": 1e9, "tau_m": 1e30}
        super().__init__(net, nest.Create("iaf_psc_delta", plan.shape[1], endless), tag, plan)

    def shows(self, into: str | None) -> str:
        return "V_m"

    def arrivals(self, into: str | None) -> NDArray[np.float64]:
        return np.diff(super().arrivals(into), axis=0, prepend=0.0)


class Slow(Population):
    """A layer that takes a step in each fifth tick, and shows what came since its last one."""

    inputs = (None,)
    is_source = False

    def __init__(self, net: Network, tag: str, plan: Plan) -> None:
        from fusion_tensorflow import layer

        super().__init__(net, layer(lambda x: x, plan.shape[1]), tag, plan, every=5 * DT)

    def shows(self, into: str | None) -> str:
        return "output"

    def fold(self, due: NDArray[np.float64]) -> NDArray[np.float64]:
        steps = due[: len(due) // 5 * 5].reshape(-1, 5, due.shape[1]).sum(axis=1)
        return np.vstack([np.zeros((4, due.shape[1])), np.repeat(steps, 5, axis=0)])[: len(due)]


@dataclass
class Wire:
    """A link to be made, by the numbers of its two populations; `sources`, `targets`: a selection, None for all.

    weights (targets, sources), delay in ticks, one or (targets, sources).
    """

    source: int
    target: int
    weights: NDArray[np.float64]
    delay: int | NDArray[np.int64]
    into: str | None = None
    sources: NDArray[np.int64] | None = None
    targets: NDArray[np.int64] | None = None
    sparse: bool = False
    summed: bool = False
    """Whether the weights stay with fusion even if the receiver could hold them."""

    def make(self, net: Network, populations: Sequence[Population]) -> SynapseGroup:
        """The link."""
        source, target = populations[self.source].group, populations[self.target].group
        delay = self.delay * DT
        if self.sparse and np.ndim(delay):
            delay = csc_array(np.where(self.weights != 0, delay, 0.0))
        return SynapseGroup(
            net,
            source if self.sources is None else source[self.sources],
            target if self.targets is None else target[self.targets],
            weight=csc_array(self.weights) if self.sparse else self.weights,
            delay=delay,
            into=self.into,
            behaviour={80: Rests()} if self.summed else None,
        )

    def sent(self, spikes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of the source's spikes (tick, neuron) that leave on it, the neuron as the weights count it."""
        if self.sources is None:
            return spikes
        place = np.full(max(self.sources.max(), spikes[:, 1].max(initial=0)) + 1, -1)
        place[self.sources] = np.arange(len(self.sources))
        return np.column_stack([spikes[:, 0], place[spikes[:, 1]]])[place[spikes[:, 1]] >= 0]

    def due(self, spikes: NDArray[np.int64], shape: tuple[int, int]) -> NDArray[np.float64]:
        """What its spikes bring (ticks, neurons)."""
        ticks, neurons = self.sent(spikes).T
        when = ticks + np.broadcast_to(self.delay, self.weights.shape)[:, neurons]
        where = np.arange(shape[1]) if self.targets is None else self.targets
        entries, values = (when - 1) * shape[1] + where[:, None], self.weights[:, neurons]
        sums = np.bincount(entries.ravel(), values.ravel(), minlength=shape[0] * shape[1])
        return sums[: shape[0] * shape[1]].reshape(shape)


def check(net: Network, populations: Sequence[Population], wires: Sequence[Wire], runs: Sequence[int]) -> int:
    """Run the network and compare both ends of each link with the account; returns the number of spikes sent."""
    for wire in wires:
        wire.make(net, populations)
        populations[wire.target].watch(wire.into)
    for ticks in runs:
        net.simulate(ticks)
    total = sum(runs)
    for population in populations:
        if population.is_source and population.keeps_to_plan:
            ticks, neurons = np.nonzero(population.plan)
            assert set(zip(ticks + 1, neurons, strict=True)) <= set(map(tuple, population.spikes))
    for k, population in enumerate(populations):
        for into in population.watched:
            shape = total, population.group.size
            ways = [wire for wire in wires if (wire.target, wire.into) == (k, into)]
            due = sum(wire.due(populations[wire.source].spikes, shape) for wire in ways)
            np.testing.assert_array_equal(population.arrivals(into), population.fold(due), err_msg=repr(ways))
    sent = [len(wire.sent(populations[wire.source].spikes)) for wire in wires]
    assert [link.sent for link in net.coupling.links] == sent
    return sum(sent)
