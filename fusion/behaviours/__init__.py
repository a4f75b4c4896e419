"""Mechanisms to attach: connectivity, space, delivery, plasticity."""

from fusion.behaviours.connectivity import (
    AllToAll,
    FixedInDegree,
    FixedProbability,
    OneToOne,
    all_to_all,
    fixed_indegree,
    fixed_probability,
    one_to_one,
)
from fusion.behaviours.delivery import Delivery
from fusion.behaviours.plasticity import STDP
from fusion.behaviours.space import Positions, box, circle, gaussian, grid, ring

__all__ = [
    "STDP",
    "AllToAll",
    "Delivery",
    "FixedInDegree",
    "FixedProbability",
    "OneToOne",
    "Positions",
    "all_to_all",
    "box",
    "circle",
    "fixed_indegree",
    "fixed_probability",
    "gaussian",
    "grid",
    "one_to_one",
    "ring",
]
