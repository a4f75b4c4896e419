"""When behaviours are initialized and verified: each once, in the order of their keys."""

from __future__ import annotations

import pytest

from fusion import Behaviour, Network, NeuronGroup
from fusion.errors import BuildFailed, InvalidValue


class Tells(Behaviour):
    """Writes down what is asked of it; refuses as often as it is told to."""

    log: object
    refusals: int = 0

    def initialize(self, owner):
        assert owner.network.active is self
        self.log.append(("initialize", self.key))

    def iteration(self, owner):
        """Something to run."""

    def verify(self, owner):
        self.log.append(("verify", self.key))
        if self.refusals:
            self.refusals -= 1
            raise InvalidValue("not yet")


@pytest.fixture
def log():
    return []


def test_behaviours_are_initialized_by_key_and_verified_when_all_are(log):
    net = Network(behaviour={2: Tells(log=log)})
    NeuronGroup(net, size=1, behaviour={3: Tells(log=log), 1: Tells(log=log)})
    net.build().build()
    assert log[:3] == [("initialize", 1), ("initialize", 2), ("initialize", 3)]
    assert sorted(log[3:]) == [("verify", 1), ("verify", 2), ("verify", 3)]
    assert net.active is None


def test_what_was_missing_is_looked_for_at_the_next_build(log):
    net = Network(behaviour={1: Tells(log=log), 2: Tells(log=log, refusals=2)})
    for _ in range(2):
        with pytest.raises(BuildFailed, match="not yet"):
            net.build()
    net.build().build()
    assert log == [("initialize", 1), ("initialize", 2), ("verify", 1), *[("verify", 2)] * 3]


def test_one_that_comes_late_is_initialized_at_once_and_detached_if_it_is_refused(log):
    net = Network(behaviour={1: Tells(log=log)}).build()
    log.clear()
    late = Tells(log=log, refusals=1)
    with pytest.raises(InvalidValue, match="not yet"):
        net.add_behaviour(2, late)
    assert late.owner is None
    assert net.ordered_behaviours() == [net.behaviours[1]]
    net.add_behaviour(2, late)
    assert log == [("initialize", 2), ("verify", 2)] * 2
    assert net.ordered_behaviours() == [net.behaviours[1], late]


def test_one_that_fails_is_named_with_its_line(log):
    class Breaks(Tells):
        def initialize(self, owner):
            raise ZeroDivisionError

    net = Network(tag="net", behaviour={1: Breaks(log=log)})
    with pytest.raises(ZeroDivisionError) as caught:
        net.build()
    (note,) = caught.value.__notes__
    assert "of 'net' was being initialized" in note
    assert __file__ in note
    assert net.active is None
