"""A deterministic network of leaky integrate-and-fire neurons, and what one simulator alone makes of it.

Neurons with exponential currents, all of them NEST's ``iaf_psc_exp``: exact integration, threshold by >=, held for a
whole number of steps after the step of the spike. Nothing is random while it runs, and no two numbers are round, so
that no potential meets the threshold exactly.

The forms in which a simulator computes it:

- ``nest``; ``summed`` is NEST, where fusion sums the weights of links instead of letting NEST hold them
- ``brian2``, as a user writes it: quantities, ``method="exact"``
- ``native``: the behaviours of the library
- ``brian2 bits`` and ``native bits``: in NEST's own order of operations and with its very constants
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import brian2
import nest
import numpy as np
from brian2 import ms, mV, pA
from numpy.typing import NDArray

DT = 0.1  # ms
TAU_M, TAU_EX, TAU_IN, C_M, REST, THRESHOLD, RESET, HELD = 20.0, 2.0, 4.0, 250.0, -70.0, -55.0, -65.0, 20
IN_NEST = {
    "tau_m": TAU_M, "tau_syn_ex": TAU_EX, "tau_syn_in": TAU_IN, "C_m": C_M, "E_L": REST, "V_th": THRESHOLD,
    "V_reset": RESET, "t_ref": HELD * DT,
}  # fmt: skip
EVERYBODY = slice(None)


class Propagators(NamedTuple):
    """What one step multiplies with."""

    leak: float
    from_drive: float
    ex: float
    inh: float
    from_ex: float
    from_in: float


def propagators() -> Propagators:
    """Computed as a library does."""
    leak, ex, inh = (math.exp(-DT / tau) for tau in (TAU_M, TAU_EX, TAU_IN))
    from_ex, from_in = ((leak - p) / (C_M * (1.0 / tau - 1.0 / TAU_M)) for p, tau in ((ex, TAU_EX), (inh, TAU_IN)))
    return Propagators(leak, -TAU_M / C_M * math.expm1(-DT / TAU_M), ex, inh, from_ex, from_in)


def propagators_of_nest() -> Propagators:
    """The very doubles of the kernel, seen on neurons in which a single term is not zero. Resets the kernel."""
    nest.ResetKernel()
    cells = nest.Create("iaf_psc_exp", 4, {**IN_NEST, "E_L": 0.0, "V_m": 0.0, "V_th": 1e3, "V_reset": -1.0})
    cells[0].V_m, cells[1].I_e = 1.0, 1.0
    source = nest.Create("spike_generator", 1, {"spike_times": [DT]})
    for cell, weight in ((cells[2], 1.0), (cells[3], -1.0)):
        nest.Connect(source, cell, syn_spec={"weight": weight, "delay": DT})
    meter = nest.Create("multimeter", 1, {"record_from": ["V_m", "I_syn_ex", "I_syn_in"], "interval": DT})
    nest.Connect(meter, cells, syn_spec={"delay": DT})
    nest.Simulate(6 * DT)
    events = meter.events
    ticks, rows = np.round(events["times"] / DT).astype(int), events["senders"] - cells[0].global_id

    def seen(name: str, row: int, tick: int) -> float:
        return float(events[name][(rows == row) & (ticks == tick)][0])

    # The spike of tick 1 arrives in tick 2, and is in the potential at tick 3.
    return Propagators(
        seen("V_m", 0, 1), seen("V_m", 1, 1), seen("I_syn_ex", 2, 3), -seen("I_syn_in", 3, 3), seen("V_m", 2, 3),
        -seen("V_m", 3, 3),
    )  # fmt: skip


@dataclass
class Numbers:
    """Everything that was drawn.

    drive (N,) pA, start (N,) mV, weights (target, source) pA, delay in ticks; `pulse`: the inputs that fire, by tick,
    and `pulse_weights` (target, input) pA.
    """

    drive: NDArray[np.float64]
    start: NDArray[np.float64]
    weights: NDArray[np.float64]
    delay: int = 15
    pulse: dict[int, list[int]] = field(default_factory=dict)
    pulse_weights: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 0)))

    def __post_init__(self) -> None:
        self.of_nest = propagators_of_nest()

    @property
    def size(self) -> int:
        """Number of neurons."""
        return len(self.drive)

    def edges(self, part: slice) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """(pre, post, weight) of the synapses within a part, counted within it."""
        weights = self.weights[part, part]
        post, pre = np.nonzero(weights)
        return pre, post, weights[post, pre]


def recurrent(n_e: int, n_i: int, from_e: int, from_i: int, *, j: float, dyadic: bool, seed: int = 1) -> Numbers:
    """Excitatory neurons, then inhibitory ones; a fixed in-degree from both, no self-connections.

    dyadic : weights that are multiples of 2**-6 pA, so that sums do not round
    """
    rng = np.random.default_rng(seed)
    n, weights = n_e + n_i, np.zeros((n_e + n_i, n_e + n_i))
    for target in range(n):
        for start, stop, degree, mean in ((0, n_e, from_e, j), (n_e, n, from_i, -6.0 * j)):
            chosen = rng.choice(np.setdiff1d(np.arange(start, stop), target), degree, replace=False)
            drawn = mean * rng.uniform(0.9, 1.1, degree)
            weights[target, chosen] = np.round(drawn * 64) / 64 if dyadic else drawn
    return Numbers(rng.uniform(300.0, 400.0, n), rng.uniform(-65.0, -55.5, n), weights)


def chain(layers: int, width: int, *, volley: int, j: float, seed: int = 3) -> Numbers:
    """Layers of excitatory neurons, each connected to all of the next; `volley` inputs fire once at the first, in 2 ms.

    The drives and the first potentials differ, all of them below threshold.
    """
    rng = np.random.default_rng(seed)
    n, weights = layers * width, np.zeros((layers * width, layers * width))
    for start in range(0, n - width, width):
        weights[start + width : start + 2 * width, start : start + width] = j * rng.uniform(0.9, 1.1, (width, width))
    pulse_weights = np.zeros((n, width))
    pulse_weights[:width] = j * rng.uniform(0.9, 1.1, (width, width))
    drive, start = rng.uniform(20.0, 120.0, n), rng.uniform(-68.0, -62.0, n)
    ticks = rng.integers(40, 60, width)[:volley]
    pulse = {int(tick): np.flatnonzero(ticks == tick).tolist() for tick in ticks}
    return Numbers(drive, start, weights, pulse=pulse, pulse_weights=pulse_weights)


@dataclass(frozen=True)
class Kind:
    """How a simulator calls things: inputs for either sign, the unit of their weights, the potential and its scale."""

    into: tuple[str | None, str | None]
    variable: str = "v"
    unit: Any = 1
    dimension: str = "1"
    scale: float = 1.0
    offset: float = 0.0

    def in_mv(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The potential in mV."""
        return values * self.scale + self.offset


