"""Equations in the style of the paper: Clock, Variable, Equation."""

from __future__ import annotations

import numpy as np
import pytest

from fusion import Behaviour, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.behaviours import Clock, Delivery, Equation, Variable
from fusion.errors import BuildFailed, ClockMismatch, InvalidValue, UnknownName, Unsupported


def network(*behaviours, dt=0.1):
    net = Network(dt=dt)
    return net, NeuronGroup(net, size=2, tag="cells", behaviour=dict(enumerate(behaviours, start=1)))


def test_equations_of_a_group_are_one_system_that_sees_old_values():
    """Euler: v' = w, w' = -v, by hand."""
    net, cells = network(
        Clock("0.1*ms"), Variable("v = 1*mV"), Variable("w = 0*mV"), Equation("dv/dt = w/ms"),
        Equation("dw/dt = -v/ms"), Recorder("t"),
    )  # fmt: skip
    net.simulate(20)
    v, w = 1.0, 0.0
    for _ in range(20):
        v, w = v + 0.1 * w, w - 0.1 * v
    assert cells.v == pytest.approx([v, v], rel=1e-12)
    assert cells.w == pytest.approx([w, w], rel=1e-12)
    assert np.allclose(net["t", 0], np.arange(1, 21) * 0.1)
    assert [cells.unit(name) for name in ("v", "t")] == ["mV", "ms"]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (network(Clock("1*ms"))[0].build, ClockMismatch, r"Write Network\(dt=1\)"),
        (lambda: Clock("often"), InvalidValue, "'often' is no quantity"),
        (lambda: Variable("1*mV"), InvalidValue, "write a name and a value"),
        (lambda: Equation("v = 1*mV"), InvalidValue, "write 'dv/dt = ...'"),
        (network(Variable("u = 1*mV"), Equation("dv/dt = -v/ms"))[0].build, UnknownName, "Variable is named 'v'"),
    ],
)  # fmt: skip
def test_a_wrong_use_is_told(make, error, message):
    with pytest.raises(error, match=message):
        make()


class Idle(Behaviour):
    def iteration(self, neurons):
        pass


@pytest.mark.parametrize(
    "make", [lambda: Clock("0.1*ms"), lambda: Variable("v = 1"), lambda: Equation("dv/dt = -v/ms")]
)
def test_they_are_for_neurons(make):
    net, cells = network(Idle())
    synapses = SynapseGroup(net, cells, cells, tag="synapses", behaviour={1: make()})
    with pytest.raises(Unsupported, match="is for native neuron groups"):
        net.build()
    assert synapses.behaviours


def test_delivery_is_for_neurons():
    net, _ = network(Idle())
    net.add_behaviour(1, Delivery())
    with pytest.raises(BuildFailed, match="Delivery belongs on neurons; 'Network' has none"):
        net.build()
