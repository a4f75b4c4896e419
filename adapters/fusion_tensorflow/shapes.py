"""The shapes of what is wrapped: what a vector becomes on the way in, and how a vector comes out."""

from __future__ import annotations

from math import prod
from typing import Any

import keras
import tensorflow as tf

from fusion.errors import InvalidValue, ShapeMismatch


def batch_of_one(source: Any, n_in: int | tuple[int, ...] | None) -> tuple[int, ...]:
    """The shape that a Keras object wants for one vector."""
    known = _input_shape(source)
    given = (n_in,) if isinstance(n_in, int) else n_in
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
    sizes = tuple(d for d in dims if d is not None)
    if len(sizes) < len(dims):
        raise InvalidValue(
            f"{source.name!r} takes inputs of shape {known}, which leaves their size open. Write "
            f"fusion_tensorflow.layer({source.name}, n_in=(...)) with the {len(dims)} numbers of one input.",
            source=source,
        )
    if given is not None and prod(given) != prod(sizes):
        raise ShapeMismatch(f"n_in of {source.name!r}", given, f"it takes {prod(sizes)} numbers, {sizes}")
    return (1, *sizes)


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


def signature_of(source: Any, n_in: int | tuple[int, ...] | None) -> tuple[tuple[int, ...], str]:
    """Input shape and dtype of a function."""
    if n_in is not None:
        return (n_in if isinstance(n_in, tuple) else (n_in,)), _float(keras.config.floatx())
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
    return tuple(shape), _float(signature[0].dtype.name)


def dtype_of(source: Any) -> str:
    """The type of the vectors that a Keras object is given; it casts them further itself."""
    return _float(source.compute_dtype)


def _float(dtype: str) -> str:
    return "float64" if dtype == "float64" else "float32"


def vector(outputs: Any, source: Any, n_out: int | None) -> Any:
    """The one output as a vector."""
    flat = keras.tree.flatten(outputs)
    if len(flat) != 1:
        raise InvalidValue(
            f"{source!r} has {len(flat)} outputs; a group has one. Choose or join them, as in "
            "keras.Model(model.inputs, model.outputs[0]).",
            source=source,
        )
    y = tf.convert_to_tensor(flat[0])
    if y.shape.rank is not None and y.shape.rank > 1 and y.shape[0] is None:
        y = tf.ensure_shape(y, [1, *y.shape[1:]])  # a function that leaves the batch open was given one
    y = tf.reshape(y, [-1])
    if y.dtype in (tf.float16, tf.bfloat16):
        y = tf.cast(y, tf.float32)
    length = y.shape[0]
    if n_out is not None and length not in (None, n_out):
        raise ShapeMismatch(f"The output of {source!r}", (length,), f"n_out says {n_out}")
    if length is None and n_out is None:
        raise InvalidValue(
            f"TensorFlow cannot tell the output size of {source!r}. Write "
            "fusion_tensorflow.layer(function, n_in=..., n_out=...).",
            source=source,
        )
    return tf.ensure_shape(y, [n_out]) if length is None else y
