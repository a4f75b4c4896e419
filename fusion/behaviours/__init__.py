"""Mechanisms to attach: connectivity, space, inputs, delivery, models of neurons, plasticity, homeostasis."""

from fusion.behaviours.delivery import Delivery
from fusion.behaviours.diffusive import DiffusiveHomeostasis
from fusion.behaviours.equations import Equations
from fusion.behaviours.homeostasis import AveragedHomeostasis, Homeostasis
from fusion.behaviours.inputs import (
    OrnsteinUhlenbeckCurrent,
    Patterns,
    PoissonInput,
    PoissonSpikes,
    SpikePlayback,
    StepCurrent,
)
from fusion.behaviours.neurons import (
    LIF,
    AdaptiveExponentialIF,
    AlphaCurrent,
    ExponentialConductance,
    ExponentialCurrent,
    ExponentialIF,
    HindmarshRose,
    HodgkinHuxley,
    Hopfield,
    Izhikevich,
    RateUnits,
    WangBuzsaki,
    hebbian,
)
from fusion.behaviours.normalization import SynapticNormalization
from fusion.behaviours.plasticity import STDP, InhibitorySTDP, OneStepSTDP, RewardModulatedSTDP, ShortTermPlasticity
from fusion.behaviours.space import Positions, box, circle, gaussian, grid, ring
from fusion.core.connectivity import (
    AllToAll,
    FixedInDegree,
    FixedOutDegree,
    FixedProbability,
    OneToOne,
    all_to_all,
    fixed_indegree,
    fixed_outdegree,
    fixed_probability,
    one_to_one,
)

__all__ = [
    "LIF",
    "STDP",
    "AdaptiveExponentialIF",
    "AllToAll",
    "AlphaCurrent",
    "AveragedHomeostasis",
    "Delivery",
    "DiffusiveHomeostasis",
    "Equations",
    "ExponentialConductance",
    "ExponentialCurrent",
    "ExponentialIF",
    "FixedInDegree",
    "FixedOutDegree",
    "FixedProbability",
    "HindmarshRose",
    "HodgkinHuxley",
    "Homeostasis",
    "Hopfield",
    "InhibitorySTDP",
    "Izhikevich",
    "OneStepSTDP",
    "OneToOne",
    "OrnsteinUhlenbeckCurrent",
    "Patterns",
    "PoissonInput",
    "PoissonSpikes",
    "Positions",
    "RateUnits",
    "RewardModulatedSTDP",
    "ShortTermPlasticity",
    "SpikePlayback",
    "StepCurrent",
    "SynapticNormalization",
    "WangBuzsaki",
    "all_to_all",
    "box",
    "circle",
    "fixed_indegree",
    "fixed_outdegree",
    "fixed_probability",
    "gaussian",
    "grid",
    "hebbian",
    "one_to_one",
    "ring",
]
