"""A random network over native behaviours, Brian2 and NEST; as a script it prints the digest of what it did.

::

    noise (native) --> cortex (NEST, Poisson drive, random weights) <--> pool (Brian2, noise of its own)
"""

from __future__ import annotations

import hashlib
import os
import sys

os.environ.setdefault("PYNEST_QUIET", "1")

import brian2
import nest
import numpy as np
from brian2 import ms

import fusion
from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup, fixed_probability


class Noise(Behaviour):
    """Fires at random."""

    rate: float = "uniform(10, 60)"  # Hz

    def iteration(self, neurons):
        neurons.spike = neurons.vector("uniform") < self.rate * neurons.network.dt / 1000


def build(seed: int, *, more_recorders: bool = False, number: int | None = None, window: int | None = None) -> Network:
    """The network; `number` seeds the `Network` alone, in place of everything."""
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    brian2.start_scope()
    brian2.prefs.codegen.target = "numpy"
    brian2.defaultclock.dt = 0.1 * ms
    if number is None:
        fusion.seed(seed)

    nodes = nest.Create("iaf_psc_exp", 40, {"V_m": nest.random.uniform(-70.0, -60.0) if number is None else -65.0})
    for rate, weight in ((9000.0, 40.0), (2000.0, -30.0)):
        drive = nest.Create("poisson_generator", 1, {"rate": rate})
        nest.Connect(drive, nodes, syn_spec={"weight": weight, "delay": 0.5})
    cells = brian2.NeuronGroup(
        20, "dv/dt = (0.5 - v)/(10*ms) + 0.9*xi*(10*ms)**-0.5 : 1", threshold="v > 1", reset="v = 0.2*rand()",
        method="euler", name="pool",
    )  # fmt: skip
    if number is None:
        cells.v = "rand()"

    net = Network(dt=0.1, seed=number, window=window)
    noise = NeuronGroup(net, size=10, tag="noise", behaviour={1: Noise(), 9: EventRecorder("spike")})
    cortex = NeuronGroup(net, nodes, tag="cortex", behaviour={9: EventRecorder("spike")})
    pool = NeuronGroup(net, cells, tag="pool", behaviour={9: EventRecorder("spike")})
    SynapseGroup(net, noise, cortex, connect=fixed_probability(0.3), weight="normal(200, 20)", delay="uniform(0.5, 3)")
    SynapseGroup(net, cortex, pool, connect=fixed_probability(0.2), weight="uniform(0.1, 0.4)", delay=1.5, into="v")
    SynapseGroup(net, pool, cortex, connect=fixed_probability(0.2), weight="uniform(-200, -50)", delay=1.0)
    if more_recorders:
        cortex.add_behaviour(11, Recorder("V_m", "np.mean(V_m)"))
        pool.add_behaviour(11, Recorder("v"))
        noise.add_behaviour(11, EventRecorder("spike", tag="again"))
        cortex.add_behaviour(12, EventRecorder("V_m > -60"))
    return net


def outcome(net: Network) -> dict[str, np.ndarray]:
    """All spikes, and the last state."""
    spikes = {tag: net[tag, 0]["spike", 0] for tag in ("noise", "cortex", "pool")}
    return {**spikes, "V_m": np.array(net["cortex", 0].V_m), "v": np.array(net["pool", 0].v)}


def digest(result: dict[str, np.ndarray]) -> str:
    """The same for the same arrays, and else not."""
    text = hashlib.sha256()
    for name, values in sorted(result.items()):
        text.update(f"{name} {values.shape} {values.dtype}".encode() + np.ascontiguousarray(values).tobytes())
    return text.hexdigest()


if __name__ == "__main__":
    with build(int(sys.argv[1])) as network:
        network.run(float(sys.argv[2]))
        sys.stdout.write(digest(outcome(network)))
