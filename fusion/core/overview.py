"""`overview`: a network as notebooks show it."""

from __future__ import annotations

from fusion.core.foreign import ForeignNeuronGroup
from fusion.core.home import Home
from fusion.core.parts import listed
from fusion.core.words import Table


def overview(net: Home) -> str:
    """HTML: the network, and a table of groups with who computes them."""
    from html import escape  # not needed to import fusion, which shall be quick

    rows = []
    for group in net.groups:
        simulator = group.adapter.name if isinstance(group, ForeignNeuronGroup) else "native"
        behaviours = ", ".join(map(repr, listed(group)))
        rows.append((", ".join(group.tags), simulator, str(group.size), behaviours))
    table = Table(("tag", "simulator", "neurons", "behaviours"), rows, numbers=("neurons",))
    return f"<p>{escape(repr(net))}, iteration {net.iteration}</p>{table.html()}"
