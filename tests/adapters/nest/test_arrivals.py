"""A row for tick t does what a native spike does that was fired D ticks earlier over a delay of D ticks."""

import nest
import numpy as np
import pytest

from fusion.errors import InvalidValue, LateInput, UnknownName, Unsupported

DT = 0.1
TICKS = 300


def observe(nodes, *names):
    """A multimeter on nodes; call the result for (ticks, nodes) arrays by name, all but the last tick."""
    meter = nest.Create("multimeter", params={"record_from": list(names), "interval": DT})
    nest.Connect(meter, nodes, syn_spec={"delay": DT})

    def traces():
        events = meter.get("events")
        order = np.lexsort((events["senders"], np.round(events["times"], 6)))
        return {name: events[name][order].reshape(-1, len(nodes)) for name in names}

    return traces


def trains(n_sources, seed=4):
    """{tick: sources that fire}, a tenth of them in each tick."""
    rng = np.random.default_rng(seed)
    return {tick: np.flatnonzero(rng.random(n_sources) < 0.1) for tick in range(1, TICKS - 20)}


def drive_natively(nodes, weights, delay, fired):
    """Sources inside NEST, fully connected: weights (targets, sources), delay in ticks."""
    sources = nest.Create("spike_generator", weights.shape[1])
    times = [[tick * DT for tick, hit in fired.items() if source in hit] for source in range(len(sources))]
    for source, row in zip(sources, times, strict=True):
        source.set(spike_times=[round(t, 6) for t in row])
    nest.Connect(sources, nodes, syn_spec={"weight": weights, "delay": delay * DT})


def drive_by_fusion(one, port, weights, delay, fired, signed):
    """The same as rows of sums, added in ascending order of the sources, each pushed in the tick of the spikes."""
    one.adapter.prepare()
    for tick in range(1, TICKS + 1):
        hit = fired.get(tick, [])
        if len(hit):
            sums = np.zeros((2, len(weights)))
            for source in hit:
                sums[0] += np.where(weights[:, source] > 0, weights[:, source], 0.0)
                sums[1] += np.where(weights[:, source] < 0, weights[:, source], 0.0)
            channels = sums if signed else [weights[:, hit[0]] if len(hit) == 1 else _sum(weights, hit)]
            pairs = [(i, row[i]) for row in channels for i in np.flatnonzero(row)]
            one.push(port, tick + delay, pairs)
        one.advance()
    one.adapter.cleanup()


def _sum(weights, hit):
    total = np.zeros(len(weights))
    for source in hit:
        total += weights[:, source]
    return total


@pytest.mark.parametrize("delay", [2, 3, 15])
@pytest.mark.parametrize(
    ("model", "scale", "names"),
    [
        ("iaf_psc_exp", 300.0, ("V_m", "I_syn_ex", "I_syn_in")),
        ("iaf_psc_alpha", 100.0, ("V_m", "I_syn_ex", "I_syn_in")),
        ("iaf_cond_exp", 3.0, ("V_m", "g_ex", "g_in")),
        ("aeif_cond_exp", 3.0, ("V_m", "g_ex", "g_in", "w")),
        ("hh_psc_alpha", 100.0, ("V_m", "I_syn_ex", "I_syn_in")),
        ("iaf_psc_delta", 1.0, ("V_m",)),
        ("izhikevich", 1.0, ("V_m", "U_m")),
    ],
)
def test_arrivals_equal_native_spikes_in_all_bits(participant, model, scale, names, delay):
    weights = np.random.default_rng(1).uniform(-0.6, 1.0, (4, 12)) * scale
    assert_equals_native(participant(), model, weights, delay, names)


def test_arrivals_equal_native_spikes_in_a_model_that_is_not_in_the_tables(participant):
    """Its signs may share a channel, where the sums of each are added last; with such weights no sum is rounded."""
    weights = np.random.default_rng(1).integers(-60, 100, (4, 12)) / 4.0
    assert_equals_native(participant(), "eprop_iaf", weights, 3, ("V_m",))


def assert_equals_native(one, model, weights, delay, names):
    nest.resolution = DT
    ours, natives = nest.Create(model, 4), nest.Create(model, 4)
    fired = trains(12)
    cells = one.group(ours)
    port = one.spikes_in(cells)
    drive_natively(natives, weights, delay, fired)
    seen, expected = observe(ours, *names), observe(natives, *names)
    drive_by_fusion(one, port, weights, delay, fired, cells.inputs["spikes"].signed)
    for name in names:
        assert len(np.unique(expected()[name])) > 100  # something happened
        np.testing.assert_array_equal(seen()[name], expected()[name], name)


