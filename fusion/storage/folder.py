"""`Folder`: the folder of one run - claimed once, written so that it can be read at any instant."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from fusion.errors import CannotKeep, FolderTaken, FusionError, InvalidValue, NoRun

RUN, DATA, CERTIFICATES, ARRAYS, LOCK = "run.json", "data.h5", "coupling.jsonl", "kept", ".running"
DATE = "{date}"
STAMP = "%Y-%m-%dT%H-%M-%S"
NEW, RUNNING, KILLED = "new", "running", "killed"
"""What the status of a run can be, beside how it ended."""
LIST = re.compile(r"\[\n[^\[\]{}]{,200}\]")
FORM = 1
"""Of what is in the folder; another number if that changes."""


class Folder:
    """The folder of one run, as who keeps it writes it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: IO[str] | None = None

    @classmethod
    def claim(cls, path: str | PathLike[str]) -> Folder:
        """Make a folder that is this run's alone; ``{date}`` in its name is when.

        Raises
        ------
        InvalidValue
            If it is no path.
        FolderTaken
            If something is there.
        CannotKeep
            If it cannot be made.
        """
        name = checked_name(path, "keep")
        with _telling(name):
            dated = Path(name.replace(DATE, datetime.now().strftime(STAMP))).expanduser().absolute()
        wanted, n = dated, 1
        while True:
            try:
                return cls._claim(wanted)
            except FolderTaken:
                if DATE not in name:
                    raise
            n += 1
            wanted = dated.with_name(f"{dated.name}_{n}")

    @classmethod
    def _claim(cls, wanted: Path) -> Folder:
        with _telling(wanted):
            if wanted.is_file():
                raise FolderTaken(wanted, "a file")
            wanted.mkdir(parents=True, exist_ok=True)
            if any(wanted.iterdir()):
                raise FolderTaken(wanted, _what_is_in(wanted))
            try:
                # Of two that come at the same time one is first.
                (wanted / RUN).touch(exist_ok=False)
            except FileExistsError:
                raise FolderTaken(wanted, "another run") from None
        return cls(wanted)

    @contextmanager
    def removed_on_error(self) -> Iterator[None]:
        """What fails leaves no folder behind, so that it may be claimed again."""
        try:
            yield
        except BaseException:
            shutil.rmtree(self.path, ignore_errors=True)
            raise

    def write(self, facts: Mapping[str, Any]) -> None:
        """Replace what is told of the run."""
        text = json.dumps(facts, indent=1, ensure_ascii=False, allow_nan=False)
        # Short lists on one line; a line that ends is never within a string.
        text = LIST.sub(lambda found: re.sub(r"\n\s*", " ", found[0]).replace("[ ", "[").replace(" ]", "]"), text)
        self._replace(RUN, f"{text}\n".encode("utf-8", "backslashreplace"))

    def save(self, name: str, array: NDArray[Any]) -> str:
        """Write an array to a file of its own; the path within the folder."""
        with _telling(self.path):
            (self.path / ARRAYS).mkdir(exist_ok=True)
        buffer = BytesIO()
        np.save(buffer, array, allow_pickle=False)
        file = f"{ARRAYS}/{name}.npy"
        self._replace(file, buffer.getbuffer())
        return file

    def discard(self, file: str) -> None:
        """Delete an array."""
        (self.path / file).unlink(missing_ok=True)

    def certify(self, certificate: Mapping[str, Any]) -> None:
        """Add the certificate of a run to those that are there."""
        line = f"{json.dumps(certificate, ensure_ascii=False)}\n".encode("utf-8", "backslashreplace")
        with _telling(self.path), (self.path / CERTIFICATES).open("ab+") as file:
            size = file.seek(0, os.SEEK_END)
            if size:
                file.seek(-1, os.SEEK_END)
                # What was cut off, by a full disk for example, stays a line of its own.
                line = line if file.read(1) == b"\n" else b"\n" + line
            file.write(line)

    def lock(self) -> None:
        """Tell others that this process is running it, as long as it lives."""
        with _telling(self.path):
            self._lock = (self.path / LOCK).open("w")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def unlock(self) -> None:
        """It has ended, and what happened is written."""
        lock, self._lock = self._lock, None
        if lock is not None:
            (self.path / LOCK).unlink(missing_ok=True)
            lock.close()

    def _replace(self, name: str, content: bytes | memoryview) -> None:
        # Whoever looks finds the old file or the new one, and never a part of one.
        target = self.path / name
        new = target.with_name(f"{target.name}.new")
        with _telling(self.path):
            new.write_bytes(content)
            new.replace(target)