KINDS = {
    "nest": Kind((None, None), "V_m"),
    "brian2": Kind(("ie", "ii"), unit=pA, dimension="amp", scale=1e3),
    "brian2 bits": Kind(("new_e", "new_i"), offset=REST),
    "native": Kind(("excitation", "inhibition"), "voltage"),
    "native bits": Kind(("excitation", "inhibition"), offset=REST),
}
KINDS |= {"summed": KINDS["nest"]}


class Outcome:
    """Spikes, rows (tick, neuron) in ascending order, and potentials (ticks, N) mV, NaN where nobody looked."""

    def __init__(self, ticks: int, size: int) -> None:
        self.spikes = np.empty((0, 2), int)
        self.potential = np.full((ticks, size), np.nan)

    def add(self, ticks: Any, neurons: Any) -> None:
        """Take in spikes."""
        rows = np.vstack([self.spikes, np.column_stack([ticks, neurons]).astype(int)])
        rows = rows[rows[:, 0] <= len(self.potential)]
        self.spikes = rows[np.lexsort(rows.T[::-1])]

    def check(self, whole: Outcome, tolerance: float = 1e-9) -> None:
        """`AssertionError` unless both fired the same spikes, and potentials differ by at most `tolerance` mV."""
        both = min(len(self.spikes), len(whole.spikes))
        differ = np.flatnonzero((self.spikes[:both] != whole.spikes[:both]).any(axis=1))
        if len(differ) or len(self.spikes) != len(whole.spikes):
            first = differ[0] if len(differ) else both
            mine, theirs = self.spikes[first : first + 1].tolist(), whole.spikes[first : first + 1].tolist()
            raise AssertionError(f"spike {first}: {mine} here, {theirs} in the whole network (tick, neuron)")
        apart = self.difference(whole)
        assert apart <= tolerance, f"potentials are up to {apart:.3g} mV apart"

    def difference(self, whole: Outcome) -> float:
        """The largest difference of potentials, mV."""
        seen = ~np.isnan(self.potential + whole.potential)
        assert seen.any(axis=0).all()
        return float(np.abs(self.potential - whole.potential)[seen].max())


