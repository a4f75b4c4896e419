"""Recipes: what a group is built from where there is no finished object, or one that does not say its input size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import FunctionType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from fusion.adapter.recipe import MORE, Recipe, check_plain
from fusion.errors import InvalidValue

RESERVED = ("input", "output", "state", "weights")


@dataclass(frozen=True, eq=False, repr=False)
class LayerRecipe(Recipe):
    """What `layer` was told; the adapter builds it when the group is created."""

    usage = "fusion_tensorflow.layer(name, n_in=..., **options)"

    source: Any
    n_in: int | tuple[int, ...] | None = None
    n_out: int | None = None
    state: Any = None
    options: Mapping[str, Any] = field(default_factory=dict)
    jit: bool = False

    def described(self) -> dict[str, Any]:
        if not isinstance(self.source, str | type | FunctionType):
            raise InvalidValue(
                f"{self.source!r} is made already, and no other process can be given it. Give the name of a layer, a "
                f"class of your own or a function; {MORE}",
                source=self.source,
            )
        description = {each.name: vars(self)[each.name] for each in fields(self)}
        for name, value in description.items():
            check_plain(value, f"{name} of {self!r}", f"Give numbers, arrays, and Keras objects by name; {MORE}")
        return description

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> LayerRecipe:
        return cls(**description)

    def __repr__(self) -> str:
        source = self.source.__name__ if isinstance(self.source, type) else repr(self.source)
        given = {"n_in": self.n_in, "n_out": self.n_out, "state": self.state, **self.options, "jit": self.jit or None}
        words = (f", {name}={value!r}" for name, value in given.items() if value is not None)
        return f"layer({source}{''.join(words)})"


def layer(
    source: object,
    n_in: int | tuple[int, ...],
    n_out: int | None = None,
    *,
    state: ArrayLike | list[ArrayLike] | dict[str, ArrayLike] | None = None,
    jit: bool = False,
    **options: Any,
) -> LayerRecipe:
    """A layer by name, a model whose input size is not known yet, or a function.

    Parameters
    ----------
    source
        The name of a Keras layer or cell, as "Dense", or a class of your own, whose weights then depend on the
        network's seed alone; a Keras object, built or not; or a function ``f(x)`` that takes a tensor (n_in,) and
        gives a tensor, with `state` ``f(x, state)`` that gives the output and the new state. In another process: a
        name, or a class or a function of a module.
    n_in : int or tuple
        Length of the input; the shape that the model wants for one vector where that is not plain, as (8, 8, 1).
    n_out : int
        Length of the output; needed only if TensorFlow cannot tell, as after ``tf.numpy_function``.
    state : array, list of arrays, or {name: array}
        Initial state of a function; names become variables of the group.
    jit : bool
        Let XLA compile the step, which makes it faster by a fifth or more. It differs from what TensorFlow computes in
        the last bits, leaves assertions out, and draws stateful random numbers (``tf.random``) that no seed repeats.
    options
        Arguments of a layer that is given by name or class: ``layer("Dense", n_in=64, units=10)``.

    Raises
    ------
    InvalidValue
        If `n_in` or `n_out` is no positive number, a state cannot have its name, or `options` are not for a class.
    """
    lengths = n_in if isinstance(n_in, tuple) else (n_in,)
    for name, value in [("n_in", length) for length in lengths] + [("n_out", 1 if n_out is None else n_out)]:
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise InvalidValue(f"{name} is {value!r}; give a positive whole number.", **{name: value})
    if not (isinstance(source, str) or callable(source)):
        raise InvalidValue(f"{source!r} is no layer, no function and no name of a Keras layer.", source=source)
    for name in state if isinstance(state, dict) else ():
        if not name.isidentifier() or name in RESERVED:
            raise InvalidValue(f"A state cannot be named {name!r}; choose a word but for {', '.join(RESERVED)}.")
    if options and not isinstance(source, str | type):
        raise InvalidValue(
            f"{', '.join(options)}: arguments are for a layer given by name or class, as layer('Dense', n_in=64, "
            f"units=10); {source!r} is made already.",
            options=options,
        )
    return LayerRecipe(source, n_in, n_out, _arrays(state), options, jit)


def _arrays(state: Any) -> Any:
    if isinstance(state, dict):
        return {name: np.asarray(values) for name, values in state.items()}
    if isinstance(state, list | tuple) and not all(np.isscalar(value) for value in state):
        return [np.asarray(values) for values in state]
    return None if state is None else np.asarray(state)
