"""The raw call: a compiled function executed past the layers of Python that TensorFlow puts around it.

A public call of a small function spends most of its time in Python, in copying the input, and in handing the function
over to a thread. Here the input is an array whose memory TensorFlow shares, and the function is executed with the very
inputs and options that the public call ends up with, so that all bits are the same. This is the only module that
touches what TensorFlow (2.21) keeps private; `tier` tries it out against the public call.
"""

from __future__ import annotations

import itertools
import weakref
from functools import lru_cache
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from fusion.adapter.tiers import PUBLIC, Tier, kept_public, tell
from fusion.errors import Unsupported
from fusion_tensorflow import runtime

RAW = "raw"
ALIGNMENT = 64
"""TensorFlow ends the process when it is handed memory that is aligned less."""
CALL = "StatefulPartitionedCall"
"""The operation that calls a function. What is asked for as an operation is computed in the thread that asks, what is
asked for as a function in another one; both become the same graph first, with the same rewrites."""
WITHOUT_MEMORY = (
    *("DeepCopy", "ReadVariableOp", "Assign", "Resource", "RngReadAndSkip", "Assert", "Print", "PyFunc", "EagerPyFunc"),
    *(CALL, "If", "While", "Case"),
)
"""How names of operations begin that TensorFlow calls stateful, and whose state is in variables, in Python, or none."""


def tier() -> Tier:
    """How the functions of this process are called."""
    return kept_public("tensorflow") or fallback(_problem()) or Tier(RAW)


def fallback(problem: str) -> Tier | None:
    """The public tier if there is a problem, which is told once."""
    return tell("tensorflow", Tier(PUBLIC, problem)) if problem else None


class PublicCall:
    """A compiled function (n_in,) -> (n_out,), called as TensorFlow documents it."""

    def __init__(self, function: Any, n_in: int, dtype: str) -> None:
        self._function, self._dtype = function, dtype

    def prepare(self) -> None:
        """There is nothing to look up."""

    def __call__(self, x: NDArray[np.float64]) -> NDArray[Any]:
        """The output, a new array."""
        # TensorFlow itself would convert number by number.
        output: NDArray[Any] = self._function(tf.constant(x.astype(self._dtype))).numpy()
        return output


class RawCall:
    """As `PublicCall`, but for a function that keeps no reference to its input, see `owned`.

    It is computed in the thread that calls, and XLA does so with what it compiled. A thread of TensorFlow's takes over
    where the user chose several for operations beside one another, where there are other devices than one CPU, and
    where an operation has a memory of its own.

    Raises
    ------
    Unsupported
        If the function is of a kind that is not known here.
    """

    def __init__(self, function: Any, n_in: int, dtype: str) -> None:
        from tensorflow.python import pywrap_tfe
        from tensorflow.python.eager import context, core

        inference = function._inference_function
        definition, outputs = inference.cached_definition, inference.function_type.flat_outputs
        self._function = function  # its name is known to TensorFlow as long as it lives
        self._name = inference.name.decode()
        self._context, self._execute = context.context(), pywrap_tfe.TFE_Py_Execute
        self._not_ok, self._as_error = core._NotOkStatusException, core._status_to_exception
        self._input = aligned(n_in, dtype)
        captured = list(function.captured_inputs)
        self._inputs = [tf.experimental.dlpack.from_dlpack(self._input.__dlpack__()), *captured]
        n_inputs = len(definition.signature.input_arg)
        if len(outputs) != 1 or len(self._inputs) != n_inputs:
            raise Unsupported(f"{self._name} takes {n_inputs} tensors, {len(self._inputs)} are known")
        if any(map(callable, function._captured_inputs)):
            raise Unsupported(f"{self._name} captures values that are computed at each call")
        self._types = {"Tin": [x.dtype.as_datatype_enum for x in self._inputs]}
        self._types["Tout"] = [outputs[0].dtype.as_datatype_enum]
        is_compiled = "_XlaMustCompile" in definition.attr
        is_wished = runtime.beside() <= 1 and len(tf.config.list_logical_devices()) == 1
        self._in_this_thread = is_wished and not is_compiled and _is_without_memory(function)
        if self._in_this_thread:
            weakref.finalize(self, _forget_calls, self._context, n_inputs).atexit = False
        self.prepare()

    def prepare(self) -> None:
        """Look up the options of the process, which the user may have changed."""
        self._context.ensure_initialized()
        self._handle, self._device = self._context._handle, self._context.device_name
        # Its single-threaded executor would be a little quicker, and refuses what TensorFlow may make of long sums.
        options = self._context.function_call_options.as_attrs()
        self._operation = self._name
        if self._in_this_thread:
            self._operation = CALL
            options = {**self._types, "f": self._name, **options}
            if not options["executor_type"]:
                del options["executor_type"]  # what it is anyway; each option takes its time
        self._options = tuple(itertools.chain(*options.items()))

    def __call__(self, x: NDArray[np.float64]) -> NDArray[Any]:
        """The output, which is TensorFlow's own: no later call changes it, and nobody may."""
        self._input[:] = x
        try:
            (output,) = self._execute(self._handle, self._device, self._operation, self._inputs, self._options, 1)
        except self._not_ok as error:
            raise self._as_error(error) from None
        values: NDArray[Any] = output._numpy()
        return values


