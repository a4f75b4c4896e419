"""A recipe in place of a Brian2 object: the same line, whatever process it is built in."""

import pickle
import subprocess
import sys

import brian2
import numpy as np
import pytest
from brian2 import ms, mV, nS, umetre
from fusion_brian2 import Adapter, Neurons, neurons

from fusion import EventRecorder, Network, NeuronGroup, built
from fusion.adapter.base import GroupSpec
from fusion.adapter.recipe import Built
from fusion.core.clock import Clock
from fusion.errors import ClockMismatch, InvalidValue, RecipeFailed, SimulatorMissing, UnknownName, UnknownObject

EQUATIONS = "dv/dt = (2 - v)/tau : 1 (unless refractory)"


def recipe():
    return neurons(
        5, EQUATIONS, threshold="v > 1", reset="v = 0", refractory="2*ms", method="exact", name="recipe_cells*"
    )


def test_its_repr_is_the_call_that_makes_it():
    text = (
        f"neurons(5, {EQUATIONS!r}, threshold='v > 1', reset='v = 0', refractory='2*ms', method='exact', "
        "name='recipe_cells*')"
    )
    assert repr(recipe()) == text
    assert eval(text) == recipe()


def test_the_adapter_serves_recipes_and_brian2_objects_and_nothing_else():
    assert Adapter.serves(recipe())
    assert Adapter.serves(brian2.NeuronGroup(1, "x : 1"))
    assert Adapter.serves(type("Mine", (brian2.NeuronGroup,), {})(1, "x : 1"))
    assert not Adapter.serves(np.zeros(3))
    assert not Adapter.serves(3)


@pytest.mark.parametrize("dt", [0.1, 0.25])
def test_it_is_built_with_the_networks_dt_and_equals_the_object(participant, dt):
    p = participant(dt=dt)
    handle = p.adapter.create(recipe(), GroupSpec("cells", {"tau": 10 * brian2.ms}))
    port = p.adapter.port(handle, "", "spikes out")
    v = p.trajectory(handle, "v", 60)
    own = participant(dt=dt)
    brian2.defaultclock.dt = dt * brian2.ms
    group = brian2.NeuronGroup(5, EQUATIONS, threshold="v > 1", reset="v = 0", refractory=2 * brian2.ms, method="exact")
    np.testing.assert_array_equal(v, own.trajectory(own.group(group, tau=10 * brian2.ms), "v", 60))
    assert len(p.adapter.pull(port).ticks) == 5 * (dt == 0.25)


def test_it_travels_to_another_process():
    assert pickle.loads(pickle.dumps(recipe())) == recipe()


def test_neither_the_package_nor_a_recipe_imports_brian2():
    code = "import sys, fusion_brian2 as f\nf.Adapter.serves(f.neurons(3, 'x : 1'))\nassert 'brian2' not in sys.modules"
    path = {"PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=path)
    assert done.returncode == 0, done.stderr


def test_without_brian2_open_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "brian2", None)
    with pytest.raises(SimulatorMissing, match=r"pip install 'fusion-sim\[brian2\]'"):
        Adapter().open(Clock(0.1), 1)


# --- plain values


def described_again(recipe):
    return Neurons.from_description(recipe.described())


def test_quantities_are_described_by_their_value_and_exponents():
    given = {"tau": 10 * ms, "rates": np.array([1.0, 2.0]) * brian2.Hz, "conductance": 3 * nS / umetre**2, "k": 3}
    recipe = neurons(5, EQUATIONS, refractory=2 * ms, namespace=given)
    description = recipe.described()
    assert description["refractory"] == {"value": 0.002, "exponents": [0, 0, 1, 0, 0, 0, 0]}
    assert description["namespace"]["conductance"]["exponents"] == [-4, -1, 3, 2, 0, 0, 0]
    assert description["namespace"]["k"] == 3
    again = Neurons.from_description(description)
    assert again.refractory == 2 * ms
    for name, value in given.items():
        restored = again.namespace[name]
        assert np.array_equal(np.asarray(restored), np.asarray(value))
        assert brian2.have_same_dimensions(restored, value)
        assert isinstance(restored, brian2.Quantity) == isinstance(value, brian2.Quantity)


