"""The one NEST kernel of this process, and every call into PyNEST."""

from __future__ import annotations

import gc
import os
import re
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from fusion.errors import ClockMismatch, InvalidValue, KernelInUse, SimulatorFailed, SimulatorMissing

FOREVER = float(np.finfo(float).max)
"""What NEST takes for a device that never stops, ms."""

_PART = re.compile(r"model=([^,]+), size=(\d+), first=(\d+)(?:, last=\d+)?(?:, step=(\d+))?")


def load() -> Any:
    """PyNEST, imported the first time it is needed, without its banner.

    Raises
    ------
    SimulatorMissing
        If it is not installed.
    """
    os.environ.setdefault("PYNEST_QUIET", "1")
    try:
        import nest
    except ImportError as error:
        raise SimulatorMissing("nest", str(error)) from error
    return nest


def seed(number: int) -> None:
    """Set ``nest.rng_seed`` (1 .. 2**32 - 1) from any whole number that is not negative."""
    load().rng_seed = number % (2**32 - 1) or 2**32 - 1


@dataclass(frozen=True)
class State:
    """What the kernel says of itself."""

    resolution: float  # ms
    step: int
    nodes: int
    connections: int
    prepared: bool
    min_delay: int  # steps
    max_delay: int
    grows: bool  # whether synapses come and go
    data_path: str
    data_prefix: str


