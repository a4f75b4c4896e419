"""The compiled port: equal to PyNEST in all bits, for all models, and never a crash where it cannot work."""

import logging
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace

import nest
import numpy as np
import pytest
from fusion_nest import Adapter, port
from fusion_nest.port import build, library

from fusion.adapter import tiers
from fusion.adapter.base import GroupSpec
from fusion.core.batch import Spikes
from fusion.core.clock import Clock
from fusion.errors import SimulatorFailed, UnknownName

DT = 0.1
RECORDED = [
    model
    for model in nest.node_models
    if nest.GetDefaults(model)["element_type"] == "neuron" and nest.GetDefaults(model).get("recordables")
]

pytestmark = pytest.mark.skipif("nest" in os.environ.get(tiers.VARIABLE, ""), reason="the port is not wanted")


def recurrent(n=40, seed=5):
    rng = np.random.default_rng(seed)
    nodes = nest.Create("iaf_psc_exp", n, {"I_e": rng.uniform(380.0, 500.0, n), "V_m": rng.uniform(-70.0, -56.0, n)})
    # A delay of one step: such spikes share their place in the ring buffers with what is pushed at the last moment.
    nest.Connect(nodes, nodes, syn_spec={"weight": rng.uniform(-60.0, 80.0, (n, n)), "delay": DT})
    return nodes


def played(reset, participant, chunks, early):
    """Spikes, and traces of all variables, under recurrent and outside spikes with weights that are not dyadic."""
    reset()
    one = participant()
    cells = one.group(recurrent())
    port, spikes = one.spikes_in(cells), one.spikes_out(cells)
    traces = [one.adapter.port(cells, name, "samples out") for name in ("V_m", "I_syn_ex", "I_syn_in")]
    current = one.adapter.port(cells, "I_e", "samples in")
    rng = np.random.default_rng(7)
    rows = {tick: dict(enumerate(rng.uniform(0.1, 90.0, 40))) for tick in range(1, sum(chunks) + 1)}
    levels = rng.uniform(300.0, 500.0, (sum(chunks) + 1, 40))
    one.adapter.prepare()
    pulled, done = [], 0
    for ticks in chunks:
        if early and not done:
            one.push_samples(current, 0, levels)
            for tick, row in rows.items():
                one.push(port, tick, row)
        elif not early:
            one.push_samples(current, done, levels[done : done + ticks])
            for tick in range(done + 1, done + ticks + 1):
                one.push(port, tick, rows[tick])
        one.advance(ticks)
        done += ticks
        pulled += one.pulled(spikes)
    one.adapter.cleanup()
    values = [one.adapter.pull(trace).values for trace in traces]
    one.adapter.close()
    return pulled, values


@pytest.mark.parametrize("early", [False, True])
@pytest.mark.parametrize("chunks", [[7] * 28 + [4], [200], [1, 99, 100]])
def test_chunks_add_own_and_outside_spikes_in_the_same_order(reset, participant, chunks, early):
    pulled, values = played(reset, participant, [1] * 200, early=False)
    others, traces = played(reset, participant, chunks, early)
    assert len(pulled) > 100
    assert others == pulled
    for trace, expected in zip(traces, values, strict=True):
        np.testing.assert_array_equal(trace, expected)


def test_what_the_port_reads_is_what_nest_records(participant):
    names = ["V_m", "I_syn_ex", "I_syn_in"]
    nodes = recurrent()
    meter, recorder = (
        nest.Create("multimeter", 1, {"record_from": names, "interval": DT}),
        nest.Create("spike_recorder"),
    )
    nest.Connect(meter, nodes, syn_spec={"delay": DT})
    nest.Connect(nodes, recorder, syn_spec={"delay": DT})
    one = participant()
    cells = one.group(nodes)
    spikes = one.spikes_out(cells)
    traces = [one.adapter.port(cells, name, "samples out", slice(None, None, -1)) for name in names]
    one.run(3, 140, 57)
    np.testing.assert_array_equal(one.adapter.read(cells, "V_m"), nodes.V_m)
    events = meter.get("events")
    order = np.lexsort((-events["senders"], np.round(events["times"], 6)))
    for name, trace in zip(names, traces, strict=True):
        # NEST's own meter lags by one slice: the last tick is missing.
        np.testing.assert_array_equal(one.adapter.pull(trace).values[:-1], events[name][order].reshape(199, -1))
    fired = recorder.get("events")
    ticks, indices = np.rint(fired["times"] / DT).astype(int), fired["senders"] - nodes[0].global_id
    assert one.pulled(spikes) == sorted(zip(ticks.tolist(), indices.tolist(), strict=True))
    assert len(fired["times"]) > 30


