"""Models of neurons, and of the currents that spikes bring them.

What they have in common, so that they, synapses and other behaviours fit together:

- A model makes ``voltage`` (n,) and ``spike`` (n,) of a native group, and takes one step per iteration. ``voltage`` is
  in mV and is the value after the step, and after the reset of those that fired. `RateUnits` make ``rate`` instead,
  `Hopfield` ``state``, `ThresholdUnits` only ``spike``.
- It reads ``current`` (n,), in pA unless the model says otherwise: what acts during the step that ends with this
  iteration. It is zero when an iteration begins. Links with ``into="current"`` and behaviours under smaller keys add
  to it, and what they add counts for one iteration; behaviours under larger keys come too late.
- A link without ``into=`` brings jumps to ``input``, which `ExponentialCurrent`, `AlphaCurrent` or
  `ExponentialConductance`, under a key smaller than the model's, turn into ``current``. The jump of iteration k is part
  of the synaptic current at the end of iteration k, and moves the voltage from iteration k + 1 on, as in NEST.
- Synapses that open gradually are two behaviours: `SynapticGating` makes ``gate`` of the source's voltage, a link
  carries it, ``signal="gate", into="conductance"``, and `ConductanceCurrent` of the target makes ``current`` of it.
- Times are in ms. The step is the network's dt; models that are integrated by steps of their own divide it.
- A parameter is one number, an array (n,), or a distribution from which one value per neuron is drawn.
- Numbers are of the network's type. What a step multiplies with is made when a model is initialized; a time constant
  or a capacitance that is changed later has no effect.
"""

from fusion.behaviours.neurons.channels import HodgkinHuxley, WangBuzsaki
from fusion.behaviours.neurons.currents import AlphaCurrent, ExponentialConductance, ExponentialCurrent
from fusion.behaviours.neurons.exponential_if import AdaptiveExponentialIF, ExponentialIF
from fusion.behaviours.neurons.gating import ConductanceCurrent, SynapticGating
from fusion.behaviours.neurons.hindmarsh_rose import HindmarshRose
from fusion.behaviours.neurons.hopfield import Hopfield, hebbian
from fusion.behaviours.neurons.izhikevich import Izhikevich
from fusion.behaviours.neurons.lif import LIF
from fusion.behaviours.neurons.rate_units import RateUnits
from fusion.behaviours.neurons.threshold_units import ThresholdUnits

__all__ = [
    "LIF",
    "AdaptiveExponentialIF",
    "AlphaCurrent",
    "ConductanceCurrent",
    "ExponentialConductance",
    "ExponentialCurrent",
    "ExponentialIF",
    "HindmarshRose",
    "HodgkinHuxley",
    "Hopfield",
    "Izhikevich",
    "RateUnits",
    "SynapticGating",
    "ThresholdUnits",
    "WangBuzsaki",
    "hebbian",
]