def test_all_else_is_described_as_it_is():
    recipe = neurons(3, "v : 1", threshold="v > 1", events={"high": "v > 2"}, method="euler", name="cells")
    assert described_again(recipe) == recipe
    assert described_again(neurons(3, "v : 1", namespace={})) == neurons(3, "v : 1", namespace={})


def test_a_function_in_the_namespace_travels_as_a_function():
    assert described_again(neurons(3, "v : 1", namespace={"f": recipe})).namespace["f"] is recipe


def test_a_timed_array_cannot_be_described():
    current = brian2.TimedArray([0.0, 1.0], dt=1 * ms)
    with pytest.raises(InvalidValue, match=r"namespace= of neurons\(3, \.\.\.\)\['I'\] is .*TimedArray.*fusion\.built"):
        neurons(3, "dv/dt = I(t)/ms : 1", namespace={"I": current}).described()
    with pytest.raises(InvalidValue, match="TimedArray"):
        neurons(3, "dv/dt = I(t)/ms : 1").with_names({"I": current}).described()


def test_equations_that_are_no_text_cannot_be_described():
    with pytest.raises(InvalidValue, match=r"equations= of neurons\(3, \.\.\.\) .*Give text"):
        neurons(3, brian2.Equations("v : 1")).described()


# --- names of the caller


def test_names_that_texts_use_come_along_if_they_are_constants():
    recipe = neurons(
        3,
        "dv/dt = (El - v)/tau : volt (unless refractory)  # but not commented",
        threshold="v > Vt",
        reset="v = Vr",
        refractory="pause",
        events={"high": "v > limit"},
        namespace={"tau": 3 * ms},
    )
    constants = {"El": -70 * mV, "Vt": -50 * mV, "Vr": np.float64(-0.06), "pause": 2 * ms, "limit": 0.1}
    others = {"tau": 5 * ms, "commented": 1.0, "unused": 2.0, "v": "text", "refractory": np, "volt": recipe}
    named = recipe.with_names({**constants, **others})
    assert named.namespace == {**constants, "tau": 3 * ms}
    assert (named.size, named.equations) == (recipe.size, recipe.equations)
    assert recipe.namespace == {"tau": 3 * ms}


def test_without_names_to_add_it_stays_itself():
    assert recipe().with_names({"other": 3}) == recipe()
    plain = neurons(3, "v : 1", refractory=2 * ms)
    assert plain.with_names({"ms": "no constant"}) is plain


def spikes_of(make):
    with Network(dt=0.1, seed=3) as net:
        NeuronGroup(net, make(), tag="cells", behaviour={9: EventRecorder("spike")})
        net.run(60.0)
        fired = net["spike.t", 0].tolist(), net["spike.i", 0].tolist()
    assert fired[0]
    return fired


NOISY = "dv/dt = (1.2 - v)/tau + 0.3*xi*tau**-0.5 : 1 (unless refractory)"
RULES = {"threshold": "v > limit", "reset": "v = 0", "refractory": 2 * ms, "method": "euler"}
SIZE, limit = 7, 1.0


def test_a_recipe_gives_the_spikes_of_the_object_also_with_the_names_in_it():
    tau = 10 * ms
    objects = spikes_of(lambda: brian2.NeuronGroup(SIZE, NOISY, namespace={"tau": tau, "limit": limit}, **RULES))
    given = neurons(SIZE, NOISY, namespace={"tau": tau, "limit": limit}, **RULES)
    named = neurons(SIZE, NOISY, **RULES).with_names({**globals(), **locals()})
    for recipe in (given, described_again(given), described_again(named)):
        assert spikes_of(lambda recipe=recipe: recipe) == objects


# --- what a function makes


def population(n, tau, more=False):
    """Noisy cells; with more, kicks and a monitor."""
    cells = brian2.NeuronGroup(n, NOISY, **RULES)
    if not more:
        return cells
    drive = brian2.PoissonInput(cells, "v", 10, 100 * brian2.Hz, 0.1)
    return cells, drive, brian2.SpikeMonitor(cells)


def in_seconds(n, tau, more=False):
    """As `population`, of plain values."""
    return population(n, tau * brian2.second, more)


