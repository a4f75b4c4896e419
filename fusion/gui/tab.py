"""`Tab`: one page of the window; those that come with it, and your own."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING, Any

from fusion.core.parts import Part
from fusion.errors import FusionError, InvalidValue
from fusion.gui.plots import Plot
from fusion.gui.qt import QtCore, QtWidgets
from fusion.gui.sheet import Sheet
from fusion.gui.watch import Watch
from fusion.network import Network
from fusion.recording.recorder import EventRecorder, Recorder

if TYPE_CHECKING:
    from fusion.gui.selection import Selection
    from fusion.gui.window import Window

LAST = 1000  # iterations that are kept to look at


class Tab:
    """A page of the window.

    A subclass says ``title``, writes `build` and `update`, and `selected` if it is about the neurons that are chosen::

        class MeanVoltage(Tab):
            title = "mean voltage"

            def build(self):
                self.recorder = self.record(self.network["cells", 0], "np.mean(voltage)")
                self.curve = self.plot(x="time (ms)", y="mean voltage").curve()

            def update(self):
                self.curve.set(self.recorder.t, self.recorder["np.mean(voltage)", 0])

    A tab that is not seen costs nothing: it is not updated, and what it has recorded is not recorded.

    Attributes
    ----------
    window : Window
    network : Network
    selection : Selection
        ``selection.group`` and ``selection.neurons``, what the user has chosen.
    page : QWidget
        Where `plot`, `choice` and the like put their things, from top to bottom; `place` any widget of Qt's.
    """

    title = ""
    period = 0.0
    """Seconds of real time from one `update` to the next, at least, while the network runs."""

    window: Window
    network: Network
    selection: Selection
    _layout: Any
    """Where the next widget goes."""

    def __init__(self, title: str | None = None) -> None:
        self.title = title or self.title or type(self).__name__
        self.error: Exception | None = None
        """What went wrong in it; it is not updated any more."""
        self._watch = Watch()
        self._is_stale = False
        self._due = 0.0

    # --- what a subclass writes --------------------------------------------------------------------------------------

    def build(self) -> None:
        """Called once, before the tab is seen for the first time: make plots, say what is to be recorded."""

    def update(self) -> None:
        """Called for each frame while the tab is seen: show what is there now."""

    def selected(self) -> None:
        """Called when the user has chosen other neurons, before the next `update`."""

    # --- what it uses ----------------------------------------------------------------------------------------------

    def record(self, part: Part, *expressions: str, last: int = LAST, every: float | None = None) -> Recorder:
        """A recorder on `part` that is there while the tab is seen; arguments as those of `Recorder`."""
        recorder = Recorder(*expressions, last=last, every=every)
        self._watch.add(part, recorder)
        return recorder

    def record_events(self, part: Part, *expressions: str, last: int = LAST) -> EventRecorder:
        """As `record`, with an `EventRecorder`."""
        recorder = EventRecorder(*expressions, last=last)
        self._watch.add(part, recorder)
        return recorder

    @property
    def since(self) -> int:
        """The iteration after which its recordings begin."""
        return self._watch.since

    def forget(self) -> None:
        """Stop recording what was asked for so far."""
        self._watch.forget()

    def plot(self, x: str = "", y: str = "", title: str = "", stretch: int = 1) -> Plot:
        """Axes on the page."""
        made = Plot(x, y, title)
        self.place(made.widget, stretch)
        return made

    def sheet(
        self,
        columns: Sequence[str],
        typed: Callable[[int, int, str], None] | None = None,
        ticked: Callable[[int, int, bool], None] | None = None,
        stretch: int = 1,
    ) -> Sheet:
        """A table on the page; what the user types and ticks in it as for `Sheet`."""
        made = Sheet(
            columns,
            typed and (lambda row, column, text: self._run(lambda: typed(row, column, text))),
            ticked and (lambda row, column, on: self._run(lambda: ticked(row, column, on))),
        )
        self.place(made.widget, stretch)
        return made

    def place(self, widget: Any, stretch: int = 0) -> Any:
        """Put a widget of Qt's on the page; returned."""
        self._layout.addWidget(widget, stretch)
        return widget

    @contextmanager
    def row(self, stretch: int = 0) -> Iterator[None]:
        """What is placed within stands side by side."""
        outer, self._layout = self._layout, QtWidgets.QHBoxLayout()
        try:
            yield
        finally:
            outer.addLayout(self._layout, stretch)
            self._layout = outer

    def choice(self, label: str, options: Sequence[str], chosen: Callable[[str], None]) -> Any:
        """A box with options; `chosen` is called with the one that the user takes."""
        box = QtWidgets.QComboBox()
        box.addItems(list(options))
        box.currentTextChanged.connect(lambda text: self._run(lambda: chosen(text)))
        return self._labelled(label, box)

    def check(self, label: str, on: bool, changed: Callable[[bool], None]) -> Any:
        """A box to tick."""
        box = QtWidgets.QCheckBox(label)
        box.setChecked(on)
        box.toggled.connect(lambda state: self._run(lambda: changed(state)))
        return self.place(box)

    def number(self, label: str, value: int, least: int, most: int, changed: Callable[[int], None]) -> Any:
        """A whole number to change."""
        box = QtWidgets.QSpinBox()
        box.setRange(least, most)
        box.setValue(value)
        box.setKeyboardTracking(False)
        box.valueChanged.connect(lambda new: self._run(lambda: changed(new)))
        return self._labelled(label, box)

    def button(self, label: str, pressed: Callable[[], None]) -> Any:
        """A button."""
        button = QtWidgets.QPushButton(label)
        button.clicked.connect(lambda: self._run(pressed))
        return self.place(button)

    def fill(self) -> None:
        """Leave the rest of the row or the page empty."""
        self._layout.addStretch(1)

    def attempt(self, step: Callable[[], object]) -> bool:
        """Do what the user asked for, and whether it went well; if fusion refuses it, the reason is said."""
        try:
            step()
        except FusionError as error:
            self.say(str(error))
            return False
        self.say("")
        return True

    def say(self, text: str) -> None:
        """A line below the page, in place of what there is no picture of; "" takes it away."""
        self._note.setText(text)
        self._note.setVisible(bool(text))

    # --- what the window calls ---------------------------------------------------------------------------------------

    def open_in(self, window: Window) -> Any:
        """Take a place in a window; the page."""
        if "_watch" not in self.__dict__:
            raise InvalidValue(f"{type(self).__name__}.__init__ does not call super().__init__().")
        if "window" in self.__dict__:
            raise InvalidValue(f"{self!r} is in a window already. Make another one.", tab=self)
        self.window, self.network, self.selection = window, window.network, window.selection
        self.page = QtWidgets.QWidget()
        outer = QtWidgets.QVBoxLayout(self.page)
        self._layout = QtWidgets.QVBoxLayout()
        outer.addLayout(self._layout, 1)
        self._note = QtWidgets.QLabel()
        self._note.setWordWrap(True)
        self._note.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
        self._note.hide()
        outer.addWidget(self._note)
        self._is_built = False
        return self.page

    def show(self) -> None:
        """It is seen from now on."""
        if not self._is_built:
            self._is_built = True
            self._run(self.build)
            self._is_stale = True
        self._run(self._watch.open)
        self.draw()

    def hide(self) -> None:
        """It is seen no more."""
        self._watch.close()

    def draw(self) -> None:
        """A frame."""
        if self._is_stale:
            self._is_stale = False
            self._run(self.selected)
        elif self.window.player.is_playing and perf_counter() < self._due:
            return
        self._run(self.update)
        self._due = perf_counter() + self.period

    def choose(self) -> None:
        """Other neurons were chosen; it is told when it is seen."""
        self._is_stale = self._is_built

    def _run(self, step: Callable[[], None]) -> None:
        """An error in a tab ends the tab, and says so on it; neither the window nor the simulation."""
        if self.error is not None:
            return
        try:
            step()
        except Exception as error:
            self.error = error
            self._watch.forget()
            self.say(f"This tab stopped.\n\n{''.join(traceback.format_exception(error))}")
            logging.getLogger("fusion").error("The tab %r stopped.", self.title, exc_info=error)

    def _labelled(self, label: str, widget: Any) -> Any:
        with self.row():
            self.place(QtWidgets.QLabel(label))
            self.place(widget)
            self.fill()
        return widget

    def __repr__(self) -> str:
        return f"{type(self).__name__}(title={self.title!r})"
