"""The cortical microcircuit of Potjans and Diesmann, smaller than published, whole in NEST and mixed.

    C dV/dt = -C (V - E_L) / tau_m + I,    tau_s dI/dt = -I + jumps,    V >= theta: spike, V = V_reset for t_ref

T. C. Potjans and M. Diesmann (2014), The cell-type specific cortical microcircuit, Cereb. Cortex 24:785-806, tables 4
and 5, with Poisson drive from outside. Smaller networks are made as the authors' own program makes them
(INM-6/microcircuit-PD14-model): in-degrees shrink with the size, weights grow by the root of that, and a constant
current replaces the mean that is lost, at the rates of the full network.

That keeps mean and variance of the input, but not its shape: a few strong synapses in place of many weak ones make
rates lower, those of the slow populations most, and correlations stronger (van Albada, Helias and Diesmann, 2015, PLoS
Comput. Biol. 11:e1004490). So rates alone are looked at, and at two sizes.
"""

from __future__ import annotations

from typing import NamedTuple

import brian2
import nest
import numpy as np
from brian2 import ms
from models.simulators import fresh_simulators
from models.statistics import Spikes, rate
from scipy.sparse import csc_array

from fusion import EventRecorder, Network, NeuronGroup, SynapseGroup

POPULATIONS = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
FULL_SIZES = np.array([20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948])
OUTSIDE = np.array([1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100])  # synapses, at OUTSIDE_RATE each
PROBABILITY = np.array([
    [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0000, 0.0076, 0.0000],
    [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0000, 0.0042, 0.0000],
    [0.0077, 0.0059, 0.0497, 0.1350, 0.0067, 0.0003, 0.0453, 0.0000],
    [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0000, 0.1057, 0.0000],
    [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0000],
    [0.0548, 0.0269, 0.0257, 0.0022, 0.0600, 0.3158, 0.0086, 0.0000],
    [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
    [0.0364, 0.0010, 0.0034, 0.0005, 0.0277, 0.0080, 0.0658, 0.1443],
])  # fmt: skip
"""That two neurons are connected at least once, (target, source)."""

TAU_M, TAU_S, T_REF = 10.0, 0.5, 2.0  # ms
C_M, REST, THRESHOLD = 250.0, -65.0, -50.0  # pF, mV, mV
START = (-58.0, 10.0)  # mV, mean and standard deviation
PSP, G, SPREAD = 0.15, -4.0, 0.1  # mV; inhibition relative to excitation; relative standard deviation of weights
OUTSIDE_RATE = 8.0  # Hz
DELAYS = {"E": (1.5, 0.75), "I": (0.75, 0.375)}  # ms, mean and standard deviation, by the source

PUBLISHED = np.array([0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829])
"""Hz, rates of the populations at full size: `full_mean_rates` of the authors' program, one run of NEST."""

SCALE, DT = 0.05, 0.2  # of the comparison; ms
SKIPPED, DURATION = 100.0, 2300.0  # ms


def current_of(psp: float) -> float:
    """The jump of the current, pA, that moves the potential by at most `psp` mV."""
    ratio = TAU_S / TAU_M
    peak = ratio ** (ratio / (1.0 - ratio)) - ratio ** (1.0 / (1.0 - ratio))
    return psp * C_M / (TAU_S * TAU_M / (TAU_M - TAU_S) * peak)


def mean_weights() -> np.ndarray:
    """Mean weights at full size, pA, (target, source)."""
    weights = np.tile(np.where(np.arange(8) % 2 == 0, 1.0, G), (8, 1)) * current_of(PSP)
    weights[0, 2] *= 2.0  # from L4E to L23E
    return weights


def n_synapses() -> np.ndarray:
    """Numbers of synapses at full size, (target, source): with multapses, so that the probability comes out right."""
    pairs = np.outer(FULL_SIZES, FULL_SIZES).astype(float)
    return np.log(1.0 - PROBABILITY) / np.log(1.0 - 1.0 / pairs)


class Scaled:
    """The populations at a scale: neurons ``bounds[k]`` to ``bounds[k + 1]``, and what their synapses are like."""

    def __init__(self, scale: float):
        self.scale = scale
        self.sizes = np.round(FULL_SIZES * scale).astype(int)
        self.bounds = np.concatenate([[0], np.cumsum(self.sizes)])
        self.is_e = np.repeat([name.endswith("E") for name in POPULATIONS], self.sizes)
        self.weights = mean_weights() / np.sqrt(scale)  # pA, (target, source)
        self.n_synapses = np.round(n_synapses() * scale**2).astype(int)
        self.outside = np.round(OUTSIDE * scale).astype(int)
        self.outside_weight = current_of(PSP) / np.sqrt(scale)  # pA
        within = (mean_weights() * n_synapses() / FULL_SIZES[:, None]) @ PUBLISHED
        lost = within + current_of(PSP) * OUTSIDE * OUTSIDE_RATE
        self.constant = (1.0 - np.sqrt(scale)) * TAU_S / 1000.0 * lost  # pA

    def rates(self, t: np.ndarray, i: np.ndarray, skipped: float, duration: float) -> dict[str, float]:
        """Of each population, Hz."""
        spikes = Spikes.within(t, i, self.bounds[-1], skipped, duration)
        bounds = zip(self.bounds[:-1], self.bounds[1:], strict=True)
        return {f"rate {name}": rate(spikes.part(*ends)) for name, ends in zip(POPULATIONS, bounds, strict=True)}

    def summary(self, rates: dict[str, float]) -> dict[str, float]:
        """What is compared: the populations with few spikes in such a run only count within sums."""
        spikes = np.array(list(rates.values())) * self.sizes
        chosen = {"E": slice(0, 8, 2), "I": slice(1, 8, 2), "L4": slice(2, 4)}
        return {f"rate {name}": float(spikes[part].sum() / self.sizes[part].sum()) for name, part in chosen.items()}


class Drawn:
    """All synapses: pre, post, weight (pA), delay (ms, on the grid, one step at least); and the first potentials.

    Several synapses between the same two neurons are made one, with the sum of their weights and the first delay.
    """

    def __init__(self, seed: int, scaled: Scaled):
        generator, bounds, n = np.random.default_rng(seed), scaled.bounds, scaled.bounds[-1]
        parts = []
        for target, source in np.ndindex(8, 8):
            count, (mean, deviation) = scaled.n_synapses[target, source], DELAYS[POPULATIONS[source][-1]]
            parts.append((
                generator.integers(bounds[source], bounds[source + 1], count),
                generator.integers(bounds[target], bounds[target + 1], count),
                scaled.weights[target, source] * np.maximum(generator.normal(1.0, SPREAD, count), 0.0),
                np.maximum(np.round(generator.normal(mean, deviation, count) / DT), 1.0) * DT,
            ))  # fmt: skip
        pre, post, weight, delay = (np.concatenate(column) for column in zip(*parts, strict=True))
        pair, first, which = np.unique(post * n + pre, return_index=True, return_inverse=True)
        self.post, self.pre = np.divmod(pair, n)
        self.weight, self.delay = np.bincount(which, weight), delay[first]
        self.potential = generator.normal(*START, n)
        self.is_e = scaled.is_e

    def between(self, source_is_e: bool, target_is_e: bool) -> Edges:
        """The synapses between two kinds of neurons, each counted by themselves."""
        kept = (self.is_e[self.pre] == source_is_e) & (self.is_e[self.post] == target_is_e)
        place = np.where(self.is_e, np.cumsum(self.is_e), np.cumsum(~self.is_e)) - 1
        return Edges(place[self.pre[kept]], place[self.post[kept]], self.weight[kept], self.delay[kept])


class Edges(NamedTuple):
    """Synapses one by one: indices, weights (pA), delays (ms)."""

    pre: np.ndarray
    post: np.ndarray
    weight: np.ndarray
    delay: np.ndarray

    def connect_nest(self, cells: nest.NodeCollection) -> None:
        """Make them between the cells."""
        ids = np.array(cells.tolist())
        nest.Connect(ids[self.pre], ids[self.post], "one_to_one", {"weight": self.weight, "delay": self.delay})


def nest_cells(scaled: Scaled, populations: slice, potential: np.ndarray) -> nest.NodeCollection:
    """Neurons of the populations, with their constant and their Poisson drive."""
    sizes = scaled.sizes[populations]
    cells = nest.Create("iaf_psc_exp", int(sizes.sum()), {
        "tau_m": TAU_M, "tau_syn_ex": TAU_S, "tau_syn_in": TAU_S, "C_m": C_M, "t_ref": T_REF,
        "E_L": REST, "V_th": THRESHOLD, "V_reset": REST,
        "V_m": potential, "I_e": np.repeat(scaled.constant[populations], sizes),
    })  # fmt: skip
    ends = np.cumsum(sizes)
    for first, last, count in zip(ends - sizes, ends, scaled.outside[populations], strict=True):
        drive = nest.Create("poisson_generator", 1, {"rate": count * OUTSIDE_RATE})
        nest.Connect(drive, cells[first:last], syn_spec={"weight": scaled.outside_weight, "delay": DELAYS["E"][0]})
    return cells


def rates_in_nest(scaled: Scaled, cells: nest.NodeCollection, skipped: float, duration: float) -> dict[str, float]:
    """Simulate in NEST alone."""
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder, syn_spec={"delay": DELAYS["E"][0]})
    nest.Simulate(duration)
    events = recorder.events
    return scaled.rates(events["times"], events["senders"] - cells[0].global_id, skipped, duration)


