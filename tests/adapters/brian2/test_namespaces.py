"""Names in equations mean what they mean at the line where the object was declared."""

import brian2
import numpy as np
import pytest
from brian2 import ms, mV

from fusion.errors import SimulatorFailed, UnknownName


def test_two_groups_may_mean_different_things_by_one_name(participant):
    p = participant()
    fast = p.group(brian2.NeuronGroup(1, "dx/dt = 1/tau : 1", method="euler"), tau=1 * ms)
    slow = p.group(brian2.NeuronGroup(1, "dx/dt = 1/tau : 1", method="euler"), tau=10 * ms)
    p.run(10)
    assert p.read(fast, "x") == pytest.approx(1.0)
    assert p.read(slow, "x") == pytest.approx(0.1)


def test_a_groups_own_namespace_comes_first_and_is_left_as_it_was(participant):
    p = participant()
    names = {"tau": 1 * ms}
    group = brian2.NeuronGroup(1, "dx/dt = k/tau : 1", method="euler", namespace=names)
    handle = p.group(group, tau=10 * ms, k=2)
    p.run(10)
    assert p.read(handle, "x") == pytest.approx(2.0)
    assert group.namespace is names
    assert set(names) == {"tau"}


def test_thresholds_resets_and_regular_operations_see_the_names_too(participant):
    p = participant()
    group = brian2.NeuronGroup(1, "dx/dt = 1/ms : 1", threshold="x > top", reset="x = bottom", method="euler")
    group.run_regularly("x += step", dt=0.5 * ms)
    handle = p.group(group, top=0.25, bottom=-1, step=0.0)
    p.run(3)
    assert p.read(handle, "x") == [-1]


def test_synapses_given_with_a_group_see_the_names_of_its_line(participant):
    p = participant()
    source = brian2.SpikeGeneratorGroup(1, [0], [0] * ms)
    target = brian2.NeuronGroup(1, "x : volt")
    synapses = brian2.Synapses(source, target, on_pre="x_post += jump")
    synapses.connect()
    handle = p.group(target, source, synapses, jump=3 * mV)
    p.run(1)
    assert p.read(handle, "x") == [0.003]


def test_what_is_added_to_the_network_later_sees_the_names_of_what_it_refers_to(participant):
    p = participant()
    source = brian2.SpikeGeneratorGroup(1, [0], [0] * ms)
    p.group(brian2.NeuronGroup(1, "y : 1"), jump=1 * mV)
    target = brian2.NeuronGroup(1, "x : volt")
    handle = p.group(target, source, jump=3 * mV)
    synapses = brian2.Synapses(source, target, on_pre="x_post += jump")
    synapses.connect()
    p.adapter.network.add(synapses)
    p.run(1)
    assert p.read(handle, "x") == [0.003]


def test_an_undefined_name_is_an_error_at_prepare_that_says_where_and_what_there_is(participant):
    p = participant()
    p.group(brian2.NeuronGroup(1, "dx/dt = 1/tau : 1", method="euler", name="cells"), tau_m=1 * ms, text="no number")
    with pytest.raises(
        UnknownName, match=r"No constant is named 'tau' in the code of the Brian2 object 'cells\w*'"
    ) as e:
        p.adapter.prepare()
    assert "Did you mean 'tau_m'?" in str(e.value)
    assert "text" not in e.value.known
    p.adapter.cleanup()


def test_after_such_an_error_the_network_can_be_mended_and_run(participant):
    p = participant()
    group = brian2.NeuronGroup(1, "dx/dt = 1/tau : 1", method="euler")
    handle = p.group(group)
    with pytest.raises(UnknownName):
        p.adapter.prepare()
    p.adapter.cleanup()
    group.namespace["tau"] = 1 * ms
    p.run(10)
    assert p.read(handle, "x") == pytest.approx(1.0)


def test_other_errors_of_brian2s_compiler_name_the_object_and_the_reason(participant):
    p = participant()
    p.group(brian2.NeuronGroup(1, "dx/dt = 1*mV : 1", method="euler", name="cells"))
    with pytest.raises(SimulatorFailed, match=r"Brian2 cannot prepare the code of the Brian2 object 'cells\w*'.*unit"):
        p.adapter.prepare()


def test_arrays_and_functions_are_found_in_the_names(participant):
    p = participant()
    curve = brian2.TimedArray(np.arange(5.0), dt=0.1 * ms)
    handle = p.group(brian2.NeuronGroup(1, "x = curve(t) : 1"), curve=curve)
    p.adapter.prepare()
    p.advance(3)
    assert p.read(handle, "x") == [3]
    p.adapter.cleanup()
