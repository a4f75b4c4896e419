"""Brunel's sparse network of excitatory and inhibitory integrate-and-fire neurons, whole in NEST and mixed.

    tau dV/dt = -V + tau sum_j J_j delta(t - t_j - D),    V >= theta: spike, V = V_r for tau_rp

N. Brunel (2000), Dynamics of sparsely connected networks of excitatory and inhibitory spiking neurons, J. Comput.
Neurosci. 8:183-208: model A, figure 8. Each neuron has C_E excitatory and C_E / 4 inhibitory synapses from within the
network, and C_E from outside, whose neurons fire at eta times the rate that just brings the mean to the threshold.

A smaller network keeps the mean and the variance of what a neuron receives, as van Albada, Helias and Diesmann (2015),
PLoS Comput. Biol. 11:e1004490, do: at a tenth of the size a tenth of the synapses, stronger by the root of ten, and a
constant for the mean that is lost. The drive from outside stays as it is.
"""

from __future__ import annotations

import nest
import numpy as np
from models.simulators import fresh_nest
from models.statistics import Spikes, summary
from models.wiring import Drawn
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import erfcx

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, SynapseGroup, fixed_indegree

C_E = 1000  # of 10 000 excitatory neurons
TAU, TAU_RP, DELAY = 20.0, 2.0, 1.5  # ms
THETA, RESET, J = 20.0, 10.0, 0.1  # mV
DT = 0.1  # ms

PUBLISHED = {(5.0, 2.0): (37.7, 38.0), (6.0, 4.0): (60.7, 55.8), (4.5, 0.9): (5.5, 6.5)}
"""Hz, by (g, eta): simulated and by the theory; figure 8 C (asynchronous irregular), B, D (synchronous irregular)."""

SCALE = 0.1
SKIPPED, DURATION = 100.0, 500.0  # ms


class Size:
    """Numbers of neurons and synapses at a scale, the weight (mV), and the constant for what is lost (mV)."""

    def __init__(self, scale: float, g: float, eta: float):
        self.n_e, self.n_i = round(10 * C_E * scale), round(2.5 * C_E * scale)
        self.c_e, self.c_i = round(C_E * scale), round(C_E / 4 * scale)
        self.weight = J / np.sqrt(scale)
        self.constant = (1.0 - np.sqrt(scale)) * J * C_E * (1.0 - g / 4) * PUBLISHED[g, eta][0] / 1000.0 * TAU
        # C_E neurons at eta nu_thr each, with nu_thr = theta / (C_E J tau).
        self.outside = eta * THETA / (J * TAU) * 1000.0  # Hz

    def drawn(self, seed: int) -> Drawn:
        """The synapses."""
        rules = {"E": fixed_indegree(self.c_e), "I": fixed_indegree(self.c_i)}
        return Drawn(seed, {"E": self.n_e, "I": self.n_i}, rules)


def theory(g: float, eta: float) -> float:
    """The rate that reproduces itself, Hz: the diffusion approximation of the paper."""

    def reproduced(nu: float) -> float:
        outside = eta * THETA / (C_E * J * TAU)
        mean = C_E * J * TAU * (outside + nu * (1 - g / 4))
        deviation = J * np.sqrt(C_E * TAU * (outside + nu * (1 + g**2 / 4)))
        # exp(u^2) (1 + erf(u)) is erfcx(-u).
        passage = quad(lambda u: erfcx(-u), (RESET - mean) / deviation, (THETA - mean) / deviation)[0]
        return 1.0 / (TAU_RP + TAU * np.sqrt(np.pi) * passage)

    return 1000.0 * brentq(lambda nu: reproduced(nu) - nu, 1e-3, 0.2)


def nest_cells(size: Size, n: int) -> nest.NodeCollection:
    """Neurons with their drive from outside. C_m is 1 pF, so that pA are mV/ms."""
    cells = nest.Create("iaf_psc_delta", n, {
        "C_m": 1.0, "tau_m": TAU, "E_L": 0.0, "V_th": THETA, "V_reset": RESET, "t_ref": TAU_RP,
        "I_e": size.constant / TAU,
    })  # fmt: skip
    cells.V_m = nest.random.uniform(0.0, THETA)
    drive = nest.Create("poisson_generator", 1, {"rate": size.outside})
    nest.Connect(drive, cells, syn_spec={"weight": J, "delay": DELAY})
    return cells


