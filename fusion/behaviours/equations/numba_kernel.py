"""`NumbaKernel`: equations as one loop over the neurons, compiled by numba and kept for the next process."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from fusion.behaviours.equations.kernel import Kernel, constants, right_side, stores
from fusion.behaviours.equations.model import Block, Model
from fusion.core.ports import Arrivals

CHOOSE = "(({true}) if {condition} else ({false}))"

PRELUDE = """
from numba import njit
from numpy import (
    abs, arccos, arcsin, arctan, cos, cosh, exp, expm1, inf, log, log10, log1p, logical_not, pi, sign, sin, sinh, sqrt,
    tan, tanh,
)
from math import ceil, e, floor


@njit
def clip(x, low, high):
    return min(max(x, low), high)


@njit
def timestep(t, dt):
    return int((t + 1e-3 * dt) / dt)


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
        module = _module(source(model))
        self._update, self._reset = module.update, module.reset
        self._states = [one.name for one in model.states]
        self._wrong = -1
        self._nobody = np.empty((0, n))

    def update(self, tick: int, t: float) -> NDArray[np.bool_] | None:
        fires = np.empty(self.n, bool)
        self._wrong = self._update(
            t, tick, self.n, self._constants, self._drawn(self.model.update, self.n), fires, *self.arrays
        )
        return fires if self.model.fires else None

    def reset(self, spikes: NDArray[np.int64], tick: int, t: float) -> None:
        drawn = self._drawn(self.model.reset, len(spikes))
        self._reset(t, tick, self.n, self._constants, drawn, spikes, *self.arrays)

    def not_finite(self) -> str:
        return "" if self._wrong < 0 else self._states[self._wrong]

    def _drawn(self, block: Block, n: int) -> NDArray[np.float64]:
        return np.array(self.draw(block, n)) if block.draws else self._nobody


def source(model: Model) -> str:
    """A module with two functions, ``update`` and ``reset``; the numbers of the model are arguments."""
    parts = [PRELUDE, *_function(model, "update", model.update), *_function(model, "reset", model.reset), ""]
    return "\n".join(parts)


def _numbers(model: Model) -> list[str]:
    """Names of what is passed as numbers."""
    once = [line.target for line in (*model.update.once, *model.reset.once)]
    return ["dt", *model.constants, *once]


def _function(model: Model, name: str, block: Block) -> Iterator[str]:
    some = name == "reset"
    arrays = (f"_array_{one.name}" for one in model.stored)
    yield "\n\n@compiled"
    given = f"t, t_in_timesteps, N, _constants, _drawn, {'_at' if some else '_fires'}"
    yield f"def {name}({', '.join([given, *arrays])}):"
    body = "\n".join(_body(model, block, some))
    for at, number in enumerate(_numbers(model)):
        if number in body:
            yield f"    {number} = _constants[{at}]"
    yield body


def _body(model: Model, block: Block, some: bool) -> Iterator[str]:
    for one in model.stored:
        if one.name in block.reads and one.shared:
            yield f"    {one.name} = _array_{one.name}{_scaled(10.0**one.exponent)}"
    for line in block.scalars:
        yield f"    {line.target} = {right_side(line, CHOOSE)}"
    if not some:
        yield "    _wrong = -1"
    yield "    for _k in range(len(_at)):" if some else "    for i in range(N):"
    if some:
        yield "        i = _at[_k]"
    yield from (f"        {line}" for line in _each(model, block, "_k" if some else "i"))
    if not some:
        at = {one.name: k for k, one in enumerate(model.states)}
        for name in block.writes:
            if name in at:
                yield f"        if not {name} - {name} == 0.0:"
                yield f"            _wrong = {at[name]}"
        if model.fires:
            yield "        _fires[i] = _cond"
        yield "    return _wrong"


def _each(model: Model, block: Block, drawn: str) -> Iterator[str]:
    for one in model.stored:
        if one.name in block.reads and not one.shared:
            yield f"{one.name} = _array_{one.name}[i]{_scaled(10.0**one.exponent)}"
    for at, (draw, _) in enumerate(block.draws):
        yield f"{draw} = _drawn[{at}, {drawn}]"
    for line in block.lines:
        condition = f"if {line.guard}: " if line.guard else ""
        yield f"{condition}{line.target} = {right_side(line, CHOOSE)}"
    for name, scale, held in stores(model, block):
        condition = "if not_refractory: " if held and drawn == "i" else ""
        yield f"{condition}_array_{name}[i] = {name}{_scaled(scale)}"


def _scaled(scale: float) -> str:
    return "" if scale == 1.0 else f" * {scale!r}"


def _module(text: str) -> ModuleType:
    """The module of a text; it lies in a file, beside which numba keeps what it compiles."""
    name = f"fusion_equations_{hashlib.blake2b(text.encode(), digest_size=12).hexdigest()}"
    if name in sys.modules:
        return sys.modules[name]
    path = _folder() / f"{name}.py"
    # A file that is as it should be is left alone: numba compiles anew what is younger than its machine code.
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
            file.write(text)
        Path(file.name).replace(path)
    spec = spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    # numba finds machine code that it kept by the name of the module.
    module = sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _folder() -> Path:
    """Where compiled equations are kept for this user, or for this process if that cannot be written to."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = home / "fusion" / "equations"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="fusion-equations-"))
    return folder if os.access(folder, os.W_OK) else Path(tempfile.mkdtemp(prefix="fusion-equations-"))
