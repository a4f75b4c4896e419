"""Behaviours under keys: attached, removed, enabled and disabled."""

from __future__ import annotations

import numpy as np
import pytest

from fusion import Behaviour, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.core.parts import unit_of
from fusion.errors import BelongsElsewhere, InvalidValue, ShapeMismatch


class Counts(Behaviour):
    weight: float = 1.0

    def initialize(self, owner):
        self.initialized = getattr(self, "initialized", 0) + 1
        self.seen = []

    def iteration(self, owner):
        self.seen.append(owner.network.iteration)


class Special(Counts):
    pass


@pytest.fixture
def net():
    return Network(seed=2)


@pytest.fixture
def cells(net):
    return NeuronGroup(net, size=3, tag="cells", behaviour={0: Counts(tag="steady")})


def test_behaviours_hang_on_networks_neurons_and_synapses():
    net = Network(behaviour={1: Counts()})
    cells = NeuronGroup(net, size=2, behaviour={1: Counts()})
    synapses = SynapseGroup(net, cells, cells, behaviour={1: Counts()})
    net.simulate(2)
    for part in (net, cells, synapses):
        assert part.behaviours[1].owner is part
        assert part.behaviours[1].seen == [1, 2]


@pytest.mark.parametrize("key", [3, -1, 0.5, -2.25, np.float64(1.5), np.int32(7)])
def test_a_key_is_any_number(net, cells, key):
    behaviour = cells.add_behaviour(key, Counts())
    assert cells.behaviours[key] is behaviour
    net.simulate(1)
    assert behaviour.seen == [1]


@pytest.mark.parametrize("key", ["1", None, True, np.nan, np.inf, 1j, np.complex64(1), (1,)])
def test_what_is_no_number_is_no_key(cells, key):
    with pytest.raises(InvalidValue, match="is no number"):
        cells.add_behaviour(key, Counts())


def test_one_behaviour_cannot_stand_under_two_keys(net):
    shared = Counts()
    with pytest.raises(BelongsElsewhere, match=r"Counts\(\) is given under two keys"):
        NeuronGroup(net, size=3, behaviour={1: shared, 2: shared})
    assert net.groups == []
    assert shared.owner is None


@pytest.mark.parametrize("key", [0, 0.0, -0.0])
def test_a_key_is_taken_once(cells, key):
    with pytest.raises(InvalidValue, match=r"Key .* of 'cells' is taken by Counts\(\)"):
        cells.add_behaviour(key, Counts())


def test_a_class_in_place_of_an_object_is_named(cells):
    with pytest.raises(InvalidValue, match=r"Write Counts\(\)"):
        cells.add_behaviour(1, Counts)


def test_what_is_no_behaviour_is_refused(net):
    with pytest.raises(InvalidValue, match="Derive it from Behaviour"):
        NeuronGroup(net, size=1, behaviour={1: print})


def test_a_behaviour_without_a_key_is_refused(net):
    with pytest.raises(InvalidValue, match=r"write a dictionary such as \{1: Counts\(\)\}"):
        NeuronGroup(net, size=1, behaviour=Counts())
    with pytest.raises(InvalidValue, match=r"such as \{1: Counts\(\), 2: Counts\(\)\}"):
        NeuronGroup(net, size=1, behaviour=[Counts(), Counts()])


def test_a_behaviour_belongs_to_one_group(net, cells):
    shared = Counts()
    cells.add_behaviour(1, shared)
    with pytest.raises(BelongsElsewhere, match=r"Counts\(\) is attached to 'cells' already"):
        NeuronGroup(net, size=3, behaviour={1: shared})
    with pytest.raises(BelongsElsewhere):
        cells.add_behaviour(2, shared)
    with pytest.raises(BelongsElsewhere):
        Network().add_behaviour(1, shared)


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        ({1: Counts(), 2: "x"}, InvalidValue),
        ({1: Counts(weight=np.ones(5))}, ShapeMismatch),
        ({"x": Counts()}, InvalidValue),
    ],
)
def test_a_group_whose_behaviours_are_wrong_is_not_left_behind(net, cells, behaviour, error):
    # In a notebook the same cell is run again, mended; there must not be two groups then.
    with pytest.raises(error):
        NeuronGroup(net, size=3, tag="other", behaviour=behaviour)
    assert "other" not in net
    with pytest.raises(error if error is InvalidValue else InvalidValue):
        SynapseGroup(net, cells, cells, tag="link", behaviour={"x": Counts()})
    assert "link" not in net
    net.simulate(1)


