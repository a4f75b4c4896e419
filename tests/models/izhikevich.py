"""Izhikevich's network of 1000 cortical neurons, as the program of the paper computes it, as behaviours, and mixed.

    v' = 0.04 v^2 + 5 v + 140 - u + I,    u' = a (b v - u),    v >= 30 mV: spike, v = c, u = u + d

E. M. Izhikevich (2003), Simple model of spiking neurons, IEEE Trans. Neural Netw. 14:1569-1572: figure 3 and the
program beside it. 800 excitatory and 200 inhibitory neurons differ by random r, each is connected to each, and each
gets noise. A step is 1 ms, in which v takes two steps of 0.5 ms; a spike acts in the next step.
"""

from __future__ import annotations

import nest
import numpy as np
from models.simulators import fresh_nest
from models.statistics import Spikes, summary

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, SynapseGroup
from fusion.behaviours import Izhikevich

N_E, N_I = 800, 200
E, I = slice(0, N_E), slice(N_E, N_E + N_I)  # noqa: E741 - the names of the two populations
PEAK, START = 30.0, -65.0  # mV
NOISE_E, NOISE_I = 5.0, 2.0  # standard deviations of the thalamic input

PUBLISHED = 8.0
"""Hz: the mean rate is "around 8 Hz". Figure 3 shows bouts of a rhythm of about 10 Hz, and of about 40 Hz."""

SKIPPED, DURATION = 200.0, 2000.0  # ms


class Drawn:
    """Parameters of all neurons, and the weights (target, source), mV."""

    def __init__(self, seed: int):
        generator = np.random.default_rng(seed)
        r_e, r_i = generator.random(N_E), generator.random(N_I)
        self.a = np.concatenate([np.full(N_E, 0.02), 0.02 + 0.08 * r_i])
        self.b = np.concatenate([np.full(N_E, 0.2), 0.25 - 0.05 * r_i])
        self.c = np.concatenate([-65.0 + 15.0 * r_e**2, np.full(N_I, -65.0)])
        self.d = np.concatenate([8.0 - 6.0 * r_e**2, np.full(N_I, 2.0)])
        self.weights = generator.random((N_E + N_I, N_E + N_I))
        self.weights[:, E] *= 0.5
        self.weights[:, I] *= -1.0


def moved(v, u, current, a, b):
    """(v, u) after a step of 1 ms."""
    for _ in range(2):
        v = v + 0.5 * (0.04 * v**2 + 5.0 * v + 140.0 - u + current)
    return v, u + a * (b * v - u)


def simulated(seed: int, duration: float = DURATION) -> Spikes:
    """The program of the paper, in NumPy."""
    drawn, generator = Drawn(seed), np.random.default_rng([seed, 1])
    noise = np.repeat([NOISE_E, NOISE_I], [N_E, N_I])
    v = np.full(N_E + N_I, START)
    u, t, i = drawn.b * v, [], []
    for tick in range(1, round(duration) + 1):
        fired = np.flatnonzero(v >= PEAK)
        t.append(np.full(len(fired), tick - 1.0))
        i.append(fired)
        v[fired] = drawn.c[fired]
        u[fired] += drawn.d[fired]
        current = noise * generator.standard_normal(len(v)) + drawn.weights[:, fired].sum(axis=1)
        v, u = moved(v, u, current, drawn.a, drawn.b)
    return Spikes.within(np.concatenate(t), np.concatenate(i), N_E + N_I, SKIPPED, duration)


def pure(seed: int) -> dict[str, float]:
    """The whole network in NumPy alone."""
    spikes = simulated(seed)
    return summary(spikes.part(0, N_E), spikes.part(N_E, N_E + N_I))


def nest_cells(drawn: Drawn, seed: int) -> nest.NodeCollection:
    """The excitatory neurons, their noise and the synapses between them. NEST knows the paper's way of computing."""
    fresh_nest(seed, 1.0)
    cells = nest.Create("izhikevich", N_E, {
        "a": drawn.a[E], "b": drawn.b[E], "c": drawn.c[E], "d": drawn.d[E], "V_th": PEAK, "V_m": START,
        "U_m": drawn.b[E] * START, "consistent_integration": False,
    })  # fmt: skip
    noise = nest.Create("noise_generator", 1, {"std": NOISE_E, "dt": 1.0})
    nest.Connect(noise, cells, syn_spec={"delay": 1.0})
    nest.Connect(cells, cells, "all_to_all", {"weight": drawn.weights[E, E], "delay": 1.0})
    return cells


class Noise(Behaviour):
    """The thalamic input: adds white noise to ``current`` (n,) mV/ms."""

    sigma: float

    def iteration(self, neurons):
        neurons.current += self.sigma * neurons.generator.standard_normal(neurons.size)


def cells_of(drawn: Drawn, part: slice) -> Izhikevich:
    """The model, with the parameters of some neurons."""
    return Izhikevich(a=drawn.a[part], b=drawn.b[part], c=drawn.c[part], d=drawn.d[part], initial=START)


def native(seed: int, duration: float = DURATION) -> Spikes:
    """The whole network as behaviours."""
    drawn, everybody = Drawn(seed), slice(None)
    net = Network(dt=1.0, seed=seed)
    noise = Noise(sigma=np.repeat([NOISE_E, NOISE_I], [N_E, N_I]))
    step = cells_of(drawn, everybody)
    cells = NeuronGroup(net, size=N_E + N_I, behaviour={1: noise, 2: step, 9: EventRecorder("spike")})
    SynapseGroup(net, cells, cells, weight=drawn.weights, delay=1.0, into="current")
    net.run(duration)
    return Spikes.recorded(cells, SKIPPED, duration)


def mixed(seed: int, inhibition: float = 1.0, excitation: float = 1.0, duration: float = DURATION) -> dict[str, float]:
    """Excitatory neurons in NEST, inhibitory ones as a behaviour.

    `inhibition` scales the weights from I to E, `excitation` those from E to I.
    """
    drawn = Drawn(seed)
    with Network(dt=1.0, seed=seed) as net:
        # A delay of one step lets NEST wait for I within the iteration, so what looks at NEST comes later still.
        e = NeuronGroup(net, nest_cells(drawn, seed), tag="E", behaviour={10: EventRecorder("spike")})
        behaviour = {1: Noise(sigma=NOISE_I), 2: cells_of(drawn, I), 9: EventRecorder("spike")}
        i = NeuronGroup(net, size=N_I, tag="I", behaviour=behaviour)
        SynapseGroup(net, e, i, weight=drawn.weights[I, E] * excitation, delay=1.0, into="current")
        SynapseGroup(net, i, i, weight=drawn.weights[I, I], delay=1.0, into="current")
        SynapseGroup(net, i, e, weight=drawn.weights[E, I] * inhibition, delay=1.0)
        net.run(duration)
        return summary(Spikes.recorded(e, SKIPPED, duration), Spikes.recorded(i, SKIPPED, duration))
