"""Variables of a wrapped group: Brian2's names, SI units, live."""

import brian2
import numpy as np
import pytest
from brian2 import ms, mV, nS, pA, second, siemens, volt
from fusion_brian2.dimensions import unit_of

from fusion.core.units import BASES, parse
from fusion.errors import InvalidValue, UnknownName, UnknownObject, Unsupported

MODEL = """dv/dt = (I*R - v + leak)/tau : volt (unless refractory)
I : amp
R : ohm (constant)
tau : second (shared, constant)
gain : 1 (shared)
n : integer
flag : boolean
leak = gain*v : volt
power = v*I : watt
odd : second**-0.5"""


@pytest.fixture
def wrapped(participant):
    p = participant()
    group = brian2.NeuronGroup(
        4, MODEL, threshold="v > 20*mV", reset="v = 0*mV", refractory=1 * ms, method="euler", name="cells"
    )
    group.tau, group.R = 10 * ms, 100 * brian2.Mohm
    handle = p.group(group)
    return p, group, handle


def test_units_are_si_and_readable_for_fusion(wrapped):
    _, _, handle = wrapped
    units = {name: variable.unit for name, variable in handle.variables.items()}
    assert units == {
        "v": "V", "I": "A", "R": "Ohm", "tau": "s", "gain": "", "n": "", "flag": "", "leak": "V", "power": "W",
        "odd": None, "lastspike": "s", "not_refractory": "", "t": "s", "dt": "s",
        "t_in_timesteps": "", "i": "", "N": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("unit", "text"),
    [
        (brian2.meter, "m"),
        (brian2.hertz, "Hz"),
        (brian2.pfarad / brian2.um**2, "F m^-2"),
        (siemens / brian2.meter**2, "S m^-2"),
        (volt / second, "V s^-1"),
        (brian2.coulomb, "C"),
        (brian2.mmolar, "mol m^-3"),
        (brian2.kilogram * brian2.kelvin**2 * brian2.amp, "kg A K^2"),
        (volt**0.5, None),
    ],
)
def test_every_dimension_of_whole_powers_has_a_unit_of_the_same_dimension(unit, text):
    found = unit_of(unit.dim)
    if text is None:
        assert found is None
        return
    assert parse(found) == (
        0,
        tuple(int(unit.dim.get_dimension(base)) for base in BASES),
    )
    assert found == text


def test_sizes_are_per_neuron_or_one(wrapped):
    _, _, handle = wrapped
    shared = {name for name, variable in handle.variables.items() if variable.size == 1}
    assert shared == {"tau", "gain", "t", "dt", "t_in_timesteps", "N"}


def test_what_cannot_be_written_says_why(wrapped):
    _, _, handle = wrapped
    reasons = {name: v.read_only or v.fixed_while_running for name, v in handle.variables.items()}
    writable = {name for name, reason in reasons.items() if not reason}
    assert writable == {"v", "I", "R", "gain", "n", "flag", "odd", "lastspike", "not_refractory"}
    assert "leak = gain*v" in reasons["leak"]
    assert "clock" in reasons["t"]
    assert "clock" in reasons["dt"]
    assert "constant" in reasons["N"]
    assert handle.variables["tau"].read_only == ""
    assert "before a run" in handle.variables["tau"].fixed_while_running


def test_inputs_are_the_float_variables_that_can_be_written(wrapped):
    _, _, handle = wrapped
    assert set(handle.inputs) == {"v", "I", "R", "odd"}
    assert handle.default_input is None
    assert all(each.spikes and each.samples and not each.signed for each in handle.inputs.values())
    assert handle.inputs["I"].unit == "A"


def test_reading_gives_fresh_arrays_in_si_units(wrapped):
    p, group, handle = wrapped
    group.v = [1, 2, 3, 4] * mV
    first = p.read(handle, "v")
    np.testing.assert_array_equal(first, [0.001, 0.002, 0.003, 0.004])
    first[:] = 0
    np.testing.assert_array_equal(p.read(handle, "v", slice(1, 3)), [0.002, 0.003])
    np.testing.assert_array_equal(p.read(handle, "v", np.array([3, 0])), [0.004, 0.001])
    part = p.read(handle, "v", slice(1, 3))
    part[:] = 0
    assert group.v_[1] == 0.002
    assert p.read(handle, "tau").tolist() == [0.01]
    assert p.read(handle, "N").tolist() == [4]
    assert p.read(handle, "dt").tolist() == [1e-4]


