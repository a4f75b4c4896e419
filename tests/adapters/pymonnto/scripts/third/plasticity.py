"""The network of the paper with spike-timing dependent plasticity, homeostasis and normalization, all at once."""

from PymoNNto import *


class Basic(Behavior):
    def initialize(self, neurons):
        neurons.voltage = neurons.vector()
        self.threshold = self.parameter("threshold", 0.5)
        self.leak = self.parameter("leak", 0.9, neurons)

    def iteration(self, neurons):
        firing = neurons.voltage > self.threshold
        neurons.spike = firing.astype(neurons.def_dtype)
        neurons.voltage[firing] = 0.0
        neurons.voltage *= self.leak
        neurons.voltage += neurons.vector("uniform", density=0.05)


class Input(Behavior):
    def initialize(self, neurons):
        for synapse in neurons.synapses(afferent, "GLUTAMATE"):
            synapse.W = synapse.matrix("uniform", density=0.1)
            synapse.enabled = synapse.W > 0

    def iteration(self, neurons):
        for synapse in neurons.synapses(afferent, "GLUTAMATE"):
            neurons.voltage += synapse.W.dot(synapse.src.spike) / synapse.src.size * 10


class Homeostasis(Behavior):
    def initialize(self, neurons):
        self.target = self.parameter("target", 0.05, neurons)
        self.eta = self.parameter("eta", 0.001, neurons)
        neurons.exhaustion = neurons.vector()

    def iteration(self, neurons):
        low = (neurons.voltage < self.target) * (self.target - neurons.voltage)
        high = (neurons.voltage > self.target) * (neurons.voltage - self.target)
        neurons.exhaustion -= (low - high) * self.eta
        neurons.voltage -= neurons.exhaustion


class STDP(Behavior):
    def initialize(self, neurons):
        self.factor = self.parameter("factor", 0.0015, neurons)
        self.syn_type = self.parameter("syn_type", "GLUTAMATE", neurons)
        neurons.spike_old = neurons.vector()

    def iteration(self, neurons):
        for s in neurons.synapses(afferent, self.syn_type):
            pre_post = s.dst.spike[:, None] * s.src.spike_old[None, :]
            same = s.dst.spike[:, None] * s.src.spike[None, :]
            post_pre = s.dst.spike_old[:, None] * s.src.spike[None, :]
            s.W = np.clip(s.W + self.factor * (pre_post - post_pre + same) * s.enabled, 0.0, 10.0)
        neurons.spike_old = neurons.spike.copy()


class Normalization(Behavior):
    def initialize(self, neurons):
        self.norm = self.parameter("norm", 1.0, neurons)
        neurons.total = neurons.vector()

    def iteration(self, neurons):
        neurons.total *= 0.0
        for s in neurons.synapses(afferent, "GLUTAMATE"):
            s.dst.total += np.sum(np.abs(s.W), axis=1)
        neurons.total /= self.norm
        for s in neurons.synapses(afferent, "GLUTAMATE"):
            s.W = s.W / (s.dst.total[:, None] + (s.dst.total[:, None] == 0))


np.random.seed(6)
set_genome({"F": 0.00015})
net = Network()
cells = NeuronGroup(
    net=net,
    tag="my_neurons",
    size=get_squared_dim(100),
    behavior={
        1: Basic(leak="normal(0.9, 0.02)"),
        2: Input(),
        3: Homeostasis(target=0.05),
        4: STDP(factor="[0.1#F]"),
        5: Normalization(norm=10),
        9: Recorder(tag="my_recorder", variables=["n.voltage", "np.mean(n.voltage)", "np.mean(n.exhaustion)"]),
        10: EventRecorder(tag="my_event_recorder", variables=["spike"]),
    },
)
synapses = SynapseGroup(net=net, src=cells, dst=cells, tag="GLUTAMATE")
net.initialize()
net.simulate_iterations(150, measure_block_time=False)
net.deactivate_behaviors("STDP")
net.simulate_iterations(50, measure_block_time=False)
results = {
    "voltage": net["n.voltage", 0, "np"],
    "mean": net["np.mean(n.voltage)", 0, "np"],
    "exhaustion": net["np.mean(n.exhaustion)", 0, "np"],
    "spike.t": net["spike.t", 0],
    "spike.i": net["spike.i", 0],
    "leak": cells["Basic", 0].leak,
    "factor": np.array(cells["STDP", 0].factor),
    "W": synapses.W,
}
