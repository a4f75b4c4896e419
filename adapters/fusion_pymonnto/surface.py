"""`Surface`: PymoNNto's window as a script's tab knows it, 1.x and 3.x, on one page of fusion's. Needs Qt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fusion.gui.plots import Plot, colour
from fusion.gui.qt import QtWidgets, pyqtgraph
from fusion_pymonnto.window import Network_UI, NotServed

if TYPE_CHECKING:
    from fusion_pymonnto.pages import Page

_MANY = 100  # PymoNNto's stretch of a row


class Line(pyqtgraph.PlotDataItem):  # type: ignore[misc]  # Qt comes without types
    """A curve. 3.x gives even a single one in a list, 1.x does not: ``curve[0]`` is the curve, too."""

    def __getitem__(self, index: int) -> Line:
        return [self][index]


class Axes(pyqtgraph.PlotItem):  # type: ignore[misc]  # Qt comes without types
    """PyQtGraph's axes, with the words of 3.x."""

    plot_of_house: Plot

    def add_curves(
        self,
        number_of_curves: int = 1,
        colors: Sequence[Any] = (),
        lines: Sequence[float] = (),
        names: Sequence[str] = ("",),
        legend: bool = False,
        return_list: bool = False,
    ) -> list[Line]:
        """Curves, and dashed lines at values; a legend above the axes if it is wanted."""
        for value in lines:
            self.plot_of_house.line(value)
        if legend:
            self.plot_of_house.legend()
        curves = []
        for i in range(number_of_curves):
            pen = pyqtgraph.mkPen(colors[i % len(colors)] if colors else colour(i))
            curves.append(Line(name=names[i % len(names)] or None, pen=pen))
            self.addItem(curves[-1])
        return curves

    def add_image(self, no_border: bool = True) -> Any:
        """An image of PyQtGraph's, without axes."""
        self.hideAxis("left")
        self.hideAxis("bottom")
        image = pyqtgraph.ImageItem()
        self.addItem(image)
        return image

    def add_text(self, txt: str) -> Any:
        """A text of PyQtGraph's."""
        text = pyqtgraph.TextItem(txt)
        self.addItem(text)
        return text


class Rows:
    """The page in 3.x's words: rows and columns, and what stands in them. Anything else is asked of Qt's widget."""

    def __init__(self, page: Page, has_labels: bool) -> None:
        self._page, self._has_labels = page, has_labels
        self._layouts = [page.layout]

    def isVisible(self) -> bool:
        """Whether the page is in front."""
        return self._page.is_seen

    def add_row(self, stretch: int = _MANY, add_to_parent: bool = True) -> Any:
        """What follows stands side by side, below what was there; or within it, unless `add_to_parent`."""
        return self._begin(QtWidgets.QHBoxLayout(), stretch, add_to_parent)

    def add_column(self, stretch: int = _MANY, add_to_parent: bool = True) -> Any:
        """As `add_row`; what follows stands one below the other."""
        return self._begin(QtWidgets.QVBoxLayout(), stretch, add_to_parent)

    def add_widget(self, widget: Any, stretch: int = _MANY, sidebar: bool = False) -> Any:
        """Put widgets of Qt's, one or a list, into the row."""
        if sidebar:
            raise NotServed("fusion's window has no sidebar for tabs; leave sidebar=True out.")
        for one in widget if isinstance(widget, list) else [widget]:
            self._layouts[-1].addWidget(one, stretch)
        return widget

    def add_plot(
        self,
        title: str | None = None,
        tooltip_message: str | None = None,
        axisItems: Any = None,
        x_label: str | None = None,
        y_label: str | None = None,
        stretch: int = _MANY,
    ) -> Axes:
        """Axes in the row."""
        item = Axes(axisItems=axisItems)
        labels = (x_label or "", y_label or "") if self._has_labels else ("", "")
        item.plot_of_house = Plot(*labels, title or "", item=item)
        item.plot_of_house.widget.setToolTip(tooltip_message or "")
        self.add_widget(item.plot_of_house.widget, stretch)
        return item

    def _begin(self, layout: Any, stretch: int, add_to_parent: bool) -> Any:
        if add_to_parent and len(self._layouts) > 1:
            self._layouts.pop()
        self._layouts[-1].addLayout(layout, stretch)
        self._layouts.append(layout)
        return layout

    def __getattr__(self, name: str) -> Any:
        return getattr(self._page.page, name)  # it stands for Qt's widget


