"""Leaky integrate-and-fire neurons, excitatory and inhibitory, in uniform noise; connected all to all."""

from PymoNNto import *


class LIF(Behavior):
    def initialize(self, n):
        self.set_parameters_as_variables(n)
        n.v = n.vector("uniform") * n.rest
        n.fired = n.vector(bool)
        n.I = n.vector()

    def iteration(self, n):
        n.v += (n.rest - n.v + n.I) * 0.1
        n.fired = n.v > n.threshold
        n.v[n.fired] = n.reset


class Currents(Behavior):
    def initialize(self, n):
        for s in n.synapses(afferent):
            s.W = s.matrix("uniform")

    def iteration(self, n):
        n.I = 90 * n.vector("uniform")
        for tag, sign in (("GLUTAMATE", 1), ("GABA", -1)):
            for s in n.synapses(afferent, tag):
                n.I += sign * np.sum(s.W[:, s.src.fired], axis=1)


np.random.seed(1)
net = Network()
groups = [
    NeuronGroup(
        net=net,
        tag=tag,
        size=get_squared_dim(size),
        behavior={
            1: LIF(rest=-65, reset=-80, threshold=threshold),
            2: Currents(),
            9: Recorder(["v", "np.mean(fired)"]),
        },
    )
    for tag, size, threshold in (("excitatory", 80, -10), ("inhibitory", 20, -30))
]
for tag, src in zip(("GLUTAMATE", "GABA"), groups):
    for dst in groups:
        SynapseGroup(net=net, src=src, dst=dst, tag=tag)
net.initialize()
net.simulate_iterations(100, measure_block_time=False)
results = {
    "v": net["v", 0],
    "v of inhibitory": net.inhibitory["v", 0, "np"],
    "rate": net["np.mean(fired)", 1],
    "x": net.excitatory.x,
    "y": net.excitatory.y,
}
