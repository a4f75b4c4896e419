"""Synaptic plasticity: rules that change ``W`` of a synapse group, whatever simulates its two ends."""

from fusion.behaviours.plasticity.inhibitory import InhibitorySTDP
from fusion.behaviours.plasticity.one_step import OneStepSTDP
from fusion.behaviours.plasticity.reward import RewardModulatedSTDP
from fusion.behaviours.plasticity.short_term import ShortTermPlasticity
from fusion.behaviours.plasticity.stdp import STDP

__all__ = ["STDP", "InhibitorySTDP", "OneStepSTDP", "RewardModulatedSTDP", "ShortTermPlasticity"]
