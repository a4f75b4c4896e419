"""`NetworkSuite`: networks around the population of a case, for the checks that use an adapter as users do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import numpy as np

from fusion.adapter import registry
from fusion.core.behaviour import Behaviour
from fusion.core.neurons import NeuronGroup
from fusion.core.synapses import SynapseGroup
from fusion.errors import Unsupported
from fusion.network import Network
from fusion.testing.probes import Fires
from fusion.testing.rig import FEW
from fusion.testing.suite import Suite
from fusion.testing.toy import ToyAdapter, ToyNeurons

ONE_TO_ONE = np.eye(FEW)


class NetworkSuite(Suite):
    """What the classes of such checks share."""

    def _toy(self, n: int) -> ToyNeurons:
        if self.case.lif is None:
            raise Unsupported(f"{self.case!r} has no equation that the toy could share.")
        registry.register(ToyAdapter)
        return ToyNeurons(n, dt=self.case.dt, **asdict(self.case.lif))

    def _cells(self, net: Network, behaviour: Mapping[float, Behaviour] | None = None, n: int = FEW) -> Any:
        cells = NeuronGroup(net, self.case.quiet(n), tag="cells", behaviour=behaviour, host=self.case.host)
        self.case.tiers.add(cells.adapter.tier.name)
        return cells

    def _source(self, net: Network, cells: Any, plan: Mapping[int, list[int]], weight: float, delay: int = 1) -> None:
        source = NeuronGroup(net, size=FEW, tag="source", behaviour={1: Fires(plan=plan)})
        SynapseGroup(net, source, cells, weight=weight * ONE_TO_ONE, delay=delay * net.dt, into=self.case.spike_input)

    @contextmanager
    def _network(self, seed: int = 1, window: int | None = None) -> Iterator[Network]:
        self.case.reset()
        if self.case.adapter not in registry.available().values():
            registry.register(self.case.adapter)
        with Network(dt=self.case.dt, seed=seed, window=window) as net:
            yield net