def larger(seed: int, scale: float, skipped: float, duration: float) -> dict[str, float]:
    """Rates of the network at another scale, with steps of 0.1 ms and synapses that NEST draws, as in the program."""
    fresh_simulators(seed, 0.1)
    scaled = Scaled(scale)
    potential = np.random.default_rng(seed).normal(*START, scaled.bounds[-1])
    cells = nest_cells(scaled, slice(None), potential)
    population = [cells[a:b] for a, b in zip(scaled.bounds[:-1], scaled.bounds[1:], strict=True)]
    for target, source in np.argwhere(scaled.n_synapses):
        mean, (delay, deviation) = scaled.weights[target, source], DELAYS[POPULATIONS[source][-1]]
        bounds = (0.0, np.inf) if mean > 0.0 else (-np.inf, 0.0)
        nest.Connect(
            population[source], population[target],
            {"rule": "fixed_total_number", "N": int(scaled.n_synapses[target, source])},
            {"weight": nest.math.redraw(nest.random.normal(mean, SPREAD * abs(mean)), *bounds),
             "delay": nest.math.redraw(nest.random.normal(delay, deviation), 0.1, np.inf)},
        )  # fmt: skip
    return rates_in_nest(scaled, cells, skipped, duration)


def pure(seed: int) -> dict[str, float]:
    """The network in NEST alone."""
    fresh_simulators(seed, DT)
    scaled = Scaled(SCALE)
    drawn = Drawn(seed, scaled)
    cells = nest_cells(scaled, slice(None), drawn.potential)
    Edges(drawn.pre, drawn.post, drawn.weight, drawn.delay).connect_nest(cells)
    return scaled.summary(rates_in_nest(scaled, cells, SKIPPED, DURATION))


