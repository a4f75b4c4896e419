"""`PublicExchange`: spikes and samples cross by what PyNEST offers to everyone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fusion.adapter.base import Index
from fusion.adapter.capabilities import Capabilities
from fusion.adapter.queues import Emissions
from fusion.adapter.tiers import Tier
from fusion.core.batch import Samples, Spikes
from fusion.core.projection import Projection
from fusion.errors import SimulatorFailed, Unsupported
from fusion_nest.exchange import Exchange
from fusion_nest.groups import Group
from fusion_nest.kernel import Kernel, State
from fusion_nest.models import is_known
from fusion_nest.ports import Channel, SamplesIn, SamplesOut, Sender, SignedChannels, Sources, SpikesIn, Trains
from fusion_nest.recorder import SpikeRecorder

_LONGEST_UNREAD = 1000  # ticks that the recorder's file may lie unread if nobody pulls


class PublicExchange(Exchange):
    """Generators bring spikes in, a recorder's file brings them out, statuses are read and set."""

    capabilities = Capabilities(
        spikes_out=True,
        spikes_in=True,
        samples_out=True,
        samples_in=True,
        notice=1,
        carries_links=True,
        adopts_synapses=True,
        stand_ins=True,
        instances_per_process=1,
    )

    def __init__(self, kernel: Kernel, tier: Tier) -> None:
        super().__init__(kernel, tier)
        self.recorder: SpikeRecorder | None = None
        self._spikes_in: dict[int, SpikesIn] = {}
        self._carried: dict[int, Sources] = {}
        self._samples_in: dict[int, SamplesIn] = {}
        self._spikes_out: dict[int, Emissions] = {}
        self._samples_out: dict[int, SamplesOut] = {}
        self._origin = 0
        self._read_at = 0
        """Tick up to which the recorder has been read."""

    # --- building --------------------------------------------------------------------------------------------------

    def take_in(self, group: Group) -> None:
        if not self.kernel.settle_delays():
            shortest = self.kernel.nest.min_delay
            raise SimulatorFailed(
                f"NEST has settled on a shortest delay of {shortest:g} ms, and links by generators need one of the "
                f"network's dt, {self.kernel.dt:g} ms. It settles in the first nest.Simulate, or where nest.min_delay "
                "is set. Make the NeuronGroup before the first nest.Simulate, and leave nest.min_delay alone; or "
                "install what `fusion doctor` asks for, which needs no such delay."
            )

    def spikes_out(self, id: int, group: Group) -> None:
        if self.recorder is None:
            self.recorder = SpikeRecorder(self.kernel)
        self._spikes_out[id] = self.recorder.add(group.nodes, group.ids)

    def spikes_in(self, id: int, group: Group, name: str) -> None:
        self._spikes_in[id] = SpikesIn(group, name, self._sender(group, name))

    def _sender(self, group: Group, name: str) -> Sender:
        receptor = group.receptors.get(name, 0)
        if not is_known(group.model):
            return Trains(self.kernel, group.nodes, receptor)
        first = Channel(self.kernel, group.nodes, group.ids, receptor)
        if not group.handle.inputs[name].signed:
            return first
        return SignedChannels(first, Channel(self.kernel, group.nodes, group.ids, receptor))

    def samples_in(self, id: int, group: Group, name: str) -> None:
        self._samples_in[id] = SamplesIn(group, name)

    def samples_out(self, id: int, group: Group, name: str, index: Index, size: int) -> None:
        self._samples_out[id] = SamplesOut(group, name, index, size, self.now)

    def carry(self, id: int, group: Group, name: str, projection: Projection) -> None:
        receptor = group.receptors.get(name, 0)
        try:
            sender = Sources(self.kernel, projection, group.ids, receptor)
        except self.kernel.failures as error:
            # Such as a delay beyond those that NEST has settled on.
            raise Unsupported(f"NEST refused a link into {group.name!r}: {error}") from error
        self._carried[id] = sender
        self._spikes_in[id] = SpikesIn(group, name, sender)

    def reweigh(self, id: int, weights: NDArray[np.float64]) -> None:
        sources = self._carried[id]
        sources.reweigh(weights, self._origin + self.now + sources.shortest - 1)

    # --- running ---------------------------------------------------------------------------------------------------

    def prepare(self, state: State, origin: int) -> None:
        self._origin = origin
        for samples in self._samples_in.values():
            samples.forget()
        if self.recorder is not None:
            self.recorder.prepare(state)
        else:
            self.kernel.prepare()

    def shift(self, steps: int) -> None:
        for sources in self._carried.values():
            sources.shift(steps)

    def advance(self, until: int) -> None:
        while self.now < until:
            step = 1 if self._works_by_tick else min(until - self.now, _LONGEST_UNREAD)
            for arrivals in self._spikes_in.values():
                arrivals.deliver(self.now, self._origin)
            self.kernel.run(step)
            self.now += step
            for samples in self._samples_in.values():
                samples.deliver(self.now)
            for trace in self._samples_out.values():
                trace.sample()
            if self.now - self._read_at >= _LONGEST_UNREAD:
                self._read_recorder()

    @property
    def _works_by_tick(self) -> bool:
        """Whether something happens at ticks that are known only one by one."""
        return bool(self._samples_in or self._samples_out) or any(map(len, self._spikes_in.values()))

    def _read_recorder(self) -> None:
        if self.recorder is not None:
            self.recorder.read(self._origin, self.now)
        self._read_at = self.now

    def push(self, id: int, batch: Spikes | Samples) -> None:
        if isinstance(batch, Spikes):
            self._spikes_in[id].push(batch, self.now)
            return
        samples = self._samples_in[id]
        samples.push(batch, self.now)
        samples.deliver(self.now)

    def pull(self, id: int) -> Spikes | Samples:
        if id in self._samples_out:
            return self._samples_out[id].take()
        if self._read_at < self.now:
            self._read_recorder()
        return self._spikes_out[id].take(self.now)

    def unsubscribe(self, id: int) -> None:
        del self._samples_out[id]

    def seconds_in(self, id: int) -> float | None:
        return self._samples_out[id].seconds if id in self._samples_out else None

    def wrote(self) -> None:
        for samples in self._samples_in.values():
            samples.forget()

    def cleanup(self, state: State) -> None:
        if self._read_at < self.now:
            self._read_recorder()
        self.kernel.cleanup(prepared=state.prepared)
        if self.recorder is not None:
            self.recorder.cleanup(state)

    def abandon(self) -> None:
        super().abandon()
        if self.recorder is not None:
            self.recorder.close()
