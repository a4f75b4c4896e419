"""`Connections`: the synapse groups that arrive at a neuron group, or leave it, by tag."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from fusion.core.tags import Series, Tagged

if TYPE_CHECKING:
    from fusion.core.home import Home
    from fusion.core.synapses import SynapseGroup


class Connections(Tagged):
    """``neurons.afferent["GLUTAMATE"]``: the synapse groups with a tag; empty if others bear it but none of these."""

    def __init__(self, network: Home, text: str) -> None:
        super().__init__(None)
        self._network, self._text = network, text
        self._groups: list[SynapseGroup] = []
        self._all_seen = False

    def append(self, synapses: SynapseGroup) -> None:
        """Take a synapse group in."""
        self._groups.append(synapses)

    def remove(self, synapses: SynapseGroup) -> None:
        """Let a synapse group go; the network is told of the change by whoever asks for it."""
        self._groups.remove(synapses)

    def __iter__(self) -> Iterator[SynapseGroup]:  # type: ignore[override]
        return iter(self._all())

    def _all(self) -> list[SynapseGroup]:
        if not self._all_seen:
            self._warm(self._groups)
            self._all_seen = True
        return self._groups

    def __len__(self) -> int:
        return len(self._groups)

    def __repr__(self) -> str:
        return self._text

    def _walk(self, tag: str) -> Iterator[Tagged | Series]:
        return (group for group in self._groups if group.bears(tag))

    def _known(self) -> set[str]:
        return {tag for group in self._groups for tag in group.tags}

    def _exists(self, tag: str) -> bool:
        return any(group.bears(tag) for group in self._network.synapses)

    def _warm(self, found: list[Any]) -> None:
        self._network.keep_warm(self, found)

    def _forget(self) -> None:
        super()._forget()
        self._all_seen = False

    def __getitem__(self, key: Any) -> Any:
        if key.__class__ is str and key in self._found:
            return self._found[key].copy()  # no recordings hang here
        return list(self._all()) if key == slice(None) else super().__getitem__(key)
