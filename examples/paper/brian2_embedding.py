"""One leaky cell in Brian2, shown as a group of the network (code block 9).

The paper calls Brian2's ``run`` in each iteration, which makes its code anew each time; here Brian2 stays prepared.
"""

from __future__ import annotations

import brian2
from brian2 import ms, mV

from fusion import Network, NeuronGroup, Recorder

ITERATIONS = 100


def build() -> Network:
    """The cell, wrapped."""
    brian2.prefs.codegen.target = "numpy"  # compiling takes longer than this
    brian2.defaultclock.dt = 1 * ms
    cell = brian2.NeuronGroup(1, "dv/dt = (0*mV - v)/tau : volt\ntau : second", method="euler")
    cell.v, cell.tau = 1 * mV, 100 * ms

    net = Network(dt=1.0)  # ms
    NeuronGroup(net, cell, tag="Brian2_embedding", behaviour={9: Recorder("v")})
    return net


def main() -> None:
    """Run it beside the formula: each Euler step leaves 99 % of the voltage."""
    net = build().simulate(ITERATIONS)
    print(f"v = {net['v', 0][-1, 0] * 1000:.6f} mV after {ITERATIONS} ms, by the formula {0.99**ITERATIONS:.6f} mV")


if __name__ == "__main__":
    main()
