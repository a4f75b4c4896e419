"""`Network`: groups, synapses and behaviours on one clock; the one module that joins the layers below it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from contextlib import AbstractContextManager
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from fusion.adapter import registry
from fusion.adapter.base import GroupSpec
from fusion.core.arrays import checked_dtype
from fusion.core.behaviour import Behaviour
from fusion.core.clock import Clock
from fusion.core.ends import checked_group
from fusion.core.foreign import ForeignNeuronGroup
from fusion.core.lineup import Lineup
from fusion.core.neurons import NeuronGroup
from fusion.core.overview import overview
from fusion.core.parts import Part
from fusion.core.seeds import Seeds
from fusion.core.streams import Streams
from fusion.core.synapses import AdoptedSynapseGroup, SynapseGroup
from fusion.core.tags import Tagged
from fusion.coupling.access import AccessLog
from fusion.coupling.building import build
from fusion.coupling.natives import group_of
from fusion.coupling.roster import Roster, adopt
from fusion.coupling.runner import Runner
from fusion.coupling.windows import checked_window
from fusion.coupling.wiring import Wiring
from fusion.errors import InvalidValue
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
        self.dtype = checked_dtype(dtype)
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
        self.wiring = Wiring(self, self._roster, self.access, checked_window(window, pausable))
        self._runner = Runner(self, self.wiring, threads)
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
        return self.wiring.certificate(self.iteration, self._runner.seconds)

    def graph(self) -> Graph:
        """Groups, what computes them in which windows, and what links them with which delays: data, and a picture."""
        return self.wiring.graph()

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
        self._runner.check(iterations, self.pausable)
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

    # --- recordings ------------------------------------------------------------------------------------------------

    def cut_recordings(self) -> None:
        """Drop what was recorded after the last whole iteration."""
        for recording in self._recordings():
            recording.cut(self.iteration)

    def clear_recordings(self) -> None:
        """Forget everything that recorders of this network have written down; what is kept on disk stays there."""
        self._runner.flush()
        for recording in self._recordings():
            recording.clear()

    def recorders(self) -> list[Recording]:
        """All that record for the user, in the order in which they were attached."""
        return [each for each in self._recordings() if not each.is_hidden]

    def _recordings(self) -> list[Recording]:
        return [each for each in self._lineup if isinstance(each, Recording)]

    def keep(self, folder: str | PathLike[str]) -> Path:
        """Keep in a folder what is recorded, now and in all runs to come, with the certificate of each; see `Run`.

        It is written every few seconds of a run and when it ends, also by an error or Ctrl-C. Results are the same in
        all bits. What recorders hold stays in memory; with ``last=`` they hold less, and all of it is kept.

        Parameters
        ----------
        folder : path
            A new one, such as "runs/first" or "runs/{date}"; ``{date}`` becomes the time of now. If the network was
            kept in another one already, that remains as it is.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        FolderTaken
            If something is there already.
        CannotKeep
            If nothing can be written there.
        InvalidValue
            In the middle of a run or of a session.
        ImportError
            Without h5py (``pip install 'fusion-sim[storage]'``).
        """
        self._runner.check_idle("begin to keep a run")
        from fusion.storage.keeper import Keeper  # not needed to import fusion, which shall be quick

        self._runner.keeper = keeper = Keeper(folder, self, self._runner.outcome)
        return keeper.path

    @property
    def kept(self) -> MutableMapping[str, Any]:
        """Results that are kept with the run: ``net.kept["accuracy"] = 0.93`` writes a number, text or array to disk.

        `InvalidValue` if the run is not kept, or if it is anything else.
        """
        if self._runner.keeper is None:
            raise InvalidValue("The run is not kept, so there is no place for results: net.keep('runs/first') first.")
        return self._runner.keeper.values

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
        build(self.wiring, self._lineup, f"{self.location}: {self!r}")
        self._is_built = True
        return self

    def ordered_behaviours(self) -> list[Behaviour]:
        """All behaviours in the order of their keys; equal keys in the order of construction."""
        return self._lineup.ordered()

    # --- what groups ask of their network (see fusion.core.home) ---------------------------------------------------

    def welcome_group(self, group: NeuronGroup) -> None:
        """Take in a native group."""
        self._runner.check_idle(f"add {group.tag!r}")
        self._streams.name(group)
        self.groups.append(group)
        self.structure_changed()

    def welcome_foreign(
        self, group: ForeignNeuronGroup, source: object, also: tuple[object, ...], namespace: Mapping[str, Any],
        host: object,
    ) -> None:  # fmt: skip
        """Take in a group of a simulator: find its adapter, and let that create it where the user wants it."""
        self._runner.check_idle(f"add {group.tag!r}")
        make: Callable[[], Any] = registry.adapter_for(source)
        if host is not None:
            from fusion.host.host import placed  # not needed to import fusion, which shall be quick

            make = placed(registry.adapter_for(source), host)
        self._roster.admit(group, source, make, GroupSpec(group.tag, namespace, also, group.every), self.iteration)
        self._streams.name(group)
        self.groups.append(group)
        self.structure_changed()
        self.behaviours_changed()

    def welcome_synapses(self, synapses: SynapseGroup) -> None:
        """Take in a synapse group."""
        self._runner.check_idle(f"add {synapses.tag!r}")
        self._streams.name(synapses)
        self.synapses.append(synapses)
        group_of(synapses.target).afferent.append(synapses)
        group_of(synapses.source).efferent.append(synapses)
        if synapses.delivers:
            self.wiring.add(synapses)
        self.structure_changed()

    def adopt_synapses(self, synapses: AdoptedSynapseGroup, source: object) -> None:
        """Take in synapses that a simulator holds itself."""
        self._runner.check_idle(f"add {synapses.tag!r}")
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
        self._runner.check_idle("make a stand-in")
        group, home = checked_group(self, source), checked_group(self, inside)
        return self.wiring.stand_in(group, home, delay)

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
        self.wiring.is_stale = self.access.tracing = True

    def structure_changed(self) -> None:
        """Forget what was found by tag."""
        for tagged in self._warmed:
            tagged._forget()
        self._warmed.clear()

    def keep_warm(self, tagged: Tagged, found: list[Any]) -> None:
        """Note that an object remembers what it found, and that the running behaviour reaches it."""
        self._warmed.append(tagged)
        self.wiring.sight.check_reach(self.active, found)
        self.access.note_reach(self.active, found)

    def generator_for(self, owner: Part) -> np.random.Generator:
        """Random numbers of the behaviour that is running, for `owner`; they depend on names, not on order."""
        return self._streams.generator(owner, self.active)

    def flow_chart_of(self, part: Part, iterations: int) -> FlowChart:
        """As `flow_chart` of that part."""
        from fusion.coupling.tracing import traced  # not needed to import fusion, which shall be quick

        self.build()
        return traced(part, self.ordered_behaviours(), lambda: self.simulate(iterations, progress=False))

    def is_running(self) -> bool:
        """Whether a run or a session is in progress, so that simulators are between prepare and cleanup."""
        return self._runner.is_running

    # --- the rest --------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """End this network's claim on its simulators; destroys nothing that the user made. May be called twice."""
        for participant in self.wiring.participants:
            participant.simulator.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _children(self) -> list[Tagged]:
        return [*super()._children(), *self.groups, *self.synapses]

    def variable_names(self) -> list[str]:
        """The variables that expressions can use here."""
        return sorted({*super().variable_names(), "iteration", "t"})

    def __repr__(self) -> str:
        return f"Network(dt={self.dt:g}, seed={self.seed})"

    def _repr_html_(self) -> str:
        return overview(self)
