"""`Stepper`: a wrapped object as one compiled function on TensorFlow, its state in variables."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from fusion_tensorflow.models import Cell, Function, Layer


class Stepper:
    """Takes the steps of a model on the TensorFlow backend.

    There is one graph, traced here once, whatever the window of the network; it reads weights where they live, so a
    change of them is seen by the next step.

    Attributes
    ----------
    n_in, n_out : int
    is_spiking : bool
        Whether the output is Boolean.
    """

    def __init__(self, model: Layer | Cell | Function) -> None:
        self.model = model
        spec = tf.TensorSpec([model.n_in], model.dtype)
        # As Keras does it; a function with branches that depend on tensors is given as a tf.function.
        self._step = tf.function(self._advance, input_signature=[spec], autograph=False)
        self._run = self._step.get_concrete_function()
        output = self._run.structured_outputs
        self.n_in, self.n_out = model.n_in, int(output.shape[0])
        self.output_dtype = output.dtype.name
        self.is_spiking = output.dtype == tf.bool

    def step(self, x: NDArray[np.float64]) -> NDArray[Any]:
        """The output (n_out,), a new array, for an input (n_in,)."""
        # tf.constant copies. Memory of our own that is handed over saves 5 % of a step, and ends the process if it is
        # ever not aligned to 64 bytes.
        output: NDArray[Any] = self._run(tf.constant(x, self.model.dtype)).numpy()
        return output

    def state(self) -> list[Any]:
        """The state now, as tensors that later steps do not change."""
        return [tf.identity(variable.value) for variable in self.model.state]

    def _advance(self, x: Any) -> Any:
        variables = self.model.state
        state = [tf.convert_to_tensor(variable.value) for variable in variables]
        y, new = self.model.call(x, state, training=False)
        for variable, value in zip(variables, new, strict=True):
            variable.assign(value)
        return y
