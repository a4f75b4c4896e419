"""`Watch`: recordings that come and go, and that nobody else finds."""

from __future__ import annotations

import numpy as np
import pytest

from fusion import EventRecorder, Recorder
from fusion.analysis.recorded import spikes_of
from fusion.errors import UnknownName, UnknownVariable
from fusion.gui.watch import Watch


@pytest.fixture
def cells(net):
    net.build()
    return net["cells", 0]


def test_it_records_only_while_it_is_open(net, cells):
    watch, recorder = Watch(), Recorder("voltage")
    watch.add(cells, recorder)
    net.simulate(5)
    watch.open()
    assert watch.since == 5
    net.simulate(3)
    np.testing.assert_array_equal(recorder.t, [3.0, 3.5, 4.0])
    assert recorder["voltage", 0].shape == (3, 12)
    watch.close()
    net.simulate(5)
    assert list(cells.behaviours) == [1]
    watch.open()  # what is before has a gap
    net.simulate(1)
    watch.close()


def test_a_row_is_the_end_of_the_iteration(net, cells):
    watch, recorder = Watch(), Recorder("voltage")
    watch.open()
    watch.add(cells, recorder)
    net.simulate(1)
    np.testing.assert_array_equal(recorder["voltage", 0][0], cells.voltage)
    watch.close()


def test_what_is_forgotten_does_not_come_back(cells):
    watch = Watch()
    watch.open()
    watch.add(cells, Recorder("voltage"))
    watch.forget()
    assert list(cells.behaviours) == [1]
    watch.add(cells, Recorder("count"))  # it is still open
    assert len(cells.behaviours) == 2
    watch.close()
    watch.open()
    assert len(cells.behaviours) == 2
    watch.close()


def test_one_that_cannot_be_attached_leaves_nothing_behind(cells):
    watch = Watch()
    watch.add(cells, Recorder("voltage"))
    watch.add(cells, Recorder("nothing_of_the_kind"))
    with pytest.raises(UnknownVariable, match="nothing_of_the_kind"):
        watch.open()
    watch.forget()
    assert list(cells.behaviours) == [1]


def test_recordings_of_a_watch_are_found_by_nobody_else(net, cells):
    """The user's own recorder of the same expression, on a group after it, stays the first."""
    own = net["others", 0].add_behaviour(9, Recorder("voltage"))
    text, chart = repr(cells), str(net.flow_chart())
    watch = Watch()
    watch.open()
    watch.add(cells, Recorder("voltage"))
    watch.add(cells, EventRecorder("spike"))
    net.simulate(1)
    assert net["Recorder"] == net["Recording"] == [own]
    assert net["voltage", 0].shape[1] == 9
    assert (repr(cells), str(net.flow_chart())) == (text, chart)
    assert net._repr_html_().count("Recorder") == 1
    with pytest.raises(UnknownName, match="recorded expression of 'cells'"):
        spikes_of(cells)
    watch.close()
