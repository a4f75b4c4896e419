"""Hindmarsh and Rose's neurons (1984) at three currents, which are given as a list."""

from PymoNNto import *


class HindmarshRose(Behavior):
    def initialize(self, n):
        self.set_parameters_as_variables(self)
        self.I = np.array(self.I)
        n.x = n.vector() + self.x1
        n.y = n.vector() + self.c - self.d * n.x**2
        n.z = n.vector() + self.r * self.s * (n.x - self.x1)

    def iteration(self, n):
        x, y, z = n.x.copy(), n.y.copy(), n.z.copy()
        n.x += (y - self.a * x**3 + self.b * x**2 + self.I - z) * 0.01
        n.y += (self.c - self.d * x**2 - y) * 0.01
        n.z += self.r * (self.s * (x - self.x1) - z) * 0.01


net = Network()
NeuronGroup(
    net=net,
    tag="cells",
    size=3,
    behavior=[HindmarshRose(x1=-1.6, a=1, b=3, c=1, d=5, r=0.001, s=4, I=[0.4, 2, 4]), Recorder("x", gapwidth=10)],
)
net.initialize()
net.simulate_iterations(4000, measure_block_time=False)
results = {"x": net["x", 0, "np"]}
