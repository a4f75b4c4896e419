"""The paper's basic network in the forms of its figure 7; the command line says which.

forms : paper_numpy, paper_tensorflow (code blocks 2, 3 and 6, line by line, with float64 NumPy as then),
dense (float32), events, layer (one TensorFlow function that fusion compiles, its noise from NumPy)
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from benchmarks.sides.native import Input, LeakyNoise, Timed, Weights
from benchmarks.sides.serving import in_windows, serve, stretches
from fusion import Behaviour, Network, NeuronGroup, SynapseGroup
from fusion.behaviours import Delivery

THRESHOLD, LEAK, DENSITY = 0.5, 0.9, 0.01


class TensorLeakyNoise(Behaviour):
    """Code block 6: tensors, one operation after the other; a new random vector in each step."""

    def initialize(self, neurons: Any) -> None:
        import tensorflow as tf

        self.tf = tf
        neurons.voltage = tf.Variable(neurons.vector(), dtype="float32")
        neurons.fired = tf.Variable(np.zeros(neurons.size, bool))
        self.threshold, self.leak = tf.constant(THRESHOLD), tf.constant(LEAK)

    def iteration(self, neurons: Any) -> None:
        tf = self.tf
        neurons.fired.assign(tf.greater(neurons.voltage, self.threshold))
        neurons.voltage.assign(neurons.voltage * tf.cast(tf.logical_not(neurons.fired), "float32"))
        decayed = neurons.voltage * self.leak
        noise = tf.constant(neurons.vector("uniform", density=DENSITY), "float32")
        neurons.voltage.assign(decayed + noise)


class TensorInput(Behaviour):
    """Code block 6: the spikes of the same iteration, through a dense matrix."""

    def initialize(self, neurons: Any) -> None:
        import tensorflow as tf

        self.tf = tf
        for synapse in neurons.afferent["GLUTAMATE"]:
            synapse.weight = tf.Variable(synapse.matrix("uniform", density=0.1, dtype="float32"))

    def iteration(self, neurons: Any) -> None:
        tf = self.tf
        for synapse in neurons.afferent["GLUTAMATE"]:
            arrived = tf.linalg.matvec(synapse.weight, tf.cast(synapse.source.fired, "float32"))
            neurons.voltage.assign_add(arrived / (synapse.source.size / 10.0))


class Noise(Behaviour):
    """The random vector of each step, a signal for the layer."""

    def initialize(self, neurons: Any) -> None:
        neurons.noise = neurons.vector()

    def iteration(self, neurons: Any) -> None:
        neurons.noise = neurons.vector("uniform", density=DENSITY)


class Layer:
    """The whole step as one function of TensorFlow, in a group of its own; spikes come out."""

    def __init__(self, n: int) -> None:
        import tensorflow as tf
        from fusion_tensorflow import layer

        weights = np.random.default_rng(1).uniform(size=(n, n)).astype(np.float32)
        weights *= np.random.default_rng(2).random((n, n), np.float32) < 0.1
        kernel = tf.constant(weights * np.float32(10.0 / n))

        def step(noise: Any, voltage: Any) -> Any:
            spike = voltage > THRESHOLD
            fired = tf.cast(spike, tf.float32)
            voltage = voltage * (1.0 - fired) * LEAK + noise + tf.linalg.matvec(kernel, fired)
            return spike, voltage

        self.net = Network(dt=1.0, seed=1)
        source = NeuronGroup(self.net, size=n, tag="noise", behaviour={1: Noise()})
        cells = NeuronGroup(self.net, layer(step, n_in=n, state=np.zeros(n, np.float32)), tag="cells")
        SynapseGroup(self.net, source, cells, signal="noise")
        self.net.build()

    def round(self, steps: int) -> list[float]:
        """Seconds per step."""
        return in_windows(self.net, steps, runs=1)


class Paper(Timed):
    """Behaviours whose tensors are the group's variables."""

    def round(self, steps: int) -> list[float]:
        """Seconds per step, stretch by stretch."""
        self.stamp.times.clear()
        self.net.simulate(steps + 1, progress=False)
        return stretches(self.stamp.times)


def prepare(n: int) -> None:
    """Make the network that `round` runs."""
    for former in running:
        former.net.close()
    running.clear()  # before the next one, for matrices are large
    running.append(FORMS[form](n))
    running[0].round(20)


def measure(steps: int) -> list[float]:
    """A round."""
    times: list[float] = running[0].round(steps)
    return times


def _timed(dtype: str) -> Any:
    return lambda n: Timed(n, dtype, {1: LeakyNoise(), 2: Input()}, {})


def _events(n: int) -> Timed:
    delivery = Delivery(synapses="GLUTAMATE", into="voltage", scale=10.0, per_source=True)
    return Timed(n, "float32", {1: LeakyNoise(), 2: delivery}, {1: Weights()})


FORMS: dict[str, Any] = {
    "paper_numpy": _timed("float64"),
    "paper_tensorflow": lambda n: Paper(n, "float32", {1: TensorLeakyNoise(), 2: TensorInput()}, {}),
    "dense": _timed("float32"),
    "events": _events,
    "layer": Layer,
}
running: list[Any] = []


if __name__ == "__main__":
    form = sys.argv[1]
    serve(prepare=prepare, round=measure)
