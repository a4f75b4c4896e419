"""`Tab`: one page of the window; those that come with it, and your own."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from fusion.analysis.recorded import Trains
from fusion.core.neurons import NeuronGroup
from fusion.core.parts import Part
from fusion.errors import FusionError, InvalidValue
from fusion.gui.pace import Pace
from fusion.gui.plots import Plot
from fusion.gui.qt import QtCore, QtWidgets, pyqtgraph
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
        self._pace = Pace()
        self._is_stale = False

    # --- what a subclass writes --------------------------------------------------------------------------------------

    def build(self) -> None:
        """Called once, before the tab is seen for the first time: make plots, say what is to be recorded."""

    def update(self) -> None:
        """Called for each frame while the tab is seen: show what is there now."""

    def selected(self) -> None:
        """Called after `build`, and when the user has chosen other neurons; before the next `update`."""

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

    def trains(self, recorder: EventRecorder) -> Trains:
        """The spikes of a group that `record_events` has kept, and the times from which and up to which it has."""
        group, network = recorder.owner, self.network
        assert isinstance(group, NeuronGroup)
        first = max(self.since, 0 if recorder.last is None else network.iteration - recorder.last)
        ticks, neurons = recorder["spike", 0].T
        shown = ticks > first
        start, stop = (float(network.clock.ms(tick)) for tick in (first, network.iteration))
        return Trains(network.clock.ms(ticks[shown]), neurons[shown], group.size, start, stop)

    def seldom(self, compute: Callable[[], None], least: float = 0.0) -> None:
        """Call what takes long, while the network runs no more than every `least` seconds; at once if it does not.

        It takes a twentieth of the time at most. After the user has changed something it is called at once, too.
        """
        if not self.window.player.is_playing or self._pace.is_due():
            with self._pace.measured(least):
                compute()

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
        with self._inside(self._part(QtWidgets.QHBoxLayout(), stretch)):
            yield

    @contextmanager
    def column(self, stretch: int = 0) -> Iterator[None]:
        """What is placed within stands one below the other, as on the page; for a part of a `row`."""
        with self._inside(self._part(QtWidgets.QVBoxLayout(), stretch)):
            yield

    def area(self, stretch: int = 1) -> Any:
        """A part of the page that is filled anew now and then, see `refill`."""
        made = QtWidgets.QWidget()
        QtWidgets.QVBoxLayout(made).setContentsMargins(0, 0, 0, 0)
        return self.place(made, stretch)

    @contextmanager
    def refill(self, area: Any) -> Iterator[None]:
        """What is placed within stands in an area, in place of all that stood there."""
        while area.layout().count():
            old = area.layout().takeAt(0).widget()
            for plot in old.findChildren(pyqtgraph.PlotWidget):
                plot.close()
            old.setParent(None)  # seen no more; it is deleted only when Qt comes to it
            old.deleteLater()
        inner = QtWidgets.QWidget()
        area.layout().addWidget(inner)
        layout = QtWidgets.QVBoxLayout(inner)
        layout.setContentsMargins(0, 0, 0, 0)
        with self._inside(layout):
            yield

    def choice(self, label: str, options: Sequence[str], chosen: Callable[[str], None]) -> Any:
        """A box with options; `chosen` is called with the one that the user takes."""
        box = QtWidgets.QComboBox()
        box.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToContents)
        box.addItems(list(options))
        box.currentTextChanged.connect(lambda text: self._react(lambda: chosen(text)))
        return self._labelled(label, box)

    def offer(self, box: Any, options: Sequence[str]) -> str:
        """Other options for the box of a `choice`; what is taken now, which stays what it was if it can."""
        if [box.itemText(i) for i in range(box.count())] != list(options):
            before = box.currentText()
            box.blockSignals(True)
            box.clear()
            box.addItems(list(options))
            box.setCurrentIndex(max(box.findText(before), 0))
            box.blockSignals(False)
        return str(box.currentText())

    def check(self, label: str, on: bool, changed: Callable[[bool], None]) -> Any:
        """A box to tick."""
        box = QtWidgets.QCheckBox(label)
        box.setChecked(on)
        box.toggled.connect(lambda state: self._react(lambda: changed(state)))
        return self.place(box)

    def number(self, label: str, value: int, least: int, most: int, changed: Callable[[int], None]) -> Any:
        """A whole number to change."""
        box = QtWidgets.QSpinBox()
        box.setRange(least, most)
        box.setValue(value)
        box.setKeyboardTracking(False)
        box.valueChanged.connect(lambda new: self._react(lambda: changed(new)))
        return self._labelled(label, box)

    def button(self, label: str, pressed: Callable[[], None]) -> Any:
        """A button."""
        button = QtWidgets.QPushButton(label)
        button.clicked.connect(lambda: self._react(pressed))
        return self.place(button)

    def again(self) -> None:
        """Have `selected` called before the next `update`, as if the user had chosen other neurons."""
        self._is_stale = self._is_built

    def text(self) -> Any:
        """A label for facts, which may be rich text; `setText` changes it."""
        label = QtWidgets.QLabel()
        label.setWordWrap(True)
        label.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
        return self.place(label)

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

    def check_free(self) -> None:
        """`InvalidValue` if it cannot take a place in a window."""
        if "_watch" not in self.__dict__:
            raise InvalidValue(f"{type(self).__name__}.__init__ does not call super().__init__().", tab=self)
        if "window" in self.__dict__:
            raise InvalidValue(f"{self!r} is in a window already. Make another one.", tab=self)

    def open_in(self, window: Window) -> Any:
        """Take a place in a window; the page."""
        self.window, self.network, self.selection = window, window.network, window.selection
        self.page = QtWidgets.QWidget()
        self._layout = QtWidgets.QVBoxLayout(self.page)
        above = self._part(QtWidgets.QVBoxLayout(), 1)
        self._note = self.text()
        self._note.hide()
        self._layout = above
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
            self._pace.hurry()
            self._run(self.selected)
        self._run(self.update)
        # Axes find their ranges while they are painted, and are painted once more, unless they have them by then.
        for plot in self.page.findChildren(pyqtgraph.PlotWidget):
            plot.scene().prepareForPaint()

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

    def _react(self, step: Callable[[], None]) -> None:
        """The user has changed something on the page; what that means is seen at once."""
        self._run(step)
        self._pace.hurry()
        if not self.window.player.is_playing:
            self.draw()

    def _part(self, layout: Any, stretch: int) -> Any:
        self._layout.addLayout(layout, stretch)
        return layout

    @contextmanager
    def _inside(self, layout: Any) -> Iterator[None]:
        outer, self._layout = self._layout, layout
        try:
            yield
        finally:
            self._layout = outer

    def _labelled(self, label: str, widget: Any) -> Any:
        with self.row():
            self.place(QtWidgets.QLabel(label))
            self.place(widget)
            self.fill()
        return widget

    def __repr__(self) -> str:
        return f"{type(self).__name__}(title={self.title!r})"


def checked_names(given: Sequence[str], what: str) -> tuple[str, ...]:
    """Names of variables that a tab was given; `InvalidValue` if these are none, or only one outside a list."""
    is_list = isinstance(given, Sequence) and not isinstance(given, str)
    if not is_list or not all(isinstance(name, str) for name in given):
        hint = [given] if isinstance(given, str) else ["v"]
        raise InvalidValue(f"{what}={given!r}: give a list of names, as in {what}={hint!r}.", names=given)
    return tuple(given)
