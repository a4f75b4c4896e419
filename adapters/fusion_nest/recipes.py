"""`nodes`: NEST nodes that are created where the network runs them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from fusion.adapter.recipe import Recipe as Base
from fusion.errors import ClockMismatch, UnknownName
from fusion_nest.kernel import Kernel


class Recipe(Base):
    """A call of ``nest.Create`` that is made by the adapter; `nodes` writes one."""

    def __init__(self, model: str, n: int, params: dict[str, Any]) -> None:
        self.model, self.n, self.params = model, n, params

    def described(self) -> dict[str, Any]:
        return {"model": self.model, "n": self.n, "params": self.params}

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Self:
        return cls(**description)

    def build(self, kernel: Kernel) -> Any:
        """The nodes.

        A kernel that is still empty is given the network's dt as its resolution.

        Raises
        ------
        UnknownName
            If NEST has no such model, or the model no such parameter.
        ClockMismatch
            If the kernel is not empty and its resolution another.
        InvalidValue
            If NEST refuses a value.
        """
        nest = kernel.nest
        if self.model not in nest.node_models:
            raise UnknownName("NEST model", self.model, nest.node_models)
        defaults = nest.GetDefaults(self.model)
        for name in self.params:
            if name not in defaults:
                raise UnknownName("parameter", name, defaults, f"NEST model {self.model!r}")
        state = kernel.state()
        if state.nodes == 0 and state.resolution != kernel.dt:
            try:
                nest.resolution = kernel.dt
            except kernel.failures as error:
                raise ClockMismatch(
                    f"NEST's resolution is {state.resolution:g} ms, the network's dt {kernel.dt:g} ms, and NEST "
                    f"refuses to change it: {error}. Write nest.resolution = {kernel.dt:g} at the top of the script."
                ) from error
        with kernel.asking(repr(self)):
            return nest.Create(self.model, self.n, params={key: _plain(value) for key, value in self.params.items()})

    def __repr__(self) -> str:
        params = "".join(f", {key}={value!r}" for key, value in self.params.items())
        return f"nodes({self.model!r}, {self.n}{params})"


def nodes(model: str, n: int, **params: Any) -> Recipe:
    """`n` nodes of a NEST model, in place of ``nest.Create(model, n, params)``.

    Parameters
    ----------
    model : str
        A name from ``nest.node_models``.
    n : int
    **params : number, array (n,) or nest.random expression
        NEST's own names and units.

    Example
    -------
    >>> cortex = NeuronGroup(net, nodes("iaf_psc_exp", 2000, I_e=300.0), tag="cortex")  # doctest: +SKIP
    """
    return Recipe(model, n, params)


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value
