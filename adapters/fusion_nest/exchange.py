"""`Exchange`: how spikes and samples cross between the network and NEST, on one tier."""

from __future__ import annotations

import abc
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.adapter.base import Index
from fusion.adapter.capabilities import Capabilities
from fusion.adapter.tiers import Tier
from fusion.core.batch import Samples, Spikes
from fusion.core.projection import Projection
from fusion.errors import InvalidValue
from fusion_nest.groups import SPIKES, Group
from fusion_nest.kernel import Kernel, State


class Exchange(abc.ABC):
    """What differs between the tiers of the adapter; ports are known by their numbers.

    Attributes
    ----------
    now : int, the tick reached
    """

    capabilities: Capabilities

    def __init__(self, kernel: Kernel, tier: Tier) -> None:
        self.kernel, self.tier = kernel, tier
        self.now = 0

    # --- building --------------------------------------------------------------------------------------------------

    def take_in(self, group: Group) -> None:  # noqa: B027 - some have nothing to do
        """Get to know a group."""

    @abc.abstractmethod
    def spikes_out(self, id: int, group: Group) -> None:
        """Open a port for the spikes of a group."""

    @abc.abstractmethod
    def spikes_in(self, id: int, group: Group, name: str) -> None:
        """Open a port for sums of weights."""

    @abc.abstractmethod
    def samples_in(self, id: int, group: Group, name: str) -> None:
        """Open a port for samples."""

    @abc.abstractmethod
    def samples_out(self, id: int, group: Group, name: str, index: Index, size: int) -> None:
        """Subscribe to a variable; begins with the next tick."""

    @abc.abstractmethod
    def unsubscribe(self, id: int) -> None:
        """Sample a variable no more."""

    @abc.abstractmethod
    def carry(self, id: int, group: Group, name: str, projection: Projection) -> None:
        """Take the synapses of a link in; `Unsupported` if NEST refuses them."""

    @abc.abstractmethod
    def reweigh(self, id: int, weights: NDArray[np.float64]) -> None:
        """Give a carried link other weights."""

    def stand_in(self, id: int, parrots: Any, group: Group) -> None:
        """Open a port that makes parrots fire."""
        self.carry(id, group, SPIKES, Projection.identity(len(group.ids)))

    # --- running ---------------------------------------------------------------------------------------------------

    def is_rewired(self) -> bool:
        """Whether synapses may have been made or removed since the last run."""
        return True

    def settle(self, state: State, adopts: bool) -> State:
        """Get ready for a run; the kernel as it is afterwards.

        adopts : whether somebody may set the weights of NEST's own synapses at any step
        """
        return state

    @abc.abstractmethod
    def prepare(self, state: State, origin: int) -> None:
        """Start a run; `origin` is the kernel's step at tick 0."""

    def shift(self, steps: int) -> None:  # noqa: B027 - some have nothing to do
        """NEST ran by itself for some steps."""

    @abc.abstractmethod
    def advance(self, until: int) -> None:
        """Compute up to tick `until`; `now` tells how far it came, also after an error."""

    @abc.abstractmethod
    def push(self, id: int, batch: Spikes | Samples) -> None:
        """Hand in rows."""

    @abc.abstractmethod
    def pull(self, id: int) -> Spikes | Samples:
        """What has left a port since the last pull."""

    def seconds_in(self, id: int) -> float | None:
        """Time spent on sampling a variable; None where it is not worth telling."""
        return None

    def read(self, group: Group, name: str, index: Index) -> NDArray[Any]:
        """Values of a variable."""
        self.kernel.check()
        return group.read(name, index)

    def wrote(self) -> None:  # noqa: B027 - some have nothing to do
        """Somebody else has set variables."""

    @abc.abstractmethod
    def cleanup(self, state: State) -> None:
        """End a run."""

    def abandon(self) -> None:
        """End a run of a kernel that is gone."""
        self.kernel.cleanup(prepared=False)

    def close(self) -> None:  # noqa: B027 - some have nothing to do
        """Give up what is not the kernel's."""


def check_sign(group: Group, name: str, values: NDArray[np.float64]) -> None:
    """`InvalidValue` if a weight is negative and the input is a conductance with a receptor of its own."""
    if group.needs_positive(name) and np.any(values < 0):
        raise InvalidValue(
            f"{group.name}.{name}: a weight is {values.min():g}, and this input is a conductance that takes no "
            "negative weights. Use the receptor of the inhibitory conductance, with a positive weight."
        )
