"""Recorders that come, go and move while their network is kept."""

from __future__ import annotations

import numpy as np
import pytest

from fusion import EventRecorder, Recorder
from fusion.storage import Run


@pytest.mark.parametrize("is_session", [False, True])
def test_a_recorder_that_comes_in_the_middle_is_kept_whole_from_then_on(make, does, tmp_path, is_session):
    net, plain = make(), make()
    cells = net["cells", 0]

    def attach():
        cells.add_behaviour(40, Recorder("voltage - 1", last=3, tag="late"))
        cells.add_behaviour(41, EventRecorder("voltage > 0.6", last=3))

    plain["cells", 0].add_behaviour(40, Recorder("voltage - 1"))
    plain["cells", 0].add_behaviour(41, EventRecorder("voltage > 0.6"))
    plain.simulate(200)
    net.keep(tmp_path / "run")
    if is_session:
        with net.session():
            net.simulate(5)
            attach()
            net.simulate(195)
    else:
        cells.add_behaviour(50, does(when=5, what=attach))
        net.simulate(200)
    run, events = Run(tmp_path / "run"), plain["voltage > 0.6", 0]
    np.testing.assert_array_equal(np.rint(run["late", 0].t / net.dt), np.arange(6, 201))
    np.testing.assert_array_equal(run["voltage - 1", 0], plain["voltage - 1", 0][5:])
    np.testing.assert_array_equal(run["voltage > 0.6", 0], events[events[:, 0] > 5])


@pytest.mark.parametrize("pace", ["eager", "at the end"])
def test_a_recorder_that_goes_in_the_middle_leaves_what_it_has_recorded(make, does, tmp_path, pace, request):
    if pace == "eager":
        request.getfixturevalue("eager")
    net, plain = make(), make()
    cells = net["cells", 0]
    cells.add_behaviour(50, does(when=5, what=lambda: cells.add_behaviour(40, Recorder("voltage - 1", tag="guest"))))
    cells.add_behaviour(51, does(when=20, what=lambda: cells.remove_behaviour("guest")))
    cells.add_behaviour(52, does(when=20, what=lambda: cells.remove_behaviour("main")))
    net.keep(tmp_path / "run")
    with net.session():
        net.simulate(30)
        net.remove_behaviour(net.behaviours[20])
        net.simulate(10)
    plain["cells", 0].add_behaviour(40, Recorder("voltage - 1"))
    plain.simulate(30)
    run = Run(tmp_path / "run")
    assert run.iterations == 40
    np.testing.assert_array_equal(run["voltage - 1", 0], plain["voltage - 1", 0][5:20])
    np.testing.assert_array_equal(run["np.mean(voltage)", 0], plain["np.mean(voltage)", 0][:20])
    np.testing.assert_array_equal(run["t", 0], plain["t", 0])


def test_a_recorder_that_was_taken_off_may_record_elsewhere(make, tmp_path):
    net, other = make(), make()
    net.keep(tmp_path / "run")
    net.simulate(10)
    recorder = net.behaviours[20]
    net.remove_behaviour(recorder)
    other.remove_behaviour(other.behaviours[20])
    other.simulate(10)
    other.add_behaviour(20, recorder)
    other.simulate(10)
    net.simulate(10)
    assert len(other["t", 0]) == 20
    assert len(Run(tmp_path / "run")["t", 0]) == 10