class Surface:
    """What a tab is given as ``Network_UI``.

    Raises
    ------
    NotServed
        If it asks for anything else, by name.
    """

    def __init__(self, page: Page, ui: Network_UI) -> None:
        self._page, self._ui = page, ui
        self._rows: Rows | None = None
        self.network = page.known(page.network)
        self.title, self.modules, self.reduced_layout = ui.title, ui.modules, ui.reduced_layout
        self.group_tags, self.transmitters = ui.group_tags, ui.transmitters
        self.storage_manager, self.group_display_count = ui.storage_manager, ui.group_display_count

    # --- the page ----------------------------------------------------------------------------------------------------

    @property
    def tab(self) -> Rows:
        """What `add_tab` has made."""
        if self._rows is None:
            raise NotServed("There is no tab yet: call Network_UI.add_tab(title), or Next_Tab in the words of 1.x.")
        return self._rows

    def add_tab(self, title: str = "", stretch: int = _MANY, create_h_block: bool = True) -> Rows:
        """The page, with a first row; it has the title of the TabBase."""
        if self._rows is not None:
            raise NotServed(f"{title!r}: a TabBase makes one tab in fusion's window; write one TabBase for each.")
        self._rows = Rows(self._page, not self.reduced_layout)
        self._page.has_tab = True
        if create_h_block:
            self._rows.add_row(stretch)
        return self._rows

    Next_Tab = add_tab

    def Next_H_Block(self, stretch: int = _MANY) -> Any:
        """1.x's word for ``tab.add_row``."""
        return self.tab.add_row(stretch)

    def Add_element(self, elem: Any, sidebar: bool = False, stretch: int = 1) -> Any:
        """1.x's word for ``tab.add_widget``."""
        return self.tab.add_widget(elem, stretch, sidebar)

    def Add_plot(
        self, title: str | None = None, sidebar: bool = False, stretch: int = 1, **options: Any
    ) -> Axes:  # fmt: skip
        """1.x's word for ``tab.add_plot``; `options` are as there."""
        options.pop("always_show_axis_labels", None)
        return self._main(sidebar).add_plot(title=title, stretch=stretch, **options)

    def Add_plot_curve(
        self,
        title: str | None = None,
        return_plot: bool = False,
        sidebar: bool = False,
        stretch: int = 1,
        number_of_curves: int = 1,
        colors: Sequence[Any] = (),
        lines: Sequence[float] = (),
        names: Sequence[str] = ("",),
        legend: bool = False,
        x_label: str | None = None,
        y_label: str | None = None,
        return_list: bool = False,
        always_show_axis_labels: bool = False,
        tooltip_message: str | None = None,
    ) -> Any:
        """Axes with a curve, or a list of several; with the axes if they are wanted."""
        plot = self._main(sidebar).add_plot(title, tooltip_message, None, x_label, y_label, stretch)
        curves = plot.add_curves(number_of_curves, colors, lines, names, legend)
        made = curves[0] if number_of_curves == 1 and not return_list else curves
        return (made, plot) if return_plot else made

    def Add_Image_Item(
        self,
        return_plot: bool = False,
        sidebar: bool = False,
        stretch: int = 1,
        title: str | None = None,
        tooltip_message: str | None = None,
    ) -> Any:
        """Axes with an image; with the axes if they are wanted."""
        plot = self._main(sidebar).add_plot(title, tooltip_message, stretch=stretch)
        image = plot.add_image()
        return (image, plot) if return_plot else image

    def _main(self, sidebar: bool) -> Rows:
        if sidebar:
            raise NotServed("fusion's window has no sidebar for tabs; leave sidebar=True out.")
        return self.tab

    # --- the network -------------------------------------------------------------------------------------------------

    def add_recording_variable(self, group: Any, var: str, timesteps: int) -> bool:
        """Record an expression of a group while the tab is seen; whether the group has it."""
        return self._page.want(group, var, timesteps)

    @property
    def it(self) -> int:
        """The iteration."""
        return self._page.network.iteration

    @property
    def pause(self) -> bool:
        """Whether the network rests; may be set."""
        return not self._page.window.player.is_playing

    @pause.setter
    def pause(self, value: bool) -> None:
        player = self._page.window.player
        if value:
            player.pause()
        elif not player.is_playing:
            player.play()

    def static_update_func(self, event: Any = None) -> None:
        """Draw, if the network rests; else it is drawn anyway."""
        if self.pause:
            self._page.draw()

    def get_visible_neuron_groups(self) -> Any:
        """All groups."""
        return self._page.known(self._page.network.groups)

    def selected_neuron_group(self) -> Any:
        """The group that is chosen."""
        return self._page.known(self._page.selection.group)

    def selected_neuron_tag(self) -> str:
        """Its first tag."""
        return self._page.selection.group.tag

    def selected_neuron_id(self) -> int:
        """The first of the neurons that are chosen; PymoNNto's is that with the lowest number."""
        return min(self._page.selection.neurons)

    def selected_neuron_ids(self) -> NDArray[np.int64]:
        """The neurons that are chosen, in ascending order."""
        return np.array(sorted(self._page.selection.neurons))

    def selected_neuron_mask(self) -> NDArray[np.bool_]:
        """(size,) whether a neuron is chosen."""
        mask = np.zeros(self._page.selection.group.size, bool)
        mask[list(self._page.selection.neurons)] = True
        return mask

    def select_neurons(self, group: Any, mask: Any, add_to_select_group: bool = False) -> None:
        """Choose neurons by a mask, indices or one index; of more than ten the last ten."""
        chosen = np.arange(group.size)[mask]
        before = self._page.selection.neurons if add_to_select_group and group == self.selected_neuron_group() else ()
        self._page.choose(group, [*before, *np.atleast_1d(chosen)])

    def select_neuron(self, group: Any, id: int, add_to_select_group: bool = False) -> None:
        """Choose a neuron."""
        self.select_neurons(group, id, add_to_select_group)

    def __getattr__(self, name: str) -> Any:
        served = sorted(known for known in {*dir(type(self)), *vars(self)} if not known.startswith("_"))
        raise NotServed(
            f"Network_UI.{name} is not served by fusion's window. Tabs may use {', '.join(served)}; or write a "
            "fusion.gui.Tab, which PymoNNto scripts can have among their modules."
        )
