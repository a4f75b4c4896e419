"""Units with a rate: the solution of the equation, the fixed points of networks."""

from __future__ import annotations

import numpy as np
import pytest

from fusion import Network, NeuronGroup, SynapseGroup
from fusion.behaviours import RateUnits
from fusion.errors import InvalidValue, UnknownName, Unsupported


def network(units, size, weights=None, *, dt=0.1, dtype="float64"):
    """A group, connected to itself by its rates."""
    net = Network(dt=dt, seed=1, dtype=dtype)
    cells = NeuronGroup(net, size=size, tag="cells", behaviour={1: units})
    if weights is not None:
        SynapseGroup(net, cells, cells, signal="rate", weight=weights, delay=dt, into="current")
    return net, cells


@pytest.mark.parametrize("dt", [0.1, 5.0, 50.0])
def test_it_relaxes_exactly_whatever_the_dt(dt):
    net, cells = network(RateUnits(tau=[5.0, 20.0], initial=3.0, bias=2.0, theta=0.5), 2, dt=dt)
    net.run(100.0)
    expected = 1.5 + 1.5 * np.exp(-100.0 / np.array([5.0, 20.0]))
    np.testing.assert_allclose(cells.rate, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("linear", lambda x: x),
        ("relu", lambda x: np.maximum(x, 0)),
        ("sigmoid", lambda x: 1 / (1 + np.exp(-x))),
        ("tanh", np.tanh),
    ],
)
def test_it_comes_to_rest_at_the_function_of_its_input(name, function):
    bias = np.linspace(-3.0, 3.0, 7)
    net, cells = network(RateUnits(tau=1.0, gain=2.0, theta=0.5, bias=bias, transfer=name), 7)
    net.run(100.0)
    np.testing.assert_allclose(cells.rate, function(2.0 * (bias - 0.5)), rtol=0, atol=1e-12)


def test_a_linear_network_comes_to_the_solution_of_its_equations():
    rng = np.random.default_rng(2)
    weights, bias = rng.normal(0.0, 0.4 / np.sqrt(30), (30, 30)), rng.normal(0.0, 1.0, 30)
    net, cells = network(RateUnits(bias=bias, transfer="linear"), 30, weights)
    net.run(1000.0)
    np.testing.assert_allclose(cells.rate, np.linalg.solve(np.eye(30) - weights, bias), rtol=0, atol=1e-9)


def test_excitation_and_inhibition_oscillate_where_wilson_and_cowan_say_so():
    """A focus that is not stable: the trace of the Jacobian is positive, and the rates stay bounded."""
    weights = np.array([[16.0, -12.0], [15.0, -3.0]])
    net, cells = network(RateUnits(gain=[1.3, 2.0], theta=[4.0, 3.7], bias=[1.25, 0.0], transfer="sigmoid"), 2, weights)
    seen = []
    for _ in range(300):
        net.run(2.0)
        seen.append(cells.rate.copy())
    late = np.array(seen[150:])
    assert np.ptp(late, axis=0).min() > 0.1
    assert late.min() > 0.0
    assert late.max() < 1.0


def test_it_computes_in_the_type_of_the_network():
    net, cells = network(RateUnits(tau=[1.0, 2.0], transfer="sigmoid"), 2, np.eye(2), dtype="float32")
    net.run(10.0)
    assert cells.rate.dtype == np.float32


def test_what_makes_no_unit_is_refused():
    with pytest.raises(InvalidValue, match=r"RateUnits\.tau is -1\.0; it must be positive"):
        network(RateUnits(tau=-1.0), 2)[0].build()
    with pytest.raises(UnknownName, match="Did you mean 'sigmoid'"):
        network(RateUnits(transfer="sigmoidal"), 2)[0].build()
    net, cells = network(RateUnits(), 2)
    SynapseGroup(net, cells, cells, tag="synapses", behaviour={1: RateUnits()})
    with pytest.raises(Unsupported, match="'synapses' is none"):
        net.build()
