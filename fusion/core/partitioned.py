"""`PartitionedSynapseGroup`: the synapses of large groups as many small groups, each with a dense matrix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fusion.core import weights as weighing
from fusion.core.arrays import Mode
from fusion.core.behaviour import Behaviour
from fusion.core.ends import checked_end, is_same, part_of, place_of_link
from fusion.core.home import Home
from fusion.core.partition import Partition, checked_partition
from fusion.core.parts import Part
from fusion.core.synapses import PARTITIONED, SynapseGroup
from fusion.core.weights import Connector, SpatialConnector
from fusion.errors import InvalidValue, ShapeMismatch, Unsupported

SPARSEST = 50  # entries of all blocks for each synapse
MANY = 10_000_000  # entries from which on this matters

Piece = tuple[NDArray[np.int64], NDArray[np.int64]]


class PartitionedSynapseGroup(SynapseGroup):
    """Synapses in blocks: all those onto some neurons of the target; made by ``SynapseGroup(..., partition=)``.

    Each block is a synapse group of its own between a part of the source and a part of the target, with the tags of the
    whole and "partitioned"; those by which nobody is reached are left out. Blocks are what the network knows:
    ``neurons.afferent[tag]`` finds them. The numbers drawn are those of the same line without ``partition=``, and what
    arrives at a neuron is added in the same order.

    Behaviours that are given, or added, stand for one copy of each per block; of a parameter (target.size, source.size)
    a block gets its part. A copy that draws has random numbers of its own.

    A matrix of the blocks, as ``W``, is read from the whole as a sparse copy, and written in whole. It has an entry for
    each synapse. The blocks hold it dense, zero where there is no synapse.

    Attributes
    ----------
    blocks : tuple of SynapseGroup
        Of each ``connected`` (target.size, source.size), bool, tells where there are synapses.

    Raises
    ------
    InvalidValue
        If parts overlap, are empty or leave neurons out, or if the blocks would be all but empty.
    Unsupported
        If the target takes other than one input per neuron.
    """

    def __init__(
        self,
        network: Home,
        source: Any,
        target: Any,
        *,
        partition: Partition | Sequence[Any],
        tag: str | None = None,
        behaviour: Mapping[float, Behaviour] | None = None,
        connect: Connector | SpatialConnector | None = None,
        weight: object = None,
        delay: object = None,
        **delivery: Any,
    ) -> None:
        Part.__init__(self, tag)
        self.network = network
        self._join(checked_end(network, source, "source"), checked_end(network, target, "target"))
        self.delivers = weight is not None
        self._check_all(behaviour)
        if weight is None and any(delivery.get(name) is not None for name in ("filter", "signal")):
            raise InvalidValue("A link without weight= is one to one; partition= finds nothing to cut in it.")
        parts = checked_partition(partition, self.target)
        matrix = self._drawn(connect, weight, delivery.get("into"), delivery.get("signal"))
        ticks = None
        if weight is not None and delay is not None:
            ticks = weighing.build_delays(delay, matrix, network.clock, network.generator_for(self))
        blocks = tuple(self._cut(matrix, ticks, parts, {**delivery, "delay": delay}))
        if self.delivers:
            first = blocks[0]
            self.coupling, self.filter, self.signal = first.coupling, first.filter, first.signal
        self.blocks = blocks
        # The network knows the blocks alone: at the first of them it finds what is attached to the whole.
        blocks[0].attached = self.attached
        self._attach(behaviour)

    def _drawn(
        self, connect: Connector | SpatialConnector | None, weight: object, into: str | None, signal: str | None
    ) -> Any:
        """The weights as they are without a partition, or ones; CSC."""
        if connect is None and not weighing.is_sparse(weight):
            raise InvalidValue(
                "partition= is for neurons that few others reach: give connect=, as in box(5), or a sparse weight=."
            )
        unit = None
        if weight is not None:
            self.into, self.place = place_of_link(self.source, self.target, into, signal, weighted=True)
            if self.place.size != self.target.size:
                raise Unsupported(
                    f"partition= needs one input for each neuron; {self.target.tag!r} takes {self.place.size} for "
                    f"{self.target.size}. Leave it out: a sparse W is as good for a link."
                )
            unit = self.place.unit
        rule = weighing.rule_between(connect, self.source, self.target)
        shape = self.target.size, self.source.size
        generator, same = self.network.generator_for(self), is_same(self.source, self.target)
        matrix = weighing.build(1.0 if weight is None else weight, shape, unit, rule, generator, same)
        if not matrix.nnz:
            raise InvalidValue(f"No neuron of {self.source.tag!r} reaches any of {self.target.tag!r}.")
        return matrix

    def _cut(
        self, matrix: Any, ticks: int | NDArray[np.int64] | None, parts: Sequence[NDArray[np.int64]],
        delivery: dict[str, Any],
    ) -> Iterator[SynapseGroup]:  # fmt: skip
        """Make the blocks: those of the synapses onto each part."""
        from scipy.sparse import csc_array

        # Where in `data` the synapses onto each neuron stand.
        places = csc_array((np.arange(matrix.nnz), matrix.indices, matrix.indptr), shape=self.shape).tocsr()
        pieces = [(part, np.unique(places[part].indices).astype(np.int64)) for part in parts]
        self._pieces: list[Piece] = [piece for piece in pieces if len(piece[1])]
        self._check_density(matrix.nnz)
        clock, tags = self.network.clock, ",".join((*self.tags, PARTITIONED))
        for part, sources in self._pieces:
            onto = places[part]
            rows = np.repeat(np.arange(len(part)), np.diff(onto.indptr))
            form = _Form((len(part), len(sources)), rows, np.searchsorted(sources, onto.indices))
            options = dict(delivery)
            if self.delivers:
                options["weight"] = form.filled(matrix.data[onto.data], 0.0)
            if isinstance(ticks, np.ndarray):
                here = clock.ms(ticks[onto.data])
                options["delay"] = form.filled(here, here.min())  # what is no synapse does not shorten windows
            block = SynapseGroup(
                self.network, part_of(self.source, sources), part_of(self.target, part), tag=tags, **options
            )
            block.whole, block.connected = self, form.filled(True, False)
            yield block

    def _check_density(self, synapses: int) -> None:
        entries = sum(len(part) * len(sources) for part, sources in self._pieces)
        if entries > MANY and entries > SPARSEST * synapses:
            raise InvalidValue(
                f"The blocks would hold {entries:,} numbers for {synapses:,} synapses. Make them smaller, or leave "
                "partition= out: W is sparse then."
            )

    # --- behaviours ------------------------------------------------------------------------------------------------

    def add_behaviour(self, key: float, behaviour: Behaviour) -> Behaviour:
        """Attach a copy to each block, as `Part.add_behaviour`; the behaviour itself is attached nowhere."""
        self._check(key, behaviour)
        behaviour.check_fit(self)
        # What a behaviour refers to in the network is not copied with it.
        parts: list[Any] = [self.network, *self.network.groups, *self.network.synapses, self]
        others = [other for part in parts for other in (*part.behaviours.values(), *part.attached)]
        shared = {id(each): each for each in (*parts, *others)}
        for block, piece in zip(self.blocks, self._pieces, strict=True):
            block.add_behaviour(key, self._copied(behaviour, piece, dict(shared)))
        return behaviour

    def _copied(self, behaviour: Behaviour, piece: Piece, memo: dict[int, Any]) -> Behaviour:
        """A copy, with its part of the parameters that have one value per synapse."""
        for name, given in behaviour.parameters.items():
            value = vars(behaviour).get(name)
            if isinstance(value, np.ndarray) and value.shape == self.shape:
                memo[id(value)] = memo[id(given)] = value[np.ix_(*piece)]
        try:
            return deepcopy(behaviour, memo)
        except TypeError as error:
            raise InvalidValue(
                f"{behaviour!r} cannot be copied to each block ({error}). Attach one to each of .blocks."
            ) from error

    def _children(self) -> tuple[SynapseGroup, ...]:
        return self.blocks

    # --- matrices --------------------------------------------------------------------------------------------------

    def read(self, name: str, index: Any = None) -> Any:
        """A matrix of the blocks as one (target.size, source.size), CSC, a copy; or the part that `index` selects.

        Raises
        ------
        UnknownVariable
            If the blocks have no such variable.
        InvalidValue
            If it is no matrix.
        """
        from scipy.sparse import coo_array

        values, targets, sources = [], [], []
        for block, piece in zip(self.blocks, self._pieces, strict=True):
            matrix = block.read(name)
            if np.shape(matrix) != block.shape:
                raise InvalidValue(f"{name} of {self.tag!r} is no matrix; read it from each of .blocks.", name=name)
            rows, columns = block.connected.nonzero()
            values.append(_dense(matrix)[rows, columns])
            targets.append(piece[0][rows])
            sources.append(piece[1][columns])
        places = np.concatenate(targets), np.concatenate(sources)
        whole = coo_array((np.concatenate(values), places), shape=self.shape).tocsc()
        whole.data.flags.writeable = False
        return whole if index is None else whole[index]

    def set(self, name: str, matrix: Any) -> None:
        """Give each block its part of a matrix (target.size, source.size), dense or sparse; the blocks hold it dense.

        Raises
        ------
        ShapeMismatch
            If it has another shape.
        InvalidValue
            If it is not zero where there is no synapse.
        """
        if np.shape(matrix) != self.shape:
            raise ShapeMismatch(f"{name} of {self.tag!r}", np.shape(matrix), f"{self.shape} is needed")
        rows: Any = matrix.tocsr() if weighing.is_sparse(matrix) else np.asarray(matrix)
        cut = [np.asfortranarray(_dense(rows[targets][:, sources])) for targets, sources in self._pieces]
        there = sum(np.count_nonzero(part[block.connected]) for part, block in zip(cut, self.blocks, strict=True))
        if there != (rows.count_nonzero() if weighing.is_sparse(rows) else np.count_nonzero(rows)):
            raise InvalidValue(
                f"{name} of {self.tag!r} is not zero where there is no synapse; read('connected') tells."
            )
        for part, block in zip(cut, self.blocks, strict=True):
            setattr(block, name, part)  # variables of synapses are their attributes

    def matrix(
        self, mode: Mode = "zeros", density: float | None = None, scale: float = 1.0, dtype: Any = None
    ) -> NDArray[Any]:
        """Refused: each of `blocks` makes its own."""
        raise Unsupported(
            f"A dense matrix of all of {self.tag!r} is what blocks are to avoid. Call matrix of each block."
        )

    def transmit(self) -> NDArray[np.float64]:
        """As `SynapseGroup.transmit`, block by block."""
        arrivals = np.zeros(self.target.size)
        for block, (targets, _) in zip(self.blocks, self._pieces, strict=True):
            arrivals[targets] = block.transmit()
        return arrivals

    @property
    def delay_ticks(self) -> Any:  # type: ignore[override]  # that of a single group is set
        """One delay, or one for each synapse along ``W.data``; in ticks."""
        ticks = self.blocks[0].delay_ticks
        return ticks if isinstance(ticks, int) else self.read("delay_ticks").data

    @property
    def is_plastic(self) -> bool:
        """Whether behaviours may change the weights of a block."""
        return any(block.is_plastic for block in self.blocks)

    def variable_names(self) -> list[str]:
        """The matrices of the blocks."""
        first = self.blocks[0]
        return sorted(name for name, value in vars(first).items() if np.shape(value) == first.shape)

    def __getattr__(self, name: str) -> Any:
        if "blocks" in self.__dict__ and name in self.variable_names():
            return self.read(name)
        return super().__getattr__(name)

    def __setattr__(self, name: str, value: Any) -> None:
        if "blocks" not in self.__dict__ or name in self.__dict__:
            object.__setattr__(self, name, value)
        else:
            self.set(name, value)

    def __repr__(self) -> str:
        return f"{super().__repr__()[:-1]}, partition={len(self.blocks)} blocks)"


class _Form(NamedTuple):
    """Where the synapses of a block stand in its matrices."""

    shape: tuple[int, int]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]

    def filled(self, values: Any, elsewhere: Any) -> NDArray[Any]:
        """A matrix in Fortran order, as `SynapseGroup.matrix` makes them."""
        matrix = np.full(self.shape, elsewhere, dtype=np.asarray(values).dtype, order="F")
        matrix[self.rows, self.columns] = values
        return matrix


def _dense(matrix: Any) -> NDArray[Any]:
    array: NDArray[Any] = matrix.toarray() if weighing.is_sparse(matrix) else matrix
    return array
