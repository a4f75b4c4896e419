"""`Watch`: recordings that are there only as long as somebody looks at them."""

from __future__ import annotations

from itertools import count

from fusion.core.behaviour import Behaviour
from fusion.core.parts import Part
from fusion.recording.recorder import Recording

FIRST_KEY = 1_000_000  # after the behaviours of the user, so that rows hold the end of an iteration


def is_watching(behaviour: Behaviour) -> bool:
    """Whether a behaviour is a recording of the window's own."""
    return behaviour.key >= FIRST_KEY and isinstance(behaviour, Recording)


class Watch:
    """Recordings of one tab: attached to their parts while it is open, gone when it is not."""

    def __init__(self) -> None:
        self.is_open = False
        self.since = 0
        """The iteration after which recordings begin."""
        self._recordings: list[tuple[Part, Recording]] = []

    def add(self, part: Part, recording: Recording) -> None:
        """Take in a recording; raises what `Part.add_behaviour` does."""
        if self.is_open:
            self._attach(part, recording)
        self._recordings.append((part, recording))

    def open(self) -> None:
        """Attach all; each begins with nothing, for what came before has a gap."""
        if not self.is_open:
            for part, recording in self._recordings:
                recording.clear()
                self._attach(part, recording)
            self.is_open = True

    def close(self) -> None:
        """Detach all."""
        if self.is_open:
            for part, recording in self._recordings:
                part.remove_behaviour(recording)
            self.is_open = False

    def forget(self) -> None:
        """Detach all, and have nothing any more."""
        if self.is_open:
            for part, recording in self._recordings:
                part.remove_behaviour(recording)
        self._recordings.clear()

    def _attach(self, part: Part, recording: Recording) -> None:
        part.add_behaviour(next(key for key in count(FIRST_KEY) if key not in part.behaviours), recording)
        self.since = part.network.iteration
