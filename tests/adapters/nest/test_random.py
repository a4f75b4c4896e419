"""What is random in NEST follows the seed of the network, and nothing that fusion adds changes it."""

import nest
import numpy as np
import pytest

DT = 0.1


def noisy():
    """Neurons with two random devices, which share NEST's stream of random numbers."""
    nodes = nest.Create("iaf_psc_exp", 15)
    for rate, weight in ((8000.0, 90.0), (3000.0, -60.0)):
        noise = nest.Create("poisson_generator", 1, {"rate": rate})
        nest.Connect(noise, nodes, syn_spec={"weight": weight, "delay": 1.5})
    nest.Connect(nodes, nodes, {"rule": "fixed_indegree", "indegree": 5}, {"weight": 20.0, "delay": 2.0})
    return nodes


def played(reset, participant, chunks, seed=1, prepare=lambda one, cells: None):
    reset()
    one = participant(seed=seed)
    cells = one.group(noisy())
    spikes = one.spikes_out(cells)
    prepare(one, cells)
    one.run(*chunks)
    pulled, v = one.pulled(spikes), one.adapter.read(cells, "V_m")
    one.adapter.close()
    assert len(pulled) > 15
    return pulled, v.tolist()


def test_chunks_of_any_length_draw_alike(reset, participant):
    single = played(reset, participant, [1] * 600)
    for chunks in ([3] * 200, [10] * 60, [600], [1, 598, 1]):
        assert played(reset, participant, chunks) == single


def add_a_port_for_spikes(one, cells):
    one.spikes_in(cells)


def add_a_stand_in(one, cells):
    one.adapter.stand_in(5, "elsewhere")


def add_a_subscription(one, cells):
    one.adapter.port(cells, "V_m", "samples out")


def add_devices_with_their_default_delay(one, cells):
    """1.0 ms would be NEST's slice, and change the order of drawing, if min_delay were not pinned."""
    extra = nest.Create("iaf_psc_exp", 2)
    nest.Connect(extra, nest.Create("spike_recorder"))
    nest.Connect(nest.Create("dc_generator"), extra)


@pytest.mark.parametrize(
    "addition",
    [add_a_port_for_spikes, add_a_stand_in, add_a_subscription, add_devices_with_their_default_delay],
)
def test_what_is_added_draws_nothing(reset, participant, addition):
    plain = played(reset, participant, [15] * 40)
    assert played(reset, participant, [15] * 40, prepare=addition) == plain


def test_a_recorder_draws_nothing(reset, participant):
    def ends(recording):
        reset()
        one = participant()
        cells = one.group(noisy())
        if recording:
            one.spikes_out(cells)
        one.run(*[20] * 20)
        v = one.adapter.read(cells, "V_m")
        one.adapter.close()
        return v

    np.testing.assert_array_equal(ends(True), ends(False))


def test_pauses_draw_nothing(reset, participant):
    def paused(one, cells):
        one.run(200, 30)

    straight = played(reset, participant, [600])
    pulled, v = played(reset, participant, [370], prepare=paused)
    assert (pulled, v) == straight


def test_the_seed_decides(reset, participant):
    first, again, other = (played(reset, participant, [300], seed) for seed in (7, 7, 8))
    assert first == again
    assert first != other


def test_the_seed_of_the_adapter_class_is_nests_own(participant):
    from fusion_nest import Adapter

    for seed, expected in ((7, 7), (0, 2**32 - 1), (2**32 - 1, 2**32 - 1), (2**40 + 3, (2**40 + 3) % (2**32 - 1))):
        Adapter.seed(seed)
        assert nest.rng_seed == expected


def test_opening_leaves_what_exists_as_it_is(participant):
    nest.rng_seed = 5
    nodes = nest.Create("iaf_psc_exp", 10, {"V_m": nest.random.uniform(-70.0, -60.0)})
    nest.Connect(nodes, nodes, syn_spec={"weight": nest.random.normal(10.0, 1.0), "delay": 1.0})
    v, w = nodes.V_m, synapses(nodes)
    one = participant(seed=9)
    one.group(nodes)
    assert nest.rng_seed == 9
    assert nodes.V_m == v
    assert synapses(nodes) == w


def synapses(nodes):
    """In an order of their own; NEST's changes with each connection that is made anywhere."""
    table = nest.GetConnections(nodes, nodes).get(["source", "target", "weight", "delay"])
    return sorted(zip(*table.values(), strict=True))


def test_a_device_may_be_connected_with_its_default_delay_after_a_run(participant):
    nodes = nest.Create("iaf_psc_exp", 2, {"I_e": 900.0})
    one = participant()
    one.group(nodes)
    one.run(10)
    recorder = nest.Create("spike_recorder")
    nest.Connect(nodes, recorder)
    one.run(200)
    assert recorder.n_events > 0
