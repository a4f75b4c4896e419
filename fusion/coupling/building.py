"""`build`: what must be done, and be right, before a network can run."""

from __future__ import annotations

from fusion.core.lineup import Lineup
from fusion.coupling.wiring import Wiring
from fusion.errors import BuildFailed, DelayTooShort, NothingToRun, WindowTooLarge


def build(wiring: Wiring, lineup: Lineup, network: str) -> None:
    """Connect participants and initialize behaviours, those that are new; then make the schedule of all.

    network : what to call it in a problem, with the line where it was made

    Raises as `Network.build`.
    """
    if not wiring.participants and not any(behaviour.steps() for behaviour in lineup):
        raise NothingToRun("Nothing in this network takes a step: attach a behaviour, or add a simulator's group.")
    problems: list[tuple[str, Exception]] = []
    wiring.connect(problems)
    lineup.start()
    lineup.verify(problems)
    wiring.verify(problems)
    if not problems:
        try:
            wiring.schedule(lineup.ordered())
            wiring.foresee(lineup.ordered())
        except DelayTooShort as error:
            problems.append((f"{error.link.location}: {error.link!r}", error))
        except WindowTooLarge as error:
            problems.append((network, error))
    if problems:
        raise BuildFailed(problems)
