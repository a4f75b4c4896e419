"""`Train` takes the steps that a loop written by hand would take, and `fit` trains on what was recorded."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from fusion_tensorflow import Train, fit, layer

from fusion import Behaviour, Network, NeuronGroup, Recorder
from fusion.errors import BehaviourFailed, BuildFailed, InvalidValue, UnknownName, Unsupported

# The graph sums products of float32 in another order than eager mode does; some hundred steps add up.
CLOSE = {"rtol": 1e-4, "atol": 1e-5}

RNG = np.random.default_rng(3)
X = RNG.normal(size=(300, 4))
Y = np.tanh(X @ RNG.normal(size=(4, 3)))


class Feed(Behaviour):
    """Gives a group its input of each iteration; key below 0, so that the step of this iteration sees it."""

    rows: object

    def iteration(self, neurons):
        neurons.input = self.rows[0][neurons.iteration - 1]


class Teach(Behaviour):
    """Shows the target of each iteration."""

    rows: object

    def initialize(self, neurons):
        neurons.rate = neurons.vector()

    def iteration(self, neurons):
        neurons.rate = self.rows[0][neurons.iteration - 1]


class Network1(Network):
    """One Keras group that is fed X, one native group that shows the target."""

    def __init__(self, source, *behaviours, targets=Y, inputs=X, every=None):
        super().__init__(dt=1.0, seed=1)
        attached = {-1: Feed(rows=(inputs,)), **dict(enumerate(behaviours, 5))}
        self.layer = NeuronGroup(self, source, tag="layer", every=every, behaviour=attached)
        size = np.shape(targets)[1]
        self.teacher = NeuronGroup(self, size=size, tag="teacher", behaviour={1: Teach(rows=(targets,))})


@pytest.fixture
def network():
    """A factory of networks, closed at the end of the test."""
    made = []

    def make(*arguments, **named):
        made.append(Network1(*arguments, **named))
        return made[-1]

    yield make
    for one in made:
        one.close()


def weights_of(model):
    return [variable.value.numpy() for variable in model.trainable_variables]


def assert_close(a, b):
    for one, other in zip(a, b, strict=True):
        np.testing.assert_allclose(one, other, **CLOSE)


def model_of(*layers):
    return keras.Sequential([keras.Input((4,)), *layers])


def test_training_takes_the_steps_of_a_loop_written_by_hand(network):
    model = model_of(keras.layers.Dense(8, activation="relu", kernel_regularizer="l2"), keras.layers.Dense(3))
    mine = keras.models.clone_model(model)
    mine.set_weights(model.get_weights())
    optimizer, losses = keras.optimizers.Adam(1e-2), []
    for x, y in zip(X[:20].astype(np.float32), Y.astype(np.float32), strict=False):
        with tf.GradientTape() as tape:
            loss = keras.losses.MeanSquaredError()(y[None], mine(x[None], training=True)) + sum(mine.losses)
        optimizer.apply(tape.gradient(loss, mine.trainable_variables), mine.trainable_variables)
        losses.append(float(loss))
    train = Train(target="teacher.rate", optimizer=keras.optimizers.Adam(1e-2))
    net = network(model, train).simulate(20)
    np.testing.assert_allclose(train.losses, losses, **CLOSE)
    assert_close(weights_of(model), weights_of(mine))
    net.simulate(180)
    assert np.mean(train.losses[-30:]) < 0.5 * np.mean(losses)


def unrolled(cell, inputs, target, state):
    """Gradient of the loss of the last of some eager steps."""
    with tf.GradientTape() as tape:
        for x in inputs.astype(np.float32):
            y, state = cell(x[None], state, training=True)
        loss = tf.reduce_mean((y - target.astype(np.float32)) ** 2)
    return tape.gradient(loss, cell.trainable_variables)


@pytest.mark.parametrize("kind", [keras.layers.SimpleRNNCell, keras.layers.LSTMCell])
def test_the_gradient_goes_back_through_the_window(network, kind):
    cell = kind(3)
    cell.build((1, 4))
    train = Train(target="teacher.rate", optimizer=keras.optimizers.SGD(0.1), window=3)
    net = network(cell, train)
    net.simulate(1)
    state = keras.tree.map_structure(tf.identity, [v.value for v in net.layer.adapter.group.stepper.model.state])
    net.simulate(1)
    assert len(train.losses) == 0
    before = weights_of(cell)
    zeros = keras.layers.RNN(cell).get_initial_state(1)
    first = unrolled(cell, X[:3], Y[2], zeros)
    net.simulate(1)
    assert_close(weights_of(cell), [w - 0.1 * g for w, g in zip(before, first, strict=True)])
    before, second = weights_of(cell), unrolled(cell, X[1:4], Y[3], state)
    net.simulate(1)
    assert_close(weights_of(cell), [w - 0.1 * g for w, g in zip(before, second, strict=True)])
    assert len(train.losses) == 2


def test_a_longer_window_finds_what_a_shorter_one_cannot(network):
    """The target is the input of two steps before: only a gradient through time can learn it."""
    x = RNG.choice([-1.0, 1.0], size=(400, 4))
    y = np.roll(x[:, :1], 2, axis=0)
    final = {}
    for window in (1, 3):
        keras.utils.set_random_seed(2)
        cell = keras.layers.SimpleRNNCell(6)
        readout = keras.layers.Dense(1)
        readout.build((None, 6))
        cell.build((None, 4))

        def remember(x, state, cell=cell, readout=readout):
            y, (new,) = cell(x[None], [state], training=False)
            return readout(y)[0], new

        train = Train(target="teacher.rate", optimizer=keras.optimizers.Adam(1e-2), window=window)
        source = layer(remember, n_in=4, state=np.zeros((1, 6)))
        network(source, train, inputs=x, targets=y).simulate(400)
        final[window] = np.mean(train.losses[-100:])
    assert final[3] < 0.1 < 0.5 < final[1]


def test_training_leaves_the_running_state_alone(network):
    cell = keras.layers.GRUCell(3)
    cell.build((1, 4))
    before = [w.copy() for w in cell.get_weights()]
    frozen = network(cell, Train(target="teacher.rate", optimizer=keras.optimizers.SGD(0.0), window=4))
    frozen.simulate(20)
    state = frozen.layer.state
    frozen.close()
    plain = network(cell)
    plain.simulate(20)
    np.testing.assert_array_equal(state, plain.layer.state)
    assert_close(cell.get_weights(), before)


def test_a_stateful_model_is_trained_from_the_state_it_had(network):
    gru = keras.layers.GRU(3, stateful=True, unroll=True)
    model = keras.Sequential([keras.Input(batch_shape=(1, 1, 4)), gru])
    net = network(model, Train(target="teacher.rate", optimizer=keras.optimizers.SGD(0.1), window=2))
    net.simulate(1)
    start = [tf.identity(gru.states[0].value)]
    before, gradients = weights_of(model), unrolled(gru.cell, X[1:3], Y[2], start)
    net.simulate(1)
    assert len(net["Train", 0].losses) == 1
    before = weights_of(model)
    gradients = unrolled(gru.cell, X[1:3], Y[2], start)
    live = gru.states[0].value.numpy()
    net.simulate(1)
    assert_close(weights_of(model), [w - 0.1 * g for w, g in zip(before, gradients, strict=True)])
    reference, _ = gru.cell(X[2:3].astype(np.float32), [live], training=False)
    assert gru.states[0].value.shape == reference.shape


def test_dropout_and_normalization_are_in_training_mode(network):
    """What training keeps count of is kept, and no mask of a graph stays behind in the user's layers."""
    norm = keras.layers.BatchNormalization()
    model = model_of(keras.layers.Dense(3), norm, keras.layers.Dropout(0.5), keras.layers.Dense(3))
    network(model, Train(target="teacher.rate")).simulate(5)
    assert (norm.moving_mean.value.numpy() != 0).all()
    cell = keras.layers.LSTMCell(3, dropout=0.5, recurrent_dropout=0.5)
    cell.build((1, 4))
    train = Train(target="teacher.rate", window=3)
    network(cell, train).simulate(6)
    assert len(train.losses) == 4
    zeros = keras.layers.RNN(cell).get_initial_state(1)
    cell(X[:1].astype(np.float32), zeros, training=True)