# --- NEST ------------------------------------------------------------------------------------------------------------


def nest_cells(numbers: Numbers, part: slice) -> Any:
    """Nodes, connected among themselves."""
    drive, start = numbers.drive[part], numbers.start[part]
    cells = nest.Create("iaf_psc_exp", len(drive), IN_NEST)
    cells.set([{"I_e": i, "V_m": v} for i, v in zip(drive, start, strict=True)])
    pre, post, weight = numbers.edges(part)
    ids = np.array(cells.tolist())
    if len(pre):
        synapses = {"weight": weight, "delay": np.full(len(pre), numbers.delay * DT)}
        nest.Connect(ids[pre], ids[post], "one_to_one", synapses)
    return cells


def in_nest_alone(numbers: Numbers, ticks: int) -> Outcome:
    """The whole network, by NEST."""
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    cells = nest_cells(numbers, EVERYBODY)
    delay = {"delay": numbers.delay * DT}
    for k in range(numbers.pulse_weights.shape[1]):
        times = [tick * DT for tick, fired in sorted(numbers.pulse.items()) if k in fired]
        source, weights = nest.Create("spike_generator", 1, {"spike_times": times}), numbers.pulse_weights[:, [k]]
        nest.Connect(source, cells, "all_to_all", {"weight": weights, **delay})
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder, syn_spec=delay)
    meter = nest.Create("multimeter", 1, {"record_from": ["V_m"], "interval": DT})
    nest.Connect(meter, cells, syn_spec=delay)
    nest.Simulate((ticks + numbers.delay) * DT)  # the meter hands over its last samples one delay late
    outcome, first = Outcome(ticks, numbers.size), cells[0].global_id
    events = recorder.events
    outcome.add(np.round(events["times"] / DT), events["senders"] - first)
    events = meter.events
    rows = np.round(events["times"] / DT).astype(int) - 1
    kept = rows < ticks
    outcome.potential[rows[kept], events["senders"][kept] - first] = events["V_m"][kept]
    return outcome


# --- Brian2 ----------------------------------------------------------------------------------------------------------

AS_A_USER_WRITES_IT = """
dv/dt = (rest - v)/tau_m + (drive + ie + ii)/c_m : volt (unless refractory)
die/dt = -ie/tau_ex : amp
dii/dt = -ii/tau_in : amp
drive : amp
"""
STATE = "v : 1\nie : 1\nii : 1\nnew_e : 1\nnew_i : 1\nrests : 1\ndrive : 1"
AS_NEST_COMPUTES_IT = """
ie = ie + new_e
ii = ii + new_i
new_e = 0
new_i = 0
free = int(rests == 0)
v = free*(((v*leak + ie*from_ex) + ii*from_in) + drive*from_drive) + (1 - free)*v
rests = rests - (1 - free)
ie = ie*ex
ii = ii*inh
"""
"""Arrivals are summed by themselves, then added; `v` is the distance from rest."""


