"""What PymoNNto brings along: weights, normalization, homeostasis, refractoriness, equations, positions."""

from PymoNNto import *
from PymoNNto.NetworkBehavior.Basics.BasicHomeostasis import *
from PymoNNto.NetworkBehavior.Basics.Behavior_Weight_Initialization import *
from PymoNNto.NetworkBehavior.Basics.Normalization import *
from PymoNNto.NetworkBehavior.Basics.Refractory import *
from PymoNNto.NetworkBehavior.EulerEquationModules.Equation import *
from PymoNNto.NetworkBehavior.EulerEquationModules.EulerClock import *
from PymoNNto.NetworkBehavior.EulerEquationModules.VariableInitializer import *


class Activity(Behavior):
    def initialize(self, n):
        n.activity, n.output, n.bias = n.vector(), n.vector(), n.vector()
        n.buffer = n.vector_buffer(3)

    def iteration(self, n):
        n.buffer_roll(n.buffer, n.output)
        n.activity = n.vector("lognormal(mean=0, sigma=0.5)") - n.bias + 0.1 * n.buffer[-1]
        for s in n.synapses(afferent, "GLU"):
            n.activity += s.W @ s.src.output


class Output(Behavior):
    def iteration(self, n):
        n.output = (n.activity > 1.0).astype(n.def_dtype)


np.random.seed(7)
net = Network()
cells = NeuronGroup(
    net=net,
    tag="cells",
    size=get_squared_dim(60),
    behavior={
        1: Activity(),
        2: refractory(decayfactor=0.6, strengthfactor=0.3),
        3: Output(),
        4: Time_Integration_Homeostasis(
            measurement_param="n.output",
            adjustment_param="bias",
            threshold=0.2,
            gap_percent=10,
            adj_strength=-0.1,
            integration_length=5,
            target_clip_min=-1.0,
            target_clip_max=1.0,
        ),
        5: Instant_Homeostasis(
            measurement_param="n.activity",
            adjustment_param="bias",
            min_th=0.1,
            max_th=2.0,
            adj_strength=-0.01,
            distance_sensitive=False,
            measurement_max=5.0,
        ),
        6: Synaptic_Normalization(syn_type="GLU", norm_factor=0.5, clip_max=0.4),
        9: Recorder(["activity", "output", "bias", "np.sum(output)/2"], max_length=50),
    },
)
synapses = SynapseGroup(
    net=net, src=cells, dst=cells, tag="GLU", behavior={0: CreateWeights(density=0.9, nomr_fac=2.0)}
)
cells["NeuronDimension", 0].scale(2.0, 1.0, 1.0).move(x=1.0)
net.initialize()
net.simulate_iterations(100, measure_block_time=False)

equations = Network()
leaky = NeuronGroup(
    net=equations,
    size=10,
    tag="leaky",
    behavior={
        1: Clock(step="0.1*ms"),
        2: Variable(eq="v=1*mV"),
        3: Variable(eq="tau=10*ms"),
        4: Equation(eq="dv/dt=(0*mV-v)/tau"),
        9: Recorder(["v", "t"]),
    },
)
equations.initialize()
equations.simulate_iterations("20*ms", measure_block_time=False)

results = {
    "activity": net["activity", 0, "np"],
    "output": net["output", 0, "np"],
    "bias": net["bias", 0, "np"],
    "half": net["np.sum(output)/2", 0, "np"],
    "W": synapses.W,
    "x": cells.x,
    "v": equations["v", 0, "np"],
    "t": equations["t", 0, "np"],
}
