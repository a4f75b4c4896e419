"""NEST keeps the slices that its delays allow where no result depends on them, and has short ones where one could."""

import os

import nest
import numpy as np
import pytest
from fusion_nest.models import INDIFFERENT

from fusion import EventRecorder, Network, NeuronGroup, Recorder
from fusion.adapter import tiers
from fusion.adapter.base import GroupSpec
from fusion.core.projection import Projection
from fusion.errors import SimulatorFailed

DT = 0.1
DELAY = 1.5  # ms
TICKS = 300
CHUNKS = ([1] * TICKS, [15] * 20, [7] * 42 + [6], [1, 100, 199], [TICKS])

pytestmark = pytest.mark.skipif("nest" in os.environ.get(tiers.VARIABLE, ""), reason="the port is not wanted")

# What makes a model fire in these tests; the others are driven by I_e = 500 pA.
DRIVES = {
    "aeif_cond_alpha": 900.0, "aeif_cond_exp": 900.0, "aeif_psc_alpha": 900.0, "aeif_psc_exp": 900.0,
    "hh_cond_exp_traub": 900.0, "hh_psc_alpha": 900.0, "izhikevich": 12.0,
}  # fmt: skip
CONDUCTANCES = {"aeif_cond_alpha", "aeif_cond_exp", "hh_cond_exp_traub", "iaf_cond_alpha", "iaf_cond_exp"}
DEVICES = {"dc_generator", "spike_generator", "step_current_generator"}
NEURONS = sorted(INDIFFERENT - DEVICES - {"fusion_port", "parrot_neuron", "spike_recorder"})


def connected(model="iaf_psc_exp", n=30, **synapses):
    """Cells with recurrent synapses of one delay; the weights are not dyadic."""
    rng = np.random.default_rng(5)
    params = {"I_e": rng.uniform(1.0, 1.3, n) * DRIVES.get(model, 500.0), "V_m": rng.uniform(-70.0, -58.0, n)}
    if model.endswith("multisynapse"):
        params["tau_syn"] = [[2.0]] * n
    nodes = nest.Create(model, n, params)
    weights = rng.uniform(0.1, 3.0, (n, n))
    spec = {"weight": weights if model in CONDUCTANCES else weights * 7.0, "delay": DELAY, **synapses}
    if model.endswith("multisynapse"):
        spec["receptor_type"] = 1
    nest.Connect(nodes, nodes, syn_spec=spec)
    return nodes


def played(participant, chunks, model="iaf_psc_exp", is_watched=False, before=None):
    """Spikes and last potentials, under own and outside spikes of the same channel; and the shortest delay."""
    one = participant()
    cells = one.group(connected(model))
    inlet, spikes = one.spikes_in(cells, next(iter(cells.inputs))), one.spikes_out(cells)
    n, each = cells.size, np.arange(cells.size)
    rng = np.random.default_rng(7)
    late = Projection(each, each[::-1].copy(), rng.uniform(0.1, 3.0, n), rng.integers(2, 30, n), n)
    carried = one.adapter.carry(cells, next(iter(cells.inputs)), late)
    if is_watched:
        one.adapter.port(cells, "V_m", "samples out")
    if before is not None:
        before(one)
    rows = {tick: dict(enumerate(rng.uniform(0.1, 3.0, n))) for tick in range(1, TICKS + 1, 3)}
    one.adapter.prepare()
    pulled, done = [], one.tick
    for ticks in chunks:
        for tick in range(done + 1, done + ticks + 1):
            if tick in rows:
                one.push(inlet, tick, rows[tick])
                one.push(carried, tick + 2, {tick % n: 1.0})
        one.advance(ticks)
        done += ticks
        pulled += one.pulled(spikes)
    one.adapter.cleanup()
    ends, slices = one.adapter.read(cells, "V_m"), nest.min_delay
    one.adapter.close()
    return pulled, ends.tolist(), slices


