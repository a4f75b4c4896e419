"""What is told of a network: short, and never the end of a run."""

from __future__ import annotations

from collections import deque
from types import SimpleNamespace

import numpy as np
import pytest

from fusion import Behaviour, Network, NeuronGroup, Recorder
from fusion.storage import Run
from fusion.storage.description import plain


class Thing(Behaviour):
    """Has a parameter of any kind, and comes to have another."""

    thing: object
    later: object = None

    def iteration(self, neurons):
        neurons.v = neurons.vector(1.0)
        if neurons.iteration == 5:
            self.thing = self.later


class Gone(Behaviour):
    """Deletes a parameter when it has read it."""

    gain: float

    def initialize(self, neurons):
        del self.gain


class Silent:
    """Cannot be told."""

    def __repr__(self):
        raise RuntimeError("closed")


class Untellable(np.ndarray):
    """A quantity that cannot be told."""

    dim = SimpleNamespace(get_dimension=lambda base: 0.0)

    def __str__(self):
        raise RuntimeError("no unit")


class Milliseconds(np.ndarray):
    """As a quantity of Brian2."""

    dim = SimpleNamespace(get_dimension=lambda base: float(base == "s"))

    def __str__(self):
        return f"{np.asarray(self) * 1000:g} ms"


def kept(tmp_path, *behaviours):
    net = Network(dt=1.0, seed=1)
    NeuronGroup(net, size=2, tag="g", behaviour=dict(enumerate((*behaviours, Recorder("v")))))
    net.keep(tmp_path / "run")
    net.simulate(10)
    return Run(tmp_path / "run")


@pytest.mark.parametrize("later", [Silent(), 10**5000, np.ones(2).view(Untellable)], ids=["repr", "long", "quantity"])
def test_a_parameter_that_cannot_be_told_does_not_end_a_run(later, tmp_path):
    run = kept(tmp_path, Thing(thing=1, later=later))
    assert (run.status, run["v", 0].shape) == ("complete", (10, 2))


def test_why_a_parameter_is_not_told(tmp_path):
    run = kept(tmp_path, Gone(gain=2.0), Thing(thing=np.ones(2).view(Untellable), later=3))
    assert run.status == "complete"
    assert run["Gone", 0].about["parameters"]["gain"].startswith("not told: AttributeError: ")
    assert run["Thing", 0].about["parameters"]["thing"] == 3


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ([1.0] * 1_000_000, "[" + "1.0, " * 40 + "...]"),
        ("x" * 2_000_000, "x" * 297 + "..."),
        (["x" * 2_000_000], None),
        (dict.fromkeys(range(100_000)), None),
        (deque(range(100_000)), None),
        (np.zeros(100_000, object), None),
    ],
    ids=["list", "text", "texts", "dict", "deque", "objects"],
)
def test_what_is_long_is_told_by_its_beginning(value, told):
    assert len(plain(value)) <= 300
    assert told is None or plain(value) == told


def test_a_long_list_is_not_told_entry_by_entry():
    class Counted:
        told = 0

        def __repr__(self):
            Counted.told += 1
            return "c"

    plain([Counted()] * 1000)
    assert Counted.told == 40


def test_a_quantity_is_told_with_its_unit():
    assert plain(np.array(0.02).view(Milliseconds)) == "20 ms"


def test_plain_base_classes_are_found_as_in_the_network(tmp_path):
    class Plastic:
        """No behaviour by itself."""

    class Mine(Plastic, Thing):
        pass

    run = kept(tmp_path, Mine(thing=1))
    assert run["Plastic", 0].tag == "Mine"