EQUATIONS = """
dv/dt = (REST*mV - v)/(TAU_M*ms) + (constant + current)/(C_M*pF) : volt (unless refractory)
dcurrent/dt = -current/(TAU_S*ms) : amp
constant : amp (constant)
"""


def brian2_cells(
    scaled: Scaled, populations: slice, potential: np.ndarray
) -> tuple[brian2.NeuronGroup, list[brian2.PoissonInput]]:
    """The same neurons in Brian2, and their Poisson drive. NEST holds a neuron for one step longer than Brian2."""
    sizes, names = scaled.sizes[populations], ("REST", "TAU_M", "TAU_S", "C_M", "THRESHOLD")
    cells = brian2.NeuronGroup(
        int(sizes.sum()), EQUATIONS, threshold="v >= THRESHOLD*mV", reset="v = REST*mV", refractory=(T_REF + DT) * ms,
        method="exact", namespace={name: globals()[name] for name in names},
    )  # fmt: skip
    cells.v = potential * brian2.mV
    cells.constant = np.repeat(scaled.constant[populations], sizes) * brian2.pA
    ends, rate_each, weight = np.cumsum(sizes), OUTSIDE_RATE * brian2.Hz, scaled.outside_weight * brian2.pA
    drive = [
        brian2.PoissonInput(cells[first:last], "current", int(count), rate_each, weight)
        for first, last, count in zip(ends - sizes, ends, scaled.outside[populations], strict=True)
    ]
    return cells, drive


def mixed(seed: int, inhibition: float = 1.0) -> dict[str, float]:
    """Excitatory neurons in NEST, inhibitory ones in Brian2, each with a Poisson drive of its own.

    `inhibition` scales the weights from inhibitory to excitatory neurons.
    """
    fresh_simulators(seed, DT)
    scaled = Scaled(SCALE)
    drawn, is_e = Drawn(seed, scaled), scaled.is_e
    with Network(dt=DT, seed=seed) as net:
        nodes = nest_cells(scaled, slice(0, 8, 2), drawn.potential[is_e])
        drawn.between(True, True).connect_nest(nodes)
        cells, drive = brian2_cells(scaled, slice(1, 8, 2), drawn.potential[~is_e])
        edges = drawn.between(False, False)
        within = brian2.Synapses(cells, cells, "w : amp", on_pre="current += w")
        within.connect(i=edges.pre, j=edges.post)
        within.w, within.delay = edges.weight * brian2.pA, edges.delay * ms
        e = NeuronGroup(net, nodes, tag="E", behaviour={10: EventRecorder("spike")})
        i = NeuronGroup(net, cells, tag="I", also=[within, *drive], behaviour={10: EventRecorder("spike")})
        for source, target, into, factor in ((e, i, "current", 1e-12), (i, e, None, inhibition)):  # A, pA
            edges = drawn.between(source is e, target is e)
            place, shape = (edges.post, edges.pre), (target.size, source.size)
            weight, delay = csc_array((edges.weight * factor, place), shape), csc_array((edges.delay, place), shape)
            SynapseGroup(net, source, target, weight=weight, delay=delay, into=into)
        net.run(DURATION)
        t = np.concatenate([group["spike.t", 0] for group in (e, i)])
        index = [np.flatnonzero(which)[group["spike.i", 0]] for which, group in ((is_e, e), (~is_e, i))]
        return scaled.summary(scaled.rates(t, np.concatenate(index), SKIPPED, DURATION))