@pytest.mark.parametrize("model", NEURONS)
def test_slices_of_any_length_give_the_same_in_all_bits(reset, participant, model):
    *watched, short = played(participant, CHUNKS[0], model, is_watched=True)
    assert short == DT
    assert len(watched[0]) > 30
    for chunks in CHUNKS:
        reset()
        *found, long = played(participant, chunks, model)
        assert long == DELAY
        assert found == watched


def drive(nodes, device, weight=40.0, n=1, **params):
    """Devices in front of the neurons, with the delay that their synapses have."""
    nest.Connect(nest.Create(device, n, params), nodes, syn_spec={"weight": weight, "delay": DELAY})


def clockwork(nodes):
    for k in range(3):
        drive(nodes[k::3], "spike_generator", 33.3 + k, spike_times=np.arange(1 + k, 290, 2 + k) * DT)
        drive(nodes[5:], "spike_generator", -7.7, spike_times=[2.0, 2.1, 13.5, 20.0])


def currents(nodes):
    drive(nodes[:20], "dc_generator", 0.7, amplitude=91.7)
    drive(nodes[10:], "step_current_generator", 1.3, amplitude_times=[2.0, 9.1], amplitude_values=[33.3, -21.1])


def a_source_of_noise(nodes):
    drive(nodes, "poisson_generator", rate=9000.0, start=1.3)


def all_of_them(nodes):
    for some in (clockwork, currents, a_source_of_noise):
        some(nodes)


@pytest.mark.parametrize("devices", [clockwork, currents, a_source_of_noise, all_of_them])
@pytest.mark.parametrize("model", ["iaf_psc_exp", "iaf_psc_delta", "iaf_psc_alpha"])
def test_devices_give_the_same_in_all_bits_in_slices_of_any_length(reset, participant, model, devices):
    def driven(chunks, is_watched):
        return played(
            participant, chunks, model, is_watched, before=lambda one: devices(nest.GetNodes({"model": model}))
        )

    plain = played(participant, CHUNKS[0], model, is_watched=True)
    reset()
    *watched, short = driven(CHUNKS[0], True)
    assert short == DT
    assert watched[0] != plain[0]
    for chunks in CHUNKS:
        reset()
        *found, long = driven(chunks, False)
        assert long == DELAY
        assert found == watched


def two_delays(nodes):
    nest.Connect(nodes[:2], nodes[2:4], syn_spec={"delay": 2.0})


def two_that_are_random(nodes):
    drive(nodes, "poisson_generator", n=2, rate=10.0)


def noise_that_nobody_has_tried(nodes):
    drive(nodes, "noise_generator", std=1.0)


def noise_and_random_thresholds(nodes):
    a_source_of_noise(nodes)
    random_thresholds(nodes)


def random_thresholds(nodes):
    nodes[3].delta = 0.5


def plastic_synapses(nodes):
    nest.Connect(nodes[:2], nodes[2:4], syn_spec={"synapse_model": "stdp_synapse", "delay": DELAY})


def a_model_that_nobody_has_tried(nodes):
    nest.Create("mat2_psc_exp")


def synapses_that_come_and_go(nodes):
    nest.CopyModel("static_synapse", "growing", {"delay": DELAY})
    nest.structural_plasticity_synapses = {
        "one": {"synapse_model": "growing", "post_synaptic_element": "den", "pre_synaptic_element": "axon"}
    }


@pytest.mark.parametrize("reason", [
    two_delays, two_that_are_random, noise_that_nobody_has_tried, random_thresholds, noise_and_random_thresholds,
    plastic_synapses, a_model_that_nobody_has_tried, synapses_that_come_and_go,
])  # fmt: skip
def test_slices_have_one_step_where_results_could_depend_on_them(participant, reason):
    nodes = connected()
    reason(nodes)
    one = participant()
    one.group(nodes)
    one.run(3)
    assert nest.min_delay == DT


def test_copies_of_the_static_synapse_and_recorders_with_the_same_delay_change_nothing(participant):
    nest.CopyModel("static_synapse", "excitatory", {"weight": 3.0, "delay": DELAY})
    nodes = connected()
    nest.Connect(nodes, nodes, syn_spec="excitatory")
    nest.Connect(nodes, nest.Create("spike_recorder"), syn_spec={"delay": DELAY})
    one = participant()
    one.spikes_out(one.group(nodes))
    one.run(3)
    assert (nest.min_delay, nest.max_delay) == (DELAY, DELAY)