def checked_name(path: object, call: str) -> str:
    """The name of a folder; `InvalidValue` if it is no path."""
    if not isinstance(path, str | PathLike) or not (name := os.fsdecode(path)).strip():
        raise InvalidValue(f"{call}({path!r}): give a folder, such as {call}('runs/first').", path=path)
    return name


def located(path: str | PathLike[str]) -> Path:
    """The folder of a run that is read, wherever the process goes; `InvalidValue` if it is no path."""
    name = checked_name(path, "Run")
    with _telling(name, NoRun):
        return Path(name).expanduser().absolute()


def check_there(path: Path) -> None:
    """`NoRun` if there is no folder, or it cannot be looked into."""
    with _telling(path, NoRun):
        if not path.is_dir():
            raise NoRun(path, "it is no folder" if path.exists() else "there is no such folder")


def facts_in(path: Path) -> dict[str, Any]:
    """What is told of the run in a folder; `NoRun` if there is none."""
    check_there(path)
    with _telling(path, NoRun):
        return _facts_in(path)


def _facts_in(path: Path) -> dict[str, Any]:
    if not (path / RUN).exists():
        inside = [each.parent.name for each in path.glob(f"*/{RUN}")]
        hint = f", but its folder {max(inside)!r} has one" if inside else ""
        raise NoRun(path, f"it has no {RUN}{hint}")
    try:
        facts = json.loads((path / RUN).read_text(encoding="utf-8"))
        form = facts["fusion run"]
    except (ValueError, KeyError, TypeError) as error:
        raise NoRun(path, f"its {RUN} is of another kind") from error
    if form != FORM:
        raise NoRun(path, f"it was written by a later fusion (form {form}, this one reads {FORM})")
    if facts["status"] == RUNNING and not _is_locked(path / LOCK):
        # It may have ended between two looks.
        again: dict[str, Any] = json.loads((path / RUN).read_text(encoding="utf-8"))
        facts = again | {"status": KILLED} if again["status"] == RUNNING else again
    return dict(facts)


def certificates_in(path: Path) -> list[dict[str, Any]]:
    """The certificates of all runs that have ended, in their order; not one that was cut off while it was written."""
    check_there(path)
    file = path / CERTIFICATES
    certificates = []
    for line in file.read_bytes().split(b"\n") if file.exists() else []:
        with suppress(ValueError):
            certificates.append(json.loads(line))
    return certificates


def array_in(path: Path, file: str) -> Any:
    """An array; a number if it is one."""
    check_there(path)
    array = np.load(path / file, allow_pickle=False)
    return array if array.ndim else array.item()


@contextmanager
def _telling(path: object, kind: type[CannotKeep | NoRun] = CannotKeep) -> Iterator[None]:
    """What the disk refuses, or is no path for it, is told with the way out."""
    try:
        yield
    except FusionError:
        raise
    except (OSError, ValueError, RuntimeError) as error:
        raise kind(path, error) from error


def _is_locked(path: Path) -> bool:
    """Whether a process lives that has locked the file."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _what_is_in(path: Path) -> str:
    try:
        facts = facts_in(path)
    except NoRun:
        return "other files"
    return f"a run, begun {facts['begun']}, {facts['status']}"
