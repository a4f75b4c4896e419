"""Neurons by their equations."""

from fusion.behaviours.equations.behaviour import Equations
from fusion.behaviours.equations.paper import Clock, Equation, Variable

__all__ = ["Clock", "Equation", "Equations", "Variable"]
