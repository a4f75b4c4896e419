"""`Home`: what a group asks of the network it is given, without knowing what a network is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fusion.core.clock import Clock
from fusion.core.ports import Arrivals

if TYPE_CHECKING:
    from fusion.core.behaviour import Behaviour
    from fusion.core.flow_chart import FlowChart
    from fusion.core.foreign import ForeignNeuronGroup
    from fusion.core.neurons import NeuronGroup
    from fusion.core.parts import Part
    from fusion.core.synapses import AdoptedSynapseGroup, SynapseGroup
    from fusion.core.tags import Tagged

    Owner: TypeAlias = ForeignNeuronGroup | AdoptedSynapseGroup


class Sight(Protocol):
    """What a behaviour, or the user where it is None, sees of simulators in iteration `tick`."""

    def fired(self, behaviour: Behaviour | None, group: ForeignNeuronGroup, tick: int) -> NDArray[np.int64]: ...
    def fired_within(
        self, behaviour: Behaviour | None, group: ForeignNeuronGroup, first: int, last: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]: ...
    def fetch(
        self, behaviour: Behaviour | None, owner: Owner, bearer: Any, name: str, index: Any, tick: int
    ) -> NDArray[Any]: ...
    def note_write(self, behaviour: Behaviour | None, owner: Owner, name: str, tick: int) -> None: ...


class Inputs(Protocol):
    """What reaches groups: inputs of native ones, and what behaviours see of simulators."""

    @property
    def sight(self) -> Sight: ...
    def open_input(self, target: NeuronGroup, name: str) -> None: ...
    def arrivals(self, target: NeuronGroup, name: str) -> Arrivals: ...


class Home(Protocol):
    """A network, seen from the groups that it holds."""

    clock: Clock
    dtype: np.dtype[Any]
    iteration: int
    groups: list[NeuronGroup]
    synapses: list[SynapseGroup]
    active: Behaviour | None

    @property
    def wiring(self) -> Inputs: ...
    @property
    def dt(self) -> float: ...

    def __getitem__(self, key: Any) -> Any: ...
    def __contains__(self, key: object) -> bool: ...
    def generator_for(self, owner: Part) -> np.random.Generator: ...
    def welcome_group(self, group: NeuronGroup) -> None: ...
    def welcome_foreign(
        self,
        group: ForeignNeuronGroup,
        source: object,
        also: tuple[object, ...],
        namespace: Mapping[str, Any],
        host: object,
    ) -> None: ...
    def welcome_synapses(self, synapses: SynapseGroup) -> None: ...
    def adopt_synapses(self, synapses: AdoptedSynapseGroup, source: object) -> None: ...
    def welcome_behaviour(self, behaviour: Behaviour) -> None: ...
    def dismiss_behaviour(self, behaviour: Behaviour) -> None: ...
    def behaviours_changed(self) -> None: ...
    def structure_changed(self) -> None: ...
    def keep_warm(self, tagged: Tagged, found: list[Any]) -> None: ...
    def flow_chart_of(self, part: Part, iterations: int) -> FlowChart: ...
    def is_running(self) -> bool: ...
