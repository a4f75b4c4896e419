"""One leaky neuron in NEST, shown as a group of the network (code block 10)."""

from __future__ import annotations

import nest
import numpy as np

from fusion import EventRecorder, Network, NeuronGroup, Recorder

ITERATIONS = 400
TAU, E_L, V_TH = 100.0, 1.0, 0.9  # ms, mV, mV


def build() -> Network:
    """The neuron, wrapped."""
    nest.resolution = 1.0
    neuron = nest.Create("iaf_psc_delta", params={"E_L": E_L, "t_ref": 1.0, "V_th": V_TH, "V_reset": 0.0})
    neuron.set(V_m=0.0, tau_m=TAU)

    net = Network(dt=1.0)  # ms
    NeuronGroup(net, neuron, tag="NEST_embedding", behaviour={9: Recorder("V_m"), 10: EventRecorder("spike")})
    return net


def main() -> None:
    """Run it beside the formula: the neuron climbs towards E_L until it meets the threshold."""
    net = build().simulate(ITERATIONS)
    crossing = TAU * np.log(E_L / (E_L - V_TH))
    print(f"V_m = {net['V_m', 0][3, 0]:.4f} mV after 4 ms, by the formula {E_L * (1 - np.exp(-4 / TAU)):.4f} mV")
    print(f"first spike at {net['spike.t', 0][0]:g} ms, by the formula in the step after {crossing:.1f} ms")


if __name__ == "__main__":
    main()
