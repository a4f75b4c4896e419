"""NEST's case: a model whose current can be read, ``aeif_psc_exp`` without its exponential term."""

import os

os.environ.setdefault("PYNEST_QUIET", "1")

import nest
from fusion_nest import Adapter

from fusion.testing.conformance import Case, Lif, Tolerance


class NestCase(Case):
    adapter = Adapter
    spike_input, arrived = "spikes", "I_syn_ex"
    nudge, kick, recovery = 100.0, 15000.0, 150
    state, shift = "V_m", 5.0
    sample_input = sample_seen = "I_e"
    sample, drive = 50.0, 1000.0
    lif = Lif(tau_m=10.0, tau_syn=0.5, e_l=-70.0, threshold=-55.0, reset=-70.0, capacitance=250.0, refractory=20)
    tolerance = Tolerance(1e-9, "the solver of NEST's adaptive models may be 1e-12 mV off in each of 500 steps")

    model = "aeif_psc_exp"
    params = {
        "Delta_T": 0.0,
        "a": 0.0,
        "b": 0.0,
        "g_L": 25.0,
        "V_peak": -55.0,
        "gsl_error_tol": 1e-12,
    }

    def reset(self):
        nest.ResetKernel()
        nest.verbosity = nest.VerbosityLevel.ERROR

    def parameters(self):
        """Of the neurons, as ``nest.Create`` takes them."""
        lif = {
            "C_m": 250.0,
            "E_L": -70.0,
            "V_m": -70.0,
            "V_th": -55.0,
            "V_reset": -70.0,
            "t_ref": 2.0,
            "tau_syn_ex": 0.5,
            "tau_syn_in": 0.5,
        }
        return {**lif, **self.params}

    def quiet(self, n):
        return nest.Create(self.model, n, self.parameters())

    def noisy(self, n):
        """With two devices that draw, so that the order of drawing would show."""
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


class ExactNestCase(NestCase):
    """NEST's own exact integration."""

    model, params = "iaf_psc_exp", {"tau_m": 10.0}
    tolerance = Tolerance(1e-11, "each of 500 steps rounds by about 1e-14 mV")
