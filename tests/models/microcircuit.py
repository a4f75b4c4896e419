"""The cortical microcircuit of Potjans and Diesmann at a twentieth of its size, whole in NEST and mixed.

    C dV/dt = -C (V - E_L) / tau_m + I,    tau_s dI/dt = -I + jumps,    V >= theta: spike, V = V_reset for t_ref

T. C. Potjans and M. Diesmann (2014), The cell-type specific cortical microcircuit, Cereb. Cortex 24:785-806; parameters
of table 5, probabilities of a synapse of table 5, Poisson drive from outside. Numbers of synapses, drive and weights
are scaled as in the authors' own program for smaller networks, INM-6/microcircuit-PD14-model: weights grow by the root
of what in-degrees shrink by, and a constant current replaces the mean that is lost, at the rates of the full network.
That keeps rates. Correlations it cannot keep (van Albada, Helias and Diesmann, 2015), so rates alone are compared.
"""

from __future__ import annotations

import os

os.environ.setdefault("PYNEST_QUIET", "1")

import brian2
import nest
import numpy as np
from brian2 import ms
from scipy.sparse import csc_array

from fusion import EventRecorder, Network, NeuronGroup, SynapseGroup
from tests.models.statistics import Spikes, rate

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
DT = 0.1  # ms

PUBLISHED = np.array([0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829])
"""Hz, rates of the populations at full size: `full_mean_rates` of the authors' program, one run of NEST."""

SCALE = 0.05
SKIPPED, DURATION = 150.0, 650.0  # ms

SIZES = np.round(FULL_SIZES * SCALE).astype(int)
BOUNDS = np.concatenate([[0], np.cumsum(SIZES)])
KIND = np.repeat([name[-1] for name in POPULATIONS], SIZES)
"""E or I, of each neuron."""


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


def constant_currents() -> np.ndarray:
    """What stands for the lost mean, pA, by population."""
    per_neuron = n_synapses() / FULL_SIZES[:, None]
    within = (mean_weights() * per_neuron) @ PUBLISHED
    outside = current_of(PSP) * OUTSIDE * OUTSIDE_RATE
    return (1.0 - np.sqrt(SCALE)) * TAU_S / 1000.0 * (within + outside)


class Drawn:
    """All synapses: pre, post, weight (pA), delay (ms, on the grid, one step at least); and the first potentials.

    Several synapses between the same two neurons are made one, with the sum of their weights and the first delay.
    """

    def __init__(self, seed: int):
        generator = np.random.default_rng(seed)
        weights = mean_weights() / np.sqrt(SCALE)
        parts = []
        for target, source in np.ndindex(8, 8):
            n = round(n_synapses()[target, source] * SCALE**2)
            mean, deviation = DELAYS[POPULATIONS[source][-1]]
            weight = weights[target, source]
            parts.append((
                generator.integers(BOUNDS[source], BOUNDS[source + 1], n),
                generator.integers(BOUNDS[target], BOUNDS[target + 1], n),
                weight * np.maximum(generator.normal(1.0, SPREAD, n), 0.0),
                np.maximum(np.round(generator.normal(mean, deviation, n) / DT), 1.0) * DT,
            ))  # fmt: skip
        pre, post, weight, delay = (np.concatenate(column) for column in zip(*parts, strict=True))
        pair, first, which = np.unique(post * BOUNDS[-1] + pre, return_index=True, return_inverse=True)
        self.post, self.pre = np.divmod(pair, BOUNDS[-1])
        self.weight, self.delay = np.bincount(which, weight), delay[first]
        self.potential = generator.normal(*START, BOUNDS[-1])

    def between(self, source: str, target: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """(pre, post, weight, delay) of the synapses between two kinds of neurons, counted within each kind."""
        kept = (KIND[self.pre] == source) & (KIND[self.post] == target)
        place = np.zeros(len(KIND), dtype=int)
        for kind in "EI":
            place[KIND == kind] = np.arange((KIND == kind).sum())
        return place[self.pre[kept]], place[self.post[kept]], self.weight[kept], self.delay[kept]


def fresh_simulators(seed: int) -> None:
    """A NEST with nothing in it, and a Brian2 that compiles nothing."""
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.resolution, nest.rng_seed = DT, seed
    brian2.start_scope()
    brian2.prefs.codegen.target = "numpy"
    brian2.defaultclock.dt = DT * ms
    brian2.seed(seed)


def per_neuron(of_population: np.ndarray, which: np.ndarray) -> np.ndarray:
    """A number of each population, for each of the neurons that `which` chooses."""
    return np.repeat(of_population, SIZES)[which]


def nest_cells(drawn: Drawn, which: np.ndarray) -> nest.NodeCollection:
    """Neurons with their constant and their Poisson drive."""
    cells = nest.Create("iaf_psc_exp", int(which.sum()), {
        "tau_m": TAU_M, "tau_syn_ex": TAU_S, "tau_syn_in": TAU_S, "C_m": C_M, "t_ref": T_REF,
        "E_L": REST, "V_th": THRESHOLD, "V_reset": REST,
        "V_m": drawn.potential[which], "I_e": per_neuron(constant_currents(), which),
    })  # fmt: skip
    rates = per_neuron(OUTSIDE * SCALE * OUTSIDE_RATE, which)
    for value in np.unique(rates):
        drive = nest.Create("poisson_generator", 1, {"rate": value})
        synapse = {"weight": current_of(PSP) / np.sqrt(SCALE), "delay": DELAYS["E"][0]}
        nest.Connect(drive, cells[np.flatnonzero(rates == value).tolist()], syn_spec=synapse)
    return cells


def connect_nest(cells: nest.NodeCollection, pre, post, weight, delay) -> None:
    """Synapses one by one."""
    ids = np.array(cells.tolist())
    nest.Connect(ids[pre], ids[post], "one_to_one", {"weight": weight, "delay": delay})


def rates(t: np.ndarray, i: np.ndarray) -> dict[str, float]:
    """Of each population."""
    spikes = Spikes.within(t, i, BOUNDS[-1], SKIPPED, DURATION)
    return {
        f"rate {name}": rate(spikes.part(first, last))
        for name, first, last in zip(POPULATIONS, BOUNDS[:-1], BOUNDS[1:], strict=True)
    }


def pure(seed: int) -> dict[str, float]:
    """The network in NEST alone."""
    fresh_simulators(seed)
    drawn = Drawn(seed)
    cells = nest_cells(drawn, np.full(BOUNDS[-1], True))
    connect_nest(cells, drawn.pre, drawn.post, drawn.weight, drawn.delay)
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder, syn_spec={"delay": DT})
    nest.Simulate(DURATION)
    return rates(recorder.events["times"], recorder.events["senders"] - cells[0].global_id)