@pytest.mark.parametrize("model", RECORDED)
def test_every_recordable_of_every_model_is_what_nest_says_it_is(participant, model):
    """Driven, in a run and after it; what a status holds is compared with it."""
    nodes = nest.Create(model, 3)
    one = participant()
    cells = one.group(nodes)
    shown = set(cells.variables) & set(nodes[0].recordables)
    if cells.default_input or cells.inputs:
        name = cells.default_input or next(name for name, place in cells.inputs.items() if place.spikes)
        inlet = one.spikes_in(cells, name) if cells.inputs[name].spikes else None
        for tick in range(2, 20 if inlet else 0, 3):
            one.push(inlet, tick, {0: 3.0, 2: 40.0})
    if "I_e" in cells.inputs:
        one.push_samples(one.adapter.port(cells, "I_e", "samples in"), 0, [[50.0, 0.0, 700.0]])
    one.adapter.prepare()
    for ticks in (1, 7, 40):
        one.advance(ticks)
        for name in shown:
            values = one.adapter.read(cells, name)
            assert values.shape == (3,)
            if name in nodes[0].get():
                np.testing.assert_array_equal(values, nodes.get(name), name)
    one.adapter.cleanup()


@pytest.mark.parametrize("model", [model for model in RECORDED if "I_e" in nest.GetDefaults(model)])
def test_a_current_that_the_port_writes_does_what_setting_it_does(participant, model):
    ours, natives = nest.Create(model, 2), nest.Create(model, 2)
    one = participant()
    cells = one.group(ours)
    inlet = one.adapter.port(cells, "I_e", "samples in")
    one.adapter.prepare()
    for k, value in enumerate([300.0, -50.0, 420.0, 0.0]):
        one.push_samples(inlet, 5 * k, [[value, 2.0 * value]])
        natives.set([{"I_e": value}, {"I_e": 2.0 * value}])
        assert ours.I_e == natives.I_e
        one.advance(5)
        for name in ours[0].recordables:
            if name in ours[0].get():
                np.testing.assert_array_equal(ours.get(name), natives.get(name), name)


def test_recordables_that_nest_shows_nowhere_else_can_be_read_and_not_written(participant):
    one = participant()
    cells = one.group(nest.Create("iaf_psc_exp", 2))
    assert cells.variables["I_syn_ex"].unit == "pA"
    assert cells.variables["I_syn_ex"].read_only == "NEST lets it be recorded and not be set"
    assert one.adapter.read(cells, "I_syn_ex", slice(1)).tolist() == [0.0]


def test_a_group_without_the_port_does_not_show_them(public, participant):
    one = participant()
    with pytest.raises(UnknownName, match="I_syn_ex"):
        one.adapter.read(one.group(nest.Create("iaf_psc_exp", 2)), "I_syn_ex")


def test_receptors_are_shown_from_the_first_run_on(participant):
    """NEST makes their state when a run is prepared; until then, and where there are fewer now, there is none."""
    nodes = nest.Create("iaf_psc_exp_multisynapse", 2, {"tau_syn": [1.0, 2.0, 5.0]})
    one = participant()
    cells = one.group(nodes)
    assert one.adapter.read(cells, "I_syn_3").tolist() == [0.0, 0.0]
    inlet = one.spikes_in(cells, "receptor 3")
    one.push(inlet, 2, {1: 8.0})
    one.run(2)
    assert one.adapter.read(cells, "I_syn_3").tolist() == [0.0, 8.0]
    with pytest.raises(nest.NESTError):
        nodes.tau_syn = [1.0]  # the port counts as a connection to the third


