"""Equations as behaviours: units, values, mathematics, and what is told to those who use them wrongly."""

from __future__ import annotations

import sys

import brian2
import numpy as np
import pytest
from brian2 import ms, mV, nA, second

from fusion import Behaviour, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.behaviours import LIF, Equations, PoissonInput, StepCurrent
from fusion.behaviours.equations.kernel import free_after
from fusion.errors import (
    BehaviourFailed,
    BuildFailed,
    InvalidValue,
    SimulatorMissing,
    UnitMismatch,
    UnknownName,
    UnknownVariable,
    Unsupported,
)

LEAK = "dv/dt = (E - v + R*I)/tau : mV\nI : nA\nE : mV"
GIVEN = {"tau": 20 * ms, "R": 10 * brian2.Mohm, "compile": "numpy"}


def cells_of(*behaviours, size=3, dt=0.1, **options):
    net = Network(dt=dt, seed=1, **options)
    return net, NeuronGroup(net, size=size, tag="cells", behaviour=dict(enumerate(behaviours, start=1)))


# --- variables and units ---------------------------------------------------------------------------------------------


def test_variables_are_arrays_in_the_unit_that_their_line_declares():
    net, cells = cells_of(Equations(LEAK, method="exact", v=-70.0, E=-0.065 * brian2.volt, I=[0.0, 0.5, 1.0], **GIVEN))
    net.run(500.0)
    assert cells.v == pytest.approx([-65.0, -60.0, -55.0])
    assert [cells.unit(name) for name in ("v", "I", "E")] == ["mV", "nA", "mV"]
    assert cells.I.tolist() == [0.0, 0.5, 1.0]


@pytest.mark.parametrize("unit", ["amp", "mamp", "nA", "mV/Mohm", "uA", "coulomb/second"])
def test_a_unit_may_be_spelled_as_in_brian2_or_with_symbols(unit):
    net, cells = cells_of(Equations(f"x : {unit}\ny = 2*x : amp (constant over dt)", x=3 * nA, compile="numpy"))
    net.simulate(1)
    assert cells.y == pytest.approx([6e-9] * 3)
    assert cells.unit("y") == "A"


def test_values_may_be_drawn_set_before_the_run_or_replaced_in_it():
    net, cells = cells_of(Equations(LEAK, method="exact", v="uniform(-70, -60)", **GIVEN), size=1000)
    cells.E = np.full(1000, -65.0)
    net.build()
    assert -70.0 <= cells.v.min() < -69.9 < -60.1 < cells.v.max() < -60.0
    cells.v = np.zeros(1000, int)
    net.run(20.0)
    assert cells.v == pytest.approx(np.full(1000, -65.0 * (1 - np.exp(-1.0))))
    assert cells.v.dtype == float


def test_a_variable_is_set_with_a_quantity_in_the_unit_of_its_line():
    net, cells = cells_of(Equations("v : mV\nE : volt", compile="numpy"))
    net.build()
    cells.v, cells.E = 5 * mV, np.array([1.0, 2.0, 3.0]) * mV
    net.simulate(1)
    assert cells.v.tolist() == [5.0, 5.0, 5.0]
    assert (cells.E.tolist(), type(cells.E)) == ([0.001, 0.002, 0.003], np.ndarray)
    cells[1:].v = 7 * mV
    cells.set("v", [8, 4] * mV, slice(2))
    assert cells.v.tolist() == [8.0, 4.0, 7.0]
    with pytest.raises(UnitMismatch, match=r"value of cells\.v is 3\. \* namp; it must be in mV"):
        cells[:1].v = 3 * nA
    assert cells.v.tolist() == [8.0, 4.0, 7.0]
    cells.v = 3 * nA
    with pytest.raises(BehaviourFailed, match=r"v is 3\. \* namp"):
        net.simulate(1)


def test_a_network_of_single_precision_has_equations_of_single_precision():
    net, cells = cells_of(Equations(LEAK, method="exact", v=-70.0, E=-65.0, **GIVEN), dtype="float32")
    net.run(500.0)
    assert cells.v.dtype == np.float32
    assert cells.v == pytest.approx([-65.0] * 3, rel=1e-4)  # 200 steps of a time constant round 200 times