def test_normalization_inside_a_stateful_model_is_counted_too(network):
    norm = keras.layers.BatchNormalization()
    model = keras.Sequential([keras.Input(batch_shape=(1, 1, 4)), keras.layers.GRU(3, stateful=True), norm])
    network(model, Train(target="teacher.rate", window=2)).simulate(4)
    assert (norm.moving_mean.value.numpy() != 0).all()


def test_a_class_index_is_a_target_of_a_sparse_loss(network):
    labels = (X[:, :1] > 0) + 2.0 * (X[:, 1:2] > 0)
    model = model_of(keras.layers.Dense(4, activation="softmax"))
    train = Train(
        target="teacher.rate",
        loss="sparse_categorical_crossentropy",
        optimizer=keras.optimizers.Adam(0.05),
    )
    network(model, train, targets=labels).simulate(300)
    assert np.mean(train.losses[:20]) > 1.0
    assert np.mean(train.losses[-50:]) < 0.4


def test_a_loss_may_be_any_function_and_the_model_any_function(network):
    gain = tf.Variable(0.0, name="gain")
    train = Train(
        target="teacher.rate",
        loss=lambda y_true, y_pred: tf.abs(y_pred[:, 0] - y_true[:, 0]),
        optimizer="sgd",
    )
    source = layer(lambda x: gain * x, n_in=4)
    net = network(source, train, targets=2.0 * X)
    net.simulate(300)
    assert gain.numpy() == pytest.approx(2.0, abs=0.05), "the last step may be 0.01 times the largest input, 4"
    assert net.layer.weights[0] == gain.numpy()


