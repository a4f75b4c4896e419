"""PymoNNto's library of mechanisms (``NetworkBehavior.Basics``): homeostasis, normalization, refractoriness, NOX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.core.weights import is_sparse
from fusion.errors import InvalidValue
from fusion.recording.expression import Expression
from fusion_pymonnto.behavior import Behavior
from fusion_pymonnto.recorder import plain
from fusion_pymonnto.words import afferent, efferent


class Instant_Homeostasis(Behavior):
    """Moves a variable so that what is measured stays between two thresholds.

    Parameters
    ----------
    measurement_param : str
        Expression that is measured, such as "n.voltage".
    adjustment_param : str
        Variable that is changed.
    threshold, gap_percent : number
        Both thresholds, and how far they lie below and above; or `min_th` and `max_th` themselves.
    distance_sensitive : bool
        Whether the change grows with the distance from the threshold.
    inc, dec, adj_strength : number
        Factors of increase, of decrease, and of both.
    measurement_min, measurement_max, target_clip_min, target_clip_max : number
        Bounds of what is measured and of what is changed.
    """

    _measure: Callable[[], Any] | None = None

    def initialize(self, neurons: Any) -> None:
        """Read the parameters."""
        self.min_th = self.parameter("min_th", None, neurons)
        self.max_th = self.parameter("max_th", None, neurons)
        self.set_threshold(self.parameter("threshold", None, neurons), self.parameter("gap_percent", None, neurons))
        self.distance_sensitive = self.parameter("distance_sensitive", True, neurons)
        self.inc = self.parameter("inc", 1.0, neurons)
        self.dec = self.parameter("dec", 1.0, neurons)
        self.adj_strength = self.parameter("adj_strength", 1.0, neurons)
        self.adjustment_param = self.parameter("adjustment_param", None, neurons)
        self.measurement_param = self.parameter("measurement_param", None, neurons)
        self.measurement_min = self.parameter("measurement_min", None, neurons)
        self.measurement_max = self.parameter("measurement_max", None, neurons)
        self.target_clip_min = self.parameter("target_clip_min", None, neurons)
        self.target_clip_max = self.parameter("target_clip_max", None, neurons)

    def set_threshold(self, th: Any, gap_percent: Any = None) -> None:
        """Set both thresholds, `gap_percent` per cent of `th` below and above it."""
        self.th = th
        if th is not None:
            gap = 0.0 if gap_percent is None else th / 100 * gap_percent
            self.min_th, self.max_th = th - gap, th + gap

    def get_measurement_param(self, n: Any) -> Any:
        """What is measured, within its bounds."""
        value = self.measured(n)
        if self.measurement_min is None and self.measurement_max is None:
            return value
        return np.clip(value, self.measurement_min, self.measurement_max)

    def measured(self, neurons: Any) -> Any:
        """What is measured."""
        if self._measure is None:
            self._measure = Expression(plain(self.measurement_param)).bind(neurons.plain)
        return self._measure()

    def get_target_adjustment(self, measure_or_average: Any) -> Any:
        """The change."""
        greater = (measure_or_average > self.max_th) * (-self.dec)
        smaller = (measure_or_average < self.min_th) * self.inc
        if self.distance_sensitive:
            greater = greater * (measure_or_average - self.max_th)
            smaller = smaller * (self.min_th - measure_or_average)
        return (greater + smaller) * self.adj_strength

    def add_to_target_param(self, neurons: Any, add: Any) -> None:
        """Apply the change, within the bounds."""
        value = getattr(neurons, self.adjustment_param) + add  # as the user named it
        if self.target_clip_min is not None or self.target_clip_max is not None:
            value = np.clip(value, self.target_clip_min, self.target_clip_max)
        setattr(neurons, self.adjustment_param, value)  # as the user named it

    def iteration(self, neurons: Any) -> None:
        """Measure and adjust."""
        self.add = self.get_target_adjustment(self.get_measurement_param(neurons))
        self.add_to_target_param(neurons, self.add)


class Time_Integration_Homeostasis(Instant_Homeostasis):
    """Homeostasis of a running average.

    Parameters
    ----------
    integration_length : number
        How slow the average is; 0 is the value itself.
    init_avg : number
        Where it begins; between the thresholds unless given.
    """

    def initialize(self, neurons: Any) -> None:
        """Read the parameters."""
        super().initialize(neurons)
        self.integration_length = self.parameter("integration_length", 1, neurons)
        if self.min_th is None or self.max_th is None:
            raise InvalidValue(f"{self} needs threshold=, or min_th= and max_th=.")
        self.average = self.parameter("init_avg", (self.min_th + self.max_th) / 2, neurons)

    def get_measurement_param(self, n: Any) -> Any:
        """The average."""
        value = super().get_measurement_param(n)
        self.average = (self.average * self.integration_length + value) / (self.integration_length + 1)
        return self.average


class NOX_Diffusion(Instant_Homeostasis):
    """A gas that active neurons give off, and that reaches those around: ``nox`` is what comes in an iteration.

    Each of 5 x 5 blocks of the grid gets the mean of ``output_new`` over the block and a margin of 5 around it; ``nox``
    is adjusted by how far that lies from a threshold.

    Parameters
    ----------
    th_nox, eta_nox : number
        Threshold, and the factor of the adjustment.
    mp : expression to measure in place of the mean
    """

    _MARGIN = (5, 5, 5)

    def initialize(self, neurons: Any) -> None:
        """Find the blocks."""
        super().initialize(neurons)
        masks = [mask for mask in neurons.partition_masks([5, 5, 1]) if mask.any()]
        self.blocks = [
            (mask, neurons.get_subgroup_receptive_field_mask(neurons.subGroup(mask), self._MARGIN)) for mask in masks
        ]
        neurons.nox = neurons.vector()
        self.adjustment_param = "nox"
        self.measurement_param = self.parameter("mp")
        self.set_threshold(self.parameter("th_nox", 0, neurons))
        self.adj_strength = -self.parameter("eta_nox", 0.002, neurons)

    def partition_sum(self, neurons: Any) -> NDArray[Any]:
        """Mean activity around each block (size,)."""
        total: NDArray[Any] = neurons.vector()
        for mask, around in self.blocks:
            total[mask] = np.mean(neurons.output_new[around])
        return total

    def measured(self, neurons: Any) -> Any:
        """What is measured."""
        return self.partition_sum(neurons) if self.measurement_param is None else super().measured(neurons)

    def iteration(self, neurons: Any) -> None:
        """Begin at zero, measure and adjust."""
        neurons.nox.fill(0)
        super().iteration(neurons)


class Synaptic_Normalization(Behavior):
    """Keeps the sum of all weights of a type that arrive at a neuron, and each weight between 0 and a maximum.

    Parameters
    ----------
    syn_type : str
    norm_factor : number, or one per neuron
    clip_max : number
    """

    def initialize(self, neurons: Any) -> None:
        """Read the parameters."""
        self.syn_type = self.parameter("syn_type", "GLU", neurons)
        self.clip_max = self.parameter("clip_max", None, neurons)
        neurons.weight_norm_factor = neurons.vector() + self.parameter("norm_factor", 1.0, neurons)

    def iteration(self, neurons: Any) -> None:
        """Normalize."""
        normalize_synapse_attr("W", "W", neurons.weight_norm_factor, neurons, self.syn_type)
        for synapses in neurons.synapses(afferent, self.syn_type):
            synapses.W = np.clip(synapses.W, 0, self.clip_max)


def normalize_synapse_attr(src_attr: str, target_attr: str, target_value: Any, neurons: Any, synapse_type: str) -> None:
    """Divide matrices so that what arrives at a neuron over all groups of a type sums to `target_value`; 0 stays 0.

    src_attr, target_attr : the matrix that is summed, and the one that is divided
    """
    _normalize(src_attr, target_attr, target_value, neurons, synapse_type, afferent)


def normalize_synapse_attr_efferent(
    src_attr: str, target_attr: str, target_value: Any, neurons: Any, synapse_type: str
) -> None:
    """As `normalize_synapse_attr`, for what leaves a neuron."""
    _normalize(src_attr, target_attr, target_value, neurons, synapse_type, efferent)


def _normalize(src_attr: str, target_attr: str, target_value: Any, neurons: Any, synapse_type: str, end: int) -> None:
    groups = neurons.synapses(end, synapse_type)
    ends = [synapses.dst if end == afferent else synapses.src for synapses in groups]
    axis = 1 if end == afferent else 0  # along which the synapses of a neuron lie
    neurons.temp_weight_sum = neurons.vector()
    for synapses, part in zip(groups, ends, strict=True):
        part.temp_weight_sum += np.sum(np.abs(_matrix(synapses, src_attr)), axis=axis)
    neurons.temp_weight_sum /= target_value
    for synapses, part in zip(groups, ends, strict=True):
        total = part.temp_weight_sum
        _divide(synapses, target_attr, np.expand_dims(total + (total == 0), axis))


def normalize_synapse_attr_sparse(
    src_attr: str, target_attr: str, target_value: Any, neurons: Any, synapse_type: str
) -> None:
    """As `normalize_synapse_attr`, which takes sparse matrices too."""
    normalize_synapse_attr(src_attr, target_attr, target_value, neurons, synapse_type)


def _matrix(synapses: Any, name: str) -> Any:
    """A matrix (dst.size, src.size), dense for a sum over it."""
    matrix = getattr(synapses, name)  # as the user named it
    return matrix.toarray() if is_sparse(matrix) else synapses.ignore_transpose_mode(matrix)


def _divide(synapses: Any, name: str, divisor: NDArray[Any]) -> None:
    matrix = getattr(synapses, name)  # as the user named it
    if is_sparse(matrix):
        changed = matrix.multiply(1.0 / divisor).asformat(matrix.format)
    else:
        changed = synapses.ignore_transpose_mode(synapses.ignore_transpose_mode(matrix) / divisor)
    setattr(synapses, name, changed)  # as the user named it


class refractory(Behavior):
    """Lowers ``activity`` by how much of ``output`` a neuron has given lately.

    Parameters
    ----------
    decayfactor, strengthfactor : number
    """

    def initialize(self, neurons: Any) -> None:
        """Read the parameters."""
        neurons.refractory_counter = neurons.vector()
        self.decayfactor = self.parameter("decayfactor", 0.5, neurons)
        self.strengthfactor = self.parameter("strengthfactor", 1.0, neurons)

    def iteration(self, neurons: Any) -> None:
        """Count, and lower."""
        neurons.refractory_counter *= self.decayfactor
        neurons.refractory_counter += neurons.output
        neurons.activity -= neurons.refractory_counter * self.strengthfactor


class CreateWeights(Behavior):
    """Draws ``W``, zero where synapses are not enabled, and normalizes rows and columns in turn.

    Parameters
    ----------
    distribution : str
    density : number
    normalize : bool
    norm_fac : number
        Sum of a column in the end; "nomr_fac" is taken too.
    """

    _ROUNDS = 10

    def initialize(self, synapses: Any) -> None:
        """Make the weights."""
        distribution = self.parameter("distribution", "uniform(0.0,1.0)")
        factor = self.parameter("norm_fac", self.parameter("nomr_fac", 1.0))
        weights = synapses.matrix(distribution, density=self.parameter("density", 1.0)) * synapses.enabled
        if self.parameter("normalize", True):
            for _ in range(self._ROUNDS):
                for axis in (1, 0):
                    total = np.sum(weights, axis=axis, keepdims=True)
                    weights = weights / (total + (total == 0))
            weights = weights * factor
        synapses.W = weights