def owned(x: Any) -> Any:
    """The input for use inside a function: TensorFlow's own copy, for a variable may keep what is assigned to it."""
    return tf.raw_ops.DeepCopy(x=x)


def aligned(n: int, dtype: str) -> NDArray[Any]:
    """Zeros (n,) whose memory TensorFlow can share."""
    n_bytes = n * np.dtype(dtype).itemsize
    memory = np.zeros(n_bytes + ALIGNMENT, np.uint8)
    start = -memory.ctypes.data % ALIGNMENT
    array = memory[start : start + n_bytes].view(dtype)
    if array.ctypes.data % ALIGNMENT or not array.flags.c_contiguous:
        raise Unsupported(f"NumPy gives no memory that is aligned to {ALIGNMENT} bytes")
    return array


def operations(function: Any) -> set[str]:
    """The kinds of operations in a concrete function and in those that it calls."""
    definition = function.graph.as_graph_def()
    nodes = [*definition.node, *(node for called in definition.library.function for node in called.node_def)]
    return {node.op for node in nodes}


def _is_without_memory(function: Any) -> bool:
    """Whether TensorFlow may make its operations anew at any time; one that draws numbers would begin again."""
    from tensorflow.python.framework import op_def_registry

    others = [op_def_registry.get(name) for name in operations(function) if not name.startswith(WITHOUT_MEMORY)]
    return all(operation is not None and not operation.is_stateful for operation in others)


def _forget_calls(context: Any, n_inputs: int) -> None:
    """Let TensorFlow drop the graphs of `CALL` with so many inputs, which outlive their functions.

    It keeps them by the number of inputs; those of functions that are still in use are made anew when they are called.
    """
    begin = f"__wrapped__{CALL}_Tin_{n_inputs}_Tout_1_"
    for name in context.list_function_names():
        if name.startswith(begin):
            context.remove_function(name)


@lru_cache(maxsize=1)
def _problem() -> str:
    """Why functions cannot be called raw; "" if both calls gave all bits alike for a function that remembers."""
    raw = public = None
    try:
        raw, public = _outcome(RawCall), _outcome(PublicCall)
    except Exception as error:  # noqa: BLE001 - whatever another TensorFlow raises; it is told
        return f"TensorFlow {tf.__version__} keeps its functions in another way than is known here ({error})"
    return "" if raw == public else f"TensorFlow {tf.__version__} gives other results when it is called directly"


def _outcome(kind: type[RawCall] | type[PublicCall]) -> list[bytes]:
    """What a function gives and keeps whose weights change, which keeps its very input, and which may fail."""
    weights = tf.Variable(np.linspace(-1.0, 1.0, 25).reshape(5, 5), dtype=tf.float32)
    last = tf.Variable(tf.zeros([5]), trainable=False)
    bias = tf.constant(0.1)

    def step(x: Any) -> Any:
        x = owned(x)
        tf.debugging.assert_less(x[0], 9.0)
        y = tf.tanh(tf.linalg.matvec(weights, x) + 0.5 * last + bias)
        last.assign(x)
        return y

    function = tf.function(step, input_signature=[tf.TensorSpec([5], tf.float32)], autograph=False)
    call = kind(function.get_concrete_function(), 5, "float32")
    seen = []
    for k in range(3):
        y = call(np.linspace(0.1, 0.7, 5) * (k + 1))
        seen += [y.tobytes(), last.numpy().tobytes()]
        weights.assign_add(tf.ones([5, 5]))
    try:
        call(np.full(5, 10.0))
    except tf.errors.InvalidArgumentError:
        seen += [b"failed", last.numpy().tobytes()]
    return seen