def test_weights_take_the_unit_of_the_variable_that_they_go_into():
    net, cells = cells_of(Equations(LEAK, method="exact", **GIVEN))
    source = NeuronGroup(net, size=1, behaviour={0: Silent()})
    link = SynapseGroup(net, source, cells, weight=1.5 * mV, into="v")
    assert link.W.tolist() == [[1.5]] * 3
    with pytest.raises(UnitMismatch, match="must be in mV"):
        SynapseGroup(net, source, cells, weight=1.5 * nA, into="v")


def test_what_others_add_to_a_parameter_counts_for_one_iteration_and_to_a_variable_for_good():
    integral = Equations("dx/dt = I/nA/ms : 1\nI : nA", method="euler", compile="numpy")
    net, cells = cells_of(StepCurrent(begin=1.0, amplitude=2.0, into="I"), integral, Recorder("I[0]", "x[0]"))
    net.run(2.0)
    assert net["I[0]", 0][[5, 15]].ravel().tolist() == [0.0, 2.0]
    assert net["x[0]", 0][-1] == pytest.approx(2.0)
    counter = Equations("dx/dt = 0*x/ms : 1", compile="numpy")
    net, cells = cells_of(PoissonInput(rate=1000.0, weight=1.0, into="x"), counter)
    net.run(1000.0)
    assert cells.x == pytest.approx([1000.0] * 3, rel=0.15)


def test_an_inputs_own_numbers_are_not_written_to():
    given = np.zeros(3)
    net, cells = cells_of(Equations(LEAK, method="exact", v=given, E=-65.0, **GIVEN))
    net.simulate(2)
    assert given.tolist() == [0.0] * 3
    assert cells.v[0] < 0.0


# --- mathematics -----------------------------------------------------------------------------------------------------


def oscillator(dt, method):
    """v after 2 ms: v' = w, w' = -v (1 + v²/2)."""
    text = "dv/dt = w/ms : 1\ndw/dt = -v*(1 + 0.5*v**2)/ms : 1"
    net, cells = cells_of(Equations(text, method=method, v=1.0, compile="numpy"), size=1, dt=dt)
    net.run(2.0)
    return float(cells.v[0])


@pytest.fixture(scope="module")
def exact():
    return oscillator(0.01, "rk4")


@pytest.mark.parametrize(
    ("method", "order"), [("euler", 1), ("exponential_euler", 1), ("heun", 1), ("rk2", 2), ("rk4", 4)]
)
def test_the_order_of_each_method(method, order, exact):
    """Without noise Brian2's method of Heun is Euler's."""
    errors = [abs(oscillator(dt, method) - exact) for dt in (0.2, 0.1)]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.25)


@pytest.mark.parametrize("method", ["euler", "heun", "milstein"])
def test_noise_has_the_variance_of_an_ornstein_uhlenbeck_process(method):
    """Stationary: sigma. The variance of 4000 neurons has a standard error of 2.2 %; the same seed, the same noise."""
    text = "dx/dt = -x/tau + sigma*sqrt(2/tau)*xi : mV"

    def run(seed):
        net = Network(dt=0.1, seed=seed)
        cells = NeuronGroup(net, size=4000, behaviour={1: Equations(
            text, method=method, tau=5 * ms, sigma=2 * mV, x="normal(0, 2)", compile="numpy"
        )})  # fmt: skip
        net.run(20.0)
        return cells.x

    first = run(1)
    assert first.std() == pytest.approx(2.0, rel=0.05)
    assert np.array_equal(first, run(1))
    assert not np.array_equal(first, run(2))


@pytest.mark.slow
def test_random_numbers_are_the_same_in_machine_code():
    text = "dx/dt = -x/(5*ms) + 0.3*xi/ms**0.5 : 1\ny = rand() : 1 (constant over dt)"
    found = []
    for compiler in ("numpy", "numba"):
        equations = Equations(
            text, threshold="x + 0.1*randn() > 0.5", reset="x = -rand()", method="euler", compile=compiler
        )
        net, _ = cells_of(equations, Recorder("x", "y"), size=50)
        net.simulate(100)
        found.append((net["x", 0], net["y", 0]))
    assert np.abs(found[0][0]).max() > 0.5
    for one, other in zip(*found, strict=True):
        assert one == pytest.approx(other, rel=1e-12)