def test_writing_is_seen_by_brian2_and_by_the_next_step(wrapped):
    p, group, handle = wrapped
    p.adapter.write(handle, "I", np.array([1, 2, 3, 4]) * 1e-12)
    np.testing.assert_array_equal(group.I[:] / pA, [1, 2, 3, 4])
    p.adapter.prepare()
    p.advance(1)
    p.adapter.write(handle, "v", 0.0)
    p.adapter.write(handle, "I", 100e-12, slice(0, 2))
    p.advance(1)
    v = p.read(handle, "v")
    # One Euler step of dt/tau = 0.01 towards I R.
    np.testing.assert_allclose(v, 0.01 * np.array([0.01, 0.01, 3e-4, 4e-4]), rtol=1e-12)
    p.adapter.cleanup()


def test_a_constant_of_each_neuron_is_seen_when_it_is_written_inside_a_run(wrapped):
    p, _, handle = wrapped
    p.adapter.write(handle, "I", 1e-10)
    p.adapter.prepare()
    p.adapter.write(handle, "R", [0, 1e8, 2e8, 3e8])
    p.advance(1)
    np.testing.assert_allclose(p.read(handle, "v"), 1e-4 * np.array([0, 1, 2, 3]), rtol=1e-12)
    p.adapter.cleanup()


def test_a_shared_constant_takes_effect_at_the_next_run(wrapped):
    p, _, handle = wrapped
    p.adapter.write(handle, "I", 1e-10)
    p.adapter.write(handle, "tau", 0.02)
    p.run(1)
    np.testing.assert_allclose(p.read(handle, "v"), 0.01 / 200, rtol=1e-12)


def test_a_shared_variable_is_seen_at_once(wrapped):
    p, _, handle = wrapped
    p.adapter.write(handle, "v", 0.01)
    p.adapter.prepare()
    p.adapter.write(handle, "gain", 2.0)
    np.testing.assert_array_equal(p.read(handle, "leak"), 0.02)
    p.advance(1)
    np.testing.assert_allclose(p.read(handle, "v"), 0.01 + 0.01 * 0.01, rtol=1e-12)
    p.adapter.cleanup()


def test_integers_and_truth_values_are_written_whole_or_not_at_all(wrapped):
    p, group, handle = wrapped
    p.adapter.write(handle, "n", np.array([1.0, 2.0, 3.0, 4.0]))
    p.adapter.write(handle, "flag", [True, False, 1, 0])
    assert group.n[:].tolist() == [1, 2, 3, 4]
    assert group.flag[:].tolist() == [True, False, True, False]
    with pytest.raises(InvalidValue, match="'n' holds values of type int32"):
        p.adapter.write(handle, "n", 1.5)


def test_subexpressions_are_computed_with_the_names_of_the_declaring_line(participant):
    p = participant()
    group = brian2.NeuronGroup(3, "x : 1\ny = k*x + unit : 1\nunit = k : 1")
    handle = p.group(group, k=3.0)
    group.x = [1, 2, 3]
    np.testing.assert_array_equal(p.read(handle, "y"), [6, 9, 12])
    np.testing.assert_array_equal(p.read(handle, "unit"), [3, 3, 3])
    np.testing.assert_array_equal(p.read(handle, "y", slice(2, None)), [12])
    p.run(1)
    group.x = 0
    group.namespace["k"] = 4.0
    np.testing.assert_array_equal(p.read(handle, "y"), [4, 4, 4])