def test_the_spikes_that_arrivals_cause_equal_native_ones(participant):
    ours, natives = nest.Create("iaf_psc_exp", 20), nest.Create("iaf_psc_exp", 20)
    weights = np.random.default_rng(2).uniform(-0.2, 1.0, (20, 30)) * 400.0
    fired = trains(30)
    one = participant()
    cells, others = one.group(ours), one.group(natives, "natives")
    port, spikes, reference = one.spikes_in(cells), one.spikes_out(cells), one.spikes_out(others)
    drive_natively(natives, weights, 3, fired)
    drive_by_fusion(one, port, weights, 3, fired, signed=True)
    expected = one.pulled(reference)
    assert len(expected) > 50
    assert one.pulled(spikes) == expected


def test_both_signs_in_one_tick_go_to_their_channels(participant):
    nodes = nest.Create("iaf_psc_exp", 3)
    one = participant()
    port = one.spikes_in(one.group(nodes))
    seen = observe(nodes, "I_syn_ex", "I_syn_in")
    one.push(port, 5, [(0, 7.0), (2, 1.0), (0, -3.0), (1, -2.0)])
    one.run(10)
    np.testing.assert_array_equal(seen()["I_syn_ex"][3:5], [[0, 0, 0], [7, 0, 1]])
    np.testing.assert_array_equal(seen()["I_syn_in"][3:5], [[0, 0, 0], [-3, -2, 0]])


def test_both_signs_in_one_tick_reach_a_model_that_is_not_in_the_tables(participant):
    nodes = nest.Create("eprop_iaf", 3)
    one = participant()
    cells = one.group(nodes)
    port = one.spikes_in(cells)
    one.push(port, 5, [(0, 7.0), (2, 4.0), (0, -3.0), (1, 0.0)])
    one.run(6)
    changes = one.adapter.read(cells, "V_m") - nodes[1].V_m
    assert changes[0] == changes[2] > 0


def test_a_weight_of_one_row_does_not_leak_into_the_next(participant):
    nodes = nest.Create("iaf_psc_delta", 3, {"tau_m": 1e9})
    one = participant()
    cells = one.group(nodes)
    port = one.spikes_in(cells)
    for tick, row in {3: {0: 1.0, 1: 2.0}, 4: {1: 2.0, 2: 0.5}, 8: {0: 4.0}}.items():
        one.push(port, tick, row)
    one.run(12)
    np.testing.assert_allclose(one.adapter.read(cells, "V_m") + 70.0, [5.0, 4.0, 0.5], rtol=1e-6)  # tau_m is finite


def test_arrivals_wait_through_the_end_of_a_run(participant):
    nodes = nest.Create("iaf_psc_exp", 1)
    one = participant()
    port = one.spikes_in(one.group(nodes))
    seen = observe(nodes, "I_syn_ex")
    one.push(port, 7, {0: 5.0})
    one.run(3)
    one.run(10)
    assert np.flatnonzero(seen()["I_syn_ex"][:, 0])[0] + 1 == 7


def test_time_that_passes_without_the_network_does_not_count(participant):
    """Ticks begin at the first run, and go on where they stopped."""
    nodes = nest.Create("iaf_psc_exp", 1)
    one = participant()
    port = one.spikes_in(one.group(nodes))
    seen = observe(nodes, "I_syn_ex")
    nest.Simulate(2.0)
    one.run(4)
    nest.Simulate(1.0)
    one.push(port, 7, {0: 5.0})
    one.run(10)
    assert np.flatnonzero(seen()["I_syn_ex"][:, 0])[0] + 1 == 20 + 10 + 7


def test_a_stand_in_drives_native_synapses_as_a_native_source_does(participant):
    nodes = nest.Create("iaf_psc_exp", 2)
    one = participant()
    one.group(nodes)
    parrots, port = one.adapter.stand_in(2, "elsewhere")
    source = nest.Create("spike_generator", params={"spike_times": [1.0, 1.1, 2.4]})
    nest.Connect(parrots[0], nodes[0], syn_spec={"weight": 80.0, "delay": 1.5})
    nest.Connect(source, nodes[1], syn_spec={"weight": 80.0, "delay": 1.5})
    recorder = nest.Create("spike_recorder")
    nest.Connect(parrots, recorder, syn_spec={"delay": DT})
    seen = observe(nodes, "V_m", "I_syn_ex")
    for tick in (10, 11, 24):
        one.push(port, tick, {0: 1.0})
    one.run(1, 20, 60)
    np.testing.assert_allclose(recorder.get("events")["times"], [1.0, 1.1, 2.4])
    assert np.ptp(seen()["V_m"]) > 0
    for trace in seen().values():
        np.testing.assert_array_equal(trace[:, 0], trace[:, 1])


