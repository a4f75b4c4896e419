"""`Streams`: the random streams of a network, one for each object and the behaviour that draws for it."""

from __future__ import annotations

import numpy as np

from fusion.core.behaviour import Behaviour
from fusion.core.parts import Part
from fusion.core.seeds import Seeds
from fusion.core.synapses import PARTITIONED, SynapseGroup


class Streams:
    """Generators by name, so that what is drawn does not depend on what else was made before."""

    def __init__(self, seeds: Seeds, network: Part) -> None:
        self._seeds = seeds
        self._generators: dict[tuple[Part, Behaviour | None], np.random.Generator] = {}
        self._counts: dict[str, int] = {}
        self._names: dict[Part, str] = {network: "network"}

    def generator(self, owner: Part, active: Behaviour | None) -> np.random.Generator:
        """What `active`, or the user if it is None, draws from for `owner`."""
        generator = self._generators.get((owner, active))
        if generator is None:
            path = [self.name(owner)]
            if active is not None and active.owner is not None:
                path += [self.name(active.owner), type(active).__name__, repr(float(active.key))]
            generator = self._generators[owner, active] = self._seeds.generator(*path)
        return generator

    def name(self, part: Part) -> str:
        """A name of its own: the tag, for synapses with those of both ends, and a number from the second on."""
        if part not in self._names:
            ends = f"{part.source.tag}>{part.target.tag} " if isinstance(part, SynapseGroup) else ""
            # Blocks have the tag of the whole, and names apart from it, so that others keep their numbers.
            name = ends + part.tag + (f" {PARTITIONED}" if PARTITIONED in part.tags else "")
            count = self._counts[name] = self._counts.get(name, 0) + 1
            self._names[part] = name if count == 1 else f"{name}#{count}"
        return self._names[part]
