"""Brian2 as a participant of a network: its groups, its synapses, its variables, at the cost of its own loop."""

from fusion_brian2.adapter import Adapter
from fusion_brian2.recipes import Neurons, neurons

__all__ = ["Adapter", "Neurons", "neurons"]
