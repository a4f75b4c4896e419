"""NEST passes, with a model whose current can be read: ``aeif_psc_exp`` without its exponential term."""

import os
import shutil

os.environ.setdefault("PYNEST_QUIET", "1")

import nest
import pytest
from conformance.tiers import OnTier
from fusion_nest import Adapter

from fusion.testing.checks.exact import ExactChecks
from fusion.testing.conformance import Case, Conformance, Lif, NetworkConformance, Tolerance


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

    def quiet(self, n):
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
        return nest.Create(self.model, n, {**lif, **self.params})

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


class ByThePort(OnTier):
    tier = "port"


class ByPyNest(OnTier):
    tier = "public"
    asked = "nest"


UNSUPPORTED = {
    "test_a_slower_clock_steps_at_its_own_ticks_only": "it advances with the network, in each iteration",
    "test_a_snapshot_restored_runs_on_as_if_nothing_had_been": "NEST cannot save the state of its kernel",
}

with_a_compiler = pytest.mark.skipif(
    not any(map(shutil.which, (os.environ.get("CXX", "g++"), "c++"))), reason="no C++ compiler to build the port with"
)


@with_a_compiler
class TestNestByThePort(ByThePort, Conformance):
    case = NestCase()
    unsupported = UNSUPPORTED


@with_a_compiler
class TestNestIntegratesExactlyByThePort(ByThePort, ExactChecks):
    case = ExactNestCase()


@with_a_compiler
class TestNestInNetworksByThePort(ByThePort, NetworkConformance):
    case = NestCase()


class TestNestByPyNest(ByPyNest, Conformance):
    case = NestCase()
    unsupported = UNSUPPORTED


class TestNestIntegratesExactlyByPyNest(ByPyNest, ExactChecks):
    case = ExactNestCase()


class TestNestInNetworksByPyNest(ByPyNest, NetworkConformance):
    case = NestCase()
