"""`TabBase`, and what comes with PymoNNto's window: tabs that scripts name, and the tabs of fusion's in their place."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from fusion.errors import InvalidValue
from fusion_pymonnto.parameters import is_number
from fusion_pymonnto.recorder import plain

_LOG = logging.getLogger(__name__)


class TabBase:
    """A tab of the window; a script's own tabs derive from it."""

    title = ""

    def __init__(self, title: str = "") -> None:
        self.title = title

    def add_recorder_variables(self, neuron_group: Any, Network_UI: Any) -> None:
        """Told, for each group, to say what the tab wants recorded."""

    def initialize(self, Network_UI: Any) -> None:
        """Told to build the tab."""

    def update(self, Network_UI: Any) -> None:
        """Told to draw."""

    def on_selected_neuron_changed(self, Network_UI: Any) -> None:
        """Told that another neuron is selected."""


class Counterpart(TabBase):
    """A tab that comes with PymoNNto: one of fusion's stands for it.

    Parameters are PymoNNto's. What is shown, and the title, are handed on; the others are taken.
    """

    words: ClassVar[tuple[str, ...]] = ("title",)
    """Parameters, in PymoNNto's order."""
    shows: ClassVar[str] = ""
    """The parameter that names variables, where fusion's tab takes these."""
    served_by: ClassVar[str] = ""
    """The tab of `fusion.gui`, or `ModuleTab`; "" if there is none."""

    def __init__(self, *args: Any, **given: Any) -> None:
        self.given = {**dict(zip(self.words, args, strict=False)), **given}
        unknown = sorted(given.keys() - set(self.words))
        if self.served_by and (unknown or len(args) > len(self.words)):
            name, told = type(self).__name__, ", ".join(unknown) or f"{len(args)} arguments"
            raise InvalidValue(f"{name} takes {', '.join(self.words)}, not {told}.", given=given)
        super().__init__(self.given.get("title", ""))

    def variables(self) -> list[str]:
        """What it shows, as fusion names it: "n.v|n.u" are "v" and "u"."""
        given = self.given.get(self.shows, ())
        texts = [one for text in ([given] if isinstance(given, str) else given) for one in text.split("|")]
        numbers = [text for text in texts if is_number(text)]
        if numbers:
            _LOG.warning("%s: no line is drawn at %s.", type(self).__name__, ", ".join(numbers))
        return [plain(text) for text in texts if text not in numbers]


# PymoNNto's name: its parameters, that which names what is shown, and the tab of fusion.
_SERVED = {
    "single_group_plot_tab": (
        "variables colors net_lines neuron_lines title timesteps", "variables", "Traces"),
    "multi_group_plot_tab": ("variables title timesteps", "variables", "Groups"),
    "spiketrain_tab": ("parameter title timesteps", "", "Raster"),
    "weight_tab": ("title weight_attrs", "weight_attrs", "Weights"),
    "hist_tab": ("weight_attr title timesteps mask_param mask_color_add", "weight_attr", "Distribution"),
    "isi_tab": ("title param mask_param timesteps mask_color_add", "", "Intervals"),
    "fourier_tab": ("parameter title timesteps", "", "Spectrum"),
    "stability_tab": ("parameter title timesteps", "", "ReturnMap"),
    "PCA_tab": ("parameter title timesteps", "", "Components"),
    "info_tab": ("title", "", "Behaviours"),
    "Analysis_Module_tab": ("title", "", "ModuleTab"),
    "module_visualizer_tab": ("title", "", "Flow"),
    "code_execution_tab": ("title", "", "Code"),
}  # fmt: skip
# Beside its tabs fusion's window has groups to click at, and a bar with play and run.
_BESIDE = ("UI_sidebar_network_selector", "UI_sidebar_neuron_grid_module", "sidebar_fast_forward_module")
_MISSING = """
    afferent_syn_attr_plot_tab buffer_tab classifier_bar_tab criticality_tab event_tab
    individual_weight_tab partition_tab scatter_tab sidebar_module_quick_access sidebar_save_load_module
    similarity_matrix_tab stdp_buffer_tab
    """.split()  # noqa: SIM905 - a dozen quoted names would be harder to read


def _counterpart(name: str, words: str = "title", shows: str = "", served_by: str = "") -> type[Counterpart]:
    about = f"PymoNNto's tab, shown as `{served_by}`." if served_by else "Not served as a tab."
    held = {"words": tuple(words.split()), "shows": shows, "served_by": served_by, "__doc__": about}
    return type(name, (Counterpart,), held)


COUNTERPARTS = {name: _counterpart(name, *told) for name, told in _SERVED.items()} | {
    name: _counterpart(name) for name in (*_BESIDE, *_MISSING)
}
IN_THE_FRAME = frozenset(COUNTERPARTS[name] for name in _BESIDE)
"""Those that need no tab."""


def get_default_UI_modules(
    neuron_parameters: Sequence[str] = ("output",),
    synapse_parameters: Sequence[str] = ("W",),
    quick_access_tags: Sequence[str] = (),
) -> list[TabBase]:
    """The tabs for any network.

    neuron_parameters : what is shown of neurons: variables, or expressions of these; with or without "n."
    synapse_parameters : variables of synapses
    quick_access_tags : taken; all behaviours can be switched in the tab of the behaviours
    """
    shown = {"variables": neuron_parameters, "weight_attrs": synapse_parameters, "weight_attr": synapse_parameters}
    return [COUNTERPARTS[name](**({shows: shown[shows]} if shows else {})) for name, (_, shows, _) in _SERVED.items()]


def get_advanced_UI_modules(
    neuron_parameters: Sequence[str] = ("output",), synapse_parameters: Sequence[str] = ("W",)
) -> list[TabBase]:
    """Further tabs; fusion's window has nothing in their place, and says so on them."""
    names = ("stdp_buffer_tab", "criticality_tab", "buffer_tab", "scatter_tab", "afferent_syn_attr_plot_tab")
    return [COUNTERPARTS[name]() for name in (*names, "similarity_matrix_tab")]


def get_modules_dict(*modules: Any) -> dict[type, Any]:
    """Modules, lists and dictionaries of them by their classes, of which each is there once."""
    found: dict[type, Any] = {}
    for given in modules:
        several = given.values() if isinstance(given, Mapping) else given if isinstance(given, list) else [given]
        found |= {type(module): module for module in several if module is not None}
    return found
