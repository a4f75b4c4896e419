"""What a behaviour sees is the same in lockstep and in windows, or the same error; see also `test_windows`."""

from __future__ import annotations

import numpy as np
import pytest

from fusion import Behaviour, Network, NeuronGroup
from fusion.coupling.sight import PlainSight, WindowSight
from fusion.errors import BehaviourFailed, Unsupported
from fusion.testing.toy import ToyNeurons

pytestmark = pytest.mark.usefixtures("toy")


class Acts(Behaviour):
    """Does something with a group, from some iteration on."""

    cells: object
    act: object
    after: int = 0

    def iteration(self, neurons):
        if neurons.iteration > self.after:
            self.act(self.cells)


@pytest.fixture
def acting():
    """``acting(window, act)``: a native group whose behaviour calls ``act(cells)``; (network, cells)."""

    def build(window, act, **options):
        net = Network(dt=0.1, window=window)
        cells = NeuronGroup(net, ToyNeurons(3), tag="cells")
        NeuronGroup(net, size=3, behaviour={3: Acts(cells=cells, act=act, **options)})
        return net, cells

    return build


@pytest.mark.parametrize(("window", "kind"), [(1, PlainSight), (None, WindowSight)])
def test_behaviours_see_what_is_buffered_only_while_a_window_is_computed(acting, window, kind):
    seen = []
    net, _ = acting(window, lambda cells: seen.append(type(net.wiring.sight)))
    assert isinstance(net.wiring.sight, PlainSight)
    net.simulate(4)
    # The first iteration is one in which all participants meet.
    assert seen == [PlainSight, *[kind] * 3]
    assert isinstance(net.wiring.sight, PlainSight)


def test_the_user_sees_simulators_as_they_are_after_a_window_that_failed(acting):
    def divide(cells):
        raise ZeroDivisionError

    net, cells = acting(None, divide, after=5)
    with pytest.raises(BehaviourFailed):
        net.simulate(20)
    assert net.wiring.windows is not None
    assert isinstance(net.wiring.sight, PlainSight)
    np.testing.assert_array_equal(cells.v, cells.foreign.v)


@pytest.mark.parametrize("every", [None, 0.5])
@pytest.mark.parametrize("window", [1, None])
def test_who_fired_where_nobody_ever_does_is_an_error_in_windows_too(acting, window, every):
    """In a branch that is taken late, so that nothing of it was seen in the first iteration."""

    class AsksLate(Behaviour):
        cells: object

        def iteration(self, neurons):
            if neurons.iteration > 20:
                neurons.count = len(self.cells.spikes)

    net, cells = acting(window, lambda cells: None)
    object.__setattr__(cells.handle, "spikes", False)  # as a layer that gives numbers
    NeuronGroup(net, size=3, behaviour={3: AsksLate(cells=cells, every=every)})
    net.simulate(20)
    assert (net.wiring.windows is None) == (window == 1)
    with pytest.raises(BehaviourFailed, match=r"'cells' \(toy\) fires no spikes; read its variables") as caught:
        net.simulate(30)
    assert isinstance(caught.value.__cause__, Unsupported)
    assert caught.value.iteration == (21 if every is None else 25)
