"""`Adapter`: Keras layers and models and TensorFlow functions as the network sees them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fusion.adapter import base
from fusion.adapter.base import Edge, GroupSpec, Handle, Index, Input, Port, Variable, n_selected
from fusion.adapter.capabilities import Capabilities
from fusion.adapter.queues import Emissions, Trace
from fusion.adapter.recipe import made
from fusion.adapter.specimen import Specimen
from fusion.adapter.tiers import Tier
from fusion.core.batch import Samples, Spikes
from fusion.core.clock import Clock
from fusion.errors import BelongsElsewhere, FusionError, SimulatorMissing, UnknownName, Unsupported
from fusion_tensorflow.failures import failure, told_as
from fusion_tensorflow.ports import SamplesIn, SpikesIn
from fusion_tensorflow.recipes import LayerRecipe, layer

if TYPE_CHECKING:
    from fusion_tensorflow.groups import Group

BACKENDS = ("tensorflow",)
"""Keras backends that there is a `Stepper` for."""


class Adapter(base.Adapter):
    """One Keras layer, model or cell, or TensorFlow function, from one vector to one vector.

    It takes a step at each tick that is a multiple of ``every``: ``output = f(input)``, the input being what stands
    plus the spikes since its last step. The output stands until the next step. A Boolean output is spikes. Models are
    called with ``training=False``; `fusion_tensorflow.Train` changes their weights.
    """

    name = "tensorflow"
    modules = frozenset({"keras", "tensorflow"})
    recipes = (LayerRecipe,)
    capabilities = Capabilities(
        spikes_out=True,
        spikes_in=True,
        samples_out=True,
        samples_in=True,
        gradients=True,
        own_dt=False,
        slower_clock=True,
        groups_per_instance=1,
        precision="float32",
    )
    # By id, which no other object can have as long as an adapter holds this one.
    _taken: ClassVar[WeakValueDictionary[int, Adapter]] = WeakValueDictionary()

    def __init__(self) -> None:
        self.source: Any = None
        self.tag = ""
        self.every = 1
        self.now = 0
        self._seed = 0
        self._group: Group | None = None
        self._claims: list[object] = []
        self._computed = -1
        self._ports: dict[int, SpikesIn | SamplesIn | Emissions | Trace] = {}
        self._traces: dict[int, tuple[str, Index, Trace]] = {}
        self._emissions: dict[int, Emissions] = {}

    @classmethod
    def seed(cls, seed: int) -> None:
        import keras

        keras.utils.set_random_seed(seed % 2**32)

    @property
    def group(self) -> Group:
        """The group at work, after ``create``."""
        if self._group is None:
            raise Unsupported("This adapter holds no group: it was not created, or is closed.")
        return self._group

    @classmethod
    def specimen(cls, n: int) -> Specimen:
        """A readout: `n` inputs, 100 outputs."""
        readout = layer("Dense", n_in=n, units=100)
        return Specimen(readout, "output", "input", 0.01, "input", 0.01)

    def facts(self) -> Mapping[str, str]:
        from fusion_tensorflow import runtime

        return runtime.facts()

    def open(self, clock: Clock, seed: int) -> None:
        self._seed = seed
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # heard only before TensorFlow is imported
        _check_backend(os.environ.get("KERAS_BACKEND", "tensorflow"))
        try:
            import keras
            import tensorflow  # noqa: F401 - it is to be there
        except ImportError as error:
            raise SimulatorMissing("tensorflow", str(error)) from error
        _check_backend(keras.config.backend())
        from fusion_tensorflow import raw, runtime

        runtime.use_one_thread()
        self.tier = raw.tier()

    def create(self, source: Any, spec: GroupSpec) -> Handle:
        from fusion_tensorflow.models import seeded

        with seeded(self._seed):
            source, spec = made(source, spec)
        recipe = source if isinstance(source, LayerRecipe) else LayerRecipe(source)
        # A plain function may serve many recipes: its state is the recipe's.
        claims = [source, recipe.source] if self.serves(recipe.source) else [source]
        for claim in claims:
            self._check_free(claim)
        if self._group is not None:
            raise Unsupported(f"{spec.name!r}: each Keras group needs an adapter of its own.")
        if spec.also:
            raise Unsupported(f"{spec.name!r}: also= is not for Keras; put all layers into one model.")
        group = self._group = _built(recipe, self._seed, self.tier, spec.name)
        self.tier = group.stepper.tier
        self.source, self.tag, self.every = group.stepper.model.source, spec.name, spec.every
        self.capabilities = replace(self.capabilities, precision=group.stepper.model.dtype)
        self._claims = claims
        self._taken.update({id(claim): self for claim in claims})
        size, spikes = group.stepper.n_out, group.stepper.is_spiking
        return Handle(0, size, spikes, group.variables(), group.inputs(), default_input="input")

    def port(self, handle: Handle, name: str, kind: str, index: Index = None) -> Port:
        port = Port(len(self._ports), handle, name, n_selected(self._port_size(handle, name, kind), index))
        if kind == "spikes out":
            self._ports[port.id] = self._emissions[port.id] = Emissions()
        elif kind == "samples out":
            trace = Trace(port.size, self.now)
            self._ports[port.id] = trace
            self._traces[port.id] = (name, index, trace)
        elif kind == "spikes in":
            self._ports[port.id] = self.group.input.open_spikes(f"{self.tag}.{name}")
        else:
            self._ports[port.id] = self.group.input.open_samples(f"{self.tag}.{name}")
        return port

    def unsubscribe(self, port: Port) -> None:
        del self._ports[port.id], self._traces[port.id]

    def prepare(self) -> None:
        self.group.stepper.prepare()

    def advance(self, until: int) -> None:
        group = self.group
        for tick in range(self.now + 1, until + 1):
            if self._is_fresh:
                group.input.restart()
            self.now = tick
            if tick % self.every == 0:
                self._step(group, tick)
            for name, index, trace in self._traces.values():
                values = group.read(name, tick)
                trace.add(values if index is None else values[index])

    def push(self, port: Port, batch: Spikes | Samples) -> None:
        inlet = self._ports[port.id]
        if isinstance(inlet, SpikesIn) and isinstance(batch, Spikes):
            inlet.push(batch, self.now)
        elif isinstance(inlet, SamplesIn) and isinstance(batch, Samples):
            # A step that was taken at this tick already has missed a sample of this tick.
            inlet.push(batch, self.now + self._is_fresh)
        else:
            raise Unsupported(f"{self.tag}.{port.name}: {type(batch).__name__} cannot be pushed into this port.")

    def pull(self, port: Port) -> Spikes | Samples:
        outlet = self._ports[port.id]
        if isinstance(outlet, Emissions):
            return outlet.take(self.now)
        if isinstance(outlet, Trace):
            return outlet.take()
        raise Unsupported(f"{self.tag}.{port.name}: nothing comes out of this port, it goes in.")

    def read(self, handle: Handle | Edge, name: str, index: Index = None) -> NDArray[Any]:
        values = self.group.read(name, self.now)
        return values if index is None else values[index]

    def write(self, handle: Handle | Edge, name: str, values: ArrayLike, index: Index = None) -> None:
        if name == "input" and self._is_fresh:
            self.group.input.restart()
        self.group.write(name, values, index, self.now)

    def cleanup(self) -> None:
        """Nothing is held between runs."""

    def close(self) -> None:
        for claim in self._claims:
            self._taken.pop(id(claim), None)
        self._claims.clear()
        self.source = self._group = None
        self._ports.clear()
        self._traces.clear()
        self._emissions.clear()

    def _check_free(self, source: object) -> None:
        holder = self._taken.get(id(source))
        if holder is not None:
            raise BelongsElsewhere(
                f"{source!r} is the group {holder.tag!r} already. Make another one, as "
                "keras.models.clone_model(model) does.",
                source=source,
            )

    @property
    def _is_fresh(self) -> bool:
        """Whether the layer took a step at the tick reached."""
        return self._computed == self.now

    def _port_size(self, handle: Handle, name: str, kind: str) -> int:
        if kind == "spikes out":
            if not handle.spikes:
                raise Unsupported(
                    f"{self.tag!r} gives numbers, no spikes. Link its 'output' as an analog value, or let it end in a "
                    "comparison, as keras.layers.Lambda(lambda v: v > 0).",
                )
            return handle.size
        table: Mapping[str, Variable | Input] = handle.variables if kind == "samples out" else handle.inputs
        if name not in table:
            raise UnknownName("variable" if kind == "samples out" else "input", name, table, self.tag)
        return table[name].size

    def _step(self, group: Group, tick: int) -> None:
        # As `told_as`, without the making of a context in each step.
        try:
            group.compute(tick)
        except FusionError:
            raise
        except Exception as error:
            raise failure(f"{self.tag!r} failed at tick {tick}", error, tick=tick) from error
        self._computed = tick
        for emissions in self._emissions.values():
            emissions.add(tick, np.flatnonzero(group.output))


def _built(recipe: LayerRecipe, seed: int, tier: Tier, tag: str) -> Group:
    from fusion_tensorflow.groups import Group
    from fusion_tensorflow.models import model_of
    from fusion_tensorflow.stepper import Stepper

    with told_as(f"{tag!r}: TensorFlow cannot compile {recipe!r} for one input vector", source=recipe.source):
        return Group(Stepper(model_of(recipe, seed), tier, recipe.jit))


def _check_backend(backend: str) -> None:
    if backend not in BACKENDS:
        raise Unsupported(
            f"Keras runs on {backend!r} here; this adapter needs {' or '.join(BACKENDS)}. Set the environment variable "
            "KERAS_BACKEND=tensorflow, or write os.environ['KERAS_BACKEND'] = 'tensorflow' before Keras is imported.",
            backend=backend,
        )
