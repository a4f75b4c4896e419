"""A bar on long runs, and nothing on short ones or where nobody looks; the clock is the test's own."""

from __future__ import annotations

import pytest

from fusion import Behaviour, Network
from fusion.coupling import progress
from fusion.coupling.progress import Progress


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test moves: ``clock[0] += 1.0``."""
    now = [100.0]
    monkeypatch.setattr(progress, "perf_counter", lambda: now[0])
    return now


@pytest.fixture
def bars(monkeypatch):
    """The bars that are opened."""
    import tqdm.auto

    opened = []

    class Bar:
        def __init__(self, total, disable, bar_format):
            self.total, self.disable, self.n, self.closed = total, disable, 0.0, False
            self.shown = []
            opened.append(self)

        def update(self, step):
            self.n += step
            self.shown.append(self.n)

        def close(self):
            self.closed = True

    monkeypatch.setattr(tqdm.auto, "tqdm", Bar)
    return opened


def test_a_short_run_shows_nothing(clock, bars):
    with Progress(100, 0.5, None) as bar:
        for iteration in range(1, 101):
            clock[0] += 0.001
            bar.reach(iteration)
    assert bars == []


def test_a_long_run_shows_where_it_is_in_ms(clock, bars):
    with Progress(1000, 0.5, None) as bar:
        for iteration in range(1, 1001):
            clock[0] += 0.01
            bar.reach(iteration)
    (made,) = bars
    assert made.total == 500.0
    # On a terminal only: that is what None means to tqdm.
    assert made.disable is None
    assert made.shown == sorted(made.shown)
    assert made.shown[0] >= 50.0
    assert made.n == 500.0
    assert made.closed


def test_the_clock_is_looked_at_only_now_and_then(clock, bars, monkeypatch):
    looks = []
    monkeypatch.setattr(progress, "perf_counter", lambda: looks.append(1) or clock[0])
    with Progress(100_000, 1.0, None) as bar:
        for iteration in range(1, 100_001):
            clock[0] += 1e-4
            bar.reach(iteration)
    # Ten seconds, a look each 0.1 s, and a few until the pace is known.
    assert len(looks) < 200
    assert len(bars[0].shown) > 50


def test_a_quick_beginning_does_not_hide_a_slow_rest(clock, bars):
    with Progress(10_000, 1.0, None) as bar:
        for iteration in range(1, 301):
            clock[0] += 1e-6 if iteration < 3 else 0.01
            bar.reach(iteration)
        assert len(bars) == 1


def test_it_can_be_forced_and_then_shows_at_once(clock, bars):
    with Progress(10, 1.0, True) as bar:
        clock[0] += 0.001
        bar.reach(1)
        assert len(bars) == 1
        assert bars[0].disable is False
        for iteration in range(2, 11):
            clock[0] += 0.001
            bar.reach(iteration)
    assert bars[0].n == 10.0


def test_it_can_be_switched_off(clock, bars):
    with Progress(100, 1.0, False) as bar:
        for iteration in range(1, 101):
            clock[0] += 1.0
            bar.reach(iteration)
    assert bars == []


def test_a_run_that_ends_early_shows_how_far_it_came(clock, bars):
    with Progress(100, 1.0, None) as bar:
        for iteration in range(1, 31):
            clock[0] += 1.0
            bar.reach(iteration)
    assert bars[0].n == 30.0
    assert bars[0].closed


def test_after_an_error_the_bar_is_closed_where_it_was(clock, bars):
    def run():
        with Progress(100, 1.0, None) as bar:
            for iteration in range(1, 31):
                clock[0] += 1.0
                bar.reach(iteration)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run()
    assert bars[0].n <= 30.0
    assert bars[0].closed


def test_a_run_shows_its_bar_when_asked(capsys):
    class Steps(Behaviour):
        def iteration(self, owner):
            pass

    net = Network(dt=0.5, behaviour={1: Steps()})
    net.run(20.0, progress=True)
    shown = capsys.readouterr().err
    assert "20/20 ms" in shown
    assert "100%" in shown
    net.run(20.0)
    assert capsys.readouterr().err == ""
    # Another run begins at the beginning.
    net.run(10.0, progress=True)
    assert capsys.readouterr().err.rstrip().rpartition("\r")[2].count("10/10 ms") == 1
