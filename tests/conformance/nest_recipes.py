"""NEST's case by recipes alone, which needs no NEST in this process."""

from fusion_nest import Adapter, nodes

from fusion.testing.conformance import Case, Lif, Tolerance

UNSUPPORTED = {
    "test_a_slower_clock_steps_at_its_own_ticks_only": "it advances with the network, in each iteration",
    "test_a_snapshot_restored_runs_on_as_if_nothing_had_been": "NEST cannot save the state of its kernel",
}


class NestRecipeCase(Case):
    """A model whose current can be read, ``aeif_psc_exp`` without its exponential term."""

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
        """Nothing to do: each worker has a kernel of its own."""

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
        return nodes(self.model, n, **self.parameters())

    def noisy(self, n):
        """A model that fires at random, 500 times a second unless it is refractory."""
        return nodes("gif_psc_exp", n, lambda_0=500.0, V_T_star=-70.0, V_reset=-70.0, t_ref=2.0)