# --- wrong uses ------------------------------------------------------------------------------------------------------


class Silent(Behaviour):
    def iteration(self, neurons):
        neurons.spike = np.zeros(neurons.size, bool)


WRONG = [
    ("dv/dt = (E - v)/tau : mV\nE : nA", {}, UnitMismatch, r"Line 1, .*'E' has unit A; 'v' has unit V"),
    ("dv/dt = -v : mV", {}, UnitMismatch, r"line 1, .*: the right side is in V, the rate of v in mV/s"),
    ("dv/dt = -v/tua : mV", {}, UnknownName, r"'tua' in line 1, .*Did you mean 'tau'"),
    ("dv/dt = -v/tau : mV", {"tua": 3 * ms}, UnknownName, r"No parameter is named 'tua'.*Did you mean 'tau'"),
    ("dv/dt = -v/tau : mV", {"threshold": "w > 1*mV"}, UnknownName, "'w' in the threshold 'w > 1.mV'"),
    ("dv/dt = -v/tau : mV", {"threshold": "v > 1"}, UnitMismatch, "The threshold 'v > 1'"),
    ("dv/dt = -v/tau : mV", {"threshold": "v + 1*mV"}, InvalidValue, "is no condition"),
    ("dv/dt = -v/tau : mV", {"threshold": "v > 0*mV", "reset": "v = 0"}, UnitMismatch, "The reset 'v = 0'"),
    ("dv/dt = -v/tau : mV", {"reset": "v = 0*mV"}, InvalidValue, "give threshold= too"),
    ("dv/dt = -v/tau : mV (unless refractory)", {}, InvalidValue, "'unless refractory' needs refractory="),
    ("dv/dt = -v**2/tau/mV : mV", {"method": "exact"}, InvalidValue, "cannot solve.*Take 'exponential_euler', 'rk4'"),
    ("dv/dt = -v/tau + xi*mV/tau**0.5 : mV", {"method": "rk4"}, InvalidValue, "Take 'euler', 'heun' or 'milstein'"),
    ("dv/dt = -v/tau : mV", {"method": "rk5"}, UnknownName, "Did you mean 'rk4'"),
    ("dv/dt = -v/tau", {}, InvalidValue, "has no unit. Write ': mV'"),
    ("dv/dt = -v/tau : mW/h", {}, InvalidValue, "line 1.*'h' in the unit"),
    ("dv/dt = -(v/tau : mV", {}, InvalidValue, "cannot be read"),
    ("v : mV\nv : mV", {}, InvalidValue, "'v' is declared twice: line 1, 'v : mV' and line 2"),
    ("v : mV (linked)", {}, Unsupported, "signal=.*into='v'"),
    ("v : mV (summed)", {}, InvalidValue, "'summed' is no flag"),
    ("dv/dt = -v/tau : mV", {"v": 3 * nA}, UnitMismatch, "must be in mV"),
    ("dv/dt = -v/tau : mV", {"tau": [1.0, 2.0]}, InvalidValue, "declared by a line 'tau : unit'"),
    ("dv/dt = -v/tau + w/tau : mV\nw = 2*v : mV", {"w": 3.0}, InvalidValue, "'w' is computed"),
    ("dv/dt = current(t)*v/tau : mV", {"current": brian2.TimedArray([1, 2], dt=1 * ms)}, Unsupported, "TimedArray"),
    ("dv/dt = -v/tau : mV", {"threshold": "v > 0*mV", "refractory": 3 * mV}, UnitMismatch, "is no time"),
    ("dv/dt = -v/tau : mV", {"compile": "cython"}, UnknownName, "There are: auto, numba, numpy"),
    ("dv/dt = -v/tau : mV", {"every": 1.0}, InvalidValue, "takes no every="),
    ("", {}, InvalidValue, "There are no equations"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "options", "error", "message"), WRONG)
def test_a_wrong_use_is_told_where_it_is_written(text, options, error, message):
    tau = 20 * ms
    assert tau == 20 * ms  # found by its name, as in Brian2
    with pytest.raises(error, match=message):
        Equations(text, **{"compile": "numpy", **options})


