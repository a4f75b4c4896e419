"""`Recipe`: a population described by plain values, which can be built wherever its simulator lives."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from typing import Any, Self


class Recipe(abc.ABC):
    """What an adapter builds a population from; takes the place of the simulator's own object."""

    @abc.abstractmethod
    def described(self) -> dict[str, Any]:
        """Plain values from which `from_description` makes an equal recipe.

        Numbers, text, arrays, lists, dictionaries; functions and classes that can be imported.
        """

    @classmethod
    @abc.abstractmethod
    def from_description(cls, description: Mapping[str, Any]) -> Self:
        """The recipe that was described."""

    def with_names(self, namespace: Mapping[str, Any]) -> Self:
        """The recipe with the names filled in that its texts use, out of those where the group is declared."""
        return self
