"""The paper's basic network in TensorFlow (code block 6): the whole step is one function, which fusion compiles.

The noise is NumPy's, as in the paper, and reaches the function as a signal.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from fusion_tensorflow import layer

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup, seed

SIZE, ITERATIONS = 1000, 1000
THRESHOLD, LEAK = 0.5, 0.9


class Noise(Behaviour):
    """A new random kick in each iteration."""

    def initialize(self, neurons: Any) -> None:
        neurons.noise = neurons.vector()

    def iteration(self, neurons: Any) -> None:
        neurons.noise = neurons.vector("uniform", density=0.01)


def build(number: int = 1) -> Network:
    """A native source of noise, and the units in TensorFlow."""
    # One thread: a step this short would only pass between several.
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    seed(number)
    rng = np.random.default_rng(number)
    weights = rng.uniform(size=(SIZE, SIZE)) * (rng.random((SIZE, SIZE)) < 0.1)
    kernel = tf.constant(weights * 10 / SIZE, tf.float32)

    def step(noise: Any, voltage: Any) -> Any:
        spike = voltage > THRESHOLD
        fired = tf.cast(spike, tf.float32)
        return spike, voltage * (1.0 - fired) * LEAK + noise + tf.linalg.matvec(kernel, fired)

    net = Network(dt=1.0, seed=number)  # ms
    source = NeuronGroup(net, size=SIZE, tag="noise", behaviour={1: Noise()})
    cells = NeuronGroup(
        net, layer(step, n_in=SIZE, state=np.zeros(SIZE, np.float32)), tag="my_neurons",
        behaviour={9: Recorder("state", "np.mean(state)"), 10: EventRecorder("spike")},
    )  # fmt: skip
    SynapseGroup(net, source, cells, signal="noise", delay=1.0)
    return net


def main() -> None:
    """Run it, and say what came of it."""
    net = build().simulate(ITERATIONS)
    print("mean voltage:", round(float(net["np.mean(state)", 0][100:].mean()), 3))
    print("spikes:", len(net["spike.t", 0]))


if __name__ == "__main__":
    main()
