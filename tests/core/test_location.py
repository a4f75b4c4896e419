"""Where the user declared something."""

from __future__ import annotations

import inspect

from fusion import Behaviour, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.core.location import Location, here


def line():
    return inspect.currentframe().f_back.f_lineno


def test_here_is_the_line_that_calls_into_fusion():
    assert (here(), line()) == (Location(__file__, line()), line())


def test_what_is_declared_knows_its_line():
    net, at = Network(), line()
    group, group_at = NeuronGroup(net, size=1), line()
    synapses, synapses_at = SynapseGroup(net, group, group), line()
    recorder, recorder_at = Recorder("spike"), line()
    places = [part.location for part in (net, group, synapses, recorder)]
    assert places == [Location(__file__, n) for n in (at, group_at, synapses_at, recorder_at)]


def test_a_behaviour_of_the_users_own_is_where_it_is_made():
    class Own(Behaviour):
        def __init__(self):
            super().__init__()

    # Its constructor is the user's code as well, so that line is the one.
    assert Own().location.file == __file__


def test_a_location_is_written_as_editors_read_it():
    assert str(Location("a.py", 3)) == "a.py:3"