class Kernel:
    """A claim on NEST's kernel. It ends with `release`, with ``nest.ResetKernel()``, or when nobody refers to it.

    Nodes are PyNEST's ``NodeCollection``; a step is the kernel's own integer time.

    Parameters
    ----------
    dt : float, ms
        Length of a step.

    Raises
    ------
    KernelInUse
        If another claim lives.
    """

    _holder: ClassVar[weakref.ref[Kernel] | None] = None

    def __init__(self, dt: float) -> None:
        self.nest = load()
        self._low = self.nest.ll_api.nestkernel
        self.failures: type[Exception] = self.nest.NESTError
        self._claim()
        self.dt = dt
        self.own_nodes: list[NDArray[np.int64]] = []
        """Ids of the nodes that fusion added."""
        self._released = False
        self._settled = False
        self._process = os.getpid()
        # After ResetKernel NEST refuses collections made before, even empty ones; ids would start anew unnoticed.
        self._mark = self._low.llapi_make_nodecollection([])._datum
        self._verbosity: Any = None

    def _claim(self) -> None:
        if self._is_held():
            gc.collect()  # a network that nobody can reach may still wait for the collector
        if self._is_held():
            raise KernelInUse(
                "NEST has one kernel per process, and another network holds it. End that one with its close() or with "
                "nest.ResetKernel(), or run it in a process of its own."
            )
        Kernel._holder = weakref.ref(self)

    @classmethod
    def _is_held(cls) -> bool:
        holder = cls._holder() if cls._holder is not None else None
        return holder is not None and holder.is_live

    @property
    def is_live(self) -> bool:
        """Whether this claim still holds."""
        if self._released:
            return False
        try:
            self._low.llapi_join_nc(self._mark, self._mark)
        except self.failures:
            return False
        return True

    @property
    def is_here(self) -> bool:
        """Whether this is the process that made the claim, and no fork of it."""
        return os.getpid() == self._process

    def check(self) -> None:
        """`SimulatorFailed` if the kernel that this claim is on is gone."""
        if not self.is_here:
            raise SimulatorFailed(
                f"NEST was opened in process {self._process}, and this is a fork of it, which NEST's threads and files "
                "do not survive. Start workers with multiprocessing's 'spawn' and build the network in them."
            )
        if not self.is_live:
            raise SimulatorFailed(
                "The NEST nodes of this network are gone, nest.ResetKernel() was called. Build a new Network."
            )

    def release(self) -> None:
        """Give up the claim."""
        self._released = True

    def clear(self) -> None:
        """Make NEST forget everything, which ends the claim as well; nothing if it has ended before."""
        if self.is_live:
            self.nest.ResetKernel()

    @contextmanager
    def asking(self, what: str) -> Iterator[None]:
        """Turn a refusal by NEST into an `InvalidValue` that says what was asked."""
        try:
            yield
        except self.failures as error:
            raise InvalidValue(f"NEST refused {what}: {error}") from error

    def state(self) -> State:
        """What the kernel says of itself; takes NEST about 200 us."""
        status = self._low.llapi_get_kernel_status()
        return State(
            status["resolution"],
            round(status["biological_time"] / status["resolution"]),
            status["network_size"],
            status["num_connections"],
            status["prepared"],
            round(status["min_delay"] / status["resolution"]),
            round(status["max_delay"] / status["resolution"]),
            bool(status["structural_plasticity_synapses"]),
            status["data_path"],
            status["data_prefix"],
        )

    # --- building --------------------------------------------------------------------------------------------------

    def take_dt(self) -> None:
        """Give a kernel that is still empty the network's dt as its resolution.

        Raises
        ------
        ClockMismatch
            If NEST refuses, as it does after a model was copied.
        """
        state = self.state()
        if state.nodes or state.resolution == self.dt:
            return
        try:
            self.nest.resolution = self.dt
        except self.failures as error:
            raise ClockMismatch(
                f"NEST's resolution is {state.resolution:g} ms, the network's dt {self.dt:g} ms, and NEST "
                f"refuses to change it: {error}. Write nest.resolution = {self.dt:g} at the top of the script."
            ) from error

    def create(self, model: str, n: int, params: Mapping[str, Any] | None = None) -> Any:
        """Add nodes of fusion's own."""
        nodes = self.nest.Create(model, n, params=dict(params or {}))
        self.own_nodes.append(self.ids(nodes))
        return nodes

    def connect(
        self, sources: Any, targets: Any, *, one_to_one: bool, weight: float = 1.0, delay: int = 1, receptor: int = 0
    ) -> None:
        """Connect nodes, one of which is fusion's own; `delay` in steps."""
        rule = "one_to_one" if one_to_one else "all_to_all"
        verbosity = self.nest.verbosity
        # NEST warns that connections found before are invalid now; those that were adopted are found again.
        self.nest.verbosity = self.nest.VerbosityLevel.ERROR
        try:
            spec = {"weight": weight, "delay": delay * self.dt, "receptor_type": receptor}
            self.nest.Connect(sources, targets, rule, spec)
        finally:
            self.nest.verbosity = verbosity

    def project(
        self,
        sources: NDArray[np.int64],
        targets: NDArray[np.int64],
        weights: NDArray[np.float64],
        delays: NDArray[np.int64],
        receptor: int,
    ) -> None:
        """Connect nodes by id, pair by pair; delays in steps."""
        spec: dict[str, Any] = {"weight": weights, "delay": delays * self.dt}
        if receptor:
            spec["receptor_type"] = np.full(len(sources), receptor)
        verbosity, self.nest.verbosity = self.nest.verbosity, self.nest.VerbosityLevel.ERROR
        try:
            self.nest.Connect(sources, targets, "one_to_one", spec)
        finally:
            self.nest.verbosity = verbosity

    def settle_delays(self, shortest: int = 1) -> bool:
        """Fix min_delay at `shortest` steps, and max_delay at no less than the default delay of NEST's synapses; once.

        This is the one place where fusion settles the delays of the kernel. Two parrots that nobody drives are
        connected with both, before anything runs. With one step NEST works in slices of one step from then on, whatever
        devices are added: random devices draw alike in chunks of any length and with any recorder or port, and a link
        by generators may take one step. A device that is connected later with the default delay raises no
        ``BadDelay``. False if NEST has settled on a longer min_delay before.
        """
        if self._settled:
            return True
        pair = self.create("parrot_neuron", 2)
        try:
            self.connect(pair[0], pair[1], one_to_one=True, delay=shortest)
        except self.failures:
            return False
        # Where the user ran or bounded the kernel before, the longest delay is as it is.
        with suppress(self.nest.NESTErrors.BadDelay):
            self.connect(pair[0], pair[1], one_to_one=True, delay=max(shortest, self.default_delay))
        self._settled = True
        return True

    @property
    def default_delay(self) -> int:
        """Of NEST's synapses, in whole steps."""
        delay = self.nest.GetDefaults("static_synapse")["delay"]
        return max(1, -int(-delay // self.dt))

    # --- nodes -----------------------------------------------------------------------------------------------------

    def ids(self, nodes: Any) -> NDArray[np.int64]:
        """Ids in the order of the collection, which is ascending."""
        return np.array(self._low.llapi_node_collection_to_array(nodes._datum, "all"), np.int64)

    def parts(self, nodes: Any) -> list[tuple[str, NDArray[np.int64]]]:
        """The stretches of one model that a collection is made of: (model, ids)."""
        text = self._low.llapi_to_string(nodes._datum)
        return [
            (model, int(first) + np.arange(int(size)) * int(step or 1))
            for model, size, first, step in _PART.findall(text)
        ]

    def parts_of_all(self) -> list[tuple[str, NDArray[np.int64]]]:
        """As `parts`, of every node that there is."""
        return self.parts(self.nest.GetNodes())

    def base_model(self, model: str) -> str:
        """The model that a copied model was copied from."""
        return str(self._low.llapi_get_defaults(model)["type_id"])

    def status(self, nodes: Any) -> dict[str, Any]:
        """Everything that NEST tells of the first node."""
        first = self._low.llapi_slice(nodes._datum, 1, 1, 1)
        return {name: values[0] for name, values in self._low.llapi_get_nc_status(first._datum).items()}

    def select(self, nodes: Any, positions: NDArray[np.int64]) -> Any:
        """The nodes at ascending positions."""
        return self._low.llapi_take_array_index(nodes._datum, positions)

    def collection(self, ids: list[int]) -> Any:
        """Nodes by ascending ids."""
        return self._low.llapi_make_nodecollection(ids)

    def get(self, nodes: Any, name: str) -> NDArray[Any]:
        """One value per node. NEST puts together the whole status of each: 10 to 25 us per node."""
        return np.atleast_1d(np.array(self._low.llapi_get_nc_status(nodes._datum, name)))

    def set(self, nodes: Any, params: list[dict[str, Any]]) -> None:
        """Set parameters: a dict per node, or one dict for all."""
        self._low.llapi_set_nc_status(nodes._datum, params)

    # --- synapses --------------------------------------------------------------------------------------------------

    def synapses(self, sources: Any, targets: Any) -> list[Any]:
        """NEST's connections between nodes, as connection objects."""
        found = self._low.llapi_get_connections({"source": sources, "target": targets})
        return list(found._datum or ())

    def synapse_status(self, synapses: Sequence[Any]) -> list[dict[str, Any]]:
        """Everything that NEST tells of connections, about 5 us each."""
        return list(self._low.llapi_get_connection_status(list(synapses))) if synapses else []

    def set_synapses(self, synapses: list[Any], params: dict[str, Any] | list[dict[str, Any]]) -> None:
        """Set parameters of connections: a dict each, or one for all."""
        self._low.llapi_set_connection_status(synapses, params)

    def synapse_models_in_use(self) -> list[dict[str, Any]]:
        """The defaults of each model that connections are of."""
        found = (self.nest.GetDefaults(model) for model in self.nest.synapse_models)
        return [defaults for defaults in found if defaults["num_connections"]]

    # --- running ---------------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Start a run; NEST says nothing until `cleanup`."""
        self._verbosity = self.nest.verbosity
        self.nest.verbosity = self.nest.VerbosityLevel.QUIET
        self._low.llapi_prepare()

    def run(self, steps: int) -> None:
        """Compute `steps` steps."""
        self._low.llapi_run(steps * self.dt)

    def cleanup(self, *, prepared: bool) -> None:
        """End a run, also one that never began."""
        try:
            if prepared:
                self._low.llapi_cleanup()
        finally:
            if self._verbosity is not None:
                self.nest.verbosity, self._verbosity = self._verbosity, None
