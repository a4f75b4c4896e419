"""One kernel per process, shared politely: claims, what the user does between and during runs, and how it all ends."""

import gc
import logging
import os
import sys

import nest
import pytest
from fusion_nest import Adapter

from fusion import Network, NeuronGroup, Recorder
from fusion.adapter.base import GroupSpec
from fusion.core.clock import Clock
from fusion.errors import (
    BelongsElsewhere,
    ClockMismatch,
    InvalidValue,
    KernelInUse,
    SimulatorFailed,
    SimulatorMissing,
)


def opened():
    adapter = Adapter()
    adapter.open(Clock(0.1), 1)
    return adapter


def test_a_second_network_is_refused_while_the_first_lives(participant):
    first = participant()
    first.group(nest.Create("iaf_psc_exp"))
    with pytest.raises(KernelInUse, match=r"End that one with its close\(\) or with nest.ResetKernel\(\)"):
        opened()
    first.adapter.close()
    opened().close()


def test_resetting_the_kernel_ends_a_claim(participant, reset):
    """Whether or not there were groups."""
    for n in (0, 1):
        first = participant()
        if n:
            first.group(nest.Create("iaf_psc_exp"))
        reset()
        opened().close()


def test_a_network_that_nobody_can_reach_holds_nothing():
    adapter = opened()
    adapter.create(nest.Create("iaf_psc_exp"), GroupSpec("cells"))
    adapter.itself = adapter
    del adapter
    gc.disable()
    try:
        opened().close()
    finally:
        gc.enable()


def test_after_a_reset_the_old_network_says_so(participant, reset):
    """Also when new nodes have the old numbers."""
    one = participant()
    cells = one.group(nest.Create("iaf_psc_exp", 3))
    reset()
    nest.Create("iaf_psc_exp", 10)
    for attempt in (
        one.adapter.prepare,
        lambda: one.adapter.read(cells, "V_m"),
        lambda: one.adapter.write(cells, "V_m", -60.0),
        lambda: one.group(nest.Create("iaf_psc_exp")),
    ):
        with pytest.raises(SimulatorFailed, match=r"gone, nest.ResetKernel\(\) was called. Build a new Network"):
            attempt()
    one.adapter.close()


def test_a_reset_during_a_run_ends_it_with_the_reason(participant, reset):
    one = participant()
    one.spikes_out(one.group(nest.Create("iaf_psc_exp", 3)))
    one.adapter.prepare()
    one.advance(5)
    reset()
    with pytest.raises(SimulatorFailed, match=r"nest.ResetKernel\(\) was called"):
        one.advance(5)
    one.adapter.cleanup()
    assert nest.verbosity != nest.VerbosityLevel.QUIET


def test_closed_means_closed(participant):
    one = participant()
    cells = one.group(nest.Create("iaf_psc_exp"))
    one.adapter.close()
    with pytest.raises(SimulatorFailed, match=r"has closed NEST"):
        one.adapter.read(cells, "V_m")


def test_what_a_run_did_is_told_after_its_network_was_closed():
    with Network(dt=0.1, seed=1) as net:
        NeuronGroup(net, nest.Create("iaf_psc_exp", 2), tag="cells", behaviour={9: Recorder("V_m[:2]")})
        net.run(1.0)
        told = net.coupling
    assert [each.seconds for each in net.coupling.subscriptions] == [None]
    assert net.coupling.iterations == told.iterations == 10


def test_closing_destroys_nothing_that_the_user_made(participant):
    nodes = nest.Create("iaf_psc_exp", 5, {"I_e": 900.0})
    nest.Connect(nodes, nodes, syn_spec={"delay": 1.0})
    recorder = nest.Create("spike_recorder")
    nest.Connect(nodes, recorder)
    one = participant()
    cells = one.group(nodes)
    one.spikes_in(cells)
    one.spikes_out(cells)
    one.run(200)
    v, n = nodes.V_m, recorder.n_events
    one.adapter.close()
    assert (nodes.V_m, recorder.n_events) == (v, n)
    nest.Simulate(20.0)
    nest.Simulate(20.0)
    assert recorder.n_events > n


def test_a_fork_is_told_to_spawn(participant):
    one = participant()
    one.group(nest.Create("iaf_psc_exp"))
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            one.adapter.prepare()
            answer = "prepared"
        except SimulatorFailed as error:
            answer = str(error)
        one.adapter.close()
        os.write(writer, answer.encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as pipe:
        assert "this is a fork of it" in (said := pipe.read())
        assert "'spawn'" in said
    one.run(3)


def test_nest_that_is_not_installed_is_an_error_with_the_install_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "nest", None)
    with pytest.raises(SimulatorMissing, match=r"pip install 'fusion-sim\[nest\]'"):
        opened()


