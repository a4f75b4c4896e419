"""The toy passes: what it shows is what the contract means."""

import pytest
from conformance.needs import ADOPTED_SYNAPSES, IN_NETWORKS, STAND_INS

from fusion.adapter.base import GroupSpec
from fusion.core.clock import Clock
from fusion.errors import BelongsElsewhere, ClockMismatch, SimulatorFailed
from fusion.testing.conformance import Conformance, NetworkConformance
from fusion.testing.toy import ToyAdapter, ToyNeurons, ToySynapses
from fusion.testing.toy_case import ToyCase, ToyRecipeCase

OUT_OF_REACH = "nobody but the adapter holds the objects that a recipe makes"


class TestToy(Conformance):
    case = ToyCase()
    unsupported = {
        "test_a_slower_clock_steps_at_its_own_ticks_only": "it advances with the network, in each iteration",
    }


class TestToyInNetworks(NetworkConformance):
    case = ToyCase()


class TestToyByRecipe(Conformance):
    case = ToyRecipeCase()
    unsupported = TestToy.unsupported | dict.fromkeys(
        (*STAND_INS, *ADOPTED_SYNAPSES, "test_an_exception_inside_advance_leaves_it_closable"), OUT_OF_REACH
    )
    unsupported["test_an_object_is_taken_once"] = "a recipe makes another object each time"


class TestToyByRecipeInNetworks(NetworkConformance):
    case = ToyRecipeCase()
    unsupported = dict.fromkeys(IN_NETWORKS, OUT_OF_REACH)


@pytest.fixture
def adapter():
    adapter = ToyAdapter()
    adapter.open(Clock(0.1), seed=1)
    yield adapter
    adapter.close()


def test_the_toy_runs_only_when_it_is_prepared(adapter):
    adapter.create(ToyNeurons(2), GroupSpec("cells"))
    with pytest.raises(SimulatorFailed, match=r"call prepare\(\) before advance"):
        adapter.advance(1)


def test_another_dt_is_answered_with_the_line_to_write(adapter):
    with pytest.raises(ClockMismatch, match=r"'cells'.*0\.5 ms.*Write ToyNeurons\(2, dt=0\.1\)"):
        adapter.create(ToyNeurons(2, dt=0.5), GroupSpec("cells"))


def test_synapses_to_neurons_that_nobody_wrapped_are_an_error(adapter):
    inside, forgotten = ToyNeurons(2), ToyNeurons(2)
    adapter.create(inside, GroupSpec("cells"))
    ToySynapses(inside, forgotten, [0], [1], 10.0)
    with pytest.raises(BelongsElsewhere, match="Wrap them"):
        adapter.prepare()


def test_synapses_are_adopted_between_their_own_ends_only(adapter):
    groups = ToyNeurons(2), ToyNeurons(2)
    first, second = (adapter.create(group, GroupSpec("cells")) for group in groups)
    with pytest.raises(BelongsElsewhere, match="another group"):
        adapter.connect(ToySynapses(*groups, [0], [1], 10.0), second, first)


def test_the_shortest_delay_is_a_step():
    with pytest.raises(ValueError, match=r"at least 0\.1 ms"):
        ToySynapses(ToyNeurons(1), ToyNeurons(1), [0], [0], 10.0, delay=0.0)


def test_a_time_constant_changed_between_runs_takes_effect(adapter):
    cells = ToyNeurons(1)
    handle = adapter.create(cells, GroupSpec("cells"))
    adapter.write(handle, "v", -60.0)
    adapter.write(handle, "tau_m", 1e9)
    adapter.prepare()
    adapter.advance(50)
    # With such a time constant 5 ms change nothing that could be seen.
    assert adapter.read(handle, "v") == pytest.approx(-60.0, abs=1e-6)
