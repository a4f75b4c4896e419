"""`Trainer`: one compiled function that takes a step of an optimizer for a model, on TensorFlow."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from fusion.errors import InvalidValue, ShapeMismatch, UnknownName, Unsupported
from fusion_tensorflow.groups import Memory
from fusion_tensorflow.stepper import Stepper

SPARSE = keras.losses.sparse_categorical_crossentropy
NO_LOSSES = ("get", "serialize", "deserialize", "Loss")


class Trainer:
    """Runs a model again over its last inputs, from the state before them, and follows the gradient of the loss.

    Parameters
    ----------
    stepper : the model
    optimizer, loss : as `fusion_tensorflow.Train` takes them
    n_steps : int, inputs to run over
    n_target : int, length of the target

    Raises
    ------
    UnknownName
        If there is no optimizer or loss of that name.
    ShapeMismatch
        If the target does not fit the output.
    InvalidValue, Unsupported
        If there is nothing to train, or nothing that could be run again.
    """

    def __init__(self, stepper: Stepper, optimizer: Any, loss: Any, n_steps: int, n_target: int) -> None:
        self.stepper, self.model = stepper, stepper.model
        self._check_model()
        self.optimizer, self.loss = optimizer_of(optimizer), loss_of(loss)
        self._check_target(n_target)
        self.optimizer.build(self.model.trainable)
        inputs = tf.TensorSpec([n_steps, stepper.n_in], self.model.dtype)
        target = tf.TensorSpec([1, n_target], self.model.dtype)
        state = [tf.TensorSpec(variable.shape, variable.dtype) for variable in self.model.state]
        self._function = tf.function(self._update, input_signature=[inputs, target, *state], autograph=False)
        self._run = self._function.get_concrete_function()

    def update(self, memory: Memory, target: NDArray[np.float64]) -> float:
        """Take one step; the loss before it.

        memory : (input, state before it) of each step, oldest first
        target : (n_target,)
        """
        # TensorFlow itself would convert number by number.
        inputs = np.array([x for x, _ in memory], self.model.dtype)
        loss = self._run(tf.constant(inputs), tf.constant(target[None].astype(self.model.dtype)), *memory[0][1])
        return float(loss.numpy())

    def _update(self, inputs: Any, target: Any, *state: Any) -> Any:
        variables = self.model.trainable
        with tf.GradientTape() as tape:
            y = self._last_output(inputs, list(state))
            loss = tf.reduce_mean(self.loss(target, y[None])) + sum(self.model.losses)
        self.optimizer.apply(tape.gradient(loss, variables), variables)
        return loss

    def _last_output(self, inputs: Any, state: list[Any]) -> Any:
        if inputs.shape[0] == 1 or not state:
            return self.model.call(inputs[-1], state, training=True)[0]

        def step(before: list[Any], x: Any) -> list[Any]:
            y, new = self.model.call(x, before[1:], training=True)
            return [y, *new]

        nothing = tf.zeros([self.stepper.n_out], self.stepper.output_dtype)
        return tf.foldl(step, inputs, initializer=[nothing, *state])[0]

    def _check_model(self) -> None:
        name = repr(self.model.source)
        if not self.model.trainable:
            raise InvalidValue(f"{name} has no weights to train.", source=self.model.source)
        if self.stepper.is_spiking:
            raise InvalidValue(f"The output of {name} is Boolean; a gradient needs numbers.", source=self.model.source)
        if self.model.keeps_own_state:
            raise Unsupported(
                f"{name} assigns variables of TensorFlow in each step, which training would run again. Keep the state "
                "in keras.Variable objects of a layer, or write fusion_tensorflow.layer(f, n_in=..., state=...).",
                source=self.model.source,
            )

    def _check_target(self, n_target: int) -> None:
        n_out = self.stepper.n_out
        wanted = target_length(self.loss, n_out)
        if wanted not in (None, n_target):
            raise ShapeMismatch("The target", (n_target,), f"the loss compares {n_out} outputs with {wanted}")


def optimizer_of(optimizer: Any) -> Any:
    """An optimizer by its name, or itself."""
    if isinstance(optimizer, keras.optimizers.Optimizer):
        return optimizer
    kinds = [kind for kind in vars(keras.optimizers).values() if isinstance(kind, type)]
    names = [kind.__name__.lower() for kind in kinds if issubclass(kind, keras.optimizers.Optimizer)]
    if not isinstance(optimizer, str):
        raise InvalidValue(f"{optimizer!r} is no optimizer. Give a name or an object, as keras.optimizers.Adam(1e-3).")
    if optimizer.lower() not in names:
        raise UnknownName("optimizer", optimizer, names)
    return keras.optimizers.get(optimizer)


def loss_of(loss: Any) -> Any:
    """A loss by its name, or itself: a function of (y_true, y_pred), each with a leading axis of one."""
    if callable(loss) and not isinstance(loss, type):
        return loss
    if not isinstance(loss, str):
        raise InvalidValue(f"{loss!r} is no loss. Give a name, an object such as keras.losses.Huber(), or a function.")
    try:
        return keras.losses.get(loss)
    except ValueError as error:
        named = [name for name, value in vars(keras.losses).items() if callable(value) and name not in NO_LOSSES]
        raise UnknownName("loss", loss, named) from error


def target_length(loss: Any, n_out: int) -> int | None:
    """Length of the target; None if only the loss knows, which is a function of the user's."""
    if isinstance(loss, keras.losses.SparseCategoricalCrossentropy) or loss is SPARSE:
        return 1
    is_keras = isinstance(loss, keras.losses.Loss) or loss in vars(keras.losses).values()
    return n_out if is_keras else None
