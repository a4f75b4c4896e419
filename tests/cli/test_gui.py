"""``fusion gui script.py`` shows the network that the script leaves, and says what is wrong where there is none."""

from __future__ import annotations

import sys

import pytest

pytest.importorskip("pyqtgraph")

from fusion.cli import main, parser
from fusion.gui.qt import QtGui

MADE = """
import sys
from beside import rate
from fusion import Network, NeuronGroup
from fusion.behaviours import PoissonSpikes

assert __name__ == "__main__"
net = Network(dt=1.0, seed=1)
cells = NeuronGroup(net, size=int(sys.argv[1]), tag="cells", behaviour={1: PoissonSpikes(rate=rate)})
net.run(30.0)
"""


@pytest.fixture
def script(tmp_path):
    """``script(source)``: the path of a file; it can import ``beside``."""
    (tmp_path / "beside.py").write_text("rate = 20.0\n")

    def written(source):
        path = tmp_path / "script.py"
        path.write_text(source)
        return str(path)

    yield written
    sys.modules.pop("beside", None)


def test_a_picture_of_the_network_that_a_script_leaves(script, tmp_path, capsys):
    picture, before = tmp_path / "window.png", (sys.argv[:], sys.path[:])
    words = ["gui", "--save", str(picture), "--iterations", "12", "--tab", "behaviours", script(MADE), "7", "--rest"]
    assert main(words) == 0
    assert capsys.readouterr().out.strip() == str(picture)
    assert QtGui.QImage(str(picture)).width() >= 900
    assert (sys.argv, sys.path) == before


def test_the_window_opens_after_what_the_script_runs(script, monkeypatch):
    seen = []
    monkeypatch.setattr(
        "fusion.gui.Window.show", lambda window: seen.append((window.network.iteration, window.network))
    )
    assert main(["gui", "--iterations", "5", script(MADE), "3"]) == 0
    assert [(iteration, net.groups[0].size) for iteration, net in seen] == [(35, 3)]
    assert main(["gui", "--network", "net", script(MADE + "other = Network(seed=2)\n"), "3"]) == 0
    assert seen[1][1].groups[0].size == 3
    assert main(["gui", script(MADE + "same = net\n"), "3"]) == 0
    assert len(seen) == 3


@pytest.mark.parametrize(
    ("source", "words", "reason"),
    [
        ("x = 1\n", [], "leaves no Network under a name of its own"),
        ("from fusion import Network\na = Network()\nb = Network()\n", [], "choose one of them with --network: a, b."),
        ("from fusion import Network\na = Network()\n", ["--network", "b"], "No network is named 'b'"),
        ("from fusion import Network\na = Network()\n", [], "Nothing in this network takes a step"),
        (MADE.replace("sys.argv[1]", "3"), ["--tab", "nothing"], "There is no tab 'nothing'; there are: 'traces'"),
    ],
)
def test_what_cannot_be_shown_is_told(script, capsys, tmp_path, source, words, reason):
    assert main(["gui", "--save", str(tmp_path / "x.png"), *words, script(source)]) == 2
    assert reason in capsys.readouterr().err


def test_a_script_that_fails_is_told_with_its_line(script, capsys):
    assert main(["gui", script("from fusion import Network\nNetwork(dt=-1)\n")]) == 1
    told = capsys.readouterr().err
    assert "script.py" in told
    assert "line 2" in told
    assert main(["gui", "nowhere.py"]) == 2
    assert "There is no file 'nowhere.py'" in capsys.readouterr().err


def test_wrong_words(script, capsys):
    for words in (["gui"], ["gui", "--iterations", "-1", "x.py"]):
        with pytest.raises(SystemExit):
            main(words)
    assert "iterations" in capsys.readouterr().err
    assert "leave net.run(...) out" in " ".join(
        parser()._subparsers._group_actions[0].choices["gui"].format_help().split()
    )


def test_without_qt_it_says_what_to_install(script, capsys, monkeypatch):
    for name in [name for name in sys.modules if name == "fusion.gui" or name.startswith("fusion.gui.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyqtgraph", None)
    assert main(["gui", script(MADE)]) == 2
    assert "pip install 'fusion-sim[gui]'" in capsys.readouterr().err
