"""`Watch`: recordings that are there only as long as somebody looks at them."""

from __future__ import annotations

from itertools import count

from fusion.core.parts import Part
from fusion.recording.recorder import Recording

FIRST_KEY = 1_000_000  # after the behaviours of the user, so that rows hold the end of an iteration


class Watch:
    """Recordings for one view: attached to their parts while it is open, gone when it is not.

    They are not found by tag: what the user looks up is what it is without them.
    """

    def __init__(self) -> None:
        self.is_open = False
        self.since = 0
        """The iteration after which recordings begin."""
        self._recordings: list[tuple[Part, Recording]] = []

    def add(self, part: Part, recording: Recording) -> None:
        """Take in a recording; raises what `Part.add_behaviour` does."""
        recording.is_hidden = True
        if self.is_open:
            self._attach(part, recording)
        self._recordings.append((part, recording))

    def open(self) -> None:
        """Attach all; each begins with nothing, for what came before has a gap."""
        if self.is_open:
            return
        self.is_open = True
        for part, recording in self._recordings:
            recording.clear()
            self._attach(part, recording)

    def close(self) -> None:
        """Detach all."""
        self.is_open = False
        for part, recording in self._recordings:
            if recording.owner is not None:  # not if it could not be attached
                part.remove_behaviour(recording)

    def forget(self) -> None:
        """Detach all, and have nothing any more; what is added afterwards is attached if it was open."""
        was_open = self.is_open
        self.close()
        self.is_open = was_open
        self._recordings.clear()

    def _attach(self, part: Part, recording: Recording) -> None:
        part.add_behaviour(next(key for key in count(FIRST_KEY) if key not in part.behaviours), recording)
        self.since = part.network.iteration