EQUATIONS = """
dv/dt = (REST*mV - v)/(TAU_M*ms) + (constant + current)/(C_M*pF) : volt (unless refractory)
dcurrent/dt = -current/(TAU_S*ms) : amp
constant : amp (constant)
"""


def brian2_cells(drawn: Drawn, which: np.ndarray) -> tuple[brian2.NeuronGroup, list[brian2.PoissonInput]]:
    """The same neurons in Brian2, and their Poisson drive."""
    names = ("REST", "TAU_M", "TAU_S", "C_M", "THRESHOLD")
    cells = brian2.NeuronGroup(
        int(which.sum()), EQUATIONS, threshold="v >= THRESHOLD*mV", reset="v = REST*mV",
        refractory=T_REF * ms + DT * ms, method="exact", namespace={name: globals()[name] for name in names},
    )  # fmt: skip
    cells.v = drawn.potential[which] * brian2.mV
    cells.constant = per_neuron(constant_currents(), which) * brian2.pA
    counts, weight = per_neuron(OUTSIDE * SCALE, which), current_of(PSP) / np.sqrt(SCALE) * brian2.pA
    edges = np.concatenate([[0], 1 + np.flatnonzero(np.diff(counts)), [len(counts)]])
    drive = [
        brian2.PoissonInput(cells[first:last], "current", round(counts[first]), OUTSIDE_RATE * brian2.Hz, weight)
        for first, last in zip(edges[:-1], edges[1:], strict=True)
    ]
    return cells, drive


def mixed(seed: int, inhibition: float = 1.0) -> dict[str, float]:
    """Excitatory neurons in NEST, inhibitory ones in Brian2, each with a Poisson drive of its own.

    `inhibition` scales the weights from inhibitory to excitatory neurons.
    """
    fresh_simulators(seed)
    drawn, e, i = Drawn(seed), KIND == "E", KIND == "I"
    with Network(dt=DT, seed=seed) as net:
        nodes = nest_cells(drawn, e)
        connect_nest(nodes, *drawn.between("E", "E"))
        cells, drive = brian2_cells(drawn, i)
        pre, post, weight, delay = drawn.between("I", "I")
        within = brian2.Synapses(cells, cells, "w : amp", on_pre="current += w")
        within.connect(i=pre, j=post)
        within.w, within.delay = weight * brian2.pA, delay * ms
        groups = {
            "E": NeuronGroup(net, nodes, tag="E", behaviour={9: EventRecorder("spike")}),
            "I": NeuronGroup(net, cells, tag="I", also=[within, *drive], behaviour={9: EventRecorder("spike")}),
        }
        for source, target, into, unit in (("E", "I", "current", 1e-12), ("I", "E", None, inhibition)):
            pre, post, weight, delay = drawn.between(source, target)
            shape = groups[target].size, groups[source].size
            SynapseGroup(net, groups[source], groups[target], into=into, weight=csc_array((weight * unit, (post, pre)), shape),
                         delay=csc_array((delay, (post, pre)), shape))  # fmt: skip
        net.run(DURATION)
        t = [group["spike.t", 0] for group in groups.values()]
        index = [np.flatnonzero(KIND == kind)[group["spike.i", 0]] for kind, group in groups.items()]
        return rates(np.concatenate(t), np.concatenate(index))
