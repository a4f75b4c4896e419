"""`Code`: Python that reads and changes the running network."""

from __future__ import annotations

import sys
import traceback
from code import InteractiveInterpreter
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

import numpy as np

from fusion.gui.edits import monospace
from fusion.gui.qt import QtCore, QtWidgets
from fusion.gui.tab import Tab

LINES = 500  # of output that are kept
NAMES = "net, window, group (the chosen one), neurons (the chosen ones), np"


class Code(Tab):
    """An editor whose text is executed once, or at each frame while the tab is seen, between two iterations.

    It can do whatever a script can, and so changes the model by design: the journal does not know of it, and the
    network is no longer what it was without the window. Names that it assigns stay until the window is closed. What it
    prints, and the error that ends it, stand below; an error ends the execution at each frame.
    """

    title = "code"

    def build(self) -> None:
        """Text above, what it printed below."""
        self._interpreter = Interpreter({"net": self.network, "window": self.window, "np": np})
        self._at_each_frame, self._is_executing = False, False
        with self.row():
            self._button = self.button("Run once", self._execute)
            self._box = self.check("run at each frame", False, self._repeat)
            self.fill()
        self.editor, self.output = QtWidgets.QPlainTextEdit(), QtWidgets.QPlainTextEdit()
        self.editor.setPlaceholderText(f"Python; there are: {NAMES}")
        self.output.setReadOnly(True)
        self.output.setMaximumBlockCount(LINES)
        split = QtWidgets.QSplitter(QtCore.Qt.Orientation.Vertical)
        for each in (self.editor, self.output):
            each.setFont(monospace())
            each.setLineWrapMode(QtWidgets.QPlainTextEdit.LineWrapMode.NoWrap)
            split.addWidget(each)
        self.place(split, 1)
        self.say("It changes the running network, and the journal does not take it down.")

    def update(self) -> None:
        """Once more, if that is wanted."""
        if self._at_each_frame:
            self._execute()

    def _repeat(self, on: bool) -> None:
        self._at_each_frame = on

    def _execute(self) -> None:
        if self._is_executing:  # what it does has led to a frame
            return
        self._is_executing = True
        try:
            names = {"group": self.selection.group, "neurons": self.selection.neurons}
            text, is_well = self._interpreter.execute(self.editor.toPlainText(), names)
        finally:
            self._is_executing = False
        if text:
            self.output.appendPlainText(text.rstrip("\n"))
        if not is_well:
            self._box.setChecked(False)


class Interpreter(InteractiveInterpreter):
    """Executes text, and gives back what it prints; names stay from one time to the next."""

    def execute(self, source: str, names: Mapping[str, object]) -> tuple[str, bool]:
        """What was printed, an error too, and whether there was none; `names` are given besides."""
        self.locals.update(names)
        self._is_well = True
        printed = StringIO()
        with redirect_stdout(printed), redirect_stderr(printed):
            try:
                self.runcode(compile(source, "<code>", "exec"))
            except (SyntaxError, ValueError) as error:  # it cannot be compiled
                self._tell(traceback.format_exception_only(error))
            except SystemExit:
                self._tell(["exit() ends nothing here: close the window."])
        return printed.getvalue(), self._is_well

    def showtraceback(self) -> None:
        """Called for what the text raises."""
        kind, error, trace = sys.exc_info()
        # Its first entry is the interpreter itself.
        self._tell(traceback.format_exception(kind, error, trace and trace.tb_next))

    def _tell(self, lines: list[str]) -> None:
        self._is_well = False
        sys.stderr.write("".join(lines))
