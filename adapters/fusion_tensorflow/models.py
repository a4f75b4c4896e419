"""The kinds of objects that can be wrapped, each as a function from a vector and a state to a vector and a state."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import prod
from typing import Any, ClassVar

import keras
import tensorflow as tf

from fusion.errors import InvalidValue, UnknownName, UnknownObject
from fusion_tensorflow.raw import operations
from fusion_tensorflow.recipes import LayerRecipe
from fusion_tensorflow.shapes import batch_of_one, dtype_of, signature_of, vector

Tensors = list[Any]


class Layer:
    """A Keras layer or model.

    Attributes
    ----------
    shape : what one vector is reshaped to, with a batch of one
    n_in : int
    dtype : str
    state : list of keras.Variable
        For a layer, the variables that it assigns in inference: the states of stateful layers, random seeds.
    named_state : {name: variable}, the same where they have names
    weights : {name: variable}, all others
    keeps_own_state : bool
        Whether it assigns TensorFlow variables that Keras knows nothing of.
    """

    def __init__(self, source: Any, n_in: int | tuple[int, ...] | None, n_out: int | None) -> None:
        self.source, self._n_out = source, n_out
        self.shape = batch_of_one(source, n_in)
        if not source.built:
            source(keras.KerasTensor((None, *self.shape[1:]), source.compute_dtype))
        self.n_in = prod(self.shape)
        self.dtype = dtype_of(source)
        made = _Assignments()
        self.state: list[Any] = []
        traced = _traced(lambda x: self._probe(x, made), self.n_in, self.dtype)
        self.state = list(made.variables.values())
        self.keeps_own_state = _assigns(traced)
        self.named_state = _unique((variable.name, variable) for variable in self.state)
        self.weights = _named(source, [weight for weight in source.weights if not _among(weight, self.state)])

    @property
    def trainable(self) -> list[Any]:
        """The variables that training changes."""
        return list(self.source.trainable_variables)

    @property
    def losses(self) -> list[Any]:
        """What regularizers and ``add_loss`` ask for, after a call."""
        return list(self.source.losses)

    def call(self, x: Any, state: Sequence[Any], training: bool) -> tuple[Any, Tensors]:
        """(output (n_out,), new state) for an input (n_in,).

        The state is not assigned; what training keeps count of is, as batch normalization does.
        """
        if not self.state:
            return vector(self.source(self._batch(x), training=training), self.source, self._n_out), []
        with _Assignments(zip(self.state, state, strict=True)) as made:
            y = self.source(self._batch(x), training=training)
            new = [made.get_current_value(variable) for variable in self.state]
            rest = [(v, made.get_current_value(v)) for v in made.variables.values() if not _among(v, self.state)]
        for variable, value in rest:
            variable.assign(value)
        return vector(y, self.source, self._n_out), new

    def _batch(self, x: Any) -> Any:
        return keras.ops.reshape(x, self.shape)

    def _probe(self, x: Any, made: _Assignments) -> Any:
        with made:
            return self.source(self._batch(x), training=False)


class Cell:
    """A recurrent cell of Keras, whose state is kept here; attributes as for `Layer`."""

    losses: ClassVar[Tensors] = []
    named_state: ClassVar[dict[str, Any]] = {}
    keeps_own_state = False

    def __init__(self, source: Any, n_in: int | tuple[int, ...] | None, n_out: int | None) -> None:
        self.source, self._n_out = source, n_out
        self.shape = batch_of_one(source, n_in)
        if not source.built:
            source.build(self.shape)
            source.built = True
        self.n_in = prod(self.shape)
        self.dtype = dtype_of(source)
        self._initial = keras.layers.RNN(source).get_initial_state(1)
        self.state = [_variable(value) for value in keras.tree.flatten(self._initial)]
        self.weights = _named(source, source.weights)

    @property
    def trainable(self) -> list[Any]:
        """The variables that training changes."""
        return list(self.source.trainable_variables)

    def call(self, x: Any, state: Sequence[Any], training: bool) -> tuple[Any, Tensors]:
        """(output (n_out,), new state) for an input (n_in,)."""
        states = keras.tree.pack_sequence_as(self._initial, list(state))
        y, new = self.source(keras.ops.reshape(x, self.shape), states, training=training)
        _forget_dropout(self.source)
        return vector(y, self.source, self._n_out), keras.tree.flatten(new)


class Function:
    """A function ``f(x)`` or ``f(x, state)`` of TensorFlow or of plain Python; attributes as for `Layer`."""

    losses: ClassVar[Tensors] = []

    def __init__(self, source: Any, n_in: int | tuple[int, ...] | None, n_out: int | None, state: Any) -> None:
        self.source, self._n_out = source, n_out
        self.shape, self.dtype = signature_of(source, n_in)
        self.n_in = prod(self.shape)
        self._initial = state
        self.state = [] if state is None else [_variable(self._cast(a)) for a in keras.tree.flatten(state)]
        # Keras flattens a dictionary in the order of its keys.
        self.named_state = dict(zip(sorted(state), self.state, strict=True)) if isinstance(state, dict) else {}
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
            return vector(self.source(x), self.source, self._n_out), []
        packed = [tf.convert_to_tensor(value) for value in state]
        result = self.source(x, keras.tree.pack_sequence_as(self._initial, packed))
        if not (isinstance(result, tuple) and len(result) == 2):
            raise InvalidValue(f"{self.source!r} has a state; it must return (output, new state), not {result!r}.")
        y, new = result
        return vector(y, self.source, self._n_out), keras.tree.flatten(new)

    def _cast(self, values: Any) -> Any:
        return values.astype(self.dtype) if values.dtype.kind == "f" else values


def model_of(recipe: LayerRecipe, seed: int) -> Layer | Cell | Function:
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
    if isinstance(source, str | type):
        source = _made(source, recipe.options, seed)
    is_cell = (
        isinstance(source, keras.Layer) and not isinstance(source, keras.layers.RNN) and hasattr(source, "state_size")
    )
    if isinstance(source, keras.Layer) and recipe.state is not None:
        raise InvalidValue(f"state= is for functions; {source.name!r} has a state of its own, or none.")
    if is_cell:
        return Cell(source, n_in, n_out)
    if isinstance(source, keras.Layer):
        return Layer(source, n_in, n_out)
    if callable(source):
        return Function(source, n_in, n_out, recipe.state)
    raise UnknownObject(
        f"{source!r} cannot be a group: it is no function from a vector to a vector. Give a Keras layer, model or "
        "cell, a tf.function, or fusion_tensorflow.layer(function, n_in=...).",
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
    spec = tf.TensorSpec([n_in], dtype)
    return tf.function(function, input_signature=[spec], autograph=False).get_concrete_function()


def _assigns(traced: Any) -> bool:
    return any(name.startswith(("Assign", "ResourceScatter")) for name in operations(traced))


def _variable(value: Any) -> Any:
    return keras.Variable(value, trainable=False, dtype=keras.backend.standardize_dtype(value.dtype), name="state")


def _named(source: Any, variables: Sequence[Any]) -> dict[str, Any]:
    # The path without the object's own name; an identifier, so that expressions can use it.
    paths = [variable.path.removeprefix(f"{source.name}/").split("/") for variable in variables]
    numbers = _Counters()
    return _unique(("/".join(map(numbers.renumbered, path)), v) for path, v in zip(paths, variables, strict=True))


class _Counters:
    """Counts the names that Keras gives by itself within one object: `dense_17` is called `dense` if it is the first.

    Keras counts them over the whole process, so that equal models would have different variables.
    """

    def __init__(self) -> None:
        kinds = (name for name, value in vars(keras.layers).items() if isinstance(value, type))
        snake = (re.sub(r"(?<=[a-z0-9])([A-Z])|(?<!^)([A-Z])(?=[a-z])", r"_\1\2", kind).lower() for kind in kinds)
        self._counted = {*snake, "seed_generator"}
        self._seen: dict[str, list[str]] = {}

    def renumbered(self, part: str) -> str:
        """One part of a path by its number in this object."""
        kind = re.sub(r"_\d+$", "", part)
        if kind not in self._counted:
            return part
        seen = self._seen.setdefault(kind, [])
        if part not in seen:
            seen.append(part)
        number = seen.index(part)
        return f"{kind}_{number}" if number else kind


def _unique(pairs: Iterator[tuple[str, Any]]) -> dict[str, Any]:
    named: dict[str, Any] = {}
    for path, variable in pairs:
        plain = "".join(c if c.isalnum() else "_" for c in path.partition(":")[0])
        candidates = itertools.chain([plain], (f"{plain}_{k}" for k in itertools.count(1)))
        named[next(name for name in candidates if name not in named)] = variable
    return named


def _made(kind: str | type, options: Mapping[str, Any], seed: int) -> Any:
    known = {key: value for key, value in vars(keras.layers).items() if isinstance(value, type)}
    if isinstance(kind, str) and kind not in known:
        raise UnknownName("Keras layer", kind, known)
    with seeded(seed):
        return (known[kind] if isinstance(kind, str) else kind)(**options)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Layers that are made inside draw their weights from `seed`."""
    # Keras draws the seeds of its initializers from Python's generator when a layer is made.
    before = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(before)


def _forget_dropout(cell: Any) -> None:
    # Cells keep their masks from call to call; a mask of one trace cannot be used in another.
    dropping = keras.layers.SimpleRNNCell | keras.layers.GRUCell | keras.layers.LSTMCell
    for part in cell.cells if isinstance(cell, keras.layers.StackedRNNCells) else [cell]:
        if isinstance(part, dropping):
            part.reset_dropout_mask()
            part.reset_recurrent_dropout_mask()
