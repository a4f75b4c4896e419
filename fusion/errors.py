"""Errors that say what was asked, what there is, and the way out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any


class FusionError(Exception):
    """Base of every error that fusion raises; the facts of the case are its attributes."""

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.__dict__.update(facts)


class UnknownName(FusionError, LookupError):
    """A name was asked for that nothing here bears."""

    def __init__(self, kind: str, name: str, known: Iterable[str], where: str = "") -> None:
        self.kind, self.name, self.known = kind, name, sorted(set(known))
        import difflib  # not needed to import fusion, which shall be quick

        close = difflib.get_close_matches(name, self.known, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        place = f" in {where}" if where else ""
        there = ", ".join(self.known[:40]) or "none"
        super().__init__(f"No {kind} is named {name!r}{place}.{hint} There are: {there}.")


class UnknownVariable(UnknownName, AttributeError):  # type: ignore[misc]  # AttributeError.name is wider
    """A variable was asked for that a group does not have."""


class UnknownKey(UnknownName, KeyError):
    """A mapping has nothing of that name."""

    def __str__(self) -> str:
        return str(self.args[0])  # where a KeyError would show it in quotes


class UnknownObject(FusionError, TypeError):
    """An object was given that no installed adapter serves."""


class SimulatorMissing(FusionError, ImportError):
    """A simulator is needed that is not installed."""

    def __init__(self, simulator: str, reason: str = "") -> None:
        detail = f" ({reason})" if reason else ""
        super().__init__(
            f"{simulator} is not installed{detail}. Install it with: pip install 'fusion-sim[{simulator}]'",
            simulator=simulator,
        )


class ShapeMismatch(FusionError, ValueError):
    """An array does not have the shape that its place asks for."""

    def __init__(self, what: str, shape: Sequence[int], wanted: str) -> None:
        super().__init__(f"{what} has shape {tuple(shape)}; {wanted}.", what=what, shape=tuple(shape))


class UnitMismatch(FusionError, ValueError):
    """A quantity has a unit that does not fit its place."""


class InvalidValue(FusionError, ValueError):
    """A value cannot mean anything here: NaN, a wrong type, out of range."""


class NoDisplay(FusionError, RuntimeError):
    """There is no screen to open a window on."""


class TooLittleData(FusionError, ValueError):
    """Less was recorded, or given, than an analysis needs to say anything."""

    def __init__(self, what: str, found: int, needed: int, unit: str) -> None:
        super().__init__(
            f"{what}: {found} {unit} are too few, at least {needed} are needed. Run the network for longer, or choose "
            "more of what was recorded.",
            found=found,
            needed=needed,
        )


class NotFinite(FusionError, ArithmeticError):
    """A variable has become infinite or NaN."""


class OffGrid(FusionError, ValueError):
    """A time is no whole number of ticks."""


class ClockMismatch(FusionError, ValueError):
    """A simulator's own time step is not the network's."""


class DelayTooShort(FusionError, ValueError):
    """A spike could not arrive in time over this link."""

    link: Any = None
    """The synapse group, where the error is found when the network is built."""


class WindowTooLarge(FusionError, ValueError):
    """The participants cannot run alone for as long as was asked."""


class BelongsElsewhere(FusionError, ValueError):
    """An object belongs to another network or group."""


class KernelInUse(FusionError, RuntimeError):
    """A simulator has one kernel per process, and another live network claims it."""


class Unsupported(FusionError, NotImplementedError):
    """A simulator cannot do what was asked of it."""


class ReadOnly(FusionError, AttributeError):
    """A variable cannot be written here, or not now."""


class ExpressionError(FusionError, ValueError):
    """A recorded expression uses a grammar or a function that is not allowed."""


class LateInput(FusionError, RuntimeError):
    """Input was handed to a simulator for a tick that it has already computed."""


class SimulatorFailed(FusionError, RuntimeError):
    """A simulator raised or refused something while it was built or running."""


class SimulatorLost(FusionError, ConnectionError):
    """A simulator that runs elsewhere cannot be reached any more: gone, stopped, or cut off."""

    def __init__(self, simulator: str, place: str, tick: int, reason: str, log: str = "") -> None:
        said = f" The last that it wrote:\n{log}" if log else ""
        super().__init__(
            f"{simulator} on {place} was lost after tick {tick}: {reason.rstrip('.')}. What was recorded so far is "
            f"kept; build the network again to go on.{said}",
            simulator=simulator,
            place=place,
            tick=tick,
            reason=reason,
            log=log,
        )


class WireError(FusionError, ValueError):
    """Bytes came from another process that are no message of fusion, or not one that can be taken."""


class RecipeFailed(FusionError, RuntimeError):
    """The function of a recipe raised, or returned nothing; the cause is chained."""


class FolderTaken(FusionError, FileExistsError):
    """A run cannot be kept where something else is."""

    def __init__(self, path: object, found: str) -> None:
        super().__init__(
            f"{str(path)!r} holds {found}. Nothing there was touched. Keep the run in a folder of its own, such as "
            f"keep({str(path) + '-{date}'!r}), where {{date}} becomes the time of now.",
            path=path,
            found=found,
        )


class CannotKeep(FusionError, OSError):
    """What was recorded cannot be written to disk; it is still in memory."""

    def __init__(self, path: object, error: Exception) -> None:
        reason = _reason(error)
        super().__init__(
            f"The run cannot be kept in {str(path)!r}: {reason}. What was recorded is still in memory; make room, or "
            "keep it in another folder, with keep(...) again.",
            path=path,
            reason=reason,
        )


class NoRun(FusionError, FileNotFoundError):
    """A folder was opened that holds no run."""

    def __init__(self, path: object, reason: str | Exception) -> None:
        reason = _reason(reason)
        super().__init__(
            f"{str(path)!r} holds no run: {reason}. net.keep('a/folder') before or after net.run(...) makes one.",
            path=path,
            reason=reason,
        )


def _reason(error: str | Exception) -> str:
    """Without the number of an error of the disk, and without a full stop."""
    return (isinstance(error, OSError) and error.strerror) or str(error).rstrip(".")


class NothingToRun(FusionError, RuntimeError):
    """A network was told to run before it holds anything that runs."""


class UndeclaredAccess(FusionError, RuntimeError):
    """A behaviour touched a foreign variable that it neither declared nor showed when it was traced."""


class NetworkBroken(FusionError, RuntimeError):
    """The network stopped in the middle of an iteration and cannot go on."""


class BehaviourFailed(FusionError, RuntimeError):
    """A behaviour raised in the middle of a run; the cause is chained."""

    def __init__(self, behaviour: object, group: str, iteration: int, cause: BaseException) -> None:
        reason = f"{type(cause).__name__} in iteration {iteration}: {str(cause).rstrip('.')}"
        super().__init__(
            f"{behaviour!r} of {group!r} raised {reason}. Everything recorded up to iteration {iteration - 1} is kept.",
            behaviour=behaviour,
            group=group,
            iteration=iteration,
        )


class BuildFailed(FusionError, ValueError):
    """The network cannot be built; every problem is listed with the line where it was declared."""

    def __init__(self, problems: Sequence[tuple[str, Exception]]) -> None:
        self.problems = list(problems)
        count = f"are {len(problems)} problems" if len(problems) > 1 else "is a problem"
        lines = "\n".join(f"  {where}: {type(error).__name__}: {error}" for where, error in problems)
        super().__init__(f"The network cannot be built, there {count}:\n{lines}")
