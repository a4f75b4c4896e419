"""`Spectrum`: how the power of a rate, or of anything recorded, is spread over frequencies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fusion.analysis.module import AnalysisModule
from fusion.analysis.recorded import on_grid, samples, trains
from fusion.errors import InvalidValue, TooLittleData

SEGMENT = 500.0  # ms


@dataclass(frozen=True)
class PowerSpectrum:
    """Power over frequency.

    Attributes
    ----------
    frequencies : (f,) float, Hz
    power : (f,) or (f, columns) float, squared unit of the signal per Hz, one-sided
    """

    frequencies: NDArray[np.float64]
    power: NDArray[np.float64]

    @property
    def peak(self) -> Any:
        """The frequency with the most power, Hz, but for zero; one for each column."""
        return self.frequencies[1:][np.argmax(self.power[1:], axis=0)]

    def band(self, low: float, high: float) -> Any:
        """Power between two frequencies (Hz), in squared units of the signal; one for each column."""
        chosen = (self.frequencies >= low) & (self.frequencies <= high)
        if not chosen.any():
            raise InvalidValue(f"No frequency lies between {low:g} and {high:g} Hz; take longer segments.")
        return np.sum(self.power[chosen], axis=0) * (self.frequencies[1] - self.frequencies[0])


def power_spectrum(
    values: ArrayLike, dt: float, segment: float = SEGMENT
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Frequencies (f,), Hz, and power density (f, ...), of values (n, ...) every `dt` ms, by Welch's method.

    segment : ms, of the Hann windows, which overlap by half; all there is if that is less

    The sum of the power times the distance of frequencies is the variance, up to what windows cut off.

    References
    ----------
    Welch (1967), IEEE Trans. Audio Electroacoust. 15:70-73.
    """
    from scipy.signal import welch

    signal = np.asarray(values, float)
    if signal.ndim == 0 or len(signal) < 2:
        raise TooLittleData("A power spectrum", signal.size, 2, "values")
    if not dt > 0 or not segment > 0:
        raise InvalidValue(f"dt={dt!r}, segment={segment!r}: both are longer than 0 (ms).", dt=dt, segment=segment)
    length = min(len(signal), max(1, round(segment / dt)))
    frequencies, power = welch(signal, 1000.0 / dt, nperseg=length, axis=0)
    return frequencies, power


class Spectrum(AnalysisModule):
    """The power spectrum of the population rate (Hz²/Hz), or of each column of what a `Recorder` wrote down.

    The result is a `PowerSpectrum`, see `power_spectrum`.

    Arguments: ``expression``, what was recorded, the spikes unless given; ``width`` (ms) of the bins of spikes, one dt
    unless given; ``segment`` (ms); ``start`` and ``stop`` (ms).
    """

    def execute(
        self,
        owner: Any,
        *,
        expression: str | None = None,
        width: float | None = None,
        segment: float = SEGMENT,
        start: float = 0.0,
        stop: float | None = None,
    ) -> PowerSpectrum:
        if expression is None:
            step = on_grid(owner, width)
            return PowerSpectrum(*power_spectrum(trains(owner, start, stop).rate(step), step, segment))
        recorded = samples(owner, expression, start, stop)
        return PowerSpectrum(*power_spectrum(recorded.rows, recorded.step, segment))