def test_without_synapses_of_its_own_nest_has_slices_of_their_default_delay(participant):
    one = participant()
    one.spikes_out(one.group(nest.Create("iaf_psc_exp", 2, {"I_e": 900.0})))
    one.run(30)
    assert (nest.min_delay, nest.max_delay) == (1.0, 1.0)


def test_somebody_who_begins_to_look_later_sees_each_tick(reset, participant):
    def watched(is_late):
        one = participant()
        cells = one.group(connected())
        spikes, trace = one.spikes_out(cells), None
        if not is_late:
            trace = one.adapter.port(cells, "V_m", "samples out")
        one.run(7, 50)
        if is_late:
            trace = one.adapter.port(cells, "V_m", "samples out")
        one.run(40, 60)
        rows, fired = one.adapter.pull(trace).values[-100:], one.pulled(spikes)
        one.adapter.close()
        reset()
        return rows, fired

    late, early = watched(True), watched(False)
    np.testing.assert_array_equal(late[0], early[0])
    assert late[1] == early[1]


def test_current_that_somebody_begins_to_set_later_comes_in_at_each_tick(reset, participant):
    def driven(is_late):
        one = participant()
        cells = one.group(connected())
        spikes = one.spikes_out(cells)
        current = None if is_late else one.adapter.port(cells, "I_e", "samples in")
        one.run(7, 50)
        assert nest.min_delay == (DELAY if is_late else DT)
        if is_late:
            current = one.adapter.port(cells, "I_e", "samples in")
        one.adapter.prepare()
        one.push_samples(current, one.tick, np.random.default_rng(3).uniform(0.0, 1200.0, (100, cells.size)))
        one.advance(40)
        one.advance(60)
        one.adapter.cleanup()
        fired, ends = one.pulled(spikes), one.adapter.read(cells, "V_m").tolist()
        one.adapter.close()
        reset()
        return fired, ends

    late, early = driven(True), driven(False)
    assert len(early[0]) > 30
    assert late == early


@pytest.mark.parametrize(("recorder", "shortest"), [(EventRecorder("spike"), DELAY), (Recorder("V_m"), DT)])
def test_a_network_leaves_nest_its_slices_unless_it_looks_at_each_tick(recorder, shortest):
    with Network(dt=DT) as net:
        NeuronGroup(net, connected(), behaviour={9: recorder})
        net.simulate(3)
        assert nest.min_delay == shortest


@pytest.mark.parametrize("steps", [79, 89, 90])
def test_spikes_on_their_way_arrive_whatever_the_user_connects_between_runs(reset, participant, steps):
    def continued(connects, chunks, is_watched):
        one = participant()
        nodes = connected()
        lonely = nest.Create("iaf_psc_exp", 3)
        cells = one.group(nodes)
        spikes = one.spikes_out(cells)
        if is_watched:
            one.adapter.port(cells, "V_m", "samples out")
        one.run(steps)
        if connects:
            # From a neuron that had no targets: NEST sorts its tables anew.
            nest.Connect(lonely, nodes[:1], syn_spec={"weight": 0.0, "delay": DELAY})
        one.run(*chunks)
        fired, ends = one.pulled(spikes), one.adapter.read(cells, "V_m").tolist()
        one.adapter.close()
        reset()
        return fired, ends

    undisturbed = continued(False, [100], False)
    assert len(undisturbed[0]) > 30
    assert all(
        continued(True, chunks, is_watched) == undisturbed
        for chunks in ([100], [1] * 100)
        for is_watched in (False, True)
    )


