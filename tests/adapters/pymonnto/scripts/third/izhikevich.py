"""Izhikevich's neurons (2003) in half steps, with spikes of the same iteration through uniform weights."""

from PymoNNto import *


class Izhikevich(Behavior):
    def initialize(self, n):
        self.set_parameters_as_variables(n)
        n.v = n.vector("uniform") * n.c
        n.u = n.vector("uniform") * -8.0
        n.fired = n.v > 0

    def iteration(self, n):
        n.fired = n.v > 30
        n.v[n.fired] = n.c
        n.u[n.fired] += n.d
        n.v += 0.5 * (0.04 * n.v**2 + 5 * n.v + 140 - n.u + n.I)
        n.u += 0.5 * (n.a * (n.b * n.v - n.u))


class Currents(Behavior):
    initialize_on_init = False

    def initialize(self, n):
        n.I = n.vector()
        for s in n.afferent_synapses["All"]:
            s.W = s.matrix("uniform")

    def iteration(self, n):
        n.I = 20 * n.vector("uniform")
        for s in n.afferent_synapses["GLUTAMATE"]:
            n.I += 0.5 * np.sum(s.W[:, s.src.fired], axis=1)
        for s in n.afferent_synapses["GABA"]:
            n.I -= np.sum(s.W[:, s.src.fired], axis=1)


np.random.seed(2)
net = Network(settings={"dtype": float64})
e, i = (
    NeuronGroup(
        net=net,
        tag=tag,
        size=size,
        behavior={
            1: Izhikevich(a=0.02, b=0.2, c=-65, d=8.0),
            2: Currents(),
            9: Recorder(["v", "u"]),
            10: EventRecorder("fired"),
        },
    )
    for tag, size in (("e", 80), ("i", 20))
)
for src, tag in ((e, "GLUTAMATE"), (i, "GABA")):
    for dst in (e, i):
        SynapseGroup(net=net, src=src, dst=dst, tag=tag)
net.initialize()
net.simulate_iterations(120, batch_size=100, measure_block_time=False)
results = {
    "v": e["v", 0, "np"],
    "u": i["u", 0, "np"],
    "t": net["fired.t", 0],
    "i": net["fired.i", 0],
    "events": net["fired", 1],
}
