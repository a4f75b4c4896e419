"""NEST passes the suite, with a neuron whose current can be read: ``aeif_psc_exp`` without its exponential."""

import os

os.environ.setdefault("PYNEST_QUIET", "1")

import nest
from fusion_nest import Adapter

from fusion.testing.conformance import Case, Conformance, Lif, Tolerance

MODEL = {
    "Delta_T": 0.0, "a": 0.0, "b": 0.0, "C_m": 250.0, "g_L": 25.0, "E_L": -70.0, "V_m": -70.0, "V_reset": -70.0,
    "V_peak": -55.0, "V_th": -55.0, "t_ref": 2.0, "tau_syn_ex": 0.5, "tau_syn_in": 0.5, "gsl_error_tol": 1e-12,
}  # fmt: skip


class NestCase(Case):
    adapter = Adapter
    spike_input, arrived = "spikes", "I_syn_ex"
    nudge, kick, recovery = 100.0, 15000.0, 300
    state, shift = "V_m", 5.0
    sample_input = sample_seen = "I_e"
    sample, drive = 50.0, 500.0
    lif = Lif(tau_m=10.0, tau_syn=0.5, e_l=-70.0, threshold=-55.0, reset=-70.0, capacitance=250.0, refractory=20)
    tolerance = Tolerance(1e-9, "the solver of NEST's adaptive models is asked for 1e-12 in each step, over 500 steps")

    def reset(self):
        nest.ResetKernel()
        nest.verbosity = nest.VerbosityLevel.ERROR

    def quiet(self, n):
        return nest.Create("aeif_psc_exp", n, MODEL)

    def noisy(self, n):
        nodes = self.quiet(n)
        for rate, weight in ((3000.0, 1200.0), (2000.0, -400.0)):
            noise = nest.Create("poisson_generator", 1, {"rate": rate})
            nest.Connect(noise, nodes, syn_spec={"weight": weight, "delay": self.dt})
        return nodes

    def wrong_dt(self):
        nest.resolution = 2 * self.dt
        return self.quiet(2)

    def synapses(self, source, target, weights, delays):
        nest.Connect(source, target, "one_to_one", {"weight": weights, "delay": delays})
        return nest.GetConnections(source, target)

    def sabotage(self, source):
        nest.Cleanup()


class TestNest(Conformance):
    case = NestCase()
    unsupported = {  # noqa: RUF012 - the suite declares it
        "test_a_snapshot_restored_runs_on_as_if_nothing_had_been": "NEST cannot save the state of its kernel",
        "test_a_slower_clock_steps_at_its_own_ticks_only": "NEST computes each step of its resolution",
    }
