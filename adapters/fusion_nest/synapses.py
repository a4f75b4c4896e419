"""`AdoptedSynapses`: connections of NEST's own that the network shows as a synapse group."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fusion.adapter.base import Edge, Index, Variable
from fusion.errors import BelongsElsewhere, InvalidValue, ReadOnly, SimulatorFailed
from fusion_nest import models
from fusion_nest.groups import Group
from fusion_nest.kernel import Kernel

_FIXED = "NEST keeps it as it was when the synapse was made"
_DELAYS = "NEST sorts spikes by their delays when a run begins, so they can only be changed between runs"

Key = tuple[int, int, int, int]
Looks = frozenset[tuple[str, str]]


class AdoptedSynapses:
    """Connections between two groups, in the order in which NEST gave them.

    NEST knows a connection by its place in a table, which it sorts anew, with other results, whenever connections were
    made anywhere; a collection that was made before then points at other synapses, in silence. `rebind` finds those
    that were meant.

    Parameters
    ----------
    source : SynapseCollection or None
        None takes all connections from `pre` to `post` that there are now.

    Raises
    ------
    InvalidValue
        If `source` is something else.
    BelongsElsewhere
        If a connection is not between the two groups.
    """

    def __init__(self, kernel: Kernel, source: Any, pre: Group, post: Group, id: int) -> None:
        self.name = f"{pre.name} to {post.name}"
        self._kernel, self._ends, self._source = kernel, (pre, post), source
        if source is None:
            self._synapses = kernel.synapses(pre.nodes, post.nodes)
        elif isinstance(source, kernel.nest.SynapseCollection):
            self._synapses = list(source._datum or ())
        else:
            raise InvalidValue(f"{source!r} is no nest.SynapseCollection; give what nest.GetConnections returns.")
        status = kernel.synapse_status(self._synapses)
        self._keys = [_key(one) for one in status]
        self._pre = _positions(pre, [key[0] for key in self._keys])
        self._post = _positions(post, [key[1] for key in self._keys])
        outside = int(np.sum((self._pre < 0) | (self._post < 0)))
        if outside:
            raise BelongsElsewhere(
                f"{outside} of {len(status)} connections do not go from {pre.name!r} to {post.name!r}. Give "
                "nest.GetConnections(source, target) of these nodes, called now: a collection from before other "
                "connections were made points at other synapses."
            )
        repeated = {key for key, times in Counter(self._keys).items() if times > 1}
        self._twins = [position for position, key in enumerate(self._keys) if key in repeated]
        self._looks: dict[int, Looks] = {}
        self.remember()
        n = len(status)
        self.edge = Edge(
            id,
            n,
            {
                "pre": Variable(n, "", read_only=_FIXED),
                "post": Variable(n, "", read_only=_FIXED),
                "weights": Variable(n, models.input_unit(post.model)),
                "delays": Variable(n, "ms", fixed_while_running=_DELAYS),
            },
        )

    def read(self, name: str, index: Index = None) -> NDArray[Any]:
        """Positions in the groups, weights, or delays in ms."""
        chosen = slice(None) if index is None else index
        if name in ("pre", "post"):
            return np.array((self._pre if name == "pre" else self._post)[chosen])
        key = {"weights": "weight", "delays": "delay"}[name]
        return np.array([one[key] for one in self._kernel.synapse_status(self._at(chosen))], float)

    def write(self, name: str, values: ArrayLike, index: Index = None) -> None:
        """Set weights or delays; `InvalidValue` if NEST refuses a value."""
        if name not in ("weights", "delays"):
            raise ReadOnly(f"{name!r} cannot be set: {_FIXED}.")
        synapses = self._at(slice(None) if index is None else index)
        if not synapses:
            return
        key = "weight" if name == "weights" else "delay"
        given = np.broadcast_to(np.asarray(values, float), len(synapses))
        with self._kernel.asking(f"the {name} of the connections from {self.name}"):
            self._kernel.set_synapses(synapses, [{key: value} for value in given.tolist()])
        self.remember()

    def _at(self, index: slice | NDArray[np.int64]) -> list[Any]:
        return [self._synapses[i] for i in np.arange(len(self._synapses))[index].tolist()]

    def remember(self) -> None:
        """Note what tells apart the synapses of a kind between the same two neurons: everything that NEST tells."""
        status = self._kernel.synapse_status([self._synapses[i] for i in self._twins])
        self._looks = {i: _looks(one) for i, one in zip(self._twins, status, strict=True)}

    def rebind(self) -> None:
        """Find the synapses again, for the collection that the user gave as well.

        Raises
        ------
        SimulatorFailed
            If one cannot be told from a new one, or is gone.
        """
        pre, post = self._ends
        found: dict[Key, list[tuple[Any, dict[str, Any]]]] = defaultdict(list)
        there = self._kernel.synapses(pre.nodes, post.nodes)
        for synapse, status in zip(there, self._kernel.synapse_status(there), strict=True):
            found[_key(status)].append((synapse, status))
        for position, key in enumerate(self._keys):
            candidates = found[key]
            if position in self._looks:
                looks = self._looks[position]
                fitting = [i for i, (_, status) in enumerate(candidates) if _looks(status) == looks]
            else:
                fitting = [0] if len(candidates) == 1 else []
            if not fitting:
                raise SimulatorFailed(
                    f"An adopted connection from node {key[0]} to node {key[1]} cannot be found again: connections "
                    "between the two were made, changed or removed after the SynapseGroup was made. Connect everything "
                    "before it."
                )
            self._synapses[position] = candidates.pop(fitting[0])[0]
        if self._source is not None:
            self._source._datum = list(self._synapses)


def _key(status: dict[str, Any]) -> Key:
    return status["source"], status["target"], status["synapse_id"], status.get("receptor", 0)


def _looks(status: dict[str, Any]) -> Looks:
    return frozenset((name, repr(value)) for name, value in status.items() if name != "port")


def _positions(group: Group, ids: list[int]) -> NDArray[np.int64]:
    """Position of each id in the group, -1 if it is not there."""
    given = np.array(ids, np.int64)
    at = np.minimum(np.searchsorted(group.ids, given), len(group.ids) - 1)
    return np.where(group.ids[at] == given, at, -1)