def recorded_in_nest(cells: nest.NodeCollection, n_e: int, skipped: float, duration: float) -> dict[str, float]:
    """Simulate in NEST alone."""
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder, syn_spec={"delay": DELAY})
    nest.Simulate(duration)
    t, i = recorder.events["times"], recorder.events["senders"] - cells[0].global_id
    spikes = Spikes.within(t, i, len(cells), skipped, duration)
    return summary(spikes.part(0, n_e), spikes.part(n_e, len(cells)))


def full(seed: int, g: float, eta: float, skipped: float, duration: float) -> dict[str, float]:
    """The network at the size of the paper, 12 500 neurons, in NEST alone."""
    fresh_nest(seed, DT)
    size = Size(1.0, g, eta)
    cells = nest_cells(size, size.n_e + size.n_i)
    parts = {"from E": (cells[: size.n_e], size.c_e, J), "from I": (cells[size.n_e :], size.c_i, -g * J)}
    for name, (sources, n, weight) in parts.items():
        # Synapses that share a weight take a third of the memory.
        nest.CopyModel("static_synapse_hom_w", name, {"weight": weight, "delay": DELAY})
        nest.Connect(sources, cells, {"rule": "fixed_indegree", "indegree": n}, name)
    return recorded_in_nest(cells, size.n_e, skipped, duration)


def pure(seed: int, g: float = 5.0, eta: float = 2.0) -> dict[str, float]:
    """The network in NEST alone."""
    fresh_nest(seed, DT)
    size = Size(SCALE, g, eta)
    cells = nest_cells(size, size.n_e + size.n_i)
    drawn, part = size.drawn(seed), {"E": cells[: size.n_e], "I": cells[size.n_e :]}
    for source, weight in (("E", size.weight), ("I", -g * size.weight)):
        for target in part:
            drawn[source, target].connect_nest(part[source], part[target], weight, DELAY)
    return recorded_in_nest(cells, size.n_e, SKIPPED, DURATION)


class Cells(Behaviour):
    """The same neurons as a behaviour: what arrives moves V, unless they are refractory; then V meets the threshold.

    Reads ``input`` (n,) mV, what arrives from within the network. Writes ``v`` (n,) mV, ``spike``.
    """

    constant: float = 0.0  # mV
    outside: float = 0.0  # Hz, all sources of a neuron together

    def initialize(self, neurons):
        dt = neurons.network.dt
        neurons.v = neurons.vector(f"uniform(0, {THETA})")
        neurons.held = neurons.vector(0.0)  # ticks
        self.leak = np.exp(-dt / TAU)
        self.expected = self.outside * dt / 1000.0

    def iteration(self, neurons):
        drive = J * neurons.generator.poisson(self.expected, neurons.size)
        v = self.constant + (neurons.v - self.constant) * self.leak + drive + neurons.input
        neurons.v = np.where(neurons.held > 0, RESET, v)
        neurons.held = np.maximum(neurons.held - 1, 0)
        neurons.spike = neurons.v >= THETA
        neurons.v[neurons.spike] = RESET
        neurons.held[neurons.spike] = round(TAU_RP / neurons.network.dt)


def mixed(seed: int, g: float = 5.0, eta: float = 2.0, inhibition: float = 1.0) -> dict[str, float]:
    """Excitatory neurons in NEST, inhibitory ones as a behaviour, each with a drive of its own.

    `inhibition` scales the weight of the synapses from I to E.
    """
    fresh_nest(seed, DT)
    size = Size(SCALE, g, eta)
    drawn = size.drawn(seed)
    with Network(dt=DT, seed=seed) as net:
        cells = nest_cells(size, size.n_e)
        drawn["E", "E"].connect_nest(cells, cells, size.weight, DELAY)
        e = NeuronGroup(net, cells, tag="E", behaviour={9: EventRecorder("spike")})
        step = Cells(constant=size.constant, outside=size.outside)
        i = NeuronGroup(net, size=size.n_i, tag="I", behaviour={1: step, 9: EventRecorder("spike")})
        for source, target, weight in (
            (e, i, size.weight), (i, i, -g * size.weight), (i, e, -g * size.weight * inhibition),
        ):  # fmt: skip
            matrix = drawn[source.tag, target.tag].matrix(weight)
            SynapseGroup(net, source, target, weight=matrix, delay=DELAY)
        net.run(DURATION)
        return summary(Spikes.recorded(e, SKIPPED, DURATION), Spikes.recorded(i, SKIPPED, DURATION))
