"""`Adapter`: one simulator as the network sees it. Arrays cross, nothing else."""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fusion.adapter.capabilities import Capabilities
from fusion.adapter.specimen import Specimen
from fusion.adapter.tiers import PUBLIC, Tier
from fusion.core.batch import Samples, Spikes
from fusion.core.clock import Clock
from fusion.core.projection import Projection
from fusion.errors import Unsupported

if TYPE_CHECKING:
    from fusion.adapter.recipe import Recipe

Index = slice | NDArray[np.int64] | None


def n_selected(size: int, index: Index) -> int:
    """How many of `size` entries an index selects."""
    return size if index is None else len(np.arange(size)[index])


@dataclass(frozen=True)
class Variable:
    """A variable of a group by the simulator's own name.

    unit : str or None
        As `fusion.core.units.parse` reads it, "" if dimensionless, None if not known.
    read_only, fixed_while_running : str
        The reason why it cannot be written at all, or not between ``prepare`` and ``cleanup``; "" if it can.
    """

    size: int
    unit: str | None
    read_only: str = ""
    fixed_while_running: str = ""


@dataclass(frozen=True)
class Input:
    """A place where arrivals go, by the name that ``into=`` takes.

    signed : bool
        Positive and negative weights are different channels here: a sum is pushed for each of them.
    """

    size: int
    unit: str | None
    spikes: bool = True
    samples: bool = False
    signed: bool = False


@dataclass(frozen=True)
class Handle:
    """A group inside a simulator, as ``create`` returns it.

    default_input : str or None
        The input that a link without ``into=`` means; None if the user has to say.
    """

    id: int
    size: int
    spikes: bool
    variables: Mapping[str, Variable] = field(repr=False)
    inputs: Mapping[str, Input] = field(repr=False)
    default_input: str | None = None


@dataclass(frozen=True)
class Edge:
    """Synapses of the simulator's own that were adopted; `variables` holds at least pre, post, weights, delays."""

    id: int
    size: int
    variables: Mapping[str, Variable] = field(repr=False)


@dataclass(frozen=True)
class GroupSpec:
    """What the user said beside the object itself.

    namespace : names visible where the group was declared, for equations
    also : further objects of the simulator that belong to the group
    every : int, ticks from one advance to the next (1 unless the participant has a slower clock)
    """

    name: str
    namespace: Mapping[str, Any] = field(default_factory=dict, repr=False)
    also: tuple[object, ...] = ()
    every: int = 1


@dataclass(frozen=True)
class Port:
    """A place where spikes or samples enter or leave a group (`name`: input or variable; "" for its spikes)."""

    id: int
    handle: Handle
    name: str
    size: int


