"""`Stepper`: a wrapped object as one compiled function on TensorFlow, its state in variables."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from fusion.adapter.tiers import Tier
from fusion.errors import Unsupported
from fusion_tensorflow.models import Cell, Function, Layer
from fusion_tensorflow.raw import RAW, PublicCall, RawCall, fallback, owned


class Stepper:
    """Takes the steps of a model on the TensorFlow backend.

    There is one graph, traced here once, whatever the window of the network and the tier; it reads weights where they
    live, so a change of them is seen by the next step.

    Parameters
    ----------
    jit : bool
        Let XLA compile the graph. It rounds otherwise than TensorFlow's own operations, and leaves assertions out.
    tier : how to call it, if that can be

    Attributes
    ----------
    n_in, n_out : int
    is_spiking : bool
        Whether the output is Boolean.
    tier : Tier
    """

    def __init__(self, model: Layer | Cell | Function, tier: Tier, jit: bool = False) -> None:
        self.model, self.tier = model, tier
        spec = tf.TensorSpec([model.n_in], model.dtype)
        # As Keras does it; a function with branches that depend on tensors is given as a tf.function.
        self._step = tf.function(
            self._advance if jit else self._advance_owned,
            input_signature=[spec],
            autograph=False,
            jit_compile=jit or None,
        )
        function = self._step.get_concrete_function()
        if jit:
            self._step.experimental_get_compiler_ir(spec)(stage="hlo")  # XLA refuses now what it would refuse later
        output = function.structured_outputs
        self.n_in, self.n_out = model.n_in, int(output.shape[0])
        self.output_dtype = output.dtype.name
        self.is_spiking = output.dtype == tf.bool
        self._call = self._called(function)

    def prepare(self) -> None:
        """Notice what has changed since the last run; weights are read where they live without more."""
        self._call.prepare()

    def step(self, x: NDArray[np.float64]) -> NDArray[Any]:
        """The output (n_out,), which no later step changes and nobody may, for an input (n_in,)."""
        return self._call(x)

    def state(self) -> list[Any]:
        """The state now, as tensors that later steps do not change."""
        return [tf.identity(variable.value) for variable in self.model.state]

    def _called(self, function: Any) -> RawCall | PublicCall:
        if self.tier.name == RAW:
            try:
                return RawCall(function, self.n_in, self.model.dtype)
            except Unsupported as error:
                self.tier = fallback(str(error)) or self.tier
        return PublicCall(function, self.n_in, self.model.dtype)

    def _advance_owned(self, x: Any) -> Any:
        return self._advance(owned(x))

    def _advance(self, x: Any) -> Any:
        variables = self.model.state
        state = [tf.convert_to_tensor(variable.value) for variable in variables]
        y, new = self.model.call(x, state, training=False)
        for variable, value in zip(variables, new, strict=True):
            variable.assign(value)
        return y
