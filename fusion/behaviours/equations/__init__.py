"""Neurons by their equations."""

from fusion.behaviours.equations.behaviour import Equations

__all__ = ["Equations"]