class Adapter(abc.ABC):
    """One participant: what advances together inside one simulator.

    An instance is opened once and closed once. Between ``prepare`` and ``cleanup`` it advances; outside of them the
    simulator is the user's. Ticks count from the first ``prepare``, whatever the simulator's own time was then.

    A spike that a group fires in the step which ends at tick k has tick k. Arrivals pushed for tick t are part of the
    input state of the target at the end of tick t, no earlier and no later.
    """

    name: ClassVar[str]
    """What users call the simulator, and the extra that installs it."""
    modules: ClassVar[frozenset[str]]
    """Top-level modules whose objects this adapter serves; looked at without importing them."""
    place: str = "in process"
    """Where it runs, for the user to read."""
    differences: Sequence[str] = ()
    """What is other there than in this process, so that the last bits of results may be; settled by ``open``."""
    recipes: ClassVar[tuple[type[Recipe], ...]] = ()
    """Classes of the recipes that it can build, also in another process."""
    tier: Tier = Tier(PUBLIC)
    """Settled by ``open``, as are the capabilities."""
    capabilities: Capabilities

    @classmethod
    def serves(cls, source: object) -> bool:
        """Whether `source` is an object or a recipe of this simulator. Imports nothing."""
        if isinstance(source, cls.recipes):
            return True
        return any(base.__module__.partition(".")[0] in cls.modules for base in type(source).__mro__)

    @classmethod  # noqa: B027 - a simulator without random numbers has nothing to seed
    def seed(cls, seed: int) -> None:
        """Seed the simulator itself, for `fusion.seed`; called only if it has been imported."""

    @classmethod
    def specimen(cls, n: int) -> Specimen:
        """A simple population of `n` neurons, for ``fusion doctor`` to measure; called after ``open``."""
        raise Unsupported(f"{cls.name} has no population to measure.")

    def facts(self) -> Mapping[str, str]:
        """What ``fusion doctor`` tells of the simulator once it is open: its threads, the folders it writes to."""
        return {}

    @abc.abstractmethod
    def open(self, clock: Clock, seed: int) -> None:
        """Claim the simulator; `SimulatorMissing` or `KernelInUse` if that is not possible."""

    @abc.abstractmethod
    def create(self, source: Any, spec: GroupSpec) -> Handle:
        """Take in an object that the user made, or build a recipe; `fusion.adapter.recipe.made` turns `Built` into one.

        Raises `ClockMismatch` if the simulator's dt is not the clock's, `BelongsElsewhere` if the object is taken.
        """

    def connect(self, source: Any, pre: Handle, post: Handle) -> Edge:
        """Adopt synapses of the simulator's own between two groups of this adapter."""
        raise Unsupported(f"{self.name} has no synapses of its own to adopt.")

    @abc.abstractmethod
    def port(self, handle: Handle, name: str, kind: str, index: Index = None) -> Port:
        """Open a port. `kind`: "spikes out", "spikes in", "samples in", "samples out".

        `name` is an input for the two that go in, a variable for "samples out", "" for "spikes out". `index` selects
        neurons of "samples out". A port is opened outside of prepare and cleanup; "samples out" at any time, and what
        it gives begins with the next tick.
        """

    def unsubscribe(self, port: Port) -> None:
        """Close a "samples out" port, at any time; from now on it costs nothing."""
        raise Unsupported(f"{self.name} has no samples to be told of no more.")

    def carry(self, handle: Handle, name: str, projection: Projection) -> Port:
        """Take the synapses of a link in; what is pushed into the port are its sources, and how often each has fired.

        A spike pushed for tick t takes effect at t over the shortest delay, and accordingly later over longer ones.
        Raises `Unsupported` if it cannot be done for this input, and fusion sums the weights itself.
        """
        raise Unsupported(f"{self.name} cannot hold the weights of a link.")

    def reweigh(self, port: Port, weights: NDArray[np.float64]) -> None:
        """Give a carried link other weights, between two runs; spikes that are on their way keep those they had.

        On their way is what is pushed for ticks up to the one reached plus the shortest delay, before this or after it.
        """
        raise Unsupported(f"{self.name} cannot hold the weights of a link.")

    def stand_in(self, size: int, name: str) -> tuple[object, Port]:
        """A source of the simulator's own that fires what is pushed: (object for the user, port).

        A spike pushed for tick t makes it fire with tick t, as often as its value says; `Unsupported`, when it is
        pushed, if the simulator's own sources can fire only once in a step.
        """
        raise Unsupported(f"{self.name} has no stand-ins for foreign groups.")

    @abc.abstractmethod
    def prepare(self) -> None:
        """Get ready to advance; notices what the user changed since the last run."""

    def start(self, until: int) -> None:  # noqa: B027 - without a background there is nothing to begin
        """Begin to compute, in the background, what the following ``advance(until)`` waits for.

        All that the window needs has been pushed, and until that ``advance`` nothing else is asked, also after an error
        elsewhere. Called only if the capabilities say ``background``; what goes wrong may be raised by ``advance``.
        """

    @abc.abstractmethod
    def advance(self, until: int) -> None:
        """Compute up to and including tick `until`; ``advance(a)`` then ``advance(b)`` equals ``advance(b)``."""

    @abc.abstractmethod
    def push(self, port: Port, batch: Spikes | Samples) -> None:
        """Hand in arrivals or samples by tick of effect; `LateInput` if one could not take effect in time.

        Rows of spikes for a tick come once, complete, one sum per target (two where the input is signed). They may
        come any number of ticks early. A sample of tick t stands in the input from the end of tick t on.
        """

    @abc.abstractmethod
    def pull(self, port: Port) -> Spikes | Samples:
        """What has left the port since the last pull, by tick of emission."""

    def seconds_in(self, port: Port) -> float | None:
        """What ``advance`` has spent on a port so far, s; None if the simulator does not tell, or not once closed."""
        return None

    @abc.abstractmethod
    def read(self, handle: Handle | Edge, name: str, index: Index = None) -> NDArray[Any]:
        """A fresh copy of a variable, in its unit, at the tick reached."""

    @abc.abstractmethod
    def write(self, handle: Handle | Edge, name: str, values: ArrayLike, index: Index = None) -> None:
        """Set a variable, in its unit; seen by the next step. Shape and `read_only` were checked by the caller."""

    def snapshot(self) -> bytes:
        """The state, to be restored later."""
        raise Unsupported(f"{self.name} cannot take snapshots.")

    def restore(self, state: bytes) -> None:
        """Continue from a snapshot."""
        raise Unsupported(f"{self.name} cannot restore snapshots.")

    @abc.abstractmethod
    def cleanup(self) -> None:
        """End of a run: the simulator is the user's again. Always works after ``prepare``, also after an error."""

    def clear(self) -> None:  # noqa: B027 - most simulators keep nothing that nobody refers to
        """Take away all that was built since ``open``; for a process that holds nothing of a user's, before ``close``.

        The next adapter there finds the simulator as new. Always works, also after an error.
        """

    @abc.abstractmethod
    def close(self) -> None:
        """Give up the claim; destroys nothing that the user made. Idempotent, always works."""