def test_arrivals_may_be_any_number_of_ticks_ahead(participant):
    one = participant()
    cells = one.group(nest.Create("iaf_psc_exp", 1))
    inlet, trace = one.spikes_in(cells), one.adapter.port(cells, "I_syn_ex", "samples out")
    for tick in (1, 30, 5000, 10**12):
        one.push(inlet, tick, {0: 1.0})
    one.run(5001)
    values = one.adapter.pull(trace).values[:, 0]
    assert (np.flatnonzero(np.diff(values, prepend=0.0) > 0.5) + 1).tolist() == [1, 30, 5000]


def test_an_index_beyond_the_group_is_refused(participant):
    one = participant()
    inlet = one.spikes_in(one.group(nest.Create("iaf_psc_exp", 3)))
    for index in (3, -1):
        with pytest.raises(SimulatorFailed, match=f"there is no neuron {index}"):
            one.push(inlet, 4, {index: 1.0})


def test_arrays_of_another_type_are_taken_as_well_and_ticks_that_descend_are_not(participant):
    one = participant()
    cells = one.group(nest.Create("iaf_psc_exp", 3))
    inlet, trace = one.spikes_in(cells), one.adapter.port(cells, "I_syn_ex", "samples out")
    one.adapter.push(inlet, Spikes(np.array([2, 3], np.int32), np.array([1, 2], np.int32), np.ones(2, np.float32), 3))
    with pytest.raises(SimulatorFailed, match="NEST's port: ticks descend") as raised:
        one.adapter.push(inlet, Spikes(np.array([9, 8]), np.array([0, 0]), np.ones(2), 9))
    assert (raised.value.simulator, raised.value.tick) == ("nest", 0)
    one.run(9)
    rows = one.adapter.pull(trace).values
    assert [tuple(place) for place in np.argwhere(np.diff(rows, axis=0, prepend=0.0) > 0)] == [(1, 1), (2, 2)]


def test_rows_that_come_out_of_order_wait_for_their_ticks(participant):
    one = participant()
    cells = one.group(nest.Create("iaf_psc_exp", 1))
    inlet, trace = one.spikes_in(cells), one.adapter.port(cells, "I_syn_ex", "samples out")
    current, seen = one.adapter.port(cells, "I_e", "samples in"), one.adapter.port(cells, "V_m", "samples out")
    for tick in (9, 3, 7, 4, 30):
        one.push(inlet, tick, {0: 1.0})
    for tick in (8, 5):
        one.push_samples(current, tick, [[500.0 if tick == 5 else 0.0]])
    one.adapter.prepare()
    for ticks in (1, 3, 16, 20):
        one.advance(ticks)
    one.adapter.cleanup()
    arrived = np.diff(one.adapter.pull(trace).values[:, 0], prepend=0.0) > 0.5
    assert (np.flatnonzero(arrived) + 1).tolist() == [3, 4, 7, 9, 30]
    steps = np.diff(one.adapter.pull(seen).values[:, 0])
    assert np.all(steps[4:7] > 0.1), "the current stands from the end of tick 5 to that of tick 8"
    assert np.all(steps[[3, 7]] < 0.1)


def test_what_was_sampled_before_a_reset_can_be_pulled(participant, reset):
    one = participant()
    cells = one.group(nest.Create("iaf_psc_exp", 3))
    trace = one.adapter.port(cells, "V_m", "samples out")
    one.adapter.prepare()
    one.advance(4)
    reset()
    t0, values = one.adapter.pull(trace)
    assert (t0, values.tolist()) == (1, [[-70.0] * 3] * 4)


def test_calls_check_what_they_get(participant):
    one = participant()
    cells = one.group(nest.Create("iaf_psc_exp", 3))
    one.adapter.port(cells, "V_m", "samples out")
    one.spikes_in(cells), one.spikes_out(cells), one.adapter.port(cells, "I_e", "samples in")
    there, ints, floats = port.load(nest), np.ones(2, np.int64), np.ones(2)
    for call, reason in (
        (lambda: there.advance(0), "a function got 1 arguments, not 2"),
        (lambda: there.advance(0, "1"), "an argument is no whole number"),
        (lambda: there.advance(0, 2**70), "an argument is no whole number"),
        (lambda: there.advance(0, 1), "the port is not armed"),
        (lambda: there.push(1, ints, ints, floats), "vector"),
        (lambda: there.push(-1, ints, ints, floats), "vector"),
        (lambda: there.push(0, ints, ints, floats[:1]), "an array has 1 items instead of 2"),
        (lambda: there.push(0, ints, ints[::-1], floats), "an argument is no contiguous array"),
        (lambda: there.push(0, ints, floats, floats), "an array has items of another type"),
        (lambda: there.push(0, ints, None, floats), "an argument is no contiguous array"),
        (lambda: there.push_levels(3, 0, floats), "vector"),
        (lambda: there.take(0, np.empty(3)), "more samples are asked for than were taken"),
        (lambda: there.waiting(7), "vector"),
        (lambda: there.pull(0, ints, ints), "an array has 2 items instead of 0"),
    ):
        with pytest.raises(port.PortError, match=reason):
            call()


