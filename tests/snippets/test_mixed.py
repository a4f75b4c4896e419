"""The second code block of the design, section 2, word for word, its dots filled in."""

from __future__ import annotations

import os

os.environ.setdefault("PYNEST_QUIET", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest

SNIPPET = """
import brian2, keras, nest
from fusion import EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup, exponential, fixed_probability
from fusion.behaviours import STDP

nest.resolution = 0.1
nodes = nest.Create("iaf_psc_exp", 2000, params={"I_e": 300.0})
relay = brian2.NeuronGroup(400, "...", threshold="v > -50*mV", reset="v = -65*mV", method="exact", name="relay")

net = Network(dt=0.1, seed=7)
thalamus = NeuronGroup(net, relay, tag="thalamus", behaviour={9: EventRecorder("spike"), 10: Recorder("v[:10]")})
cortex   = NeuronGroup(net, nodes, tag="cortex",   behaviour={9: EventRecorder("spike"), 10: Recorder("V_m[:10]")})
decoder  = NeuronGroup(net, keras.Sequential([...]), every=1.0, tag="decoder")                             # ms

SynapseGroup(net, thalamus, cortex, tag="up", connect=fixed_probability(0.1), weight=80.0, delay=1.5)      # pA, ms
SynapseGroup(net, cortex, thalamus, tag="down", connect=fixed_probability(0.1), weight=..., delay=2.0,
             into="g_e", behaviour={4: STDP(...)})       # arrivals add to Brian2's g_e; the plasticity is a native module
SynapseGroup(net, cortex, decoder, tag="readout", filter=exponential(20.0))                                # delay: one dt
# weight= and delay= take a number, a distribution, or a matrix (target.size, source.size), dense or scipy.sparse

net.run(1000.0)
thalamus.v            # NumPy array, the simulator's own name and unit; thalamus.unit("v") -> "V"
cortex.spikes         # indices of the neurons that fired in this iteration; .spike is the same as a mask
print(net.coupling)   # per link: delay, window, exact or held, late (0); per simulator: share of the time
"""  # noqa: E501 - the design's own lines

# The drive differs from neuron to neuron, so that they do not all fire together.
EQUATIONS = "'''dv/dt = (-49*mV + 4*mV*i/N + g_e - v)/(20*ms) : volt\ndg_e/dt = -g_e/(5*ms) : volt'''"
DOTS = {
    '"..."': EQUATIONS,
    "[...]": '[keras.Input((2000,)), keras.layers.Dense(10, activation="softmax")]',
    "weight=...": "weight=0.02 * brian2.mV",
    "STDP(...)": "STDP(a_plus=1e-7, a_minus=1.2e-7, w_max=1e-4)",  # V, as g_e
}
QUICK = 60.0  # ms


def run(duration):
    """What the snippet leaves behind: its names."""
    program = SNIPPET.replace("net.run(1000.0)", f"net.run({duration})")
    for dots, filling in DOTS.items():
        assert program.count(dots) == 1
        program = program.replace(dots, filling)
    names = {"__name__": "snippet"}
    exec(compile(program, "snippet", "exec"), names)  # as a user's script, with the user's names
    return names


@pytest.fixture(scope="module")
def fresh():
    """The simulators as a script finds them; called again, it starts another script."""
    import brian2
    import nest

    def start():
        nest.ResetKernel()
        nest.verbosity = nest.VerbosityLevel.ERROR
        brian2.start_scope()
        brian2.defaultclock.dt = 0.1 * brian2.ms

    before = brian2.prefs.codegen.target
    brian2.prefs.codegen.target = "numpy"  # nothing to compile
    start()
    yield start
    brian2.prefs.codegen.target = before
    nest.ResetKernel()


@pytest.fixture(scope="module")
def script(fresh):
    names = run(QUICK)
    yield names
    names["net"].close()


@pytest.fixture(scope="module")
def net(script):
    return script["net"]


def test_the_wrapped_object_says_which_adapter_serves_it(net):
    assert [group.adapter.name for group in net.groups] == ["brian2", "nest", "tensorflow"]
    assert [group.size for group in net.groups] == [400, 2000, 10]
    assert [net[tag, 0] for tag in ("thalamus", "cortex", "decoder")] == net.groups
    assert net["thalamus_to_cortex"] == net["up"]


def test_recorders_work_on_them_as_on_any_other(net):
    assert net["v[:10]", 0].shape == net["V_m[:10]", 0].shape == (600, 10)
    for group in net.groups[:2]:
        t, i = group["spike.t", 0], group["spike.i", 0]
        assert len(t) > 100
        assert t.max() <= QUICK
        assert i.max() < group.size


def test_variables_have_the_simulators_own_names_and_units(net):
    thalamus, cortex = net.groups[:2]
    assert thalamus.v.shape == (400,)
    assert (thalamus.unit("v"), thalamus.unit("g_e"), cortex.unit("V_m")) == ("V", "V", "mV")
    assert -0.066 < thalamus.v.min() <= thalamus.v.max() < -0.049
    np.testing.assert_array_equal(thalamus.v[:10], net["v[:10]", 0][-1])
    np.testing.assert_array_equal(cortex.V_m[:10], net["V_m[:10]", 0][-1])


def test_spikes_are_indices_and_spike_is_the_same_as_a_mask(net):
    for group in net.groups[:2]:
        spikes = group.spikes
        assert group.spike.shape == (group.size,)
        np.testing.assert_array_equal(np.flatnonzero(group.spike), spikes)
        last = group["spike", 0]
        np.testing.assert_array_equal(spikes, last[last[:, 0] == 600, 1])


def test_the_report_has_a_row_per_link_and_per_simulator(net):
    report = net.coupling
    rows = {link.link: link for link in report.links}
    assert {tag: row.delay_ms for tag, row in rows.items()} == pytest.approx({"up": 1.5, "down": 2.0, "readout": 0.1})
    assert all((row.coupling, row.late) == ("exact", 0) for row in report.links)
    assert {row.window_ms for row in report.links} == {report.window * 0.1}
    sent = {"up": "thalamus", "down": "cortex", "readout": "cortex"}
    assert {tag: row.sent for tag, row in rows.items()} == {
        tag: len(net[at, 0]["spike", 0]) for tag, at in sent.items()
    }
    assert [row.participant for row in report.participants] == [
        "brian2",
        "nest",
        "tensorflow decoder",
        "native and exchange",
    ]
    assert sum(row.share for row in report.participants) == pytest.approx(1.0)
    assert "up" in str(report)


def test_no_spike_in_the_cortex_comes_before_one_from_the_thalamus_could_have_arrived(net):
    # I_e alone lifts the cells to -58 mV, below their threshold.
    thalamus, cortex = (group["spike", 0] for group in net.groups[:2])
    assert cortex[0, 0] > thalamus[0, 0] + 15


def test_the_native_plasticity_changed_the_weights_within_their_bounds(net):
    W = net["down", 0].W
    assert W.shape == (400, 2000)
    # A binomial number of synapses; four standard deviations.
    assert abs(W.nnz - 80_000) < 4 * np.sqrt(800_000 * 0.1 * 0.9)
    assert 0.0 <= W.data.min() < W.data.max() <= 1e-4
    assert np.mean(W.data != 0.02e-3) > 0.5
    # Between two firings no pair is nearer than one dt: no weight moves further than all its pairs allow.
    assert np.abs(W.data - 0.02e-3).max() < 1e-5


def test_the_decoder_reads_the_trace_of_the_spikes(net):
    cortex, decoder = net.groups[1:]
    spikes = cortex["spike", 0]
    # One dt of delay: at 60 ms it sees the trace of 59.9 ms.
    age = 599 - spikes[:, 0]
    seen = age >= 0
    trace = np.bincount(spikes[seen, 1], np.exp(-age[seen] * 0.1 / 20.0), minlength=2000)
    kernel, bias = decoder.read("dense_kernel").reshape(2000, 10), decoder.read("dense_bias")
    logits = trace @ kernel + bias
    wanted = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    # Keras computes in float32, with two thousand terms.
    np.testing.assert_allclose(decoder.read("output"), wanted, rtol=0, atol=1e-4)


def test_the_same_script_gives_the_same_spikes(script, fresh):
    net = script["net"]
    wanted = [group["spike", 0] for group in net.groups[:2]] + [net["V_m[:10]", 0], net["down", 0].W.data.copy()]
    net.close()
    fresh()
    again = run(QUICK)["net"]
    got = [group["spike", 0] for group in again.groups[:2]] + [again["V_m[:10]", 0], again["down", 0].W.data]
    again.close()
    for one, other in zip(got, wanted, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.slow
def test_it_runs_for_the_second_that_it_says(fresh):
    fresh()
    with run(1000.0)["net"] as net:
        assert net.iteration == 10_000
        assert len(net["v[:10]", 0]) == 10_000
