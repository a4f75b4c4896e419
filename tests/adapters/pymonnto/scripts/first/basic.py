"""The network of the paper (code blocks 1 to 4) in the words of PymoNNto 1.x."""

from PymoNNto import *


class Basic_Behaviour(Behaviour):
    def set_variables(self, neurons):
        neurons.voltage = neurons.get_neuron_vec()
        self.threshold = 0.5
        self.leak_factor = self.get_init_attr("leak_factor", 0.9, neurons)

    def new_iteration(self, neurons):
        neurons.spike = neurons.voltage > self.threshold
        neurons.voltage[neurons.spike] = 0.0
        neurons.voltage *= self.leak_factor
        neurons.voltage += neurons.get_neuron_vec("uniform", density=0.05)


class Input_Behaviour(Behaviour):
    def set_variables(self, neurons):
        for synapse in neurons.afferent_synapses["GLUTAMATE"]:
            synapse.W = synapse.get_synapse_mat("uniform", density=0.1)
            synapse.enabled = synapse.W > 0

    def new_iteration(self, neurons):
        for synapse in neurons.afferent_synapses["GLUTAMATE"]:
            neurons.voltage += synapse.W.dot(synapse.src.spike) / synapse.src.size * 10


np.random.seed(9)
net = Network()
cells = NeuronGroup(
    net=net,
    tag="my_neurons",
    size=get_squared_dim(100),
    behaviour={
        1: Basic_Behaviour(leak_factor="normal(0.9,0.1)"),
        2: Input_Behaviour(),
        9: Recorder(tag="my_recorder", variables=["n.voltage", "np.mean(n.voltage)", "n.iteration"]),
        10: EventRecorder(tag="my_event_recorder", variables=["n.spike"]),
    },
)
synapses = SynapseGroup(net=net, src=cells, dst=cells, tag="GLUTAMATE")
net.initialize()
net.simulate_iterations(200, measure_block_time=False)
results = {
    "voltage": net["n.voltage", 0, "np"],
    "mean": net["np.mean(n.voltage)", 0, "np"],
    "iteration": net["n.iteration", 0, "np"],
    "spike.t": net["n.spike.t", 0],
    "spike.i": net["n.spike.i", 0],
    "W": synapses.W,
}