def test_another_resolution_is_an_error_with_the_line_to_write(participant):
    one = participant(dt=0.5)
    with pytest.raises(ClockMismatch) as raised:
        one.group(nest.Create("iaf_psc_exp"))
    assert str(raised.value) == (
        "NEST's resolution is 0.1 ms, the network's dt 0.5 ms. Write nest.resolution = 0.5 before nest.Create."
    )


@pytest.mark.parametrize("dt", [0.1, 0.25, 0.5, 1.0, 0.125, 0.001])
def test_any_resolution_keeps_its_ticks(participant, dt):
    """Kernel time is a float; ticks are not."""
    nest.resolution = dt
    one = participant(dt=dt)
    cells = one.group(nest.Create("parrot_neuron", 2))
    port, spikes = one.spikes_in(cells), one.spikes_out(cells)
    ticks = [2, 3, 7, 333, 1000, 1001, 2499]
    for tick in ticks:
        one.push(port, tick, {1: 1.0})
    one.run(300, 1, 1, 700, 1500)
    assert one.pulled(spikes) == [(tick, 1) for tick in ticks]


def test_nodes_from_before_a_reset_are_refused(participant, reset):
    nodes = nest.Create("iaf_psc_exp", 2)
    reset()
    with pytest.raises(InvalidValue, match=r"the nodes of 'cells': InvalidNodeCollection"):
        participant().group(nodes)


def test_a_node_is_in_one_group(participant):
    one = participant()
    nodes = nest.Create("iaf_psc_exp", 5)
    one.group(nodes, "a")
    with pytest.raises(BelongsElsewhere, match=r"2 of the nodes of 'b' belong to 'a' already"):
        one.group(nodes[3:], "b")


def test_something_else_is_no_population(participant):
    with pytest.raises(InvalidValue, match=r"no nest.NodeCollection; give what nest.Create returns, or a recipe"):
        participant().group(7)


def test_nodes_in_no_group_are_reported_once(participant, caplog):
    nodes = nest.Create("iaf_psc_exp", 5)
    nest.Create("poisson_generator", 2)
    driver, mine = nest.Create("dc_generator"), nest.Create("noise_generator")
    one = participant()
    one.group(nodes[:3], "cells", driver, mine)
    one.spikes_out(one.group(nest.Create("parrot_neuron"), "others"))
    with caplog.at_level(logging.INFO, "fusion.nest"):
        one.run(1)
        one.run(1)
    assert [record.message for record in caplog.records] == [
        "NEST nodes in no group: 2 iaf_psc_exp. They run along, and no recorder of the network sees them."
    ]


def test_what_belongs_to_a_group_is_nodes(participant):
    with pytest.raises(InvalidValue, match=r"also='noise': give node collections"):
        participant().group(nest.Create("iaf_psc_exp"), "cells", "noise")


def test_time_that_the_user_simulates_is_reported(participant, caplog):
    one = participant()
    one.group(nest.Create("iaf_psc_exp"))
    one.run(5)
    nest.Simulate(2.5)
    with caplog.at_level(logging.INFO, "fusion.nest"):
        one.run(5)
    assert [record.message for record in caplog.records] == [
        "NEST ran 2.5 ms outside of the network; tick 5 goes on from there."
    ]


def test_nodes_and_connections_may_be_added_between_runs(participant):
    one = participant()
    cells = one.group(nest.Create("iaf_psc_exp", 2))
    spikes = one.spikes_out(cells)
    one.run(5)
    more = nest.Create("iaf_psc_exp", 2, {"I_e": 900.0})
    nest.Connect(more, more, syn_spec={"delay": 1.0})
    others = one.spikes_out(one.group(more, "more"))
    one.run(100)
    assert one.pulled(spikes) == []
    assert len(one.pulled(others)) > 0


def test_a_later_network_on_the_same_nodes_hears_each_spike_once(participant, caplog):
    nodes = nest.Create("iaf_psc_exp", 2, {"I_e": 900.0})
    for _ in range(2):
        one = participant()
        spikes = one.spikes_out(one.group(nodes))
        with caplog.at_level(logging.INFO, "fusion.nest"):
            one.run(200)
        fired = one.pulled(spikes)
        assert len(fired) == len(set(fired)) > 3
        one.adapter.close()
    assert not any("fusion_port" in record.message for record in caplog.records)


def test_creating_during_a_run_is_an_error_at_its_end(participant):
    one = participant()
    one.group(nest.Create("iaf_psc_exp", 2))
    one.adapter.prepare()
    one.advance(2)
    nest.Create("iaf_psc_exp", 3)
    one.advance(2)
    with pytest.raises(
        SimulatorFailed, match=r"nest.Create was called during the run \(\d nodes became \d\).*between two"
    ):
        one.adapter.cleanup()
    one.run(2)


