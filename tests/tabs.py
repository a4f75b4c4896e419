"""What tests of tabs share: a network to look at, and a tab that looks at it."""

from __future__ import annotations

from contextlib import contextmanager

from fusion import Behaviour, Network, NeuronGroup
from fusion.gui import Window


class Follows(Behaviour):
    """Sets a variable in each iteration: ``Follows("v", lambda iteration: ...)`` gives its value (size,)."""

    def __init__(self, name, rule):
        super().__init__()
        self.name, self.rule = name, rule
        self.writes = (name,)

    def initialize(self, neurons):
        neurons.set(self.name, neurons.vector())

    def iteration(self, neurons):
        neurons.set(self.name, neurons.vector(self.rule(neurons.iteration)))


class Rests(Behaviour):
    """Does nothing: a network in which nothing takes a step does not run."""

    writes = ()

    def iteration(self, owner):
        pass


def silent(size=4, tag="cells"):
    """A network of one group that has no variables and does nothing."""
    net = Network(dt=1.0, seed=1)
    return net, NeuronGroup(net, size=size, tag=tag, behaviour={1: Rests()})


@contextmanager
def looking(net, tab, iterations=0, neurons=(0,), group=None):
    """A window with one tab on the chosen neurons of a group, the first one unless given, after some iterations."""
    with net, Window(net, [tab]) as window:
        window.selection.choose(net.groups[0] if group is None else group, neurons)
        window.simulate(iterations) if iterations else window.draw()
        yield window
        assert tab.error is None


def told(tab):
    """What a tab says in place of a picture."""
    return tab._note.text() if not tab._note.isHidden() else ""


def points(curve):
    """x and y of a curve as they were set."""
    return curve.drawn.xData, curve.drawn.yData
