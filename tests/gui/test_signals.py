"""`Groups`, `Spectrum` and `ReturnMap`: rates and means of groups over time."""

from __future__ import annotations

import numpy as np
import pytest
from tabs import Follows, looking, points, silent, told

from fusion import Network, NeuronGroup
from fusion.gui import Groups, ReturnMap, Spectrum
from fusion.gui.signal import RATE


def swinging(hertz=20.0, size=4, dt=1.0):
    """Neurons whose v swings, of different sizes and with a mean of 3, and that fire in every fourth iteration."""
    net = Network(dt=dt, seed=1)
    scale = np.arange(size) - (size - 1) / 2 + 1.0  # with a mean of 1
    NeuronGroup(
        net, size=size, tag="cells", behaviour={
            1: Follows("v", lambda k: 3.0 + scale * np.sin(2 * np.pi * hertz * k * dt / 1000.0)),
            2: Follows("spike", lambda k: np.arange(size) < (size if k % 4 == 0 else 0)),
        },
    )  # fmt: skip
    return net


def test_groups_are_drawn_together_each_with_its_mean_and_rate():
    net = swinging()
    NeuronGroup(net, size=2, tag="others", behaviour={1: Follows("v", float)})
    tab = Groups()
    with looking(net, tab, iterations=8):
        seen = {(signal.quantity, i): points(curve) for i, (signal, curve) in enumerate(tab._curves)}
        assert [quantity for quantity, _ in seen] == [RATE, RATE, "v", "v"]
        np.testing.assert_allclose(seen[RATE, 0][0], np.arange(1.0, 9.0))
        np.testing.assert_allclose(seen[RATE, 0][1], [0, 0, 0, 1000.0, 0, 0, 0, 1000.0])
        assert not seen[RATE, 1][1].any()
        np.testing.assert_allclose(seen["v", 2][1], 3.0 + np.sin(2 * np.pi * 0.02 * np.arange(1, 9)))
        np.testing.assert_allclose(seen["v", 3][1], np.arange(1.0, 9.0))
        assert told(tab) == ""


def test_groups_tells_what_it_leaves_out():
    net, cells = silent()
    for name in "abcdef":
        cells.set(name, cells.vector())
    tab = Groups(["b"])
    with looking(net, tab, iterations=2):
        assert [signal.quantity for signal, _ in tab._curves] == [RATE, "b"]
    net, cells = silent()
    for name in "abc":
        cells.set(name, cells.vector())
    NeuronGroup(net, size=1, tag="more").d = np.zeros(1)
    tab = Groups()
    with looking(net, tab, iterations=2):
        assert told(tab) == "Not shown: c. Choose with Groups(variables=[...])."


def test_a_spectrum_has_its_peak_at_the_rhythm_and_says_in_which_band_that_is():
    tab = Spectrum()
    with looking(swinging(hertz=20.0), tab) as window:
        assert told(tab) == "A spectrum needs some time: let the network run."
        tab._which.setCurrentText("v")
        window.simulate(500)
        assert told(tab) == "Only 500 ms are recorded by now, less than a segment."
        window.simulate(1500)
        frequencies, power = points(tab._curve)
        assert frequencies[np.argmax(power)] == 20.0
        assert frequencies[0] == 1.0
        assert frequencies[-1] == 200.0
        # Mean square of a swing of 1, which is that of the mean over neurons: a half.
        assert power.sum() * 1.0 == pytest.approx(0.5, rel=1e-3)
        assert "beta 100 %" in tab._plot.item.titleLabel.text
        assert told(tab) == ""
        tab._which.setCurrentText(RATE)
        assert "rate" in tab._plot.item.getAxis("left").labelText
        window.simulate(1000)
        frequencies, power = points(tab._curve)
        assert power[frequencies < 200.0].max() < 1e-6  # every fourth iteration: 250 Hz, and none below


def test_a_return_map_counts_where_the_mean_goes():
    net, _ = silent()
    values = [0.0, 1.0, 3.0]
    NeuronGroup(net, size=3, tag="cycle", behaviour={1: Follows("v", lambda k: values[k % 3])})
    NeuronGroup(net, size=1, tag="line", behaviour={1: Follows("v", float)})
    tab = ReturnMap()
    with looking(net, tab, group=net.groups[1]) as window:
        assert told(tab) == "A map needs two steps: let the network run."
        tab._which.setCurrentText("v")
        tab._bins = 3
        window.simulate(31)
        counts = np.nan_to_num(tab._image.drawn.image)
        # From 0 to 1, from 1 to 3, from 3 to 0, in thirds of the range; rows are where it goes.
        assert counts.tolist() == [[0.0, 0.0, 10.0], [10.0, 0.0, 0.0], [0.0, 10.0, 0.0]]
        assert [tab._next.itemText(i) for i in range(tab._next.count())] == ["of cycle", "of line"]
        tab._next.setCurrentText("of line")
        window.simulate(7)
        assert np.nansum(tab._image.drawn.image) == 6.0
        tab._stride(3)
        window.draw()
        window.simulate(9)
        assert np.nansum(tab._image.drawn.image) == 2.0


@pytest.mark.parametrize("tab", [Spectrum(), ReturnMap()], ids=repr)
def test_what_is_not_finite_is_said_or_left_out(tab):
    net = Network(dt=1.0, seed=1)
    NeuronGroup(net, size=1, tag="cells", behaviour={1: Follows("v", lambda k: np.nan)})
    with looking(net, tab) as window:
        tab._which.setCurrentText("v")
        window.simulate(5)
        assert told(tab) in ("A value is not finite.", "A map needs two steps: let the network run.")
