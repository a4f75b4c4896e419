"""One simulator in the schedule; the toy takes its part."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from fusion import Behaviour, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.errors import BehaviourFailed, FusionError, NetworkBroken, SimulatorFailed, Unsupported
from fusion.testing.toy import ToyAdapter, ToyNeurons

pytestmark = pytest.mark.usefixtures("toy")


@pytest.fixture
def net():
    return Network(dt=0.1, seed=1)


def calls(monkeypatch, *names):
    """What is called on the adapter, in order."""
    log = []
    for name in names:
        method = getattr(ToyAdapter, name)

        def noted(self, *args, _name=name, _method=method):
            log.append((_name, *args[:1]) if _name == "advance" else (_name,))
            return _method(self, *args)

        monkeypatch.setattr(ToyAdapter, name, noted)
    return log


def test_each_run_prepares_advances_tick_by_tick_and_cleans_up(net, monkeypatch):
    log = calls(monkeypatch, "prepare", "advance", "cleanup")
    NeuronGroup(net, ToyNeurons(1))
    net.simulate(2)
    net.simulate(1)
    assert log == [
        ("prepare",),
        ("advance", 1),
        ("advance", 2),
        ("cleanup",),
        ("prepare",),
        ("advance", 3),
        ("cleanup",),
    ]


def test_a_simulator_that_raises_is_named_with_its_last_tick(toy, monkeypatch):
    net = Network(dt=0.1, window=1)
    cells = NeuronGroup(net, ToyNeurons(1), tag="cells", behaviour={1: Recorder("v")})

    def fails(self, until):
        if until == 4:
            raise ValueError("singular matrix")
        advance(self, until)

    advance = ToyAdapter.advance
    monkeypatch.setattr(ToyAdapter, "advance", fails)
    with pytest.raises(SimulatorFailed, match="toy failed after tick 3: ValueError: singular matrix") as caught:
        net.simulate(10)
    assert (caught.value.simulator, caught.value.tick) == ("toy", 3)
    assert isinstance(caught.value.__cause__, ValueError)
    # What was recorded is kept, the simulator is the user's again.
    assert net["v", 0].shape == (3, 1)
    assert net.iteration == 3
    assert not net.is_running()
    cells.tau_m = 5.0
    with pytest.raises(NetworkBroken):
        net.simulate(1)


def test_an_error_of_ours_passes_as_it_is(net, monkeypatch):
    NeuronGroup(net, ToyNeurons(1))
    monkeypatch.setattr(ToyAdapter, "advance", lambda self, until: (_ for _ in ()).throw(Unsupported("not today")))
    with pytest.raises(Unsupported, match="not today"):
        net.simulate(1)


@pytest.mark.parametrize("moment", ["prepare", "cleanup"])
def test_an_error_while_preparing_or_cleaning_up_reaches_the_user(net, monkeypatch, moment):
    NeuronGroup(net, ToyNeurons(1))

    def fails(self):
        raise RuntimeError("on purpose")

    monkeypatch.setattr(ToyAdapter, moment, fails)
    with pytest.raises((RuntimeError, FusionError), match="on purpose"):
        net.simulate(1)
    assert not net.is_running()


def test_a_simulator_that_cannot_be_cleaned_up_does_not_hide_the_first_error(net, monkeypatch, caplog):
    class Fails(Behaviour):
        def iteration(self, neurons):
            raise ZeroDivisionError("the first")

    def cannot(self):
        raise RuntimeError("the second")

    NeuronGroup(net, ToyNeurons(1), behaviour={1: Fails()})
    monkeypatch.setattr(ToyAdapter, "cleanup", cannot)
    with caplog.at_level(logging.ERROR, "fusion"), pytest.raises(BehaviourFailed, match="the first"):
        net.simulate(1)
    assert "the second" in caplog.text


def test_every_simulator_is_cleaned_up_whoever_failed(net, monkeypatch, noticing):
    log = calls(monkeypatch, "cleanup")
    NeuronGroup(net, ToyNeurons(1))
    NeuronGroup(net, noticing()(1))

    def fails(self, until):
        raise RuntimeError("on purpose")

    monkeypatch.setattr(ToyAdapter, "advance", fails)
    with pytest.raises(SimulatorFailed):
        net.simulate(1)
    assert log == [("cleanup",)] * 2


def test_groups_of_one_simulator_advance_together(net, monkeypatch):
    log = calls(monkeypatch, "advance")
    for _ in range(3):
        NeuronGroup(net, ToyNeurons(1))
    net.simulate(2)
    assert log == [("advance", 1), ("advance", 2)]
    assert [p.participant for p in net.coupling.participants] == ["toy", "native and exchange"]


def test_two_networks_have_a_simulator_each(net):
    a = NeuronGroup(net, ToyNeurons(1))
    b = NeuronGroup(Network(dt=0.1), ToyNeurons(1))
    assert a.adapter is not b.adapter
    a.v = b.v = -60.0
    net.simulate(10)
    assert b.v[0] == -60.0


def test_spikes_of_a_native_group_reach_a_simulator_at_the_end_of_tick_k_plus_d(net, plays):
    source = NeuronGroup(net, size=3, behaviour={1: plays(at={2: [0, 2]})})
    cells = NeuronGroup(net, ToyNeurons(2), behaviour={9: Recorder("current")})
    SynapseGroup(net, source, cells, weight=np.array([[1.0, 2.0, 4.0], [8.0, 16.0, 32.0]]), delay=0.3)
    net.simulate(6)
    fade = np.exp(-0.1 / 2.0)
    np.testing.assert_allclose(net["current", 0][3:], [[0, 0], [5, 40], [5 * fade, 40 * fade]], rtol=1e-15)


def test_spikes_of_a_simulator_reach_a_native_group_when_iteration_k_plus_d_begins(net, sees):
    cells = NeuronGroup(net, ToyNeurons(2))
    target = NeuronGroup(net, size=1, behaviour={-5: sees()})
    SynapseGroup(net, cells, target, weight=np.array([[1.0, 10.0]]), delay=0.2)
    cells.drive = [0.0, 1e5]
    net.simulate(4)
    assert [row[0] for row in target.behaviours[-5].rows] == [0.0, 0.0, 10.0, 0.0]


def test_samples_of_a_native_group_stand_in_a_simulators_input(net):
    class Rises(Behaviour):
        def initialize(self, neurons):
            neurons.level = neurons.vector()

        def iteration(self, neurons):
            neurons.level += [1.0, 2.0]

    source = NeuronGroup(net, size=2, behaviour={1: Rises()})
    cells = NeuronGroup(net, ToyNeurons(2), behaviour={9: Recorder("drive")})
    SynapseGroup(net, source, cells, signal="level", into="drive", delay=0.2)
    net.simulate(5)
    assert net["drive", 0].tolist() == [[0, 0], [0, 0], [1, 2], [2, 4], [3, 6]]


def test_a_variable_of_a_simulator_is_a_signal(net, sees):
    cells = NeuronGroup(net, ToyNeurons(1), behaviour={9: Recorder("v")})
    target = NeuronGroup(net, size=1, behaviour={1: sees()})
    SynapseGroup(net, cells, target, signal="v")
    cells.v = -60.0
    net.simulate(5)
    np.testing.assert_array_equal(target.behaviours[1].rows[1:], net["v", 0][:-1])


def test_a_group_asks_nothing_of_a_simulator_between_runs(net):
    cells = NeuronGroup(net, ToyNeurons(3))
    cells.drive = [1e5, 0.0, 0.0]
    net.simulate(1)
    assert cells.spikes.tolist() == [0]
    assert cells.spike.tolist() == [True, False, False]
    net.simulate(1)
    assert cells.spikes.tolist() == []
