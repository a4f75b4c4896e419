"""Equations compute what the groups of Brian2 compute, in all bits where NumPy does both."""

from __future__ import annotations

import brian2
import numpy as np
import pytest
from brian2 import ms

from fusion import EventRecorder, Network, NeuronGroup, SynapseGroup
from fusion.behaviours import Equations, SpikePlayback

N, DT, T = 20, 0.1, 50.0

CUBA = """
dv/dt = (E - v + g_e + g_i)/tau : volt (unless refractory)  # a comment
dg_e/dt = -g_e/(5*ms) : volt
dg_i/dt = -g_i/(10*ms) : volt
E : volt (constant)
"""
FIRING = {"threshold": "v > -50*mV", "reset": "v = -60*mV; g_e += 1*mV"}


@pytest.fixture(autouse=True)
def alone():
    brian2.start_scope()
    before, brian2.prefs.codegen.target = brian2.prefs.codegen.target, "numpy"
    brian2.defaultclock.dt = DT * ms
    yield
    brian2.prefs.codegen.target = before


def in_brian2(equations, first, duration=T, n=N, others=(), **options):
    """The group after a run, and (step, neuron) of its spikes."""
    group = brian2.NeuronGroup(n, equations, **options)
    for name, values in first.items():
        group.state(name, use_units=False)[:] = values
    monitor = brian2.SpikeMonitor(group) if "threshold" in options else None
    made = [make(group) for make in others]
    brian2.Network(group, *([] if monitor is None else [monitor]), *made).run(duration * ms)
    steps = [] if monitor is None else np.round(monitor.t / ms / DT).astype(int) + 1
    return group, list(zip(steps, () if monitor is None else monitor.i, strict=True))


def in_fusion(equations, first, duration=T, n=N, links=(), **options):
    """The same in fusion."""
    net = Network(dt=DT, seed=1)
    cells = NeuronGroup(
        net, size=n, tag="cells", behaviour={1: Equations(equations, **first, **options), 9: EventRecorder("spike")}
    )
    for link in links:
        link(net, cells)
    net.run(duration)
    return cells, [tuple(row) for row in net["spike", 0].tolist()]


def first_values(n=N):
    rng = np.random.default_rng(1)
    return {"v": rng.uniform(-0.06, -0.05, n), "E": rng.uniform(-0.05, -0.045, n)}


SLOW = [pytest.param(method, marks=pytest.mark.slow) for method in ("rk2", "heun")]


@pytest.mark.parametrize("method", ["exact", "exponential_euler", "euler", "rk4", *SLOW])
def test_each_method_is_that_of_brian2_in_all_bits(method):
    options = {**FIRING, "refractory": 5 * ms, "method": method}
    group, expected = in_brian2(CUBA, first_values(), namespace={"tau": 20 * ms}, **options)
    cells, spikes = in_fusion(CUBA, first_values(), compile="numpy", tau=20 * ms, **options)
    assert spikes == expected
    assert len(spikes) > N
    for name in ("v", "g_e", "g_i", "lastspike", "not_refractory"):
        assert np.array_equal(cells.read(name), group.state(name, use_units=False)[:]), name


def test_machine_code_computes_the_same_bits():
    """Nothing here calls a function for each neuron; those of the C library differ from NumPy's in the last bit."""
    options = {**FIRING, "refractory": 5 * ms, "method": "exact"}
    group, expected = in_brian2(CUBA, first_values(), namespace={"tau": 20 * ms}, **options)
    cells, spikes = in_fusion(CUBA, first_values(), compile="numba", tau=20 * ms, **options)
    assert spikes == expected
    for name in ("v", "g_e", "lastspike", "not_refractory"):
        assert np.array_equal(cells.read(name), group.state(name, use_units=False)[:]), name


RICH = """
dv/dt = (I_total - v)/tau : 1 (unless refractory)
dw/dt = (a*clip(v, 0, 1) - w)/tau_w : 1
I_total = I*(1 + 0.5*sin(2*pi*10*Hz*t)) - w + 0.01*i : 1
drive = exp(-t/(20*ms)) : 1 (constant over dt)
a : 1 (shared)
I : 1
count : integer
on : boolean
tau_w : second
"""
RICH_FIRING = {
    "threshold": "v > 1 - 0.1*drive and on",
    "reset": """
        v = 0
        jump = 0.1*int(count > 1)
        w += jump
        count += 1
    """,
    "refractory": "(1 + count) * ms",
}


@pytest.mark.parametrize("compiler", ["numpy", pytest.param("numba", marks=pytest.mark.slow)])
def test_subexpressions_functions_types_and_conditions(compiler):
    rng = np.random.default_rng(2)
    first = {"I": rng.uniform(1.0, 3.0, N), "on": rng.random(N) < 0.7, "tau_w": rng.uniform(0.01, 0.05, N)}
    options = {**RICH_FIRING, "method": "euler"}
    group, expected = in_brian2(RICH, {**first, "a": 0.5}, namespace={"tau": 10 * ms}, **options)
    cells, spikes = in_fusion(RICH, {**first, "a": 0.5}, compile=compiler, tau=10 * ms, **options)
    assert spikes == expected
    assert len(spikes) > 10
    assert np.array_equal(cells.count, group.count[:])
    for name in ("v", "w", "drive"):
        theirs = group.state(name, use_units=False)[:]
        # The sine of machine code is that of the C library.
        assert (
            np.array_equal(cells.read(name), theirs)
            if compiler == "numpy"
            else cells.read(name) == pytest.approx(theirs, rel=1e-12)
        )


@pytest.mark.parametrize("into", ["v", pytest.param("g_e", marks=pytest.mark.slow)])
def test_arrivals_are_those_of_brian2s_synapses(into):
    """One source for each neuron, so that nothing is summed in another order; v takes none while it is held."""
    options = {**FIRING, "refractory": 5 * ms, "method": "exact"}
    train = [(tick, neuron) for tick in range(5, 290, 7) for neuron in range(tick % 3, N, 3)]
    at, who = np.array(train).T

    def source(group):
        return brian2.SpikeGeneratorGroup(N, who, (at - 1) * DT * ms, name="source")

    def connected(group):
        synapses = brian2.Synapses(made[0], group, on_pre=f"{into}_post += 0.7*mV", delay=1.5 * ms)
        synapses.connect(i=np.arange(N), j=np.arange(N))
        return synapses

    made = []
    group, expected = in_brian2(
        CUBA, first_values(), others=[lambda group: made.append(source(group)) or made[0], connected],
        namespace={"tau": 20 * ms}, **options,
    )  # fmt: skip

    def link(net, cells):
        trains = NeuronGroup(net, size=N, tag="trains", behaviour={0: SpikePlayback(t=at * DT, i=who)})
        SynapseGroup(net, trains, cells, weight=np.eye(N) * 0.0007, delay=1.5, into=into)

    for compiler in ("numpy", "numba"):
        cells, spikes = in_fusion(CUBA, first_values(), links=[link], compile=compiler, tau=20 * ms, **options)
        assert spikes == expected
        assert np.array_equal(cells.v, group.v_[:])
        assert np.array_equal(cells.g_e, group.g_e_[:])
    assert len(expected) > N
