"""NEST's case in this process, with the user's own nodes."""

import os

os.environ.setdefault("PYNEST_QUIET", "1")

import nest
from conformance import saboteurs
from conformance.nest_recipes import NestRecipeCase

from fusion.testing.conformance import Tolerance


class NestCase(NestRecipeCase):
    """Nodes of this process."""

    def reset(self):
        nest.ResetKernel()
        nest.verbosity = nest.VerbosityLevel.ERROR

    def quiet(self, n):
        return nest.Create(self.model, n, self.parameters())

    def noisy(self, n):
        return saboteurs.nest_noisy(n, self.model, self.parameters(), self.dt)

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
