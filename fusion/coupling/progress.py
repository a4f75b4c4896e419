"""`Progress`: a bar on long runs, and nothing on short ones or where nobody looks."""

from __future__ import annotations

from time import perf_counter
from types import TracebackType
from typing import Any, Self

DELAY = 1.0  # seconds before the bar shows
INTERVAL = 0.1  # seconds between two updates


class Progress:
    """A progress bar over `n` iterations of `dt` ms; `show` None means on a terminal and after a second only."""

    def __init__(self, n: int, dt: float, show: bool | None) -> None:
        self._n, self._dt, self._show = n, dt, show
        self._bar: Any = None
        self._start = perf_counter()
        self._next = 0 if show is not False else n + 1
        self._reached = 0
        self._delay = 0.0 if show else DELAY

    def reach(self, iteration: int) -> None:
        """Told after each iteration; looks at the clock only now and then."""
        self._reached = iteration
        if iteration < self._next:
            return
        elapsed = perf_counter() - self._start
        # The next look at the clock, by the pace so far; the first iterations may be far quicker than the others.
        self._next = iteration + max(1, min(iteration, int(iteration / max(elapsed, 1e-9) * INTERVAL)))
        if self._bar is None and elapsed >= self._delay:
            self._open()
        if self._bar is not None:
            self._bar.update(iteration * self._dt - self._bar.n)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            if kind is None:
                self._bar.update(self._reached * self._dt - self._bar.n)
            self._bar.close()

    def _open(self) -> None:
        from tqdm.auto import tqdm

        form = "{percentage:3.0f}%|{bar}| {n:.0f}/{total:.0f} ms [{elapsed}<{remaining}]"
        disable = None if self._show is None else not self._show
        self._bar = tqdm(total=self._n * self._dt, disable=disable, bar_format=form)
