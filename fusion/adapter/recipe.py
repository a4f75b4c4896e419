"""`Recipe`: what an object is made of where its simulator runs; `built` writes the most general one."""

from __future__ import annotations

import abc
import inspect
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import FunctionType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from fusion.errors import InvalidValue, RecipeFailed

if TYPE_CHECKING:
    from fusion.adapter.base import GroupSpec

MORE = "fusion.built(function, adapter=...) makes it where the simulator runs."
"""The way out for whatever a recipe cannot describe."""


class Recipe(abc.ABC):
    """An object of a simulator that is not made yet; an adapter lists its classes in `Adapter.recipes`."""

    usage: ClassVar[str]
    """What a user writes for one, for messages."""

    @abc.abstractmethod
    def described(self) -> dict[str, Any]:
        """What `from_description` takes, for another process: plain values, see `check_plain`.

        Raises `InvalidValue`, with the way out, for what only this process can have.
        """

    @classmethod
    @abc.abstractmethod
    def from_description(cls, description: Mapping[str, Any]) -> Recipe:
        """The recipe that gave such a description."""

    def with_names(self, namespace: Mapping[str, Any]) -> Recipe:
        """The recipe with those of these names that its texts use; itself where it has no texts."""
        return self


def check_plain(value: object, what: str, way_out: str) -> None:
    """`InvalidValue` with `way_out` unless `value` means the same in another process.

    These do: None, truth values, numbers, strings, bytes, numeric arrays, functions and classes, and lists, tuples and
    dicts of them by strings.
    """
    if isinstance(value, dict):
        for key, each in value.items():
            if not isinstance(key, str):
                raise InvalidValue(f"{what} has the key {key!r}; another process is given strings only. {way_out}")
            check_plain(each, f"{what}[{key!r}]", way_out)
    elif isinstance(value, list | tuple):
        for i, each in enumerate(value):
            check_plain(each, f"{what}[{i}]", way_out)
    elif not _is_plain(value):
        raise InvalidValue(
            f"{what} is {value!r} ({type(value).__name__}), which no other process can be given. {way_out}", value=value
        )


def _is_plain(value: object) -> bool:
    # A class derived from ndarray means more than its numbers do.
    if isinstance(value, np.generic) or type(value) is np.ndarray:
        return value.dtype.kind in "biufc"
    return value is None or isinstance(value, int | float | complex | str | bytes | type | FunctionType)


def importable(function: Callable[..., object]) -> str:
    """The name under which another process finds a function or a class: "module:name".

    Raises
    ------
    InvalidValue
        If none leads to it: lambdas, what is defined inside a function, what the script itself defines.
    """
    module, name = function.__module__, function.__qualname__
    if name.endswith("<lambda>"):
        reason = "a lambda has no name"
    elif "<locals>" in name:
        reason = f"{name!r} is defined inside a function"
    elif module == "__main__":
        reason = f"{name!r} is defined in the script that was started"
    elif _found(module, name) is not function:
        reason = f"{module}.{name} is something else"
    else:
        return f"{module}:{name}"
    raise InvalidValue(
        f"Another process cannot import {function!r}: {reason}. Define it at the top of a module that can be imported "
        "here and there, and give its values as arguments.",
        function=function,
    )


def _found(module: str, name: str) -> object:
    place: object = sys.modules.get(module)
    for part in name.split("."):
        place = getattr(place, part, None)
    return place


@dataclass(frozen=True, eq=False, repr=False)
class Built(Recipe):
    """A function that makes the object in place; `built` says what the fields mean."""

    usage = "fusion.built(function, adapter=..., **arguments)"

    function: FunctionType
    adapter: str
    arguments: Mapping[str, Any]

    def described(self) -> dict[str, Any]:
        for name, value in self.arguments.items():
            check_plain(value, f"{name}= of {self!r}", "Give numbers and text, and let the function make the rest.")
        return {"function": self.function, "adapter": self.adapter, "arguments": dict(self.arguments)}

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Built:
        return built(description["function"], description["adapter"], **description["arguments"])

    def make(self, spec: GroupSpec) -> tuple[object, GroupSpec]:
        """Call the function: the object, and what was said beside it with what the function returned beside it.

        Texts of the object see the names that the function sees, its arguments and its globals, and no others:
        the frame that gave the recipe may be in another process.
        """
        try:
            result = self.function(**self.arguments)
        except Exception as error:
            file = self.function.__code__.co_filename
            place = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file][-1]
            raise RecipeFailed(
                f"{self.name}(), which builds {spec.name!r}, raised {type(error).__name__} at "
                f"{file}:{place.lineno}: {error}",
                function=self.name,
            ) from error
        source, *also = result if isinstance(result, tuple) and result else (result,)
        if source is None:
            raise RecipeFailed(
                f"{self.name}(), which builds {spec.name!r}, returned nothing. Return the object of the simulator, "
                "or (object, *further objects).",
                function=self.name,
            )
        names = {**self.function.__globals__, **self.arguments}
        return source, replace(spec, namespace=names, also=(*also, *spec.also))

    @property
    def name(self) -> str:
        """Of the function, with its module."""
        return f"{self.function.__module__}.{self.function.__qualname__}"

    def __repr__(self) -> str:
        arguments = "".join(f", {name}={value!r}" for name, value in self.arguments.items())
        return f"built({self.function.__qualname__}, adapter={self.adapter!r}{arguments})"


def built(function: Callable[..., object], /, adapter: str, **arguments: Any) -> Built:
    """A recipe in your own code: `function` makes the object where the simulator runs, with all that belongs to it.

    It is called when the network takes the group in, with the network's dt and seed in force: NEST's resolution if
    nothing was created yet, Brian2's default clock and ``numpy.random`` within the call, the initializers of Keras. In
    process any function will do; for another process it must be found there by its name, at the top of a module.

    Parameters
    ----------
    function
        Called with `arguments`. Returns the object, or a tuple ``(object, *others)`` with further objects of the
        simulator, as for ``NeuronGroup(also=)``. Equations see its globals and its arguments.
    adapter : str
        Name of the simulator's adapter: "brian2", "nest", "tensorflow".
    arguments
        Plain values if it may be called in another process.

    Raises
    ------
    InvalidValue
        If `function` is no Python function, or cannot be called with `arguments`.

    Example
    -------
    >>> cortex = NeuronGroup(net, built(column, adapter="nest", n=2000), tag="cortex")  # doctest: +SKIP
    """
    if not inspect.isfunction(function):
        raise InvalidValue(
            f"built({function!r}) needs a function that makes an object; an object that is made is given to "
            "NeuronGroup as it is.",
            function=function,
        )
    signature = inspect.signature(function, follow_wrapped=False)
    try:
        signature.bind(**arguments)
    except TypeError as error:
        raise InvalidValue(
            f"{function.__qualname__}{signature} cannot be called with the arguments of built: {error}.",
            function=function,
        ) from error
    return Built(function, adapter, arguments)


def made(source: Any, spec: GroupSpec) -> tuple[Any, GroupSpec]:
    """For ``Adapter.create``: an object or another recipe in place of a `Built`; what is no `Built` is left alone."""
    return source.make(spec) if isinstance(source, Built) else (source, spec)
