"""`Code`: text is executed between two iterations, what it prints and raises stands below."""

from __future__ import annotations

import pytest

pytest.importorskip("pyqtgraph")

from fusion import Network, NeuronGroup
from fusion.behaviours import LIF
from fusion.gui import Code, Window


@pytest.fixture
def window():
    net = Network(dt=0.5, seed=1)
    NeuronGroup(net, size=5, tag="cells", behaviour={1: LIF()})
    with Window(net, [Code()]) as made:
        yield made
        assert made.tabs[0].error is None


def run(tab, text):
    """What it prints."""
    tab.output.clear()
    tab.editor.setPlainText(text)
    tab._button.click()
    return tab.output.toPlainText()


def test_it_reads_and_changes_the_network(window, capsys):
    tab, cells = window.tabs[0], window.network["cells", 0]
    window.selection.choose(cells, [3, 1])
    window.simulate(2)
    assert (
        run(tab, "for i in neurons:\n    group.voltage[i] = -60.0 - i\nprint(net.iteration, np.sign(-3.0))") == "2 -1.0"
    )
    assert (cells.voltage[3], cells.voltage[1]) == (-63.0, -61.0)
    assert run(tab, "kept = 7") == ""
    assert run(tab, "print(kept, window.network is net)") == "7 True"
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("print(1)\n1 / 0", ["1", 'File "<code>", line 2', "ZeroDivisionError: division by zero"]),
        ("def f(:", ["SyntaxError"]),
        ("for k in range(3):", ["expected an indented block"]),
        ("net.simulate(-1)", ["give a whole number"]),
        ("exit()", ["exit() ends nothing here"]),
    ],
)
def test_errors_are_told(window, text, told):
    said = run(window.tabs[0], text)
    assert all(each in said for each in told)
    assert "interpreter" not in said.lower()
    assert run(window.tabs[0], "print('on')") == "on"


def test_it_is_run_at_each_frame_until_it_fails(window):
    tab = window.tabs[0]
    tab.editor.setPlainText("window.draw()\nprint(net.iteration)\nif net.iteration > 2: raise ValueError('enough')")
    tab._box.setChecked(True)
    for _ in range(5):
        window.simulate(1)
    said = tab.output.toPlainText()
    assert [line for line in said.splitlines() if line.isdigit()] == ["0", "1", "2", "3"]
    assert "ValueError: enough" in said
    assert not tab._box.isChecked()
