"""`Recorder` and `EventRecorder`: behaviours that write down what they see, on any group of any simulator."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from fusion.core.behaviour import Behaviour
from fusion.core.code import assigned_names
from fusion.core.foreign import ForeignNeuronGroup
from fusion.core.parts import Part
from fusion.core.tags import Series
from fusion.errors import InvalidValue, UnknownVariable
from fusion.recording.buffers import EventBuffer, RowBuffer, TickBuffer
from fusion.recording.expression import Expression


class Rows(Series):
    """What one expression gave, row by row."""

    def __init__(self, buffer: RowBuffer) -> None:
        self.buffer = buffer

    def values(self) -> NDArray[Any]:
        """All rows (n, ...)."""
        return self.buffer.array()


class Events(Series):
    """Where one expression was true: both columns, times in ms, or indices."""

    def __init__(self, buffer: EventBuffer, column: str, recorder: EventRecorder) -> None:
        self.buffer, self.column, self._recorder = buffer, column, recorder

    def values(self) -> NDArray[Any]:
        """(n, 2) iteration and index; (n,) ms; or (n,) index."""
        events = self.buffer.array()
        if self.column == "t":
            return self._recorder.milliseconds(events[:, 0])
        return events[:, 1] if self.column == "i" else events


class Recording(Behaviour):
    """What the two recorders share: expressions, found by their text, with data that is cut and cleared."""

    last: int | None = None

    writes = ()

    has_rows: ClassVar[bool]
    """Whether each step gives a row; otherwise indices of what was true, none or many."""

    def __init__(self, *expressions: str, every: float | None = None, last: int | None = None, **options: Any) -> None:
        super().__init__(every=every, last=last, **options)
        if not expressions:
            raise InvalidValue(f"{type(self).__name__} needs an expression, such as {type(self).__name__}('voltage').")
        if last is not None and (isinstance(last, bool) or not isinstance(last, int) or last < 1):
            raise InvalidValue(f"last={last!r}: give a whole number, at least 1.", last=last)
        self.expressions = list({made.text: made for made in map(Expression, expressions)}.values())
        self._functions: list[Callable[[], Any]] = []

    def initialize(self, owner: Part) -> None:
        """Compile the expressions for the owner."""
        self._functions = [expression.bind(owner) for expression in self.expressions]
        self.reads = tuple(dict.fromkeys(name for expression in self.expressions for name in expression.names))  # type: ignore[misc]

    def verify(self, owner: Part) -> None:
        """`UnknownVariable` if an expression names what neither is there nor is assigned by any behaviour."""
        for expression in self.expressions:
            for name in expression.names:
                if not _is_readable(owner, name) and not _will_be_assigned(owner, name):
                    raise UnknownVariable("variable", name, owner.variable_names(), owner.tag)

    def milliseconds(self, ticks: NDArray[np.int64]) -> NDArray[np.float64]:
        """Ticks as times in ms."""
        assert self.owner is not None
        return self.owner.network.clock.ms(ticks)

    def cut(self, tick: int) -> None:
        """Drop what was recorded after `tick`."""
        raise NotImplementedError

    def clear(self) -> None:
        """Forget what was recorded."""
        for buffer in self._buffers():
            buffer.clear()

    def between(self, after: int, until: int) -> Iterator[tuple[str, NDArray[np.int64], list[NDArray[Any]]]]:
        """What was recorded at the ticks `after` < k <= `until`: of each expression ticks (n,) and values (n, ...).

        The values come in parts, which may be views of what is being recorded.
        """
        raise NotImplementedError

    def hold(self) -> None:
        """From now on keep what `last` would drop, until `trim`."""
        for buffer in self._buffers():
            buffer.hold()

    def trim(self) -> None:
        """Let go of what `last` does not ask for."""
        for buffer in self._buffers():
            buffer.trim()

    def _buffers(self) -> Iterable[RowBuffer | TickBuffer | EventBuffer]:
        raise NotImplementedError

    def _arguments(self) -> Iterable[str]:
        yield from (repr(expression.text) for expression in self.expressions)
        yield from (f"{name}={value!r}" for name, value in self.parameters.items() if value is not None)


class Recorder(Recording):
    """Writes down expressions, one row per step.

    ``net["voltage", 0]`` is then the array (rows, ...) of that expression, ``recorder.t`` (rows,) the times in ms.

    Parameters
    ----------
    *expressions : str
        Such as "voltage", "np.mean(voltage)" or "V_m[:10]": variables of the owner, NumPy functions, slices.
    every : float, ms
        One row every so many milliseconds; each iteration unless given.
    last : int
        Keep only so many rows.

    Raises
    ------
    ExpressionError
        If an expression uses a grammar or a function that is not allowed.
    """

    has_rows = True

    def __init__(self, *expressions: str, every: float | None = None, last: int | None = None, **options: Any) -> None:
        super().__init__(*expressions, every=every, last=last, **options)
        self._ticks = TickBuffer(last)
        self._rows = {expression.text: self._ticks.rows() for expression in self.expressions}
        self._pairs: list[tuple[Callable[[], Any], Callable[[Any], None]]] = []

    def initialize(self, owner: Part) -> None:
        """Compile the expressions for the owner."""
        super().initialize(owner)
        appends = (buffer.append for buffer in self._rows.values())
        self._pairs = list(zip(self._functions, appends, strict=True))

    def iteration(self, owner: Part) -> None:
        """Write a row."""
        for function, append in self._pairs:
            append(function())
        self._ticks.append(owner.network.iteration)

    @property
    def t(self) -> NDArray[np.float64]:
        """Times of the rows (rows,), ms: row of iteration k is the state at k * dt."""
        return self.milliseconds(self._ticks.array())

    def cut(self, tick: int) -> None:
        """Drop rows after `tick`."""
        n = self._ticks.count(tick)
        for buffer in self._buffers():
            buffer.keep(n)

    def between(self, after: int, until: int) -> Iterator[tuple[str, NDArray[np.int64], list[NDArray[Any]]]]:
        """Ticks and rows (n, ...)."""
        first, ticks = self._ticks.between(after, until)
        for text, buffer in self._rows.items():
            rows = buffer.between(first, first + len(ticks))
            # The first ones may be gone, or were before this expression came.
            yield text, ticks[len(ticks) - sum(map(len, rows)) :], rows

    def _buffers(self) -> list[RowBuffer | TickBuffer]:
        return [self._ticks, *self._rows.values()]

    def _recorded(self, expression: str) -> Iterator[Series]:
        if expression in self._rows:
            yield Rows(self._rows[expression])

    def _expressions(self) -> Iterable[str]:
        return self._rows


class EventRecorder(Recording):
    """Writes down where expressions are true: the iteration and the index.

    ``net["spike", 0]`` is then an array (events, 2), ``net["spike.t", 0]`` (events,) the times in ms, ``net["spike.i",
    0]`` (events,) the indices.

    Parameters
    ----------
    *expressions : str
        Masks, such as "spike" or "voltage > 0.5".
    last : int
        Keep only the events of so many iterations.

    Raises
    ------
    ExpressionError
        If an expression uses a grammar or a function that is not allowed.
    InvalidValue
        In the first step, if what an expression gives is not Boolean.
    """

    has_rows = False

    def __init__(self, *expressions: str, every: float | None = None, last: int | None = None, **options: Any) -> None:
        super().__init__(*expressions, every=every, last=last, **options)
        self._events = {expression.text: EventBuffer(last) for expression in self.expressions}
        self._pairs: list[tuple[Callable[[], NDArray[np.int64]], EventBuffer]] = []

    def initialize(self, owner: Part) -> None:
        """Compile the expressions for the owner."""
        super().initialize(owner)
        self._pairs = [
            (_events_of(owner, expression, function), buffer)
            for expression, function, buffer in zip(
                self.expressions, self._functions, self._events.values(), strict=True
            )
        ]

    def iteration(self, owner: Part) -> None:
        """Write the events of this iteration."""
        tick = owner.network.iteration
        for events, buffer in self._pairs:
            buffer.extend(tick, events())

    def steps_at_once(self) -> bool:
        """Spikes of a simulator come window by window; a subclass may do something else with each iteration."""
        is_all = self.every is None and all(expression.text == "spike" for expression in self.expressions)
        is_own = type(self).iteration is EventRecorder.iteration
        return is_all and is_own and isinstance(self.owner, ForeignNeuronGroup)

    def iterate_window(self, owner: ForeignNeuronGroup, first: int, last: int) -> None:
        """Write the spikes of a window."""
        net = owner.network
        for buffer in self._events.values():
            buffer.extend_window(last, *net.wiring.sight.fired_within(net.active, owner, first, last))

    def cut(self, tick: int) -> None:
        """Drop events after `tick`."""
        for buffer in self._events.values():
            buffer.cut(tick)

    def between(self, after: int, until: int) -> Iterator[tuple[str, NDArray[np.int64], list[NDArray[Any]]]]:
        """Ticks and indices (n,)."""
        for text, buffer in self._events.items():
            ticks, indices = buffer.between(after, until)
            yield text, ticks, [indices]

    def _buffers(self) -> Iterable[EventBuffer]:
        return self._events.values()

    def _recorded(self, expression: str) -> Iterator[Series]:
        text, _, column = expression.rpartition(".")
        if expression in self._events:
            yield Events(self._events[expression], "", self)
        elif text in self._events and column in ("t", "i"):
            yield Events(self._events[text], column, self)

    def _expressions(self) -> Sequence[str]:
        return [name for text in self._events for name in (text, f"{text}.t", f"{text}.i")]


def _events_of(owner: Part, expression: Expression, function: Callable[[], Any]) -> Callable[[], NDArray[np.int64]]:
    if expression.text == "spike":
        return lambda: owner.spikes  # type: ignore[attr-defined]  # no mask is made to be searched

    def events() -> NDArray[np.int64]:
        mask = np.asarray(function())
        if mask.dtype != bool:
            hint = "'spike'" if expression.text == "spikes" else f"a comparison, such as '{expression.text} > 0'"
            raise InvalidValue(
                f"EventRecorder({expression.text!r}) sees {mask.dtype}, and events are where something is true: write "
                f"{hint}."
            )
        return np.flatnonzero(mask)

    return events


def _is_readable(owner: Part, name: str) -> bool:
    # What every part has, such as its tag, is no data; a property of a kind of part, such as `spikes`, is.
    computed = isinstance(getattr(type(owner), name, None), property) and not hasattr(Part, name)
    return computed or name in owner.variable_names()


def _will_be_assigned(owner: Part, name: str) -> bool:
    """Whether some behaviour of the network assigns the name in one of its methods, or says that it writes it."""
    return any(name in (b.writes or ()) or name in assigned_names(type(b)) for b in owner.network["Behaviour"])
