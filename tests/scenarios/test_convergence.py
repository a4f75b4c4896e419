"""Links of samples that are held or extrapolated: how their error falls with the window.

::

    unit (native) <==> cell (toy)        u' = -u / 15 ms + v / 8 ms
                                         v' = -v / 10 ms - u / 8 ms        a damped oscillation
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import expm

from fusion import Behaviour, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.testing.toy import ToyNeurons

DT, TICKS = 0.02, 1200
TAU_U, TAU_V, COUPLED = 15.0, 10.0, 8.0  # ms
CAPACITANCE, START = 250.0, 10.0  # pF, mV
WINDOWS = np.array([6, 12, 24, 48])


class Unit(Behaviour):
    """A leaky integrator of what arrives, exact for an input that stands during the step."""

    def initialize(self, unit):
        unit.u = unit.vector()
        self.keep = np.exp(-unit.network.dt / TAU_U)

    def iteration(self, unit):
        limit = TAU_U * unit.input / COUPLED
        unit.u = limit + (unit.u - limit) * self.keep


def trajectory(coupling, window, kind=ToyNeurons, every=None, dt=DT, ticks=TICKS):
    """(ticks, 2): u and v."""
    with Network(dt=dt, window=window) as net:
        foreign = kind(1, dt=dt, tau_m=TAU_V, e_l=0.0, capacitance=CAPACITANCE, threshold=1e9)
        options = {} if every is None else {"every": every * dt}
        unit = NeuronGroup(net, size=1, tag="unit", behaviour={1: Unit(), 9: Recorder("u")})
        cell = NeuronGroup(net, foreign, tag="cell", behaviour={9: Recorder("v")}, **options)
        cell.v = START
        SynapseGroup(net, cell, unit, signal="v", coupling=coupling)
        SynapseGroup(net, unit, cell, signal="u", weight=-CAPACITANCE / COUPLED, into="drive", coupling=coupling)
        net.simulate(ticks)
        return np.stack([net["u", 0][:, 0], net["v", 0][:, 0]], axis=1)


def slopes(coupling, windows=WINDOWS, **options):
    """Observed orders of convergence to lockstep, between windows that double."""
    exact = trajectory("exact", 1, **options)
    errors = [np.abs(trajectory(coupling, int(window), **options) - exact).max() for window in windows]
    return np.diff(np.log(errors)) / np.diff(np.log(windows))


def test_in_lockstep_it_is_the_solution_of_the_equations(toy):
    """To first order in dt, because each sees the other one step late."""
    matrix = np.array([[-1 / TAU_U, 1 / COUPLED], [-1 / COUPLED, -1 / TAU_V]])
    errors = []
    for dt, ticks in ((4 * DT, TICKS // 4), (2 * DT, TICKS // 2)):
        solution = [expm(matrix * t) @ [0.0, START] for t in dt * np.arange(1, ticks + 1)]
        errors.append(np.abs(trajectory("exact", 1, dt=dt, ticks=ticks) - solution).max())
    # 0.04 ms late at 1.25 mV/ms, the steepest there is, makes 0.05 mV.
    assert errors[1] < 0.06
    assert np.log2(errors[0] / errors[1]) == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize(("coupling", "order"), [("hold", 1.0), ("linear", 2.0)])
def test_the_order_of_convergence(toy, coupling, order):
    # The first sample of a window is known, so that the error is of W - 1: at W = 6 that adds 0.1 per order to a slope.
    np.testing.assert_allclose(slopes(coupling), order, atol=0.2 * order)


@pytest.mark.parametrize(("coupling", "order"), [("hold", 1.0), ("linear", 2.0)])
def test_the_order_of_convergence_where_one_clock_is_slower(toy, slow, coupling, order):
    """The cell steps each third tick; a line goes on from its own steps, not from those of the network."""
    found = slopes(coupling, np.array([12, 24, 48, 96]), kind=slow, every=3)
    np.testing.assert_allclose(found, order, atol=0.25 * order)


@pytest.mark.parametrize("coupling", ["hold", "linear"])
def test_windows_of_one_iteration_are_exact(toy, coupling):
    np.testing.assert_array_equal(trajectory(coupling, 1, ticks=200), trajectory("exact", 1, ticks=200))


def test_extrapolation_of_a_straight_line_is_exact(toy):
    class Rises(Behaviour):
        def initialize(self, neurons):
            neurons.level = neurons.vector()

        def iteration(self, neurons):
            neurons.level = neurons.level + 0.5 + 0.0 * neurons.input

    def driven(coupling, window):
        with Network(dt=DT, window=window) as net:
            ramp = NeuronGroup(net, size=1, tag="ramp", behaviour={1: Rises()})
            cell = NeuronGroup(net, ToyNeurons(1, dt=DT), tag="cell", behaviour={9: Recorder("drive")})
            SynapseGroup(net, ramp, cell, signal="level", into="drive", coupling=coupling)
            SynapseGroup(net, cell, ramp, signal="v")
            # The ramp waits for the cell, so that the cell comes first and has to guess.
            net.simulate(60)
            return net["drive", 0][:, 0]

    line, held = driven("linear", 8), driven("hold", 8)
    # The slope is seen from the second sample on; that of the first window is a guess.
    np.testing.assert_array_equal(line[9:], driven("exact", 1)[9:])
    assert np.unique(held).size < np.unique(line).size
