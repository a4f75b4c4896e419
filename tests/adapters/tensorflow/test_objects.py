"""Layers, models, cells and functions give what they give when they are called in eager mode."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from fusion_tensorflow import layer

from fusion.errors import InvalidValue, ShapeMismatch, SimulatorFailed, UnknownName, UnknownObject

# Products are summed in float32 in another order when the graph is compiled.
CLOSE = {"rtol": 1e-6, "atol": 1e-6}


class Scaled(keras.Model):
    """A sub-classed model that tells training from inference."""

    def __init__(self, n):
        super().__init__()
        self.inner = keras.layers.Dense(n)
        self.dropout = keras.layers.Dropout(0.5)

    def call(self, x, training=True):
        y = self.dropout(self.inner(x), training=training)
        return -y if training else y


class Integrator(keras.layers.Layer):
    """A layer that keeps a state of its own."""

    def build(self, shape):
        self.total = self.add_weight(shape=(1, shape[-1]), initializer="zeros", trainable=False, name="total")
        self.gain = self.add_weight(shape=(shape[-1],), initializer="ones", name="gain")

    def call(self, x):
        self.total.assign(0.5 * self.total + x)
        return self.total * self.gain


class PlainCell(keras.layers.Layer):
    """A cell without ``training`` and without ``get_initial_state``."""

    state_size = output_size = 2

    def __init__(self):
        super().__init__()
        self.inner = keras.layers.Dense(2)

    def build(self, shape):
        self.inner.build(shape)

    def call(self, x, states):
        y = keras.ops.tanh(self.inner(x) + states[0])
        return y, [y]


def built(layer, n=4):
    layer.build((None, n))
    return layer


def sequential():
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(6, activation="relu"), keras.layers.Dense(2)])


def functional():
    x = keras.Input((4,))
    return keras.Model(x, keras.layers.Concatenate()([keras.layers.Dense(2)(x), x]))


def called_once():
    model = Scaled(3)
    model(np.zeros((2, 4)))
    return model


@pytest.mark.parametrize(
    "make",
    [
        lambda: built(keras.layers.Dense(3)),
        lambda: layer(keras.layers.Dense(3), n_in=4),
        lambda: layer(keras.layers.ReLU(), n_in=4),
        sequential,
        functional,
        called_once,
        lambda: layer(Scaled(3), n_in=4),
        lambda: layer(keras.Sequential([keras.layers.Dense(3), keras.layers.BatchNormalization()]), n_in=4),
    ],
    ids=["layer", "unbuilt", "weightless", "sequential", "functional", "sub-classed", "unbuilt model", "norm"],
)
def test_a_layer_or_model_gives_what_it_gives_in_eager_mode(wrap, make, inputs):
    part = wrap(make())
    eager = part.adapter.source(inputs.astype(np.float32), training=False).numpy()
    np.testing.assert_allclose(part.feed(inputs), eager, **CLOSE)
    assert part.handle.size == eager.shape[1]
    assert part.handle.inputs["input"].size == 4


@pytest.mark.parametrize(
    "make",
    [
        lambda: built(keras.layers.SimpleRNNCell(5)),
        lambda: built(keras.layers.GRUCell(5)),
        lambda: built(keras.layers.LSTMCell(5)),
        lambda: layer(keras.layers.LSTMCell(5, dropout=0.5), n_in=4),
        lambda: layer(keras.layers.StackedRNNCells([keras.layers.GRUCell(3), keras.layers.LSTMCell(2)]), n_in=4),
        lambda: layer(PlainCell(), n_in=4),
    ],
    ids=["simple", "gru", "lstm", "dropout", "stacked", "own"],
)
def test_the_state_of_a_cell_is_kept_over_fifty_steps(wrap, make, inputs):
    part = wrap(make())
    cell = part.adapter.source
    states, expected = keras.layers.RNN(cell).get_initial_state(1), []
    for x in inputs.astype(np.float32):
        y, states = cell(x[None], states, training=False)
        expected.append(y.numpy()[0])
    np.testing.assert_allclose(part.feed(inputs), expected, **CLOSE)
    flat = np.concatenate([np.ravel(state) for state in keras.tree.flatten(states)])
    np.testing.assert_allclose(part.read("state"), flat, **CLOSE)


def test_a_state_that_is_written_is_where_the_cell_goes_on(wrap, inputs):
    part = wrap(built(keras.layers.LSTMCell(3)))
    whole = part.feed(inputs)
    part.write("state", 0.0)
    np.testing.assert_array_equal(part.feed(inputs), whole)
    part.write("state", [1.0, 2.0], slice(1, 3))
    assert part.read("state", slice(1, 3)).tolist() == [1.0, 2.0]


def test_a_stateful_model_remembers_in_its_own_variables(wrap, inputs):
    gru = keras.layers.GRU(3, stateful=True)
    part = wrap(keras.Sequential([keras.Input(batch_shape=(1, 1, 4)), gru]))
    reference = keras.Sequential([keras.Input((50, 4)), keras.layers.GRU(3, return_sequences=True)])
    reference.set_weights(part.adapter.source.get_weights())
    np.testing.assert_allclose(part.feed(inputs), reference(inputs[None].astype(np.float32)).numpy()[0], **CLOSE)
    np.testing.assert_array_equal(part.read("state"), gru.states[0].value.numpy()[0])
    np.testing.assert_array_equal(part.read("rnn_state"), part.read("state"))
    gru.reset_states()
    assert part.read("state").tolist() == [0, 0, 0]


def test_a_layer_that_assigns_its_own_weights_has_a_state(wrap):
    part = wrap(layer(Integrator(), n_in=2))
    outputs = part.feed([[1, 2], [1, 2], [0, 0]])
    assert outputs.tolist() == [[1, 2], [1.5, 3], [0.75, 1.5]]
    assert set(part.handle.variables) == {"input", "output", "state", "weights", "total", "gain"}
    assert part.read("total").tolist() == [0.75, 1.5]
    part.write("gain", [10, 10])
    assert part.feed([[0, 0]]).tolist() == [[3.75, 7.5]]


def test_a_vector_takes_the_shape_that_the_model_wants(wrap):
    model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(2, 3), keras.layers.Flatten()])
    part = wrap(model)
    image = np.random.default_rng(0).normal(size=64)
    expected = model(image.reshape(1, 8, 8, 1).astype(np.float32)).numpy()
    np.testing.assert_allclose(part.feed([image]), expected, **CLOSE)


def test_an_image_leaves_as_a_vector(wrap):
    part = wrap(layer(keras.layers.Conv2D(2, 3), n_in=(5, 5, 1)))
    expected = part.adapter.source(np.arange(25.0).reshape(1, 5, 5, 1)).numpy().ravel()
    np.testing.assert_allclose(
        part.feed([np.arange(25.0)])[0], expected, rtol=1e-5, err_msg="sums of 9 float32 products"
    )


def test_double_precision_is_kept_where_the_layer_has_it(wrap, inputs):
    part = wrap(layer(keras.layers.Dense(3, dtype="float64"), n_in=4))
    kernel = part.adapter.source.kernel.value.numpy()
    np.testing.assert_allclose(part.feed(inputs), inputs @ kernel, rtol=1e-12, atol=1e-14)


def test_a_tf_function_says_its_size_by_its_signature(wrap):
    matrix = tf.Variable(np.arange(6.0).reshape(3, 2), dtype=tf.float32, name="matrix")

    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32)])
    def project(x):
        if tf.reduce_sum(x) > 0:  # a branch on a value, which only a tf.function can have
            return x @ matrix
        return -x @ matrix

    part = wrap(project)
    assert (part.handle.inputs["input"].size, part.handle.size) == (3, 2)
    assert part.feed([[1, 0, 0], [0, 0, 1], [-1, 0, 0]]).tolist() == [[0, 1], [4, 5], [0, 1]]
    assert part.read("matrix").tolist() == [0, 1, 2, 3, 4, 5]
    matrix.assign(tf.ones((3, 2)))
    assert part.feed([[1, 0, 0]]).tolist() == [[1, 1]]


def test_a_concrete_function_can_be_wrapped(wrap):
    concrete = tf.function(lambda x: 2.0 * x).get_concrete_function(tf.TensorSpec([3], tf.float64))
    assert wrap(concrete).feed([[0.1, 0.2, 0.3]]).tolist() == [[0.2, 0.4, 0.6]]


def test_a_function_may_keep_a_named_state(wrap):
    def neuron(x, state):
        v = tf.where(state["v"] > 1.0, 0.0, 0.5 * state["v"]) + x
        return v > 1.0, {"v": v, "count": state["count"] + 1}

    part = wrap(layer(neuron, n_in=2, state={"v": np.zeros(2), "count": np.zeros(2, int)}))
    assert part.feed([[1, 2], [1, 0], [0, 0]]).tolist() == [[False, True], [True, False], [False, False]]
    assert part.read("v").tolist() == [0, 0]
    assert part.read("count").tolist() == [3, 3]
    part.write("v", 0.25)
    assert part.feed([[1, 0]]).tolist() == [[True, False]]


def test_a_function_may_keep_several_states_or_one(wrap):
    pair = wrap(layer(lambda x, s: (s[0], [s[1], x]), n_in=2, state=[np.zeros(2), np.ones(2)]))
    assert pair.feed([[1, 2], [3, 4], [5, 6]]).tolist() == [[0, 0], [1, 1], [1, 2]]
    single = wrap(layer(lambda x, s: (s + x, s + x), n_in=2, state=np.zeros(2)))
    assert single.feed([[1, 2], [3, 4]]).tolist() == [[1, 2], [4, 6]]


def test_the_output_size_can_be_told_where_tensorflow_cannot_know_it(wrap):
    def sort(x):
        return tf.numpy_function(np.sort, [x], tf.float32)

    with pytest.raises(InvalidValue, match=r"n_out=\.\.\."):
        wrap(layer(sort, n_in=3))
    assert wrap(layer(sort, n_in=3, n_out=3)).feed([[3, 1, 2]]).tolist() == [[1, 2, 3]]


def test_a_recipe_by_name_draws_its_weights_from_the_seed_alone(wrap):
    weights = []
    for seed in (1, 1, 2):
        keras.utils.set_random_seed(100 + len(weights))
        part = wrap(layer("Dense", n_in=4, units=3), seed=seed)
        weights.append(part.read("kernel"))
    np.testing.assert_array_equal(weights[0], weights[1])
    assert (weights[0] != weights[2]).all()
    assert wrap(layer(Scaled, n_in=4, n=2)).handle.size == 2


def test_weights_have_the_names_that_keras_gives_them(wrap, dense):
    part = wrap(keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, name="hidden"), keras.layers.Dense(1)]))
    names = set(part.handle.variables) - {"input", "output", "weights"}
    assert {"hidden_kernel", "hidden_bias"} <= names
    assert len(names) == 4
    assert part.handle.variables["hidden_kernel"].size == 8
    assert part.handle.variables["weights"].size == 8 + 2 + 2 + 1
    assert {"kernel", "bias"} <= set(wrap(dense).handle.variables)
    twins = [tf.Variable(1.0, name="a"), tf.Variable(2.0, name="a")]
    assert {"a", "a_1"} <= set(wrap(layer(lambda x: twins[0] * x + twins[1], n_in=1)).handle.variables)


def test_weights_are_seen_at_once_wherever_they_were_changed(wrap, dense, inputs):
    part = wrap(dense)
    before = part.feed(inputs[:1])
    dense.set_weights([np.zeros((4, 3)), np.full(3, 0.5)])
    np.testing.assert_allclose(part.feed(inputs[:1]), np.tanh([[0.5] * 3]), **CLOSE)
    part.write("bias", [1.0, 2.0], np.array([0, 2]))
    np.testing.assert_array_equal(dense.bias.value.numpy(), np.float32([1.0, 0.5, 2.0]))
    assert not np.array_equal(part.feed(inputs[:1]), before)


def test_what_is_read_is_a_copy(wrap, dense, inputs):
    part = wrap(dense)
    part.feed(inputs[:1])
    for name in part.handle.variables:
        values = part.read(name)
        kept = values.copy()
        values += 1.0
        np.testing.assert_array_equal(part.read(name), kept)
        assert values.shape == (part.handle.variables[name].size,)


# Wrong uses: what is wrong, and the way out.


def test_an_unknown_input_size_is_an_error_that_says_how_to_give_it(wrap):
    for source in (
        keras.layers.Dense(3),
        keras.Sequential([keras.layers.Dense(3)]),
        Scaled(3),
        keras.layers.GRUCell(2),
    ):
        with pytest.raises(InvalidValue, match=r"not known.*fusion_tensorflow\.layer\(.*n_in=\.\.\.\)"):
            wrap(source)
    with pytest.raises(InvalidValue, match=r"not known.*n_in=\.\.\..*input_signature"):
        wrap(tf.function(lambda x: x))
    with pytest.raises(InvalidValue, match=r"leaves their size open.*the 3 numbers"):
        wrap(keras.Sequential([keras.Input((None, None, 1)), keras.layers.Flatten()]))


def test_a_size_that_does_not_fit_is_an_error(wrap, dense):
    with pytest.raises(ShapeMismatch, match=r"n_in of 'dense.*has shape \(5,\); it takes 4 numbers"):
        wrap(layer(dense, n_in=5))
    with pytest.raises(ShapeMismatch, match=r"has shape \(3,\); n_out says 2"):
        wrap(layer(dense, n_in=4, n_out=2))


def test_several_inputs_or_outputs_are_an_error_that_says_what_to_do(wrap):
    a, b = keras.Input((2,)), keras.Input((3,))
    with pytest.raises(InvalidValue, match=r"several inputs.*Concatenate"):
        wrap(keras.Model([a, b], keras.layers.Concatenate()([a, b])))
    with pytest.raises(InvalidValue, match=r"2 outputs.*model\.outputs\[0\]"):
        wrap(keras.Model(a, [a, keras.layers.Dense(2)(a)]))


def test_a_recurrent_layer_that_would_forget_is_an_error_that_names_its_cell(wrap):
    with pytest.raises(InvalidValue, match=r"begin anew in each step.*LSTMCell.*stateful=True"):
        wrap(keras.Sequential([keras.Input((None, 4)), keras.layers.LSTM(3)]))


def test_what_is_no_function_is_an_error(wrap):
    with pytest.raises(UnknownObject, match="no function from a vector to a vector"):
        wrap(tf.constant([1.0]))


def test_what_tensorflow_refuses_names_the_group_and_keeps_its_words(wrap):
    def broken(x):
        raise KeyError("of my own")

    with pytest.raises(SimulatorFailed, match=r"'motor'.*KeyError: 'of my own'"):
        wrap(layer(broken, n_in=3), name="motor")
    with pytest.raises(InvalidValue, match=r"must return \(output, new state\)"):
        wrap(layer(lambda x, s: x, n_in=3, state=np.zeros(3)))
    with pytest.raises(SimulatorFailed, match=r"tf\.function"):
        wrap(layer(lambda x: x if tf.reduce_sum(x) > 0 else -x, n_in=3))


def test_an_error_inside_a_step_names_the_tick(wrap):
    def careful(x):
        with tf.control_dependencies([tf.debugging.assert_less(x, 1.0, message="too much")]):
            return tf.identity(x)

    part = wrap(layer(careful, n_in=2), name="motor")
    part.adapter.advance(2)
    part.write("input", 3.0)
    with pytest.raises(SimulatorFailed, match=r"'motor' failed at tick 3(.|\n)*too much"):
        part.adapter.advance(5)
    part.adapter.cleanup()
    part.adapter.close()


def test_a_recipe_that_means_nothing_is_an_error_at_its_line():
    for n_in in (0, -1, 2.5, True, (8, 0)):
        with pytest.raises(InvalidValue, match="positive whole number"):
            layer("Dense", n_in=n_in)
    with pytest.raises(InvalidValue, match="n_out"):
        layer("Dense", n_in=1, n_out=0)
    with pytest.raises(InvalidValue, match="is made already"):
        layer(lambda x: x, n_in=3, units=4)
    with pytest.raises(InvalidValue, match="no layer, no function"):
        layer(3, n_in=3)
    with pytest.raises(InvalidValue, match="cannot be named 'input'"):
        layer(lambda x, s: (x, s), n_in=3, state={"input": np.zeros(3)})
    assert repr(layer("Dense", n_in=4, units=3)) == "layer('Dense', n_in=4, units=3)"


def test_a_recipe_that_cannot_be_built_is_an_error(wrap, dense):
    with pytest.raises(UnknownName, match="Did you mean 'Dense'"):
        wrap(layer("Dens", n_in=4))
    with pytest.raises(SimulatorFailed, match="unist"):
        wrap(layer("Dense", n_in=4, unist=3))
    with pytest.raises(InvalidValue, match="state= is for functions"):
        wrap(layer(dense, n_in=4, state=np.zeros(3)))
    with pytest.raises(UnknownName, match=r"There are: .*output"):
        wrap(dense).read("outptu")
