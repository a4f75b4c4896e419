"""Receptive fields and partitions, which work in PymoNNto 1.x and not in 3.x."""

from PymoNNto import *


class Spread(Behaviour):
    def set_variables(self, n):
        n.v, n.I = n.get_neuron_vec("uniform"), n.get_neuron_vec()
        for s in n.afferent_synapses["GLU"]:
            s.W = s.get_synapse_mat(1.0)

    def new_iteration(self, n):
        n.I.fill(0)
        for s in n.afferent_synapses["GLU"]:
            s.dst.I += (s.W * s.enabled) @ s.src.v / 100
        n.v = n.v / 2 + n.I


np.random.seed(10)
results = {}
fields = {
    "box": {1: Box_Receptive_Fields(range=2, remove_autapses=True)},
    "circle": {1: Circle_Receptive_Fields(radius=3.5)},
    "partition": {1: Box_Receptive_Fields(range=2), 2: Partition(split_size=[3, 3, 1])},
}
for name, behaviour in fields.items():
    net = Network()
    cells = NeuronGroup(net=net, tag="cells", size=get_squared_dim(225), behaviour={1: Spread(), 9: Recorder(["n.v"])})
    SynapseGroup(net=net, src=cells, dst=cells, tag="GLU", behaviour=behaviour)
    net.initialize()
    net.simulate_iterations(5, measure_block_time=False)
    results[f"{name} v"] = net["n.v", 0, "np"]
    results[f"{name} shapes"] = np.array([(s.dst.size, s.src.size) for s in cells.afferent_synapses["GLU"]])
    results[f"{name} synapses"] = np.array([np.sum(s.enabled) for s in cells.afferent_synapses["GLU"]])
