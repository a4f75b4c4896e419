"""`SynapseRule` and `PlasticityRule`: what rules share that change the synapses of neurons that fired."""

from __future__ import annotations

import abc
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from fusion.behaviours.compilers import chosen
from fusion.behaviours.parameters import check_each_iteration, check_positive, check_single
from fusion.behaviours.plasticity.matrix import PlasticMatrix
from fusion.core.behaviour import Behaviour
from fusion.core.parts import Part
from fusion.core.synapses import AdoptedSynapseGroup, SynapseGroup
from fusion.errors import InvalidValue, ShapeMismatch, UnknownVariable, Unsupported


class SynapseRule(Behaviour):
    """A step on a synapse group whose ``W`` is fusion's own, whatever simulates the two ends.

    Each parameter is one number, the same for all synapses. A rule follows every spike, so that it takes no ``every=``.
    ``W`` may be replaced at any time.

    Raises
    ------
    InvalidValue
        If a parameter is an array or a distribution, or a time constant is not positive; on the line of the rule.
    Unsupported
        If it is attached to something other than a synapse group with ``W``, as the simulator's own synapses are; where
        nothing has made ``W`` yet, when the network is built.
    """

    times: ClassVar[tuple[str, ...]] = ()
    """Parameters that must be positive, ms."""
    made_of: ClassVar[str] = ""
    """The matrix out of which it makes W anew with each spike, if it does so."""

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        check_single(self, *(name for name in self._fields if self._is_numeric(name) and name != "every"))
        check_positive(self, **dict.fromkeys(self.times, "ms"))
        check_each_iteration(self)

    def check_fit(self, owner: Part) -> None:
        """`Unsupported` where there can be no ``W`` of fusion's own."""
        super().check_fit(owner)
        if not isinstance(owner, SynapseGroup) or isinstance(owner, AdoptedSynapseGroup):
            raise self._without_weights(owner)

    def initialize(self, owner: SynapseGroup) -> None:
        """`Unsupported` where there is no ``W`` by now, which a behaviour with a lower key may have made."""
        if "W" not in vars(owner):
            raise self._without_weights(owner)

    def _without_weights(self, owner: Part) -> Unsupported:
        return Unsupported(f"{type(self).__name__} needs a synapse group with W; {owner.tag!r} has none.")

    def verify(self, owner: SynapseGroup) -> None:
        """`Unsupported` if a rule changes the W that another one makes anew with each spike."""
        rules = [rule for rule in owner.behaviours.values() if isinstance(rule, SynapseRule)]
        for maker in (rule for rule in rules if rule.made_of):
            for other in rules:
                if isinstance(other, PlasticityRule) and other.variable == "W":
                    raise Unsupported(
                        f"{type(maker).__name__} makes W of {owner.tag!r} out of {maker.made_of}, and {other!r} "
                        f'changes it. Write {type(other).__name__}(variable="{maker.made_of}", ...).'
                    )


class PlasticityRule(SynapseRule, abc.ABC):
    """A rule that changes a matrix of a synapse group for the neurons that fired.

    Parameters
    ----------
    w_min, w_max : float
        What is changed stays within these bounds, in the unit of ``W``.
    variable : str
        The matrix (target.size, source.size) that is changed, dense of floats or CSC; a sparse one keeps its synapses,
        and of a dense one those change that are ``connected``, if the owner tells which.
    compile : "numba", "numpy" or "auto"
        What computes, with the same results; "auto" takes numba where it is installed. Matrices of other floats than
        float32 and float64 are left to NumPy.

    Raises
    ------
    UnknownName
        If `compile` names nothing that compiles.
    SimulatorMissing
        If numba is asked for and not installed (``pip install 'fusion-sim[numba]'``).
    """

    w_min: float = 0.0
    w_max: float = 1.0
    variable: str = "W"
    compile: str = "auto"

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        if not self.w_min <= self.w_max:
            raise InvalidValue(f"w_min is {self.w_min} and w_max {self.w_max}; w_min must not be larger.")
        self.compiler = chosen(self.compile)

    def initialize(self, owner: SynapseGroup) -> None:
        """Start without any memory of spikes."""
        super().initialize(owner)
        self._matrix = PlasticMatrix(self.w_min, self.w_max, self.compiler)

    def verify(self, owner: SynapseGroup) -> None:
        """`UnknownVariable` if there is no such matrix; compile for the one that there is."""
        super().verify(owner)
        if self.variable not in vars(owner):
            raise UnknownVariable("variable", self.variable, owner.variable_names(), owner.tag)
        # One that cannot be used is told in the first iteration: until then it may be replaced.
        with suppress(InvalidValue, ShapeMismatch):
            self._prepare(owner)

    def iteration(self, owner: SynapseGroup) -> None:
        """Change the synapses of the neurons that fired."""
        self._take(owner)
        self.learn(owner, self._matrix, owner.source.spikes, owner.target.spikes)

    def _take(self, owner: SynapseGroup) -> None:
        own = vars(owner)
        self._matrix.take(own[self.variable], owner.shape, owner.tag, own.get("connected"))

    def _prepare(self, owner: SynapseGroup) -> None:
        """Compile before the first iteration."""
        self._take(owner)
        self._matrix.prepare()

    @abc.abstractmethod
    def learn(
        self, owner: SynapseGroup, matrix: PlasticMatrix, pre: NDArray[np.int64], post: NDArray[np.int64]
    ) -> None:
        """Change `matrix`; `pre` and `post` are the neurons that fired in this iteration, ascending."""

    def _arguments(self) -> Iterable[str]:
        given = {**self.parameters, "compile": self.compiler}
        return (f"{name}={value!r}" for name, value in given.items())