def test_weights_are_recorded_as_they_are_after_the_update(network):
    model = model_of(keras.layers.Dense(3))
    net = network(model, Train(target="teacher.rate"), Recorder("weights", "output"))
    net.simulate(10)
    kernel, bias = model.get_weights()
    rows = net["weights", 0]
    np.testing.assert_array_equal(rows[-1], np.concatenate([kernel.ravel(), bias]))
    assert (np.abs(np.diff(rows, axis=0)).max(axis=1) > 0).all()
    np.testing.assert_allclose(net["output", 0][5], X[5] @ rows[4][:12].reshape(4, 3) + rows[4][12:], **CLOSE)


def test_every_and_enabled_say_when_weights_change(network):
    model = model_of(keras.layers.Dense(3))
    train = Train(target="teacher.rate", every=4.0)
    net = network(model, train, every=2.0)
    net.simulate(9)
    assert len(train.losses) == 2
    train.enabled = False
    before = weights_of(model)
    net.simulate(8)
    assert_close(weights_of(model), before)
    train.enabled = True
    net.simulate(3)
    assert len(train.losses) == 3


def test_without_every_there_is_one_update_for_each_step_of_the_layer(network):
    train = Train(target="teacher.rate")
    network(model_of(keras.layers.Dense(3)), train, every=5.0).simulate(23)
    assert len(train.losses) == 4


def test_the_same_seed_trains_alike_and_another_does_not(network):
    finals = []
    for seed in (1, 1, 2):
        keras.utils.set_random_seed(seed)
        model = model_of(keras.layers.Dense(5), keras.layers.Dropout(0.3), keras.layers.Dense(3))
        network(model, Train(target="teacher.rate")).simulate(20)
        finals.append(model.get_weights())
    for one, same, other in zip(*finals, strict=True):
        np.testing.assert_array_equal(one, same)
        assert (one != other).any()


def test_two_groups_train_apart(network):
    finals = []
    for together in (False, True):
        keras.utils.set_random_seed(1)
        models = [model_of(keras.layers.Dense(3)) for _ in range(2)]
        net = network(models[0], Train(target="teacher.rate"))
        if together:
            attached = {-1: Feed(rows=(X[::-1],)), 5: Train(target="teacher.rate", optimizer="sgd")}
            NeuronGroup(net, models[1], tag="other", behaviour=attached)
        net.simulate(20)
        finals.append(models[0].get_weights())
    for alone, beside in zip(*finals, strict=True):
        np.testing.assert_array_equal(alone, beside)


