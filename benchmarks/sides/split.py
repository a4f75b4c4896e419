"""The network of `lif_network`: whole, a part of it, or split by fusion; the command line says which.

roles : nest_whole, nest_part (excitatory), brian2_whole, brian2_part (inhibitory), split
target : of Brian2's code, numpy or cython
Only the split imports fusion.
"""

from __future__ import annotations

import sys
from typing import Any

from benchmarks.sides import lif_network
from benchmarks.sides.lif_network import Numbers, Spikes
from benchmarks.sides.serving import serve


class Split:
    """Excitatory neurons in NEST, inhibitory ones in Brian2; fusion takes spikes from one to the other."""

    def __init__(self, numbers: Numbers, target: str, window: int | None) -> None:
        from benchmarks.sides import lif_in_brian2, lif_in_nest
        from fusion import EventRecorder, Network, NeuronGroup, SynapseGroup

        self._numbers, self._inhibitory = numbers, lif_in_brian2.Cells(numbers, numbers.i, target)
        self.net = Network(dt=lif_network.DT, seed=1, window=window)
        e = NeuronGroup(self.net, lif_in_nest.cells(numbers, numbers.e), tag="E", behaviour={1: EventRecorder("spike")})
        i = NeuronGroup(
            self.net, self._inhibitory.group, tag="I", also=self._inhibitory.others,
            behaviour={1: EventRecorder("spike")},
        )  # fmt: skip
        delay = lif_network.DELAY * lif_network.DT
        to_i, to_e = numbers.weights[numbers.i, numbers.e], numbers.weights[numbers.e, numbers.i]
        SynapseGroup(self.net, e, i, tag="E to I", weight=to_i * 1e-12, delay=delay, into="ie")  # A
        SynapseGroup(self.net, i, e, tag="I to E", weight=to_e, delay=delay)

    def round(self, steps: int) -> list[float]:
        """Seconds per step, stretch by stretch."""
        self.net.simulate(steps + 1, progress=False)
        return self._inhibitory.stretches()

    def spikes(self) -> Spikes:
        """All so far."""
        import numpy as np

        e, i = self.net["E", 0]["spike", 0], self.net["I", 0]["spike", 0]
        return Spikes(np.vstack([e, np.add(i, [0, self._numbers.i.start])]))

    def about(self) -> dict[str, str]:
        """The window, and the tiers of the simulators."""
        participants = self.net.coupling.participants
        return {
            "window": f"{max(one.window_ms for one in participants):g} ms",
            **{one.participant: one.tier for one in participants},
        }


running: list[Any] = []
expected: list[Spikes] = []
done = [0]


def prepare(n: int, role: str, target: str = "numpy", window: int | None = None, known: str = "") -> None:
    """Make what `round` runs; `known` is a file with the spikes of the whole network."""
    numbers = lif_network.draw(n)
    spikes = Spikes.load(known) if known else None
    parts = {"whole": (numbers.whole, None), "nest_part": (numbers.e, numbers.i), "brian2_part": (numbers.i, numbers.e)}
    part, others = parts[role if role in parts else "whole"]
    if role == "split":
        running[:] = [Split(numbers, target, window)]
    elif role.startswith("nest"):
        from benchmarks.sides import lif_in_nest

        running[:] = [lif_in_nest.Native(numbers, part, others, spikes)]
    else:
        from benchmarks.sides import lif_in_brian2

        running[:] = [lif_in_brian2.Native(numbers, part, others, spikes, target)]
    assert role == "split" or "fusion" not in sys.modules
    expected[:] = [] if spikes is None else [spikes.of(part)]
    done[0] = 0


def measure(steps: int) -> list[float]:
    """A round."""
    times: list[float] = running[0].round(steps)
    done[0] += steps + 1
    return times


def save(steps: int, path: str) -> int:
    """Run for so many steps, and keep all spikes for the others; how many there are."""
    measure(steps - 1)
    spikes: Spikes = running[0].spikes()
    spikes.save(path)
    return len(spikes.rows)


def difference() -> str:
    """Where the spikes so far differ from those of the whole network; "" if they do not."""
    spikes: Spikes = running[0].spikes()
    return spikes.difference(expected[0].until(done[0]))


def about() -> dict[str, str]:
    """The window and the tiers of the split."""
    described: dict[str, str] = running[0].about()
    return described


if __name__ == "__main__":
    serve(prepare=prepare, round=measure, save=save, difference=difference, about=about)
