"""Raw calls against public ones: all bits, weights that change between calls, inputs that are kept; the way back."""

import gc
import logging
import threading

import keras
import numpy as np
import pytest
import tensorflow as tf
from fusion_tensorflow import Train, layer, raw, runtime
from tensorflow.python import pywrap_tfe
from tensorflow.python.eager import context

from fusion import Network, NeuronGroup
from fusion.adapter import tiers
from fusion.errors import SimulatorFailed, Unsupported


@pytest.fixture(autouse=True)
def no_wish(monkeypatch):
    monkeypatch.delenv(tiers.VARIABLE, raising=False)
    monkeypatch.setattr(tiers, "_told", set())
    raw._problem.cache_clear()
    yield
    raw._problem.cache_clear()


class Noise(keras.Layer):
    """Adds numbers that Keras draws, from a seed in a variable."""

    def __init__(self):
        super().__init__()
        self.generator = keras.random.SeedGenerator(1)

    def call(self, x):
        return x + keras.random.normal(keras.ops.shape(x), seed=self.generator)


def drawing():
    """A function whose operation draws by itself: how far it is in its numbers is in no variable."""
    tf.random.set_seed(1)
    return layer(lambda x: x + tf.random.normal([4], seed=2), 4)


def stateful():
    layers = keras.layers.LSTM(5, stateful=True), keras.layers.Dense(3)
    return keras.Sequential([keras.Input(batch_shape=(1, 1, 4)), *layers])


RECIPES = {
    "dense": lambda: layer("Dense", 4, units=3, activation="tanh"),
    "gru": lambda: layer("GRUCell", 4, units=5),
    "lstm": lambda: layer("LSTMCell", 4, units=5),
    "jit": lambda: layer("LSTMCell", 4, units=5, jit=True),
    "double": lambda: layer("Dense", 4, units=3, dtype="float64"),
    "itself": lambda: layer(lambda x: x, 4),
    "spikes": lambda: layer(lambda x, v: (v > 0.5, tf.where(v > 0.5, 0.0, 0.9 * v + x)), 4, state=np.zeros(4)),
    "stateful": stateful,
    "noise": lambda: layer(Noise, 4),
    "drawn": drawing,
}


@pytest.mark.parametrize("name", RECIPES)
def test_a_raw_call_gives_all_bits_of_a_public_one(name, wrap, inputs, monkeypatch):
    keras.utils.set_random_seed(7)
    fast = wrap(RECIPES[name]())
    monkeypatch.setenv(tiers.VARIABLE, "tensorflow")
    keras.utils.set_random_seed(7)
    public = wrap(RECIPES[name]())
    assert (fast.adapter.tier.name, public.adapter.tier.name) == ("raw", "public")
    np.testing.assert_array_equal(fast.feed(inputs), public.feed(inputs))


@pytest.mark.parametrize("name", RECIPES)
def test_neither_windows_nor_recorders_change_a_bit(name, wrap, inputs):
    def played(chunk, *watched):
        keras.utils.set_random_seed(7)
        part = wrap(RECIPES[name]())
        part.push_samples(part.port("samples in"), 1, *inputs)
        out = part.port("samples out", "output")
        ports = [part.port("samples out", each) for each in watched]
        for until in [1, *range(1 + chunk, 50, chunk), 50]:
            part.adapter.advance(until)
        assert all(len(part.adapter.pull(port).values) == 50 for port in ports)
        return part.adapter.pull(out).values, [part.read(each) for each in part.handle.variables], part.handle.variables

    outputs, end, variables = played(1)
    for other in (played(7), played(49, *variables)):
        np.testing.assert_array_equal(other[0], outputs)
        for mine, theirs in zip(end, other[1], strict=True):
            np.testing.assert_array_equal(mine, theirs)


