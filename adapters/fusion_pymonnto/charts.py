"""The flow chart of ``visualize_module``, read from the code: the network need be neither run nor whole."""

from __future__ import annotations

from collections.abc import Sequence

from fusion.core.behaviour import Behaviour
from fusion.core.code import assigned_names, names_in_steps
from fusion.core.flow_chart import FlowChart, Step
from fusion.recording.recorder import Recording
from fusion_pymonnto.behavior import Behavior


def show_chart(behaviours: Sequence[Behaviour]) -> None:
    """Draw what behaviours read and write, and show it; needs Matplotlib."""
    import matplotlib.pyplot as plt

    from fusion.plot.flow import flow_chart

    variables = _variables(behaviours)
    steps = [_step(one, variables) for one in behaviours]
    _, ax = plt.subplots(figsize=(8, 2 + 0.6 * len(steps)), layout="constrained")
    flow_chart(FlowChart(steps), ax=ax)
    plt.show()


def _step(behaviour: Behaviour, variables: frozenset[str]) -> Step:
    reads, writes = (sorted(names & variables) for names in _touched(behaviour))
    owner = "" if behaviour.owner is None else behaviour.owner.tag
    return Step(behaviour.key, type(behaviour).__name__, owner, reads, writes)


def _touched(behaviour: Behaviour) -> tuple[frozenset[str], frozenset[str]]:
    """Names that a behaviour reads, and that it assigns."""
    if isinstance(behaviour, Recording):
        return frozenset(name for expression in behaviour.expressions for name in expression.names), frozenset()
    names = names_in_steps(type(behaviour))
    return names.read | {*(behaviour.reads or ())}, names.assigned | {*(behaviour.writes or ())}


def _variables(behaviours: Sequence[Behaviour]) -> frozenset[str]:
    """What these behaviours, or others on the same objects, assign."""
    all_here = {other for one in behaviours if one.owner is not None for other in one.owner.behaviours.values()}
    assigned = frozenset[str]().union(*(assigned_names(type(one)) for one in {*all_here, *behaviours}))
    own = frozenset[str]().union(*(vars(one).keys() for one in {*all_here, *behaviours}))
    return assigned - own - assigned_names(Behavior)
