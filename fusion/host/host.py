"""`Host`: where the simulator of a group runs."""

from __future__ import annotations

import abc
from collections.abc import Callable
from dataclasses import dataclass

from fusion.adapter.base import Adapter
from fusion.errors import InvalidValue
from fusion.host.remote import RemoteAdapter
from fusion.host.worker import Worker


class Host(abc.ABC):
    """A place for simulators.

    Groups of one simulator that are given the same host object share one instance of it, one NEST kernel for example;
    another host object makes another instance.
    """

    @abc.abstractmethod
    def place(self, kind: type[Adapter]) -> Callable[[], Adapter]:
        """What makes an adapter of this kind here; equal for the same host and kind."""


@dataclass(frozen=True)
class InProcess(Host):
    """In the process of the script itself, with the user's own objects."""

    def place(self, kind: type[Adapter]) -> Callable[[], Adapter]:
        return kind


class Elsewhere(Host):
    """A place that is reached by messages; what runs there is described by recipes."""

    @abc.abstractmethod
    def launch(self, adapter: str) -> Worker:
        """Start a worker, or reach one, that serves an adapter, as `fusion.host.server.adapter_named` names it."""

    def place(self, kind: type[Adapter]) -> Callable[[], Adapter]:
        return _Placement(self, kind)


@dataclass(frozen=True)
class _Placement:
    """Makes adapters of one kind on one host."""

    host: Elsewhere
    kind: type[Adapter]

    def __call__(self) -> Adapter:
        return RemoteAdapter(self.kind, self.host.launch, repr(self.host))


def placed(kind: type[Adapter], host: object) -> Callable[[], Adapter]:
    """What makes an adapter of this kind on a host; `InvalidValue` if it is none."""
    if not isinstance(host, Host):
        raise InvalidValue(f"host={host!r}: give a place for the simulator, as fusion.host.Process().", host=host)
    return host.place(kind)
