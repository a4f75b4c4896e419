"""`Monitor`: the process that stands beside a container of Podman, which has no daemon."""

from __future__ import annotations

import contextlib
import os
import select
import weakref
from collections.abc import Mapping
from typing import Any


class Monitor:
    """Whether ``conmon`` is there, by a handle that no other process can come to bear.

    state : of a container, as ``inspect`` tells it; Docker's names no monitor, and then none is ever missed
    """

    def __init__(self, state: Mapping[str, Any]) -> None:
        self._poll = select.poll()
        with contextlib.suppress(KeyError, ProcessLookupError):
            handle = os.pidfd_open(state["ConmonPid"])
            self._poll.register(handle, select.POLLIN)
            weakref.finalize(self, os.close, handle)

    @property
    def is_gone(self) -> bool:
        """Whether it has ended, even if nobody has taken note of that."""
        return bool(self._poll.poll(0))
