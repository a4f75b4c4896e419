"""Links that sum nothing: who fired crosses, and the receiver - which holds the weights, or copies - does the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.core import weights as weighing
from fusion.core.projection import Projection, is_ascending
from fusion.core.synapses import SynapseGroup
from fusion.coupling.link import Axons, FromSynapses, Link
from fusion.coupling.outlet import Outlet
from fusion.coupling.relay import Relay
from fusion.coupling.served import Fired
from fusion.errors import InvalidValue

STANDS_STILL = (
    "The weights of a link into this simulator stand still during a run, unless its SynapseGroup has a behaviour: "
    'attach what changes them there, or declare writes = ("tag.W",) in its class.'
)


class AxonLink(Link):
    """Takes the spikes of a group to its stand-in inside a simulator."""

    kind = "spikes"
    synapses: Axons
    lane: Relay

    def __init__(self, axons: Axons, outlet: Outlet, relay: Relay) -> None:
        self.synapses, self.outlet = axons, outlet
        self.inbox = self.lane = relay

    def collect(self, tick: int) -> None:
        """Take what the source sent at `tick` on its way."""
        fired = self.outlet.spikes(tick)
        if len(fired):
            self.sent += len(fired)
            self.lane.add(tick + self.synapses.min_delay, fired)


class CarriedLink(FromSynapses):
    """A link whose weights the receiver holds: only the spikes of the source cross.

    Its weights stand still during a run; between two runs they may be changed. As soon as the synapse group is
    plastic it is a `SynapseLink` instead.
    """

    kind = "spikes"
    lane: Relay

    def __init__(self, synapses: SynapseGroup, outlet: Outlet, relay: Relay) -> None:
        super().__init__(synapses, outlet)
        self.inbox = self.lane = relay
        self.projection = self.flat()
        """What the receiver holds."""
        # Synapses of weight zero, which it does not hold, may have shorter delays.
        self._shortest = self.projection.shortest if len(self.projection) else synapses.min_delay
        self._held: list[NDArray[Any]] = []
        self._matrix: Any = None

    def flat(self) -> Projection:
        """The synapses as they are now, without those of weight zero."""
        synapses = self.synapses
        self._checked_weights()
        ticks = np.broadcast_to(np.asarray(synapses.delay_ticks).ravel(order="F"), np.shape(synapses.weights))
        there = synapses.weights.nonzero()[0]
        pre, post = synapses.pre[there], self._placed(synapses.post[there])
        if not is_ascending(pre, post):
            # A part of a group may hold its neurons in any order, and so may a matrix that the user made.
            order = np.lexsort((post, pre))
            pre, post, there = pre[order], post[order], there[order]
        return Projection(pre, post, synapses.weights[there], ticks[there], synapses.source.size)

    def collect(self, tick: int) -> None:
        """Take the spikes of the source on their way."""
        self._check_still()
        sources = self._fired(tick)
        if len(sources):
            self.sent += len(sources)
            self.lane.add(tick + self._shortest, sources)

    def collect_window(self, first: int, last: int, fired: Fired) -> None:
        """As `collect` for each tick of a window of the source, all at once."""
        if self._sources is not None:
            super().collect_window(first, last, fired)
        elif len(fired.indices):
            self._check_still()
            self.sent += len(fired.indices)
            self.lane.add_window(fired.ticks + self._shortest, fired.indices)

    def hold(self) -> None:
        """Let nobody write the weights until `release`."""
        self._matrix = self.synapses.W
        array = self._matrix.data if weighing.is_sparse(self._matrix) else self._matrix
        if array.flags.writeable:
            array.flags.writeable = False
            self._held.append(array)

    def _check_still(self) -> None:
        if self.synapses.W is not self._matrix:
            raise InvalidValue(f"W of {self.synapses.tag!r} was replaced in the middle of a run. {STANDS_STILL}")

    def release(self) -> None:
        """Let weights be written again."""
        for array in self._held:
            array.flags.writeable = True
        self._held.clear()
