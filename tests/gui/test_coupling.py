"""`Coupling`: the certificate and the graph are those of the network; no word in a picture is cut."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("pyqtgraph")

from fusion import Network, NeuronGroup, SynapseGroup
from fusion.behaviours import PoissonSpikes
from fusion.core import svg
from fusion.gui import Coupling, Window
from fusion.gui.qt import QtCore, QtGui


def made():
    net = Network(dt=1.0, seed=1)
    tags = ("thalamic relay", "W", "m")
    groups = [NeuronGroup(net, size=3, tag=tag, behaviour={1: PoissonSpikes(rate=100.0)}) for tag in tags]
    for source, target, tag in ((0, 0, "within a group"), (0, 1, "up"), (2, 0, "down"), (2, 2, "again")):
        SynapseGroup(net, groups[source], groups[target], tag=tag, weight=1.0, delay=2.0, into="x")
    return net


def test_it_shows_what_the_network_says_and_follows_it():
    with Window(made(), [Coupling()]) as window:
        tab = window.tabs[0]
        assert tab._graph.canvas.svg == window.network.graph().svg()
        before = tab._words.toPlainText()
        assert "within a group" in before
        window.simulate(50)
        words = " ".join(tab._words.toPlainText().split())
        assert "50 iterations of 1 ms" in words
        assert "50 iterations" not in before
        assert tab.error is None


def test_it_is_drawn_once_a_second_while_the_network_runs(monkeypatch):
    with Window(made(), [Coupling()]) as window, monkeypatch.context() as patch:
        tab, seen, now = window.tabs[0], [], [0.0]
        patch.setattr(tab, "_show", lambda: seen.append(now[0]))
        patch.setattr("fusion.gui.pace.perf_counter", lambda: now[0])
        patch.setattr(type(window.player), "is_playing", True)
        tab.again()
        for now[0] in (10.0, 10.5, 10.9, 11.1, 11.2):
            tab.draw()
        assert seen == [10.0, 11.1]


def test_every_word_of_a_picture_has_room():
    with Window(made(), [Coupling()]) as window:
        picture = window.tabs[0]._graph.canvas.svg
    moved = [float(x) for x in re.search(r"translate\(([-\d.]+) ([-\d.]+)\)", picture).groups()]
    width, height = (float(re.search(rf'{side}="(\d+)"', picture).group(1)) for side in ("width", "height"))
    texts = re.findall(
        r'<text x="([-\d.]+)" y="([-\d.]+)" font-size="(\d+)" text-anchor="middle"[^>]*>([^<]*)<', picture
    )
    assert len(texts) >= 14
    for x, y, size, text in texts:
        font = QtGui.QFont("sans-serif")
        font.setPixelSize(int(size))
        wide = QtGui.QFontMetricsF(font).horizontalAdvance(text)
        assert wide <= svg.width_of(text, int(size)) + 1, text
        assert float(x) + moved[0] - wide / 2 >= 0
        assert float(x) + moved[0] + wide / 2 <= width
        assert float(size) <= float(y) + moved[1] <= height


def test_arrows_stay_within_the_picture():
    """Nothing dark is at the edge: what leaves the picture would be cut there."""
    with Window(made(), [Coupling()]) as window:
        renderer = window.tabs[0]._graph.canvas.renderer
        image = QtGui.QImage(renderer.defaultSize(), QtGui.QImage.Format.Format_RGB32)
        image.fill(QtCore.Qt.GlobalColor.white)
        painter = QtGui.QPainter(image)
        renderer.render(painter)
        painter.end()
    w, h = image.width(), image.height()
    edge = [(x, y) for x in range(w) for y in (0, h - 1)] + [(x, y) for y in range(h) for x in (0, w - 1)]
    assert all(QtGui.qGray(image.pixel(x, y)) > 240 for x, y in edge)
    inside = [QtGui.qGray(image.pixel(x, y)) < 128 for x in range(0, w, 2) for y in range(0, h, 2)]
    assert any(inside)
