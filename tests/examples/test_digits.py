"""``examples/digits.py``: it learns, the loop matters, and it is the network that Brian2 alone would compute.

How well it does in full, and whether it draws its figure, is in ``test_all.py``.
"""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from fusion import EventRecorder

FEW = 10  # images


def recorded(digits, *, cut=False, number=1, n=FEW):
    """Spikes (tick, neuron) of each population while `n` images are shown, and the network."""
    images, labels, _ = digits.data(n, 0)
    net = digits.build(images, labels, number)
    if cut:
        net["excitation", 0].W.data[:] = 0.0
    for tag in ("retina", "excitatory", "inhibitory"):
        net[tag, 0].add_behaviour(10, EventRecorder("spike"))
    net.run(n * digits.IMAGE)
    return net, {tag: net[tag, 0]["spike", 0] for tag in ("retina", "excitatory", "inhibitory")}


@pytest.fixture(scope="module")
def outcome(example):
    """Spikes over ten images, and the connectivity of the network, as arrays."""
    digits = example("digits")
    net, spikes = recorded(digits)
    links = ("input", "recurrent", "excitation", "inhibition", "mutual inhibition")
    edges = {tag: tuple(np.array(column) for column in (net[tag, 0].pre, net[tag, 0].post, net[tag, 0].weights))
             for tag in links}  # fmt: skip
    delays = {tag: np.unique(np.round(net[tag, 0].delays, 9)) for tag in ("recurrent", "mutual inhibition")}
    bias = np.array(net["excitatory", 0].bias)
    net.close()
    return spikes, edges, delays, bias


class Reference:
    """The whole network in Brian2 alone, driven by the spikes of the retina.

    Brian2 neither knows of fusion here nor of NEST: the inhibitory cells follow the rules that NEST's manual gives for
    ``iaf_psc_exp``. A spike of tick k is one of the Brian2 step that begins at (k - 1) dt.
    """

    def __init__(self, digits, outcome, *, later=None, held=4):
        import brian2
        from brian2 import ms, mV, pA, pF, volt

        brian2.start_scope()
        brian2.prefs.codegen.target = "numpy"
        brian2.defaultclock.dt = digits.DT * ms
        spikes, self.edges, _, bias = outcome
        self.later, self.digits = later, digits
        retina = brian2.SpikeGeneratorGroup(
            64, spikes["retina"][:, 1], (spikes["retina"][:, 0] - 1) * digits.DT * ms, name="reference_retina"
        )
        cells, _ = digits.excitatory_cells()
        cells.bias = bias * volt
        pool = brian2.NeuronGroup(
            digits.N_INHIBITORY,
            """dv/dt = -v/(10*ms) + I/(250*pF) : volt (unless refractory)
               dI/dt = -I/(5*ms) : amp""",
            threshold="v >= 15*mV",
            reset="v = 0*mV",
            # NEST holds a cell for t_ref / dt whole steps after the step of its spike.
            refractory=f"int((t - lastspike)/dt + 0.5) <= {held}",
            method="exact",
            name="reference_i",
            namespace={"pF": pF, "mV": mV},
        )
        links = [
            self.link("input", retina, cells, volt),
            self.link("recurrent", cells, cells, volt),
            self.link("excitation", cells, pool, pA),
            self.link("inhibition", pool, cells, volt),
            self.link("mutual inhibition", pool, pool, pA),
        ]
        self.monitors = {"excitatory": brian2.SpikeMonitor(cells), "inhibitory": brian2.SpikeMonitor(pool)}
        self.network = brian2.Network(retina, cells, pool, *links, *self.monitors.values())

    def link(self, tag, source, target, unit):
        import brian2
        from brian2 import ms

        delay = self.digits.DELAY + (self.digits.DT if tag == self.later else 0.0)
        name = f"reference_{tag.replace(' ', '_')}"
        dimension = "volt" if unit is brian2.volt else "amp"
        synapses = brian2.Synapses(
            source, target, f"w : {dimension}", on_pre="I_post += w", delay=delay * ms, name=name
        )
        pre, post, weights = self.edges[tag]
        synapses.connect(i=pre, j=post)
        synapses.w = weights * unit
        return synapses

    def run(self):
        """Spikes (tick, neuron) of the two populations."""
        from brian2 import ms

        self.network.run(FEW * self.digits.IMAGE * ms)
        return {
            tag: set(zip((np.round(np.asarray(m.t / ms) / self.digits.DT).astype(int) + 1).tolist(),
                         np.asarray(m.i).tolist(), strict=True))
            for tag, m in self.monitors.items()
        }  # fmt: skip


