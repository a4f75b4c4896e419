"""Where the user declared something, for errors that are found later."""

from __future__ import annotations

import sys
from types import FrameType
from typing import NamedTuple


class Location(NamedTuple):
    """A line of the user's script."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def caller() -> FrameType:
    """The innermost frame that is not fusion's own."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "fusion":
        frame = frame.f_back
    return frame


def here() -> Location:
    """The line outside fusion that is being executed."""
    frame = caller()
    return Location(frame.f_code.co_filename, frame.f_lineno)
