"""A parameter may be changed while the network runs exactly where that is as if it had been so from the beginning."""

from __future__ import annotations

import numpy as np
import pytest

from fusion import Behaviour, Network, NeuronGroup, SynapseGroup
from fusion.behaviours import (
    LIF,
    STDP,
    Homeostasis,
    Izhikevich,
    OrnsteinUhlenbeckCurrent,
    PoissonInput,
    PoissonSpikes,
    ShortTermPlasticity,
    WhiteNoise,
)
from fusion.core.changes import change, comments, number, parameters_of
from fusion.core.dataflow import uses
from fusion.errors import InvalidValue, ReadOnly, ShapeMismatch, UnknownName


class Kept(Behaviour):
    """Parameters that reach the steps in many ways."""

    plain: float = 1.0  # read by a step
    by_local: float = 1.0
    by_helper: float = 1.0
    by_branch: float = 1.0
    in_list: float = 1.0
    by_property: float = 1.0
    checked: float = 1.0  #: mV, only looked at before
    begin: float = 1.0
    trace: float = 1.0
    twice: float = 1.0

    def initialize(self, owner):
        factor = np.exp(-self.by_local)
        self._factor = factor * 2
        self._keep(self.by_helper)
        self._sign = 0.0
        if self.by_branch > 0:
            self._sign = 1.0
        self._list = []
        self._list.append(self.in_list)
        self._slope = self.slope
        if self.checked < 0:
            raise InvalidValue("negative")
        owner.v = owner.vector(self.begin)
        self._trace = self.trace
        self._twice = 2 * self.twice

    def _keep(self, value):
        self._kept = value

    @property
    def slope(self):
        return 2 * self.by_property

    def iteration(self, owner):
        self._trace *= 0.5
        owner.v += self.plain + self._factor + self._kept + self._sign + sum(self._list) + self._slope
        owner.v += self.checked + self._trace + self._step()

    def _step(self):
        return self.twice + self._twice + self.begin


def test_what_reaches_the_steps_and_how():
    used = uses(Kept)
    assert {name: use.kept_in for name, use in used.items()} == {
        "every": (), "plain": (), "by_local": ("_factor",), "by_helper": ("_kept",), "by_branch": ("_sign",),
        "in_list": ("_list",), "by_property": ("_slope",), "checked": (), "begin": (), "trace": (),
        "twice": ("_twice",),
    }  # fmt: skip
    assert {name for name, use in used.items() if use.in_steps} == {"plain", "checked", "begin", "twice"}


def test_the_comment_of_a_declaration_is_found():
    about = comments(Kept)
    assert (about["plain"], about["checked"]) == ("read by a step", "mV, only looked at before")
    assert "begin" not in about
    assert comments(type("Heir", (LIF,), {}))["tau"] == "ms"


def driven(**parameters):
    return {1: WhiteNoise(into="current", mean=350.0, sigma=100.0), 2: LIF(**parameters)}


def neurons(kind, **parameters):
    """What a group does whose behaviour `kind` has these parameters; a drive where it needs one."""
    net = Network(dt=0.5, seed=3)
    behaviour = {2: kind(**parameters)}
    if kind in (LIF, Izhikevich):
        behaviour[1] = WhiteNoise(into="current", mean=450.0 if kind is LIF else 8.0, sigma=10.0)
    elif kind is not PoissonSpikes:
        behaviour[3] = LIF()
    cells = NeuronGroup(net, size=20, tag="cells", behaviour=behaviour)
    return net, cells, behaviour[2]


def outcome(net, group):
    net.simulate(200)
    return {name: np.array(group.read(name)) for name in group.variable_names() if name != "size"}


@pytest.mark.parametrize(
    ("kind", "given", "name", "value"),
    [
        (LIF, {}, "threshold", -58.0),
        (LIF, {}, "reset", -66.0),
        (LIF, {}, "bias", 50.0),
        (Izhikevich, {}, "d", 4.0),
        (WhiteNoise, {"into": "current", "mean": 400.0}, "sigma", 90.0),
        (OrnsteinUhlenbeckCurrent, {"into": "current", "mean": 400.0}, "sigma", 90.0),
        (PoissonInput, {"into": "current", "weight": 200.0, "sources": 10}, "rate", 300.0),
        (PoissonSpikes, {}, "rate", 200.0),
    ],
)
def test_a_change_before_the_first_iteration_is_as_if_it_had_been_given(kind, given, name, value):
    changed, cells, behaviour = neurons(kind, **given)
    changed.build()
    change(behaviour, name, value)
    as_given, others, _ = neurons(kind, **(given | {name: value}))
    one, other = outcome(changed, cells), outcome(as_given, others)
    assert one.keys() == other.keys()
    assert all(np.array_equal(one[each], other[each]) for each in one)
    before, plain, _ = neurons(kind, **given)
    assert any(not np.array_equal(one[each], value) for each, value in outcome(before, plain).items())


