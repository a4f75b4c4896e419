"""Which object belongs to which network, and what happens to those that were forgotten."""

import gc
import io

import brian2
import pytest
from brian2 import Hz, ms

from fusion.errors import BelongsElsewhere, ClockMismatch, Unsupported


def cells(name="cells*", **options):
    return brian2.NeuronGroup(2, "x : 1", threshold="x > 0", reset="", name=name, **options)


def synapses(source, target):
    made = brian2.Synapses(source, target, on_pre="x_post += 1", name="links*")
    made.connect()
    return made


FORGOTTEN = {
    "synapses": lambda group: synapses(group, group),
    "SpikeMonitor": brian2.SpikeMonitor,
    "StateMonitor": lambda group: brian2.StateMonitor(group, "x", record=True),
    "PopulationRateMonitor": brian2.PopulationRateMonitor,
    "PoissonInput": lambda group: brian2.PoissonInput(group, "x", 10, 5 * Hz, 1),
    "a part": lambda group: brian2.SpikeMonitor(group[:1]),
}


@pytest.mark.parametrize("make", FORGOTTEN.values(), ids=FORGOTTEN)
def test_an_object_that_was_forgotten_is_an_error_at_prepare_with_the_line_to_write(participant, make):
    p = participant()
    group = cells("cells_here")
    p.group(group)
    left = make(group)
    with pytest.raises(BelongsElsewhere) as error:
        p.adapter.prepare()
    assert f"{type(left).__name__} {left.name!r} refers to 'cells_here'" in str(error.value)
    assert f"NeuronGroup(net, cells_here, also=[{left.name}])" in str(error.value)
    p.adapter.cleanup()


@pytest.mark.parametrize("make", FORGOTTEN.values(), ids=FORGOTTEN)
def test_given_with_also_it_runs(participant, make):
    p = participant()
    group = cells()
    other = make(group)
    p.group(group, other)
    p.run(2)
    assert other in p.adapter.network.objects


def test_several_forgotten_objects_are_named_together(participant):
    p = participant()
    group = cells()
    p.group(group)
    left = brian2.SpikeMonitor(group, name="a_watch"), brian2.SpikeMonitor(group, name="b_watch")
    with pytest.raises(BelongsElsewhere, match=r"also=\[a_watch, b_watch\]"):
        p.adapter.prepare()
    assert len(left) == 2


def test_an_inactive_one_and_one_that_was_dropped_are_no_matter(participant):
    p = participant()
    group = cells()
    p.group(group)
    idle = brian2.SpikeMonitor(group)
    idle.active = False
    brian2.SpikeMonitor(group)
    p.run(1)


def test_objects_of_other_groups_are_no_matter(participant):
    p = participant()
    p.group(cells())
    other = cells()
    monitor = brian2.SpikeMonitor(other)
    p.run(1)
    assert monitor not in p.adapter.network.objects


def test_one_that_belongs_to_another_network_of_brian2_is_that_networks(participant):
    p = participant()
    group = cells()
    p.group(group)
    monitor = brian2.SpikeMonitor(group)
    network = brian2.Network(monitor)
    p.run(1)
    assert network.objects == {monitor}


def test_what_a_given_object_needs_must_be_given_too(participant):
    p = participant()
    group, other = cells(), cells("other_cells")
    p.group(group, synapses(other, group))
    with pytest.raises(
        BelongsElsewhere, match=r"needs 'other_cells'.*NeuronGroup\(net, other_cells\).*also=\[other_cells\]"
    ):
        p.adapter.prepare()
    p.adapter.cleanup()
    p.group(other)
    p.run(1)


def test_a_group_cannot_be_wrapped_twice(participant):
    one, two = participant(), participant()
    group = cells("taken")
    one.group(group)
    with pytest.raises(BelongsElsewhere, match="'taken' is a group of this network already"):
        one.group(group)
    with pytest.raises(BelongsElsewhere, match=rf"'taken' belongs to the Brian2 network '{one.adapter.network.name}'"):
        two.group(group)


def test_an_object_of_a_brian2_network_is_refused(participant):
    group = cells("taken")
    network = brian2.Network(group, name="mine")
    with pytest.raises(BelongsElsewhere, match=r"belongs to the Brian2 network 'mine'.*Leave it out"):
        participant().group(group)
    network.remove(group)
    participant().group(group)


def test_an_object_that_brian2_has_run_is_refused(participant):
    group = cells("spent")
    brian2.run(1 * ms, namespace={})
    with pytest.raises(BelongsElsewhere, match=r"'spent' has been run in another Brian2 network.*Make a new object"):
        participant().group(group)


def test_nothing_is_taken_if_one_of_several_cannot_be(participant):
    p = participant()
    group = cells()
    bad = brian2.StateMonitor(group, "x", record=True, dt=0.25 * ms, name="odd_pace")
    with pytest.raises(ClockMismatch, match=r"'odd_pace' runs every 0\.25 ms.*0\.1\*ms"):
        p.group(group, bad)
    assert not p.adapter.network.objects


def test_a_group_that_was_given_with_another_can_be_wrapped_later(participant):
    p = participant()
    group, other = cells(), cells()
    p.group(group, other)
    handle = p.group(other)
    p.run(1)
    assert p.read(handle, "x").tolist() == [0, 0]


def test_a_group_taken_out_of_the_network_is_missed(participant):
    p = participant()
    group = cells("gone")
    p.group(group)
    p.run(1)
    p.adapter.network.remove(group)
    with pytest.raises(BelongsElsewhere, match=r"'gone' was taken out.*\.objects\.add\(gone\)"):
        p.adapter.prepare()
    p.adapter.network.objects.add(group)
    p.run(1)


def test_half_made_objects_do_not_confuse(participant):
    p = participant()
    group = cells()
    p.group(group)
    with pytest.raises(TypeError) as kept:
        brian2.Synapses(group, group, model=3)
    p.run(1)
    assert kept


def test_after_close_everything_is_free_again(participant):
    p = participant()
    group = cells()
    monitor = brian2.SpikeMonitor(group)
    p.group(group, monitor)
    p.run(2)
    p.adapter.close()
    p.adapter.close()
    again = participant()
    again.group(group, monitor)
    again.run(2)
    again.adapter.close()
    brian2.Network(group, monitor).run(1 * ms)


def test_close_works_while_prepared_before_anything_and_after_an_error(participant):
    p = participant()
    p.group(cells())
    p.adapter.prepare()
    p.adapter.close()
    participant().adapter.close()
    type(p.adapter)().close()
    failed = participant()
    failed.group(brian2.NeuronGroup(1, "dx/dt = 1/nothing : 1", method="euler"))
    with pytest.raises(LookupError):
        failed.adapter.prepare()
    failed.adapter.close()


def test_a_released_object_dies_in_silence(participant, monkeypatch):
    shown = io.StringIO()
    monkeypatch.setattr(brian2.BrianLogger.console_handler, "stream", shown)
    p = participant()
    p.group(cells())
    p.run(1)
    p.close()
    p.adapter = type(p.adapter)()
    gc.collect()
    assert shown.getvalue() == ""


@pytest.mark.parametrize("when", ["open", "create", "prepare"])
def test_another_device_is_refused_with_the_line_to_write(participant, when):
    p = participant()
    p.group(cells())
    group = cells()
    brian2.set_device("cpp_standalone", build_on_run=False)
    try:
        with pytest.raises(Unsupported, match=r"runtime device; this is CPPStandaloneDevice.*set_device\('runtime'\)"):
            {"open": participant, "create": lambda: p.group(group), "prepare": p.adapter.prepare}[when]()
    finally:
        brian2.set_device("runtime")
