"""`Behaviours`: what acts on the chosen group, in the order of the keys; parameters can be changed while it runs."""

from __future__ import annotations

from fusion.core.behaviour import Behaviour
from fusion.core.changes import Parameter, number, parameters_of
from fusion.core.neurons import NeuronGroup
from fusion.core.parts import Part
from fusion.core.synapses import SynapseGroup
from fusion.gui.brief import brief
from fusion.gui.edits import Edits
from fusion.gui.tab import Tab
from fusion.network import Network

KEY, BEHAVIOUR, OWNER, NAME, VALUE, ABOUT = range(6)
COLUMNS = ("key", "behaviour", "of", "parameter", "value", "unit, meaning")
DIGITS = 10  # of a value, so that it reads as it was typed
PERIOD = 0.25  # seconds of real time between two looks while it runs


class Behaviours(Tab):
    """Behaviours of the network, of the chosen group and of its synapses.

    A box lets a behaviour take part or rest. A number can be changed by a double click, from the next iteration on, if
    that does what it says: a parameter that the steps do not read, or out of which something was computed before the
    first step, is faint, and the reason is shown when the mouse rests on it.
    """

    title = "behaviours"

    def build(self) -> None:
        """A table, and the journal."""
        self._listed: list[Behaviour] = []
        self._rows: list[tuple[Behaviour, Parameter | None]] = []
        self._sheet = self.sheet(COLUMNS, self._typed, self._ticked)
        self._edits = Edits(self)

    def selected(self) -> None:
        """The behaviours that matter to this group."""
        self._listed = acting_on(self.network, self.selection.group)
        self._rows = []
        for behaviour in self._listed:
            self._rows.append((behaviour, None))
            self._rows += [(behaviour, parameter) for parameter in parameters_of(behaviour)]
        self._sheet.resize(len(self._rows))
        for row, (behaviour, parameter) in enumerate(self._rows):
            if parameter is None:
                self._head(row, behaviour)
            else:
                self._line(row, parameter)
        self._fill()
        self._sheet.fit(last=True)
        self.say("" if self._rows else f"Neither {self.selection.group.tag!r} nor the network has behaviours.")

    def update(self) -> None:
        """Values as they are held now."""
        self.seldom(self._show, PERIOD)

    def _show(self) -> None:
        if acting_on(self.network, self.selection.group) != self._listed:
            self.selected()
        self._fill()
        self._edits.draw()

    def _head(self, row: int, behaviour: Behaviour) -> None:
        summary = (type(behaviour).__doc__ or "").strip().partition("\n")[0]
        self._sheet.put(row, KEY, f"{behaviour.key:g}")
        self._sheet.put(row, BEHAVIOUR, type(behaviour).__name__)
        self._sheet.put(row, OWNER, name_of(behaviour.owner))
        self._sheet.put(row, ABOUT, summary)
        for column in (KEY, BEHAVIOUR, OWNER):
            self._sheet.strong(row, column)
        for column in (KEY, BEHAVIOUR, OWNER, ABOUT):
            self._sheet.tip(row, column, f"{summary}\n{behaviour!r}".strip())

    def _line(self, row: int, parameter: Parameter) -> None:
        self._sheet.put(row, NAME, parameter.name)
        self._sheet.put(row, ABOUT, parameter.about)
        self._sheet.tip(row, ABOUT, parameter.about)

    def _fill(self) -> None:
        for row, (behaviour, parameter) in enumerate(self._rows):
            if parameter is None:
                self._sheet.tick(row, BEHAVIOUR, behaviour.enabled)
                continue
            value = getattr(behaviour, parameter.name)  # a declared field
            self._sheet.put(row, VALUE, brief(value, DIGITS))
            self._sheet.allow(row, VALUE, not parameter.fixed)
            tip = "double click to change it, from the next iteration on"
            self._sheet.tip(row, VALUE, f"cannot be changed here: {parameter.fixed}" if parameter.fixed else tip)

    def _typed(self, row: int, column: int, text: str) -> None:
        behaviour, parameter = self._rows[row]
        if parameter is None:
            return
        name, journal = parameter.name, self.window.journal
        held = getattr(behaviour, name)  # a declared field

        def change() -> None:
            value = number(text, held)
            with journal.together():
                for copy in copies(behaviour):
                    journal.change(copy, name, value)

        if text != brief(held, DIGITS):
            self.attempt(change)
        self._sheet.put(row, VALUE, brief(getattr(behaviour, name), DIGITS))  # as it is, whatever was typed
        self._edits.draw()

    def _ticked(self, row: int, column: int, on: bool) -> None:
        behaviour, _ = self._rows[row]
        with self.window.journal.together():
            for copy in copies(behaviour):
                self.window.journal.enable(copy, on)
        self._fill()
        self._edits.draw()


def acting_on(network: Network, group: NeuronGroup) -> list[Behaviour]:
    """Those of the network, of the group, and of synapses at either end of it; of blocks the first stands for all."""

    def matters(owner: Part | None) -> bool:
        if isinstance(owner, SynapseGroup):
            blocks = owner.whole.blocks if owner.whole is not None else (owner,)
            ends = {getattr(end, "base", end) for end in (owner.source, owner.target)}
            return group in ends and owner is blocks[0]
        return owner is network or owner is group

    return [one for one in network.ordered_behaviours() if matters(one.owner) and not one.is_hidden]


def copies(behaviour: Behaviour) -> list[Behaviour]:
    """A behaviour, or on blocks that of each."""
    owner = behaviour.owner
    if not isinstance(owner, SynapseGroup) or owner.whole is None:
        return [behaviour]
    return [block.behaviours[behaviour.key] for block in owner.whole.blocks if behaviour.key in block.behaviours]


def name_of(owner: Part | None) -> str:
    """Of what carries a behaviour, for people."""
    if owner is None or isinstance(owner, Network):
        return "network"
    if isinstance(owner, SynapseGroup) and owner.whole is not None:
        return f"{owner.tag} ({len(owner.whole.blocks)} blocks)"
    return owner.tag
