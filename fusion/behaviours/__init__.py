"""Mechanisms to attach: connectivity, delivery, neuron models, plasticity."""

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
from fusion.behaviours.plasticity import STDP

__all__ = [
    "LIF",
    "STDP",
    "AdaptiveExponentialIF",
    "AllToAll",
    "AlphaCurrent",
    "Delivery",
    "ExponentialConductance",
    "ExponentialCurrent",
    "ExponentialIF",
    "FixedInDegree",
    "FixedProbability",
    "HindmarshRose",
    "HodgkinHuxley",
    "Hopfield",
    "Izhikevich",
    "OneToOne",
    "RateUnits",
    "WangBuzsaki",
    "all_to_all",
    "fixed_indegree",
    "fixed_probability",
    "hebbian",
    "one_to_one",
]
