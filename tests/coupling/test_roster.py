"""Which simulators are opened for groups, and for which groups one is enough."""

from __future__ import annotations

import pytest

from fusion import Network, NeuronGroup
from fusion.errors import ClockMismatch, InvalidValue, Unsupported
from fusion.testing.toy import ToyNeurons


@pytest.fixture
def closed(toy, monkeypatch):
    """The simulators that were closed."""
    adapters, close = [], toy.close
    monkeypatch.setattr(toy, "close", lambda self: (adapters.append(self), close(self))[1])
    return adapters


def test_groups_of_one_simulator_advance_together(toy):
    net = Network(dt=0.1)
    one, two = (NeuronGroup(net, ToyNeurons(2)) for _ in range(2))
    (participant,) = net._roster.participants
    assert one.adapter is two.adapter is participant.simulator
    assert participant.groups == [one, two]
    assert net._roster.of(one) is net._roster.of(two) is participant


def test_where_a_simulator_takes_one_group_each_has_its_own(slow):
    net = Network(dt=0.1)
    one, two = (NeuronGroup(net, slow(2), tag=tag) for tag in ("one", "two"))
    labels = [participant.label for participant in net._roster.participants]
    assert labels == [f"{one.adapter.name} one", f"{one.adapter.name} two"]
    assert net._roster.of(one).groups == [one]
    assert one.adapter is not two.adapter


def test_a_simulator_whose_first_group_is_refused_is_closed_again(closed):
    net = Network(dt=0.1)
    with pytest.raises(ClockMismatch):
        NeuronGroup(net, ToyNeurons(2, dt=0.5))
    assert len(closed) == 1
    assert net._roster.participants == net.groups == []


def test_a_simulator_with_groups_stays_open_when_another_is_refused(closed):
    net = Network(dt=0.1)
    one = NeuronGroup(net, ToyNeurons(2), at=1.0)
    with pytest.raises(InvalidValue, match="give both the same"):
        NeuronGroup(net, ToyNeurons(2), at=2.0)
    with pytest.raises(Unsupported, match="no slower clock"):
        NeuronGroup(net, ToyNeurons(2), at=1.0, every=0.5)
    assert closed == []
    assert net.groups == net._roster.of(one).groups == [one]