def test_after_a_reset_nothing_is_touched(participant, reset):
    """Though the new nodes have the old numbers."""
    one = participant()
    cells = one.group(nest.Create("iaf_psc_exp", 3))
    inlet = one.spikes_in(cells)
    one.adapter.prepare()
    reset()
    nest.Create("iaf_psc_exp", 10)
    for attempt in (
        lambda: one.push(inlet, 4, {0: 1.0}),
        lambda: one.adapter.read(cells, "V_m"),
        lambda: one.adapter.port(cells, "V_m", "samples out"),
        one.advance,
    ):
        with pytest.raises(SimulatorFailed, match=r"are gone"):
            attempt()
    one.adapter.close()
    other = participant()
    assert other.adapter.read(other.group(nest.Create("iaf_psc_exp", 2)), "V_m").tolist() == [-70.0, -70.0]


def test_nodes_made_between_runs_do_not_come_after_the_port(participant):
    one = participant()
    cells = one.group(nest.Create("iaf_psc_exp", 2))
    spikes = one.spikes_out(cells)
    one.run(3)
    more = one.group(nest.Create("iaf_psc_exp", 2, {"I_e": 900.0}), "more")
    trace, others = one.adapter.port(more, "V_m", "samples out"), one.spikes_out(more)
    one.adapter.prepare()
    for _ in range(60):
        one.advance()
        np.testing.assert_array_equal(one.adapter.pull(trace).values[0], one.adapter.read(more, "V_m"))
    assert one.pulled(spikes) == []
    assert len(one.pulled(others)) > 0


def test_a_clock_that_somebody_moves_during_a_run_is_noticed(participant):
    one = participant()
    one.group(nest.Create("iaf_psc_exp", 2))
    one.adapter.prepare()
    one.advance(2)
    nest.Run(0.5)
    with pytest.raises(SimulatorFailed, match="clock was moved"):
        one.advance(2)


def opened():
    adapter = Adapter()
    adapter.open(Clock(DT), 1)
    tier = adapter.tier
    adapter.create(nest.Create("iaf_psc_exp", 2), GroupSpec("cells"))
    adapter.prepare()
    adapter.advance(3)
    adapter.cleanup()
    adapter.close()
    return tier


@pytest.fixture
def told(monkeypatch, caplog):
    """The warnings of fusion, with a memory that is empty."""
    monkeypatch.setattr(tiers, "_told", set())
    caplog.set_level(logging.WARNING, "fusion")
    return lambda: [record.getMessage() for record in caplog.records]


def test_the_port_is_there():
    assert opened() == tiers.Tier("port")


def test_two_threads_are_a_reason_against_the_port(told):
    nest.local_num_threads = 2
    assert opened().name == "public"
    assert told() == [
        "nest is used through its public interface: nest.local_num_threads is 2, and the port works with one thread. "
        "See `fusion doctor`."
    ]


def test_threads_that_come_after_the_network_are_an_error(participant):
    one = participant()
    nest.local_num_threads = 2
    with pytest.raises(SimulatorFailed, match="Set it before the first NeuronGroup of NEST"):
        one.group(nest.Create("iaf_psc_exp"))


@pytest.mark.parametrize(
    ("words", "reason"),
    [("false", "/false gave 1"), ("no-such-compiler -x", "CXX is 'no-such-compiler -x', and there is no such program")],
)
def test_a_broken_compiler_leaves_the_public_tier_and_one_line(told, monkeypatch, tmp_path, words, reason):
    monkeypatch.setenv("CXX", words)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for _ in range(2):
        assert reason in opened().reason
    assert sum(reason in line for line in told()) == 1
    assert not list(tmp_path.rglob("*.so"))


