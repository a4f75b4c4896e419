"""``examples/compiled/adaptive_lif.py``: three forms of a behaviour, and what is said where one cannot be had."""

from __future__ import annotations

import sys

import numpy as np
import pytest


@pytest.fixture
def compiled(example):
    return example("compiled/adaptive_lif")


def test_the_loop_does_what_the_arrays_do(compiled):
    draw = np.random.default_rng(1)
    constants = (0.1, 0.99, -70.0, -50.0, -65.0, 1.5, 4.0)
    start = (draw.uniform(-70, -45, 60), draw.uniform(0, 3, 60), draw.integers(-3, 4, 60).astype(float))
    states = [([*map(np.copy, start)], np.zeros(60, bool)) for _ in range(2)]
    current = draw.uniform(10, 40, 60)
    fired = 0
    for _ in range(30):
        for step, (state, spike) in zip((compiled.step_in_numpy, compiled.step_as_loop), states, strict=True):
            step(*state, current, spike, *constants)
        np.testing.assert_array_equal(states[0][0], states[1][0])
        np.testing.assert_array_equal(states[0][1], states[1][1])
        fired += states[0][1].sum()
    assert fired > 60


@pytest.mark.slow
@pytest.mark.parametrize("form", ["cython", "numba"])
def test_a_compiled_form_gives_the_same_bits(compiled, form):
    wanted, found = compiled.trajectory("numpy"), compiled.trajectory(form)
    assert len(wanted["spike"]) > 1000
    for name, values in wanted.items():
        np.testing.assert_array_equal(found[name], values)


def test_what_is_not_installed_is_told(compiled, monkeypatch):
    for module, form in (("numba", "numba"), ("Cython", "cython")):
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(ImportError, match=rf"is not installed: pip install 'fusion-sim\[{form}\]'"):
            compiled.trajectory(form)


@pytest.mark.slow
def test_a_missing_compiler_is_told_and_nothing_is_kept(compiled, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("CC", "/nowhere/gcc")
    with pytest.raises(ImportError, match="needs a C compiler, on Debian: apt-get install gcc"):
        compiled.trajectory("cython")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