def by_neurons(n, tau):
    return neurons(n, NOISY, **RULES)


def with_another_dt(n):
    brian2.defaultclock.dt = 1 * ms
    return brian2.NeuronGroup(n, "v : 1")


@pytest.mark.parametrize("more", [False, True])
def test_a_function_gives_the_spikes_of_the_object(more):
    def objects():
        made = population(SIZE, 10 * ms, more)
        return made if more else (made,)

    with Network(dt=0.1, seed=3) as net:
        tau = 10 * ms
        cells, *also = objects()
        NeuronGroup(net, cells, also=also, behaviour={9: EventRecorder("spike")})
        net.run(60.0)
        fired = net["spike.t", 0].tolist(), net["spike.i", 0].tolist()
    assert fired[0]
    assert spikes_of(lambda: built(population, adapter="brian2", n=SIZE, tau=tau, more=more)) == fired
    recipe = built(in_seconds, adapter="brian2", n=SIZE, tau=0.01, more=more)
    assert isinstance(Built.from_description(recipe.described()), Built)


def test_a_function_may_return_a_recipe():
    tau = 10 * ms
    fired = spikes_of(lambda: built(by_neurons, adapter="brian2", n=SIZE, tau=tau))
    assert fired == spikes_of(lambda: neurons(SIZE, NOISY, namespace={"tau": tau}, **RULES))


def test_quantities_are_no_arguments_for_another_process():
    with pytest.raises(InvalidValue, match=r"tau= of built\(population, .*Quantity\).*let the function make the rest"):
        built(population, adapter="brian2", n=3, tau=10 * ms).described()


def test_equations_of_a_function_see_its_names_and_not_those_of_the_caller():
    tau = 10 * ms
    nameless = built(lambda: brian2.NeuronGroup(SIZE, NOISY, **RULES), adapter="brian2")
    with Network(dt=0.1, seed=3) as net:
        NeuronGroup(net, nameless)
        with pytest.raises(UnknownName, match="'tau'"):
            net.run(1.0)
    assert tau


@pytest.mark.parametrize("dt", [0.1, 0.25])
def test_a_function_sees_a_default_clock_with_the_networks_dt(participant, dt):
    before, theirs = brian2.NeuronGroup(1, "v : 1"), brian2.defaultclock.dt
    seen = []

    def watching():
        seen.append(float(brian2.defaultclock.dt))
        cells = brian2.NeuronGroup(2, "v : 1")
        return cells, brian2.SpikeMonitor(brian2.PoissonGroup(1, 0 * brian2.Hz))

    p = participant(dt=dt)
    for _ in range(2):
        p.adapter.create(built(watching, adapter="brian2"), GroupSpec("cells"))
    assert seen == [dt * 1e-3] * 2
    assert brian2.defaultclock.dt == before.clock.dt == theirs
    assert brian2.NeuronGroup(1, "v : 1").clock is before.clock


def test_the_default_clock_is_handed_back_after_an_error(participant):
    before = brian2.NeuronGroup(1, "v : 1").clock
    with pytest.raises(RecipeFailed, match=r"raised DimensionMismatchError"):
        participant().adapter.create(built(lambda: 1 * ms + 1 * mV, adapter="brian2"), GroupSpec("cells"))
    assert brian2.NeuronGroup(1, "v : 1").clock is before


def test_a_function_that_sets_another_dt_is_an_error(participant):
    p = participant()
    with pytest.raises(ClockMismatch, match=r"Brian2's dt is 1 ms, the network's dt 0.1 ms. Make .* with dt=0.1\*ms"):
        p.adapter.create(built(with_another_dt, adapter="brian2", n=2), GroupSpec("cells"))
    p.adapter.create(built(lambda: brian2.NeuronGroup(2, "v : 1"), adapter="brian2"), GroupSpec("others"))
    assert float(brian2.defaultclock.dt) == 1e-4


def test_a_function_that_makes_no_neurons_is_an_error(participant):
    with pytest.raises(UnknownObject, match="A Brian2 int cannot be a group"):
        participant().adapter.create(built(lambda: 3, adapter="brian2"), GroupSpec("cells"))
