"""What each exchange with a simulator costs at its adapter, in step and in windows, beside the bare step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import partial

from benchmarks.process import Side
from benchmarks.rounds import Effort, Round
from benchmarks.rows import Row

EXCHANGES = ("spikes in", "spikes out", "state out", "current in")
# What a window needs when its variables are wanted as it ends, and not from each of its ticks.
AT_ENDS = ("spikes in", "spikes out", "state at ends")
COMBINED = {
    "all of them": ",".join(EXCHANGES),
    "spikes, and state as a window ends": ",".join(AT_ENDS),
}
WINDOWS = {"in step": 1, "windows of 15": 15}  # ticks
SIZES, QUICK_SIZES = (100, 1000, 10_000), (1000,)
# Of the time of a bare step, at 1000 neurons; several exchanges together.
SHARES = {("NEST", "in step"): 0.5, ("NEST", "windows of 15"): 0.1}
BRIAN2_LIMIT, DENSE_LIMIT = 5.0, 60.0  # us; for all exchanges with 1000 neurons, and for a whole step of Dense(100)
# What a user writes who wants TensorFlow's small steps quick.
LEAN = {"TF_ENABLE_ONEDNN_OPTS": "0", "TF_NUM_INTEROP_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1"}
FLOORS: Mapping[tuple[str, str], tuple[float, float, float]] = {
    # The quickest ways known, us per step, for each of the sizes.
    ("NEST", "spikes in"): (1.1, 1.1, 2.0),
    ("NEST", "spikes out"): (0.7, 0.7, 0.7),
    ("NEST", "state out"): (0.9, 2.8, 50.0),
    ("NEST", "current in"): (0.6, 1.6, 28.0),
    ("NEST", "all of them"): (3.0, 22.0, 104.0),
    ("Brian2", "spikes in"): (0.4, 0.7, 1.2),
    ("Brian2", "spikes out"): (0.4, 0.7, 1.2),
}


def measure(effort: Effort) -> Iterator[Row]:
    """NEST, Brian2 with NumPy code, and a layer."""
    for simulator in ("NEST", "Brian2"):
        yield from _simulator(effort, simulator)
    yield from _layer(effort)


def _simulator(effort: Effort, simulator: str) -> Iterator[Row]:
    sides = {"bare": "bare", "advance": "", **{one: one for one in EXCHANGES}, **COMBINED}
    with ExitStack() as stack:
        running = {name: stack.enter_context(Side("exchange", exchanges)) for name, exchanges in sides.items()}
        for n in QUICK_SIZES if effort.quick else SIZES:
            for side in running.values():
                side.ask("prepare", simulator=simulator, n=n)
            tier = running["advance"].ask("tier")
            for how, window in WINDOWS.items():
                rounds: dict[str, Round] = {
                    name: partial(side.ask, "round", window=window) for name, side in running.items()
                }
                title = f"{simulator}, {n} cells, {how}"
                times = effort.compare(title, rounds, seconds=10.0)
                best = {name: taken.best * 1e6 for name, taken in zip(rounds, times, strict=True)}
                yield from _rows(f"{simulator} ({tier}), {how}", simulator, how, n, best)


def _rows(what: str, simulator: str, how: str, n: int, best: Mapping[str, float]) -> Iterator[Row]:
    """What is added: by the adapter to the simulator, by each exchange to the adapter, by all of them to both."""
    bare = best["bare"]
    for name, taken in best.items():
        if name == "bare":
            continue
        added = taken - best["advance"] if name in EXCHANGES else taken - bare
        everything = name == "all of them"
        limit = SHARES.get((simulator, how)) if name in COMBINED and n == 1000 else None
        floor = FLOORS.get((simulator, name)) if how == "in step" else None
        beside = "the bare step" if floor is None else f"the bare step; best known {floor[SIZES.index(n)]:g} us"
        yield Row(f"{what}: {name}", n, added, beside, bare, limit)
        if everything and n == 1000 and simulator == "Brian2":
            yield Row(f"{what}: {name}", n, added, limit=BRIAN2_LIMIT)


def _layer(effort: Effort) -> Iterator[Row]:
    sides = {
        "step": ("state out,current in", "Keras", LEAN),
        "jit": ("state out,current in", "Keras jit", LEAN),
        "as it is": ("state out,current in", "Keras", {}),
        "model(x)": ("bare", "Keras", {}),
    }
    with ExitStack() as stack:
        running = {
            name: stack.enter_context(Side("exchange", exchanges, variables=variables))
            for name, (exchanges, _, variables) in sides.items()
        }
        for n in (100, 1000):
            for name, (_, simulator, _) in sides.items():
                running[name].ask("prepare", simulator=simulator, n=n)
            tier = running["step"].ask("tier")
            for how, window in WINDOWS.items():
                rounds: dict[str, Round] = {
                    name: partial(side.ask, "round", window=window) for name, side in running.items()
                }
                times = effort.compare(f"Dense({n}), {how}", rounds, seconds=10.0)
                best = {name: taken.best * 1e6 for name, taken in zip(rounds, times, strict=True)}
                yield from _layer_rows(f"Keras ({tier}), Dense({n}), {how}", n, best)


def _layer_rows(what: str, n: int, best: Mapping[str, float]) -> Iterator[Row]:
    lean, call = f"{what}, one thread, oneDNN off", best["model(x)"]
    yield Row(lean, n, best["step"], "model(x)", call)
    yield Row(f"{lean}, jit=True", n, best["jit"], "model(x)", call)
    yield Row(f"{what}, TensorFlow's defaults", n, best["as it is"], "model(x)", call)
    if n == 100:
        yield Row(lean, n, best["step"], "best known 45 us", limit=DENSE_LIMIT)
