"""`Network`: groups, synapses and behaviours on one clock; the one module that joins the layers below it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from fusion.adapter import registry
from fusion.adapter.base import Adapter, GroupSpec
from fusion.core.behaviour import Behaviour
from fusion.core.clock import Clock
from fusion.core.foreign import ForeignNeuronGroup
from fusion.core.lineup import Lineup
from fusion.core.neurons import NeuronGroup
from fusion.core.parts import Part, listed
from fusion.core.ports import Arrivals
from fusion.core.seeds import Seeds
from fusion.core.streams import Streams
from fusion.core.synapses import AdoptedSynapseGroup, SynapseGroup
from fusion.core.tags import Tagged
from fusion.core.words import Table
from fusion.coupling.access import AccessLog
from fusion.coupling.roster import Roster, adopt
from fusion.coupling.runner import Runner
from fusion.coupling.wiring import Wiring
from fusion.errors import (
    BelongsElsewhere,
    BuildFailed,
    DelayTooShort,
    InvalidValue,
    NetworkBroken,
    NothingToRun,
    WindowTooLarge,
)
from fusion.recording.recorder import Recording

if TYPE_CHECKING:
    from fusion.core.flow_chart import FlowChart
    from fusion.core.graph import Graph
    from fusion.coupling.certificate import Certificate


class Network(Part):
    """A network of neuron groups and synapse groups, whatever simulates them.

    Parameters
    ----------
    dt : float, ms
        Length of an iteration. Simulators with a time step of their own must have the same.
    seed : int
        Covers all that is drawn after it; the default is what `fusion.seed` was given, or fresh entropy.
    behaviour : {key: Behaviour}
        Behaviours of the network itself.
    dtype
        Floating-point type of native arrays.
    window : int, iterations
        How long participants run alone between two meetings; as long as it is exact unless given.
    threads : int
        Threads that BLAS may use during runs.
    pausable : bool
        Whether a network that stopped in the middle of an iteration may go on; it runs in lockstep.

    Raises
    ------
    InvalidValue
        If an argument means nothing.
    """

    def __init__(
        self,
        dt: object = 1.0,
        seed: int | None = None,
        *,
        tag: str | None = None,
        behaviour: Mapping[float, Behaviour] | None = None,
        dtype: Any = np.float64,
        window: int | None = None,
        threads: int = 1,
        pausable: bool = False,
    ) -> None:
        self.network = self
        self.clock = Clock(dt)
        super().__init__(tag)
        self.dtype = np.dtype(dtype)
        if not np.issubdtype(self.dtype, np.floating):
            raise InvalidValue(f"dtype={dtype!r} is no floating-point type.", dtype=dtype)
        if window is not None and (isinstance(window, bool) or not isinstance(window, int) or window < 1):
            raise InvalidValue(f"window={window!r}: give a whole number of iterations, at least 1.", window=window)
        if pausable and window not in (None, 1):
            raise InvalidValue(f"window={window!r}: a network that is pausable runs in lockstep.", window=window)
        self.pausable = pausable
        self.iteration = 0
        self.groups: list[NeuronGroup] = []
        self.synapses: list[SynapseGroup] = []
        self.active: Behaviour | None = None
        """The behaviour that is running."""
        self.access = AccessLog()
        self._seeds = Seeds(seed)
        self._streams = Streams(self._seeds, self)
        self._roster = Roster(self.clock, self._seeds)
        self._wiring = Wiring(self, self._roster, self.access, 1 if pausable else window)
        self._runner = Runner(self, self._wiring, threads)
        self._lineup = Lineup(self)
        self._warmed: list[Tagged] = []
        self._is_built = False
        self._attach(behaviour)

    @property
    def dt(self) -> float:
        """Length of an iteration, ms."""
        return self.clock.dt

    @property
    def seed(self) -> int:
        """The seed that everything drawn here depends on."""
        return self._seeds.seed

    @property
    def t(self) -> float:
        """Time that has been simulated, ms."""
        return self.iteration * self.dt

    @property
    def coupling(self) -> Certificate:
        """What the coupling did in all runs so far."""
        return self._wiring.certificate(self.iteration, self._runner.seconds)

    def graph(self) -> Graph:
        """Groups, what computes them in which windows, and what links them with which delays: data, and a picture."""
        return self._wiring.graph()

    # --- running ---------------------------------------------------------------------------------------------------

    def run(self, duration: object, *, progress: bool | None = None) -> Self:
        """Simulate `duration` ms, as `simulate`."""
        return self.simulate(self.clock.ticks(duration, "duration"), progress=progress)

    def simulate(self, iterations: int, *, progress: bool | None = None) -> Self:
        """Simulate a number of iterations.

        Ctrl-C takes effect at the end of an iteration: everything recorded is there, and the network can go on.

        Parameters
        ----------
        iterations : int
        progress : bool
            Whether to show a progress bar; by default on a terminal, when the run takes more than a second.

        Raises
        ------
        NothingToRun
            If nothing is there that takes a step.
        BuildFailed
            As `build`.
        BehaviourFailed
            If a behaviour raises. What was recorded up to the last whole iteration is kept, and the network cannot go
            on (`NetworkBroken`) unless it is `pausable`.
        """
        if isinstance(iterations, bool) or not isinstance(iterations, int | np.integer) or iterations < 0:
            raise InvalidValue(f"{iterations!r} iterations: give a whole number. run(ms) takes milliseconds.")
        if self._runner.broken_in and not self.pausable:
            raise NetworkBroken(f"The network stopped within iteration {self._runner.broken_in}; build a new one.")
        self.build()
        if iterations:
            self._runner.run(int(iterations), progress)
        return self

    def session(self) -> AbstractContextManager[None]:
        """Within it simulators stay prepared, so that many short runs take no longer than one long run.

        ``with net.session(): ...``; between the runs within it no group can be added, and variables stay fixed that a
        simulator fixes while it runs. Leaving it gives the simulators back to the user, as the end of a run does.

        Raises
        ------
        InvalidValue
            If it begins in the middle of a run or of another session.
        NothingToRun, BuildFailed
            As `build`.
        """
        self.build()
        return self._runner.session()

    def cut_recordings(self) -> None:
        """Drop what was recorded after the last whole iteration."""
        for behaviour in self._lineup:
            if isinstance(behaviour, Recording):
                behaviour.cut(self.iteration)

    def clear_recordings(self) -> None:
        """Forget everything that recorders of this network have written down."""
        for behaviour in self._lineup:
            if isinstance(behaviour, Recording):
                behaviour.clear()

    # --- building --------------------------------------------------------------------------------------------------

    def build(self) -> Self:
        """Initialize the behaviours in the order of their keys and connect the participants; the first run calls it.

        Raises
        ------
        NothingToRun
            If nothing is there that takes a step.
        BuildFailed
            With every problem and the line where it was declared.
        """
        if not self._wiring.participants and not any(behaviour.steps() for behaviour in self._lineup):
            raise NothingToRun("Nothing in this network takes a step: attach a behaviour, or add a simulator's group.")
        problems: list[tuple[str, Exception]] = []
        self._wiring.connect(problems)
        self._lineup.start()
        self._lineup.verify(problems)
        self._wiring.verify(problems)
        if not problems:
            try:
                self._wiring.schedule(self.ordered_behaviours())
                self._wiring.check_window(self.ordered_behaviours())
            except DelayTooShort as error:
                problems.append((f"{error.link.location}: {error.link!r}", error))
            except WindowTooLarge as error:
                problems.append((f"{self.location}: {self!r}", error))
        if problems:
            raise BuildFailed(problems)
        self._is_built = True
        return self

    def ordered_behaviours(self) -> list[Behaviour]:
        """All behaviours in the order of their keys; equal keys in the order of construction."""
        return self._lineup.ordered()

    # --- what groups ask of their network (see fusion.core.home) ---------------------------------------------------

    def welcome_group(self, group: NeuronGroup) -> None:
        """Take in a native group."""
        self._check_idle(f"add {group.tag!r}")
        self._streams.name(group)
        self.groups.append(group)
        self.structure_changed()

    def welcome_foreign(
        self, group: ForeignNeuronGroup, source: object, also: tuple[object, ...], namespace: Mapping[str, Any],
        host: object,
    ) -> None:  # fmt: skip
        """Take in a group of a simulator: find its adapter, and let that create it where the user wants it."""
        self._check_idle(f"add {group.tag!r}")
        spec = GroupSpec(group.tag, namespace, also, group.every)
        self._roster.admit(group, source, _placed(registry.adapter_for(source), host), spec, self.iteration)
        self._streams.name(group)
        self.groups.append(group)
        self.structure_changed()
        self.behaviours_changed()

    def welcome_synapses(self, synapses: SynapseGroup) -> None:
        """Take in a synapse group."""
        self._check_idle(f"add {synapses.tag!r}")
        self._streams.name(synapses)
        self.synapses.append(synapses)
        for end, side in ((synapses.target, "afferent"), (synapses.source, "efferent")):
            whole = end if isinstance(end, NeuronGroup) else end.base
            (whole.afferent if side == "afferent" else whole.efferent).append(synapses)
        if synapses.delivers:
            self._wiring.add(synapses)
        self.structure_changed()

    def adopt_synapses(self, synapses: AdoptedSynapseGroup, source: object) -> None:
        """Take in synapses that a simulator holds itself."""
        self._check_idle(f"add {synapses.tag!r}")
        adopt(synapses, source)
        self.welcome_synapses(synapses)

    def stand_in(self, source: NeuronGroup | str, *, inside: NeuronGroup | str, delay: object = None) -> Any:
        """A source inside a simulator that fires what `source` fires, `delay` later.

        Parameters
        ----------
        source : NeuronGroup or tag
            The group whose spikes are wanted.
        inside : a group of the simulator where they are wanted, or its tag
        delay : float, ms
            Axonal delay, one dt unless given; delays of synapses built on the stand-in come on top.

        Returns
        -------
        The simulator's own object: a Brian2 spike source, NEST parrot neurons.

        Raises
        ------
        Unsupported
            If the simulator has no such thing.
        DelayTooShort, OffGrid
            If the delay is below one dt, or not on the grid.
        """
        self._check_idle("make a stand-in")
        group, home = (self[end, 0] if isinstance(end, str) else end for end in (source, inside))
        for end in (group, home):
            if not isinstance(end, NeuronGroup) or end.network is not self:
                raise BelongsElsewhere(f"{end!r} is no neuron group of this network.")
        return self._wiring.stand_in(group, home, delay)

    def open_input(self, group: NeuronGroup, name: str) -> None:
        """As `NeuronGroup.open_input`."""
        self._wiring.open_input(group, name)

    def arrivals(self, group: NeuronGroup, name: str) -> Arrivals:
        """As `NeuronGroup.arrivals`."""
        return self._wiring.arrivals(group, name)

    def welcome_behaviour(self, behaviour: Behaviour) -> None:
        """Take in a behaviour; once the network is built it starts at once."""
        self._lineup.add(behaviour)
        self.structure_changed()
        self.behaviours_changed()
        if self._is_built:
            self._lineup.start_late(behaviour)

    def dismiss_behaviour(self, behaviour: Behaviour) -> None:
        """Let a behaviour go that was detached."""
        self._lineup.remove(behaviour)
        self.structure_changed()
        self.behaviours_changed()

    def behaviours_changed(self) -> None:
        """Make the schedule anew before the next iteration."""
        self._wiring.is_stale = True
        self.access.tracing = True

    def structure_changed(self) -> None:
        """Forget what was found by tag."""
        for tagged in self._warmed:
            tagged._forget()
        self._warmed.clear()

    def keep_warm(self, tagged: Tagged, found: list[Any]) -> None:
        """Note that an object remembers what it found, and that the running behaviour reaches it."""
        self._warmed.append(tagged)
        self._wiring.sight.check_reach(self.active, found)
        self.access.note_reach(self.active, found)

    def generator_for(self, owner: Part) -> np.random.Generator:
        """Random numbers of the behaviour that is running, for `owner`; they depend on names, not on order."""
        return self._streams.generator(owner, self.active)

    def current_spikes(self, group: ForeignNeuronGroup) -> NDArray[np.int64]:
        """Who fired in this iteration, as the running behaviour sees it."""
        return self._wiring.sight.fired(self.active, group, self.iteration)

    def spikes_within(
        self, group: ForeignNeuronGroup, first: int, last: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Who fired in these iterations of a window, as the running behaviour sees it: iterations and indices."""
        return self._wiring.sight.fired_within(self.active, group, first, last)

    def fetch(self, owner: ForeignNeuronGroup | AdoptedSynapseGroup, bearer: Any, name: str, index: Any) -> Any:
        """A foreign variable in this iteration, as the running behaviour sees it."""
        return self._wiring.sight.fetch(self.active, owner, bearer, name, index, self.iteration)

    def note_write(self, owner: ForeignNeuronGroup | AdoptedSynapseGroup, name: str) -> None:
        """Told before a foreign variable is written."""
        self._wiring.sight.note_write(self.active, owner, name, self.iteration)

    def flow_chart_of(self, part: Part, iterations: int) -> FlowChart:
        """As `flow_chart` of that part."""
        from fusion.coupling.tracing import traced  # not needed to import fusion, which shall be quick

        self.build()
        shown = [each for each in self.ordered_behaviours() if not each.is_hidden]
        return traced(part, shown, lambda: self.simulate(iterations, progress=False))

    def is_running(self) -> bool:
        """Whether a run or a session is in progress, so that simulators are between prepare and cleanup."""
        return self._runner.is_running

    def _check_idle(self, action: str) -> None:
        if self._runner.is_running:
            raise InvalidValue(
                f"Cannot {action} in the middle of a run, or of a session; do it between two runs outside."
            )

    # --- the rest --------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """End this network's claim on its simulators; destroys nothing that the user made. May be called twice."""
        for participant in self._wiring.participants:
            participant.simulator.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _children(self) -> list[Tagged]:
        return [*super()._children(), *self.groups, *self.synapses]

    def variable_names(self) -> list[str]:
        """The variables that expressions can use here."""
        return sorted({*super().variable_names(), "iteration", "t"})

    def __repr__(self) -> str:
        return f"Network(dt={self.dt:g}, seed={self.seed})"

    def _repr_html_(self) -> str:
        from html import escape  # not needed to import fusion, which shall be quick

        rows = []
        for group in self.groups:
            simulator = group.adapter.name if isinstance(group, ForeignNeuronGroup) else "native"
            behaviours = ", ".join(map(repr, listed(group)))
            rows.append((", ".join(group.tags), simulator, str(group.size), behaviours))
        table = Table(("tag", "simulator", "neurons", "behaviours"), rows, numbers=("neurons",))
        return f"<p>{escape(repr(self))}, iteration {self.iteration}</p>{table.html()}"


def _placed(adapter: type[Adapter], host: object) -> Callable[[], Adapter]:
    """What makes an adapter on a host; in this process without one."""
    if host is None:
        return adapter
    from fusion.host.host import Host  # not needed to import fusion, which shall be quick

    if not isinstance(host, Host):
        raise InvalidValue(f"host={host!r}: give a place for the simulator, as fusion.host.Process().", host=host)
    return host.place(adapter)
