"""One wrapped layer behind an open adapter, and the few lines of a run that tests would repeat."""

import os
from contextlib import suppress

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest
import tensorflow as tf
from fusion_tensorflow import Adapter

from fusion.adapter.base import GroupSpec
from fusion.core.batch import Samples, Spikes
from fusion.core.clock import Clock

# As the adapter would, were it the first to be there.
with suppress(RuntimeError):
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)


class Participant:
    """A layer, and its adapter, driven by hand."""

    def __init__(self, source, *, every=1, seed=1, name="layer"):
        self.adapter = Adapter()
        self.adapter.open(Clock(1.0), seed)
        self.handle = self.adapter.create(source, GroupSpec(name, every=every))

    def port(self, kind, name="input"):
        return self.adapter.port(self.handle, "" if kind == "spikes out" else name, kind)

    def push(self, port, tick, arrivals):
        """arrivals : {index: value}"""
        indices, values = np.array(list(arrivals), np.int64), np.array(list(arrivals.values()), float)
        self.adapter.push(port, Spikes(np.full(len(indices), tick), indices, values, tick))

    def push_samples(self, port, t0, *rows):
        self.adapter.push(port, Samples(t0, np.array(rows, float)))

    def read(self, name, index=None):
        return self.adapter.read(self.handle, name, index)

    def write(self, name, values, index=None):
        self.adapter.write(self.handle, name, values, index)

    def feed(self, inputs):
        """The outputs for a row of `inputs` at each tick from now on."""
        outputs = []
        for x in inputs:
            self.write("input", x)
            self.adapter.advance(self.adapter.now + 1)
            outputs.append(self.read("output"))
        return np.array(outputs)


@pytest.fixture(autouse=True)
def seeded():
    keras.utils.set_random_seed(7)


@pytest.fixture
def wrap():
    """A factory of wrapped layers, closed at the end of the test."""
    made = []

    def make(source, **arguments):
        made.append(Participant(source, **arguments))
        return made[-1]

    yield make
    for one in made:
        one.adapter.close()


@pytest.fixture
def dense():
    """A Dense layer of 4 inputs and 3 outputs."""
    layer = keras.layers.Dense(3, activation="tanh")
    layer.build((None, 4))
    return layer


@pytest.fixture
def inputs():
    """Fifty input vectors of length 4."""
    return np.random.default_rng(0).normal(size=(50, 4))
