"""`Run`: a run that was kept, read from its folder, with no network and no simulator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.core.tags import Series, Tagged
from fusion.core.words import Table, counted
from fusion.coupling.certificate import Certificate
from fusion.errors import InvalidValue
from fusion.storage.folder import DATA, certificates_in, facts_in, located
from fusion.storage.reader import Column, Reader
from fusion.storage.values import Kept

_INNER = ("behaviours", "parts", "recordings")


class Stored(Tagged):
    """The network of a run, or a part or behaviour of it; what is below it is found by tag, as in the network.

    Attributes
    ----------
    about : dict
        What is known of it: the size of a group and its simulator, the ends of synapses, parameters of a behaviour.
    """

    about: Mapping[str, Any]

    def __init__(self, facts: Mapping[str, Any], reader: Reader, run: Run | None) -> None:
        super().__init__(None)
        self.tags = tuple(facts["tags"])
        self.about = {name: value for name, value in facts.items() if name not in _INNER}
        self._is, self._run, self._reader = facts["is"], run or self, reader
        self._columns = {text: Column(reader, **told) for text, told in facts.get("recordings", {}).items()}
        inner = [*facts.get("behaviours", ()), *facts.get("parts", ())]
        self._below = [Stored(each, reader, self._run) for each in inner]  # type: ignore[arg-type]  # it is the run

    @property
    def tag(self) -> str:
        """The first tag."""
        return self.tags[0] if self.tags else str(self._is[0])

    @property
    def t(self) -> NDArray[np.float64]:
        """Of a recorder: times of its rows (rows,), ms.

        Raises
        ------
        InvalidValue
            If it is no recorder with rows.
        """
        for column in self._columns.values():
            if column.has_rows:
                return column.t()
        raise InvalidValue(f"{self!r} has recorded no rows, which would have times.")

    def bears(self, tag: str) -> bool:
        """As of the object that was kept."""
        return tag in self.tags or tag in self._is

    def walk(self) -> Iterator[Stored]:
        """Itself and all below it."""
        yield self
        for each in self._below:
            yield from each.walk()

    def recordings(self) -> Iterator[tuple[str, Column]]:
        """What was recorded here, without what is below: expressions, and their data."""
        yield from self._columns.items()

    def _children(self) -> list[Stored]:
        return self._below

    def _recorded(self, expression: str) -> Iterator[Series]:
        text, _, name = expression.rpartition(".")
        if expression in self._columns:
            yield StoredSeries(self._columns[expression], "")
        elif text in self._columns and not self._columns[text].has_rows and name in ("t", "i"):
            yield StoredSeries(self._columns[text], name)

    def _expressions(self) -> Iterator[str]:
        for text, column in self._columns.items():
            yield from (text,) if column.has_rows else (text, f"{text}.t", f"{text}.i")

    def _known(self) -> set[str]:
        return super()._known() - {type(self).__name__} | {self._is[0]}

    def _exists(self, tag: str) -> bool:
        return self._run is not self and tag in self._run

    def __repr__(self) -> str:
        return f"<{self._is[0]} {self.tag!r} of {self._run!r}>"


class StoredSeries(Series):
    """A recording, or a column of one, read when it is asked for."""

    def __init__(self, column: Column, name: str) -> None:
        self._column, self._name = column, name

    def values(self) -> NDArray[Any]:
        """As of the network: rows (n, ...); events (n, 2), their times (n,) in ms, or their indices (n,)."""
        if self._column.has_rows or self._name == "i":
            return self._column.values()
        return self._column.t() if self._name == "t" else self._column.events()


class Run(Stored):
    """A run that `Network.keep` has kept: ``run["voltage", 0]`` and all other tags are those of the network.

    Arrays are read when they are asked for. Of a run that goes on, or was killed, they end with the last iteration that
    was written, all with the same one; open it anew to see how far it is.

    Parameters
    ----------
    folder : path

    Attributes
    ----------
    status : str
        "new" (nothing has run), "running", "complete", "interrupted" by Ctrl-C, "failed: ..." with the error, or
        "killed": its process ended without a word.
    about : dict
        The script with its arguments and git commit, seed, dt_ms, versions, begun and ended.
    kept : mapping
        Results of the script's own, ``net.kept``.

    Raises
    ------
    NoRun
        If the folder holds none, or, when something is read, is gone.
    InvalidValue
        If it is no path.
    """

    def __init__(self, folder: str | PathLike[str]) -> None:
        self.path = located(folder)
        facts = facts_in(self.path)
        reader = Reader(self.path / DATA, facts["dt_ms"])
        super().__init__(facts["network"], reader, None)
        # `iterations` is of the last run that ended; the file of the recordings knows better.
        inner = ("network", "kept", "arrays", "fusion run", "iterations")
        self.about = {name: value for name, value in facts.items() if name not in inner}
        self.status: str = facts["status"]
        self.kept = Kept(self.path, facts["kept"], facts["arrays"])

    @property
    def iterations(self) -> int:
        """The iteration up to which everything was kept."""
        return self._reader.reached()

    @property
    def certificates(self) -> list[Certificate]:
        """The certificates of all runs that have ended, in their order; each is of all runs up to it."""
        return [Certificate.from_dict(each) for each in certificates_in(self.path)]

    @property
    def coupling(self) -> Certificate:
        """The last certificate, as ``net.coupling`` gave it; `InvalidValue` if no run has ended."""
        certificates = self.certificates
        if not certificates:
            raise InvalidValue(
                f"{self!r} is {self.status} and has no certificate; certificates are written when a run ends. What was "
                "recorded is there all the same."
            )
        return certificates[-1]

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r})"

    def __str__(self) -> str:
        about = self.about
        head = f"{self.path}: {self.status}, {counted(self.iterations, 'iteration')} of {about['dt_ms']:g} ms, seed "
        when = f"begun {about['begun']}" + (f", ended {about['ended']}" if about["ended"] else "")
        lines = [f"{head}{about['seed']}.", f"{about['script'] or 'No script'}, {when}."]
        rows = [
            (text, part.tag, column.unit or "", str(column.shape))
            for part in self.walk()
            for each in part._below
            for text, column in each.recordings()
        ]
        table = Table(("recorded", "of", "unit", "shape"), rows).lines() if rows else ["Nothing was recorded."]
        kept = [f"Kept: {', '.join(self.kept)}."] if self.kept else []
        return "\n".join([*lines, *kept, "", *table])
