"""`Tab.seldom`: what is costly is computed seldom while the network runs, and at once when the user does something."""

from __future__ import annotations

from tabs import looking, silent

from fusion.gui import Tab
from fusion.gui.player import Player


class Costly(Tab):
    """Counts how often it computes."""

    def build(self):
        self.computed = 0
        self.now = self.button("Compute now", lambda: None)
        self.of = self.choice("of", ("a", "b"), lambda _: None)

    def update(self):
        self.seldom(self.compute, least=3600.0)

    def compute(self):
        self.computed += 1


def test_while_the_network_rests_each_frame_is_up_to_date():
    net, _ = silent()
    tab = Costly()
    with looking(net, tab) as window:
        before = tab.computed
        window.simulate(1)
        window.simulate(1)
        assert tab.computed == before + 2


def test_while_it_runs_what_is_costly_waits_unless_the_user_does_something(monkeypatch):
    net, cells = silent()
    tab = Costly()
    with looking(net, tab) as window, monkeypatch.context() as patch:
        patch.setattr(Player, "is_playing", True)
        before = tab.computed
        window.draw()
        window.draw()
        assert tab.computed == before
        for what in (
            tab.now.click,
            lambda: tab.of.setCurrentText("b"),
            lambda: window.selection.choose(cells, [1]),
        ):
            before = tab.computed
            what()
            window.draw()
            window.draw()
            assert tab.computed == before + 1


def test_a_box_keeps_what_is_taken_when_it_is_offered_something_else():
    net, _ = silent()
    tab = Costly()
    with looking(net, tab):
        tab.of.setCurrentText("b")
        assert tab.offer(tab.of, ["c", "b"]) == "b"
        assert tab.offer(tab.of, ["c", "d"]) == "c"
        assert tab.offer(tab.of, []) == ""