@pytest.mark.parametrize("steps", [79, 90])
def test_weights_that_are_set_between_runs_are_those_of_spikes_to_come(reset, participant, steps):
    def continued(is_watched):
        one = participant()
        nodes = connected()
        cells = one.group(nodes)
        spikes = one.spikes_out(cells)
        if is_watched:
            one.adapter.port(cells, "V_m", "samples out")
        one.run(steps)
        nest.GetConnections(nodes, nodes).weight = 55.5
        one.run(100)
        fired, ends = one.pulled(spikes), one.adapter.read(cells, "V_m").tolist()
        one.adapter.close()
        reset()
        return fired, ends

    assert continued(False) == continued(True)


def test_slices_have_one_step_where_weights_may_be_set_at_each(participant):
    nodes = connected()
    one = participant()
    cells = one.group(nodes)
    one.adapter.connect(nest.GetConnections(nodes, nodes), cells, cells)
    one.run(3)
    assert nest.min_delay == DT


def test_what_took_the_place_of_other_synapses_is_noticed(participant):
    nodes = connected()
    one = participant()
    one.group(nodes)
    one.run(15)
    assert one.adapter._exchange._by_tick is False
    nest.GetConnections(nodes[:2], nodes).disconnect()
    nest.Connect(nodes[:2], nodes, syn_spec={"synapse_model": "bernoulli_synapse", "p_transmit": 0.5, "delay": DELAY})
    one.run(15)
    assert one.adapter._exchange._by_tick is True


def test_models_whose_names_have_any_letters_are_seen(participant):
    nest.CopyModel("poisson_generator", "noise-l2.3")
    nodes = connected()
    drive(nodes, "noise-l2.3", n=2, rate=100.0)
    one = participant()
    one.group(nodes)
    one.run(3)
    assert nest.min_delay == DT


def test_precise_models_that_come_within_a_slice_are_refused(participant):
    nodes = connected()
    one = participant()
    one.group(nodes)
    one.run(40)
    precise = nest.Create("parrot_neuron_ps", 2)
    nest.Connect(nodes[:2], precise, "one_to_one", syn_spec={"delay": DELAY})
    with pytest.raises(SimulatorFailed, match=r"precise spike times were made in the middle of .* 1\.5 ms long"):
        one.run(1)


@pytest.mark.parametrize("runs", [lambda one: one.run(15), lambda one: nest.Simulate(1.5)], ids=["fusion", "the user"])
def test_rate_models_that_come_where_slices_are_long_are_refused(participant, runs):
    one = participant()
    one.group(connected())
    runs(one)
    rates = nest.Create("lin_rate_ipn", 2)
    nest.CopyModel("rate_connection_delayed", "gap")
    nest.Connect(rates, rates, syn_spec={"synapse_model": "gap", "delay": DELAY})
    with pytest.raises(SimulatorFailed, match=r"rate_connection_delayed wrongly .* before that"):
        one.run(15)


def test_what_is_random_from_a_later_run_on_draws_alike_in_chunks_of_any_length(reset, participant):
    def drawn(chunks):
        one = participant()
        nodes = connected()
        spikes = one.spikes_out(one.group(nodes))
        one.run(15)
        noise = nest.Create("poisson_generator", 2, {"rate": 2e4})
        nest.Connect(noise, nodes, syn_spec={"weight": 20.0, "delay": DELAY})
        one.run(*chunks)
        fired = one.pulled(spikes)
        one.adapter.close()
        reset()
        return fired

    single = drawn(CHUNKS[0])
    assert len(single) > 30
    assert all(drawn(chunks) == single for chunks in CHUNKS[1:])


@pytest.mark.parametrize("begun", [3.0, 3.7])
def test_a_kernel_that_has_run_before_keeps_its_slices(reset, participant, begun):
    def continued(chunks):
        nodes = connected()
        nest.Simulate(begun)
        one = participant()
        cells = one.adapter.create(nodes, GroupSpec("cells"))
        spikes = one.spikes_out(cells)
        one.run(*chunks)
        fired, ends = one.pulled(spikes), one.adapter.read(cells, "V_m").tolist()
        assert nest.min_delay == DELAY
        one.adapter.close()
        reset()
        return fired, ends

    single = continued(CHUNKS[0])
    assert len(single[0]) > 30
    assert all(continued(chunks) == single for chunks in CHUNKS[1:])
