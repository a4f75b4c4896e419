"""`SynapseGroup`: from a source to a target; a place for behaviours, and with ``weight=`` a link that delivers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.core import distributions
from fusion.core import weights as weighing
from fusion.core.arrays import Mode, filled
from fusion.core.behaviour import Behaviour
from fusion.core.distributions import Distribution
from fusion.core.ends import End, checked_end, is_same, place_of_link
from fusion.core.home import Home
from fusion.core.parts import Part
from fusion.core.ports import InputPlace
from fusion.core.reading import reading
from fusion.core.units import plain
from fusion.core.weights import Connector, SpatialConnector
from fusion.errors import (
    InvalidValue,
    ShapeMismatch,
    UnknownName,
    UnknownVariable,
    Unsupported,
)

COUPLINGS = ("exact", "hold", "linear")
PARTITIONED = "partitioned"
"""Tag of the blocks of a partitioned group."""


class SynapseGroup(Part):
    """Synapses between two neuron groups.

    Without `weight`, `filter` or `signal` fusion delivers nothing: behaviours do, on ``W`` or what they like. With
    one of them it is a link between participants, exact and delayed:

    - ``weight=``: each spike adds its weight to the target's `into`, `delay` after it was fired;
    - ``filter=exponential(tau)``: the spikes' trace, which jumps by one per spike and decays with tau (ms), one sample
      per dt (times the weights, if there are any);
    - ``signal="v"``: the source's variable, one sample per dt (times the weights, if there are any).

    Links are exact and bound how far participants may run ahead. ``coupling="hold"`` lets the last sample stand in
    place of those that are not yet known, ``coupling="linear"`` goes on from the last two; such a link bounds nothing,
    and its error is of first or second order in the window.

    Parameters
    ----------
    network : Network
    source, target : NeuronGroup, a part of one, or a tag
    adopted : the simulator's own synapses, see `AdoptedSynapseGroup`
    tag : str
    behaviour : {key: Behaviour}
    connect : Connector or SpatialConnector
        Which pairs are connected; ``W`` is then sparse. All of them unless given.
    weight : number, distribution, or (target.size, source.size) dense or sparse
        In the unit that ``target.unit(into)`` reports, or a quantity; with ``signal=`` in that unit per unit of the
        variable, where both are known.
    delay : number (ms), distribution, or (target.size, source.size)
        One dt unless given.
    into : str
        The target's variable or receptor. The default depends on the target.
    coupling : "exact", "hold" or "linear"
        For links of samples.
    partition : fusion.behaviours.Blocks, or sequence of slices, masks or indices of the target
        Make many small groups with dense matrices, see `PartitionedSynapseGroup`.

    Attributes
    ----------
    W : (target.size, source.size), dense or sparse
    connected : (target.size, source.size) bool
        Set it beside a dense ``W`` where not all pairs have a synapse: rules of plasticity leave the others alone.
    """

    W: Any
    connected: NDArray[np.bool_]
    blocks: tuple[SynapseGroup, ...] = ()
    """Of what a partitioned group is made."""
    whole: SynapseGroup | None = None
    """What a block is a part of."""

    def __new__(
        cls, network: Home, source: Any = None, target: Any = None, adopted: object = None, **options: Any
    ) -> Any:
        if cls is SynapseGroup and adopted is not None:
            return super().__new__(AdoptedSynapseGroup)
        if cls is SynapseGroup and options.get("partition") is not None:
            from fusion.core.partitioned import PartitionedSynapseGroup

            return super().__new__(PartitionedSynapseGroup)
        return super().__new__(cls)

    def __init__(
        self,
        network: Home,
        source: End | str,
        target: End | str,
        adopted: object = None,
        *,
        tag: str | None = None,
        behaviour: Mapping[float, Behaviour] | None = None,
        connect: Connector | SpatialConnector | None = None,
        weight: object = None,
        delay: object = None,
        into: str | None = None,
        filter: Distribution | str | None = None,
        signal: str | None = None,
        coupling: str = "exact",
        partition: object = None,
    ) -> None:
        super().__init__(tag)
        self.network = network
        self._join(checked_end(network, source, "source"), checked_end(network, target, "target"))
        self.delivers = weight is not None or filter is not None or signal is not None
        if self.delivers:
            self._link(connect, weight, delay, into, filter, signal, coupling)
        else:
            for name, value in (("connect", connect), ("delay", delay), ("into", into)):
                if value is not None:
                    raise InvalidValue(f"{name}= does nothing without weight=, filter= or signal=.", argument=name)
        self._check_all(behaviour)
        network.welcome_synapses(self)
        self._attach(behaviour)

    def _join(self, source: End, target: End) -> None:
        self.source, self.target = source, target
        self.shape = (target.size, source.size)
        synonym = f"{source.tag}_to_{target.tag}"
        if synonym not in self.tags:
            self.tags += (synonym,)

    def _link(
        self,
        connect: Connector | SpatialConnector | None,
        weight: object,
        delay: object,
        into: str | None,
        filter: Distribution | str | None,
        signal: str | None,
        coupling: str,
    ) -> None:
        if coupling not in COUPLINGS:
            raise UnknownName("coupling", str(coupling), COUPLINGS)
        if coupling != "exact" and filter is None and signal is None:
            raise InvalidValue(f"coupling={coupling!r} is for samples (filter= or signal=); spikes are always exact.")
        self.coupling = coupling
        if filter is not None and signal is not None:
            raise InvalidValue("Give filter= for spikes or signal= for a variable, not both.")
        if signal is not None and not (isinstance(signal, str) and signal.isidentifier()):
            raise InvalidValue(f"signal={signal!r}: give the name of a variable.", signal=signal)
        self.filter, self.signal = None if filter is None else _trace(filter), signal
        self.into, place = place_of_link(self.source, self.target, into, signal, weighted=weight is not None)
        self._check_kind(place)
        self.shape = (place.size, self.source.size)
        generator = self.network.generator_for(self)
        if weight is None:
            if place.size != self.source.size or connect is not None:
                raise ShapeMismatch("A link without weight=", self.shape, "its two ends need the same size")
        else:
            same = is_same(self.source, self.target)
            rule = weighing.rule_between(connect, self.source, self.target)
            self.W = weighing.build(weight, self.shape, place.unit, rule, generator, same)
        self.place = place
        # One delay, or one for each synapse; in ticks.
        self.delay_ticks = self._delays(1 if delay is None else delay, delay is None, generator)

    def _check_kind(self, place: InputPlace) -> None:
        analog = self.filter is not None or self.signal is not None
        if not (place.samples if analog else place.spikes):
            kind = "samples" if analog else "spikes"
            raise Unsupported(f"{self.target.tag}.{self.into} takes no {kind}.", into=self.into)

    def _delays(self, delay: object, is_default: bool, generator: np.random.Generator) -> int | NDArray[np.int64]:
        if is_default:
            return 1
        if self.filter is not None or self.signal is not None:
            matrix = np.ndim(delay) > 0  # type: ignore[arg-type]  # whatever the user gave has dimensions, or none
            one = None if matrix else weighing.build_delays(delay, np.ones((1, 1)), self.network.clock, generator)
            if not isinstance(one, int):
                raise InvalidValue("A link of samples has one delay, not one per synapse.", delay=delay)
            return one
        return weighing.build_delays(delay, self.W, self.network.clock, generator)

    @property
    def is_plastic(self) -> bool:
        """Whether behaviours may change the weights: any of its own, and others with ``writes = ("tag.W",)``."""
        parts = (*self.network.groups, *self.network.synapses)
        elsewhere = (one.writes or () for part in parts for one in part.behaviours.values())
        declared = (name.rpartition(".") for names in elsewhere for name in names)
        return bool(self.behaviours) or any(name == "W" and self.bears(tag) for tag, _, name in declared)

    @property
    def min_delay(self) -> int:
        """Shortest delay, in ticks."""
        return int(np.min(self.delay_ticks, initial=2**31)) if np.ndim(self.delay_ticks) else int(self.delay_ticks)

    @property
    def max_delay(self) -> int:
        """Longest delay, in ticks."""
        return int(np.max(self.delay_ticks, initial=1))

    @property
    def delay(self) -> Any:
        """Delay in ms: a number, or one per synapse (a matrix, or along ``W.data`` where W is sparse)."""
        if not self.delivers:
            raise UnknownName("variable", "delay", self.variable_names(), self.tag)
        delays = self.network.clock.ms(self.delay_ticks)
        return delays if delays.ndim else float(delays)

    @property
    def weights(self) -> NDArray[Any]:
        """Weights as a flat array, one entry per synapse, in the order of `pre` and `post`; not to be written."""
        flat = self.W.data if weighing.is_sparse(self.W) else self.W.ravel(order="F")
        view: NDArray[Any] = flat[:]
        view.flags.writeable = False
        return view

    @property
    def pre(self) -> NDArray[np.int64]:
        """Source neuron of each synapse."""
        if weighing.is_sparse(self.W):
            return np.repeat(np.arange(self.shape[1]), np.diff(self.W.indptr))
        return np.repeat(np.arange(self.shape[1]), self.shape[0])

    @property
    def post(self) -> NDArray[np.int64]:
        """Target neuron of each synapse."""
        if weighing.is_sparse(self.W):
            return np.array(self.W.indices, dtype=np.int64)
        return np.tile(np.arange(self.shape[0]), self.shape[1])

    def matrix(
        self, mode: Mode = "zeros", density: float | None = None, scale: float = 1.0, dtype: Any = None
    ) -> NDArray[Any]:
        """A new array (target.size, source.size), as `NeuronGroup.vector` makes one per neuron.

        In Fortran order: the synapses of one source neuron are contiguous, which `transmit` and links make use of.
        """
        network = self.network
        wanted = network.dtype if dtype is None else np.dtype(dtype)
        generator = network.generator_for(self)
        if isinstance(mode, np.ndarray):
            return np.asfortranarray(filled(mode, self.shape, generator, wanted, density, scale))
        return filled(mode, self.shape[::-1], generator, wanted, density, scale).T

    def transmit(self) -> NDArray[np.float64]:
        """``W @ source.spike`` (target.size,), computed from the spikes alone: fast where few neurons fire."""
        weights = self.W
        weighing.check(weights, self.shape, self.tag)
        return weighing.drive(weights, self.source.spikes)

    def read(self, name: str, index: Any = None) -> Any:
        """A variable of the synapses, or the part of it that `index` selects."""
        value = getattr(self, name)  # variables of synapses are their attributes
        return value if index is None else value[index]

    def variable_names(self) -> list[str]:
        """The variables that expressions can use here."""
        sparse = [name for name, value in vars(self).items() if weighing.is_sparse(value)]
        return sorted({*super().variable_names(), *sparse} - {"delay_ticks", "delivers"})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        known = self.variable_names() if "source" in self.__dict__ else ()
        raise UnknownVariable("variable", name, known, self.tag)

    def __repr__(self) -> str:
        return f"SynapseGroup({self.source.tag!r} to {self.target.tag!r}, tag={', '.join(self.tags)!r})"


class AdoptedSynapseGroup(SynapseGroup):
    """A simulator's own synapses, left where they are; made by ``SynapseGroup(net, source, target, synapses)``.

    ``pre`` and ``post`` (indices), ``weights`` and ``delays`` (ms) are flat arrays with one entry per synapse; other
    variables have the simulator's own names. ``W`` is a sparse copy, made on demand, with multapses summed.
    """

    edge: Any
    adapter: Any

    def __init__(
        self,
        network: Home,
        source: End | str,
        target: End | str,
        adopted: object,
        *,
        tag: str | None = None,
        behaviour: Mapping[float, Behaviour] | None = None,
        **delivery: object,
    ) -> None:
        if delivery:
            raise InvalidValue(
                f"{', '.join(sorted(delivery))}: on adopted synapses the simulator delivers, with its own weights."
            )
        Part.__init__(self, tag)
        self.network = network
        self._join(checked_end(network, source, "source"), checked_end(network, target, "target"))
        self.delivers = False
        self._check_all(behaviour)
        network.adopt_synapses(self, adopted)
        self._attach(behaviour)

    def bind(self, source: object, adapter: Any, edge: Any) -> None:
        """Told by the network what the synapses are."""
        self.foreign, self.adapter, self.edge = source, adapter, edge

    @property
    def weights(self) -> NDArray[Any]:
        """Weights, a copy (synapses,); may be set."""
        return reading(np.asarray(self.read("weights")))

    @property
    def pre(self) -> NDArray[np.int64]:
        """Source neuron of each synapse (synapses,)."""
        return reading(np.asarray(self.read("pre")))

    @property
    def post(self) -> NDArray[np.int64]:
        """Target neuron of each synapse (synapses,)."""
        return reading(np.asarray(self.read("post")))

    @property
    def W(self) -> Any:
        """Weights (target.size, source.size), sparse, a copy; multapses summed."""
        return self.spread("weights")

    def spread(self, name: str) -> Any:
        """A variable with one entry per synapse as a matrix (target.size, source.size), as `W`."""
        from scipy.sparse import coo_array

        entry = (np.asarray(self.read(name)), (self.post, self.pre))
        copy = coo_array(entry, shape=self.shape).tocsc()
        copy.data.flags.writeable = False
        return copy

    def read(self, name: str, index: Any = None) -> Any:
        """A copy of a variable, one entry per synapse."""
        if name in self.edge.variables:
            net = self.network
            return net.wiring.sight.fetch(net.active, self, self.edge, name, index, net.iteration)
        return super().read(name, index)

    def unit(self, name: str) -> str | None:
        """Unit of a variable."""
        if name not in self.edge.variables:
            raise UnknownName("variable", name, self.variable_names(), self.tag)
        unit: str | None = self.edge.variables[name].unit
        return unit

    def variable_names(self) -> list[str]:
        """The simulator's variables of the synapses, and ``W``."""
        edge = self.__dict__.get("edge")
        return sorted({*super().variable_names(), "W", *(edge.variables if edge else ())})

    def __getattr__(self, name: str) -> Any:
        edge = self.__dict__.get("edge")
        if edge is not None and name in edge.variables:
            return reading(np.asarray(self.read(name)))
        return super().__getattr__(name)

    def __setattr__(self, name: str, value: Any) -> None:
        edge = self.__dict__.get("edge")
        if edge is not None and name in edge.variables:
            from fusion.core.foreign import write_variable

            write_variable(self, edge, name, value, None)
        else:
            object.__setattr__(self, name, value)


def _trace(filter: object) -> Distribution:
    """What ``filter=`` says as exponential(tau), tau in ms."""
    made = distributions.parse(filter) if isinstance(filter, str) else filter
    if not isinstance(made, Distribution) or made.name != "exponential":
        raise InvalidValue(f"filter={filter!r}: give exponential(tau), tau in ms.", filter=filter)
    tau = float(plain(made.args[0] if made.args else made.kwargs.get("scale", 1.0), "ms", "time constant of filter="))
    if not tau > 0:
        raise InvalidValue(f"filter={filter!r}: the time constant must be positive (ms).", filter=filter)
    return distributions.exponential(tau)
