"""Hodgkin and Huxley's axon (1952) in compartments; PymoNNto 1.x: set_variables, new_iteration, "n.v"."""

from PymoNNto import *


class HodgkinHuxley(Behaviour):
    def rates(self, v):
        alpha = (
            0.1 * (v + 40) / (1 - np.exp(-(v + 40) / 10)),
            0.07 * np.exp(-(v + 65) / 20),
            0.01 * (v + 55) / (1 - np.exp(-(v + 55) / 10)),
        )
        beta = (4 * np.exp(-(v + 65) / 18), 1 / (1 + np.exp(-(v + 35) / 10)), 0.125 * np.exp(-(v + 65) / 80))
        return alpha, beta

    def set_variables(self, neurons):
        self.set_init_attrs_as_variables(self)
        for name, value in (("v", -65.0), ("m", 0.05), ("h", 0.6), ("n", 0.32)):
            setattr(neurons, name, np.array([neurons.get_neuron_vec() + value for _ in range(self.blocks)]))

    def new_iteration(self, neurons):
        v, m, h, n = neurons.v.copy(), neurons.m.copy(), neurons.h.copy(), neurons.n.copy()
        current = np.zeros_like(v)
        current[0] = 10.0 * (neurons.iteration * self.dt > 1)
        current[1:] += (v[:-1] - v[1:]) / self.b_r * self.dt
        current[:-1] += (v[1:] - v[:-1]) / self.b_r * self.dt
        channels = self.g_Na * m**3 * h * (v - 50.0) + self.g_K * n**4 * (v + 77.0) + self.g_L * (v + 54.387)
        neurons.v += (current - channels) * self.dt
        alpha, beta = self.rates(v)
        neurons.m += (alpha[0] * (1 - m) - beta[0] * m) * self.dt
        neurons.h += (alpha[1] * (1 - h) - beta[1] * h) * self.dt
        neurons.n += (alpha[2] * (1 - n) - beta[2] * n) * self.dt


net = Network()
NeuronGroup(
    net=net,
    tag="axon",
    size=1,
    behaviour={
        1: HodgkinHuxley(blocks=10, b_r=0.15, dt=0.01, g_Na=120.0, g_K=36.0, g_L=0.3),
        9: Recorder(["n.v", "n.m", "n.n"], tag="my_recorder"),
    },
)
net.initialize()
net.simulate_iterations(600, measure_block_time=False)
results = {"v": net["n.v", 0, "np"], "m": net["n.m", 0, "np"], "n": net["n.n", 0, "np"]}
