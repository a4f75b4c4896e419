"""`TextSequence`: sentences, symbol by symbol."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fusion.behaviours.inputs.presentation import Order, Presentation
from fusion.behaviours.parameters import check_single
from fusion.core.neurons import NeuronGroup
from fusion.errors import InvalidValue, ShapeMismatch, UnknownName


class TextSequence(Presentation):
    r"""Adds to a variable what stands for one symbol after the other: each drives neurons of its own.

    .. math:: x_i \mathrel{+}= amplitude \text{ for } i \in S(\text{symbol})

    The sets S have `width` neurons each, share none, and are drawn when the network is built: ``sets`` (symbols,
    width). The text is made of whole sentences, one after the other; which comes next is as `order` says. A single
    string is a text that is read over and over again.

    ``symbol`` of the neurons, a number to be recorded, is the place in `alphabet` of what is shown in this iteration,
    -1 in a pause. `text` makes letters of such numbers, and `decoded` numbers of activity.

    Reads and writes the variable `into` (n,), which is zero when an iteration begins. Writes ``symbol``.

    Parameters
    ----------
    sentences : str, or a list of them
    alphabet : str
        The symbols, in the order of their numbers; those of the sentences, sorted, unless given.
    width : int
        How many neurons stand for a symbol.
    order : "random", "in turn" or "shuffled" (each sentence once before any comes again)
    duration, pause : float, ms
        Of each symbol, and behind it; multiples of dt.
    amplitude : float
        In the unit of the variable.
    into : str

    Raises
    ------
    InvalidValue
        If there is nothing to read, a symbol is not in the alphabet or twice, `width` is no whole number above 0, or
        the neurons are too few for all symbols.
    OffGrid, UnknownName, Unsupported
        As `Patterns`.

    References
    ----------
    Lazar, Pipa, Triesch (2009), *Front. Comput. Neurosci.* 3:23, for such input.
    """

    sentences: object
    alphabet: str = ""
    width: int = 1
    duration: float = 1.0
    order: str = "random"
    into: str = "current"

    sets: ClassVar[NDArray[np.int64] | None] = None

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self.writes = (self.into, "symbol")  # type: ignore[misc]
        check_single(self, "width")
        if isinstance(self.width, bool) or not isinstance(self.width, int | np.integer) or self.width < 1:
            raise InvalidValue(f"width is {self.width!r}; give a whole number, at least 1.", parameter="width")
        given = [self.sentences] if isinstance(self.sentences, str) else self.sentences
        if not isinstance(given, Iterable):
            raise InvalidValue(f"sentences is {given!r}; give a text, or a list of them.", parameter="sentences")
        texts = list(given)
        if not texts or not all(isinstance(text, str) and text for text in texts):
            raise InvalidValue(f"sentences is {given!r}; give texts that are not empty.", parameter="sentences")
        used = sorted(set("".join(texts)))
        self.alphabet = self.alphabet or "".join(used)
        if len(set(self.alphabet)) != len(self.alphabet) or not set(used) <= set(self.alphabet):
            raise InvalidValue(
                f"The alphabet is {self.alphabet!r}, the sentences need {''.join(used)!r}; name each symbol once.",
                parameter="alphabet",
            )
        self._texts = [self.numbers(text) for text in texts]

    def numbers(self, text: str) -> list[int]:
        """The places of symbols in the alphabet; `UnknownName` if one is not there."""
        for symbol in text:
            if symbol not in self.alphabet:
                raise UnknownName("symbol", symbol, self.alphabet, "the alphabet")
        return [self.alphabet.index(symbol) for symbol in text]

    def text(self, numbers: ArrayLike) -> str:
        """The symbols that have these numbers, as ``symbol`` has been recorded; pauses are left out.

        Raises `InvalidValue` if there are fewer symbols.
        """
        places = np.asarray(numbers, int).ravel()
        if len(places) and places.max() >= len(self.alphabet):
            raise InvalidValue(f"The alphabet {self.alphabet!r} has no symbol {places.max()}.", number=places.max())
        return "".join(self.alphabet[place] for place in places if place >= 0)

    def decoded(self, activity: ArrayLike) -> NDArray[np.int64]:
        """The symbol whose neurons are the most active, for each row of activity; of equals the first.

        activity : (..., n), spikes, rates or whatever

        Raises
        ------
        InvalidValue
            If the network has not been built, so that nobody stands for a symbol yet.
        ShapeMismatch
            If it has not one entry for each neuron.
        """
        if self.sets is None:
            raise InvalidValue("Who stands for a symbol is drawn when the network is built; call net.build() first.")
        rows, n = np.asarray(activity, float), self._rows.shape[1]
        if not rows.ndim or rows.shape[-1] != n:
            raise ShapeMismatch("The activity", rows.shape, f"there are {n} neurons")
        found: NDArray[np.int64] = rows[..., self.sets].sum(axis=-1).argmax(axis=-1)
        return found

    def initialize(self, owner: NeuronGroup) -> None:
        """Draw who stands for what."""
        super().initialize(owner)
        self._order = Order(self.order, len(self._texts))
        self._left: list[int] = []
        owner.set("symbol", -1)

    def rows(self, owner: NeuronGroup) -> NDArray[np.floating]:
        """One row per symbol, 1 for its neurons."""
        shape = len(self.alphabet), self.width
        if shape[0] * shape[1] > owner.size:
            raise InvalidValue(
                f"{shape[0]} symbols of {shape[1]} neurons each need {shape[0] * shape[1]}; {owner.tag!r} has "
                f"{owner.size}. Give a smaller width, or more neurons.",
                width=self.width,
            )
        self.sets = owner.generator.permutation(owner.size)[: shape[0] * shape[1]].reshape(shape)  # type: ignore[misc]
        rows = np.zeros((len(self.alphabet), owner.size), owner.network.dtype)
        np.put_along_axis(rows, self.sets, 1.0, axis=1)
        return rows

    def iteration(self, owner: NeuronGroup) -> None:
        """Show a symbol, and say which."""
        super().iteration(owner)
        owner.set("symbol", self.shown)

    def next(self, owner: NeuronGroup) -> int:
        """The next symbol of the sentence, or the first of the next one."""
        if not self._left:
            self._left = self._texts[self._order.next(owner.generator)][::-1]
        return self._left.pop()
