"""`nodes`: NEST nodes that are created where the network runs them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fusion.adapter.recipe import MORE, Recipe, check_plain
from fusion.errors import UnknownName
from fusion_nest.kernel import Kernel


@dataclass(frozen=True, eq=False, repr=False)
class Nodes(Recipe):
    """A call of ``nest.Create`` that is made by the adapter; `nodes` writes one."""

    usage = "fusion_nest.nodes(model, n, **params)"

    model: str
    n: int
    params: Mapping[str, Any]

    def described(self) -> dict[str, Any]:
        for name, value in self.params.items():
            check_plain(value, f"{name}= of nodes({self.model!r}, ...)", f"Give a number or an array (n,); {MORE}")
        return {"model": self.model, "n": self.n, "params": dict(self.params)}

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Nodes:
        return cls(**description)

    def build(self, kernel: Kernel) -> Any:
        """The nodes.

        Raises
        ------
        UnknownName
            If NEST has no such model, or the model no such parameter.
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
        with kernel.asking(repr(self)):
            return nest.Create(self.model, self.n, params={key: _plain(value) for key, value in self.params.items()})

    def __repr__(self) -> str:
        params = "".join(f", {key}={value!r}" for key, value in self.params.items())
        return f"nodes({self.model!r}, {self.n}{params})"


def nodes(model: str, n: int, **params: Any) -> Nodes:
    """`n` nodes of a NEST model, in place of ``nest.Create(model, n, params)``.

    Devices and connections beside the nodes are for `fusion.built`.

    Parameters
    ----------
    model : str
        A name from ``nest.node_models``.
    n : int
    **params : number, array (n,) or nest.random expression
        NEST's own names and units. Expressions are objects of the NEST in this process, and of no other.

    Example
    -------
    >>> cortex = NeuronGroup(net, nodes("iaf_psc_exp", 2000, I_e=300.0), tag="cortex")  # doctest: +SKIP
    """
    return Nodes(model, n, params)


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value