def test_a_group_of_parrots_repeats_what_arrives_once(participant):
    one = participant()
    cells = one.group(nest.Create("parrot_neuron", 4))
    port, spikes = one.spikes_in(cells), one.spikes_out(cells)
    one.push(port, 3, {1: 2.0, 2: -5.0})
    one.push(port, 4, {0: 0.0, 1: 1.0})
    one.push(port, 5, {0: 0.0})
    one.run(10)
    assert one.pulled(spikes) == [(3, 1), (3, 2), (4, 1)]


def test_each_receptor_is_an_input_of_its_own(participant):
    nodes = nest.Create("iaf_psc_exp_multisynapse", 2, {"tau_syn": [1.0, 2.0, 5.0]})
    one = participant()
    cells = one.group(nodes)
    assert cells.default_input is None
    assert [name for name, place in cells.inputs.items() if place.spikes] == ["receptor 1", "receptor 2", "receptor 3"]
    ports = [one.spikes_in(cells, f"receptor {k}") for k in (1, 3)]
    seen = observe(nodes, "I_syn_1", "I_syn_2", "I_syn_3")
    one.push(ports[0], 3, {0: 10.0})
    one.push(ports[1], 3, {1: 20.0})
    one.run(6)
    np.testing.assert_array_equal([seen()[f"I_syn_{k}"][2] for k in (1, 2, 3)], [[10, 0], [0, 0], [0, 20]])


def test_receptors_have_the_names_that_nest_gives_them(participant):
    one = participant()
    cells = one.group(nest.Create("iaf_cond_alpha_mc", 1))
    taking = {name for name, place in cells.inputs.items() if place.spikes}
    assert taking == {"soma_exc", "soma_inh", "proximal_exc", "proximal_inh", "distal_exc", "distal_inh"}
    port = one.spikes_in(cells, "distal_inh")
    one.push(port, 3, {0: 10.0})
    one.run(20)


def test_a_conductance_with_its_own_receptor_refuses_negative_weights(participant):
    one = participant()
    cells = one.group(nest.Create("aeif_cond_alpha_multisynapse", 2, {"E_rev": [0.0, -85.0], "tau_syn": [1.0, 2.0]}))
    port = one.spikes_in(cells, "receptor 1")
    with pytest.raises(InvalidValue, match=r"cells.receptor 1: a weight is -2.*Use the receptor of the inhibitory"):
        one.push(port, 3, {0: 1.0, 1: -2.0})
    one.run(5)


def test_a_row_that_a_generator_could_not_take_in_time_is_late(public, participant):
    one = participant()
    port = one.spikes_in(one.group(nest.Create("iaf_psc_exp", 1)))
    one.adapter.prepare()
    one.advance(5)
    with pytest.raises(LateInput, match=r"tick 6 came when tick 5 was computed. NEST needs one tick of notice"):
        one.push(port, 6, {0: 1.0})
    one.push(port, 7, {0: 1.0})


def test_a_row_that_comes_too_late_is_an_error(participant):
    one = participant()
    port = one.spikes_in(one.group(nest.Create("iaf_psc_exp", 1)))
    one.adapter.prepare()
    one.advance(5)
    with pytest.raises(LateInput, match=r"tick 5 came after tick 5"):
        one.push(port, 5, {0: 1.0})
    one.push(port, 7, {0: 1.0})


def test_places_that_take_something_else_say_what_does(participant):
    one = participant()
    cells = one.group(nest.Create("iaf_psc_exp", 1))
    with pytest.raises(Unsupported, match=r"'I_e' of 'cells' takes no spikes. Inputs that do: spikes"):
        one.spikes_in(cells, "I_e")
    with pytest.raises(Unsupported, match=r"'spikes' of 'cells' takes no samples. Inputs that do: I_e"):
        one.adapter.port(cells, "spikes", "samples in")
    with pytest.raises(UnknownName, match=r"'spike'.*Did you mean 'spikes'"):
        one.spikes_in(cells, "spike")


def test_with_two_threads_arrivals_are_the_same(participant, reset):
    """Targets are spread over the threads, and NEST lists their connections by thread."""
    results = []
    for threads in (1, 2):
        reset()
        nest.local_num_threads = threads
        nodes = nest.Create("iaf_psc_exp", 7)
        one = participant()
        cells = one.group(nodes)
        port, spikes = one.spikes_in(cells), one.spikes_out(cells)
        for tick in range(3, 60):
            one.push(port, tick, {i: 40.0 * (i + tick % 5) for i in range(7) if (i + tick) % 3})
        one.run(40, 40)
        results.append((one.adapter.read(cells, "V_m"), one.pulled(spikes)))
        one.adapter.close()
    np.testing.assert_array_equal(results[0][0], results[1][0])
    assert results[0][1] == results[1][1]
    assert len(results[0][1]) > 10
