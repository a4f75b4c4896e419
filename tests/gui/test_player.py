"""`Player`: a run in small pieces, with the simulators the user's again whenever it pauses."""

from __future__ import annotations

from time import perf_counter

import pytest

from fusion import Behaviour, Network, NeuronGroup, Recorder
from fusion.errors import BehaviourFailed, InvalidValue, NetworkBroken
from fusion.gui.budget import Budget
from fusion.gui.player import Player
from fusion.gui.qt import QtCore


@pytest.fixture
def player(net):
    """A player that draws nothing, and keeps what failed."""
    made = Player(net, Budget(0.1), lambda: None)
    made.errors = []
    made.failed.connect(made.errors.append)
    yield made
    made.pause()


def test_it_plays_until_it_is_paused(net, player, until):
    player.play()
    until(lambda: net.iteration > 100)
    assert player.is_playing
    assert net.is_running()
    player.pause()
    reached = net.iteration
    assert not player.is_playing
    assert not net.is_running()
    until(lambda: True)
    assert net.iteration == reached
    NeuronGroup(net, size=3)  # allowed only outside of a session


def test_it_plays_as_many_iterations_as_it_is_told(net, player, until):
    player.play(77)
    until(lambda: not player.is_playing)
    assert net.iteration == 77
    assert not net.is_running()


def test_a_new_number_counts_from_where_it_is(net, player, until):
    player.play()
    until(lambda: net.iteration > 10)
    player.play(50)
    last = net.iteration + 50
    until(lambda: not player.is_playing)
    assert net.iteration == last


@pytest.mark.parametrize("number", [0, -1, 2.5, True, "ten"])
def test_a_number_that_is_none_is_refused(net, player, number):
    with pytest.raises(InvalidValue, match="whole number"):
        player.play(number)
    assert not player.is_playing
    assert net.iteration == 0


def test_a_step_is_one_iteration_and_pauses(net, player, until):
    player.play()
    until(lambda: net.iteration > 10)
    reached = net.iteration
    player.step()
    assert not player.is_playing
    assert net.iteration == reached + 1
    player.step(5)
    assert net.iteration == reached + 6


def test_a_limit_holds_and_is_taken_up_at_once(net, player, until):
    """At one iteration in 1000 s it would never reach the second one; nor would it hear that it may go faster."""
    player.limit = 0.001
    player.play()
    until(lambda: net.iteration == 1)
    for _ in range(50):
        until(lambda: True)
    assert net.iteration == 1
    player.limit = None
    until(lambda: net.iteration > 50)
    player.limit = 0.001
    player.pause()
    assert not player.is_playing


def test_the_speed_is_that_of_the_clock(net, player, until):
    """200 iterations per second, though each takes but microseconds."""
    player.limit = 200.0
    began = perf_counter()
    player.play()
    until(lambda: player.speed > 0)
    # Not before that many have their time; later on a machine that is busy.
    assert net.iteration <= 200.0 * (perf_counter() - began) + 200.0 * 0.012 + 1
    assert player.speed < 250.0


@pytest.mark.parametrize("limit", [0, -1.0, float("nan")])
def test_a_limit_that_means_nothing_is_refused(player, limit):
    with pytest.raises(InvalidValue, match="iterations per second"):
        player.limit = limit


class Clicks(QtCore.QObject):
    """What happens to Qt while an iteration is computed, such as a click, and when it is heard."""

    clicked = QtCore.Signal(int)


def test_slow_iterations_are_pieces_of_their_own(monkeypatch, until):
    """Of 50 ms each by this clock: a click in one of them is heard before the next."""
    clock, heard, clicks = [0.0], [], Clicks()
    monkeypatch.setattr("fusion.gui.player.perf_counter", lambda: clock[0])
    clicks.clicked.connect(lambda at: heard.append((at, net.iteration)), QtCore.Qt.ConnectionType.QueuedConnection)

    class Slow(Behaviour):
        def iteration(self, network):
            clock[0] += 0.05
            clicks.clicked.emit(network.iteration)

    net = Network(behaviour={1: Slow()})
    player = Player(net, Budget(0.1), lambda: None)
    player.play(20)
    until(lambda: len(heard) == 20)
    assert heard == [(at, at) for at in range(1, 21)]


def test_an_error_ends_the_run_and_keeps_what_was_recorded(net, player, fails, until):
    cells = net["cells", 0]
    recorder = cells.add_behaviour(9, Recorder("voltage"))
    cells.add_behaviour(5, fails(at=30))
    player.play()
    until(lambda: not player.is_playing)
    assert [type(error) for error in player.errors] == [BehaviourFailed]
    assert net.iteration == 29
    assert len(recorder.t) == 29
    assert not net.is_running()
    player.play()
    until(lambda: not player.is_playing)
    player.step()
    assert [type(error) for error in player.errors[1:]] == [NetworkBroken, NetworkBroken]


def test_it_does_not_play_within_a_session_of_the_user(net, player):
    with net.session():
        player.play()
    assert not player.is_playing
    assert "session" in str(player.errors[0])


@pytest.mark.parametrize("what", ["pause", "step"])
def test_a_behaviour_may_pause_the_player_and_let_qt_work(net, app, until, what):
    """It takes effect at the end of the piece; a turn within a turn does nothing."""

    class Pauses(Behaviour):
        def iteration(self, network):
            if network.iteration == 40:
                getattr(player, what)()
                player.pause()
            app.processEvents()

    net.add_behaviour(99, Pauses())
    player = Player(net, Budget(0.1), lambda: None)
    player.failed.connect(pytest.fail)
    player.play()
    until(lambda: not net.is_running())
    assert not player.is_playing
    assert net.iteration >= 40
    player.step()
    assert not net.is_running()
