"""``examples/hybrid_column.py``: its parts do what its drawing says. The run in full is in ``test_all.py``."""

from __future__ import annotations

import brian2
import nest
import numpy as np
import pytest


@pytest.fixture(scope="module")
def ran(example):
    """The module, and its network after one period of the rhythm and one step."""
    hybrid = example("hybrid_column")
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    brian2.start_scope()
    net = hybrid.build()
    net.run(hybrid.PERIOD + hybrid.DT)
    yield hybrid, net
    net.close()
    brian2.defaultclock.dt = 0.1 * brian2.ms


def test_every_simulator_has_its_share(ran):
    _, net = ran
    assert {row.participant for row in net.coupling.participants} >= {"brian2", "nest", "tensorflow reader"}
    for tag in ("background", "column"):
        assert len(net[tag, 0]["spike", 0]) > 500, tag


def test_the_background_follows_the_rhythm(ran):
    """Its halves fire in turn: most of the spikes of each fall into its own half of the period."""
    hybrid, net = ran
    t, i = net["background", 0]["spike.t", 0], net["background", 0]["spike.i", 0]
    phases = 2 * np.pi * t / hybrid.PERIOD
    directions = [np.angle(np.exp(1j * phases[half]).mean()) for half in (i < 100, i >= 100)]
    apart = np.angle(np.exp(1j * (directions[1] - directions[0])))
    assert apart == pytest.approx(np.pi / 2, abs=0.4)  # a quarter of a period, from a noisy one


def test_native_plasticity_changes_the_synapses_between_nest_and_brian2(ran):
    _, net = ran
    for weights in net["weights"]:
        assert weights.shape[1] > 1000
        assert (weights[-1] != weights[0]).mean() > 0.5
        assert weights.min() >= 0.0
        assert weights.max() <= 4e-3


def test_the_answer_of_the_deep_network_is_a_current_of_the_column(ran):
    """Unit k of the answer drives half k of the column; the reader's last step lies one dt, a link's delay, back."""
    _, net = ran
    answer = net["reader", 0].output
    top_down = net["column", 0].top_down
    assert np.ptp(top_down[:50]) == np.ptp(top_down[50:]) == 0.0
    np.testing.assert_allclose([top_down[0], top_down[-1]], 1e-3 * answer, rtol=1e-6)  # float32
