"""What steps read and assign is found in their byte code, also where it is not reached at first."""

from __future__ import annotations

import numpy as np

from fusion import Behaviour, Network, NeuronGroup, Recorder
from fusion.behaviours import STDP
from fusion.core.code import assigned_names, names_in_steps

ELSEWHERE = NeuronGroup(Network(), size=1, tag="elsewhere")


def names(iteration, **more):
    kind = type("Made", (Behaviour,), {"iteration": iteration, **more})
    return names_in_steps(kind)


def test_what_is_read_and_assigned_of_others_is_found():
    def iteration(self, neurons):
        neurons.drive = 2.0 * neurons.v

    found = names(iteration)
    assert found.read == {"v"}
    assert found.assigned == {"drive"}


def test_it_does_not_matter_whether_it_happens():
    def iteration(self, neurons):
        if neurons.iteration > 1000:
            neurons.drive = neurons.v
        else:
            for one in neurons.afferent["x"]:
                one.source.threshold += 1.0

    found = names(iteration)
    assert {"v", "threshold"} <= found.read
    assert found.assigned == {"drive", "threshold"}


def test_what_a_behaviour_reads_and_assigns_of_itself_does_not_count():
    def iteration(self, neurons):
        self.v = self.drive
        number, self.threshold = self.current, 1.0
        return number

    found = names(iteration)
    assert found.read == found.assigned == frozenset()


def test_whatever_the_first_argument_is_called():
    def iteration(me, neurons):
        me.v = neurons.drive

    assert names(iteration)[:2] == ({"drive"}, frozenset())


def test_a_second_name_makes_no_step_of_a_method():
    def initialize(self, neurons):
        neurons.voltage = neurons.vector()

    kind = type("Made", (Behaviour,), {"initialize": initialize, "set_variables": initialize})
    assert names_in_steps(kind).assigned == frozenset()
    assert assigned_names(kind) == {"voltage"}


def test_other_methods_count_but_not_those_that_are_no_steps():
    def initialize(self, neurons):
        neurons.voltage = neurons.vector()

    def iteration(self, neurons):
        self.move(neurons)

    def move(self, neurons):
        neurons.v = 1.0

    assert names(iteration, initialize=initialize, move=move).assigned == {"v"}


def test_functions_within_a_step_count():
    def iteration(self, neurons):
        def inner():
            neurons.drive = 1.0

        return inner, [one.v for one in neurons.parts], lambda: neurons.current

    found = names(iteration)
    assert found.assigned == {"drive"}
    assert {"v", "current", "parts"} <= found.read


def test_base_classes_count_up_to_that_of_all_behaviours():
    class Base(Behaviour):
        def iteration(self, neurons):
            neurons.drive = 1.0

    class Child(Base):
        def other(self, neurons):
            neurons.v = 1.0

    assert names_in_steps(Child).assigned == {"drive", "v"}


def test_the_library_assigns_nothing_foreign():
    assert names_in_steps(Recorder).assigned == frozenset()
    assert "W" not in names_in_steps(STDP).assigned


def test_all_that_is_assigned_includes_what_is_initialized():
    class Sets(Behaviour):
        def initialize(self, neurons):
            neurons.voltage = self.mine = np.zeros(1)

    assert assigned_names(Sets) == {"voltage", "mine"}


def test_objects_of_the_script_and_of_functions_around_are_found():
    partner, unused = NeuronGroup(Network(), size=1, tag="partner"), NeuronGroup(Network(), size=1)

    class Looks(Behaviour):
        def iteration(self, neurons):
            return ELSEWHERE.size, [partner.size for _ in range(2)]

    found = list(names_in_steps(Looks).objects())
    assert ELSEWHERE in found
    assert partner in found
    assert unused not in found


def test_a_name_that_nobody_has_assigned_yet_is_passed_over():
    class Looks(Behaviour):
        def iteration(self, neurons):
            return later, never  # noqa: F821

    found = list(names_in_steps(Looks).objects())
    later = 1
    assert later not in found
