"""Populations that can be broken from outside, and those that only a function can make; workers import them."""

import os
import signal
from pathlib import Path

from fusion.testing.toy import ToyNeurons

BREAK = signal.SIGUSR1


class Fused(ToyNeurons):
    """Toy neurons that cannot step once there is a file `fuse`."""

    def __init__(self, n, fuse):
        super().__init__(n, tau_m=10.0, tau_syn=0.5, reset=-70.0)
        self.fuse = Path(fuse)

    def update(self):
        if self.fuse.exists():
            raise ArithmeticError("the fuse has blown")
        super().update()


def toy(n, fuse):
    return Fused(n, fuse)


def nest_quiet(n, model, params, told):
    """Nodes that the signal `BREAK` breaks; the id of the process to send it to is written to the file `told`."""
    import nest

    signal.signal(BREAK, lambda *_: nest_stopped())
    Path(told).write_text(str(os.getpid()), encoding="utf-8")
    return nest.Create(model, n, params)


def nest_stopped():
    """Ends NEST's run behind the back of whoever is in it."""
    import nest

    nest.Cleanup()


def nest_noisy(n, model, params, dt):
    """With two devices that draw, so that the order of drawing would show."""
    import nest

    nodes = nest.Create(model, n, params)
    for rate, weight in ((3000.0, 1200.0), (2000.0, -400.0)):
        noise = nest.Create("poisson_generator", 1, {"rate": rate})
        nest.Connect(noise, nodes, syn_spec={"weight": weight, "delay": dt})
    return nodes


def nest_wrong_dt(n, model, params, dt):
    import nest

    nest.resolution = 2 * dt
    return nest.Create(model, n, params)


def toy_with(n, dt):
    return ToyNeurons(n, dt=dt)