def test_without_a_compiler_the_reason_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(port.PortUnavailable, match="apt-get install g"):
        build.compiler()


def test_without_a_compiler_what_one_has_made_before_is_loaded(monkeypatch, tmp_path):
    with build.built(nest) as made:
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.delenv("CXX", raising=False)
        with build.built(nest) as found:
            assert library.Library(found, nest).MODEL
            assert found.name.rpartition("-")[0] == made.name.rpartition("-")[0]


def test_without_a_compiler_a_library_of_other_sources_is_not_loaded(monkeypatch, tmp_path):
    with build.built(nest) as made:
        folder = tmp_path / "fusion" / "nest-port"
        folder.mkdir(parents=True)
        (folder / f"{nest.build_info['version']}-{'0' * 16}-{'0' * 8}.so").write_bytes(made.read_bytes())
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(port.PortUnavailable, match="apt-get install g"), build.built(nest):
        pass


def another_nest(**differences):
    """NEST, with other answers."""
    answers = {name: getattr(nest, name) for name in ("__file__", "build_info", "GetKernelStatus", "NESTError")}
    return SimpleNamespace(**{**answers, **differences})


def test_without_headers_the_reason_says_so(tmp_path):
    with pytest.raises(port.PortUnavailable, match=r"NEST 3\.\S+ came without the headers"):
        build.headers(another_nest(__file__=str(tmp_path / "__init__.py")))


def test_another_nest_is_refused():
    other = another_nest(build_info={**nest.build_info, "version": "3.99"})
    reason = r"compiled for NEST 3\.\d+\.\d+, and this is NEST 3.99"
    with build.built(nest) as path, pytest.raises(port.PortUnavailable, match=reason):
        library.Library(path, other)


def test_headers_that_lie_are_refused():
    status = {**nest.GetKernelStatus(), "network_size": 77}
    with build.built(nest) as path, pytest.raises(port.PortUnavailable, match="do not describe the NEST that runs"):
        library.Library(path, another_nest(GetKernelStatus=lambda: status))


def test_a_file_that_is_no_library_is_a_reason(tmp_path):
    broken = tmp_path / "port.so"
    broken.write_bytes(b"no library")
    with pytest.raises(port.PortUnavailable, match="cannot be loaded"):
        library.Library(broken, nest)


SCRIPT = """
    import nest
    from fusion_nest import Adapter
    from fusion.adapter.base import GroupSpec
    from fusion.core.clock import Clock
    one = Adapter()
    one.open(Clock(0.1), 1)
    cells = one.create(nest.Create("iaf_psc_exp", 2), GroupSpec("cells"))
    one.prepare()
    one.advance(5)
    print(one.tier.name, one.read(cells, "V_m").tolist())
"""


def started(cache):
    """Another process that opens NEST, with a cache folder of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SCRIPT)],
        env={**os.environ, "XDG_CACHE_HOME": str(cache), "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_two_processes_that_build_at_once_both_end_with_the_port(tmp_path):
    both = [started(tmp_path), started(tmp_path)]
    ends = [one.communicate(timeout=280) for one in both]
    assert [out.splitlines()[-1] for out, _ in ends] == ["port [-70.0, -70.0]"] * 2
    assert sum("Compiling the fast way into NEST" in err for _, err in ends) == 1
    assert len(list(tmp_path.rglob("*.so"))) == 1


@pytest.mark.slow
def test_a_cache_that_cannot_be_written_is_replaced_by_a_private_folder(tmp_path):
    obstacle = tmp_path / "fusion"
    obstacle.write_text("no folder can be made here, not even by root")
    out, err = started(tmp_path).communicate(timeout=280)
    assert out.splitlines()[-1] == "port [-70.0, -70.0]"
    assert "cannot be written to" in err
    assert list(tmp_path.iterdir()) == [obstacle]


def test_every_file_of_the_port_says_its_licence():
    folder = Path(build.__file__).parent
    sources = [path for path in folder.rglob("*") if path.suffix in (".py", ".h", ".cpp")]
    assert len(sources) > 8
    assert all("SPDX-License-Identifier: GPL-2.0-or-later" in path.read_text().splitlines()[0] for path in sources)
    assert "GNU GENERAL PUBLIC LICENSE" in (folder / "LICENSE").read_text()
