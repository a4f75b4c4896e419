"""`Stepper`: the loop of ``brian2.Network.run``, one step at a time and without its cost of entry.

``Network.run`` compiles everything anew and collects garbage each time it is called, 30 to 300 ms. This is the only
module that touches what Brian2 (2.9 to 2.11) keeps private about its clocks; it checks what it assumes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from fusion.core.clock import Clock
from fusion.errors import ClockMismatch, SimulatorFailed, Unsupported
from fusion_brian2.bound import Call, public_calls


def multiple(obj: Any, clock: Clock) -> int:
    """How many ticks pass between two steps of a Brian2 object; `ClockMismatch` if they are no whole number."""
    import brian2

    if not isinstance(obj.clock, brian2.Clock):
        raise Unsupported(
            f"The Brian2 object {obj.name!r} runs at times of its own (run_at). "
            "Use run_regularly, or a behaviour of the network."
        )
    dt = obj.clock.dt_ * 1e3
    n: int = round(dt / clock.dt)
    if n < 1 or abs(n * clock.dt - dt) > 1e-6 * clock.dt:
        raise ClockMismatch(
            f"The Brian2 object {obj.name!r} runs every {dt:g} ms, which is no multiple of the network's dt of "
            f"{clock.dt:g} ms. Give it dt={clock.dt:g}*ms, or a multiple.",
            object=obj,
            dt=dt,
        )
    return n


def check_dt(group: Any, clock: Clock) -> None:
    """`ClockMismatch` unless the time step of a group is that of the network."""
    import brian2

    dt = group.clock.dt_ * 1e3
    if abs(dt - clock.dt) <= 1e-6 * clock.dt:
        return
    right = f"{clock.dt:g}*ms"
    if group.clock.name == brian2.defaultclock.name:
        way_out = f"Write brian2.defaultclock.dt = {right} before NeuronGroup(net, {group.name})."
    else:
        way_out = f"Make {group.name!r} with dt={right}; it has a clock of its own."
    raise ClockMismatch(f"Brian2's dt is {dt:g} ms, the network's dt {clock.dt:g} ms. {way_out}", group=group, dt=dt)


class _Pace:
    """One Brian2 clock: it steps each `every` ticks."""

    def __init__(self, clock: Any, every: int) -> None:
        self.every, self.dt = every, float(clock.dt_)
        self.timestep = clock.variables["timestep"].get_value()
        self.t = clock.variables["t"].get_value()

    def set(self, step: int) -> None:
        """Show the time of the clock's own step `step`."""
        self.timestep[0] = step
        self.t[0] = step * self.dt


_Plan = tuple[list[Call], list[_Pace]]


