"""Mechanisms to attach: connectivity, space, delivery, plasticity, homeostasis."""

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
from fusion.behaviours.diffusive import DiffusiveHomeostasis
from fusion.behaviours.homeostasis import AveragedHomeostasis, Homeostasis
from fusion.behaviours.normalization import SynapticNormalization
from fusion.behaviours.plasticity import STDP, InhibitorySTDP, OneStepSTDP, RewardModulatedSTDP, ShortTermPlasticity
from fusion.behaviours.space import Positions, box, circle, gaussian, grid, ring

__all__ = [
    "STDP",
    "AllToAll",
    "AveragedHomeostasis",
    "Delivery",
    "DiffusiveHomeostasis",
    "FixedInDegree",
    "FixedProbability",
    "Homeostasis",
    "InhibitorySTDP",
    "OneStepSTDP",
    "OneToOne",
    "Positions",
    "RewardModulatedSTDP",
    "ShortTermPlasticity",
    "SynapticNormalization",
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
