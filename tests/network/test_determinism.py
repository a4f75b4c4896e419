"""Same seed, same result; and what others draw changes nothing."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import numpy as np
import pytest

import fusion
from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup, fixed_probability

# Run by a fresh interpreter as well, so it stands for itself.
PROGRAM = """
import hashlib
import numpy as np
from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup, fixed_probability

class Noise(Behaviour):
    leak: float = 0.9

    def initialize(self, neurons):
        neurons.voltage = neurons.vector("uniform")

    def iteration(self, neurons):
        neurons.spike = neurons.voltage > 1.0
        neurons.voltage[neurons.spike] = 0.0
        neurons.voltage *= self.leak
        neurons.voltage += neurons.vector("uniform", density=0.3) + neurons.input

def digest(seed):
    net = Network(seed=seed)
    cells = NeuronGroup(net, size=50, tag="cells", behaviour={
        1: Noise(leak="normal(0.9, 0.02)"), 9: Recorder("voltage"), 10: EventRecorder("spike")})
    SynapseGroup(net, cells, cells, weight="normal(0, 0.1)", delay="uniform(1, 5)", connect=fixed_probability(0.3))
    net.simulate(100)
    assert len(net["spike", 0]) > 50
    return hashlib.sha256(net["voltage", 0].tobytes() + net["spike", 0].tobytes()).hexdigest()
"""


@pytest.fixture(scope="module")
def digest():
    names = {}
    exec(compile(PROGRAM, "program", "exec"), names)  # the same source in this process
    return names["digest"]


def digest_elsewhere(seed, hash_seed):
    program = f"{PROGRAM}\nprint(digest({seed}))"
    environment = {"PYTHONHASHSEED": hash_seed, "PATH": ""}
    run = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, env=environment)
    return run.stdout.strip()


def test_the_same_seed_gives_equal_arrays_twice_in_one_process(digest):
    assert digest(7) == digest(7)


def test_and_in_two_processes(digest):
    assert digest_elsewhere(7, "1") == digest_elsewhere(7, "2") == digest(7)


def test_another_seed_does_not(digest):
    assert digest(7) != digest(8)


def test_the_default_seed_is_that_of_fusion_seed(digest):
    fusion.seed(7)
    first = digest(None)
    fusion.seed(7)
    assert digest(None) == first == digest(7)


# What is drawn depends on names and keys, not on what else is there.


class Noise(Behaviour):
    leak: float = "normal(0.9, 0.1)"

    def initialize(self, neurons):
        neurons.voltage = neurons.vector("normal(0, 1)")

    def iteration(self, neurons):
        neurons.voltage += neurons.vector("normal(0, 1)")


class Draws(Behaviour):
    """Draws from everything that it can reach."""

    def initialize(self, owner):
        owner.generator.random(10)

    def iteration(self, owner):
        owner.generator.random(3)
        owner.network.generator.random(3)


def voltages(*, before=None, after=None, key=1):
    """What a group called "cells" draws, whatever is built before and after it."""
    net = Network(seed=3)
    if before is not None:
        before(net)
    cells = NeuronGroup(net, size=10, tag="cells", behaviour={key: Noise()})
    if after is not None:
        after(net)
    net.simulate(5)
    return np.concatenate([cells.voltage, cells.behaviours[key].leak])


def other_group(net):
    NeuronGroup(net, size=7, tag="other", behaviour={0: Noise(), 1: Draws()})


def untagged_group(net):
    NeuronGroup(net, size=7, behaviour={0: Noise()})


def recorder(net):
    net["cells", 0].add_behaviour(5, Recorder("voltage", "np.mean(voltage)"))
    net["cells", 0].add_behaviour(6, EventRecorder("voltage > 0"))


def other_behaviour(net):
    net["cells", 0].add_behaviour(0, Draws())
    net["cells", 0].add_behaviour(9, Draws())


def synapses(net):
    cells = net["cells", 0]
    SynapseGroup(net, cells, cells, weight="uniform", connect=fixed_probability(0.5), behaviour={1: Draws()})


def draws_between(net):
    net["cells", 0].vector("uniform")
    net.generator.random(5)


@pytest.mark.parametrize("before", [other_group, untagged_group])
def test_what_was_built_before_changes_nothing(before):
    np.testing.assert_array_equal(voltages(before=before), voltages())


@pytest.mark.parametrize("after", [other_group, recorder, other_behaviour, synapses, draws_between])
def test_what_comes_later_changes_nothing(after):
    np.testing.assert_array_equal(voltages(after=after), voltages())


def test_another_key_draws_other_numbers():
    assert not np.array_equal(voltages(key=1), voltages(key=2))


def test_groups_of_one_tag_draw_different_numbers():
    net = Network(seed=3)
    a, b = (NeuronGroup(net, size=10, tag="cells", behaviour={1: Noise()}) for _ in range(2))
    net.simulate(1)
    assert not np.isin(a.voltage, b.voltage).any()
    assert not np.isin(a.behaviours[1].leak, b.behaviours[1].leak).any()


def test_two_behaviours_of_one_class_draw_different_numbers():
    class Keeps(Behaviour):
        def initialize(self, neurons):
            self.drawn = neurons.vector("uniform")

    net = Network(seed=3)
    cells = NeuronGroup(net, size=10, tag="cells", behaviour={1: Keeps(), 2: Keeps(), 3: Noise()})
    net.build()
    assert not np.isin(cells.behaviours[1].drawn, cells.behaviours[2].drawn).any()


def link(net, *ends):
    return SynapseGroup(
        net, *ends, tag="GLUTAMATE", weight="uniform", delay="uniform(1, 9)", connect=fixed_probability(0.5)
    )


@pytest.mark.parametrize("first", [True, False])
def test_synapses_between_other_groups_change_nothing_whenever_they_are_made(first):
    def made(other):
        net = Network(seed=3)
        a, b, c = (NeuronGroup(net, size=10, tag=tag) for tag in "abc")
        if other and first:
            link(net, b, c)
        mine = link(net, a, b)
        if other and not first:
            link(net, b, c)
        return mine

    alone, among = made(False), made(True)
    np.testing.assert_array_equal(alone.W.toarray(), among.W.toarray())
    np.testing.assert_array_equal(alone.delay, among.delay)


def test_links_between_the_same_groups_draw_different_numbers():
    net = Network(seed=3)
    a, b = (NeuronGroup(net, size=10, tag=tag) for tag in "ab")
    one, two = link(net, a, b), link(net, a, b)
    assert not np.isin(one.W.data, two.W.data).any()


def test_what_a_behaviour_draws_when_it_is_attached_late_does_not_depend_on_when():
    def drawn(iterations):
        net = Network(seed=3)
        cells = NeuronGroup(net, size=10, tag="cells", behaviour={1: Noise()})
        net.simulate(iterations)
        return cells.add_behaviour(5, Noise()).leak

    np.testing.assert_array_equal(drawn(1), drawn(8))


def test_a_digest_tells_arrays_apart():
    # The judge of the tests above.
    assert len({hashlib.sha256(np.full(3, value).tobytes()).hexdigest() for value in (0.0, 1.0, -0.0)}) == 3