def test_connecting_during_a_run_is_an_error_at_its_end(participant):
    one = participant()
    nodes = nest.Create("iaf_psc_exp", 2)
    one.group(nodes)
    one.adapter.prepare()
    nest.Connect(nodes, nodes)
    one.advance(2)
    with pytest.raises(SimulatorFailed, match=r"nest.Connect was called during the run \(2 connections became 6\)"):
        one.adapter.cleanup()


def test_structural_plasticity_is_named_where_it_changes_connections(participant):
    nodes = nest.Create("iaf_psc_exp", 10, {"I_e": 500.0})
    nest.CopyModel("static_synapse", "growing", {"delay": 1.0})
    nest.structural_plasticity_synapses = {
        "one": {"synapse_model": "growing", "post_synaptic_element": "den", "pre_synaptic_element": "axon"}
    }
    nest.structural_plasticity_update_interval = 1.0
    curve = {"growth_curve": "linear", "growth_rate": 0.5, "eps": 50.0, "continuous": True, "z": 1.0}
    nodes.synaptic_elements = {"den": curve, "axon": curve}
    nest.EnableStructuralPlasticity()
    one = participant()
    one.group(nodes)
    with pytest.raises(SimulatorFailed, match=r"structural plasticity changed \d+ connections.*DisableStructural"):
        one.run(60)


def test_ports_are_opened_between_runs(participant):
    one = participant()
    cells = one.group(nest.Create("iaf_psc_exp", 2))
    one.adapter.prepare()
    for attempt in (lambda: one.spikes_in(cells), lambda: one.adapter.stand_in(2, "x"), one.adapter.prepare):
        with pytest.raises(SimulatorFailed, match=r"NEST is running; groups, ports and synapses are made before a run"):
            attempt()


def test_a_run_of_the_users_own_must_be_over_first(participant):
    one = participant()
    one.group(nest.Create("iaf_psc_exp", 2))
    nest.Prepare()
    with pytest.raises(SimulatorFailed, match=r"call nest.Cleanup\(\) before the network runs"):
        one.adapter.prepare()
    nest.Cleanup()
    one.run(1)


def test_advance_needs_prepare(participant):
    one = participant()
    one.group(nest.Create("iaf_psc_exp"))
    with pytest.raises(SimulatorFailed, match=r"advance belongs between prepare and cleanup"):
        one.advance()


def test_a_delay_that_was_settled_before_is_an_error_with_the_way_out(participant, public):
    nodes = nest.Create("iaf_psc_exp", 2)
    nest.Connect(nodes, nodes, syn_spec={"delay": 1.5})
    nest.Simulate(3.0)
    one = participant()
    with pytest.raises(SimulatorFailed, match=r"of 1.5 ms.*NeuronGroup before the first nest.Sim.*fusion doctor"):
        one.group(nodes)


def test_an_error_of_nest_ends_the_run_with_its_name_and_tick(participant, reset):
    nodes = nest.Create("aeif_cond_exp", 1)
    one = participant()
    cells = one.group(nodes)
    spikes = one.spikes_out(cells)
    one.adapter.prepare()
    one.advance(12)
    one.adapter.write(cells, "I_e", 1e9)
    one.advance()
    with pytest.raises(SimulatorFailed, match=r"NEST failed after tick 13: .*numerical instability") as raised:
        one.advance(100)
    assert (raised.value.simulator, raised.value.tick) == ("nest", 13)
    assert {tick for tick, _ in one.pulled(spikes)} == {13}
    one.adapter.cleanup()
    with pytest.raises(SimulatorFailed, match=r"inconsistent state.*run ResetKernel first"):
        one.adapter.prepare()
    one.adapter.cleanup()
    one.adapter.close()
    reset()
    opened().close()


def test_cleaning_up_in_the_users_hands_is_noticed(participant):
    one = participant()
    one.group(nest.Create("iaf_psc_exp"))
    one.adapter.prepare()
    one.advance(3)
    nest.Cleanup()
    with pytest.raises(SimulatorFailed, match=r"NEST failed after tick 3: .*was nest.Cleanup called during the run\?"):
        one.advance(3)
    one.adapter.cleanup()
    assert nest.verbosity == nest.VerbosityLevel.ERROR


def test_nest_is_quiet_while_it_runs_and_as_before_afterwards(participant, capfd):
    nest.verbosity = nest.VerbosityLevel.INFO
    one = participant()
    cells = one.group(nest.Create("iaf_psc_exp"))
    one.spikes_in(cells)
    one.spikes_out(cells)
    capfd.readouterr()
    one.run(3, 4)
    assert capfd.readouterr() == ("", "")
    assert nest.verbosity == nest.VerbosityLevel.INFO


def test_closing_in_the_middle_of_a_run_ends_it(participant):
    one = participant()
    one.spikes_out(one.group(nest.Create("iaf_psc_exp")))
    one.adapter.prepare()
    one.advance(3)
    nest.Create("iaf_psc_exp")  # what cleanup complains of, close only logs
    one.adapter.close()
    one.adapter.close()
    nest.Simulate(1.0)
