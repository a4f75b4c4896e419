"""The one table of names: what scripts import from PymoNNto, 1.x and 3.x, and from which modules."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from fusion.errors import Unsupported
from fusion_pymonnto import (
    analysis,
    behavior,
    counterparts,
    equations,
    fields,
    genome,
    matrices,
    mechanisms,
    network,
    neurons,
    parameters,
    recorder,
    space,
    storage,
    synapses,
    window,
    words,
)


class Evolution:
    """Not here: parameter search is to come with fusion itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise Unsupported(
            "PymoNNto's Evolution is not served. Scripts that are its slaves run as they are: "
            "python -m fusion_pymonnto slave.py __evo_name__=test __evo_id__=1 gene=0.5"
        )


def _all_of(module: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(module, name) for name in names}


_COLOURS = {
    "blue": (0.0, 0.0, 255.0, 255.0),
    "red": (255.0, 0.0, 0.0, 255.0),
    "green": (0.0, 200.0, 0.0, 255.0),
    "yellow": (255.0, 255.0, 0.0, 255.0),
    "purple": (255.0, 0.0, 255.0, 255.0),
    "aqua": (0.0, 255.0, 255.0, 255.0),
    "orange": (255.0, 150.0, 0.0, 255.0),
    "black": (0.0, 0.0, 0.0, 255.0),
    "white": (255.0, 255.0, 255.0, 255.0),
}

# Every module has these: a file that imports only the module of behaviours finds `afferent` too.
CORE: Mapping[str, Any] = MappingProxyType(
    {
        "np": np,
        "Behaviour": behavior.Behavior,
        **_all_of(parameters, "is_number"),
        **_all_of(behavior, "Behavior"),
        **_all_of(network, "Network", "float32", "float64", "def_dtype", "SxD", "DxS"),
        **_all_of(neurons, "NeuronGroup", "NeuronSubGroup"),
        **_all_of(words, "afferent", "pre", "preSynaptic", "dendrite", "efferent", "post", "postSynaptic", "axon"),
        **_COLOURS,
        **_all_of(synapses, "SynapseGroup"),
        **_all_of(recorder, "Recorder", "EventRecorder", "get_Recorder"),
        **_all_of(space, "NeuronDimension", "Grid", "NeuronGrid", "get_squared_dim", "getGrid", "rotation_matrix"),
        **_all_of(space, "vec_to_mat", "vec_to_mat_transposed"),
        **_all_of(fields, "Box_Receptive_Fields", "Circle_Receptive_Fields", "Receptive_Fields"),
        **_all_of(fields, "Remove_Autapses", "Partition"),
        **_all_of(analysis, "AnalysisModule"),
        **_all_of(genome, "gene", "get_gene", "get_genome", "set_genome", "set_score", "is_evolution_mode"),
        **_all_of(genome, "get_evo_name", "get_evo_id", "get_evo_generation", "get_gene_file"),
        **_all_of(storage, "StorageManager", "SimpleStorageManager", "StorageManagerGroup"),
        **_all_of(storage, "get_data_folder", "get_root_folder", "add_project_root_path"),
        **_all_of(matrices, "get_combined_syn_mats", "get_partitioned_synapse_matrix"),
        **_all_of(matrices, "set_partitioned_synapse_matrix", "get_single_neuron_combined_partition_matrix"),
        **_all_of(matrices, "SingleNeuron_attached_SubSGs", "get_unique_non_partitioned_Groups"),
        **_all_of(matrices, "behavior_test_environment"),
    }
)

_HOMEOSTASIS = _all_of(mechanisms, "Instant_Homeostasis", "Time_Integration_Homeostasis")
_NORMALIZATION = _all_of(
    mechanisms, "Synaptic_Normalization", "normalize_synapse_attr", "normalize_synapse_attr_efferent"
)
_VARIABLES = _all_of(equations, "Variable", "Syn_Variable")
_WINDOW = {
    **_all_of(window, "Network_UI"),
    **_all_of(counterparts, "TabBase", "get_default_UI_modules", "get_advanced_UI_modules", "get_modules_dict"),
    **counterparts.COUNTERPARTS,
}
_ITERATORS = _all_of(matrices, "infinite_resolution_1D", "infinite_resolution_2D", "infinite_resolution_3D")

_BASICS = {
    "BasicHomeostasis": _HOMEOSTASIS,
    "Behavior_Weight_Initialization": _all_of(mechanisms, "CreateWeights"),
    "Normalization": _NORMALIZATION,
    "Normalization_Sparse": _all_of(mechanisms, "normalize_synapse_attr_sparse"),
    "Nox_diffusion": _HOMEOSTASIS | _all_of(mechanisms, "NOX_Diffusion"),
    "Refractory": _all_of(mechanisms, "refractory"),
}
_EULER = {
    "VariableInitializer": _VARIABLES,
    "Equation": _all_of(equations, "Equation"),
    "EulerClock": _all_of(equations, "Clock"),
}
_STRUCTURE: dict[str, dict[str, Any]] = {"Structure": {}, "Partition": {}, "Receptive_Fields": {}}


def _below(prefix: str, names: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {prefix: {}, **{f"{prefix}.{module}": extra for module, extra in names.items()}}


def _behaviours(package: str) -> dict[str, Mapping[str, Any]]:
    """The library of mechanisms, which 1.x and 3.x spell differently."""
    return {
        package: {},
        **_below(f"{package}.Basics", _BASICS),
        **_below(f"{package}.EulerEquationModules", _EULER),
        **_below(f"{package}.Structure", _STRUCTURE),
        **_below(f"{package}.Recorder", {"Recorder": {}}),
    }


_CORE_MODULES = (
    "Network", "Behavior", "Behaviour", "Neuron_Group", "Synapse_Group", "Analysis_Module", "Base",
    "Base_Attachable_Modules", "Base_Tagable_Object",
)  # fmt: skip

# Beside CORE: what a module has of its own. Paths are those below PymoNNto.
MODULES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        **_below("NetworkCore", {name: {} for name in _CORE_MODULES}),
        **_behaviours("NetworkBehavior"),
        **_behaviours("NetworkBehaviour"),
        "Exploration": {},
        **_below("Exploration.HelperFunctions", {"Synapses_And_Weights": {}, "Testing": {}}),
        "Exploration.HelperFunctions.IteratorFunctions": _ITERATORS,
        **_below("Exploration.StorageManager", {"StorageManager": {}}),
        **_below("Exploration.Evolution", {"Evolution": {"Evolution": Evolution}, "Interface_Functions": {}}),
        "Exploration.Network_UI": _WINDOW,
        "Exploration.Network_UI.Network_UI": _WINDOW,
        "Exploration.Network_UI.TabBase": _WINDOW,
        "Exploration.Network_UI.Basic_Tabs": _WINDOW,
        "Exploration.Network_UI.Advanced_Tabs": _WINDOW,
    }
)


def names_of(path: str) -> dict[str, Any]:
    """All names of a module; those of the window have Qt's as well, where it is installed."""
    of_qt = window.names_of_qt() if path.startswith("Exploration.Network_UI") else {}
    return {**of_qt, **CORE, **MODULES.get(path, {})}
