"""`NumbaKernel`: equations as one loop over the neurons, compiled by numba and kept for the next process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from fusion.behaviours.compilers import kept
from fusion.behaviours.equations.kernel import Kernel, constants, right_side, stores
from fusion.behaviours.equations.model import Block, Model
from fusion.core.ports import Arrivals

KIND = "equations"
CHOOSE = "(({true}) if {condition} else ({false}))"

PRELUDE = """
from numba import njit
from numpy import (
    abs, arccos, arcsin, arctan, cos, cosh, exp, expm1, inf, log, log10, log1p, logical_not, pi, sign, sin, sinh, sqrt,
    tan, tanh, trunc,
)
from math import ceil, e, floor


@njit
def clip(x, low, high):
    return min(max(x, low), high)


@njit
def timestep(t, dt):
    return trunc((t + 1e-3 * dt) / dt)  # an integer would keep the loop from being vectorized


compiled = njit(cache=True, nogil=True, error_model="numpy")
"""


class NumbaKernel(Kernel):
    """A model in machine code.

    Functions such as ``exp`` are those of the C library, which differ from NumPy's in the last bit.
    """

    name = "numba"

    def __init__(
        self, model: Model, n: int, dt: float, arrivals: Mapping[str, Arrivals], generator: np.random.Generator
    ) -> None:
        super().__init__(model, n, dt, arrivals, generator)
        values = constants(model, n, dt)
        self._constants = np.array([values[name] for name in _numbers(model)], float)
        module = kept(source(model), KIND)
        self._step, self._reset = module.step, module.reset
        self._wrong = -1
        self._nothing, self._no_draws = np.zeros(n), np.empty((0, n))

    def step(self, tick: int) -> NDArray[np.bool_] | None:
        fires, t, nothing = np.empty(self.n, bool), tick * self.dt, self._nothing
        drawn = np.array(self.draw(self.model.update, self.n)) if self.model.update.draws else self._no_draws
        arriving = [nothing if into.values is None else into.values for into in self.arrivals]
        self._wrong = self._step(t, tick, self.n, self._constants, drawn, fires, *self.arrays, *arriving)
        if not self.model.fires:
            return None
        if self.model.reset.draws:
            spikes = fires.nonzero()[0]
            drawn = np.array(self.draw(self.model.reset, len(spikes)))
            self._reset(t, tick, self.n, self._constants, drawn, spikes, *self.arrays)
        return fires

    def not_finite(self) -> str:
        return "" if self._wrong < 0 else self.model.states[self._wrong].name


def source(model: Model) -> str:
    """A module with the functions ``step`` and ``reset``; the numbers of the model are arguments.

    Where a reset draws no random numbers ``step`` does it, and ``reset`` does nothing.
    """
    arrays = [f"_array_{one.name}" for one in model.stored]
    into = [f"_into_{one.name}" for one in model.states]
    given = ["t", "t_in_timesteps", "N", "_constants", "_drawn"]
    parts = [
        PRELUDE,
        *_function(model, "step", [*given, "_fires", *arrays, *into], _step(model)),
        *_function(model, "reset", [*given, "_at", *arrays], _reset(model) if model.reset.draws else ["pass"]),
    ]
    return "\n".join([*parts, ""])


def _numbers(model: Model) -> list[str]:
    """Names of what is passed as numbers."""
    once = [line.target for line in (*model.update.once, *model.reset.once)]
    return ["dt", *model.constants, *once]


def _function(model: Model, name: str, given: Iterable[str], body: Iterable[str]) -> Iterator[str]:
    yield f"\n\n@compiled\ndef {name}({', '.join(given)}):"
    lines = "\n".join(f"    {line}" for line in body)
    for at, number in enumerate(_numbers(model)):
        if number in lines:
            yield f"    {number} = _constants[{at}]"
    yield lines


def _step(model: Model) -> Iterator[str]:
    update, reset = model.update, model.reset
    resets = model.fires and bool(reset.lines) and not reset.draws
    yield from _once(model, update)
    if resets:
        yield from _once(model, reset)
    moved = [one.name for one in model.states]
    yield from (f"_bad_{name} = False" for name in moved)
    yield "for i in range(N):"
    for one in model.stored:
        if not one.shared:
            yield f"    _new_{one.name} = _array_{one.name}[i]"
    yield from (f"    {line}" for line in _statements(model, update, "i"))
    if model.fires:
        yield "    _fires[i] = _cond"
    if model.fires and model.refractory:
        yield "    _new_not_refractory = _new_not_refractory & (not _cond)"
        yield "    _new_lastspike = t if _cond else _new_lastspike"
    for one in model.states:
        arriving = f"(_into_{one.name}[i] if _new_not_refractory else 0.0)" if one.held else f"_into_{one.name}[i]"
        yield f"    _new_{one.name} = _new_{one.name} + {arriving}"
    if resets:
        yield "    if _cond:"
        yield from (f"        {line}" for line in _statements(model, reset, "i"))
    for name in moved:
        yield f"    _bad_{name} = _bad_{name} | (_new_{name} - _new_{name} != 0.0)"
    changed = {*update.writes, *(reset.writes if resets else ())}
    changed |= {"not_refractory", "lastspike"} if model.refractory else set()
    yield from (f"    _array_{name}[i] = _new_{name}" for name in sorted(changed))
    for at, name in enumerate(moved):
        yield f"if _bad_{name}:\n        return {at}"
    yield "return -1"


def _reset(model: Model) -> Iterator[str]:
    yield from _once(model, model.reset)
    yield "for _k in range(len(_at)):"
    yield "    i = _at[_k]"
    for name in {*model.reset.reads, *model.reset.writes}:
        yield f"    _new_{name} = _array_{name}[i]"
    yield from (f"    {line}" for line in _statements(model, model.reset, "_k"))
    yield from (f"    _array_{name}[i] = _new_{name}" for name in model.reset.writes)


def _once(model: Model, block: Block) -> Iterator[str]:
    """What has one value for all neurons."""
    for one in model.stored:
        if one.name in block.reads and one.shared:
            yield f"{one.name} = _array_{one.name}{_scaled(10.0**one.exponent)}"
    yield from (f"{line.target} = {right_side(line, CHOOSE)}" for line in block.scalars)


def _statements(model: Model, block: Block, drawn: str) -> Iterator[str]:
    """From the values ``_new_x`` of one neuron to those after a block; no branches, so that loops are vectorized."""
    for one in model.stored:
        if one.name in block.reads and not one.shared:
            yield f"{one.name} = _new_{one.name}{_scaled(10.0**one.exponent)}"
    yield from (f"{draw} = _drawn[{at}, {drawn}]" for at, (draw, _) in enumerate(block.draws))
    for line in block.lines:
        value = right_side(line, CHOOSE)
        if line.guard:
            value = CHOOSE.format(condition=line.guard, true=value, false=line.target)
        yield f"{line.target} = {value}"
    for name, scale, held in stores(model, block):
        value = f"{name}{_scaled(scale)}"
        if held and scale != 1.0 and block is model.update:
            value = CHOOSE.format(condition="not_refractory", true=value, false=f"_new_{name}")
        yield f"_new_{name} = {value}"


def _scaled(scale: float) -> str:
    return "" if scale == 1.0 else f" * {scale!r}"
