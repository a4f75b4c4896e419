"""Simulators as a new script finds them, and small populations of each."""

from __future__ import annotations

import os

os.environ.setdefault("PYNEST_QUIET", "1")

import brian2
import nest
import pytest

from fusion import Network, NeuronGroup

DT = 0.1  # ms


@pytest.fixture(autouse=True)
def _fresh_simulators():
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    brian2.start_scope()
    brian2.prefs.codegen.target = "numpy"


@pytest.fixture
def net():
    with Network(dt=DT, seed=1) as network:
        yield network


def brian2_cells(n=3, **options):
    equations = "dv/dt = (-70*mV - v)/(10*ms) + current/(250*pF) : volt\ndcurrent/dt = -current/(5*ms) : amp"
    return brian2.NeuronGroup(n, equations, threshold="v > -50*mV", reset="v = -70*mV", method="exact", **options)


@pytest.fixture
def make():
    """``make("nest", n)`` is an object of that simulator, as a user has it."""
    kinds = {"nest": lambda n: nest.Create("iaf_psc_exp", n), "brian2": brian2_cells}
    return lambda simulator, n=3: kinds[simulator](n)


@pytest.fixture
def mixed(net, make):
    """A native group of 2, NEST nodes and Brian2 cells of 3 each, by these names."""
    return {
        "native": NeuronGroup(net, size=2, tag="native"),
        "nest": NeuronGroup(net, make("nest"), tag="cortex"),
        "brian2": NeuronGroup(net, make("brian2"), tag="thalamus"),
    }
