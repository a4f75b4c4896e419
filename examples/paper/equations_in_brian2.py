"""The same leak in Brian2, shown as a group of the network (code block 8), and Brian2's text in fusion's equations."""

from __future__ import annotations

import brian2
import numpy as np
from brian2 import ms, mV

from fusion import Network, NeuronGroup, Recorder
from fusion.behaviours import Equations

ITERATIONS = 10_000
EQUATIONS = """
dv/dt = (0*mV - v)/tau : volt
tau : second
"""


def build() -> Network:
    """Brian2's group, and a native one with the same text."""
    brian2.prefs.codegen.target = "numpy"  # compiling takes longer than this
    brian2.defaultclock.dt = 0.1 * ms
    group = brian2.NeuronGroup(100, EQUATIONS, method="euler")
    group.v, group.tau = 1 * mV, 100 * ms

    net = Network(dt=0.1)  # ms
    equations = Equations(EQUATIONS, method="euler", v=1 * mV, tau=100 * ms)
    NeuronGroup(net, group, tag="brian2", behaviour={9: Recorder("v[:1]")})
    NeuronGroup(net, size=100, tag="native", behaviour={1: equations, 9: Recorder("v[:1]")})
    return net


def main() -> None:
    """Run both beside the solution."""
    net = build().simulate(ITERATIONS)
    theirs, ours = net["brian2", 0]["v[:1]", 0], net["native", 0]["v[:1]", 0]
    exact = np.exp(-ITERATIONS * 0.1 / 100.0)
    print(f"v = {theirs[-1, 0] * 1e3:.6e} mV in Brian2, {ours[-1, 0] * 1e3:.6e} mV in fusion, {exact:.6e} mV exactly")
    print(f"the two differ by {np.abs(theirs - ours).max():g} V at most")


if __name__ == "__main__":
    main()
