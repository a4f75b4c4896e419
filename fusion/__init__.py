"""One neural network, several simulators."""

from fusion.adapter.base import Adapter
from fusion.adapter.recipe import built
from fusion.adapter.seeding import seed
from fusion.core.behaviour import Behaviour
from fusion.core.connectivity import all_to_all, fixed_indegree, fixed_outdegree, fixed_probability, one_to_one
from fusion.core.distributions import Distribution, exponential, lognormal, normal, uniform
from fusion.core.neurons import NeuronGroup
from fusion.core.subgroup import NeuronSubGroup
from fusion.core.synapses import SynapseGroup
from fusion.errors import FusionError
from fusion.network import Network
from fusion.recording.recorder import EventRecorder, Recorder

__all__ = [
    "Adapter",
    "Behaviour",
    "Distribution",
    "EventRecorder",
    "FusionError",
    "Network",
    "NeuronGroup",
    "NeuronSubGroup",
    "Recorder",
    "SynapseGroup",
    "all_to_all",
    "built",
    "exponential",
    "fixed_indegree",
    "fixed_outdegree",
    "fixed_probability",
    "lognormal",
    "normal",
    "one_to_one",
    "seed",
    "uniform",
]
