"""`Specimen`: a simple population of a simulator, to measure what exchanges with it cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Specimen:
    """A population that fires by itself, if it fires at all, each neuron some 30 times a second.

    source : what ``create`` takes
    state : a variable that each step changes
    spike_input, sample_input : names of inputs, "" if there is none
    weight : of a spike that hardly changes a neuron
    sample : what stands in the sample input while it fires so
    start : {variable: (n,) array}, to be written before the first step
    """

    source: Any
    state: str
    spike_input: str = ""
    weight: float = 0.0
    sample_input: str = ""
    sample: float = 0.0
    start: Mapping[str, ArrayLike] = field(default_factory=dict)
