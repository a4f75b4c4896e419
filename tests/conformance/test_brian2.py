"""Brian2 passes on both tiers, with the equations of the toy and NumPy as its code generation target."""

import brian2
import numpy as np
from brian2 import ms, mV, pA, pF
from conformance.tiers import OnTier
from fusion_brian2 import Adapter

from fusion.testing.conformance import Case, Conformance, Lif, NetworkConformance, Tolerance

CELLS = """
dv/dt = -(v - E_L) / tau_m + (current + drive) / C : volt (unless refractory)
dcurrent/dt = -current / tau_syn : amp
drive : amp
"""
NOISE = "dv/dt = -v / (10*ms) + 2.0 * xi * (10*ms)**-0.5 : 1"


class Brian2Case(Case):
    """Units are SI: amperes and volts."""

    adapter = Adapter
    spike_input = arrived = "current"
    nudge, kick, recovery = 100e-12, 15000e-12, 150
    state, shift = "v", 5e-3
    sample_input = sample_seen = "drive"
    sample, drive = 50e-12, 1000e-12
    lif = Lif(tau_m=10.0, tau_syn=0.5, e_l=-70.0, threshold=-55.0, reset=-70.0, capacitance=250.0, refractory=20)
    tolerance = Tolerance(1e-14, "each of 500 steps rounds by about 1e-17 V")
    namespace = {"E_L": -70 * mV, "tau_m": 10 * ms, "tau_syn": 0.5 * ms, "C": 250 * pF}

    def reset(self):
        brian2.start_scope()
        brian2.prefs.codegen.target = "numpy"
        brian2.defaultclock.dt = self.dt * ms

    def quiet(self, n, dt=None):
        cells = brian2.NeuronGroup(
            n,
            CELLS,
            threshold="v >= -55*mV",
            reset="v = -70*mV",
            # NEST's rule, and the toy's: held for 20 whole steps after the step of the spike.
            refractory="int((t - lastspike) / dt + 0.5) <= 20",
            method="exact",
            namespace=self.namespace,
            dt=dt,
        )
        cells.v = -70 * mV
        return cells

    def noisy(self, n):
        return brian2.NeuronGroup(n, NOISE, threshold="v > 1", reset="v = 0", method="euler", namespace={})

    def wrong_dt(self):
        return self.quiet(2, dt=2 * self.dt * ms)

    def synapses(self, source, target, weights, delays):
        synapses = brian2.Synapses(source, target, "w : amp", on_pre="current_post += w")
        synapses.connect(i=np.arange(len(source)), j=np.arange(len(target)))
        synapses.w = weights * 1e12 * pA
        synapses.delay = delays * ms
        return synapses

    def sabotage(self, source):
        brian2.stop()


class Bound(OnTier):
    tier = "bound"


class Public(OnTier):
    tier = "public"


UNSUPPORTED = {
    "test_a_slower_clock_steps_at_its_own_ticks_only": "it advances with the network, in each iteration",
    "test_a_snapshot_restored_runs_on_as_if_nothing_had_been": "snapshots come with a later issue",
}


class TestBrian2(Bound, Conformance):
    case = Brian2Case()
    unsupported = UNSUPPORTED


class TestPublicBrian2(Public, Conformance):
    case = Brian2Case()
    unsupported = UNSUPPORTED


class TestBrian2InNetworks(Bound, NetworkConformance):
    case = Brian2Case()


class TestPublicBrian2InNetworks(Public, NetworkConformance):
    case = Brian2Case()
