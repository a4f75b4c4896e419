"""Spikes that leave NEST: all of them, once, in their tick, whoever else records or looks."""

import os
from pathlib import Path

import nest
import numpy as np
import pytest

from fusion.errors import SimulatorFailed, Unsupported

DT = 0.1


def recurrent(n=40, seed=5):
    """A random network that keeps firing, and NEST's own recorder on it."""
    rng = np.random.default_rng(seed)
    nodes = nest.Create("iaf_psc_exp", n, {"I_e": rng.uniform(380.0, 500.0, n), "V_m": rng.uniform(-70.0, -56.0, n)})
    weights = rng.uniform(-60.0, 80.0, (n, n))
    nest.Connect(nodes, nodes, syn_spec={"weight": weights, "delay": 1.5})
    recorder = nest.Create("spike_recorder")
    nest.Connect(nodes, recorder, syn_spec={"delay": DT})
    return nodes, recorder


def recorded(recorder, nodes):
    events = recorder.get("events")
    ticks, indices = np.rint(events["times"] / DT).astype(int), events["senders"] - nodes[0].global_id
    return sorted(zip(ticks.tolist(), indices.tolist(), strict=True))


@pytest.mark.parametrize("chunks", [[1] * 1200, [7] * 171 + [3], [1200], [400, 1, 799]])
def test_what_is_pulled_is_what_nest_records(participant, chunks):
    nodes, recorder = recurrent()
    one = participant()
    spikes = one.spikes_out(one.group(nodes))
    one.adapter.prepare()
    pulled = []
    for ticks in chunks:
        one.advance(ticks)
        pulled += one.pulled(spikes)
    one.adapter.cleanup()
    assert len(pulled) > 200
    assert pulled == recorded(recorder, nodes)


def test_runs_one_after_the_other_lose_nothing(participant):
    nodes, recorder = recurrent()
    one = participant()
    spikes = one.spikes_out(one.group(nodes))
    pulled = []
    for ticks in (1, 50, 300, 2, 447):
        one.run(ticks)
        pulled += one.pulled(spikes)
    assert pulled == recorded(recorder, nodes)


def test_spikes_wait_until_somebody_pulls(participant):
    """Also over the ends of runs, and longer than the recorder's file is left alone."""
    nodes, recorder = recurrent(8)
    one = participant()
    spikes = one.spikes_out(one.group(nodes))
    one.run(1500, 2)
    one.run(1100)
    assert one.pulled(spikes) == recorded(recorder, nodes)


def test_what_was_read_is_given_back_to_the_machine(public, participant, monkeypatch):
    """A long run reads through one file per thread; the part behind the reader takes no room."""
    monkeypatch.setattr("fusion_nest.recorder._KEPT", 1000)
    nodes, recorder = recurrent()
    one = participant()
    spikes = one.spikes_out(one.group(nodes))
    one.adapter.prepare()
    pulled, (file,) = [], one.adapter._exchange.recorder._files
    for _ in range(300):
        one.advance(4)
        pulled += one.pulled(spikes)
        assert os.fstat(file).st_blocks * 512 <= 8192
    assert os.lseek(file, 0, os.SEEK_CUR) > 4000
    one.adapter.cleanup()
    assert pulled == recorded(recorder, nodes)


def descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_run_leaves_no_file_behind(public, participant, tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda *_: False)  # as where there is no memory to share
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    nodes, recorder = recurrent(8)
    one = participant()
    spikes = one.spikes_out(one.group(nodes))
    one.adapter.prepare()
    assert list(tmp_path.iterdir()) == []
    before = descriptors()
    one.advance(300)
    one.adapter.cleanup()
    assert descriptors() < before
    assert list(tmp_path.iterdir()) == []
    assert one.pulled(spikes) == recorded(recorder, nodes)


def test_between_runs_nothing_is_recorded_for_the_network(participant):
    nodes, recorder = recurrent(8)
    one = participant()
    spikes = one.spikes_out(one.group(nodes))
    one.run(100)
    nest.Simulate(40.0)
    nest.Simulate(40.0)
    one.run(100)
    ours = [(tick + 800 * (tick > 100), index) for tick, index in one.pulled(spikes)]
    all_of_them = recorded(recorder, nodes)
    assert ours == [(tick, index) for tick, index in all_of_them if tick <= 100 or tick > 900]
    assert len(ours) < len(all_of_them)