def as_set(events):
    return {tuple(event) for event in events.tolist()}


def test_the_closed_loop_is_the_network_that_brian2_alone_computes(digits, outcome):
    reference, spikes = Reference(digits, outcome).run(), outcome[0]
    for tag in ("excitatory", "inhibitory"):
        ours = as_set(spikes[tag])
        assert len(ours) > 1000
        assert min(ours ^ reference[tag], default=None) is None, f"{tag}: the first spike that differs"


@pytest.mark.parametrize(
    "change",
    [{"later": "excitation"}, {"later": "inhibition"}, {"later": "input"}, {"held": 3}],
    ids=lambda change: " ".join(map(str, *change.items())),
)
def test_the_comparison_sees_a_delay_of_one_tick_and_a_refractoriness_of_one_step(digits, outcome, change):
    reference, spikes = Reference(digits, outcome, **change).run(), outcome[0]
    assert as_set(spikes["inhibitory"]) != reference["inhibitory"]
    assert as_set(spikes["excitatory"]) != reference["excitatory"]


def test_every_link_takes_a_millisecond_and_a_half(digits, outcome):
    _, _, delays, _ = outcome
    assert {tag: values.tolist() for tag, values in delays.items()} == {"recurrent": [1.5], "mutual inhibition": [1.5]}
    images, labels, _ = digits.data(1, 0)
    with digits.build(images, labels) as net:
        net.build()
        assert {link.delay_ms for link in net.coupling.links} == {digits.DELAY}
        assert len(net.coupling.links) == 4


def test_without_the_excitation_of_the_pool_the_cortex_fires_more(digits, outcome):
    net, spikes = recorded(digits, cut=True)
    net.close()
    assert len(spikes["inhibitory"]) == 0
    assert len(spikes["excitatory"]) >= 1.5 * len(outcome[0]["excitatory"])


def learned(digits, number=1, n_train=6, n_test=4):
    images, labels, n_train = digits.data(n_train, n_test)
    with digits.build(images, labels, number) as net:
        result = digits.learn(net, labels, n_train, n_drawn=2, progress=False)
        return result.online.tolist(), result.confusion.tolist(), net["readout", 0]["output", 0].tolist()


def test_the_same_seed_learns_the_same_twice(digits):
    first = learned(digits)
    assert first == learned(digits)
    assert first != learned(digits, number=2)


@pytest.mark.slow
def test_the_same_seed_learns_the_same_in_two_processes(digits):
    script = (
        "import importlib.util, json, sys\n"
        "spec = importlib.util.spec_from_file_location('digits', sys.argv[1])\n"
        "digits = sys.modules['digits'] = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(digits)\n"
        "spec = importlib.util.spec_from_file_location('test_digits', sys.argv[2])\n"
        "tests = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(tests)\n"
        "print(json.dumps(tests.learned(digits)))\n"
    )
    command = [sys.executable, "-c", script, digits.__file__, __file__]
    other = subprocess.run(command, capture_output=True, text=True, check=True, timeout=280)
    assert json.loads(other.stdout.splitlines()[-1]) == [*learned(digits)]


@pytest.mark.slow
def test_it_learns_from_a_hundred_images(digits):
    """Chance is 0.1; the run in full, with 450 or 1347 images, is in test_all.py."""
    images, labels, n_train = digits.data(100, 50)
    with digits.build(images, labels) as net:
        result = digits.learn(net, labels, n_train, n_drawn=2, progress=False)
        assert result.accuracy >= 0.5
        assert result.confusion.sum() == 50
        assert (result.n_train, result.n_test) == (100, 50)
        assert 60 < result.rates["retina"] < 250
        assert 15 < result.rates["excitatory"] < 100
        assert 20 < result.rates["inhibitory"] < 200
        assert sum(result.shares.values()) == pytest.approx(1.0)
        assert set(result.shares) >= {"brian2", "nest", "tensorflow readout"}
        assert result.online[-30:].mean() > result.online[:30].mean()
