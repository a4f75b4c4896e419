"""Power over frequency."""

from __future__ import annotations

import numpy as np
import pytest

from fusion import Recorder
from fusion.analysis import PowerSpectrum, Spectrum, power_spectrum
from fusion.errors import InvalidValue, TooLittleData, UnknownName


def test_a_sine_has_its_power_at_its_frequency():
    t = np.arange(20_000) * 0.5  # ms
    wave = 3.0 * np.sin(2 * np.pi * 40.0 * t / 1000.0)
    found = PowerSpectrum(*power_spectrum(np.stack([wave, 2 * wave], axis=1), 0.5))
    np.testing.assert_array_equal(found.peak, 40.0)
    np.testing.assert_allclose(found.band(30.0, 50.0), [4.5, 18.0], rtol=1e-3)  # half the amplitude squared


def test_a_poisson_process_has_the_same_power_everywhere():
    """Twice its rate, on one side: 2 * 100 Hz."""
    counts = np.random.default_rng(1).poisson(0.1, 400_000)  # in 1 ms
    _, power = power_spectrum(counts * 1000.0, 1.0)
    # 1599 windows that overlap leave a standard error of 3 % at each of 249 frequencies, and 0.3 % of the mean.
    assert np.mean(power[2:-1]) == pytest.approx(200.0, rel=0.01)
    assert np.ptp(power[2:-1]) < 0.3 * 200.0


def test_modules_see_rates_and_what_was_recorded(net, fires):
    cells = fires(np.arange(20, 4000, 20), np.zeros(199, int), 2)  # neuron 0 fires every 10 ms
    found = cells.attach(Spectrum()).run(start=100.0, stop=1900.0)
    # A comb of spikes has all harmonics, and Hann windows spread each over the lines beside it, 2 Hz apart.
    rhythm = found.frequencies[found.power > 1.0]
    assert set(np.abs(rhythm - 100.0 * np.round(rhythm / 100.0))) == {0.0, 2.0}
    cells.add_behaviour(8, Recorder("iteration", "np.cos(spike)"))
    net.simulate(100)
    assert cells["Spectrum", 0].run(expression="np.cos(spike)", segment=10.0).power.shape == (11, 2)


def test_wrong_uses_of_spectra(fires):
    cells = fires([1, 2], [0, 0], 1)
    with pytest.raises(TooLittleData, match="1 values are too few"):
        power_spectrum([1.0], 1.0)
    with pytest.raises(InvalidValue, match="longer than 0"):
        power_spectrum([1.0, 2.0], 0.0)
    with pytest.raises(InvalidValue, match="No frequency lies between 3 and 4 Hz; take longer segments"):
        PowerSpectrum(*power_spectrum(np.arange(10.0), 1.0)).band(3.0, 4.0)
    with pytest.raises(UnknownName, match="'voltage'"):
        cells.attach(Spectrum()).run(expression="voltage")
    with pytest.raises(InvalidValue, match="fit into"):
        cells["Spectrum", 0].run(width=100.0)
