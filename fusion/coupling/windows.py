"""`Windows`: participants advance by windows, and behaviours replay the ticks over what was buffered."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from typing import Protocol, TypeAlias

from fusion.core.behaviour import Behaviour
from fusion.core.parts import Part
from fusion.coupling.access import AccessLog
from fusion.coupling.link import HeldLink, Link
from fusion.coupling.participant import ForeignParticipant
from fusion.coupling.reason import Reason
from fusion.coupling.schedule import Input, Schedule
from fusion.coupling.sight import WindowSight
from fusion.coupling.stages import is_parallel, labels, waiting_last
from fusion.errors import InvalidValue


class Ticking(Protocol):
    """What a window moves on in a network."""

    iteration: int
    active: Behaviour | None
    access: AccessLog

    def ordered_behaviours(self) -> Sequence[Behaviour]: ...
    def structure_changed(self) -> None: ...


class ForeignBlock:
    """A simulator, and the links that carry what it fired; nobody but it may change their weights."""

    def __init__(self, participant: ForeignParticipant, links: Sequence[Link], held: Sequence[HeldLink]) -> None:
        self.participant, self._links, self._held = participant, links, held
        self.reached = participant.reached
        """The tick up to which it has computed, and its links have been collected."""
        self.label = participant.label
        self.in_background = participant.in_background

    def begin(self, reached: int) -> None:
        """Look at variables anew: between runs anybody may have written them."""
        self.reached = reached
        self.participant.refresh()
        for held in self._held:
            held.begin(reached)

    def launch(self, network: Ticking, last: int) -> None:
        """Begin to compute all ticks up to `last`; `run` waits for it."""
        self._get_ready(network, last)
        self.participant.launch(last)

    def run(self, network: Ticking, last: int) -> None:
        """Compute all ticks up to `last`, or those for which it was launched."""
        participant = self.participant
        first = participant.reached + 1
        if participant.computing is None:
            self._get_ready(network, last)
        else:
            last = participant.computing
        participant.advance(last)
        for link in self._links:
            link.collect_window(first, last, participant.window(link.outlet.group))
        self.reached = last

    def _get_ready(self, network: Ticking, last: int) -> None:
        participant = self.participant
        network.iteration = participant.reached + 1
        if participant.written_at == participant.reached:
            participant.refresh()
        for held in self._held:
            held.predict(last)


class NativeBlock:
    """Behaviours that see one another, tick by tick in the order of their keys.

    Parameters
    ----------
    belongs : whether a part is one of those whose behaviours these are
    """

    label = "native"
    in_background = False

    def __init__(
        self, behaviours: Sequence[Behaviour], links: Sequence[Link], inputs: Sequence[Input],
        held: Sequence[HeldLink], belongs: Callable[[Part], bool],
    ) -> None:  # fmt: skip
        self._links, self._inputs, self._held, self._belongs = links, inputs, held, belongs
        self._take(behaviours)
        self.reached = 0

    def _take(self, behaviours: Sequence[Behaviour]) -> None:
        self._schedule = Schedule(behaviours, (), self._links, self._inputs)
        stepping = (behaviour for *_, behaviour in self._schedule.steps)
        self._at_once = not (self._links or self._inputs) and all(each.steps_at_once() for each in stepping)

    def begin(self, reached: int) -> None:
        """Go on after tick `reached`."""
        self.reached = reached
        for held in self._held:
            held.begin(reached)

    def run(self, network: Ticking, last: int) -> None:
        """Replay all ticks up to `last`."""
        for link in self._held:
            link.predict(last)
        if self._at_once:
            self._run_at_once(network, last)
        for tick in range(self.reached + 1, last + 1):
            network.iteration = tick
            self._schedule.iterate(network, tick)
            self.reached = tick
            if network.access.tracing:
                # A behaviour was attached, detached, enabled or disabled: that counts from the next tick on.
                mine = [one for one in network.ordered_behaviours() if one.owner and self._belongs(one.owner)]
                self._take(mine)

    def _run_at_once(self, network: Ticking, last: int) -> None:
        first = network.iteration = self.reached + 1
        for _, owner, behaviour in self._schedule.steps:
            network.active = behaviour
            behaviour.iterate_window(owner, first, last)
        network.active = None
        self.reached = last


Block: TypeAlias = ForeignBlock | NativeBlock
Turn: TypeAlias = Callable[[Ticking, int], None]


class Windows:
    """The order of the blocks, the length of the windows, and what behaviours see in them.

    Parameters
    ----------
    window : ticks; the longest that is exact
    stages : the blocks, first to last, those together that can compute at the same time
    stops : ticks
        A window ends at each multiple of these, so that behaviours with ``every=`` find simulators at their tick.
    untraced : ticks
        At the multiples of these behaviours step of which nobody knows yet what they touch.
    reason : why they are no longer
    """

    def __init__(
        self, window: int, stages: Sequence[Sequence[Block]], stops: Collection[int], untraced: Collection[int],
        sight: WindowSight, reason: Reason,
    ) -> None:  # fmt: skip
        self.window = window
        self._blocks = tuple(block for stage in stages for block in stage)
        self._turns = tuple(turn for stage in stages for turn in _turns(stage))
        self.side_by_side = labels(stages)
        """Names of those that compute at the same time."""
        self._stops, self._untraced = stops, untraced
        self.sight, self.reason = sight, reason
        self._is_split = sum(isinstance(block, NativeBlock) for block in self._blocks) > 1
        self.longest = min([self.window, *stops])
        self.is_open = False
        """Whether a window is being computed."""

    def begin(self, reached: int) -> None:
        """A run begins, or goes on after iterations in lockstep."""
        for block in self._blocks:
            block.begin(reached)

    def may_run(self, tick: int) -> bool:
        """Whether tick `tick` can be part of a window."""
        return not any(tick % ticks == 0 for ticks in self._untraced)

    def end(self, tick: int, last: int) -> int:
        """Where the window that begins with `tick` ends, `last` at the latest."""
        ends = [last, tick + self.window - 1]
        ends += [-(-tick // ticks) * ticks for ticks in self._stops]
        ends += [-(-tick // ticks) * ticks - 1 for ticks in self._untraced]
        return min(ends)

    def advance(self, network: Ticking, last: int) -> None:
        """One window, up to and including `last`."""
        self.is_open = True
        for block, turn in self._turns:
            try:
                self._take(turn, network, last)
            except BaseException as error:
                self._complete(network, block, isinstance(error, Exception))
                self.is_open = False
                raise
        network.iteration = last
        self.is_open = False

    def _take(self, turn: Turn, network: Ticking, last: int) -> None:
        if self._is_split:
            # What one block has found by tag shall be looked for, and so be noticed, in the next one.
            network.structure_changed()
        turn(network, last)

    def _complete(self, network: Ticking, failed: Block, is_sane: bool) -> None:
        """After a failure: let the others reach the same tick, so that as much as possible is complete everywhere."""
        active = network.active
        if is_sane:
            with suppress(Exception):  # the first failure is the one to tell of
                for block in self._blocks:
                    if block is not failed and block.reached < failed.reached:
                        self._take(block.run, network, failed.reached)
        network.iteration = min(block.reached for block in self._blocks) + 1
        network.active = active


def _turns(stage: Sequence[Block]) -> Iterator[tuple[Block, Turn]]:
    """What to call in a stage, in this order."""
    if is_parallel(stage):
        for block in stage:
            if isinstance(block, ForeignBlock) and block.in_background:
                yield block, block.launch
        stage = waiting_last(stage)
    for block in stage:
        yield block, block.run


def checked_window(window: int | None, pausable: bool) -> int | None:
    """What the user asked for, ticks: None is as long as possible, and one that is `pausable` runs in lockstep."""
    if window is not None and (isinstance(window, bool) or not isinstance(window, int) or window < 1):
        raise InvalidValue(f"window={window!r}: give a whole number of iterations, at least 1.", window=window)
    if pausable and window not in (None, 1):
        raise InvalidValue(f"window={window!r}: a network that is pausable runs in lockstep.", window=window)
    return 1 if pausable else window
