"""The kinds of objects that can be wrapped, each as a function from a vector and a state to a vector and a state."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import prod
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from fusion.errors import InvalidValue, ShapeMismatch, UnknownName, UnknownObject
from fusion_tensorflow.recipes import Recipe

Tensors = list[Any]
Model = "Layer | Cell | Function"


class Layer:
    """A Keras layer or model.

    Attributes
    ----------
    shape : what one vector is reshaped to, with a batch of one
    n_in : int
    dtype : str
    state : list of keras.Variable
        For a layer, the variables that it assigns in inference: the states of stateful layers, random seeds.
    weights : {name: variable}, all others
    keeps_own_state : bool
        Whether it assigns TensorFlow variables that Keras knows nothing of.
    """

    def __init__(self, source: Any, n_in: int | tuple[int, ...] | None, n_out: int | None) -> None:
        self.source, self._n_out = source, n_out
        self.shape = _batch_of_one(source, n_in)
        if not source.built:
            source(keras.KerasTensor((None, *self.shape[1:]), source.compute_dtype))
        self.n_in = prod(self.shape)
        self.dtype = _dtype(source)
        made = _Assignments()
        self.state: list[Any] = []
        traced = _traced(lambda x: self._probe(x, made), self.n_in, self.dtype)
        self.state = list(made.variables.values())
        self.keeps_own_state = _assigns(traced)
        self.weights = _named(source, self.state)

    @property
    def trainable(self) -> list[Any]:
        """The variables that training changes."""
        return list(self.source.trainable_variables)

    @property
    def losses(self) -> list[Any]:
        """What regularizers and ``add_loss`` ask for, after a call."""
        return list(self.source.losses)

    def call(self, x: Any, state: Sequence[Any], training: bool) -> tuple[Any, Tensors]:
        """(output (n_out,), new state) for an input (n_in,); nothing but what training counts is assigned."""
        if not self.state:
            return _vector(self.source(self._batch(x), training=training), self, self._n_out), []
        with _Assignments(zip(self.state, state, strict=True)) as made:
            y = self.source(self._batch(x), training=training)
            new = [made.get_current_value(variable) for variable in self.state]
            rest = [(v, made.get_current_value(v)) for v in made.variables.values() if not _among(v, self.state)]
        for variable, value in rest:
            variable.assign(value)
        return _vector(y, self, self._n_out), new

    def _batch(self, x: Any) -> Any:
        return keras.ops.reshape(x, self.shape)

    def _probe(self, x: Any, made: _Assignments) -> Any:
        with made:
            return self.source(self._batch(x), training=False)


class Cell:
    """A recurrent cell of Keras, whose state is kept here; attributes as for `Layer`."""

    losses: Tensors = []
    keeps_own_state = False

    def __init__(self, source: Any, n_in: int | tuple[int, ...] | None, n_out: int | None) -> None:
        self.source, self._n_out = source, n_out
        self.shape = _batch_of_one(source, n_in)
        if not source.built:
            source.build(self.shape)
            source.built = True
        self.n_in = prod(self.shape)
        self.dtype = _dtype(source)
        self._initial = keras.layers.RNN(source).get_initial_state(1)
        self.state = [_variable(value) for value in keras.tree.flatten(self._initial)]
        self.weights = _named(source, ())

    @property
    def trainable(self) -> list[Any]:
        """The variables that training changes."""
        return list(self.source.trainable_variables)

    def call(self, x: Any, state: Sequence[Any], training: bool) -> tuple[Any, Tensors]:
        """(output (n_out,), new state) for an input (n_in,)."""
        states = keras.tree.pack_sequence_as(self._initial, list(state))
        y, new = self.source(keras.ops.reshape(x, self.shape), states, training=training)
        _forget_dropout(self.source)
        return _vector(y, self, self._n_out), keras.tree.flatten(new)


class Function:
    """A function ``f(x)`` or ``f(x, state)`` of TensorFlow or of plain Python; attributes as for `Layer`."""

    losses: Tensors = []

    def __init__(self, source: Any, n_in: int | tuple[int, ...] | None, n_out: int | None, state: Any) -> None:
        self.source, self._n_out = source, n_out
        self.shape, self.dtype = _signature(source, n_in)
        self.n_in = prod(self.shape)
        self._initial = None if state is None else keras.tree.map_structure(np.asarray, state)
        self.state = [] if state is None else [_variable(self._cast(a)) for a in keras.tree.flatten(self._initial)]
        traced = _traced(lambda x: self.call(x, [v.value for v in self.state], False), self.n_in, self.dtype)
        self.keeps_own_state = _assigns(traced)
        own = [variable.value for variable in self.state]
        self.weights = _unique((v.name, v) for v in traced.variables if not _among(v, own))

    @property
    def trainable(self) -> list[Any]:
        """The variables that training changes."""
        return [variable for variable in self.weights.values() if variable.trainable]

    def call(self, x: Any, state: Sequence[Any], training: bool) -> tuple[Any, Tensors]:
        """(output (n_out,), new state) for an input (n_in,); a function does not know of training."""
        x = tf.reshape(x, self.shape)
        if self._initial is None:
            return _vector(self.source(x), self, self._n_out), []
        packed = [tf.convert_to_tensor(value) for value in state]
        y, new = self.source(x, keras.tree.pack_sequence_as(self._initial, packed))
        return _vector(y, self, self._n_out), keras.tree.flatten(new)

    def _cast(self, values: Any) -> Any:
        return values.astype(self.dtype) if values.dtype.kind == "f" else values


def model_of(recipe: Recipe, seed: int) -> Layer | Cell | Function:
    """What a recipe describes.

    Raises
    ------
    UnknownObject
        If its source is nothing that can be called.
    UnknownName
        If it names no Keras layer.
    InvalidValue
        If its input size is not known, or it has several inputs or outputs.
    ShapeMismatch
        If the sizes given are not those that it has.
    """
    source, n_in, n_out = recipe.source, recipe.n_in, recipe.n_out
    if isinstance(source, str):
        source = _by_name(source, recipe.options, seed)
    is_cell = isinstance(source, keras.Layer) and not isinstance(source, keras.layers.RNN) and hasattr(source, "state_size")
    if isinstance(source, keras.Layer) and recipe.state is not None:
        raise InvalidValue(f"state= is for functions; {source.name!r} has a state of its own, or none.")
    if is_cell:
        return Cell(source, n_in, n_out)
    if isinstance(source, keras.Layer):
        return Layer(source, n_in, n_out)
    if callable(source):
        return Function(source, n_in, n_out, recipe.state)
    raise UnknownObject(
        f"{source!r} cannot be a group: it is no function from a vector to a vector. Give a Keras layer, model or cell, "
        "a tf.function, or fusion_tensorflow.layer(function, n_in=...).",
        source=source,
    )


class _Assignments(keras.StatelessScope):  # type: ignore[misc]  # Keras has no types
    """Keeps what is assigned inside from taking place, and remembers which variables it was."""

    def __init__(self, values: Any = ()) -> None:
        super().__init__(state_mapping=list(values))
        self.variables: dict[int, Any] = {}

    def add_update(self, update: tuple[Any, Any]) -> None:
        """Called by Keras for each assignment."""
        self.variables[id(update[0])] = update[0]
        super().add_update(update)


def _among(variable: Any, others: Sequence[Any]) -> bool:
    return any(variable is other for other in others)


def _traced(function: Callable[[Any], Any], n_in: int, dtype: str) -> Any:
    signature = [tf.TensorSpec([n_in], dtype)]
    return tf.function(function, input_signature=signature, autograph=False).get_concrete_function()


def _assigns(traced: Any) -> bool:
    definition = traced.graph.as_graph_def()
    nodes = [*definition.node, *(node for function in definition.library.function for node in function.node_def)]
    return any(node.op.startswith(("Assign", "ResourceScatter")) for node in nodes)


def _variable(value: Any) -> Any:
    return keras.Variable(value, trainable=False, dtype=keras.backend.standardize_dtype(value.dtype), name="state")


def _dtype(source: Any) -> str:
    return "float64" if source.compute_dtype == "float64" else "float32"


def _named(source: Any, state: Sequence[Any]) -> dict[str, Any]:
    # The path without the object's own name, which Keras counts up; an identifier, so that expressions can use it.
    weights = [variable for variable in source.weights if not _among(variable, state)]
    return _unique((variable.path.removeprefix(f"{source.name}/"), variable) for variable in weights)


def _unique(pairs: Iterator[tuple[str, Any]]) -> dict[str, Any]:
    named: dict[str, Any] = {}
    for path, variable in pairs:
        name = "".join(c if c.isalnum() else "_" for c in path.partition(":")[0])
        n_same = sum(other.rstrip("0123456789").rstrip("_") == name for other in named)
        named[f"{name}_{n_same}" if n_same else name] = variable
    return named


def _by_name(name: str, options: Mapping[str, Any], seed: int) -> Any:
    known = {key: value for key, value in vars(keras.layers).items() if isinstance(value, type)}
    if name not in known:
        raise UnknownName("Keras layer", name, known)
    with _seeded(seed):
        return known[name](**options)


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    # Keras draws the seeds of its initializers from Python's generator when a layer is made.
    before = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(before)


def _batch_of_one(source: Any, n_in: int | tuple[int, ...] | None) -> tuple[int, ...]:
    """The shape that a Keras object wants for one vector."""
    known = _input_shape(source)
    given = None if n_in is None else n_in if isinstance(n_in, tuple) else (n_in,)
    if known is None:
        if given is None:
            raise InvalidValue(
                f"The input size of {source.name!r} is not known, it is not built yet. Write "
                f"fusion_tensorflow.layer({source.name}, n_in=...), or begin the model with keras.Input((n,)).",
                source=source,
            )
        return (1, *given)
    dims = known[1:]
    if given is not None and len(given) == len(dims):
        dims = tuple(g if d is None else d for d, g in zip(dims, given, strict=True))
    if len(dims) == 2 and dims[0] is None:  # (time, features): one step in each call
        _refuse_forgetful(source)
        dims = (1, dims[1])
    if None in dims:
        raise InvalidValue(
            f"{source.name!r} takes inputs of shape {known}, which leaves their size open. Write "
            f"fusion_tensorflow.layer({source.name}, n_in=(...)) with the {len(dims)} numbers of one input.",
            source=source,
        )
    if given is not None and prod(given) != prod(dims):
        raise ShapeMismatch(f"n_in of {source.name!r}", given, f"it takes {prod(dims)} numbers, {tuple(dims)}")
    return (1, *dims)


def _input_shape(source: Any) -> tuple[int | None, ...] | None:
    try:
        shape = source.input_shape
    except AttributeError:  # only models that were defined by their inputs have one
        config = source.get_build_config() or {}
        shape = list(config["shapes_dict"].values()) if "shapes_dict" in config else config.get("input_shape")
    if shape is not None and not (isinstance(shape, tuple) and all(d is None or isinstance(d, int) for d in shape)):
        raise InvalidValue(
            f"{source.name!r} takes several inputs, {shape}; a group has one. Concatenate them inside a model: one "
            "keras.Input, split by slicing.",
            source=source,
        )
    return shape


def _refuse_forgetful(source: Any) -> None:
    parts = [source, *getattr(source, "layers", ())]  # only models have layers
    for part in parts:
        if isinstance(part, keras.layers.RNN) and not part.stateful:
            raise InvalidValue(
                f"{part.name!r} would begin anew in each step. Wrap its cell, as keras.layers.LSTMCell(10), or give it "
                "stateful=True and the model keras.Input(batch_shape=(1, 1, n)).",
                source=part,
            )


def _signature(source: Any, n_in: int | tuple[int, ...] | None) -> tuple[tuple[int, ...], str]:
    """Input shape and dtype of a function."""
    if n_in is not None:
        return (n_in if isinstance(n_in, tuple) else (n_in,)), "float32"
    signature: Any = None
    if isinstance(source, tf.types.experimental.ConcreteFunction):
        signature = source.structured_input_signature[0]
    elif isinstance(source, tf.types.experimental.PolymorphicFunction):
        signature = source.input_signature
    if not signature or len(signature) != 1 or signature[0].shape.rank is None:
        raise InvalidValue(
            f"The input size of {source!r} is not known. Write fusion_tensorflow.layer(function, n_in=...), or "
            "@tf.function(input_signature=[tf.TensorSpec([n], tf.float32)]) with one argument.",
            source=source,
        )
    shape = signature[0].shape.as_list()
    if len(shape) > 1 and shape[0] is None:
        shape[0] = 1
    if None in shape:
        raise InvalidValue(f"The input_signature of {source!r} leaves its size open: {shape}.", source=source)
    return tuple(shape), "float64" if signature[0].dtype == tf.float64 else "float32"


def _vector(outputs: Any, model: Layer | Cell | Function, n_out: int | None) -> Any:
    """The one output as a vector."""
    flat = keras.tree.flatten(outputs)
    if len(flat) != 1:
        raise InvalidValue(
            f"{model.source!r} has {len(flat)} outputs; a group has one. Choose or join them, as in "
            "keras.Model(model.inputs, model.outputs[0]).",
            source=model.source,
        )
    y = tf.reshape(flat[0], [-1])
    if y.dtype in (tf.float16, tf.bfloat16):
        y = tf.cast(y, tf.float32)
    length = y.shape[0]
    if n_out is not None and length not in (None, n_out):
        raise ShapeMismatch(f"The output of {model.source!r}", (length,), f"n_out says {n_out}")
    if length is None and n_out is None:
        raise InvalidValue(
            f"TensorFlow cannot tell the output size of {model.source!r}. Write "
            "fusion_tensorflow.layer(function, n_in=..., n_out=...).",
            source=model.source,
        )
    return tf.ensure_shape(y, [n_out]) if length is None else y


def _forget_dropout(cell: Any) -> None:
    # Cells keep their masks from call to call; a mask of one trace cannot be used in another.
    dropping = keras.layers.SimpleRNNCell | keras.layers.GRUCell | keras.layers.LSTMCell
    for part in cell.cells if isinstance(cell, keras.layers.StackedRNNCells) else [cell]:
        if isinstance(part, dropping):
            part.reset_dropout_mask()
            part.reset_recurrent_dropout_mask()
