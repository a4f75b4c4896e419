"""`NumpyKernel`: equations as NumPy functions, which compute what Brian2's own NumPy code computes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from fusion.behaviours.equations.kernel import FUNCTIONS, Kernel, constants, defined, right_side, stores
from fusion.behaviours.equations.model import Block, Model
from fusion.core.ports import Arrivals

CHOOSE = "where({condition}, {true}, {false})"


class NumpyKernel(Kernel):
    """A model in NumPy."""

    name = "numpy"

    def __init__(
        self, model: Model, n: int, dt: float, arrivals: Mapping[str, Arrivals], generator: np.random.Generator
    ) -> None:
        super().__init__(model, n, dt, arrivals, generator)
        space = {
            **FUNCTIONS, "copyto": np.copyto, "multiply": np.multiply, **constants(model, n, dt), "i": np.arange(n),
        }  # fmt: skip
        made = defined(source(model), space)
        self._update, self._reset = made["update"], made["reset"]
        self._zeros = np.zeros(n, np.float64)
        self._wrong = ""
        place = {one.name: at for at, one in enumerate(model.stored)}
        self._states = [(one.name, place[one.name], one.held) for one in model.states]
        self._last, self._free = place.get("lastspike", -1), place.get("not_refractory", -1)

    def step(self, tick: int) -> NDArray[np.bool_] | None:
        with np.errstate(all="ignore"):  # what is not finite afterwards is an error of its own
            fires = self._stepped(tick, tick * self.dt)
            self._wrong = self._not_finite()
        return fires

    def _stepped(self, tick: int, t: float) -> NDArray[np.bool_] | None:
        model, arrays = self.model, self.arrays
        fires = self._update(t, tick, *self.draw(model.update, self.n), *arrays)
        if fires is None:
            self._add_arrivals()
            return None
        fires = fires if np.shape(fires) else np.full(self.n, fires, bool)
        spikes = fires.nonzero()[0]
        if len(spikes) and model.refractory:
            arrays[self._free][spikes] = False
            arrays[self._last][spikes] = t
        self._add_arrivals()
        if len(spikes) and model.reset.lines:
            self._reset(t, tick, spikes, *self.draw(model.reset, len(spikes)), *arrays)
        mask: NDArray[np.bool_] = fires
        return mask

    def _add_arrivals(self) -> None:
        for arrivals, (_, place, is_held) in zip(self.arrivals, self._states, strict=True):
            if arrivals.values is not None:
                self.arrays[place] += arrivals.values * self.arrays[self._free] if is_held else arrivals.values

    def not_finite(self) -> str:
        return self._wrong

    def _not_finite(self) -> str:
        # Zero times what is not finite is NaN; this is the quickest way to look at all of an array.
        for name, place, _ in self._states:
            if self._zeros.dot(self.arrays[place]) != 0.0:
                return name
        return ""


def source(model: Model) -> str:
    """Two functions, ``update`` and ``reset``."""
    return "\n".join([*_function(model, "update", model.update), *_function(model, "reset", model.reset)])


def _function(model: Model, name: str, block: Block) -> Iterator[str]:
    some = name == "reset"
    arrays = [f"_array_{one.name}" for one in model.stored]
    given = ["t", "t_in_timesteps", *(["_at"] if some else []), *(draw for draw, _ in block.draws), *arrays]
    yield f"def {name}({', '.join(given)}):"
    yield from (f"    {line}" for line in _body(model, block, some))
    yield "    return _cond" if name == "update" and model.fires else "    return None"


def _body(model: Model, block: Block, some: bool) -> Iterator[str]:
    if some:
        yield "i = _at"
    for one in model.stored:
        if one.name in block.reads:
            selected = "[_at]" if some and not one.shared else ""
            scale = f" * {10.0**one.exponent!r}" if one.exponent else ""
            yield f"{one.name} = _array_{one.name}{selected}{scale}"
    for line in (*block.scalars, *block.lines):
        value = right_side(line, CHOOSE)
        # Never in place: the name may stand for the array that is stored.
        yield f"{line.target} = {f'where({line.guard}, {value}, {line.target})' if line.guard else value}"
    for name, unit, held in stores(model, block):
        scaled = "" if unit == 1.0 else f" * {unit!r}"
        if some:
            yield f"_array_{name}[_at] = {name}{scaled}"
        elif held:
            yield f"copyto(_array_{name}, {name}{scaled}, where=not_refractory)"
        elif scaled:
            yield f"multiply({name}, {unit!r}, out=_array_{name})"
        else:
            yield f"_array_{name}[:] = {name}"
