"""Opening, seeding, claiming and closing."""

import gc
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from fusion_tensorflow import Adapter, layer

from fusion.adapter.base import GroupSpec
from fusion.core.clock import Clock
from fusion.errors import BelongsElsewhere, SimulatorMissing, Unsupported


def test_importing_the_adapter_imports_no_simulator():
    code = "import sys, fusion_tensorflow; assert not {'keras', 'tensorflow'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_it_serves_keras_tensorflow_and_its_recipes(dense):
    class Own(keras.Model):
        pass

    served = (dense, Own(), keras.layers.GRUCell(2), tf.function(lambda x: x), layer("Dense", n_in=3, units=2))
    assert all(Adapter.serves(source) for source in served)
    assert not any(Adapter.serves(source) for source in (3, np.zeros(3), "Dense", lambda x: x, object()))


def test_another_backend_of_keras_is_an_error_that_says_how_to_change_it(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    with pytest.raises(Unsupported, match=r"'jax'.*KERAS_BACKEND=tensorflow.*before Keras is imported"):
        Adapter().open(Clock(1.0), 1)


def test_a_missing_tensorflow_is_an_error_with_the_line_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    with pytest.raises(SimulatorMissing, match=r"pip install 'fusion-sim\[tensorflow\]'"):
        Adapter().open(Clock(1.0), 1)


def test_threads_that_the_user_chose_stay_and_running_pools_are_left_alone(monkeypatch):
    chosen = []

    def refuse(n):
        chosen.append(n)
        raise RuntimeError("Intra op parallelism cannot be modified after initialization.")

    monkeypatch.setattr(tf.config.threading, "get_inter_op_parallelism_threads", lambda: 3)
    monkeypatch.setattr(tf.config.threading, "get_intra_op_parallelism_threads", lambda: 0)
    monkeypatch.setattr(tf.config.threading, "set_inter_op_parallelism_threads", chosen.append)
    monkeypatch.setattr(tf.config.threading, "set_intra_op_parallelism_threads", refuse)
    Adapter().open(Clock(1.0), 1)
    assert chosen == [1]


def test_an_object_is_wrapped_once_and_free_after_close(wrap, dense):
    part = wrap(dense, name="first")
    with pytest.raises(BelongsElsewhere, match=r"is the group 'first' already. Make another one"):
        wrap(dense, name="second")
    with pytest.raises(BelongsElsewhere):
        wrap(layer(dense, n_in=4))
    part.adapter.close()
    wrap(dense)


def test_an_adapter_that_was_forgotten_holds_nothing(dense):
    adapter = Adapter()
    adapter.open(Clock(1.0), 1)
    adapter.create(dense, GroupSpec("layer"))
    del adapter
    gc.collect()
    again = Adapter()
    again.open(Clock(1.0), 1)
    again.create(dense, GroupSpec("layer"))
    again.close()


def test_what_could_not_be_wrapped_is_not_taken(wrap):
    model = keras.Sequential([keras.layers.Dense(2)])
    with pytest.raises(ValueError, match="not known"):
        wrap(model)
    assert wrap(layer(model, n_in=3)).handle.size == 2


def test_close_leaves_the_model_to_its_user(wrap, dense, inputs):
    before = dense(inputs).numpy()
    part = wrap(dense)
    part.feed(inputs[:5])
    part.adapter.close()
    part.adapter.close()
    np.testing.assert_array_equal(dense(inputs).numpy(), before)
    with pytest.raises(Unsupported, match="is closed"):
        part.adapter.advance(9)
    Adapter().close()


def test_each_group_has_an_adapter_of_its_own(wrap, dense):
    part = wrap(dense)
    with pytest.raises(Unsupported, match="an adapter of its own"):
        part.adapter.create(layer("Dense", n_in=2, units=2), GroupSpec("second"))
    other = Adapter()
    other.open(Clock(1.0), 1)
    with pytest.raises(Unsupported, match=r"also= is not for Keras"):
        other.create(layer("Dense", n_in=2, units=2), GroupSpec("third", also=(dense,)))


def test_seed_seeds_keras_and_tensorflow():
    drawn = []
    for seed in (5, 5, 6, 2**40):
        Adapter.seed(seed)
        layer_ = keras.layers.Dense(3)
        layer_.build((None, 2))
        drawn.append((layer_.kernel.value.numpy(), tf.random.uniform([3]).numpy()))
    for first, second, other in zip(*drawn[:3], strict=True):
        np.testing.assert_array_equal(first, second)
        assert (first != other).all()
