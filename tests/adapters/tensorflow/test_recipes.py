"""Recipes: layers in plain values, and what a function makes in place."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from fusion_tensorflow import LayerRecipe, layer
from labels import label

from fusion import EventRecorder, Network, NeuronGroup, Recorder, built
from fusion.adapter.recipe import Built
from fusion.errors import InvalidValue, RecipeFailed, UnknownObject, Unsupported


class Scaled(keras.layers.Dense):
    """A layer of one's own."""


def counted(x, state):
    """Spikes of those units whose inputs add up to one."""
    total = state["total"] + x
    fired = total >= 1.0
    return fired, {"total": tf.where(fired, 0.0, total)}


def readout(units):
    """A model that knows its input."""
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(units, activation="tanh")])


def deeper(units):
    return layer(keras.layers.Dense(units), n_in=4)


def several(units):
    return readout(units), readout(units)


def described_again(recipe):
    return LayerRecipe.from_description(recipe.described())


@pytest.mark.parametrize(
    "recipe",
    [
        layer("Dense", 4, units=3, activation="tanh"),
        layer(Scaled, 4, units=3, kernel_initializer="ones"),
        layer(counted, 4, state={"total": np.zeros(4)}, jit=True),
        layer("Conv2D", (2, 2, 1), filters=1, kernel_size=(2, 2)),
    ],
    ids=label,
)
def test_names_classes_and_functions_are_described(recipe):
    again = described_again(recipe)
    assert repr(again) == repr(recipe)
    assert recipe.described().keys() == {"source", "n_in", "n_out", "state", "options", "jit"}


@pytest.mark.parametrize("source", [keras.layers.Dense(2), tf.function(lambda x: x)], ids=["layer", "tf.function"])
def test_what_is_made_already_cannot_be_described(source):
    with pytest.raises(InvalidValue, match=r"is made already.*the name of a layer, a class.*fusion\.built"):
        layer(source, n_in=4).described()


def test_options_that_are_objects_of_keras_cannot_be_described():
    recipe = layer("Dense", 4, units=3, kernel_initializer=keras.initializers.Ones())
    with pytest.raises(InvalidValue, match=r"options of .*\['kernel_initializer'\] is .*Keras objects by name; fusion"):
        recipe.described()


# --- in a network


def trace_of(source, name="decoder"):
    """(50, n) output of a decoder of four noisy neurons."""
    with Network(dt=1.0, seed=4) as net:
        cells = NeuronGroup(net, source, tag=name, behaviour={9: Recorder("output")})
        cells.input = [0.5, -0.25, 1.0, 0.0]
        net.simulate(5)
        return np.array(net["output", 0])


def test_a_recipe_that_was_described_gives_the_same_numbers():
    recipe = layer("Dense", 4, units=3)
    first = trace_of(recipe)
    assert first.any()
    np.testing.assert_array_equal(trace_of(described_again(layer("Dense", 4, units=3))), first)


def test_a_function_gives_the_numbers_of_the_recipe():
    first = trace_of(layer("Dense", 4, units=3))
    np.testing.assert_array_equal(trace_of(built(deeper, adapter="tensorflow", units=3)), first)
    # Twice, since nothing that the function draws comes from elsewhere.
    recipe = built(readout, adapter="tensorflow", units=3)
    model = trace_of(recipe)
    assert model.any()
    np.testing.assert_array_equal(trace_of(Built.from_description(recipe.described())), model)
    # An object gives the numbers of the function that made it, with its weights.
    own = readout(3)
    drawn = []
    keeping = built(lambda: drawn.append(readout(3)) or drawn[0], adapter="tensorflow")
    np.testing.assert_array_equal(trace_of(keeping), model)
    own.set_weights(drawn[0].get_weights())
    np.testing.assert_array_equal(trace_of(own), model)


def test_a_function_of_tensorflow_spikes_the_same_after_its_travel():
    def spikes(recipe):
        with Network(dt=1.0, seed=4) as net:
            cells = NeuronGroup(net, recipe, tag="counters", behaviour={9: EventRecorder("spike")})
            cells.input = [0.3, 0.5, 0.9, 0.0]
            net.simulate(30)
            return net["spike.t", 0].tolist(), net["spike.i", 0].tolist()

    state = {"total": np.zeros(4)}
    first = spikes(layer(counted, 4, state=state))
    assert set(first[1]) == {0, 1, 2}
    assert spikes(described_again(layer(counted, 4, state=state))) == first
    assert spikes(built(lambda: layer(counted, 4, state=state), adapter="tensorflow")) == first


def test_further_objects_are_refused():
    with Network(dt=1.0) as net, pytest.raises(Unsupported, match="also= is not for Keras"):
        NeuronGroup(net, built(several, adapter="tensorflow", units=2))


def test_a_function_that_fails_or_makes_something_else_is_an_error():
    with Network(dt=1.0) as net:
        with pytest.raises(RecipeFailed, match=r"readout\(\), which builds 'broken', raised ValueError"):
            NeuronGroup(net, built(readout, adapter="tensorflow", units=-1), tag="broken")
        with pytest.raises(UnknownObject, match="3 cannot be a group"):
            NeuronGroup(net, built(lambda: 3, adapter="tensorflow"))
