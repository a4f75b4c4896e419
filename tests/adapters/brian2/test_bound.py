"""Bound steps against Brian2's own: all bits of state, spikes, weights and recordings; and the way back to them."""

import logging
from functools import cache, partial

import brian2
import numpy as np
import pytest
from brian2 import ms, mV
from fusion_brian2 import Adapter, bound
from fusion_brian2.functions import translated

from fusion import Network, NeuronGroup
from fusion.adapter import tiers
from fusion.adapter.base import GroupSpec
from fusion.core.clock import Clock
from fusion.errors import SimulatorFailed


@pytest.fixture(autouse=True)
def no_wish(monkeypatch):
    monkeypatch.delenv(tiers.VARIABLE, raising=False)


def trajectory(everything, codegen, tier, ticks):
    """What comes of a run, of changes by the user, and of a second run in chunks of another length."""
    brian2.start_scope()
    brian2.prefs.codegen.target = codegen
    cells, others, state = everything()
    adapter = Adapter()
    adapter.open(Clock(0.1), 3)
    try:
        assert adapter.tier.name == tier
        handle = adapter.create(cells, GroupSpec("cells", {}, others))
        out = adapter.port(handle, "", "spikes out")
        adapter.prepare()
        adapter.advance(ticks)
        adapter.cleanup()
        first = state()
        cells.Iext = 20 * mV
        others[2].w = "w * 1.5"
        others[0].active = False
        adapter.prepare()
        for tick in range(ticks + 1, 2 * ticks, 7):
            adapter.advance(tick)
        adapter.advance(2 * ticks)
        adapter.cleanup()
        fired = adapter.pull(out)
    finally:
        adapter.close()
    return first, state(), fired


@pytest.mark.parametrize(
    "codegen", ["numpy", pytest.param("cython", marks=[pytest.mark.slow, pytest.mark.timeout(1200)])]
)
def test_bound_steps_give_all_bits_of_public_ones_also_after_changes_between_runs(everything, codegen, monkeypatch):
    fast = trajectory(everything, codegen, "bound", 200)
    monkeypatch.setenv(tiers.VARIABLE, "brian2")
    public = trajectory(everything, codegen, "public", 200)
    assert len(fast[2].ticks) > 100
    np.testing.assert_equal(fast, public)


def test_each_kind_of_code_is_bound_and_what_is_not_code_runs_itself(everything):
    cells, others, _ = everything()
    operation = brian2.NetworkOperation(lambda: None)
    adapter = Adapter()
    adapter.open(Clock(0.1), 3)
    adapter.create(cells, GroupSpec("cells", {}, (*others, operation)))
    adapter.prepare()
    busy = [obj for obj in adapter.network.sorted_objects if obj.code_objects]
    assert len(busy) > 10
    assert not any(obj.run in bound.bound_calls(obj) for obj in busy)
    assert bound.bound_calls(operation) == [operation.run]
    adapter.close()


def test_numpy_code_becomes_functions_once_and_not_in_each_run(everything):
    cells, others, _ = everything()
    translations = []

    def counted(*code):
        translations.append(code)
        return translated(*code)

    calls = partial(bound.bound_calls, translate=cache(counted))
    adapter = Adapter()
    adapter.open(Clock(0.1), 3)
    adapter.create(cells, GroupSpec("cells", {}, others))
    for _ in range(2):
        adapter.prepare()
        functions = [call for obj in adapter.network.sorted_objects if obj.code_objects for call in calls(obj)]
        assert {call.__name__ for call in functions} == {"main"}
        adapter.cleanup()
    assert 10 < len(translations) <= len(functions)
    adapter.close()


def test_code_whose_values_change_from_step_to_step_runs_itself(everything):
    cells, others, _ = everything()
    adapter = Adapter()
    adapter.open(Clock(0.1), 3)
    adapter.create(cells, GroupSpec("cells", {}, others))
    adapter.prepare()
    updater = cells.state_updater
    updater.codeobj.nonconstant_values.append(("n", lambda: 1))
    assert bound.bound_calls(updater) == [updater.run]
    adapter.close()


def test_code_of_an_unknown_kind_runs_itself(monkeypatch):
    cells = brian2.NeuronGroup(3, "dv/dt = -v/(10*ms) : 1", method="exact")
    adapter = Adapter()
    adapter.open(Clock(0.1), 3)
    adapter.create(cells, GroupSpec("cells", {"ms": ms}))
    adapter.prepare()
    updater = cells.state_updater
    monkeypatch.setattr(bound, "_binders", dict)
    assert bound.bound_calls(updater) == [updater.run]
    adapter.close()


def test_an_error_in_bound_code_names_the_object_whose_code_it_is():
    def failing(x):
        raise ValueError("too large")

    broken = brian2.Function(failing, arg_units=[1], return_unit=1, stateless=False)
    broken.implementations.add_implementation("numpy", failing)
    cells = brian2.NeuronGroup(3, "x : 1", name="culprits")
    cells.run_regularly("x = broken(x)", name="offence")
    adapter = Adapter()
    adapter.open(Clock(0.1), 3)
    adapter.create(cells, GroupSpec("cells", {"broken": broken}))
    adapter.prepare()
    with pytest.raises(SimulatorFailed, match=r"tick 1: .*'offence'[\s\S]*too large"):
        adapter.advance(1)
    adapter.close()


def test_a_brian2_that_calls_its_code_otherwise_is_stepped_publicly_and_says_so_once(monkeypatch, caplog):
    from brian2.codegen.codeobject import CodeObject

    own = CodeObject.__call__
    # As if Brian2 had begun to give each call values of its own.
    monkeypatch.setattr(CodeObject, "__call__", lambda code: own(code, step=1))
    monkeypatch.setattr(tiers, "_told", set())
    with caplog.at_level(logging.WARNING, logger="fusion"):
        nets = [Network(dt=0.1, seed=1) for _ in range(2)]
        groups = []
        for net in nets:
            cells = brian2.NeuronGroup(3, "dv/dt = (1 - v)/(10*ms) : 1", method="exact")
            groups.append(NeuronGroup(net, cells, tag="cells"))
            net.simulate(10)
    assert [group.adapter.tier.name for group in groups] == ["public", "public"]
    assert [record.message for record in caplog.records if record.name == "fusion"] == [
        f"brian2 is used through its public interface: Brian2 {brian2.__version__} calls its compiled code in another "
        "way than is known here. See `fusion doctor`."
    ]
    np.testing.assert_allclose(groups[0].v, 1 - np.exp(-0.1), rtol=1e-12)  # ten steps of rounding
    for net in nets:
        net.close()


def test_a_brian2_without_the_classes_that_are_bound_is_stepped_publicly(monkeypatch):
    from brian2.codegen.runtime.numpy_rt import numpy_rt

    monkeypatch.delattr(numpy_rt, "NumpyCodeObject")
    monkeypatch.setattr(tiers, "_told", set())
    tier = bound.tier()
    assert tier.name == "public"
    assert "NumpyCodeObject" in tier.reason
