"""Matrices of synapse groups that were partitioned, put together again; and the other helpers that scripts import."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion_pymonnto.network import Network
from fusion_pymonnto.neurons import NeuronGroup
from fusion_pymonnto.words import afferent

_COARSEST = 5  # steps along an axis


def get_combined_syn_mats(
    synapses: Iterable[Any], neuron_id: int | None = None, attr: str = "W"
) -> dict[str, NDArray[Any]]:
    """Matrices (dst.size, src.size) of whole groups, by their tags, from those of the parts; 0 where there is no part.

    neuron_id : of whom to give the row alone, as a grid (height, width)
    """
    found: dict[str, NDArray[Any]] = {}
    shapes: dict[str, tuple[int, int]] = {}
    for one in synapses:
        source, target = one.src.group_without_subGroup(), one.dst.group_without_subGroup()
        key = ",".join(one.tags)
        whole = found.setdefault(key, np.zeros((target.size, source.size)))
        shapes[key] = (getattr(source, "height", 1), getattr(source, "width", source.size))
        part = one.ignore_transpose_mode(np.asarray(getattr(one, attr)))  # as the user named it
        whole[_block(one)] += np.broadcast_to(part, (one.dst.size, one.src.size))
    if neuron_id is None:
        return found
    return {key: whole[neuron_id].reshape(shapes[key]) for key, whole in found.items()}


def get_partitioned_synapse_matrix(neurons: Any, synapse_tag: str, synapse_var: str, return_first: bool = True) -> Any:
    """The matrix of the groups with a tag that arrive at a group; all of them, by their tags, if wanted."""
    found = get_combined_syn_mats(neurons.synapses(afferent, synapse_tag), None, synapse_var)
    return next(iter(found.values())) if return_first else found


def set_partitioned_synapse_matrix(neurons: Any, synapse_tag: str, synapse_var: str, mat: NDArray[Any]) -> None:
    """Give each part its block of a matrix (dst.size, src.size)."""
    for one in neurons.synapses(afferent, synapse_tag):
        setattr(one, synapse_var, one.ignore_transpose_mode(mat[_block(one)]))  # as the user named it


def get_single_neuron_combined_partition_matrix(
    neurons: Any, synapse_tag: str, synapse_var: str, neuron_id: int, return_first: bool = True
) -> Any:
    """The row of one neuron as a grid (height, width) of the source."""
    found = list(get_combined_syn_mats(neurons.synapses(afferent, synapse_tag), neuron_id, synapse_var).values())
    return found[0] if return_first else found


def SingleNeuron_attached_SubSGs(neuron_group: Any, synapse_tag: str, neuron_id: int) -> list[Any]:
    """The groups with a tag that arrive at one neuron."""
    return [one for one in neuron_group.synapses(afferent, synapse_tag) if neuron_id in one.dst.id]


def get_unique_non_partitioned_Groups(groups: Iterable[Any]) -> list[Any]:
    """The first group of each set of tags."""
    return list({",".join(one.tags): one for one in reversed(list(groups))}.values())[::-1]


def _block(synapses: Any) -> Any:
    return np.ix_(synapses.dst.id, synapses.src.id)


def behavior_test_environment(behavior: Any, size: int = 1, initialize: bool = True, iteration: int = 0) -> Any:
    """A network with one group that has a behaviour, or several by key: (network, group, behaviours by key)."""
    behaviors = behavior if isinstance(behavior, Mapping) else {1: behavior}
    net = Network(tag="Network")
    group = NeuronGroup(net, size, dict(behaviors), tag="Neuron")
    if initialize:
        net.initialize(info=False)
    if iteration:
        net.simulate_iterations(iteration, measure_block_time=False)
    return net, group, behaviors


def infinite_resolution_1D(minx: float, maxx: float, max_resolution: int = -1) -> Iterator[float]:
    """Points of an interval, coarse ones first, each once; the resolution doubles without end, or so many times."""
    return (point[0] for point in _refined([(minx, maxx)], max_resolution))


def infinite_resolution_2D(
    minx: float, maxx: float, miny: float, maxy: float, max_resolution: int = -1
) -> Iterator[list[float]]:
    """As `infinite_resolution_1D`, in a rectangle."""
    return _refined([(minx, maxx), (miny, maxy)], max_resolution)


def infinite_resolution_3D(
    minx: float, maxx: float, miny: float, maxy: float, minz: float, maxz: float, max_resolution: int = -1
) -> Iterator[list[float]]:
    """As `infinite_resolution_1D`, in a box."""
    return _refined([(minx, maxx), (miny, maxy), (minz, maxz)], max_resolution)


def _refined(ranges: list[tuple[float, float]], max_resolution: int) -> Iterator[list[float]]:
    level = 0
    while max_resolution == -1 or level <= max_resolution:
        n = _COARSEST * 2**level
        for steps in product(range(n), repeat=len(ranges)):
            # Those with even steps alone were on the coarser grid.
            if level == 0 or any(step % 2 for step in steps):
                yield [low + (high - low) * step / n for step, (low, high) in zip(steps, ranges, strict=True)]
        level += 1