def test_linked_variables_are_read_where_they_are_linked_and_written_there(participant):
    p = participant()
    source = brian2.NeuronGroup(3, "x : volt", name="source")
    group = brian2.NeuronGroup(3, "same : volt (linked)\nturned : volt (linked)")
    group.same = brian2.linked_var(source, "x")
    group.turned = brian2.linked_var(source, "x", index=np.array([2, 1, 0]))
    source.x = [1, 2, 3] * volt
    handle = p.group(group, source)
    np.testing.assert_array_equal(p.read(handle, "same"), [1, 2, 3])
    np.testing.assert_array_equal(p.read(handle, "turned"), [3, 2, 1])
    assert handle.variables["turned"].read_only == "it is linked to 'x' of 'source'; write that"
    assert set(handle.inputs) == set()
    p.run(1)


def test_poisson_rates_can_be_written_while_running(participant):
    p = participant()
    handle = p.group(brian2.PoissonGroup(20, 0 * brian2.Hz))
    port = p.adapter.port(handle, "", "spikes out")
    p.adapter.prepare()
    p.advance(5)
    p.adapter.write(handle, "rates", 1e4, slice(0, 10))
    p.advance(1)
    p.adapter.cleanup()
    batch = p.adapter.pull(port)
    assert handle.variables["rates"].unit == "Hz"
    np.testing.assert_array_equal(batch.indices, np.arange(10))
    np.testing.assert_array_equal(batch.ticks, 6)


def test_poisson_rates_given_as_a_string_are_computed(participant):
    p = participant()
    handle = p.group(brian2.PoissonGroup(3, "(1 + i)*base"), base=2 * brian2.Hz)
    np.testing.assert_array_equal(p.read(handle, "rates"), [2, 4, 6])
    assert "it is computed" in handle.variables["rates"].read_only
    assert not handle.inputs


def test_events_of_a_generator_are_not_shown_as_variables_per_neuron(participant):
    p = participant()
    handle = p.group(brian2.SpikeGeneratorGroup(2, [0, 1, 1], [0, 1, 2] * ms))
    assert "neuron_index" not in handle.variables
    assert not handle.inputs


def test_the_clock_shows_this_networks_time_even_if_another_shares_it(participant):
    one, two = participant(), participant()
    a, b = (p.group(brian2.NeuronGroup(1, "seen = t/ms : 1")) for p in (one, two))
    one.adapter.prepare()
    two.adapter.prepare()
    one.advance(3)
    two.advance(8)
    assert one.read(a, "t") == 3 * 1e-4
    assert two.read(b, "seen") == pytest.approx(0.8)
    assert one.read(a, "seen") == pytest.approx(0.3)
    one.adapter.cleanup()
    two.adapter.cleanup()
    assert one.adapter.network.t_ == 3 * 1e-4


def test_a_part_of_a_group_is_refused_with_the_way_out(participant):
    group = brian2.NeuronGroup(10, "x : 1", name="whole")
    with pytest.raises(Unsupported, match=r"part of the Brian2 group 'whole'.*\[2:5\]"):
        participant().group(group[2:5])


def test_synapses_in_place_of_a_group_are_refused_with_the_way_out(participant):
    group = brian2.NeuronGroup(2, "x : 1")
    synapses = brian2.Synapses(group, group, on_pre="", name="links")
    with pytest.raises(UnknownObject, match=r"SynapseGroup\(net, source, target, links\)"):
        participant().group(synapses)


def test_another_object_in_place_of_a_group_is_refused_with_the_way_out(participant):
    group = brian2.NeuronGroup(2, "x : 1")
    with pytest.raises(UnknownObject, match=r"StateMonitor cannot be a group.*also=\[...\]"):
        participant().group(brian2.StateMonitor(group, "x", record=True))


def test_something_else_in_also_is_refused(participant):
    group = brian2.NeuronGroup(2, "x : 1")
    with pytest.raises(UnknownObject, match=r"is no Brian2 object\. also="):
        participant().group(group, 3 * nS)


def test_a_name_that_is_not_there_is_an_error_that_lists_what_is(wrapped):
    p, _, handle = wrapped
    for attempt in (lambda: p.read(handle, "V"), lambda: p.adapter.write(handle, "V", 0.0)):
        with pytest.raises(UnknownName, match=r"No variable is named 'V' in cells.* v\b"):
            attempt()
