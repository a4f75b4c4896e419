"""Brian2 with its NumPy target; adapters that close themselves."""

import brian2
import numpy as np
import pytest
from brian2 import Hz, ms, mV
from fusion_brian2 import Adapter

from fusion.adapter.base import GroupSpec
from fusion.core.batch import Samples, Spikes
from fusion.core.clock import Clock


@pytest.fixture(autouse=True)
def fresh_brian2():
    brian2.start_scope()
    before = brian2.prefs.codegen.target
    brian2.prefs.codegen.target = "numpy"
    yield
    brian2.prefs.codegen.target = before


class Participant:
    """An adapter and the few lines that each test would repeat."""

    def __init__(self, dt=0.1, seed=1):
        self.adapter = Adapter()
        self.adapter.open(Clock(dt), seed)
        self.tick = 0

    def close(self):
        self.adapter.close()

    def group(self, source, *also, **namespace):
        return self.adapter.create(source, GroupSpec(source.name, {"ms": brian2.ms, **namespace}, also))

    def run(self, *chunks):
        """Prepare, advance by so many ticks each, clean up."""
        self.adapter.prepare()
        for ticks in chunks:
            self.advance(ticks)
        self.adapter.cleanup()

    def advance(self, ticks=1):
        self.tick += ticks
        self.adapter.advance(self.tick)

    def read(self, handle, name, index=None):
        return self.adapter.read(handle, name, index)

    def trajectory(self, handle, name, ticks):
        """(ticks, n) values at the end of each tick, read as the network reads them."""
        self.adapter.prepare()
        rows = []
        for _ in range(ticks):
            self.advance()
            rows.append(self.adapter.read(handle, name))
        self.adapter.cleanup()
        return np.array(rows)

    def spikes_in(self, handle, name):
        return self.adapter.port(handle, name, "spikes in")

    def push(self, port, events):
        """events : {tick: {neuron: value}}, or {tick: [neurons]} for ones"""
        rows = [
            (tick, neuron, value)
            for tick, row in sorted(events.items())
            for neuron, value in sorted((row if isinstance(row, dict) else dict.fromkeys(row, 1.0)).items())
        ]
        ticks, neurons, values = zip(*rows, strict=True)
        batch = Spikes(np.array(ticks), np.array(neurons), np.array(values, dtype=float), ticks[-1])
        self.adapter.push(port, batch)

    def push_samples(self, port, t0, rows):
        self.adapter.push(port, Samples(t0, np.asarray(rows, dtype=float)))


@pytest.fixture
def participant():
    """A factory of open participants, closed at the end of the test."""
    made = []

    def make(dt=0.1, seed=1):
        made.append(Participant(dt, seed))
        return made[-1]

    yield make
    for each in made:
        each.close()


def build_everything():
    """Noise, random numbers on a slower clock, random delays, plasticity, a Poisson group, monitors of each kind."""
    # Brian2 orders what runs at the same place by name: by these, not by some that it would invent.
    brian2.seed(7)
    names = {"tau": 10 * ms, "taus": 5 * ms, "El": -70 * mV, "Vt": -50 * mV, "Vr": -65 * mV, "sig": 1 * mV}
    cells = brian2.NeuronGroup(
        51,
        """dv/dt = (El - v + Is + Iext)/tau + sig*xi*tau**-0.5 : volt (unless refractory)
           dIs/dt = -Is/taus : volt
           Iext : volt""",
        threshold="v>Vt",
        reset="v=Vr",
        refractory=2 * ms,
        method="euler",
        namespace=names,
        name="cells",
    )
    cells.v = -60 * mV
    cells.Iext = np.linspace(18, 30, 51) * mV
    jitter = cells.run_regularly("Iext += 0.01*mV*rand()", dt=1 * ms, name="jitter")
    drive = brian2.PoissonGroup(20, 200 * Hz, name="drive")
    traces = "dapre/dt = -apre/(20*ms) : 1 (event-driven)\nw : volt"
    synapses = brian2.Synapses(
        cells,
        cells,
        traces,
        on_pre="Is_post += w; apre += 1",
        on_post="w += 0.001*mV*apre",
        namespace=names,
        name="own",
    )
    synapses.connect(p=0.2)
    synapses.w = "0.3*mV*rand()"
    synapses.pre.delay = "rand()*3*ms"
    feed = brian2.Synapses(drive, cells, on_pre="Is_post += 0.5*mV", delay=1 * ms, name="feed")
    feed.connect(p=0.3)
    spikes = brian2.SpikeMonitor(cells, name="spikes")
    trace = brian2.StateMonitor(cells, "v", record=[0, 1], dt=0.5 * ms, name="trace")
    rate = brian2.PopulationRateMonitor(cells, name="rate")

    def state():
        return {
            **{name: getattr(cells, f"{name}_")[:].copy() for name in ("v", "Is", "Iext", "lastspike")},
            "weights": synapses.w_[:].copy(),
            "spikes": (spikes.i[:].copy(), spikes.t_[:].copy()),
            "trace": (np.array(trace.v_), trace.t_[:].copy()),
            "rate": rate.rate_[:].copy(),
        }

    return cells, (jitter, drive, synapses, feed, spikes, trace, rate), state


@pytest.fixture
def everything():
    """Makes (cells, what belongs to them, a function that tells their state), the same each time."""
    return build_everything