def test_a_recorded_run_can_be_fitted_and_the_next_step_knows(network):
    model = model_of(keras.layers.Dense(3, activation="tanh"))
    model.compile(optimizer=keras.optimizers.Adam(0.05), loss="mse")
    net = network(model, Recorder("input"))
    net.simulate(200)
    history = fit(net.layer, net["input", 0], Y[:200], epochs=10, batch_size=20)
    assert history.history["loss"][-1] < 0.2 * history.history["loss"][0]
    net.simulate(1)
    np.testing.assert_allclose(net.layer.output, model(X[200:201]).numpy()[0], **CLOSE)


# Wrong uses.


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"optimizer": "adm"}, "No optimizer is named 'adm'. Did you mean 'adam'?"),
        ({"optimizer": keras.optimizers.Adam}, "is no optimizer. Give a name or an object"),
        ({"loss": "mean_square_error"}, "Did you mean 'mean_squared_error'?"),
        ({"loss": 3}, "is no loss. Give a name, an object"),
        ({"loss": keras.losses.Huber}, "is no loss. Give a name, an object"),
        ({"target": "teachr.rate"}, "teachr"),
        ({"target": "teacher.rat"}, "No variable is named 'rat' in teacher. Did you mean 'rate'?"),
        ({"target": "Teach.rows"}, "is no neuron group"),
        ({"loss": "sparse_categorical_crossentropy"}, "target has shape (3,); the loss compares 3 outputs with 1"),
        ({"loss": lambda y_true, y_pred: tf.zeros(())}, "gradients"),
        ({"every": 3.0}, "every=3 ms, but 'layer' takes a step each 2 ms only"),
    ],
)
def test_a_training_that_cannot_be_is_an_error_that_says_why(network, arguments, words):
    net = network(model_of(keras.layers.Dense(3)), Train(**{"target": "teacher.rate", **arguments}), every=2.0)
    with pytest.raises((BuildFailed, ValueError)) as raised:
        net.build()
    assert words in str(raised.value)


def test_a_target_of_the_wrong_length_is_an_error(network):
    net = network(model_of(keras.layers.Dense(3)), Train(target="teacher.rate"), targets=Y[:, :1])
    with pytest.raises(BuildFailed, match=r"target has shape \(1,\); the loss compares 3 outputs with 3"):
        net.build()


def test_what_cannot_be_trained_is_an_error(network):
    counter = tf.Variable(0.0)

    def counting(x):
        counter.assign_add(1.0)
        return counter * x[:3]

    for source, words in [
        (layer(keras.layers.ReLU(), n_in=4), "has no weights to train"),
        (layer(lambda x: counter * x[:3] > 0.0, n_in=4), "is Boolean; a gradient needs numbers"),
        (layer(counting, n_in=4), "assigns variables of TensorFlow"),
    ]:
        net = network(source, Train(target="teacher.rate"))
        with pytest.raises(BuildFailed, match=words):
            net.build()


def test_a_train_that_means_nothing_is_an_error_at_its_line():
    for window in (0, -1, 1.5, True):
        with pytest.raises(InvalidValue, match="positive whole number of steps"):
            Train(target="teacher.rate", window=window)
    for target in ("rate", ".rate", "teacher.", 3):
        with pytest.raises(InvalidValue, match=r"write 'tag\.variable'"):
            Train(target=target)
    with pytest.raises(InvalidValue, match="needs the parameter 'target'"):
        Train()
    with pytest.raises(UnknownName, match="Did you mean 'optimizer'"):
        Train(target="teacher.rate", optimiser="adam")


def test_only_keras_groups_are_trained(network):
    net = network(model_of(keras.layers.Dense(3)))
    net.teacher.add_behaviour(9, Train(target="layer.output"))
    with pytest.raises(Unsupported, match=r"Train is for groups of Keras models.*is none"):
        net.build()
    with pytest.raises(Unsupported, match="fit is for groups of Keras models"):
        fit(net.teacher, X, Y)
    single = network(layer("Dense", n_in=4, units=3))
    with pytest.raises(Unsupported, match=r"is no model. Wrap keras\.Sequential"):
        fit(single.layer, X, Y)


def test_a_training_that_diverges_stops_the_run(network):
    train = Train(target="teacher.rate", optimizer=keras.optimizers.SGD(1e30))
    net = network(model_of(keras.layers.Dense(3)), train)
    with pytest.raises(BehaviourFailed, match=r"has diverged.*Lower the learning rate"):
        net.simulate(20)
