"""Vogels and Abbott's network with conductance-based synapses, whole in Brian2 and mixed.

    tau dv/dt = E_L - v + drive + g_e (E_e - v) + g_i (E_i - v),    dg_e/dt = -g_e / tau_e,    dg_i/dt = -g_i / tau_i

T. P. Vogels and L. F. Abbott (2005), J. Neurosci. 25:10786-10795, as benchmark 1 ("COBA") of R. Brette et al. (2007),
Simulation of networks of spiking neurons, J. Comput. Neurosci. 23:349-398, appendix 2: 4000 neurons, a fifth of them
inhibitory, connected with a probability of 0.02. Conductances are in units of the leak, 10 nS.

Without a drive the activity of 4000 neurons dies, within 100 ms from the start that is used here; the constant drive
of 20 mV is that of the implementation whose number is compared. With it the rate of the whole network wanders by a
tenth within seconds. So that ten runs of seconds are affordable, their steps are of 0.5 ms; the published number has
steps of 0.1 ms.
"""

from __future__ import annotations

import brian2
import numpy as np
from brian2 import ms
from models.simulators import fresh_brian2
from models.statistics import Spikes, summary
from models.wiring import Drawn

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, SynapseGroup, fixed_probability

N_E, N_I, P = 3200, 800, 0.02

TAU, TAU_E, TAU_I, T_REF = 20.0, 5.0, 10.0, 5.0  # ms
E_L, E_E, E_I, THRESHOLD, RESET, DRIVE = -60.0, 0.0, -80.0, -50.0, -60.0, 20.0  # mV
W_E, W_I = 0.6, 6.7  # 6 nS and 67 nS
START_E, START_I = (4.0, 1.5), (20.0, 12.0)  # mean and standard deviation of the first conductances
DT = 0.5  # ms; a step is also the delay, which the paper does not have
PUBLISHED_DT = 0.1  # ms

PUBLISHED = 20.48
"""Hz, mean of all neurons over the first second, as ANNarchy's documentation (notebook COBA, 5.0) prints it.

Brette et al. show the activity as a raster alone.
"""

SKIPPED, DURATION = 200.0, 3200.0  # ms

EQUATIONS = """
dv/dt = (E_L*mV - v + DRIVE*mV + g_e*(E_E*mV - v) + g_i*(E_I*mV - v)) / (TAU*ms) : volt (unless refractory)
dg_e/dt = -g_e / (TAU_E*ms) : 1
dg_i/dt = -g_i / (TAU_I*ms) : 1
"""


def drawn(seed: int) -> Drawn:
    """The synapses."""
    return Drawn(seed, {"E": N_E, "I": N_I}, dict.fromkeys("EI", fixed_probability(P)))


def brian2_cells(n: int) -> brian2.NeuronGroup:
    """Neurons with potentials anywhere between reset and threshold, in the middle of activity."""
    names = ("E_L", "E_E", "E_I", "TAU", "TAU_E", "TAU_I", "THRESHOLD", "RESET", "DRIVE", "START_E", "START_I")
    cells = brian2.NeuronGroup(
        n, EQUATIONS, threshold="v > THRESHOLD*mV", reset="v = RESET*mV", refractory=T_REF * ms,
        method="exponential_euler", namespace={name: globals()[name] for name in names},
    )  # fmt: skip
    cells.v = "(RESET + rand() * (THRESHOLD - RESET)) * mV"
    for g, (mean, deviation) in (("g_e", START_E), ("g_i", START_I)):
        setattr(cells, g, f"clip({mean} + {deviation}*randn(), 0, inf)")
    return cells


def pure(seed: int, dt: float = DT, skipped: float = SKIPPED, duration: float = DURATION) -> dict[str, float]:
    """The network in Brian2 alone."""
    fresh_brian2(seed, dt)
    cells, wiring, made = brian2_cells(N_E + N_I), drawn(seed), []
    part = {"E": cells[:N_E], "I": cells[N_E:]}
    for source, act in (("E", f"g_e += {W_E}"), ("I", f"g_i += {W_I}")):
        for target in part:
            synapses = brian2.Synapses(part[source], part[target], on_pre=act, delay=dt * ms)
            synapses.connect(i=wiring[source, target].pre, j=wiring[source, target].post)
            made.append(synapses)
    monitor = brian2.SpikeMonitor(cells)
    brian2.Network(cells, monitor, *made).run(duration * ms)
    spikes = Spikes.within(np.asarray(monitor.t / ms), np.asarray(monitor.i), N_E + N_I, skipped, duration)
    return summary(spikes.part(0, N_E), spikes.part(N_E, N_E + N_I))


class Cells(Behaviour):
    """The same neurons as a behaviour, by the same exponential Euler method; what arrives acts in the next step.

    Reads ``excitation``, ``inhibition`` (n,), what arrives. Writes ``v`` (n,) mV, ``g_e``, ``g_i`` (n,), ``spike``.
    """

    def initialize(self, neurons):
        dt, generator = neurons.network.dt, neurons.generator
        neurons.v = neurons.vector(f"uniform({RESET}, {THRESHOLD})")
        neurons.g_e, neurons.g_i = (
            np.maximum(generator.normal(*start, neurons.size), 0.0) for start in (START_E, START_I)
        )
        neurons.held = neurons.vector(0.0)  # ticks
        self.decay_e, self.decay_i = np.exp(-dt / TAU_E), np.exp(-dt / TAU_I)

    def iteration(self, neurons):
        dt = neurons.network.dt
        total = 1.0 + neurons.g_e + neurons.g_i
        goal = (E_L + DRIVE + neurons.g_e * E_E + neurons.g_i * E_I) / total
        v = goal + (neurons.v - goal) * np.exp(-dt * total / TAU)
        neurons.v = np.where(neurons.held > 0, neurons.v, v)
        neurons.held = np.maximum(neurons.held - 1, 0)
        neurons.spike = (neurons.v > THRESHOLD) & (neurons.held == 0)
        neurons.v[neurons.spike] = RESET
        neurons.held[neurons.spike] = round(T_REF / dt) - 1
        neurons.g_e = neurons.g_e * self.decay_e + neurons.excitation
        neurons.g_i = neurons.g_i * self.decay_i + neurons.inhibition


def mixed(seed: int, inhibition: float = 1.0) -> dict[str, float]:
    """Excitatory neurons in Brian2, inhibitory ones as a behaviour; `inhibition` scales the weight from I to E."""
    fresh_brian2(seed, DT)
    wiring = drawn(seed)
    with Network(dt=DT, seed=seed) as net:
        cells = brian2_cells(N_E)
        within = brian2.Synapses(cells, cells, on_pre=f"g_e += {W_E}", delay=DT * ms)
        within.connect(i=wiring["E", "E"].pre, j=wiring["E", "E"].post)
        e = NeuronGroup(net, cells, tag="E", also=[within], behaviour={9: EventRecorder("spike")})
        i = NeuronGroup(net, size=N_I, tag="I", behaviour={1: Cells(), 9: EventRecorder("spike")})
        for source, target, into, weight in (
            (e, i, "excitation", W_E), (i, i, "inhibition", W_I), (i, e, "g_i", W_I * inhibition),
        ):  # fmt: skip
            matrix = wiring[source.tag, target.tag].matrix(weight)
            SynapseGroup(net, source, target, weight=matrix, delay=DT, into=into)
        net.run(DURATION)
        return summary(Spikes.recorded(e, SKIPPED, DURATION), Spikes.recorded(i, SKIPPED, DURATION))