def test_a_dt_with_which_a_method_is_unstable_is_told_when_the_network_is_built():
    text = "dv/dt = (w - v)/tau : mV\ndw/dt = -w/(0.04*ms) : mV\ntau : ms"
    net, _ = cells_of(Equations(text, method="euler", tau=20.0, compile="numpy"))
    with pytest.raises(InvalidValue, match=r"method='euler' is unstable: dt is 0.1 ms, .* 0.04 ms.*below 0.08 ms"):
        net.build()
    net, cells = cells_of(Equations(text, method="exponential_euler", tau=20.0, w=1.0, compile="numpy"))
    net.run(1.0)
    assert cells.w == pytest.approx([np.exp(-25)] * 3)


@pytest.mark.parametrize("compiler", ["numpy", "numba"])
def test_a_variable_that_is_not_finite_ends_the_run(compiler):
    net, _ = cells_of(Equations("dv/dt = v**2/(ms*mV) : mV", method="euler", v=[0.0, 9.0, 0.0], compile=compiler))
    with pytest.raises(BehaviourFailed, match="v of neuron 1 of 'cells' is inf"):
        net.run(10.0)


@pytest.mark.parametrize("period", [0.0, 0.002, 0.005, 0.00501, 0.0123456])
@pytest.mark.parametrize("dt", [1e-4, 1e-3, 3e-5])
def test_a_refractory_period_ends_when_brian2_says_so(period, dt):
    """Comparing times is the same as comparing the whole steps in them, down to the last bit."""
    limit = free_after(period, dt)
    around = [limit, np.nextafter(limit, -1.0), *(limit + dt * np.linspace(-2.0, 2.0, 41))]
    over = [brian2.core.functions.timestep(t, dt) >= brian2.core.functions.timestep(period, dt) for t in around]
    assert [t >= limit for t in around] == over


def test_a_link_into_nothing_is_told_with_the_variables_there_are():
    net, cells = cells_of(Equations(LEAK, method="exact", **GIVEN))
    source = NeuronGroup(net, size=1, behaviour={0: Silent()})
    SynapseGroup(net, source, cells, weight=1.0, into="vv")
    with pytest.raises(BuildFailed, match=r"No variable is named 'vv'.*Did you mean 'v'"):
        net.build()


def test_a_group_that_cannot_have_them_is_told_at_once():
    net, cells = cells_of(Equations(LEAK, method="exact", **GIVEN))
    synapses = SynapseGroup(net, cells, cells, tag="synapses")
    with pytest.raises(Unsupported, match=r"Equations is for native neuron groups.*'synapses' is none"):
        synapses.add_behaviour(1, Equations("x : 1"))
    with pytest.raises(InvalidValue, match="has its own 'size'"):
        cells.add_behaviour(2, Equations("size : 1", compile="numpy"))
    with pytest.raises(Unsupported, match="has E, I, v already"):
        cells.add_behaviour(2, Equations(LEAK, method="exact", **GIVEN))
    with pytest.raises(Unsupported, match="makes its neurons fire already"):
        cells_of(LIF(), Equations("dx/dt = -x/ms : 1", threshold="x > 1", compile="numpy"))
    with pytest.raises(UnknownVariable, match="No variable is named 'w'"):
        cells.unit("w")


def test_without_brian2_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "brian2", None)
    with pytest.raises(SimulatorMissing, match=r"fusion-sim\[brian2\]"):
        Equations("v : 1")


def test_the_compiler_is_to_be_seen(monkeypatch):
    assert repr(Equations("v : 1", v=2.0)) == "Equations('v : 1', v=2.0, compile='numba')"
    monkeypatch.setattr("fusion.behaviours.compilers.find_spec", lambda name: None)
    assert repr(Equations("v : 1", v=2.0)) == "Equations('v : 1', v=2.0, compile='numpy')"
    with pytest.raises(SimulatorMissing, match=r"fusion-sim\[numba\]"):
        Equations("v : 1", compile="numba")


def test_constants_may_be_plain_numbers():
    net, cells = cells_of(Equations("dx/dt = -a*x/second : 1", a=2.0, x=1.0, compile="numpy"))
    net.run(500.0)
    assert cells.x == pytest.approx([np.exp(-1.0)] * 3)
    assert second.dim is not None
