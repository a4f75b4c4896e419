"""`run` and `simulate`: time, Ctrl-C, closing."""

from __future__ import annotations

import os
import signal
import threading

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.errors import InvalidValue, OffGrid
from fusion.testing.toy import ToyNeurons


class Counts(Behaviour):
    def initialize(self, owner):
        self.seen = []

    def iteration(self, owner):
        self.seen.append((owner.network.iteration, owner.network.t))


class Interrupts(Behaviour):
    """Presses Ctrl-C in the middle of an iteration, so often."""

    when: int = 3
    times: int = 1

    def iteration(self, owner):
        if owner.network.iteration == self.when:
            for _ in range(self.times):
                os.kill(os.getpid(), signal.SIGINT)


@pytest.fixture
def net():
    return Network(dt=0.5, behaviour={1: Counts()})


def test_the_first_iteration_is_1_and_ends_at_dt(net):
    assert (net.iteration, net.t) == (0, 0.0)
    net.simulate(3)
    assert net.behaviours[1].seen == [(1, 0.5), (2, 1.0), (3, 1.5)]
    assert (net.iteration, net.t) == (3, 1.5)


def test_run_takes_milliseconds_and_simulate_iterations(net):
    net.run(2.0)
    assert net.iteration == 4
    net.simulate(2)
    assert net.t == 3.0
    net.run(0.5)
    assert net.iteration == 7


def test_time_in_long_runs_does_not_drift():
    net = Network(dt=0.1, behaviour={1: Counts()})
    for _ in range(100):
        net.run(0.3)
    assert net.iteration == 300
    # One product rounds once; a hundred sums of 0.3 are 30.000000000000064.
    assert net.t == 300 * 0.1


@pytest.mark.parametrize("duration", [0.7, 0.1, np.nan, np.inf])
def test_a_duration_lies_on_the_grid(net, duration):
    with pytest.raises(OffGrid, match="duration"):
        net.run(duration)
    assert net.iteration == 0


@pytest.mark.parametrize("iterations", [-1, 2.0, True, "3", None])
def test_a_number_of_iterations_is_whole_and_not_negative(net, iterations):
    with pytest.raises(InvalidValue, match="whole number"):
        net.simulate(iterations)
    assert net.simulate(np.int32(2)).iteration == 2


@pytest.mark.parametrize("duration", [-1.0, "long", None])
def test_a_duration_is_a_number_that_is_not_negative(net, duration):
    with pytest.raises(InvalidValue):
        net.run(duration)


def test_no_iterations_only_build(net):
    net.run(0.0)
    assert (net.iteration, net.behaviours[1].seen) == (0, [])


def test_a_run_may_be_split_anywhere():
    class Walk(Behaviour):
        def initialize(self, neurons):
            neurons.x = neurons.vector()

        def iteration(self, neurons):
            neurons.x += neurons.vector("normal(0, 1)") + neurons.input
            neurons.spike = neurons.x > 0

    def walk(*parts):
        net = Network(seed=4)
        cells = NeuronGroup(net, size=20, behaviour={1: Walk(), 2: Recorder("x")})
        SynapseGroup(net, cells, cells, weight="normal(0, 1)", delay="uniform(1, 5)")
        for part in parts:
            net.simulate(part)
        return net["x", 0]

    whole = walk(30)
    for parts in ((10, 20), (1,) * 30, (29, 0, 1)):
        np.testing.assert_array_equal(walk(*parts), whole)


def test_is_running_is_true_within_a_run_only(net):
    class Asks(Behaviour):
        def iteration(self, owner):
            self.answer = owner.network.is_running()

    asks = net.add_behaviour(2, Asks())
    net.simulate(1)
    assert asks.answer
    assert not net.is_running()


@pytest.mark.parametrize("threads", [1, 2])
def test_blas_uses_the_threads_that_were_asked_for_while_it_runs(threads):
    class Asks(Behaviour):
        def iteration(self, owner):
            self.found = [info["num_threads"] for info in threadpool_info() if info["user_api"] == "blas"]

    before = [info["num_threads"] for info in threadpool_info() if info["user_api"] == "blas"]
    assert before, "NumPy comes with a BLAS that can be asked"
    net = Network(threads=threads, behaviour={1: Asks()})
    net.simulate(1)
    assert net.behaviours[1].found == [threads] * len(before)
    assert [info["num_threads"] for info in threadpool_info() if info["user_api"] == "blas"] == before


# Ctrl-C.


def interrupted(net, n=10):
    with pytest.raises(KeyboardInterrupt, match="stopped after iteration 3"):
        net.simulate(n)


def test_ctrl_c_ends_a_run_at_the_end_of_the_iteration_and_it_can_go_on(net):
    before = signal.getsignal(signal.SIGINT)
    net.add_behaviour(0, Interrupts())
    net.add_behaviour(5, Recorder("iteration"))
    interrupted(net)
    assert net.iteration == 3
    assert [k for k, _ in net.behaviours[1].seen] == [1, 2, 3]
    assert net["iteration", 0].tolist() == [1, 2, 3]
    assert not net.is_running()
    assert signal.getsignal(signal.SIGINT) is before
    net.simulate(2)
    assert net["iteration", 0].tolist() == [1, 2, 3, 4, 5]


def test_a_run_that_was_interrupted_equals_one_that_was_not(toy):
    def voltages(*parts):
        net = Network(dt=0.1, seed=2)
        cells = NeuronGroup(net, ToyNeurons(5, noise_rate=8000.0, noise_weight=900.0), behaviour={5: Recorder("v")})
        SynapseGroup(net, cells, cells, weight=500.0, delay="uniform(0.1, 2)")
        cells.add_behaviour(7, EventRecorder("spike"))
        net.add_behaviour(9, Interrupts(enabled=len(parts) > 1))
        for part in parts:
            if net.iteration == 0 and len(parts) > 1:
                interrupted(net, 100)
            else:
                net.simulate(part)
        assert len(net["spike", 0])
        return net["v", 0]

    np.testing.assert_array_equal(voltages(3, 197), voltages(200))


def test_the_second_ctrl_c_ends_it_at_once(net):
    net.add_behaviour(5, Recorder("iteration"))
    net.add_behaviour(6, Interrupts(times=2))
    with pytest.raises(KeyboardInterrupt):
        net.simulate(10)
    # Iteration 3 was left in the middle: what is recorded are the whole ones.
    assert net["iteration", 0].tolist() == [1, 2]


def test_ctrl_c_in_the_last_iteration_is_not_lost(net):
    net.add_behaviour(0, Interrupts())
    interrupted(net, 3)


def test_a_run_in_another_thread_works(net):
    thread = threading.Thread(target=net.simulate, args=(3,))
    thread.start()
    thread.join()
    assert net.iteration == 3


# Closing.


def test_a_network_is_a_context_manager_and_closed_as_often_as_you_like(toy):
    neurons = ToyNeurons(2)
    with Network(dt=0.1) as net:
        NeuronGroup(net, neurons)
        net.simulate(1)
    net.close()
    net.close()
    # The simulator is the user's, and free for another network.
    with Network(dt=0.1) as other:
        NeuronGroup(other, neurons)
        other.simulate(1)


def test_a_network_is_closed_after_an_error_too(toy):
    neurons = ToyNeurons(2)

    def fails():
        with Network(dt=0.1) as net:
            NeuronGroup(net, neurons)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert NeuronGroup(Network(dt=0.1), neurons).size == 2