def test_behaviours_attached_before_the_build_are_initialized_by_it_once(net, cells):
    behaviour = cells.add_behaviour(1, Counts())
    assert not hasattr(behaviour, "initialized")
    net.build()
    assert behaviour.initialized == 1
    net.build()
    net.simulate(1)
    net.simulate(1)
    assert behaviour.initialized == 1
    assert behaviour.seen == [1, 2]


def test_behaviours_attached_after_the_build_are_initialized_at_once(net, cells):
    net.simulate(2)
    behaviour = cells.add_behaviour(1, Counts())
    assert behaviour.initialized == 1
    net.simulate(2)
    assert behaviour.seen == [3, 4]


def test_a_behaviour_that_cannot_work_is_not_left_attached(net, cells):
    net.simulate(2)
    with pytest.raises(AttributeError, match="voltage"):
        cells.add_behaviour(1, Recorder("voltage"))
    assert list(cells.behaviours) == [0]
    net.simulate(1)


def test_a_behaviour_whose_initialize_raises_is_not_left_attached(net, cells):
    class Fails(Behaviour):
        def initialize(self, owner):
            raise ZeroDivisionError("on purpose")

        def iteration(self, owner):
            raise AssertionError("it was never initialized")

    net.simulate(2)
    with pytest.raises(ZeroDivisionError):
        cells.add_behaviour(1, Fails())
    assert list(cells.behaviours) == [0]
    net.simulate(1)


def test_a_behaviour_can_be_removed_by_tag_class_or_itself(net, cells):
    a, b, c = (cells.add_behaviour(key, made) for key, made in enumerate((Counts(tag="a"), Special(), Counts()), 1))
    net.simulate(1)
    cells.remove_behaviour("a")
    cells.remove_behaviour("Special")
    cells.remove_behaviour(c)
    assert list(cells.behaviours) == [0]
    net.simulate(1)
    assert [a.seen, b.seen, c.seen, cells.behaviours[0].seen] == [[1], [1], [1], [1, 2]]


def test_a_tag_removes_all_that_bear_it_below(net, cells):
    other = NeuronGroup(net, size=1, behaviour={1: Special(), 2: Counts()})
    cells.add_behaviour(5, Special())
    net.remove_behaviour("Special")
    assert (list(cells.behaviours), list(other.behaviours)) == ([0], [2])


def test_a_key_is_free_again_after_removal(net, cells):
    cells.remove_behaviour("steady")
    fresh = cells.add_behaviour(0, Counts())
    net.simulate(1)
    assert fresh.seen == [1]


@pytest.mark.parametrize("built", [False, True])
def test_a_removed_behaviour_can_be_attached_again_and_steps_once(net, cells, built):
    behaviour = cells.behaviours[0]
    if built:
        net.simulate(1)
    cells.remove_behaviour(behaviour)
    cells.add_behaviour(5, behaviour)
    net.simulate(2)
    assert behaviour.seen == ([2, 3] if built else [1, 2])


def test_a_removed_behaviour_is_initialized_for_its_new_owner(net, cells):
    class Sized(Behaviour):
        def initialize(self, owner):
            self.size = owner.size

        def iteration(self, owner):
            assert self.size == owner.size

    behaviour = cells.add_behaviour(1, Sized())
    net.build()
    cells.remove_behaviour(behaviour)
    other = Network()
    NeuronGroup(other, size=8, behaviour={1: behaviour})
    other.simulate(1)
    assert behaviour.size == 8


def test_removing_twice_is_refused(cells):
    behaviour = cells.behaviours[0]
    cells.remove_behaviour(behaviour)
    with pytest.raises(BelongsElsewhere, match="is not attached"):
        cells.remove_behaviour(behaviour)


