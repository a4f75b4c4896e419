"""`Window`: what scripts call, what goes wrong, and what is left when it is closed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from pyqtgraph.Qt import QtTest

from fusion import Behaviour, Network, NeuronGroup, Recorder
from fusion.errors import BehaviourFailed, InvalidValue, NothingToRun
from fusion.gui import Tab, Window, default_tabs
from fusion.gui.qt import QtCore, QtWidgets


class Empty(Tab):
    """Nothing."""


def test_it_waits_until_it_is_closed_and_leaves_nothing_behind(net, in_show):
    recorder = net["cells", 0].add_behaviour(9, Recorder("voltage"))
    window = Window(net)
    in_show(window, window.player.play, lambda: net.iteration > 50, lambda: window.open("raster"))
    assert not net.is_running()
    assert len(recorder.t) == net.iteration
    assert [list(group.behaviours) for group in net.groups] == [[1, 9], [1]]
    window.close()
    with pytest.raises(InvalidValue, match="closed"):
        window.show()


def test_a_second_window_waits_as_the_first_did(net, in_show):
    first, second = Window(net), Window(net)
    in_show(first, lambda: first.player.play(20), lambda: net.iteration == 20)
    in_show(second, lambda: second.player.play(20), lambda: net.iteration == 40)


def test_the_user_closes_it_by_its_frame(net):
    window = Window(net)
    window.player.play()
    QtCore.QTimer.singleShot(0, window._frame.close)
    window.show()
    assert not net.is_running()


@pytest.mark.parametrize("call", ["simulate", "save", "open", "show"])
def test_after_it_is_closed_it_is_of_no_use(net, call):
    with Window(net) as window:
        pass
    with pytest.raises(InvalidValue, match="closed"):
        getattr(window, call)(*{"show": []}.get(call, [1]))


def test_an_error_in_a_behaviour_is_shown_and_raised_when_it_closes(net, in_show, fails, caplog):
    cells = net["cells", 0]
    recorder = cells.add_behaviour(9, Recorder("voltage"))
    cells.add_behaviour(5, fails(at=30))
    window = Window(net)
    told = []
    with pytest.raises(BehaviourFailed, match="it was to fail"):
        in_show(
            window, window.player.play, lambda: not window.player.is_playing, lambda: told.append(window._frame.told),
            window.player.play, lambda: not window.player.is_playing,
        )  # fmt: skip
    assert "BehaviourFailed" in told[0]
    assert len(recorder.t) == 29
    assert list(cells.behaviours) == [1, 9, 5]


def test_an_error_in_what_qt_calls_is_shown_and_raised_when_it_closes(net, in_show, caplog):
    window, hook = Window(net), sys.excepthook
    in_qt = lambda: QtCore.QTimer.singleShot(0, lambda: 1 / 0)  # noqa: E731
    with pytest.raises(ZeroDivisionError):
        in_show(window, window.player.play, in_qt, lambda: bool(window._frame.told), lambda: net.iteration > 20)
    assert "ZeroDivisionError" in caplog.text
    assert sys.excepthook is hook


def test_keys_play_pause_and_step(net, opened, until):
    window = opened(net)
    QtTest.QTest.keyClick(window._frame, QtCore.Qt.Key.Key_Space)
    until(lambda: net.iteration > 20)
    assert window.controls.play.text() == "Pause"
    QtTest.QTest.keyClick(window._frame, QtCore.Qt.Key.Key_Space)
    reached = net.iteration
    assert not window.player.is_playing
    QtTest.QTest.keyClick(window._frame, QtCore.Qt.Key.Key_Right)
    assert net.iteration == reached + 1
    assert window.controls.status.text().startswith(f"iteration {reached + 1},   t = {0.5 * (reached + 1):g} ms")


def test_who_is_chosen_while_it_plays_is_seen_at_once(net, opened, until):
    """Not only when the next frame is due."""
    window = opened(net)
    window.open("traces")
    window.player.play()
    until(lambda: net.iteration > 20)
    window.player.budget.drew(0.0, 1e9)
    window.selection.choose(net["others", 0], [8])
    assert set(window.tabs[0]._curves) == {("count", 8), ("voltage", 8)}
    window.player.pause()


def test_the_share_and_the_speed_are_the_users(net, opened):
    window = opened(net, share=0.25)
    shares = [box for box in window.controls.bar.findChildren(QtWidgets.QSpinBox) if "%" in box.suffix()]
    assert [box.value() for box in shares] == [25]
    shares[0].setValue(40)
    assert window.player.budget.share == 0.4
    window.controls._speed.setCurrentText("10 iterations/s")
    assert window.player.limit == 10.0


def test_what_is_not_on_the_screen_costs_nothing(net, opened, until):
    """Minimised it attaches nothing; open again it begins anew."""
    window = opened(net)
    window.player.play()
    until(lambda: net.iteration > 20)
    assert len(net["cells", 0].behaviours) == 3
    window._frame.showMinimized()
    until(lambda: len(net["cells", 0].behaviours) == 1)
    since = net.iteration
    until(lambda: net.iteration > since + 20)
    window._frame.showNormal()
    until(lambda: len(net["cells", 0].behaviours) == 3)
    window.player.pause()


def test_groups_that_are_scrolled_away_cost_nothing(noisy, opened):
    net = Network(seed=1)
    for i in range(12):
        NeuronGroup(net, size=4, tag=f"g{i}", behaviour={1: noisy()})
    window = opened(net, [Empty()])
    window.simulate(3)
    n_recorders = [len(group.behaviours) - 1 for group in net.groups]
    assert n_recorders[0] == 1
    assert n_recorders[-1] == 0


def test_pictures(net, tmp_path):
    """Before the first iteration, without having been opened, again and again, and of the tab that is in front."""
    with Window(net, default_tabs(["voltage"]), title="mine") as window:
        images = []
        for i in range(3):
            window.open("raster" if i == 2 else "traces")
            path = window.save(tmp_path / f"{i}.png")
            assert path.stat().st_size > 5000
            images.append(path.read_bytes())
            window.simulate(30)
        assert len(set(images)) == 3
        assert window._frame.windowTitle() == "mine"
        assert not window._frame.isVisible()
        assert not window._frame.testAttribute(QtCore.Qt.WidgetAttribute.WA_DontShowOnScreen)


@pytest.mark.parametrize("path", ["nowhere/picture.png", "picture.none", "picture", ""])
def test_a_picture_that_cannot_be_written(net, tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    with Window(net) as window, pytest.raises(InvalidValue, match=r"path of a \.png file"):
        window.save(path)


def test_a_tab_that_is_not_there(net):
    with Window(net) as window, pytest.raises(InvalidValue, match="there are: 'traces', "):
        window.open("no such tab")


@pytest.mark.parametrize("share", [0, 0.001, 1.5, -1, True, "10 %", None, float("nan")])
def test_a_share_that_means_nothing(net, share):
    with pytest.raises(InvalidValue, match="share"):
        Window(net, share=share)


def test_what_is_no_network(net):
    with pytest.raises(InvalidValue, match="no Network"):
        Window(net["cells", 0])


def test_a_network_without_groups_or_without_anything():
    class Steps(Behaviour):
        def iteration(self, network):
            pass

    with pytest.raises(NothingToRun):
        Window(Network())
    with pytest.raises(NothingToRun, match="neuron group"):
        Window(Network(behaviour={1: Steps()}))


def test_no_tabs_at_all(net):
    with Window(net, []) as window:
        window.simulate(3)
        with pytest.raises(InvalidValue, match="none"):
            window.open("traces")


SCRIPT = """
from fusion import Behaviour, Network, NeuronGroup
from fusion.gui import Window
from fusion.gui.qt import QtCore

class Steps(Behaviour):
    def iteration(self, neurons):
        if neurons.iteration == 20:
            print("plays", flush=True)

net = Network(seed=1)
NeuronGroup(net, size=4, behaviour={1: Steps()})
try:
    window = Window(net)
    window.player.play()
    window.show()
except BaseException as error:
    print(type(error).__name__, error, list(net.groups[0].behaviours), net.is_running())
"""


@pytest.mark.slow
@pytest.mark.parametrize("display", [None, "no-such-machine-or-screen:77"])
def test_no_screen_is_an_error_and_no_abort(display):
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    del environment["QT_QPA_PLATFORM"]
    environment |= {} if display is None else {"DISPLAY": display}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("NoDisplay")
    assert "QT_QPA_PLATFORM=offscreen" in done.stdout


@pytest.mark.slow
def test_ctrl_c_closes_it():
    command = [sys.executable, "-c", SCRIPT]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "plays\n"
        process.send_signal(signal.SIGINT)
        said, complaints = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Traceback" not in complaints
    assert said.startswith("KeyboardInterrupt")
    assert said.endswith("[1] False\n")
