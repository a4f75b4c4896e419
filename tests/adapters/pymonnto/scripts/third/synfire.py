"""A chain of groups, after Diesmann et al. (1999): noise drives the first, spikes go from one to the next."""

from PymoNNto import *


class Cells(Behavior):
    def initialize(self, n):
        self.set_parameters_as_variables(self)
        n.v = n.vector() + self.Vr + n.vector("uniform") * (self.Vt - self.Vr)
        n.x, n.y = n.vector(), n.vector()

    def iteration(self, n):
        v, x, y = n.v.copy(), n.x.copy(), n.y.copy()
        n.v += (self.Vr - v + x) / self.taum * 0.1
        n.x += (y - x) / self.taupsp * 0.1
        n.y += (-y / self.taupsp + 25.27 + 39.24**0.5 * n.vector("uniform")) * 0.1
        n.spike = n.v > self.Vt
        n.v[n.spike] = self.Vr


class Input(Behavior):
    def initialize(self, n):
        self.noise = self.parameter("noise", False, n)
        for s in n.synapses(afferent, "GLUTAMATE"):
            s.W = s.matrix("uniform", density=0.5, scale=0.5)

    def iteration(self, n):
        for s in n.synapses(afferent, "GLUTAMATE"):
            n.v += np.sum(s.W[:, s.src.spike], axis=1)
        if self.noise:
            n.v += n.vector("uniform")


np.random.seed(4)
net = Network()
groups = []
for k in range(6):
    behavior = {1: Cells(Vr=-70, Vt=-55, taum=10, taupsp=0.325), 2: Input(noise=k == 0), 9: Recorder(["v", "spike"])}
    groups.append(NeuronGroup(net=net, tag=f"group{k}", size=get_squared_dim(40), behavior=behavior))
for src, dst in zip(groups, groups[1:]):
    SynapseGroup(net=net, src=src, dst=dst, tag="GLUTAMATE")
net.initialize()
net.simulate_iterations(80, measure_block_time=False)
results = {"spike": np.hstack(net["spike"]), "v": np.hstack(net["v"])}
