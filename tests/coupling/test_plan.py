"""The windows that a network allows: order, length, and why participants stay in lockstep."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.adapter import registry
from fusion.coupling.plan import MOST
from fusion.errors import BuildFailed, InvalidValue, WindowTooLarge
from fusion.testing.toy import ToyAdapter, ToyNeurons


class Fires(Behaviour):
    def iteration(self, neurons):
        neurons.spike = neurons.vector("uniform") < 0.2


class Changes(Behaviour):
    """Changes weights in each iteration."""

    def iteration(self, synapses):
        synapses.W = synapses.W * 0.99 + 0.01 * len(synapses.target.spikes)


@pytest.fixture
def net(toy):
    return Network(dt=0.1, seed=2)


def native(net, tag):
    return NeuronGroup(net, size=2, tag=tag, behaviour={1: Fires()})


def toys(net, tag, kind=ToyNeurons, **options):
    return NeuronGroup(net, kind(2, noise_rate=3000.0, noise_weight=900.0), tag=tag, **options)


def planned(net, iterations=3):
    """(window, tags in their order, why in lockstep) after some iterations."""
    net.simulate(iterations)
    windows, homes = net.wiring.windows, {}
    if windows is None:
        return None, [], net.wiring.reason.why
    for one in net.wiring.participants:
        homes[one] = "+".join(group.tag for group in one.groups)
    order = []
    for block in windows._blocks:
        part = getattr(block, "participant", None)
        order.append(homes[part] if part is not None else "native")
    return windows.window, order, ""


# --- order and length ------------------------------------------------------------------------------------------------


def test_a_native_retina_runs_first_and_a_decoder_last_though_they_were_made_otherwise(net, noticing):
    cortex, decoder, retina = (
        toys(net, "cortex", noticing("cortical", 1)),
        native(net, "decoder"),
        native(net, "retina"),
    )
    SynapseGroup(net, cortex, decoder, weight=1.0)
    SynapseGroup(net, retina, cortex, weight=50.0)
    assert planned(net) == (MOST, ["native", "cortex", "native"], "")


@pytest.mark.parametrize(("forth", "back", "window"), [(1, 9, 8), (9, 1, 9), (4, 4, 4), (2, 2, 2)])
def test_of_two_links_in_a_loop_the_one_that_leaves_more_time_runs_back(net, noticing, forth, back, window):
    """The receiver of the one back, with a notice of one tick, is `a`."""
    a, b = toys(net, "a", noticing("a", 1)), native(net, "b")
    SynapseGroup(net, a, b, tag="forth", weight=1.0, delay=0.1 * forth)
    SynapseGroup(net, b, a, tag="back", weight=1.0, delay=0.1 * back)
    assert planned(net)[0] == window


def test_two_simulators_that_need_notice_in_a_loop(net, noticing):
    a, b = (toys(net, tag, noticing(tag, notice)) for tag, notice in (("a", 1), ("b", 2)))
    SynapseGroup(net, a, b, weight=1.0, delay=0.2)
    SynapseGroup(net, b, a, weight=1.0, delay=1.2)
    assert planned(net) == (11, ["a", "b"], "")


def test_the_shortest_delay_of_a_link_counts(net):
    a, b = toys(net, "a"), native(net, "b")
    SynapseGroup(net, b, b, weight=1.0)
    SynapseGroup(net, a, b, weight=1.0)
    SynapseGroup(net, b, a, weight=1.0, delay=np.array([[0.5, 1.0], [3.0, 0.7]]))
    assert planned(net)[2] == "the link 'b_to_b' allows windows of at most 1 iteration (its delay is 0.1 ms)"


def test_a_link_of_a_group_to_itself_bounds_the_window(net, noticing):
    a = toys(net, "a", noticing("a", 2))
    SynapseGroup(net, a, a, weight=1.0, delay=0.7)
    assert planned(net)[0] == 5


def test_held_links_bound_nothing_but_are_renewed_each_millisecond(net):
    a, b = toys(net, "a"), native(net, "b")
    SynapseGroup(net, a, b, signal="v", coupling="hold")
    SynapseGroup(net, b, a, signal="input", into="drive", coupling="linear")
    assert planned(net)[0] == 10


def test_a_plastic_link_between_two_simulators_waits_for_both(net, noticing, in_windows):
    kinds = noticing("one"), noticing("two")

    def build(net):
        a, b = (toys(net, tag, kind) for tag, kind in zip("ab", kinds, strict=True))
        link = SynapseGroup(net, a, b, tag="plastic", weight=50.0, delay=0.8, behaviour={5: Changes()})
        link.add_behaviour(9, Recorder("np.mean(W)"))
        b.add_behaviour(9, Recorder("v"))
        return ["np.mean(W)", "v"]

    # The weights of tick k are known when both have computed it, and b needs what they weigh a tick ahead.
    assert in_windows(build, 30, 13).wiring.windows.window == 7


def test_behaviours_that_come_before_a_simulator_see_what_it_did_before(net):
    a = toys(net, "a", at=5)
    b = native(net, "b")
    b.add_behaviour(2, Recorder("spike"))
    a.add_behaviour(2, Recorder("v"))
    SynapseGroup(net, b, a, weight=1.0, delay=0.4)
    assert planned(net)[0] == MOST


def test_and_wait_for_nobody_if_they_feed_it(net):
    class Looks(Behaviour):
        def iteration(self, neurons):
            neurons.sum = neurons.network["a", 0].v.sum()

    a, b = toys(net, "a", at=5), native(net, "b")
    b.add_behaviour(2, Looks())
    SynapseGroup(net, b, a, weight=1.0, delay=0.4)
    assert planned(net)[:2] == (4, ["a", "native"])


# --- lockstep --------------------------------------------------------------------------------------------------------


class Writes(Behaviour):
    def iteration(self, neurons):
        if neurons.iteration > 1000:
            neurons.drive = 1.0


class WritesBySet(Behaviour):
    def iteration(self, neurons):
        if neurons.iteration > 1000:
            neurons.set("drive", 1.0)


class WritesApart(Behaviour):
    cells: object

    def iteration(self, neurons):
        if neurons.iteration > 1000:
            self.cells.drive = 1.0


@pytest.mark.parametrize("kind", [Writes, WritesBySet])
def test_a_write_that_may_come_keeps_lockstep_and_the_reason_is_told(net, kind):
    toys(net, "a", behaviour={5: kind()})
    window, _, reason = planned(net)
    assert window is None
    assert reason.startswith(f"{kind.__name__}() of 'a' writes a.")
    assert net.coupling.way_out.startswith("Give it every=")


def test_a_write_through_a_part_of_a_group_or_synapses_is_found_too(net):
    class WritesOver(Behaviour):
        def iteration(self, synapses):
            if synapses.network.iteration > 1000:
                synapses.target.drive = 1.0

    a, b = toys(net, "a"), native(net, "b")
    b.add_behaviour(3, WritesApart(cells=a[1:]))
    assert "writes a.drive" in planned(net)[2]
    b.remove_behaviour("WritesApart")
    assert planned(net)[0] == MOST
    SynapseGroup(net, b, a, behaviour={3: WritesOver()})
    assert "writes a.drive" in planned(net)[2]


def test_one_that_comes_before_the_simulator_keeps_lockstep_though_it_is_rare(net):
    class Rarely(Writes):
        every = 0.5

    a = toys(net, "a", at=5, behaviour={2: Rarely()})
    assert "Rarely() of 'a' writes a.drive" in planned(net)[2]
    a.remove_behaviour("Rarely")
    a.add_behaviour(7, Rarely())
    assert planned(net)[0] == MOST


def test_disabled_it_does_not_count(net):
    a = toys(net, "a", behaviour={5: Writes(enabled=False)})
    assert planned(net)[0] == MOST
    a.enable("Writes")
    assert planned(net)[0] is None


def test_adopted_synapses_are_read_only_where_windows_end(net):
    from fusion.testing.toy import ToySynapses

    class Weighs(Behaviour):
        def iteration(self, synapses):
            synapses.sum = synapses.weights.sum()

    class WeighsRarely(Weighs):
        every = 0.5

    a, b = toys(net, "a"), toys(net, "b")
    adopted = SynapseGroup(net, a, b, ToySynapses(a.foreign, b.foreign, [0], [1], 10.0), behaviour={5: Weighs()})
    assert "no simulator can buffer" in planned(net)[2]
    adopted.remove_behaviour("Weighs")
    adopted.add_behaviour(5, WeighsRarely())
    assert planned(net, 11)[0] == MOST
    assert adopted.sum == 10.0


def test_a_simulator_that_tells_no_samples_is_read_in_lockstep(net, monkeypatch):
    class Silent(ToyAdapter):
        name = "silent"
        capabilities = dataclasses.replace(ToyAdapter.capabilities, samples_out=False)

    monkeypatch.setattr(registry, "_registered", {"silent": Silent})
    a = toys(net, "a", behaviour={5: EventRecorder("spike")})
    assert planned(net)[0] == MOST
    a.add_behaviour(6, Recorder("v"))
    assert "silent tells 'v' only of the iteration that it has reached" in planned(net)[2]
    assert len(net["v", 0]) == 3


def test_a_network_without_simulators_stays_in_lockstep(toy):
    net = Network(window=20)
    native(net, "a")
    assert planned(net) == (None, [], "no simulator takes part")


# --- Network(window=) ------------------------------------------------------------------------------------------------


def loop(window):
    net = Network(dt=0.1, seed=2, window=window)
    a, b = toys(net, "a"), native(net, "b")
    SynapseGroup(net, a, b, tag="forth", weight=1.0, delay=0.3)
    SynapseGroup(net, b, a, tag="back", weight=1.0, delay=1.5)
    return net


def test_as_long_as_the_bound_is_taken(toy):
    assert planned(loop(15))[0] == 15
    assert planned(loop(4))[0] == 4
    assert planned(loop(None))[0] == 15
    assert planned(loop(1))[2] == "Network(window=1) or Network(pausable=True) asks for it"


def test_one_more_is_an_error_when_the_network_is_built_that_names_the_link(toy):
    with pytest.raises(
        BuildFailed, match=r"'back' allows windows of at most 15 iterations.*1\.5 ms.*for .* 16"
    ) as caught:
        loop(16).build()
    ((_, error),) = caught.value.problems
    assert isinstance(error, WindowTooLarge)


def test_what_shows_only_in_the_first_iteration_is_an_error_then_and_loses_nothing(net):
    class Hides(Behaviour):
        def iteration(self, neurons):
            self.write(neurons)

        def initialize(self, neurons):
            self.write = lambda group: group.set("drive", 1.0)

    net = Network(dt=0.1, window=5)
    toys(net, "a", behaviour={5: Hides(), 9: Recorder("v")})
    with pytest.raises(
        WindowTooLarge, match=r"Hides\(\) of 'a' writes a\.drive.*you asked for a window of 5 iterations"
    ):
        net.simulate(10)
    assert net.iteration == len(net["v", 0]) == 1
    net["a", 0].remove_behaviour("Hides")
    net.simulate(9)
    assert net.iteration == len(net["v", 0]) == 10


@pytest.mark.parametrize("window", [0, -1, 2.0, True, "5"])
def test_a_window_is_a_whole_number_of_iterations(window):
    with pytest.raises(InvalidValue, match="whole number of iterations, at least 1"):
        Network(window=window)


def test_a_pausable_network_has_no_windows():
    with pytest.raises(InvalidValue, match="pausable runs in lockstep"):
        Network(window=5, pausable=True)


def test_a_signal_of_a_native_variable_or_of_spikes_needs_no_port(toy, in_windows):
    class Beside(Behaviour):
        def iteration(self, neurons):
            neurons.beside = neurons.v * 2.0 + neurons.iteration

    def build(net):
        a = toys(net, "a", behaviour={5: Beside()})
        b = NeuronGroup(net, size=2, tag="b", behaviour={9: Recorder("one", "two")})
        a.beside = a.vector()
        SynapseGroup(net, a, b, signal="beside", into="one", delay=0.3)
        SynapseGroup(net, a, b, signal="spike", into="two", delay=0.2)
        return ["one", "two"]

    in_windows(build, 80)


def test_what_nobody_reads_any_more_is_sampled_no_more(net):
    a = toys(net, "a", behaviour={5: Recorder("v"), 6: Recorder("current[:1]")})
    planned(net)
    assert {row.variable for row in net.coupling.subscriptions} == {"v", "current[:1]"}
    a.remove_behaviour(a.behaviours[5])
    planned(net)
    assert {row.variable for row in net.coupling.subscriptions} == {"current[:1]"}
    a.add_behaviour(7, Writes())
    assert planned(net)[0] is None
    assert net.coupling.subscriptions == []