@pytest.mark.parametrize(
    ("kind", "given", "name", "value"), [(STDP, {}, "a_plus", 0.05), (ShortTermPlasticity, {}, "tau_rec", 50.0)]
)
def test_rules_of_synapses_too(kind, given, name, value):
    def made(**parameters):
        net = Network(dt=1.0, seed=1)
        cells = NeuronGroup(net, size=10, tag="cells", behaviour={1: PoissonSpikes(rate=80.0)})
        rule = kind(**parameters)
        return net, SynapseGroup(net, cells, cells, tag="s", weight=0.5, into="x", behaviour={5: rule}), rule

    (changed, synapses, rule), (as_given, others, _), (before, plain, _) = made(), made(**{name: value}), made()
    changed.build()
    change(rule, name, value)
    for net in (changed, as_given, before):
        net.simulate(200)
    assert np.array_equal(synapses.W, others.W)
    assert not np.array_equal(synapses.W, plain.W)


def test_what_was_computed_before_the_first_step_is_not_changed():
    _, _, lif = neurons(LIF)
    reasons = {parameter.name: parameter.fixed for parameter in parameters_of(lif)}
    assert reasons["tau"].startswith("_decayed, _gain was computed from it")
    assert reasons["tau"].endswith("Make the network anew with LIF(tau=...).")
    assert reasons["initial"] == "it is no number."
    assert reasons["every"] == "it is settled when the behaviour is attached."
    with pytest.raises(ReadOnly, match=r"LIF\.tau cannot be changed: _decayed, _gain"):
        change(lif, "tau", 5.0)
    assert lif.tau == 10.0


def test_an_array_is_left_to_scripts():
    _, _, lif = neurons(LIF, threshold=np.full(20, -55.0))
    with pytest.raises(ReadOnly, match="one value for each"):
        change(lif, "threshold", -50.0)


def test_without_its_source_nothing_is_promised():
    space = {"Behaviour": Behaviour}
    exec("class Made(Behaviour):\n    gain: float = 1.0\n    def iteration(self, owner): self.gain", space)
    made = space["Made"]()
    assert "source of the class is not there" in parameters_of(made)[0].fixed


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [("low", 30.0, InvalidValue), ("low", float("nan"), InvalidValue), ("low", True, InvalidValue),
     ("height", 1.0, UnknownName)],
)  # fmt: skip
def test_what_the_constructor_refuses_is_refused(name, value, error):
    net = Network(seed=1)
    held = Homeostasis(low=5.0, high=20.0, adjusted="voltage")
    NeuronGroup(net, size=3, behaviour={**driven(), 9: held})
    net.build()
    with pytest.raises(error):
        change(held, name, value)
    assert (held.low, held.high) == (5.0, 20.0)


def test_what_verify_refuses_is_taken_back():
    class Picky(Behaviour):
        gain: float = 1.0

        def iteration(self, owner):
            owner.v = self.gain

        def verify(self, owner):
            if self.gain > 2:
                raise ShapeMismatch("gain", (), "it must be small")

    net, picky = Network(), Picky()
    NeuronGroup(net, size=1, behaviour={1: picky})
    with pytest.raises(ShapeMismatch):
        change(picky, "gain", 3.0)
    assert picky.gain == 1.0


@pytest.mark.parametrize(
    ("text", "like", "value"),
    [("3", 1.0, 3), (" -5e1 ", 1.0, -50.0), ("inf", 1.0, np.inf), ("7", np.int32(1), 7), ("True", False, True),
     ("no", True, False)],
)  # fmt: skip
def test_numbers_are_read(text, like, value):
    assert number(text, like) == value


@pytest.mark.parametrize(("text", "like"), [("", 1.0), ("nan", 1.0), ("1,5", 1.0), ("2.5", np.int32(1)), ("2", True)])
def test_what_is_no_number_is_refused(text, like):
    with pytest.raises(InvalidValue, match="cannot be taken: give"):
        number(text, like)