@pytest.mark.parametrize("action", ["remove_behaviour", "enable", "disable"])
def test_a_tag_that_no_behaviour_bears_is_refused(net, cells, action):
    with pytest.raises(LookupError, match="nothing"):
        getattr(net, action)("nothing")
    with pytest.raises(InvalidValue, match=r"'cells' is no behaviour"):
        getattr(net, action)("cells")


def test_disabled_behaviours_rest_until_enabled(net, cells):
    special = cells.add_behaviour(1, Special())
    steady = cells.behaviours[0]
    net.simulate(1)
    net.disable("Special")
    net.simulate(1)
    net.enable("Special")
    cells.disable(steady)
    net.simulate(1)
    assert (special.seen, steady.seen) == ([1, 3], [1, 2])
    assert (special.enabled, steady.enabled) == (True, False)


def test_a_class_name_disables_what_is_derived_from_it(net, cells):
    special = cells.add_behaviour(1, Special())
    net.disable("Counts")
    assert not special.enabled
    assert not cells.behaviours[0].enabled


# While the network runs, from inside a behaviour.


class Does(Behaviour):
    """Calls a function in one iteration."""

    action: object
    when: int = 2

    def iteration(self, owner):
        if owner.network.iteration == self.when:
            self.action()


@pytest.mark.parametrize("key", [-1, 10])
def test_a_behaviour_added_in_an_iteration_steps_from_the_next_one_on(net, cells, key):
    added = Counts()
    cells.add_behaviour(5, Does(action=lambda: cells.add_behaviour(key, added)))
    net.simulate(4)
    assert added.initialized == 1
    assert added.seen == [3, 4]


def test_a_recorder_added_in_an_iteration_records_from_the_next_one_on(net, cells):
    cells.voltage = cells.vector()
    recorder = Recorder("voltage")
    cells.add_behaviour(5, Does(action=lambda: cells.add_behaviour(10, recorder)))
    net.simulate(4)
    assert recorder.t.tolist() == [3.0, 4.0]
    assert net["voltage", 0].shape == (2, 3)


def test_a_behaviour_removed_in_an_iteration_steps_no_more_from_the_next_one_on(net, cells):
    early, late = cells.add_behaviour(1, Counts(tag="early")), cells.add_behaviour(9, Counts(tag="late"))
    cells.add_behaviour(5, Does(action=lambda: [net.remove_behaviour(tag) for tag in ("early", "late")]))
    net.simulate(4)
    assert early.seen == [1, 2]
    # The order of an iteration is fixed when it begins.
    assert late.seen == [1, 2]


def test_a_behaviour_may_remove_itself(net, cells):
    class Once(Counts):
        def iteration(self, owner):
            super().iteration(owner)
            owner.remove_behaviour(self)

    once = cells.add_behaviour(1, Once())
    net.simulate(3)
    assert once.seen == [1]


def test_behaviours_are_enabled_and_disabled_from_inside(net, cells):
    special = cells.add_behaviour(6, Special())
    cells.add_behaviour(4, Does(action=lambda: net.disable("Special"), when=2))
    cells.add_behaviour(5, Does(action=lambda: net.enable("Special"), when=4))
    net.simulate(6)
    assert special.seen == [1, 2, 5, 6]


class Volts(Behaviour):
    units = {"v": "mV"}

    def initialize(self, neurons):
        neurons.v = neurons.vector()

    def iteration(self, neurons):
        """Nothing."""


@pytest.mark.parametrize("expression", ["v", " v", "v[:2]", "v[[0, 1]]", "v[v > 0][0]"])
def test_a_variable_and_some_of_its_values_have_its_unit(net, expression):
    cells = NeuronGroup(net, size=4, behaviour={1: Volts()})
    net.build()
    assert unit_of(cells, expression) == "mV"


@pytest.mark.parametrize("expression", ["v[:2] * v[2:]", "v[:2] > 0.5", "v[:2]**2", "-v", "np.mean(v)", "w", "v["])
def test_what_is_computed_from_variables_has_no_unit(net, expression):
    cells = NeuronGroup(net, size=4, behaviour={1: Volts()})
    net.build()
    assert unit_of(cells, expression) is None
