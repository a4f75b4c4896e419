"""Parameters of behaviours: declared, checked, diversified."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Optional

import numpy as np
import pytest

import fusion
from fusion import Behaviour, Network, NeuronGroup, SynapseGroup
from fusion.errors import InvalidValue, OffGrid, ShapeMismatch, UnitMismatch, UnknownName


class Leaky(Behaviour):
    leak: float = 0.9
    threshold: float = 0.5
    label: str = "none"


class Needy(Behaviour):
    tau: float


class Counts(Behaviour):
    def initialize(self, owner):
        self.seen = []

    def iteration(self, owner):
        self.seen.append(owner.network.iteration)


@pytest.fixture
def net():
    return Network(dt=0.5, seed=2)


def attached(net, behaviour, size=4):
    NeuronGroup(net, size=size, tag="cells", behaviour={1: behaviour, 99: Counts()})
    net.build()
    return behaviour


def test_a_parameter_is_an_attribute_with_its_default():
    behaviour = Leaky(leak=0.8)
    assert (behaviour.leak, behaviour.threshold, behaviour.label) == (0.8, 0.5, "none")
    assert Leaky().leak == 0.9


def test_a_behaviour_is_written_as_the_call_that_makes_it():
    assert repr(Leaky(leak="normal(0.9, 0.1)", label="x")) == "Leaky(leak='normal(0.9, 0.1)', label='x')"
    assert repr(Leaky()) == "Leaky()"


def test_a_behaviour_that_knows_its_own_group_can_be_written(net):
    class Watches(Behaviour):
        group: object = None

    cells = NeuronGroup(net, size=2, tag="cells")
    watches = cells.add_behaviour(1, Watches(group=cells))
    assert repr(watches) == "Watches(group=cells)"
    assert repr(cells) == "NeuronGroup(size=2, tag='cells', behaviour={1: Watches(group=cells)})"


def test_an_unknown_parameter_is_named_with_the_one_that_was_meant():
    with pytest.raises(UnknownName, match=r"No parameter is named 'treshold' in Leaky. Did you mean 'threshold'\?"):
        Leaky(treshold=1.0)


def test_a_parameter_without_default_must_be_given():
    with pytest.raises(InvalidValue, match=r"Needy needs the parameter 'tau'"):
        Needy()
    assert Needy(tau=3.0).tau == 3.0


def test_parameters_are_given_by_name_only():
    with pytest.raises(TypeError):
        Leaky(0.8)


def test_parameters_and_defaults_are_inherited():
    class Leakier(Leaky):
        leak: float = 0.5
        extra: float = 1.0

    behaviour = Leakier(threshold=2.0)
    assert (behaviour.leak, behaviour.threshold, behaviour.extra) == (0.5, 2.0, 1.0)
    assert Leaky().leak == 0.9
    with pytest.raises(UnknownName):
        Leaky(extra=1.0)


def test_an_inherited_default_may_be_changed_without_annotation():
    class Leakier(Leaky):
        leak = 0.5

    assert Leakier().leak == 0.5
    assert Leakier(leak=0.1).leak == 0.1


def test_class_variables_and_private_names_are_no_parameters():
    class Counted(Behaviour):
        n_made: ClassVar[int] = 0
        _memory: float = 0.0
        bare = 3

    for name in ("n_made", "_memory", "bare", "reads", "writes"):
        with pytest.raises(UnknownName):
            Counted(**{name: 1})


@pytest.mark.parametrize("name", ["key", "owner", "tags", "tag", "enabled", "iteration", "parameters", "location"])
def test_a_parameter_cannot_take_the_name_of_what_every_behaviour_has(name):
    with pytest.raises(InvalidValue, match=rf"Mine\.{name}: every behaviour has its own '{name}'"):
        type("Mine", (Behaviour,), {"__annotations__": {name: float}})


def test_an_array_may_be_given_for_each_neuron(net):
    given = np.array([0.1, 0.2, 0.3, 0.4])
    np.testing.assert_array_equal(attached(net, Leaky(leak=given)).leak, given)
    np.testing.assert_array_equal(attached(Network(), Leaky(leak=given.tolist())).leak, given)


def test_an_array_that_is_given_stays_the_users(net):
    class Fades(Behaviour):
        leak: float = 0.9

        def iteration(self, neurons):
            self.leak *= 0.5

    given = np.full(4, 0.8)
    behaviour = attached(net, Fades(leak=given))
    net.simulate(1)
    assert given.tolist() == [0.8] * 4
    assert behaviour.leak.tolist() == [0.4] * 4


def test_an_array_that_is_a_default_is_not_shared():
    class Fades(Behaviour):
        leak: float = np.ones(3)

    one, other = Fades(), Fades()
    one.leak[:] = 0.0
    assert other.leak.tolist() == Fades.leak.tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("given", [np.ones(3), np.ones((4, 4)), [0.1, 0.2]])
def test_an_array_of_another_shape_is_refused_where_it_is_attached(net, given):
    with pytest.raises(ShapeMismatch, match=r"Leaky.leak has shape .*'cells' needs \(4,\)"):
        NeuronGroup(net, size=4, tag="cells", behaviour={1: Leaky(leak=given)})


def test_on_synapses_an_array_has_one_value_per_synapse(net):
    source, target = NeuronGroup(net, size=2), NeuronGroup(net, size=3)
    SynapseGroup(net, source, target, behaviour={1: Leaky(leak=np.ones((3, 2)))})
    with pytest.raises(ShapeMismatch):
        SynapseGroup(net, source, target, behaviour={1: Leaky(leak=np.ones((2, 3)))})


@pytest.mark.parametrize("leak", ["normal(0.9, 0.1)", fusion.normal(0.9, 0.1)])
def test_a_distribution_is_drawn_once_for_each_neuron(net, leak):
    behaviour = attached(net, Leaky(leak=leak), size=2000)
    assert behaviour.leak.shape == (2000,)
    assert len(np.unique(behaviour.leak)) == 2000
    # Four standard deviations of the mean and of the standard deviation of 2000 normal numbers.
    assert abs(behaviour.leak.mean() - 0.9) < 4 * 0.1 / np.sqrt(2000)
    assert abs(behaviour.leak.std() - 0.1) < 4 * 0.1 / np.sqrt(2 * 2000)
    before = behaviour.leak.copy()
    net.simulate(3)
    np.testing.assert_array_equal(behaviour.leak, before)


def test_the_string_draws_what_the_object_draws():
    drawn = [attached(Network(seed=5), Leaky(leak=leak)).leak for leak in ("normal(1, 2)", fusion.normal(1, 2))]
    np.testing.assert_array_equal(*drawn)


def test_a_default_may_be_a_distribution(net):
    class Noisy(Behaviour):
        leak: float = "uniform(0.8, 0.9)"

    leak = attached(net, Noisy()).leak
    assert leak.shape == (4,)
    assert ((leak >= 0.8) & (leak < 0.9)).all()


def test_drawn_parameters_have_the_networks_type():
    assert attached(Network(dtype=np.float32), Leaky(leak="normal(1, 2)")).leak.dtype == np.float32
    # Numbers of neurons stay whole.
    assert attached(Network(dtype=np.float32), Leaky(leak="poisson(3)")).leak.dtype == np.int64


def test_a_network_has_no_neurons_to_draw_for():
    net = Network(behaviour={1: Leaky(leak="normal(1, 2)"), 2: Counts()})
    with pytest.raises(InvalidValue, match="no neurons to draw for"):
        net.build()


@pytest.mark.parametrize("text", ["0.9", "fast", "__import__('os')", "normal("])
def test_a_string_that_is_no_distribution_is_refused_at_the_line(text):
    with pytest.raises((InvalidValue, UnknownName)):
        Leaky(leak=text)


def test_a_field_for_text_takes_any_string():
    assert Leaky(label="normal(0, 1)").label == "normal(0, 1)"


def test_a_field_for_anything_takes_it_as_it_is():
    class Takes(Behaviour):
        thing: object = None
        other: Any = None
        names: list[str] = ()

    thing = object()
    behaviour = Takes(thing=thing, other="normal(0, 1)", names=["a", "b"])
    assert (behaviour.thing, behaviour.other, behaviour.names) == (thing, "normal(0, 1)", ["a", "b"])


@pytest.mark.parametrize("value", [np.nan, [1.0, np.nan], np.array([np.nan])])
def test_a_parameter_that_is_nan_is_refused(value):
    with pytest.raises(InvalidValue, match=r"Leaky.leak holds NaN"):
        Leaky(leak=value)


@pytest.mark.parametrize("value", [["a", "b"], [1.0, [2.0, 3.0]], [1.0, None]])
def test_a_parameter_that_holds_no_numbers_is_refused(value):
    with pytest.raises(InvalidValue, match=r"Leaky.leak"):
        Leaky(leak=value)


@pytest.mark.parametrize("shape", ["number", "array", "list", "distribution"])
def test_a_quantity_for_a_number_is_refused_at_the_line(shape):
    brian2 = pytest.importorskip("brian2")
    some = {
        "number": 500 * brian2.pA,
        "array": [1, 2] * brian2.pA,
        "list": [1 * brian2.pA, 2 * brian2.pA],
        "distribution": fusion.normal(500 * brian2.pA, 1 * brian2.pA),
    }
    with pytest.raises(UnitMismatch, match=r"Leaky\.leak is .*plain number.*docstring of Leaky") as raised:
        Leaky(leak=some[shape])
    assert raised.value.parameter == "leak"


def test_a_quantity_without_dimension_is_a_number():
    brian2 = pytest.importorskip("brian2")
    assert Leaky(leak=20 * brian2.ms / brian2.ms).leak == 20.0
    leak = Leaky(leak=np.array([1.0, 2.0]) * brian2.ms / brian2.ms).leak
    assert type(leak) is np.ndarray
    assert leak.tolist() == [1.0, 2.0]


def test_a_quantity_for_anything_is_left_as_it_is():
    brian2 = pytest.importorskip("brian2")

    class Takes(Behaviour):
        what: object

    given = 5 * brian2.mV
    assert Takes(what=given).what is given


def test_every_may_be_a_quantity():
    brian2 = pytest.importorskip("brian2")
    assert Leaky(every=1500 * brian2.us).every == 1.5
    with pytest.raises(UnitMismatch, match=r"Leaky\.every is"):
        Leaky(every=1 * brian2.mV)


def test_infinity_is_a_number():
    assert Leaky(threshold=np.inf).threshold == np.inf


def test_every_lets_it_step_only_so_often(net):
    behaviour = attached(net, Counts(every=1.5))  # three iterations of 0.5 ms
    net.simulate(10)
    assert behaviour.seen == [3, 6, 9]


def test_every_may_be_a_property_of_the_class(net):
    class Rare(Counts):
        every = 2.0

    behaviour = attached(net, Rare())
    net.simulate(9)
    assert behaviour.seen == [4, 8]
    assert Rare(every=1.0).every == 1.0


def test_every_of_one_dt_is_each_iteration(net):
    behaviour = attached(net, Counts(every=0.5))
    net.simulate(3)
    assert behaviour.seen == [1, 2, 3]


def test_every_lies_on_the_grid_where_it_is_attached(net):
    with pytest.raises(OffGrid, match=r"every of 0\.7 ms"):
        NeuronGroup(net, size=1, behaviour={1: Counts(every=0.7)})


@pytest.mark.parametrize("every", [0, -0.5, 0.0])
def test_every_is_at_least_one_dt(net, every):
    with pytest.raises((InvalidValue, OffGrid), match="every"):
        NeuronGroup(net, size=1, behaviour={1: Counts(every=every)})


def test_it_takes_part_unless_disabled(net):
    behaviour = attached(net, Counts(enabled=False))
    net.simulate(2)
    behaviour.enabled = True
    net.simulate(2)
    behaviour.enabled = False
    net.simulate(2)
    assert behaviour.seen == [3, 4]


def test_a_disabled_behaviour_is_initialized(net):
    behaviour = attached(net, Counts(enabled=False))
    assert behaviour.seen == []


def test_init_may_be_overridden_if_it_calls_the_base_class():
    class Own(Behaviour):
        tau: float = 1.0

        def __init__(self, factor, **options):
            super().__init__(**options)
            self.factor = factor

    behaviour = Own(3, tau=2.0, tag="x")
    assert (behaviour.factor, behaviour.tau, behaviour.tags) == (3, 2.0, type(behaviour.tags)(["x"]))


def test_init_that_does_not_call_the_base_class_is_named(net):
    class Forgetful(Behaviour):
        def __init__(self):
            pass

    with pytest.raises(InvalidValue, match=r"Forgetful.__init__ does not call super\(\).__init__\(\)"):
        NeuronGroup(net, size=1, behaviour={1: Forgetful()})


def test_an_error_in_initialize_says_whose_it_was(net):
    class Fails(Behaviour):
        def initialize(self, owner):
            raise KeyError("missing")

    NeuronGroup(net, size=1, tag="cells", behaviour={1: Fails(), 2: Counts()})
    with pytest.raises(KeyError) as caught:
        net.build()
    (note,) = caught.value.__notes__
    assert "Fails() of 'cells' was being initialized" in note
    assert __file__ in note


@pytest.mark.parametrize("annotation", [float, float | None, Optional[float], "float | None", int | np.ndarray])  # noqa: UP045
def test_a_number_may_be_annotated_in_any_way(net, annotation):
    # Without `from __future__ import annotations` an annotation is an object, with it a string.
    made = type("Made", (Behaviour,), {"__annotations__": {"tau": annotation}, "tau": None})
    assert attached(net, made(tau="uniform(1, 2)")).tau.shape == (4,)


@pytest.mark.parametrize("annotation", [str, str | None, Optional[str], list[str], Literal["a"], object, Any])  # noqa: UP045
def test_a_string_stays_what_it_is_where_no_number_is_declared(annotation):
    made = type("Made", (Behaviour,), {"__annotations__": {"word": annotation}, "word": None})
    assert made(word="uniform(1, 2)").word == "uniform(1, 2)"
