"""Modules hang on any object, are found by tag, run with arguments, and keep what they found."""

from __future__ import annotations

import numpy as np
import pytest

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, SynapseGroup
from fusion.analysis import ISI, AnalysisModule, WeightClassification, trains
from fusion.behaviours import PoissonSpikes
from fusion.errors import BelongsElsewhere, InvalidValue, UnknownName
from fusion.testing.toy import ToyNeurons


class Count(AnalysisModule):
    """How many spikes there were, times a factor."""

    def execute(self, owner, *, factor=1, start=0.0):
        return factor * len(list(self.steps(trains(owner, start).t)))


def test_a_module_is_found_by_its_tag_its_class_and_its_base(net, fires):
    cells = fires([1, 2], [0, 0], 1)
    up = SynapseGroup(net, cells, cells, tag="up")
    whole, own, on_synapses = net.attach(Count(tag="all")), cells.attach(Count()), up.attach(WeightClassification())
    assert net["all", 0] is whole
    assert net["Count"] == [whole, own]
    assert cells["Count", 0] is own
    assert up["AnalysisModule"] == [on_synapses]
    assert net["AnalysisModule"] == [whole, own, on_synapses]
    cells.detach(own)
    assert net["Count"] == [whole]


def test_results_are_stored_under_their_arguments_and_the_last_is_at_hand(fires):
    count = fires([2, 4, 8], [0, 1, 0], 2).attach(Count(factor=2))
    assert [count.run(), count.run(start=1.0), count.run(factor=5, name="five"), count.run()] == [6, 4, 15, 6]
    assert count.results == {"start=1.0": 4, "five": 15, "defaults": 6}
    assert count.result == 6
    assert repr(count) == "Count(factor=2)"


def test_long_arguments_need_a_name(fires):
    count = fires([1], [0], 1).attach(Count())
    with pytest.raises(InvalidValue, match="factor: too long for the name of a result; give one with name="):
        count.run(factor=np.arange(100))
    assert len(count.run(factor=np.arange(100), name="many")) == 100


def test_a_bar_shows_how_far_a_loop_is_if_that_is_asked_for(fires, capsys):
    count = fires([2, 4, 8], [0, 1, 0], 2).attach(Count())
    count.run()
    assert capsys.readouterr().err == ""
    count.run(progress=True)
    assert "Count" in capsys.readouterr().err


def test_arguments_that_are_none_are_told_where_they_are_given(fires):
    with pytest.raises(UnknownName, match=r"No argument is named 'begin' in ISI.*There are: start, stop"):
        ISI(begin=3.0)
    with pytest.raises(UnknownName, match="Did you mean 'start'"):
        fires([1], [0], 1).attach(ISI()).run(star=3.0)


def test_a_module_hangs_on_one_object(net, fires):
    cells, module = fires([1], [0], 1), ISI()
    with pytest.raises(BelongsElsewhere, match=r"not attached: write group.attach\(ISI\(\)\)"):
        module.run()
    with pytest.raises(InvalidValue, match="has no result yet: call run"):
        _ = cells.attach(module).result
    with pytest.raises(BelongsElsewhere, match="attached to 'cells' already"):
        net.attach(module)
    with pytest.raises(BelongsElsewhere, match="not attached to 'Network'"):
        net.detach(module)
    with pytest.raises(InvalidValue, match=r"Write ISI\(\)"):
        net.attach(ISI)
    with pytest.raises(InvalidValue, match="needs a key: write add_behaviour"):
        net.attach(EventRecorder("spike"))


def test_what_was_not_recorded_is_told_with_what_to_attach(net):
    cells = NeuronGroup(net, size=2, tag="cells")
    for owner, place in ((cells, "'cells'"), (net, "its groups")):
        with pytest.raises(UnknownName) as told:
            owner.attach(ISI()).run()
        assert told.value.__notes__ == [f"Attach EventRecorder('spike') to {place} before the run."]


def test_runs_do_not_know_of_modules(toy):
    """Windows are as long as before, and synapses with an analysis are not plastic."""

    def windows(analysed):
        with Network(dt=1.0, seed=1) as net:
            foreign = NeuronGroup(net, ToyNeurons(5, dt=1.0), tag="toys", behaviour={9: EventRecorder("spike")})
            native = NeuronGroup(net, size=5, tag="natives")
            link = SynapseGroup(net, native, foreign, weight=1.0, delay=4.0)
            for part in (net, foreign, native, link) if analysed else ():
                part.attach(Count())
            net.simulate(50)
            assert not link.is_plastic
            return net.coupling.window

    assert windows(True) == windows(False) > 1


class Watches(Behaviour):
    """Counts the spikes so far, in every fifth iteration."""

    def initialize(self, neurons):
        self.counted = neurons.network["counted", 0]

    def iteration(self, neurons):
        if neurons.iteration % 5 == 0:
            self.counted.run(name=str(neurons.iteration))


def test_a_behaviour_may_run_an_analysis_of_another_simulators_group(toy):
    with Network(dt=1.0, seed=1) as net:
        source = NeuronGroup(net, size=2, behaviour={1: PoissonSpikes(rate=500.0)})
        foreign = NeuronGroup(net, ToyNeurons(5, dt=1.0), tag="toys", behaviour={9: EventRecorder("spike")})
        SynapseGroup(net, source, foreign, weight=3000.0, delay=4.0)  # pA
        NeuronGroup(net, size=1, tag="watcher", behaviour={10: Watches()})
        counted = foreign.attach(Count(tag="counted"))
        net.simulate(20)
        ticks = foreign["spike", 0][:, 0]
        assert counted.results == {str(k): np.count_nonzero(ticks <= k) for k in (5, 10, 15, 20)}
        assert counted.result > 0


def test_spikes_of_a_network_are_those_of_all_groups_that_were_recorded(net, fires):
    fires([3, 1], [0, 1], 2, tag="one")
    NeuronGroup(net, size=7, tag="unrecorded")
    fires([7, 6], [2, 0], 3, tag="other")
    found = trains(net)
    assert found.size == 5
    np.testing.assert_array_equal(found.t, [0.5, 1.5, 3.0, 3.5])
    np.testing.assert_array_equal(found.i, [1, 0, 2, 4])


def test_a_bin_holds_the_spikes_after_its_beginning_up_to_its_end(fires):
    cells = fires([1, 2, 3, 4, 8], [0, 1, 0, 0, 1], 2)
    found = trains(cells, stop=4.0)
    np.testing.assert_array_equal(found.counts(1.0), [[1, 1], [2, 0], [0, 0], [0, 1]])
    np.testing.assert_array_equal(found.population(2.0), [4, 1])
    np.testing.assert_allclose(found.rate(2.0), [1000.0, 250.0])
    np.testing.assert_array_equal(trains(cells, start=1.0, stop=2.0).t, [1.5, 2.0])
    np.testing.assert_array_equal(trains(cells.subgroup([1])).i, [0, 0])
