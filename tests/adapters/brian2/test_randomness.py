"""Brian2's part draws from a stream of its own: same seed, same result, whatever else draws."""

import brian2
import numpy as np
import pytest
from brian2 import Hz, ms


def noisy(p):
    group = brian2.NeuronGroup(
        7, "dx/dt = -x/(5*ms) + xi*(5*ms)**-0.5 : 1\ny : 1", threshold="rand() < 0.05", reset="", method="euler"
    )
    group.run_regularly("y = randn()", dt=0.3 * ms)
    drive = brian2.PoissonGroup(3, 500 * Hz)
    synapses = brian2.Synapses(drive, group, on_pre="x_post += poisson(2)")
    synapses.connect()
    return p.group(group, drive, synapses)


def result(p, handle):
    return np.concatenate([p.read(handle, "x"), p.read(handle, "y")])


@pytest.fixture(scope="module")
def reference():
    """Filled by the first test that needs it."""
    return {}


@pytest.mark.parametrize("chunks", [(40,), (1,) * 40, (13, 27)])
def test_chunks_and_the_users_own_draws_change_nothing(participant, reference, chunks):
    p = participant(seed=3)
    handle = noisy(p)
    p.adapter.prepare()
    for n in chunks:
        p.advance(n)
        np.random.randn(3)  # noqa: NPY002 - the global generator is what this is about
    p.adapter.cleanup()
    wanted = reference.setdefault("x", result(p, handle))
    np.testing.assert_array_equal(result(p, handle), wanted)


def test_several_runs_change_nothing(participant, reference):
    p = participant(seed=3)
    handle = noisy(p)
    p.run(15)
    brian2.seed(99)
    p.run(25)
    wanted = reference.setdefault("x", result(p, handle))
    np.testing.assert_array_equal(result(p, handle), wanted)


def test_another_seed_gives_another_result(participant):
    ends = []
    for seed in (3, 4):
        p = participant(seed=seed)
        handle = noisy(p)
        p.run(40)
        ends.append(result(p, handle))
    assert not np.any(ends[0] == ends[1])


def test_the_users_generator_is_untouched_even_between_the_halves_of_a_gaussian_pair(participant):
    p = participant()
    noisy(p)
    np.random.seed(5)  # noqa: NPY002
    wanted = [np.random.randn() for _ in range(6)]  # noqa: NPY002
    np.random.seed(5)  # noqa: NPY002
    seen = []
    p.adapter.prepare()
    for _ in range(6):
        seen.append(np.random.randn())  # noqa: NPY002
        p.advance(1)
    p.adapter.cleanup()
    assert seen == wanted


def test_two_networks_that_take_turns_do_not_disturb_each_other(participant):
    alone = participant(seed=3)
    handle = noisy(alone)
    alone.run(20)
    one, two = participant(seed=3), participant(seed=8)
    handles = noisy(one), noisy(two)
    one.adapter.prepare()
    two.adapter.prepare()
    for _ in range(20):
        one.advance(1)
        two.advance(1)
    np.testing.assert_array_equal(result(one, handles[0]), result(alone, handle))
    one.adapter.cleanup()
    two.adapter.cleanup()


def test_network_operations_draw_from_the_networks_stream(participant):
    seen = []
    for _ in range(2):

        @brian2.network_operation
        def draw():
            seen.append(np.random.uniform())  # noqa: NPY002

        p = participant(seed=2)
        p.group(brian2.NeuronGroup(1, "x : 1"), draw)
        p.run(3)
    assert seen[:3] == seen[3:]
    assert len(set(seen)) == 3


def test_seed_is_brian2s_own(participant):
    p = participant()
    draws = []
    for _ in range(2):
        p.adapter.seed(7)
        group = brian2.NeuronGroup(3, "x : 1")
        group.x = "rand()"
        draws.append(group.x[:].copy())
    np.testing.assert_array_equal(*draws)


@pytest.mark.slow  # a C++ compiler has to run, for two pieces of code
@pytest.mark.timeout(600)
def test_compiled_code_draws_in_advance_but_from_its_own_networks_stream(participant):
    brian2.prefs.codegen.target = "cython"
    seen = []
    one, two = participant(seed=3), participant(seed=3)
    for p, name in ((one, "compiled_one"), (two, "compiled_two")):
        group = brian2.NeuronGroup(300, "x : 1", name=name)
        group.run_regularly("x = rand()")
        p.handle = p.group(group)
        p.adapter.prepare()
    for _ in range(150):  # 45 000 numbers; Brian2 draws 20 000 at once
        one.advance(1)
        two.advance(1)
        seen.append(one.read(one.handle, "x"))
        np.testing.assert_array_equal(seen[-1], two.read(two.handle, "x"))
    for p in (one, two):
        p.adapter.cleanup()
    assert len(np.unique(seen)) == 45_000
    wanted = np.random.RandomState(np.random.MT19937(3)).rand(40_000)
    np.testing.assert_array_equal(np.ravel(seen)[:40_000], wanted)
