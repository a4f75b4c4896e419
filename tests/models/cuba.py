"""Vogels and Abbott's self-sustained network with current-based synapses, whole in NEST and mixed.

    tau dv/dt = (E_L - v) + g_e + g_i,    dg_e/dt = -g_e / tau_e,    dg_i/dt = -g_i / tau_i

T. P. Vogels and L. F. Abbott (2005), J. Neurosci. 25:10786-10795, as benchmark 2 ("CUBA") of R. Brette et al. (2007),
Simulation of networks of spiking neurons, J. Comput. Neurosci. 23:349-398, appendix 2: 4000 neurons, a fifth of them
inhibitory, connected with a probability of 0.02. Nothing drives them but that they rest above the threshold.
"""

from __future__ import annotations

import brian2
import nest
from brian2 import ms
from models.simulators import fresh_simulators
from models.statistics import Spikes, summary
from models.wiring import Drawn

from fusion import EventRecorder, Network, NeuronGroup, SynapseGroup, fixed_probability

FULL = (3200, 800, 0.02)
HALF = (1600, 400, 0.04)
"""Numbers of neurons, and the probability of a synapse: as published, and with as many synapses on half the neurons."""

TAU, TAU_E, TAU_I, T_REF = 20.0, 5.0, 10.0, 5.0  # ms
E_L, THRESHOLD, RESET = -49.0, -50.0, -60.0  # mV
W_E, W_I = 1.62, -9.0  # mV: conductances of 0.27 and 4.5 nS at a mean of -60 mV, over a leak of 10 nS
LEAK = 10.0  # nS, so that 1 mV in the equation above is a current of 10 pA
DT = DELAY = 0.1  # ms

PUBLISHED = 5.61
"""Hz, mean of all neurons over the first second, as ANNarchy's documentation (notebook COBA, 5.0) prints it.

Brette et al. show the activity as a raster alone.
"""

SKIPPED, DURATION = 100.0, 1100.0  # ms


def nest_cells(n: int) -> nest.NodeCollection:
    """Neurons with potentials anywhere between reset and threshold."""
    cells = nest.Create("iaf_psc_exp", n, {
        "C_m": TAU * LEAK, "tau_m": TAU, "tau_syn_ex": TAU_E, "tau_syn_in": TAU_I, "t_ref": T_REF,
        "E_L": E_L, "V_th": THRESHOLD, "V_reset": RESET,
    })  # fmt: skip
    cells.V_m = nest.random.uniform(RESET, THRESHOLD)
    return cells


def drawn(seed: int, size: tuple[int, int, float]) -> Drawn:
    """The synapses."""
    n_e, n_i, p = size
    return Drawn(seed, {"E": n_e, "I": n_i}, dict.fromkeys("EI", fixed_probability(p)))


def pure(
    seed: int, size: tuple[int, int, float] = HALF, skipped: float = SKIPPED, duration: float = DURATION
) -> dict[str, float]:
    """The network in NEST alone."""
    fresh_simulators(seed, DT)
    n_e, n_i, _ = size
    cells, synapses = nest_cells(n_e + n_i), drawn(seed, size)
    part = {"E": cells[:n_e], "I": cells[n_e:]}
    for source, weight in (("E", W_E), ("I", W_I)):
        for target in part:
            synapses[source, target].connect_nest(part[source], part[target], weight * LEAK, DELAY)
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder, syn_spec={"delay": DELAY})
    nest.Simulate(duration)
    t, i = recorder.events["times"], recorder.events["senders"] - cells[0].global_id
    spikes = Spikes.within(t, i, n_e + n_i, skipped, duration)
    return summary(spikes.part(0, n_e), spikes.part(n_e, n_e + n_i))


EQUATIONS = """
dv/dt = (E_L*mV - v + g_e + g_i) / (TAU*ms) : volt (unless refractory)
dg_e/dt = -g_e / (TAU_E*ms) : volt
dg_i/dt = -g_i / (TAU_I*ms) : volt
"""


def brian2_cells(n: int) -> brian2.NeuronGroup:
    """The same neurons in Brian2. NEST holds a neuron for one step longer than Brian2."""
    cells = brian2.NeuronGroup(
        n, EQUATIONS, threshold="v > THRESHOLD*mV", reset="v = RESET*mV", refractory=(T_REF + DT) * ms, method="exact",
        namespace={"E_L": E_L, "TAU": TAU, "TAU_E": TAU_E, "TAU_I": TAU_I, "THRESHOLD": THRESHOLD, "RESET": RESET},
    )  # fmt: skip
    cells.v = "(RESET + rand() * (THRESHOLD - RESET)) * mV"
    return cells


def mixed(seed: int, inhibition: float = 1.0) -> dict[str, float]:
    """Excitatory neurons in NEST, inhibitory ones in Brian2; `inhibition` scales the weight from I to E."""
    fresh_simulators(seed, DT)
    n_e, n_i, _ = HALF
    synapses = drawn(seed, HALF)
    with Network(dt=DT, seed=seed) as net:
        nodes, cells = nest_cells(n_e), brian2_cells(n_i)
        synapses["E", "E"].connect_nest(nodes, nodes, W_E * LEAK, DELAY)
        within = brian2.Synapses(cells, cells, on_pre="g_i += W_I*mV", delay=DELAY * ms, namespace={"W_I": W_I})
        within.connect(i=synapses["I", "I"].pre, j=synapses["I", "I"].post)
        e = NeuronGroup(net, nodes, tag="E", behaviour={9: EventRecorder("spike")})
        i = NeuronGroup(net, cells, tag="I", also=[within], behaviour={9: EventRecorder("spike")})
        SynapseGroup(net, e, i, weight=synapses["E", "I"].matrix(W_E / 1000), delay=DELAY, into="g_e")  # V
        SynapseGroup(net, i, e, weight=synapses["I", "E"].matrix(W_I * inhibition * LEAK), delay=DELAY)
        net.run(DURATION)
        return summary(Spikes.recorded(e, SKIPPED, DURATION), Spikes.recorded(i, SKIPPED, DURATION))