BRANCHING = {
    "branch": lambda x: tf.cond(x[0] > 0.0, lambda: x, lambda: -x),
    "loop": lambda x: tf.while_loop(lambda v: v[0] < 9.0, lambda v: (v + 1.0,), (x,))[0],
    "call": tf.autograph.experimental.do_not_convert(lambda x: tf.map_fn(tf.square, x)),
}


@pytest.mark.parametrize("name", BRANCHING)
def test_a_function_that_calls_others_is_called_raw_as_well(name, wrap, inputs, monkeypatch):
    fast = wrap(layer(BRANCHING[name], 4))
    monkeypatch.setenv(tiers.VARIABLE, "tensorflow")
    np.testing.assert_array_equal(fast.feed(inputs), wrap(layer(BRANCHING[name], 4)).feed(inputs))


@pytest.mark.parametrize(("beside", "is_here"), [(0, True), (1, True), (2, False)])
def test_a_step_is_computed_in_the_thread_that_asks_unless_the_user_chose_several(beside, is_here, wrap, monkeypatch):
    monkeypatch.setattr(runtime, "beside", lambda: beside)
    threads = set()

    def note(x):
        threads.add(threading.get_ident())
        return x

    part = wrap(layer(lambda x: tf.numpy_function(note, [x], tf.float32), 3, 3))
    np.testing.assert_array_equal(part.feed([[1, 2, 3], [4, 5, 6]]), [[1, 2, 3], [4, 5, 6]])
    assert (threads == {threading.get_ident()}) is is_here


def test_a_group_that_ends_leaves_no_graph_behind_and_the_others_as_they_were(wrap, inputs):
    before = set(context.context().list_function_names())
    keras.utils.set_random_seed(7)
    straight = [wrap(RECIPES[name]()).feed(inputs) for name in ("drawn", "noise", "itself")]
    keras.utils.set_random_seed(7)
    parts = [wrap(RECIPES[name]()) for name in ("drawn", "noise", "itself")]
    begun = [part.feed(inputs[:20]) for part in parts]
    for recipe in (RECIPES["itself"](), layer(Noise, 4)):  # with as many inputs as those
        other = wrap(recipe)
        other.feed(inputs[:1])
        other.adapter.close()
    del other
    gc.collect()
    new = set(context.context().list_function_names()) - before
    assert not any(raw.CALL in name for name in new)
    for whole, first, part in zip(straight, begun, parts, strict=True):
        np.testing.assert_array_equal([*first, *part.feed(inputs[20:])], whole)


def test_what_a_variable_keeps_of_its_input_is_its_own(wrap):
    kept = wrap(layer(lambda x, before: (before, x), 3, state=np.zeros(3)))
    rows = np.arange(12.0).reshape(4, 3)
    np.testing.assert_array_equal(kept.feed(rows), [[0, 0, 0], *rows[:-1]])


def test_an_output_stays_as_it_was_after_later_steps(wrap):
    group = wrap(layer(lambda x: x + 1.0, 3)).adapter.group
    group.input.write(np.zeros(3), None, 0)
    group.compute(1)
    first = group.output
    group.input.write(np.ones(3), None, 1)
    group.compute(2)
    assert first.tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("tier", ["raw", "public"])
def test_weights_that_are_trained_between_steps_are_those_of_the_next_step(tier, sees, monkeypatch):
    if tier == "public":
        monkeypatch.setenv(tiers.VARIABLE, "public")
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="zeros")])
    net = Network(dt=1.0, seed=1)
    teacher = NeuronGroup(net, size=1, tag="teacher")
    teacher.rate = np.ones(1)
    train = Train(target="teacher.rate", optimizer=keras.optimizers.SGD(0.1))
    outputs = sees(variable="output")
    student = NeuronGroup(net, model, tag="student", behaviour={1: train, 2: outputs})
    assert student.adapter.tier.name == tier
    net.simulate(4)
    # The input is zero and the loss (b - 1)^2: each step takes b a fifth of its way to 1, and the next output shows it.
    np.testing.assert_allclose(np.ravel(outputs.rows), 1 - 0.8 ** np.arange(4), rtol=1e-6)  # float32
    net.close()


