"""`Network` of a PymoNNto script."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

import numpy as np

import fusion.network as core
from fusion.core.behaviour import Behaviour
from fusion.core.parts import listed
from fusion.core.subgroup import NeuronSubGroup
from fusion.errors import InvalidValue
from fusion.recording.recorder import Recording
from fusion_pymonnto.behavior import Behavior
from fusion_pymonnto.genome import get_genome
from fusion_pymonnto.parts import Behaviors, ScriptPart, by_key
from fusion_pymonnto.shadowing import shadowing

_LOG = logging.getLogger(__name__)

float32 = np.float32
float64 = np.float64
def_dtype = np.float64  # 1.x has one for all networks

SxD, DxS = 0, 1


@shadowing
class Network(ScriptPart, core.Network):  # type: ignore[misc]  # `_children` are not only behaviours
    """The network of a PymoNNto script; a fusion network, in which groups of simulators may stand as well.

    Parameters
    ----------
    tag : str
    behavior : {key: Behavior}, or a list, whose places are the keys
    settings : {"dtype": ..., "syn_dim": SxD or DxS}
        Floating-point type, float32 unless given (float64 once a group says ``behaviour=``, as in 1.x), and whether
        matrices are (src.size, dst.size) or, unless given, (dst.size, src.size). 2.x's keys are taken too.
    behaviour : 1.x's word for `behavior`
    dt : float, ms
        Length of an iteration; PymoNNto's have none, simulators' do.

    Raises
    ------
    InvalidValue
        If there is no such setting.
    """

    def __init__(
        self,
        tag: str | None = None,
        behavior: Behaviors = None,
        settings: Mapping[str, Any] | None = None,
        behaviour: Behaviors = None,
        dt: object = 1.0,
    ) -> None:
        given = dict(settings or {})
        dtype = _taken(given, "dtype", "def_dtype")
        is_transposed = _taken(given, "transposed_synapse_matrix_mode") or False
        self.transposed_synapse_matrix_mode = is_transposed or _taken(given, "syn_dim", "synapse_mode") == SxD
        if given:
            raise InvalidValue(f"settings={settings!r}: there are 'dtype' and 'syn_dim' (SxD or DxS).", unknown=given)
        self._has_dtype = dtype is not None
        self.is_initialized = False
        self.time_measures: dict[float, float] = {}
        self._begin()
        core.Network.__init__(self, dt, tag=tag, dtype=np.float32 if dtype is None else dtype)
        self._attach(by_key(behavior, behaviour, self))
        self._initialize_on_init()

    def read_as_first_version(self) -> None:
        """Told by a group that says ``behaviour=``: 1.x computes in double precision."""
        if not self._has_dtype:
            self.dtype = np.dtype(np.float64)

    # --- what there is ---------------------------------------------------------------------------------------------

    @property
    def NeuronGroups(self) -> list[Any]:
        """All neuron groups."""
        return self.groups

    @property
    def SynapseGroups(self) -> list[Any]:
        """All synapse groups."""
        return self.synapses

    def all_objects(self) -> list[Any]:
        """The network and all its groups."""
        return [self, *self.groups, *self.synapses]

    def all_behaviors(self) -> list[Behaviour]:
        """All behaviours, object by object."""
        return [behaviour for part in self.all_objects() for behaviour in listed(part)]

    @property
    def sorted_behavior_execution_list(self) -> list[tuple[float, Any, Behaviour]]:
        """(key, object, behaviour) in the order of the steps."""
        return [(one.key, one.owner, one) for one in self.ordered_behaviours()]

    @property
    def behavior_timesteps(self) -> list[float]:
        """All keys, ascending."""
        return sorted({one.key for one in self.ordered_behaviours()})

    all_behaviours, behaviour_timesteps = all_behaviors, behavior_timesteps

    def add_behaviors_to_object(self, b_dict: Mapping[float, Behaviour], obj: Any) -> None:
        """As ``obj.add_behaviors``."""
        obj.add_behaviors(b_dict)

    def add_behaviors_to_objects(self, b_dict: Mapping[float, Callable[[], Behaviour]], objs: list[Any]) -> None:
        """As ``obj.add_behaviors``, with a copy for each object."""
        for obj in objs:
            obj.add_behaviors({key: one.copied() if isinstance(one, Behavior) else one for key, one in b_dict.items()})

    add_behaviours_to_object, add_behaviours_to_objects = add_behaviors_to_object, add_behaviors_to_objects

    def remove_behaviours_from_object(self, net_obj: Any, keys: Any = (), tags: Any = ()) -> None:
        """As ``obj.remove_behavior`` for each key and tag."""
        for which in (*keys, *tags):
            net_obj.remove_behavior(which)

    def remove_behaviours_from_objects(self, net_objs: list[Any], keys: Any = (), tags: Any = ()) -> None:
        """As `remove_behaviours_from_object` for several objects."""
        for obj in net_objs:
            self.remove_behaviours_from_object(obj, keys, tags)

    def remove_synapses(self, synapses: Any) -> None:
        """Let a synapse group go, with its behaviours."""
        for behaviour in list(synapses.behaviours.values()):
            synapses.remove_behaviour(behaviour)
        self.synapses.remove(synapses)
        for end, side in ((synapses.target, "afferent"), (synapses.source, "efferent")):
            whole = end.base if isinstance(end, NeuronSubGroup) else end
            (whole.afferent if side == "afferent" else whole.efferent).remove(synapses)
        self.structure_changed()

    def clear_tag_cache(self) -> None:
        """Forget what was found by tag; fusion does so whenever the network changes."""
        self.structure_changed()

    # --- recorders -------------------------------------------------------------------------------------------------

    def recording_on(self) -> None:
        """Let recorders write."""
        for part in self.all_objects():
            part.recording = True

    def recording_off(self) -> None:
        """Let recorders rest."""
        for part in self.all_objects():
            part.recording = False

    def clear_recorder(self, keys: Any = None) -> None:
        """Empty all recorders, or those under some keys."""
        for behaviour in self.ordered_behaviours():
            if (keys is None or behaviour.key in keys) and isinstance(behaviour, Recording):
                behaviour.clear()

    # --- running ---------------------------------------------------------------------------------------------------

    def initialize(self, info: bool = True, warnings: bool = True, storage_manager: Any = None) -> None:
        """Initialize the behaviours in the order of their keys, those that say ``initialize_last`` after the others.

        Parameters
        ----------
        info : whether to log a description
        warnings : whether to log that a first tag is taken, and gets a letter
        storage_manager : gets the description and the genes
        """
        ordered = [one for one in self.ordered_behaviours() if isinstance(one, Behavior)]
        for one in ordered:
            one.set_gene_variables()
        if info:
            _LOG.info("%s", self)
        if storage_manager is not None:
            storage_manager.save_param_dict({"info": str(self), "evolution_params": get_genome(), **get_genome()})
        for one in sorted(ordered, key=lambda behaviour: behaviour.initialize_last):
            assert one.owner is not None
            one.stop_waiting()
            one.start(one.owner)
        self.is_initialized = True
        self.check_unique_tags(warnings)
        if any(behaviour.steps() for behaviour in self.ordered_behaviours()):
            self.build()

    def check_unique_tags(self, warnings: bool = True) -> None:
        """Give a neuron group whose first tag is taken one with a letter."""
        taken: list[str] = []
        for group in self.groups:
            first = group.tags[0]
            count = taken.count(first)
            taken.append(first)
            if count:
                group.tags = (f"{first}{chr(97 + count)}", *group.tags[1:])
                self.structure_changed()
                if warnings:
                    _LOG.warning("The first tag %r of a group is taken; it is now %r.", first, group.tags[0])

    def simulate_iteration(self, measure_behavior_execution_time: bool = False) -> dict[float, float] | None:
        """One iteration; if wanted with the milliseconds that each key has taken so far."""
        if not measure_behavior_execution_time:
            self.simulate(1, progress=False)
            return None
        timed = [(one, one.iteration) for one in self.ordered_behaviours()]
        for behaviour, step in timed:
            self.time_measures.setdefault(behaviour.key, 0.0)
            behaviour.iteration = _Timed(step, behaviour.key, self.time_measures)  # type: ignore[method-assign]
        self.behaviours_changed()
        try:
            self.simulate(1, progress=False)
        finally:
            for behaviour, step in timed:
                behaviour.iteration = step  # type: ignore[method-assign]
            self.behaviours_changed()
        return self.time_measures

    def simulate_iterations(
        self,
        iterations: int | str,
        batch_size: int | str = 100,
        measure_block_time: bool = True,
        disable_recording: bool = False,
        batch_progress_update_func: Callable[[float, Any], None] | None = None,
    ) -> float:
        """A number of iterations, or a time such as "1000*ms" if a Clock says how long they are.

        Parameters
        ----------
        batch_size : after how many iterations `batch_progress_update_func` is called with per cent and the network
        measure_block_time : whether to show progress, on a terminal, when it takes more than a second
        disable_recording : whether recorders rest meanwhile

        Returns
        -------
        float, ms
            The time that was taken.
        """
        n, batch = (self._iterations(value) for value in (iterations, batch_size))
        start = perf_counter()
        if disable_recording:
            self.recording_off()
        try:
            if batch_progress_update_func is None or batch < 1:
                self.simulate(n, progress=None if measure_block_time else False)
            else:
                for done in range(0, n, batch):
                    self.simulate(min(batch, n - done), progress=False)
                    batch_progress_update_func(min(done + batch, n) / n * 100.0, self)
        finally:
            if disable_recording:
                self.recording_on()
        return (perf_counter() - start) * 1000.0

    def _iterations(self, value: int | str) -> int:
        if not isinstance(value, str):
            return int(value)
        clock = self["Clock", 0]
        if clock is None:
            raise InvalidValue(f"{value!r}: attach a Clock, which says how long an iteration is.", time=value)
        n: int = clock.time_to_iterations(value)
        return n

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_"):
            parts = self.__dict__
            candidates = (parts.get("groups", ()), parts.get("synapses", ()), parts.get("behaviours", {}).values())
            for found in (self._borne_by(name, one) for one in candidates):
                if found is not None:
                    return found
        raise AttributeError(f"The network has no attribute and no group {name!r}.")

    def __str__(self) -> str:
        n_neurons, n_synapses = sum(g.size for g in self.groups), sum(s.shape[0] * s.shape[1] for s in self.synapses)
        counts = f"Neurons: {n_neurons}|{len(self.groups)} groups, Synapses: {n_synapses}|{len(self.synapses)} groups"
        inside = "".join(f"{key}:{self.behaviours[key]}" for key in sorted(self.behaviours))
        parts = dict.fromkeys(map(str, (*self.groups, *self.synapses)))
        return "\n".join([f"Network{list(self.tags)}({counts}){{{inside}}}", *parts])


def _taken(settings: dict[str, Any], *names: str) -> Any:
    """The setting under the first of some names that is there, taken out."""
    found = [settings.pop(name) for name in names if name in settings]
    return found[0] if found else None


class _Timed:
    """A step that adds the time it takes, in ms, to those of its key."""

    def __init__(self, step: Callable[[Any], None], key: float, measures: dict[float, float]) -> None:
        self._step, self._key, self._measures = step, key, measures

    def __call__(self, owner: Any) -> None:
        start = perf_counter()
        self._step(owner)
        self._measures[self._key] += (perf_counter() - start) * 1000.0
