"""Neurons that fire irregularly, three times a second, make a rhythm of 150 Hz together.

    white noise --> 5000 neurons --> 1000 others each, inhibitory, 2 ms later

N. Brunel, V. Hakim (1999), Fast global oscillations in networks of integrate-and-fire neurons with low firing rates,
Neural Comput. 11:1621-1671. With much noise from outside the same network does not oscillate.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from fusion import EventRecorder, Network, NeuronGroup, SynapseGroup, fixed_indegree
from fusion.behaviours import LIF, WhiteNoise

N, INPUTS = 5000, 1000
TAU, THRESHOLD, RESET = 20.0, 20.0, 10.0  # ms, mV, mV
J, DELAY = 0.1, 2.0  # mV, ms
MEAN = 25.0  # mV, of what comes from outside
NOISE = {"oscillating": 1.0, "stationary": 5.0}  # mV
CAPACITANCE = 250.0  # pF; it cancels
DT, SKIPPED, DURATION = 0.1, 100.0, 400.0  # ms


def build(noise: float, number: int = 1) -> Network:
    """The network; `noise` (mV) is the standard deviation of the external input."""
    net = Network(dt=DT, seed=number)
    model = LIF(tau=TAU, capacitance=CAPACITANCE, rest=0.0, threshold=THRESHOLD, reset=RESET, refractory=0.0,
                initial=f"uniform({RESET}, {THRESHOLD})")  # fmt: skip
    drive = WhiteNoise(mean=CAPACITANCE * MEAN / TAU, sigma=CAPACITANCE * noise / np.sqrt(TAU))
    behaviour = {1: drive, 2: model, 9: EventRecorder("spike")}
    cells = NeuronGroup(net, size=N, tag="cells", behaviour=behaviour)
    # The current that moves the potential by J within one step.
    jump = J * CAPACITANCE / (TAU * -np.expm1(-DT / TAU))
    SynapseGroup(net, cells, cells, connect=fixed_indegree(INPUTS), weight=-jump, delay=DELAY, into="current")
    return net


def activity(net: Network) -> np.ndarray:
    """Spikes of all neurons in each step after `SKIPPED`, of all neurons."""
    steps = np.rint(net["spike.t", 0] / DT).astype(int) - round(SKIPPED / DT) - 1
    return np.bincount(steps[steps >= 0], minlength=round((DURATION - SKIPPED) / DT))


def spectrum(net: Network) -> tuple[np.ndarray, np.ndarray]:
    """(Hz, power) of the activity, smoothed over 20 Hz."""
    counts = activity(net)
    power = np.abs(np.fft.rfft(counts - counts.mean(), 10 * len(counts))) ** 2
    frequency = np.fft.rfftfreq(10 * len(counts), DT / 1000.0)
    window = np.hanning(round(40.0 / frequency[1]))
    return frequency, np.convolve(power, window / window.sum(), "same")


def measured(net: Network) -> tuple[float, float, float]:
    """(rate in Hz, frequency of the strongest rhythm in Hz, power there over that of fast noise)."""
    frequency, power = spectrum(net)
    peak = np.where((frequency > 50) & (frequency < 400), power, 0.0).argmax()
    rate = 1000.0 * activity(net).sum() / N / (DURATION - SKIPPED)
    return rate, frequency[peak], power[peak] / power[frequency > 1000].mean()


def draw(nets: dict[str, Network], path: Path) -> None:
    """For each network: some neurons, all of them, and the spectrum."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(3, 2, figsize=(13, 8), layout="constrained", sharey="row", height_ratios=(3, 2, 2))
    for (raster, rates, spectra), (name, net) in zip(axes.T, nets.items(), strict=True):
        some = net["spike.i", 0] < 300
        raster.plot(net["spike.t", 0][some], net["spike.i", 0][some], "k.", ms=2)
        raster.set(title=f"{name}: external noise of {NOISE[name]:g} mV", ylabel="neuron", xlim=(SKIPPED, DURATION))
        rate = activity(net).reshape(-1, 5).mean(axis=1) / N / DT * 1000.0
        rates.plot(np.linspace(SKIPPED, DURATION, len(rate)), rate, color="C3", lw=0.8)
        rates.set(ylabel="rate (Hz)", xlabel="time (ms)", xlim=(SKIPPED, DURATION))
        spectra.semilogy(*spectrum(net))
        spectra.set(xlim=(0, 600), ylim=(1e2, None), xlabel="frequency (Hz)", ylabel="power")
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> None:
    """Run the example."""
    parser = argparse.ArgumentParser(description="Fast oscillations of neurons that fire at low rates.")
    parser.add_argument("--figure", type=Path, default=Path("brunel_hakim.png"), help="where the figure goes")
    options = parser.parse_args(arguments)

    nets = {name: build(noise) for name, noise in NOISE.items()}
    for name, net in nets.items():
        net.run(DURATION)
        rate, frequency, strength = measured(net)
        print(f"{name}: {rate:.2f} spikes per second, a rhythm of {frequency:.0f} Hz, {strength:.0f} times the noise")
    draw(nets, options.figure)
    print(f"figure: {options.figure}")


if __name__ == "__main__":
    main()
