"""What drives neurons from outside: random or given spikes, currents, patterns, pictures,
text.

Times are in ms, and iteration k is the step from (k - 1) dt to k dt: what acts from `begin` to `end` acts in the steps
that end after `begin`, and not after `end`.
"""

from fusion.behaviours.inputs.currents import OrnsteinUhlenbeckCurrent, StepCurrent, WhiteNoise
from fusion.behaviours.inputs.images import Images
from fusion.behaviours.inputs.patterns import Patterns
from fusion.behaviours.inputs.spikes import PoissonInput, PoissonSpikes, SpikePlayback
from fusion.behaviours.inputs.text import TextSequence

__all__ = [
    "Images",
    "OrnsteinUhlenbeckCurrent",
    "Patterns",
    "PoissonInput",
    "PoissonSpikes",
    "SpikePlayback",
    "StepCurrent",
    "TextSequence",
    "WhiteNoise",
]
