"""Wang and Buzsaki's interneuron (1996); PymoNNto 1.x, in double precision."""

from PymoNNto import *


class WangBuzsaki(Behaviour):
    def set_variables(self, n):
        self.add_tag("WB")
        self.I = self.get_init_attr("I", 1.0, n)
        n.v, n.h, n.n = n.get_neuron_vec() - 70, n.get_neuron_vec() + 1, n.get_neuron_vec()

    def new_iteration(self, neurons):
        v, h, n = neurons.v.copy(), neurons.h.copy(), neurons.n.copy()
        alpha_m = -0.1 * (v + 35) / (np.exp(-0.1 * (v + 35)) - 1)
        m = alpha_m / (alpha_m + 4 * np.exp(-(v + 60) / 18))
        alpha_n = -0.01 * (v + 34) / (np.exp(-0.1 * (v + 34)) - 1)
        neurons.v += (-35 * m**3 * h * (v - 55) - 9 * n**4 * (v + 90) - 0.1 * (v + 65) + self.I) * 0.01
        neurons.h += 5 * (0.07 * np.exp(-(v + 58) / 20) * (1 - h) - h / (np.exp(-0.1 * (v + 28)) + 1)) * 0.01
        neurons.n += 5 * (alpha_n * (1 - n) - 0.125 * np.exp(-(v + 44) / 80) * n) * 0.01


net = Network()
cells = NeuronGroup(
    net=net, tag="cells", size=3, behaviour={1: WangBuzsaki(I="2"), 9: Recorder(["n.v"], tag="my_recorder")}
)
net.initialize()
net.simulate_iterations(1500, measure_block_time=False)
results = {"v": net["n.v", 0, "np"], "tags": np.array([len(net["WB"]), len(net["my_recorder"])])}
