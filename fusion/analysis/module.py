"""`AnalysisModule`: an algorithm that hangs on an object of the network and keeps what it found."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from fusion.core.attached import Attached
from fusion.errors import BelongsElsewhere, InvalidValue, UnknownName

Progress = Callable[[Iterable[Any]], Iterable[Any]]
"""What a long loop is passed through, so that a bar may show how far it is; `iter` shows none."""

DELAY = 1.0  # seconds before the bar shows
LONGEST_NAME = 80  # characters


class AnalysisModule(Attached):
    """An algorithm, attached to a network, a neuron group of any simulator or a synapse group; it takes no step.

    ``isi = cells.attach(ISI(start=100.0))``, then ``isi.run()`` or ``net["ISI", 0].run(stop=500.0)`` as often as wanted
    between runs of the network; ``net["ISI", 0].result`` is what it found last.

    A subclass writes ``execute(self, owner, *, ...)``: its keyword arguments are those of `run`, and it gives back the
    result. Long loops go through `steps`, which shows how far they are.

    Parameters
    ----------
    tag : str
        Tags, separated by commas; the name of the class is one anyway.
    **arguments
        What `run` uses unless told otherwise.

    Raises
    ------
    UnknownName
        If an argument is none of `execute`.

    Attributes
    ----------
    results : {name: result}
        What was found, the last at the end; may be changed at will.
    """

    def __init__(self, *, tag: str | None = None, **arguments: Any) -> None:
        super().__init__(tag)
        self.results: dict[str, Any] = {}
        self.arguments = self._checked(arguments)
        self._shows: bool | None = None

    def execute(self, owner: Any, *args: Any, **kwargs: Any) -> Any:
        """The algorithm; `owner` is what the module is attached to."""
        raise NotImplementedError

    def run(self, *, name: str | None = None, progress: bool | None = None, **arguments: Any) -> Any:
        """Execute, and store the result under a name.

        Parameters
        ----------
        name : str
            The arguments as they are written, such as "start=100.0, stop=None", or "defaults", unless given. A result
            of the same name is replaced.
        progress : bool
            Whether to show a progress bar; by default on a terminal, when a loop takes more than a second.
        **arguments
            Those of `execute`.

        Raises
        ------
        UnknownName
            If an argument is none of `execute`, or what is needed was not recorded.
        BelongsElsewhere
            If the module is not attached to anything.
        TooLittleData
            If what was recorded is too little for the algorithm.
        """
        from threadpoolctl import threadpool_limits

        if self.owner is None:
            raise BelongsElsewhere(f"{self!r} is not attached: write group.attach({type(self).__name__}()).")
        given = self._checked(arguments)
        key = _name(given) if name is None else name
        self._shows = progress
        # As in runs of the network: on a busy machine the threads of BLAS wait for one another.
        with threadpool_limits(limits=1, user_api="blas"):
            result = self.execute(self.owner, **(self.arguments | given))
        self.results.pop(key, None)
        self.results[key] = result
        return result

    @property
    def result(self) -> Any:
        """What was found last; `InvalidValue` if nothing was."""
        if not self.results:
            raise InvalidValue(f"{self!r} has no result yet: call run() first.")
        return next(reversed(self.results.values()))

    def steps(self, items: Iterable[Any]) -> Iterable[Any]:
        """The items of a loop, with a progress bar where it takes long."""
        from tqdm.auto import tqdm

        disable = None if self._shows is None else not self._shows
        delay = 0.0 if self._shows else DELAY
        return tqdm(items, desc=type(self).__name__, leave=False, delay=delay, disable=disable)  # type: ignore[no-any-return]

    def _checked(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        parameters = inspect.signature(self.execute).parameters.values()
        known = [each.name for each in parameters if each.kind is inspect.Parameter.KEYWORD_ONLY]
        for name in arguments:
            if name not in known:
                raise UnknownName("argument", name, known, type(self).__name__)
        return dict(arguments)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.arguments.items())})"


def _name(arguments: Mapping[str, Any]) -> str:
    text = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
    if len(text) > LONGEST_NAME:
        raise InvalidValue(f"{', '.join(arguments)}: too long for the name of a result; give one with name=.")
    return text or "defaults"
