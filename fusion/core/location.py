"""Where the user declared something, for errors that are found later."""

from __future__ import annotations

import sys
from types import FrameType
from typing import NamedTuple

ADAPTERS = frozenset({"fusion_brian2", "fusion_nest", "fusion_pymonnto", "fusion_tensorflow"})


class Location(NamedTuple):
    """A line of the user's script."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def caller() -> FrameType:
    """The innermost frame that is not fusion's own."""
    frame = sys._getframe(1)
    while frame.f_back is not None and _is_own(frame.f_globals.get("__name__", "")):
        frame = frame.f_back
    return frame


def _is_own(module: str) -> bool:
    package = module.partition(".")[0]
    return package == "fusion" or package in ADAPTERS


def here() -> Location:
    """The line outside fusion that is being executed."""
    frame = caller()
    return Location(frame.f_code.co_filename, frame.f_lineno)
