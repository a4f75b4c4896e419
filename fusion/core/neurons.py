"""`NeuronGroup`: a population; behaviours give it variables and dynamics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fusion.core.arrays import Mode, filled
from fusion.core.behaviour import Behaviour
from fusion.core.connections import Connections
from fusion.core.home import Home
from fusion.core.location import caller
from fusion.core.parts import Part, is_data
from fusion.core.ports import Arrivals, InputPlace
from fusion.core.units import holds_quantity, plain
from fusion.errors import InvalidValue, ShapeMismatch, UnknownVariable

DEFAULT_INPUT = "input"


class NeuronGroup(Part):
    """A population of neurons.

    Native: ``NeuronGroup(net, size=100, behaviour={1: ...})``. Its variables are the attributes that behaviours set on
    it. ``spike`` is the mask of the neurons that fire in this iteration; what links carry is its value after the last
    behaviour of the iteration. A behaviour that fills ``spike`` in place declares ``writes = ("spike",)``.

    Foreign: ``NeuronGroup(net, obj)``, obj a Brian2 group, NEST nodes, a Keras model, or a recipe for one. Its
    variables are those of the simulator, see `ForeignNeuronGroup`.

    Parameters
    ----------
    network : Network
    neurons : int or an object of a simulator
    size : int
        Another way to give the number of neurons.
    tag : str
        Tags, separated by commas.
    behaviour : {key: Behaviour}
    also : sequence
        Further objects of the same simulator, foreign groups only.
    every : float, ms
        The group advances only every so many milliseconds; foreign groups whose simulator allows it.
    at : float
        Key at which the others see a foreign group's new state; 0 unless given.
    host : fusion.host.Host
        Where the simulator of a foreign group runs; in this process unless given. Elsewhere `neurons` is a recipe.

    Raises
    ------
    UnknownObject
        If no installed adapter serves `neurons`.
    InvalidValue
        If the size is no positive number.
    """

    def __new__(cls, network: Home, neurons: object = None, **options: Any) -> Any:
        from fusion.core.foreign import ForeignNeuronGroup

        if cls is NeuronGroup and neurons is not None and not isinstance(neurons, int | np.integer):
            return super().__new__(ForeignNeuronGroup)
        return super().__new__(cls)

    def __init__(
        self,
        network: Home,
        neurons: object = None,
        *,
        size: int | None = None,
        tag: str | None = None,
        behaviour: Mapping[float, Behaviour] | None = None,
        also: tuple[object, ...] | list[object] = (),
        every: float | None = None,
        at: float = 0.0,
        host: object = None,
    ) -> None:
        given = [number for number in (neurons, size) if number is not None]
        if len(given) != 1:
            raise InvalidValue("Give the number of neurons, or the object of a simulator, once.")
        if isinstance(given[0], bool) or not isinstance(given[0], int | np.integer) or given[0] < 1:
            raise InvalidValue(f"The size is {given[0]!r}; give a whole number of neurons, at least 1.", size=given[0])
        own = (("also", tuple(also), ()), ("every", every, None), ("at", at, 0.0), ("host", host, None))
        for name, value, default in own:
            if value != default:
                raise InvalidValue(f"{name}= is for groups of a simulator; this one is native.", argument=name)
        super().__init__(tag)
        self.network = network
        self._join(int(given[0]))
        self.spike = np.zeros(self.size, dtype=bool)
        self._check_all(behaviour)
        network.welcome_group(self)
        self._attach(behaviour)

    spike: NDArray[np.bool_]

    def _join(self, size: int) -> None:
        self.size = size
        self.shape = (size,)
        self.afferent = Connections(self.network, f"{self.tag}.afferent")
        self.efferent = Connections(self.network, f"{self.tag}.efferent")

    def vector(
        self, mode: Mode = "zeros", density: float | None = None, scale: float = 1.0, dtype: Any = None
    ) -> NDArray[Any]:
        """A new array with one value per neuron.

        Parameters
        ----------
        mode
            "zeros", "ones", a number, an array (size,) to copy, or a distribution such as "uniform" or
            "normal(0, 1)".
        density : float
            The probability with which a neuron gets the value; the others get 0.
        scale : float
            Factor of the values.
        dtype
            The network's unless given; a Boolean mode gives a mask.
        """
        network = self.network
        wanted = network.dtype if dtype is None else np.dtype(dtype)
        return filled(mode, self.shape, network.generator_for(self), wanted, density, scale)

    @property
    def iteration(self) -> int:
        """Number of the current iteration; the first is 1."""
        return self.network.iteration

    @property
    def spikes(self) -> NDArray[np.int64]:
        """Indices of the neurons that fire in this iteration."""
        return np.asarray(self.spike).nonzero()[0]

    def unit(self, name: str) -> str | None:
        """Unit of a variable, or None where it has none that is known: plain numbers."""
        declared = self._declared_unit(name)
        if declared is None:
            self.read(name)
        return declared

    def _declared_unit(self, name: str) -> str | None:
        units = (behaviour.units for behaviour in self.behaviours.values())
        return next((declared[name] for declared in units if name in declared), None)

    def read(self, name: str, index: Any = None) -> Any:
        """A variable, or the part of it that `index` selects."""
        value = getattr(self, name)  # variables of a native group are its attributes
        return value if index is None else value[index]

    def set(self, name: str, values: ArrayLike, index: Any = None) -> None:
        """Set a variable, or a part of it; a quantity is converted to its unit.

        Raises
        ------
        UnitMismatch
            If a quantity has another dimension, or the unit of the variable is not known.
        """
        bare = self._bare(name, values)
        if index is None:
            setattr(self, name, bare)  # variables of a native group are its attributes
        else:
            getattr(self, name)[index] = bare

    def read_only(self, name: str) -> str:
        """The reason why a variable cannot be set, or not now; "" if it can."""
        return ""

    def variable(self, name: str) -> bool:
        """Whether there is a variable of this name."""
        return not name.startswith("_") and is_data(self.__dict__.get(name))

    def place(self, into: str | None) -> tuple[str, InputPlace]:
        """Where arrivals go: (name, what it takes)."""
        name = DEFAULT_INPUT if into is None else into
        own = self.__dict__.get(name)
        taken = hasattr(type(self), name) or not (own is None or isinstance(own, np.ndarray))
        if not name.isidentifier() or name.startswith("_") or name in ("spike", "spikes") or taken:
            raise InvalidValue(f"into={name!r}: arrivals of {self.tag!r} need the name of a variable.", into=into)
        return name, InputPlace(self.size, self._declared_unit(name))

    def open_input(self, name: str) -> None:
        """Make `name` a variable that is zero (size,) when an iteration begins, but for what links bring.

        For the ``initialize`` of a behaviour that reads it: behaviours with smaller keys add to it, and what they add
        counts for one iteration, whether or not a link ends there. Asking twice changes nothing.

        Raises
        ------
        InvalidValue
            If no variable can have this name.
        Unsupported
            If the group is a simulator's.
        """
        self.network.wiring.open_input(self, name)

    def accumulates(self, name: str) -> bool:
        """Whether arrivals add to what a variable holds, as a behaviour declares it."""
        return any(name in behaviour.accumulates for behaviour in self.behaviours.values())

    def arrivals(self, name: str) -> Arrivals:
        """What arrives in each iteration in a variable that `accumulates`, for the behaviour that adds it.

        Raises
        ------
        InvalidValue
            If the variable is an input already, which is zero when an iteration begins.
        """
        return self.network.wiring.arrivals(self, name)

    def subgroup(self, selection: Any) -> Any:
        """The neurons that a slice, a mask (size,) or indices select; reads and writes go through to this group."""
        from fusion.core.subgroup import NeuronSubGroup

        return NeuronSubGroup(self, selection)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice | np.ndarray | list):
            return self.subgroup(key)
        return super().__getitem__(key)

    def _bare(self, name: str, value: Any) -> Any:
        """`value` without a unit, for a variable of the group itself."""
        if not holds_quantity(value):
            return value
        return plain(value, self._declared_unit(name), f"value of {self.tag}.{name}")[()]

    def __getattr__(self, name: str) -> Any:
        # Only what is not found the ordinary way comes here.
        if name.startswith("_"):
            raise AttributeError(name)
        raise UnknownVariable("variable", name, (self.__dict__.get("size") and self.variable_names()) or (), self.tag)

    def _namespace(self) -> dict[str, Any]:
        frame = caller()
        return {**frame.f_globals, **frame.f_locals}

    def __repr__(self) -> str:
        tag = f", tag={', '.join(self.tags)!r}" if self.tags else ""
        behaviour = f", behaviour={self._behaviour_text()}" if self.behaviours else ""
        return f"NeuronGroup(size={self.size}{tag}{behaviour})"


def checked_index(selection: Any, size: int) -> NDArray[np.int64]:
    """A slice, a mask or indices as ascending positions; `ShapeMismatch` or `InvalidValue` if they do not fit."""
    if isinstance(selection, slice):
        return np.arange(size)[selection]
    array = np.asarray(selection)
    if array.dtype == bool:
        if array.shape != (size,):
            raise ShapeMismatch("The mask", array.shape, f"the group has {size} neurons")
        return np.flatnonzero(array)
    if array.shape == (0,):
        return np.empty(0, np.int64)
    if array.ndim != 1 or not np.issubdtype(array.dtype, np.integer):
        raise InvalidValue(f"{selection!r} selects no neurons. Give a slice, a mask or indices.", selection=selection)
    if not (array.min() >= 0 and array.max() < size):
        raise InvalidValue(f"The indices reach from {array.min()} to {array.max()}; there are {size} neurons.")
    if len(np.unique(array)) != len(array):
        raise InvalidValue("An index occurs twice.", selection=selection)
    return array.astype(np.int64)
