"""Which behaviour touches which foreign variable."""

from __future__ import annotations

import pytest

from fusion import Behaviour, Network, NeuronGroup
from fusion.coupling.access import Access, AccessLog
from fusion.errors import UndeclaredAccess
from fusion.testing.toy import ToyNeurons


class Looks(Behaviour):
    pass


class Declares(Behaviour):
    reads = ("cells.v",)
    writes = ("cells.drive",)


@pytest.fixture
def log():
    return AccessLog()


def test_what_is_touched_while_tracing_is_known(log):
    behaviour = Looks()
    log.note(behaviour, "cells", "v", write=False)
    log.note(behaviour, "cells", "v", write=False)
    log.note(behaviour, "cells", "drive", write=True)
    assert log.reads == {Access(behaviour, "cells.v")}
    assert log.writes == {Access(behaviour, "cells.drive")}


def test_what_the_user_touches_between_runs_is_nobodys(log):
    log.note(None, "cells", "v", write=False)
    assert not log.reads


def test_in_lockstep_every_access_is_exact_and_allowed(log):
    log.tracing = False
    log.note(Looks(), "cells", "v", write=True)
    assert not log.writes


def test_a_strict_log_allows_what_was_traced_and_what_is_declared(log):
    traced = Looks()
    log.note(traced, "cells", "v", write=False)
    log.tracing, log.strict = False, True
    log.note(traced, "cells", "v", write=False)
    log.note(Declares(), "cells", "v", write=False)
    log.note(Declares(), "cells", "drive", write=True)


@pytest.mark.parametrize(("write", "line"), [(False, r'reads = \("cells\.v",\)'), (True, r'writes = \("cells\.v",\)')])
def test_a_strict_log_refuses_anything_else_with_the_line_to_add(log, write, line):
    behaviour = Looks()
    log.note(behaviour, "cells", "v", write=not write)
    log.tracing, log.strict = False, True
    with pytest.raises(UndeclaredAccess, match=rf"Add {line} to Looks") as caught:
        log.note(behaviour, "cells", "v", write=write)
    assert (caught.value.behaviour, caught.value.variable) == (behaviour, "cells.v")


def test_another_behaviour_of_the_same_class_is_another(log):
    log.note(Looks(), "cells", "v", write=False)
    log.tracing, log.strict = False, True
    with pytest.raises(UndeclaredAccess):
        log.note(Looks(), "cells", "v", write=False)


def test_the_first_iteration_after_a_change_is_traced(toy):
    class Touches(Behaviour):
        def iteration(self, neurons):
            neurons.drive = 10.0 + neurons.v

    net = Network(dt=0.1)
    cells = NeuronGroup(net, ToyNeurons(2), tag="cells", behaviour={1: Touches()})
    first = cells.behaviours[1]
    net.simulate(2)
    assert net.access.reads == {Access(first, "cells.v")}
    assert net.access.writes == {Access(first, "cells.drive")}
    assert not net.access.tracing
    second = cells.add_behaviour(2, Touches())
    assert net.access.tracing
    net.simulate(1)
    assert Access(second, "cells.v") in net.access.reads
