"""Brunel and Hakim's inhibitory network (1999); the delay is a buffer, kept under a name of fusion's own: spikes."""

from PymoNNto import *

TAU, DT, DELAY = 20.0, 0.2, 10


class Cells(Behavior):
    def initialize(self, n):
        n.v = n.vector() + 10.0
        n.refractory = n.vector() + 10
        n.spikes = [n.vector() > 0 for _ in range(DELAY)]

    def iteration(self, n):
        xi = np.random.normal(loc=0.0, scale=1.0, size=n.size) * 13
        n.v += (-n.v + 25.0 + np.sqrt(TAU) * xi) / TAU * DT
        n.spike = (n.v > 20.0) * (n.refractory > 2.0)
        n.refractory += DT
        n.v[n.spike] = 10.0
        n.refractory[n.spike] = 0.0
        n.spikes = np.roll(n.spikes, 1, axis=0)
        n.spikes[0] = n.spike.copy()


class Inhibition(Behavior):
    def initialize(self, n):
        for s in n.synapses(afferent, "GABA"):
            s.W = (s.matrix("uniform") < 0.2).astype(n.def_dtype) * -0.5

    def iteration(self, n):
        for s in n.synapses(afferent, "GABA"):
            n.v += s.W.dot(s.src.spikes[-1])


np.random.seed(3)
net = Network()
cells = NeuronGroup(
    net=net, tag="cells", size=100, behavior={1: Cells(), 2: Inhibition(), 9: Recorder(["np.sum(spike)", "v"])}
)
SynapseGroup(net=net, src="cells", dst="cells", tag="GABA")
net.initialize()
net.simulate_iterations(120, measure_block_time=False)
results = {"spikes": net["np.sum(spike)", 0, "np"], "v": net["v", 0, "np"]}
