"""A leak given by its equation, beside its solution (code block 7)."""

from __future__ import annotations

from fusion import Network, NeuronGroup, Recorder
from fusion.behaviours import Clock, Equation, Variable

ITERATIONS = 10_000


def build() -> Network:
    """A hundred neurons, each with one variable that decays to 0 mV."""
    net = Network(dt=0.1)  # ms
    behaviour = {
        1: Clock("0.1*ms"),
        2: Variable("v = 1*mV"),
        3: Variable("tau = 100*ms"),
        4: Equation("dv/dt = (0*mV - v)/tau"),
        9: Recorder("v[:1]", "t", tag="my_recorder"),
    }
    NeuronGroup(net, size=100, tag="my_neurons", behaviour=behaviour)
    return net


def main() -> None:
    """Run it beside the formula: each Euler step leaves 99.9 % of the voltage."""
    net = build().simulate(ITERATIONS)
    print(
        f"v = {net['v[:1]', 0][-1, 0]:.6e} mV after {net['t', 0][-1]:g} ms, by the formula {0.999**ITERATIONS:.6e} mV"
    )


if __name__ == "__main__":
    main()
