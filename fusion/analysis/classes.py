"""`WeightClassification`: neurons whose weights are alike form a class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fusion.analysis.module import AnalysisModule
from fusion.analysis.weights import dense, those_with
from fusion.core.neurons import NeuronGroup
from fusion.core.synapses import SynapseGroup
from fusion.errors import InvalidValue, ShapeMismatch, TooLittleData, Unsupported

UNCLASSIFIED = -1
"""Label of a neuron whose weights are all the same, which resembles nobody."""


@dataclass(frozen=True)
class Classes:
    """To which class each neuron belongs.

    Attributes
    ----------
    labels : (n,) int; -1 for a neuron whose weights are all the same
    vectors : (n, synapses) float, the weights they were found by
    """

    labels: NDArray[np.int64]
    vectors: NDArray[np.float64]

    @property
    def sizes(self) -> dict[int, int]:
        """Neurons in each class."""
        labels, counts = np.unique(self.labels[self.labels != UNCLASSIFIED], return_counts=True)
        return dict(zip(labels.tolist(), counts.tolist(), strict=True))

    def members(self, label: int) -> NDArray[np.int64]:
        """Indices of the neurons of a class."""
        return np.flatnonzero(self.labels == label)

    @property
    def order(self) -> NDArray[np.int64]:
        """Indices (n,) that put neurons of a class beside one another."""
        return np.argsort(self.labels, kind="stable")


def classify(vectors: ArrayLike, n: int | None = None, distance: float = 0.5) -> NDArray[np.int64]:
    """Labels (neurons,) of vectors (neurons, features) by complete linkage of 1 - Pearson's correlation.

    n : classes at most; unless given, two neurons of a class correlate by at least 1 - `distance`

    Label 0 is the largest class; -1 is a vector whose entries are all the same.

    References
    ----------
    Defays (1977), Comput. J. 20:364-366 (complete linkage).
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import pdist

    values = np.asarray(vectors, float)
    if values.ndim != 2:
        raise ShapeMismatch("vectors", values.shape, "give (neurons, features)")
    if n is not None and (isinstance(n, bool) or not isinstance(n, int) or n < 1):
        raise InvalidValue(f"n={n!r}: give a whole number of classes, at least 1.", n=n)
    if not 0 < distance <= 2:
        raise InvalidValue(f"distance={distance!r}: 1 - correlation lies between 0 and 2.", distance=distance)
    varied = np.flatnonzero(np.ptp(values, axis=1) > 0) if values.shape[1] else np.empty(0, np.int64)
    if len(varied) < 2:
        raise TooLittleData("Classes of neurons", len(varied), 2, "neurons with weights that differ")
    tree = linkage(pdist(values[varied], "correlation"), method="complete")
    found = fcluster(tree, distance, "distance") if n is None else fcluster(tree, n, "maxclust")
    labels = np.full(len(values), UNCLASSIFIED)
    labels[varied] = found
    return _by_size(labels)


def matched(labels: ArrayLike, before: ArrayLike) -> NDArray[np.int64]:
    """Labels (neurons,) under the numbers of those `before` (neurons,), so that as many neurons as can be keep theirs.

    Classes that were not there before get numbers that were not used before. By linear sum assignment.

    References
    ----------
    Kuhn (1955), Nav. Res. Logist. Q. 2:83-97 (the Hungarian method).
    """
    from scipy.optimize import linear_sum_assignment

    now, past = np.asarray(labels), np.asarray(before)
    if now.shape != past.shape:
        raise ShapeMismatch("labels", now.shape, f"those before have {past.shape}")
    fresh, known = np.unique(now[now != UNCLASSIFIED]), np.unique(past[past != UNCLASSIFIED])
    shared = np.array([[np.count_nonzero((now == new) & (past == old)) for old in known] for new in fresh])
    names = {UNCLASSIFIED: UNCLASSIFIED}
    if shared.size:
        for row, column in zip(*linear_sum_assignment(shared, maximize=True), strict=True):
            if shared[row, column]:
                names[int(fresh[row])] = int(known[column])
    unused = int(known.max(initial=UNCLASSIFIED)) + 1
    for new in fresh.tolist():
        if new not in names:
            names[new], unused = unused, unused + 1
    return np.array([names[label] for label in now.tolist()], dtype=np.int64)


def _by_size(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Labels from 0, the largest class first; of equal ones that with the first neuron."""
    found, first, counts = np.unique(labels[labels != UNCLASSIFIED], return_index=True, return_counts=True)
    names = {int(found[place]): rank for rank, place in enumerate(np.lexsort((first, -counts)))}
    return np.array([names.get(label, UNCLASSIFIED) for label in labels.tolist()], dtype=np.int64)


class WeightClassification(AnalysisModule):
    """Classes of neurons by their weights, as `Classes`; numbers stay those of the last result as far as they can.

    On a synapse group the neurons at one end of it, on a neuron group its own, by all their synapses. ``by="afferent"``
    compares the weights onto neurons, ``by="efferent"`` those from them.

    Arguments: ``by``; ``n`` classes at most, or else the greatest ``distance`` within one, see `classify`; on a neuron
    group ``synapses``, the tag of the synapse groups that count.
    """

    def execute(
        self,
        owner: Any,
        *,
        by: str = "afferent",
        n: int | None = None,
        distance: float = 0.5,
        synapses: str | None = None,
    ) -> Classes:
        vectors = _vectors(owner, by, synapses)
        labels = classify(vectors, n, distance)
        if self.results and self.result.labels.shape == labels.shape:
            labels = matched(labels, self.result.labels)
        return Classes(labels, vectors)


def _vectors(owner: Any, by: str, tag: str | None) -> NDArray[np.float64]:
    """The weights of each neuron (neurons, synapses)."""
    if by not in ("afferent", "efferent"):
        raise InvalidValue(f"by={by!r}: give 'afferent' or 'efferent'.", by=by)
    if isinstance(owner, SynapseGroup):
        if tag is not None:
            raise InvalidValue(f"synapses={tag!r} is for neuron groups; {owner.tag!r} is one synapse group.")
        groups = [owner]
    elif isinstance(owner, NeuronGroup):
        groups = those_with(owner.afferent if by == "afferent" else owner.efferent, tag)
        if not groups:
            raise InvalidValue(f"{owner.tag!r} has no {by} synapses {f'tagged {tag!r}' if tag else 'with weights W'}.")
    else:
        raise Unsupported(f"Weights belong to synapse groups and neuron groups; {owner.tag!r} is none.")
    return np.hstack([dense(each) if by == "afferent" else dense(each).T for each in groups])
