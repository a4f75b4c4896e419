"""Populations for workers that break when they are sent a signal, and those that only a function can make."""

import signal

from fusion.testing.toy import ToyNeurons

BREAK = signal.SIGUSR1


def toy(n):
    cells = ToyNeurons(n, tau_m=10.0, tau_syn=0.5, reset=-70.0)
    signal.signal(BREAK, lambda *_: setattr(cells, "v", None))
    return cells


def nest_quiet(n, model, params):
    import nest

    signal.signal(BREAK, lambda *_: nest.Cleanup())
    return nest.Create(model, n, params)


def nest_noisy(n, model, params, dt):
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
