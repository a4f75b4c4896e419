"""`ReceptiveFields` and `SpikeTriggeredAverage`: what neurons respond to, by their weights and by their spikes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fusion.analysis.module import AnalysisModule, Progress
from fusion.analysis.recorded import samples, trains
from fusion.analysis.weights import dense, those_with
from fusion.core.neurons import NeuronGroup
from fusion.core.parts import Part
from fusion.core.synapses import SynapseGroup
from fusion.coupling.natives import group_of
from fusion.errors import InvalidValue, ShapeMismatch, TooLittleData, Unsupported


@dataclass(frozen=True)
class TriggeredAverage:
    """The mean of what was recorded before a spike.

    Attributes
    ----------
    average : (neurons, lags, values) float, in the unit of what was recorded; NaN for a neuron that did not fire
    lags : (lags,) float, ms before the spike, from 0
    mean : (values,) float, of what was recorded at all times
    n_spikes : (neurons,) int, that were averaged
    """

    average: NDArray[np.float64]
    lags: NDArray[np.float64]
    mean: NDArray[np.float64]
    n_spikes: NDArray[np.int64]


def receptive_fields(weights: Sequence[ArrayLike]) -> NDArray[np.float64]:
    """Fields (neurons, inputs) through layers of weights, each (target.size, source.size), from the input on.

    Each neuron's field is the sum of the fields of its sources times their weights: what it responds to if all layers
    are linear.

    References
    ----------
    Lee, Ekanadham & Ng (2008), Adv. Neural Inf. Process. Syst. 20:873-880.
    """
    if not len(weights):
        raise InvalidValue("receptive_fields() was given no weights.")
    fields: NDArray[np.float64] | None = None
    for layer in weights:
        matrix = np.asarray(layer, float)
        if matrix.ndim != 2 or (fields is not None and matrix.shape[1] != fields.shape[0]):
            wanted = "(target.size, source.size)" if fields is None else f"(target.size, {fields.shape[0]})"
            raise ShapeMismatch("weights", matrix.shape, f"a layer has {wanted}")
        fields = matrix if fields is None else matrix @ fields
    assert fields is not None
    return fields


def spike_triggered_average(
    stimulus: ArrayLike, counts: ArrayLike, lags: int = 1, progress: Progress = iter
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Mean stimulus (neurons, lags, values) in the bin of a spike and in those before, and how many spikes (neurons,).

    stimulus : (bins, values)
    counts : (bins, neurons), spikes in each bin
    lags : bins; the first is that of the spike. Spikes with fewer bins before them are left out.

    Raises `TooLittleData` if no spike is left.

    References
    ----------
    Dayan & Abbott (2001), *Theoretical Neuroscience*, section 1.3.
    """
    shown, fired = np.asarray(stimulus, float), np.asarray(counts)
    if shown.ndim != 2 or fired.ndim != 2 or len(shown) != len(fired):
        raise ShapeMismatch("counts", fired.shape, f"stimulus has {shown.shape}; give the same bins (bins, neurons)")
    if isinstance(lags, bool) or not isinstance(lags, int) or lags < 1:
        raise InvalidValue(f"lags={lags!r}: give a whole number of bins, at least 1.", lags=lags)
    late = fired[lags - 1 :].astype(float)
    spikes = late.sum(axis=0).astype(np.int64)
    if not spikes.sum():
        raise TooLittleData("A spike-triggered average", 0, 1, f"spikes with {lags} bins up to them")
    sums = np.empty((fired.shape[1], lags, shown.shape[1]))
    for lag in progress(range(lags)):
        sums[:, lag] = late.T @ shown[lags - 1 - lag : len(shown) - lag]
    scale = np.divide(1.0, spikes, out=np.full(spikes.shape, np.nan), where=spikes > 0)
    return sums * scale[:, None, None], spikes


class ReceptiveFields(AnalysisModule):
    """Receptive fields (neurons, inputs) of a neuron group, or of the target of a synapse group, by its weights.

    Arguments, on a neuron group: ``inputs``, the tag of the neuron group in whose neurons fields are seen;
    ``synapses``, the tag of the synapse groups that count, all with weights unless given. Fields over several ways are
    added; a way goes through no group twice. See `receptive_fields`.
    """

    def execute(self, owner: Any, *, inputs: str | None = None, synapses: str | None = None) -> NDArray[np.float64]:
        if isinstance(owner, SynapseGroup):
            if inputs is not None or synapses is not None:
                raise InvalidValue(f"{owner.tag!r} is one layer; attach to its target for fields through several.")
            return receptive_fields([dense(owner)])
        if not isinstance(owner, NeuronGroup):
            raise Unsupported(f"Receptive fields are those of neurons; {owner.tag!r} is none.")
        if inputs is None:
            raise InvalidValue("Fields are seen in a group of neurons: give inputs='tag'.", inputs=inputs)
        source = owner.network[inputs, 0]
        ways = list(_ways(source, owner, synapses, (owner,)))
        if not ways:
            raise InvalidValue(f"No synapses with weights lead from {inputs!r} to {owner.tag!r}.", inputs=inputs)
        fields = [receptive_fields([dense(each) for each in way]) for way in self.steps(ways)]
        return np.asarray(np.sum(fields, axis=0), float)


def _ways(
    source: NeuronGroup, target: NeuronGroup, tag: str | None, seen: tuple[NeuronGroup, ...]
) -> Iterator[list[SynapseGroup]]:
    """All ways from the source to the target, as synapse groups in the order of the flow."""
    for each in those_with(target.afferent, tag):
        before = group_of(each.source)
        if before is source:
            yield [each]
        elif before not in seen:
            for way in _ways(source, before, tag, (*seen, before)):
                yield [*way, each]


class SpikeTriggeredAverage(AnalysisModule):
    """What was there before the spikes of a neuron group, as `TriggeredAverage`.

    Arguments: ``expression``, what a `Recorder` wrote down, and ``of``, the tag of what it is attached to, the neurons
    themselves unless given; ``before`` (ms), how far back; ``start`` and ``stop`` (ms). See `spike_triggered_average`.
    """

    def execute(
        self,
        owner: Any,
        *,
        expression: str,
        of: str | None = None,
        before: float = 20.0,
        start: float = 0.0,
        stop: float | None = None,
    ) -> TriggeredAverage:
        part: Part = owner if of is None else owner.network[of, 0]
        shown = samples(part, expression, start, stop)
        # Each row stands for the time since the one before it.
        counts = trains(owner, float(shown.t[0]) - shown.step, float(shown.t[-1])).counts(shown.step)
        lags = int(before / shown.step + 1e-9) + 1
        average, spikes = spike_triggered_average(shown.rows, counts, lags, self.steps)
        mean = np.asarray(shown.rows.mean(axis=0), float)
        return TriggeredAverage(average, np.arange(lags, dtype=float) * shown.step, mean, spikes)
