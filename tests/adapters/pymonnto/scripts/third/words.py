"""Arrays by a word, parameters as strings, tags, keys, and what is asked of a network; random numbers are the same."""

from PymoNNto import *

calls = []


class Noted(Behavior):
    def initialize(self, owner):
        calls.append(f"initialize {self.parameter('name')}")

    def iteration(self, owner):
        if owner.network.iteration == 1:
            calls.append(self.parameter("name"))


class First(Noted):
    initialize_on_init = True


class Last(Noted):
    initialize_last = True


class Parameters(Behavior):
    def initialize(self, n):
        n.given = n.vector("normal(1, 0.1)")
        self.values = [
            self.parameter("half", 1.0, n),
            self.parameter("whole", 3, n),
            self.parameter("fraction", 3, n),
            self.parameter("absent", 4.5, n),
            self.parameter("drawn", 1.0, n)[3],
            self.parameter("same", 1.0, n)[2],
            float(self.parameter("yes", False, n)),
        ]


np.random.seed(8)
net = Network(behavior={5: Noted(name="net5")})
a = NeuronGroup(
    net=net,
    tag="a,first",
    size=7,
    behavior={
        5: Noted(name="a5"),
        -1: Noted(name="a-1"),
        0.5: Noted(name="a0.5", tag="half"),
        6: Last(name="a6"),
        7: First(name="a7"),
        8: Parameters(half="0.5", whole="2", fraction="2.7", drawn="uniform(2, 3)", same="same(a, given)", yes=True),
    },
)
b = NeuronGroup(net=net, tag="b", size=4, behavior={5: Noted(name="b5"), 1: Noted(name="b1")})
s = SynapseGroup(net=net, src="a", dst="b", tag="s", behavior={5: Noted(name="s5")})
net.initialize()
net.simulate_iterations(3, measure_block_time=False)
modes = (
    1,
    -2.5,
    "zeros()",
    "ones()",
    "random",
    "rnd",
    "uniform(2, 5)",
    "normal(loc=1, scale=2)",
    "lognormal(mean=1, sigma=0.2)",
    "lognormal_real_mean(2, 0.3)",
    "lognormal_rm(mean=1.0, sigma=0.5)",
    "exponential(2)",
    "poisson(3)",
    bool,
    int,
)
results = {
    **{f"vector {mode}": a.vector(mode) for mode in modes},
    **{f"matrix {mode}": s.matrix(mode) for mode in modes},
    "thin": s.matrix("uniform", density=0.3, scale=2.0),
    "thin rows": s.matrix("uniform", density=np.linspace(0, 1, 4)),
    "calls": np.array(calls),
    "parameters": np.array(a["Parameters", 0].values),
    "found": np.array(
        [
            len(net["first"]),
            len(net["ng"]),
            len(net["syn"]),
            len(net["nothing"]),
            net["nothing", 0] is None,
            net["half", 0].parameter("name") == "a0.5",
            net[0.5] == [a["half", 0]],
            net.a is a,
            net.s is s,
            a.Parameters is a["Parameters", 0],
            net["a_to_b"] == [s],
            a.synapses(efferent) == [s],
            b.synapses(afferent, "s") == [s],
            a.synapses(afferent, "s") == [],
            s.src is a,
            s.dst is b,
            net.iteration == 3,
            a.iteration == 3,
            len(net.all_objects()),
            len(net.all_behaviors()),
            a.has_module("half"),
            s.matrix_dim() == (4, 7),
            a.get_combined_synapse_shape("s") == (7, 0),
        ],
        dtype=float,
    ),
    "keys": np.array([key for key, *_ in net.sorted_behavior_execution_list]),
}