def brian2_cells(numbers: Numbers, part: slice, held: int = HELD) -> Any:
    """Neurons as a user writes them; NEST holds a neuron for `held` steps after the step of its spike."""
    quantities = {"tau_m": TAU_M * ms, "tau_ex": TAU_EX * ms, "tau_in": TAU_IN * ms, "c_m": C_M * brian2.pF}
    cells = brian2.NeuronGroup(
        len(numbers.drive[part]), AS_A_USER_WRITES_IT, threshold="v >= theta", reset="v = reset", method="exact",
        refractory=f"int((t - lastspike)/dt + 0.5) <= {held}",
        namespace={**quantities, "rest": REST * mV, "theta": THRESHOLD * mV, "reset": RESET * mV},
    )  # fmt: skip
    cells.v, cells.drive = numbers.start[part] * mV, numbers.drive[part] * pA
    return cells


def brian2_cells_in_bits(numbers: Numbers, part: slice) -> Any:
    """Neurons that compute what NEST computes, operation by operation."""
    cells = brian2.NeuronGroup(
        len(numbers.drive[part]), STATE, threshold="v >= theta", reset="v = reset\nrests = steps",
        namespace={**numbers.of_nest._asdict(), "theta": THRESHOLD - REST, "reset": RESET - REST, "steps": HELD},
    )  # fmt: skip
    cells.run_regularly(AS_NEST_COMPUTES_IT, when="groups")
    cells.v, cells.drive = numbers.start[part] - REST, numbers.drive[part]
    return cells


def brian2_synapses(source: Any, target: Any, weights: NDArray[np.float64], delay: int, kind: Kind) -> list[Any]:
    """Excitatory and inhibitory synapses, as two `Synapses`."""
    made = []
    for variable, chosen in zip(kind.into, (weights > 0, weights < 0), strict=True):
        if chosen.any():
            synapses = brian2.Synapses(source, target, f"w : {kind.dimension}", on_pre=f"{variable}_post += w")
            post, pre = np.nonzero(chosen)
            synapses.connect(i=pre, j=post)
            synapses.w, synapses.delay = weights[post, pre] * kind.unit, delay * DT * ms
            made.append(synapses)
    return made


def in_brian2_alone(numbers: Numbers, ticks: int, form: str = "brian2", held: int = HELD) -> Outcome:
    """The whole network, by Brian2."""
    kind = KINDS[form]
    cells = brian2_cells(numbers, EVERYBODY, held) if form == "brian2" else brian2_cells_in_bits(numbers, EVERYBODY)
    synapses = brian2_synapses(cells, cells, numbers.weights, numbers.delay, kind)
    # The step that begins at t is the tick that ends at t + dt.
    fired = [(i, tick - 1) for tick, row in numbers.pulse.items() for i in row]
    if fired:
        indices, steps = np.array(fired).T
        source = brian2.SpikeGeneratorGroup(numbers.pulse_weights.shape[1], indices, steps * DT * ms)
        pulse = brian2_synapses(source, cells, numbers.pulse_weights, numbers.delay, kind)
        synapses += [source, *pulse]
    spikes = brian2.SpikeMonitor(cells)
    states = brian2.StateMonitor(cells, "v", record=True, when="end")
    brian2.Network(cells, spikes, states, *synapses).run(ticks * DT * ms, namespace={})
    outcome = Outcome(ticks, numbers.size)
    outcome.add(np.round(np.asarray(spikes.t / ms) / DT) + 1, np.asarray(spikes.i))
    outcome.potential[:] = kind.in_mv(np.asarray(states.v).T)
    return outcome
