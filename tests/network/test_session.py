"""A session: simulators stay prepared between the runs within it, and the results are those of one long run."""

from __future__ import annotations

import numpy as np
import pytest

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.adapter import registry
from fusion.errors import BehaviourFailed, InvalidValue, NetworkBroken, NothingToRun
from fusion.testing.toy import ToyAdapter, ToyNeurons


class Ramp(Behaviour):
    def initialize(self, neurons):
        neurons.voltage = neurons.vector()

    def iteration(self, neurons):
        neurons.voltage += neurons.vector("uniform")
        neurons.spike = neurons.voltage > 1.0
        neurons.voltage[neurons.spike] = 0.0


class Fails(Behaviour):
    when: int = 4

    def iteration(self, owner):
        if owner.network.iteration == self.when:
            raise ZeroDivisionError("by hand")


@pytest.fixture
def calls(toy, monkeypatch):
    """What is asked of the toy simulator: "prepare" and "cleanup"."""
    told = []

    class Told(ToyAdapter):
        def prepare(self):
            told.append("prepare")
            super().prepare()

        def cleanup(self):
            told.append("cleanup")
            super().cleanup()

    monkeypatch.setattr(registry, "_registered", {"toy": Told})
    return told


def mixed():
    net = Network(dt=0.1, seed=3)
    cells = NeuronGroup(net, size=5, tag="cells", behaviour={1: Ramp(), 2: Recorder("voltage")})
    toys = NeuronGroup(
        net, ToyNeurons(5, noise_rate=3000.0, noise_weight=900.0), tag="toys", behaviour={2: EventRecorder("spike")}
    )
    SynapseGroup(net, cells, toys, weight=200.0, delay=0.3)
    return net


def recorded(net):
    return net["voltage", 0].tobytes(), net["spike", 0].tobytes()


def test_many_runs_within_it_give_what_one_run_gives_and_prepare_once(calls):
    straight = mixed().simulate(40)
    net = mixed()
    calls.clear()
    with net.session():
        for n in (1, 2, 7, 0, 30):
            net.simulate(n)
            assert calls == ["prepare"]
            assert net.is_running()
    assert calls == ["prepare", "cleanup"]
    assert not net.is_running()
    assert recorded(net) == recorded(straight)
    assert len(net["spike", 0])


def test_behaviours_may_come_and_go_between_its_runs(toy):
    net = mixed()
    with net.session():
        net.simulate(5)
        late = net["toys", 0].add_behaviour(9, Recorder("v"))
        net.simulate(5)
        net["toys", 0].remove_behaviour(late)
        net.simulate(30)
    assert late["v", 0].shape == (5, 5)
    assert recorded(net) == recorded(mixed().simulate(40))


def test_a_failing_run_ends_it_and_what_was_recorded_is_kept(calls):
    net = mixed()
    net["cells", 0].add_behaviour(9, Fails(when=4))
    with pytest.raises(BehaviourFailed), net.session():
        net.simulate(10)
    assert calls[-1] == "cleanup"
    assert len(net["voltage", 0]) == net.iteration == 3
    with pytest.raises(NetworkBroken), net.session():
        net.simulate(1)


def test_its_runs_are_timed_and_what_is_between_them_is_not(toy, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("fusion.coupling.runner.perf_counter", lambda: now[0])

    class Takes(Behaviour):
        def iteration(self, owner):
            now[0] += 1.0

    net = mixed()
    net.add_behaviour(1, Takes())
    with net.session():
        net.simulate(3)
        now[0] += 100.0
        net.simulate(2)
    assert net._runner.seconds == 5.0


def test_sessions_do_not_nest_and_no_group_comes_within_one(toy):
    net = mixed()
    with net.session():
        with pytest.raises(InvalidValue, match="a session cannot begin in a run or in another session"), net.session():
            pass
        assert net.is_running()
        with pytest.raises(InvalidValue, match="or of a session; do it between two runs"):
            NeuronGroup(net, size=1)
        net.simulate(2)
    NeuronGroup(net, size=1)


def test_a_network_in_which_nothing_steps_has_none():
    with pytest.raises(NothingToRun), Network().session():
        pass


def test_variables_that_are_written_between_its_runs_are_seen_by_the_next_one(toy):
    net = mixed()
    net["toys", 0].add_behaviour(3, Recorder("v"))
    with net.session():
        net.simulate(5)
        net["toys", 0].v = np.full(5, -50.0)
        net.simulate(1)
    assert set(range(5)) <= set(net["spike", 0][net["spike", 0][:, 0] == 6, 1])
    assert (net["v", 0][-1] == -65.0).all()
