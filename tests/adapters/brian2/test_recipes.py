"""A recipe in place of a Brian2 object: the same line, whatever process it is built in."""

import pickle
import subprocess
import sys

import brian2
import numpy as np
import pytest
from fusion_brian2 import Adapter, neurons

from fusion.adapter.base import GroupSpec
from fusion.core.clock import Clock
from fusion.errors import SimulatorMissing

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
