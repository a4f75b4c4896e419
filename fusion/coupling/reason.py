"""`Reason`: why windows are no longer, in words, and what would make them longer."""

from __future__ import annotations

from dataclasses import dataclass

from fusion.core.behaviour import Behaviour
from fusion.core.synapses import SynapseGroup
from fusion.core.words import counted
from fusion.coupling.lookahead import Need


@dataclass(frozen=True)
class Reason:
    """What keeps windows short.

    why : goes on a sentence
    way_out : what would help, a sentence; "" if nothing would
    """

    why: str
    way_out: str = ""


UNKNOWN = Reason("nothing has run yet")
NO_SIMULATOR = Reason("no simulator takes part")
ASKED = Reason("Network(window=1) or Network(pausable=True) asks for it", "Give no window=.")


def of_need(limit: Need | None, dt: float) -> Reason:
    """Why what somebody needs of another allows no longer windows."""
    if limit is None:
        return Reason("participants wait for one another within an iteration")
    if isinstance(limit.cause, Behaviour):
        return Reason(
            f"{named(limit.cause)} looks at a simulator whose step it comes before",
            "Give it a key after that of the simulator's groups, which is 0 unless they have at=.",
        )
    synapses = limit.cause.synapses
    notice = f", of which its receiver needs {limit.notice * dt:g} ms as notice" if limit.notice else ""
    can_be_held = isinstance(synapses, SynapseGroup) and (synapses.filter or synapses.signal) is not None
    held = ' It carries samples: coupling="linear" lets it wait for nobody, at the price of exactness.'
    return Reason(
        f"the link {synapses.tag!r} allows windows of at most {counted(limit.slack, 'iteration')} "
        f"(its delay is {limit.delay * dt:g} ms{notice})",
        f"Give it a longer delay.{held if can_be_held else ''}",
    )


def of_stop(behaviour: Behaviour, ticks: int) -> Reason:
    """Why windows end where a behaviour meets a simulator."""
    return Reason(
        f"{named(behaviour)} steps every {counted(ticks, 'iteration')} and meets a simulator there",
        "Give it a longer every=.",
    )


def named(behaviour: Behaviour) -> str:
    """A behaviour and what it is attached to."""
    return f"{behaviour!r} of {behaviour.owner.tag!r}" if behaviour.owner is not None else repr(behaviour)
