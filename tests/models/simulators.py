"""Simulators with nothing in them, for one seed and one step (ms)."""

from __future__ import annotations

import brian2
import nest
from brian2 import ms


def fresh_simulators(seed: int, dt: float) -> None:
    """Both."""
    fresh_nest(seed, dt)
    fresh_brian2(seed, dt)


def fresh_nest(seed: int, dt: float) -> None:
    """A NEST that says nothing but errors."""
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.resolution, nest.rng_seed = dt, seed


def fresh_brian2(seed: int, dt: float) -> None:
    """A Brian2 that compiles nothing."""
    brian2.start_scope()
    brian2.prefs.codegen.target = "numpy"
    brian2.defaultclock.dt = dt * ms
    brian2.seed(seed)
