"""Hopfield's network (1982): patterns are learnt for some iterations, and then recalled from noise."""

from PymoNNto import *


class Phase(Behavior):
    def initialize(self, n):
        n.v = n.vector()
        n.learning = True
        n.energy = 0.0

    def iteration(self, n):
        if n.iteration % 50 == 0:
            n.learning = not n.learning


class Patterns(Behavior):
    def initialize(self, n):
        self.patterns = np.sign(np.random.rand(self.parameter("patterns", 3), n.size) - 0.5).astype(n.def_dtype)
        self.shown = self.parameter("shown", 25)

    def iteration(self, n):
        if n.learning or n.iteration % self.shown == 0:
            n.v = self.patterns[np.random.randint(0, len(self.patterns))].copy()
            if not n.learning:
                n.v += (n.vector("uniform", density=0.5) - 0.5) * 2


class Weights(Behavior):
    def initialize(self, n):
        for s in n.synapses(afferent, "GLUTAMATE"):
            s.W = s.matrix()
            s.enabled = s.matrix() == 0.0
            np.fill_diagonal(s.enabled, False)

    def iteration(self, n):
        for s in n.synapses(afferent, "GLUTAMATE"):
            n.energy = -0.5 * n.v @ s.W @ n.v
            if n.learning:
                s.W += np.outer(s.src.v, s.dst.v) / 1000
                s.W *= s.enabled
                s.W /= np.sum(np.abs(s.W))
            else:
                n.v = (n.v * 9 + np.sign(s.W @ n.v)) / 10


np.random.seed(5)
net = Network()
cells = NeuronGroup(
    net=net,
    tag="cells",
    size=NeuronDimension(width=12, height=10),
    behavior={1: Phase(), 2: Patterns(patterns=2), 3: Weights(), 9: Recorder(["v", "energy"])},
)
synapses = SynapseGroup(net=net, src=cells, dst=cells, tag="GLUTAMATE")
net.initialize()
net.simulate_iterations(200, measure_block_time=False)
results = {
    "v": net["v", 0, "np"],
    "energy": net["energy", 0, "np"],
    "W": synapses.W,
    "patterns": cells["Patterns", 0].patterns,
}
