"""The network of `lif_network`, split over simulators by fusion.

A part is some neurons in one simulator, with the synapses among them left to it; fusion delivers between parts.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scenarios.lif_network import (
    C_M,
    DT,
    HELD,
    KINDS,
    RESET,
    REST,
    TAU_EX,
    TAU_IN,
    TAU_M,
    THRESHOLD,
    Numbers,
    Outcome,
    brian2_cells,
    brian2_cells_in_bits,
    brian2_synapses,
    nest_cells,
)
from scipy.sparse import csc_array

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.behaviours import LIF, ExponentialCurrent


class Lif(Behaviour):
    """The same neurons as a behaviour that computes what NEST computes, operation by operation.

    Reads ``excitation`` and ``inhibition`` (n,) pA. Writes ``v`` (n,) mV above rest.
    """

    drive: object  # pA
    first: object  # mV
    by: object  # Propagators

    def initialize(self, neurons):
        neurons.v, neurons.ie, neurons.ii = np.array(self.first) - REST, neurons.vector(), neurons.vector()
        neurons.held = np.zeros(neurons.size, dtype=int)
        neurons.open_input("excitation")
        neurons.open_input("inhibition")

    def iteration(self, neurons):
        by, free = self.by, neurons.held == 0
        v = neurons.v * by.leak + neurons.ie * by.from_ex + neurons.ii * by.from_in + self.drive * by.from_drive
        neurons.v[free] = v[free]
        neurons.held[~free] -= 1
        neurons.ie = neurons.ie * by.ex + neurons.excitation
        neurons.ii = neurons.ii * by.inh + neurons.inhibition
        neurons.spike = neurons.v >= THRESHOLD - REST
        neurons.v[neurons.spike] = RESET - REST
        neurons.held[neurons.spike] = HELD


def native_cells(numbers: Numbers, part: slice) -> dict[float, Behaviour]:
    """The same neurons as a user writes them."""
    return {
        1: ExponentialCurrent(tau=TAU_EX, input="excitation"),
        2: ExponentialCurrent(tau=TAU_IN, input="inhibition"),
        3: LIF(tau=TAU_M, capacitance=C_M, rest=REST, threshold=THRESHOLD, reset=RESET, refractory=HELD * DT,
               bias=numbers.drive[part], initial=numbers.start[part]),
    }  # fmt: skip


class Fires(Behaviour):
    """Fires the neurons that are listed for a tick."""

    at: object

    def iteration(self, neurons):
        neurons.spike = neurons.vector(False)
        neurons.spike[self.at.get(neurons.iteration, [])] = True


class Rests(Behaviour):
    """Does nothing."""


class Part:
    """Some neurons in one simulator, their own synapses inside.

    watched : how many NEST nodes are looked at in each tick; all the others each 5 ms, for it costs 14 us per node
    """

    def __init__(self, net: Network, numbers: Numbers, simulator: str, part: slice, held: int, watched: int) -> None:
        self.net, self.numbers, self.neurons, self.kind = net, numbers, part, KINDS[simulator]
        self.is_summed = simulator == "summed"
        tag = f"{simulator} {part.start}"
        if self.kind.variable == "V_m":
            self.group = NeuronGroup(net, nest_cells(numbers, part), tag=tag)
        elif simulator.startswith("brian2"):
            bits = simulator.endswith("bits")
            cells = brian2_cells_in_bits(numbers, part) if bits else brian2_cells(numbers, part, held)
            inside = numbers.weights[part, part]
            synapses = brian2_synapses(cells, cells, inside, numbers.delay, self.kind)
            self.group = NeuronGroup(net, cells, tag=tag, also=synapses)
        else:
            behaviour = native_cells(numbers, part)
            if simulator.endswith("bits"):
                behaviour = {1: Lif(drive=numbers.drive[part], first=numbers.start[part], by=numbers.of_nest)}
            self.group = NeuronGroup(net, size=len(numbers.drive[part]), tag=tag, behaviour=behaviour)
            self.receive(self.group, numbers.weights[part, part], numbers.delay)
        self.spikes = EventRecorder("spike")
        self.group.add_behaviour(9, self.spikes)
        variable = self.kind.variable
        if variable == "V_m":
            self.potentials = [Recorder(f"V_m[:{watched}]"), Recorder("V_m", every=5.0)]
        else:
            self.potentials = [Recorder(variable)]
        for key, recorder in enumerate(self.potentials, 10):
            self.group.add_behaviour(key, recorder)

    def receive(self, source: NeuronGroup, weights: NDArray[np.float64], delay: int, factor: float = 1.0) -> None:
        """Make links from a source, one for either sign of the weights, which are then multiplied by `factor`."""
        for into, chosen in zip(self.kind.into, (weights > 0, weights < 0), strict=True):
            if chosen.any():
                matrix = csc_array(np.where(chosen, factor * weights, 0.0) * float(self.kind.unit))
                SynapseGroup(self.net, source, self.group, weight=matrix, delay=delay * DT, into=into,
                             behaviour={1: Rests()} if self.is_summed else None)  # fmt: skip

    def report(self, outcome: Outcome) -> None:
        """Write what was recorded into `outcome`."""
        events = self.group["spike", 0]
        outcome.add(events[:, 0], events[:, 1] + self.neurons.start)
        for recorder in self.potentials:
            rows, values = np.round(recorder.t / DT).astype(int) - 1, self.group[recorder.expressions[0].text, 0]
            columns = np.arange(self.neurons.start, self.neurons.start + values.shape[1])
            outcome.potential[np.ix_(rows, columns)] = self.kind.in_mv(values)


Addition = tuple[int, int, float]
"""(neuron, tick, factor): its weights onto the first part times `factor`, as a spike of that tick would bring them."""


def split(
    numbers: Numbers,
    parts: Sequence[tuple[str, int]],
    runs: Sequence[int],
    *,
    window: int | None = None,
    held: int = HELD,
    shift: tuple[int, ...] = (),
    additions: Sequence[Addition] = (),
    watched: int = 5,
) -> Outcome:
    """What the network does with its parts, (form, number of neurons) each, in so many simulators.

    runs : ticks of each run
    shift : (source part, target part, ticks), a delay that is not what it should be
    """
    outcome = Outcome(sum(runs), numbers.size)
    with Network(dt=DT, seed=1, window=window) as net:
        ends = np.cumsum([0, *(size for _, size in parts)]).tolist()
        neurons = [slice(start, stop) for start, stop in itertools.pairwise(ends)]
        made = [Part(net, numbers, form, own, held, watched) for (form, _), own in zip(parts, neurons, strict=True)]
        for k, source in enumerate(made):
            for target in made:
                if source is not target:
                    late = shift[2] if shift[:2] == (k, made.index(target)) else 0
                    weights = numbers.weights[target.neurons, source.neurons]
                    target.receive(source.group, weights, numbers.delay + late)
        if numbers.pulse:
            pulse = Fires(at=numbers.pulse)
            source = NeuronGroup(net, size=numbers.pulse_weights.shape[1], tag="pulse", behaviour={1: pulse})
            for part in made:
                part.receive(source, numbers.pulse_weights[part.neurons], numbers.delay)
        for neuron, tick, factor in additions:
            source = NeuronGroup(net, size=1, tag="more", behaviour={1: Fires(at={tick: [0]})})
            made[0].receive(source, numbers.weights[made[0].neurons, [neuron]], numbers.delay, factor)
        for ticks in runs:
            net.simulate(ticks)
        for part in made:
            part.report(outcome)
    return outcome