def test_groups_do_not_mix(participant):
    """Also where their nodes interleave."""
    nodes, recorder = recurrent(20)
    one = participant()
    even, odd = one.group(nodes[::2], "even"), one.group(nodes[1::2], "odd")
    ports = one.spikes_out(even), one.spikes_out(odd)
    one.run(60, 240)
    found = [(tick, 2 * i + k) for k, port in enumerate(ports) for tick, i in one.pulled(port)]
    assert sorted(found) == recorded(recorder, nodes)


def test_two_ports_of_a_group_both_get_all(participant):
    nodes, recorder = recurrent(8)
    one = participant()
    cells = one.group(nodes)
    first, second = one.spikes_out(cells), one.spikes_out(cells)
    one.run(200)
    assert one.pulled(first) == one.pulled(second) == recorded(recorder, nodes)


def test_threads_do_not_change_the_order(participant, reset):
    results = []
    for threads in (1, 2):
        reset()
        nest.local_num_threads = threads
        nodes, _ = recurrent(20)
        one = participant()
        spikes = one.spikes_out(one.group(nodes))
        one.run(50, 100)
        results.append(one.pulled(spikes))
        one.adapter.close()
    assert results[0] == results[1]
    assert len(results[0]) > 10


def test_a_precise_spike_has_the_tick_in_which_it_falls(participant):
    nodes = nest.Create("iaf_psc_exp_ps", 3, {"I_e": [600.0, 700.0, 800.0]})
    recorder = nest.Create("spike_recorder")
    nest.Connect(nodes, recorder, syn_spec={"delay": DT})
    one = participant()
    spikes = one.spikes_out(one.group(nodes))
    one.run(500)
    times = np.sort(recorder.get("events")["times"])
    assert [tick for tick, _ in one.pulled(spikes)] == np.ceil(times / DT).astype(int).tolist()


def test_spike_generators_are_a_source(participant):
    one = participant()
    cells = one.group(nest.Create("spike_generator", 2, {"spike_times": [0.3, 0.7]}))
    spikes = one.spikes_out(cells)
    one.run(10)
    assert one.pulled(spikes) == [(3, 0), (3, 1), (7, 0), (7, 1)]


def test_a_device_that_draws_for_each_target_has_no_spikes_to_tell(participant):
    one = participant()
    noise = one.group(nest.Create("poisson_generator", 1, {"rate": 100.0}), "noise")
    assert not noise.spikes
    with pytest.raises(Unsupported, match=r"'noise' is a poisson_generator.*Connect it inside NEST, with nest.Connect"):
        one.spikes_out(noise)


def test_a_recorder_is_no_population(participant):
    with pytest.raises(Unsupported, match=r"'cells' is a spike_recorder.*EventRecorder or a Recorder instead"):
        participant().group(nest.Create("spike_recorder"))


def test_the_users_folder_for_data_is_left_alone(participant, tmp_path):
    nest.set(data_path=str(tmp_path))
    nodes, _ = recurrent(8)
    text = nest.Create("spike_recorder", params={"record_to": "ascii"})
    nest.Connect(nodes, text, syn_spec={"delay": DT})
    one = participant()
    spikes = one.spikes_out(one.group(nodes))
    one.run(200)
    (file,) = tmp_path.iterdir()
    assert len(file.read_text().splitlines()) - 3 == len(one.pulled(spikes)) > 0


def test_a_prefix_for_all_files_is_an_error_that_says_where_to_put_it(public, participant):
    nest.data_prefix = "run1_"
    one = participant()
    one.spikes_out(one.group(nest.Create("iaf_psc_exp", 1)))
    with pytest.raises(SimulatorFailed, match=r"nest.data_prefix is 'run1_'.*into your recorders' labels"):
        one.adapter.prepare()
    one.adapter.cleanup()
    nest.data_prefix = ""
    one.run(3)
