"""`Matrix`: a variable of synapses that a tab can show, by a name that the user can choose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from fusion.analysis.weights import is_matrix
from fusion.core.synapses import SynapseGroup
from fusion.plot.axes import labelled, weight_label


class Matrix(NamedTuple):
    """A variable of a synapse group."""

    synapses: SynapseGroup
    variable: str

    @property
    def label(self) -> str:
        """What it is, with its unit."""
        return weight_label(self.synapses) if self.variable == "W" else labelled(self.synapses, self.variable)


def matrices(found: Iterable[SynapseGroup], variables: Sequence[str]) -> dict[str, Matrix]:
    """Those of the variables that synapse groups have, as "W of GLUTAMATE, retina to cortex"."""
    # Blocks stand for the whole that was cut into them.
    wholes = dict.fromkeys(each.whole or each for each in found)
    chosen: dict[str, Matrix] = {}
    for synapses in wholes:
        for variable in variables:
            if is_matrix(synapses, variable):
                text = f"{variable} of {synapses.tag}, {synapses.source.tag} to {synapses.target.tag}"
                while text in chosen:
                    text += "'"
                chosen[text] = Matrix(synapses, variable)
    return chosen
