"""`Window`: a network, watched and steered while it runs."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from fusion.errors import InvalidValue, NothingToRun
from fusion.gui.activity import Activity
from fusion.gui.budget import Budget
from fusion.gui.controls import Controls
from fusion.gui.frame import Frame
from fusion.gui.journal import Journal
from fusion.gui.player import Player
from fusion.gui.qt import QtCore, application
from fusion.gui.selection import Selection
from fusion.gui.tab import Tab
from fusion.gui.tabs import default_tabs
from fusion.gui.waiting import caught, until_closed
from fusion.network import Network


class Window:
    """The live window on a network, whatever simulates its groups.

    ``Window(net).show()`` opens it and waits until the user has closed it. It draws what is there and takes no random
    numbers: as long as the user changes nothing, the network runs as without it, bit for bit. What the user changes
    stands in ``journal``; ``journal.script()`` does it again. What is not on the screen is neither drawn nor recorded
    for it.

    Parameters
    ----------
    network : Network
        It is built, if it is not.
    tabs : list of Tab
        The pages, in their order; `default_tabs()` unless given.
    title : str
    share : float
        Of the time, what drawing may take while the network runs: between 0.01 and 1.

    Attributes
    ----------
    selection : Selection
        ``selection.choose(group, [3, 7])`` shows these neurons.
    player : Player
        ``player.play()``, ``player.pause()``.

    Raises
    ------
    NoDisplay
        If there is no screen.
    InvalidValue
        If an argument means nothing, or Qt runs in another thread.
    NothingToRun, BuildFailed
        As `Network.build`; `NothingToRun` also if there is no neuron group to look at.
    """

    def __init__(
        self, network: Network, tabs: Sequence[Tab] | None = None, *, title: str = "fusion", share: float = 0.1
    ) -> None:
        self._check(network, tabs, share)
        network.build()
        if not network.groups:
            raise NothingToRun("This network has no neuron group to look at.")
        self._application = application()  # Qt needs it to be kept
        self.network = network
        self.journal = Journal(network)
        self._error: BaseException | None = None
        self._is_closed = False
        self._loop = QtCore.QEventLoop()
        self.selection = Selection(network.groups[0])
        self.player = Player(network, Budget(share), self._draw_if_seen)
        self.player.failed.connect(self._fail)
        self.controls = Controls(self.player)
        self.activity = [Activity(group, self.selection) for group in network.groups]
        self.tabs = list(default_tabs() if tabs is None else tabs)
        pages = [(tab.open_in(self), tab.title) for tab in self.tabs]
        self._frame = Frame(title, self.controls, [each.box for each in self.activity], pages, self.close)
        self._frame.pages.currentChanged.connect(self._turn_to)
        self.selection.changed.connect(self._choose)
        self.player.changed.connect(self._draw_if_paused)
        self._seen: Tab | None = None
        self._turn_to(0)
        self.draw()

    # --- what scripts call -------------------------------------------------------------------------------------------

    def show(self) -> None:
        """Open the window, and wait until it is closed.

        The first error that ended a run, or came up anywhere but in a tab, is raised then; so is `KeyboardInterrupt`
        if Ctrl-C in the terminal closed it. What was recorded is kept.
        """
        self._check_open()
        self._frame.show()
        until_closed(self._loop, self._fail)
        self.close()
        self._raise_error()

    def simulate(self, iterations: int) -> Self:
        """As `Network.simulate`, and draw."""
        self._check_open()
        self.network.simulate(iterations)
        self.draw()
        return self

    def save(self, path: str | Path) -> Path:
        """Write a picture of the window, as it is now.

        Raises
        ------
        InvalidValue
            If nothing can be written there, or there is no such format.
        """
        self._check_open()
        self.draw()
        with caught(self._fail):
            picture = self._frame.picture()
        self._raise_error()
        if not picture.save(str(path)):
            raise InvalidValue(f"No picture can be written to {str(path)!r}; give the path of a .png file.", path=path)
        return Path(path)

    def open(self, title: str) -> Tab:
        """Bring a tab to the front; `InvalidValue` if none has this title."""
        self._check_open()
        for index, tab in enumerate(self.tabs):
            if tab.title == title:
                self._frame.pages.setCurrentIndex(index)
                return tab
        titles = ", ".join(repr(tab.title) for tab in self.tabs)
        raise InvalidValue(f"There is no tab {title!r}; there are: {titles or 'none'}.", title=title)

    def draw(self) -> None:
        """A frame: what is seen, and nothing else."""
        if self._is_closed:
            return
        for each in self.activity:
            if self._frame.shows(each.box):
                each.draw()
            else:
                each.rest()
        if self._seen is not None:
            self._seen.show()
        self.controls.draw()

    def close(self) -> None:
        """Pause, and leave the network as if the window had never been; may be called twice."""
        if self._is_closed:
            return
        self._is_closed = True
        self.player.pause()
        self._rest()
        for each in (self.player, self.selection):
            each.blockSignals(True)  # those who would hear them go with the frame
        self._frame.close()
        self._frame.take_apart()
        self._loop.quit()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *about: object) -> None:
        self.close()

    # --- what happens to it ----------------------------------------------------------------------------------------

    @staticmethod
    def _check(network: object, tabs: object, share: float) -> None:
        if not isinstance(network, Network):
            raise InvalidValue(f"{network!r} is no Network.", network=network)
        given = list(tabs) if isinstance(tabs, list | tuple) else [] if tabs is None else [tabs]
        for tab in given:
            if not isinstance(tab, Tab):
                hint = f" Write {tab.__name__}()." if isinstance(tab, type) and issubclass(tab, Tab) else ""
                raise InvalidValue(f"tabs= takes a list of Tab objects; {tab!r} is none.{hint}", tab=tab)
            tab.check_free()
            if given.count(tab) > 1:
                raise InvalidValue(f"{tab!r} is given twice. Make another one.", tab=tab)
        if tabs is not None and not isinstance(tabs, list | tuple):
            raise InvalidValue(f"tabs= takes a list of Tab objects. Write [{tabs!r}].", tabs=tabs)
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0.01 <= share <= 1.0:
            raise InvalidValue(f"share={share!r}: give a number between 0.01 and 1.", share=share)

    def _check_open(self) -> None:
        if self._is_closed:
            raise InvalidValue("This window is closed. Make another one.")

    def _turn_to(self, index: int) -> None:
        """Another tab is in front."""
        if self._seen is not None:
            self._seen.hide()
        self._seen = self.tabs[index] if 0 <= index < len(self.tabs) else None
        if self._seen is not None:
            self._seen.show()

    def _choose(self) -> None:
        """Other neurons: drawn at once, and not on the account of the share, for the user waits for it."""
        for tab in self.tabs:
            tab.again()
        if self.player.is_playing:
            self._draw_if_seen()
        else:
            self.draw()

    def _draw_if_paused(self) -> None:
        if not self.player.is_playing:
            self.draw()

    def _draw_if_seen(self) -> None:
        """A frame is due while it plays."""
        if self._frame.is_seen:
            self.draw()
        else:
            self._rest()

    def _rest(self) -> None:
        """Nothing is seen, so nothing is recorded."""
        for each in self.activity:
            each.rest()
        if self._seen is not None:
            self._seen.hide()

    def _fail(self, error: BaseException) -> None:
        """Something went wrong; the first of it is raised when the window closes."""
        if self._error is None:
            self._error = error
        if isinstance(error, KeyboardInterrupt):
            self.close()
            return
        logging.getLogger("fusion").error("In the window: %s", error, exc_info=error)
        if self._error is error:
            self._frame.tell(f"{type(error).__name__}:", str(error), "".join(traceback.format_exception(error)))

    def _raise_error(self) -> None:
        if self._error is not None:
            error, self._error = self._error, None
            raise error