def test_weights_written_in_place_are_those_of_the_next_step(wrap, dense, inputs):
    group = wrap(dense)
    before = group.feed(inputs[:1])
    dense.kernel.assign(2.0 * dense.kernel)
    np.testing.assert_array_equal(group.feed(inputs[:1]), dense(inputs[:1].astype("float32")).numpy())
    assert not np.array_equal(before, group.feed(inputs[:1]))


def test_jit_agrees_with_the_graph_within_rounding(wrap, inputs):
    plain, compiled = RECIPES["lstm"](), RECIPES["jit"]()
    # A cell of float32 with inputs of about one: a few units in the last place, fifty steps of a contracting state.
    np.testing.assert_allclose(wrap(compiled).feed(inputs), wrap(plain).feed(inputs), atol=1e-6)
    assert "jit=True" in repr(compiled)


def test_what_xla_cannot_compile_is_refused_when_the_group_is_made(wrap):
    foreign = layer(lambda x: tf.numpy_function(np.sin, [x], tf.float32), 3, 3, jit=True)
    with pytest.raises(SimulatorFailed, match=r"cannot compile.*jit=True"):
        wrap(foreign)


def test_an_error_inside_a_raw_call_is_that_of_tensorflow(wrap):
    def picky(x):
        tf.debugging.assert_less(x[0], 1.0, message="too much")
        return x

    group = wrap(layer(picky, 2))
    group.write("input", [2.0, 0.0])
    with pytest.raises(SimulatorFailed, match=r"InvalidArgumentError[\s\S]*too much"):
        group.adapter.advance(1)


@pytest.mark.parametrize(
    ("break_it", "reason"),
    [
        (lambda patch: patch.setattr(raw.RawCall, "__call__", lambda call, x: np.zeros(5)), "gives other results"),
        (lambda patch: patch.delattr(pywrap_tfe, "TFE_Py_Execute"), "in another way than is known"),
    ],
    ids=["other results", "no such function"],
)
def test_a_tensorflow_that_is_otherwise_is_called_publicly_and_says_so_once(
    break_it, reason, wrap, inputs, monkeypatch, caplog
):
    with caplog.at_level(logging.WARNING, logger="fusion"), monkeypatch.context() as patch:
        break_it(patch)
        groups = [wrap(RECIPES["dense"]()) for _ in range(2)]
    assert [group.adapter.tier.name for group in groups] == ["public", "public"]
    (message,) = [record.message for record in caplog.records if record.name == "fusion"]
    assert reason in message
    expected = groups[0].adapter.source(inputs[:5].astype("float32")).numpy()
    # A batch of five against five batches of one: the order of sums may differ.
    np.testing.assert_allclose(groups[0].feed(inputs[:5]), expected, atol=1e-6)


def test_a_function_of_a_kind_that_is_not_known_is_called_publicly_and_says_so(wrap, inputs, monkeypatch, caplog):
    assert raw.tier().name == "raw"

    def refuse(call, function, n_in, dtype):
        raise Unsupported("it captures values that are computed at each call")

    monkeypatch.setattr(raw.RawCall, "__init__", refuse)
    with caplog.at_level(logging.WARNING, logger="fusion"):
        group = wrap(RECIPES["dense"]())
    assert group.adapter.tier == tiers.Tier("public", "it captures values that are computed at each call")
    assert len(caplog.records) == 1
    assert np.isfinite(group.feed(inputs)).all()


@pytest.mark.parametrize("n", [1, 3, 16, 1000])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_shared_memory_is_aligned_as_tensorflow_needs_it(n, dtype):
    array = raw.aligned(n, dtype)
    assert array.shape == (n,)
    assert array.dtype == dtype
    assert array.ctypes.data % 64 == 0