class Stepper:
    """A Brian2 network that is ready to run, from its own time on.

    Parameters
    ----------
    network : brian2.Network
    clock : the network's clock; some object of `network` has that very time step
    namespaces : for each object of the network the names that its code may use
    calls_of : for an object that is ready to run, what to call in each of its steps

    Raises
    ------
    SimulatorFailed
        If Brian2 keeps its clocks in another way than this class knows.
    Exception
        Whatever Brian2 raises when it compiles the network.
    """

    def __init__(
        self,
        network: Any,
        clock: Clock,
        namespaces: Mapping[Any, Mapping[str, Any]],
        calls_of: Callable[[Any], list[Call]] = public_calls,
    ) -> None:
        self.network, self._class = network, type(network)
        objects = network.sorted_objects
        ticks = {obj.clock: multiple(obj, clock) for obj in objects}
        network._clocks = set(ticks)
        for brian2_clock in ticks:
            brian2_clock.set_interval(network.t, network.t)
        self._paces = [_Pace(brian2_clock, every) for brian2_clock, every in ticks.items()]
        self._slow = sorted({every for every in ticks.values() if every > 1})
        self._dt = next(pace.dt for pace in self._paces if pace.every == 1)
        self._step: int = round(network.t_ / self._dt)
        self._check(ticks)
        _before_run(network, objects, namespaces)
        busy = [obj for obj in objects if _does_something(obj)]
        self._calls = [(call, obj, ticks[obj.clock]) for obj in busy for call in calls_of(obj)]
        self._plans: dict[tuple[bool, ...], _Plan] = {}
        self._each_step = None if self._slow else self._plan(self._step)

    def _check(self, clocks: Iterable[Any]) -> None:
        """That Brian2 counts steps as is done here, and that the arrays written here are what it calls the time."""
        import brian2

        for clock, pace in zip(clocks, self._paces, strict=True):
            due = -(-self._step // pace.every)
            counted = float(clock.t_[:])
            pace.set(due + 1)
            if abs(counted - due * pace.dt) > 1e-3 * pace.dt or float(clock.t_[:]) != (due + 1) * pace.dt:
                raise SimulatorFailed(
                    f"Brian2 {brian2.__version__} keeps its clocks in a way that is not known here; versions 2.9 to "
                    "2.11 are. Install one of them: pip install 'fusion-sim[brian2]'"
                )
        self.claim()

    def claim(self) -> None:
        """Show our own time on all clocks; another network may share them, as Brian2's default clock."""
        step = self._step  # a slower clock is at its own next step
        for pace in self._paces:
            pace.set(-(-step // pace.every))
        self.network.t_ = step * self._dt

    def step(self) -> None:
        """Compute one tick, bit for bit as ``brian2.Network.run`` does, whatever time the clocks were made to show."""
        step, network = self._step, self.network
        calls, paces = self._each_step or self._plan(step)
        call = None
        # Clocks are set here as `_Pace.set` does; to call it would take as long again.
        for pace in self._paces:
            pace.timestep[0] = shown = -(-step // pace.every)
            pace.t[0] = shown * pace.dt
        try:
            for call in calls:
                call()
        except Exception as error:
            raise self._explained(error, call) from error
        for pace in paces:
            pace.timestep[0] = shown = step // pace.every + 1
            pace.t[0] = shown * pace.dt
        self._step = step = step + 1
        network.t_ = step * self._dt
        if network._stopped or self._class._globally_stopped:
            network._stopped = self._class._globally_stopped = False
            raise SimulatorFailed(
                "Brian2's stop() was called within a step, but other parts of the network go on. "
                "Run the network for a shorter time instead."
            )

    def _explained(self, error: Exception, failed: Call | None) -> Exception:
        """The error as Brian2 itself would raise it: with the object whose code failed."""
        import brian2

        owner = next((obj for call, obj, _ in self._calls if call is failed), None)
        if owner is None or failed == owner.run:
            return error
        explained: Exception = brian2.BrianObjectException(f"Its code failed in step {self._step}: {error}", owner)
        return explained

    def _plan(self, step: int) -> _Plan:
        """What runs in a step, in Brian2's order, and the clocks that go on."""
        due = tuple([step % every == 0 for every in self._slow])
        plan = self._plans.get(due)
        if plan is None:
            calls = [call for call, _, every in self._calls if step % every == 0]
            plan = self._plans[due] = calls, [pace for pace in self._paces if step % pace.every == 0]
        return plan

    def finish(self) -> None:
        """Leave the network as ``brian2.Network.run`` does."""
        self.claim()
        self.network.after_run()


def _does_something(obj: Any) -> bool:
    from brian2.core.base import BrianObject

    return obj.active and (bool(obj.code_objects) or type(obj).run is not BrianObject.run)


def _before_run(network: Any, objects: Iterable[Any], namespaces: Mapping[Any, Mapping[str, Any]]) -> None:
    """Compile each object with the names of the line where it was declared; Brian2 knows but one set for all."""
    own = {obj: obj.namespace for obj in objects}
    try:
        for obj, namespace in own.items():
            obj.namespace = {**namespaces.get(obj, {}), **(namespace or {})}
        network.before_run({})
    finally:
        for obj, namespace in own.items():
            obj.namespace = namespace
