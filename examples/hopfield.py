"""Digits come back from noise: a Hopfield network recalls what its weights store.

    120 units of two states <--> all of each other, W = sum of the products of the digits

J. J. Hopfield (1982), Neural networks and physical systems with emergent collective computational abilities, PNAS
79:2554-2558. The digits are 12 x 10 pixels, as in R. P. Lippmann (1987), IEEE ASSP Mag. 4(2):4-22.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from fusion import Network, NeuronGroup, Recorder, SynapseGroup
from fusion.behaviours import Hopfield, hebbian

DIGITS = """
....##....|.########.|.....##...|.....#####
....##....|.########.|....###...|.....#####
....##....|.......##.|...####...|.....##.##
....##....|.......##.|..##.##...|.....##.##
....##....|.......##.|.##..##...|.....##.##
....##....|.########.|.#...##...|.....#####
....##....|.########.|.########.|.....#####
....##....|.##.......|.########.|........##
....##....|.##.......|.....##...|........##
....##....|.##.......|.....##...|........##
....##....|.########.|.....##...|........##
....##....|.########.|.....##...|........##
"""
NAMES, SHAPE = "1249", (12, 10)  # digits that overlap little, for the rule supposes patterns that do not
FLIPPED = 0.25  # of the pixels of a cue
SWEEPS = 4  # updates of each unit


def digits() -> np.ndarray:
    """The digits, (4, 120) of -1 and 1."""
    rows = [line.split("|") for line in DIGITS.split()]
    return np.array([[1.0 if c == "#" else -1.0 for row in rows for c in row[k]] for k in range(len(NAMES))])


def recall(cue: np.ndarray, number: int = 1) -> Network:
    """The network after some sweeps from a cue (120,); it has recorded its states and its energy."""
    net = Network(dt=1.0, seed=number)
    behaviour = {1: Hopfield(initial=cue), 9: Recorder("state", "energy")}
    units = NeuronGroup(net, size=len(cue), tag="units", behaviour=behaviour)
    SynapseGroup(net, units, units, tag="GLUTAMATE").W = hebbian(digits())
    net.simulate(SWEEPS)
    return net


def draw(cues: np.ndarray, nets: list[Network], path: Path) -> None:
    """Cues, what comes of them, and the energy on the way."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(11, 6), layout="constrained")
    pictures, energies = figure.subfigures(1, 2, width_ratios=(5, 3))
    axes = pictures.subplots(3, len(nets))
    shown = digits(), cues, [net["state", 0][-1] for net in nets]
    for row, states, name in zip(axes, shown, ("stored", "cue", "recalled"), strict=True):
        for ax, state in zip(row, states, strict=True):
            ax.imshow(np.reshape(state, SHAPE), cmap="Greys")
            ax.set(xticks=[], yticks=[])
        row[0].set(ylabel=name)
    ax = energies.subplots()
    for name, cue, net in zip(NAMES, cues, nets, strict=True):
        ax.plot([-0.5 * cue @ net["GLUTAMATE", 0].W @ cue, *net["energy", 0]], "o-", label=name)
    ax.set(xlabel="updates of each unit", ylabel="energy", xticks=range(SWEEPS + 1))
    ax.legend()
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> None:
    """Run the example."""
    parser = argparse.ArgumentParser(description="Digits that a Hopfield network recalls from noise.")
    parser.add_argument("--figure", type=Path, default=Path("hopfield.png"), help="where the figure goes")
    options = parser.parse_args(arguments)

    stored, rng = digits(), np.random.default_rng(1)
    cues = np.where(rng.random(stored.shape) < FLIPPED, -stored, stored)
    nets = [recall(cue) for cue in cues]
    for name, digit, cue, net in zip(NAMES, stored, cues, nets, strict=True):
        wrong = (cue != digit).sum(), (net["state", 0][-1] != digit).sum()
        print(f"{name}: {wrong[0]} of {len(digit)} pixels wrong, {wrong[1]} when recalled")
    draw(cues, nets, options.figure)
    print(f"figure: {options.figure}")


if __name__ == "__main__":
    main()
