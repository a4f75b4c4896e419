"""TensorFlow passes on both tiers, with a function that leaks, sums and fires in discrete time."""

import keras
import numpy as np
import tensorflow as tf
from conformance.needs import ADOPTED_SYNAPSES, STAND_INS
from conformance.tiers import OnTier
from fusion_tensorflow import Adapter, layer

from fusion.testing.conformance import Case, Conformance, NetworkConformance
from fusion.testing.mutants import Mutants

LEAK, THRESHOLD = 0.5, 1.0  # powers of two: float32 has no rounding to hide behind


def leaky():
    """A new function; once its `broken` is set, TensorFlow raises in its next step."""
    broken = tf.Variable(0.0, trainable=False)

    def step(x, state):
        tf.debugging.assert_equal(broken, 0.0)
        v = LEAK * state["v"] + x
        return v >= THRESHOLD, {"v": tf.where(v >= THRESHOLD, 0.0, v)}

    step.broken = broken
    return step


class Noisy(keras.Layer):
    """Fires at random; Keras draws the seed of the generator from the network's when the recipe is built."""

    def __init__(self):
        super().__init__()
        self.generator = keras.random.SeedGenerator(name="noise")

    def call(self, x):
        return keras.random.uniform(keras.ops.shape(x), seed=self.generator) + 0.0 * x > 0.9


class TensorFlowCase(Case):
    """A layer uses the input of its own tick, which is how a link's delay of one tick is its whole delay."""

    adapter = Adapter
    spike_input = sample_input = "input"
    arrived = sample_seen = "input"
    nudge, kick, recovery = 0.25, 2.0, 30
    state, shift, sample = "v", 0.25, 0.25
    arrival_lag = sample_lag = 0

    def reset(self):
        """A layer shares nothing with others that a run would change."""

    def quiet(self, n):
        return layer(leaky(), n, state={"v": np.zeros(n)})

    def noisy(self, n):
        return layer(Noisy, n)

    def sabotage(self, source):
        source.source.broken.assign(1.0)


NO_SYNAPSES = "a layer has no synapses that are not its own affair"
NO_STAND_INS = "a layer has one input, and no place for a source inside it"
NO_EQUATION = "a layer steps in discrete time; it has no equation"


class Raw(OnTier):
    tier = "raw"


class Public(OnTier):
    tier = "public"


UNSUPPORTED = {
    **dict.fromkeys(ADOPTED_SYNAPSES, NO_SYNAPSES),
    **dict.fromkeys(STAND_INS, NO_STAND_INS),
    "test_the_response_to_an_arrival_is_the_exact_solution": NO_EQUATION,
    "test_a_kick_fires_when_the_exact_solution_reaches_the_threshold": NO_EQUATION,
    "test_a_constant_drive_gives_the_exact_rate": NO_EQUATION,
    "test_a_foreign_dt_is_an_error_that_names_both": "a layer has no dt of its own",
    "test_a_snapshot_restored_runs_on_as_if_nothing_had_been": "snapshots come with a later issue",
}
UNSUPPORTED_IN_NETWORKS = {
    "test_a_stand_in_fires_as_long_after_its_source_as_was_asked": NO_STAND_INS,
    "test_adopted_synapses_are_a_synapse_group": NO_SYNAPSES,
    "test_a_network_that_is_split_with_the_toy_fires_the_same_spikes": NO_EQUATION,
}


class TestTensorFlow(Raw, Conformance):
    case = TensorFlowCase()
    unsupported = UNSUPPORTED


class TestPublicTensorFlow(Public, Conformance):
    case = TensorFlowCase()
    unsupported = UNSUPPORTED


class StepsAtEachTick(Adapter):
    def advance(self, until):
        self.every = 1
        super().advance(until)


def test_a_layer_that_steps_at_each_tick_is_caught():
    Mutants(TensorFlowCase).assert_caught(StepsAtEachTick, "test_a_slower_clock_steps_at_its_own_ticks_only")


class TestTensorFlowInNetworks(Raw, NetworkConformance):
    case = TensorFlowCase()
    unsupported = UNSUPPORTED_IN_NETWORKS


class TestPublicTensorFlowInNetworks(Public, NetworkConformance):
    case = TensorFlowCase()
    unsupported = UNSUPPORTED_IN_NETWORKS
