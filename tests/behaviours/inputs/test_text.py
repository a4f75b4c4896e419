"""Text is read symbol by symbol, and told from what it drives."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from fusion import Network, NeuronGroup, Recorder
from fusion.behaviours import TextSequence
from fusion.errors import InvalidValue, OffGrid, ShapeMismatch, UnknownName


def read(ticks, size=30, seed=1, **parameters):
    """(behaviour, symbol, current) after a run."""
    net = Network(dt=1.0, seed=seed)
    behaviour = {1: TextSequence(**parameters), 9: Recorder("symbol", "current")}
    NeuronGroup(net, size=size, tag="cells", behaviour=behaviour)
    net.simulate(ticks)
    return net["TextSequence", 0], net["symbol", 0], net["current", 0]


def test_a_text_is_read_over_and_over():
    text, symbol, _ = read(11, sentences="to be", order="in turn")
    assert text.alphabet == " beot"
    assert text.text(symbol) == "to beto bet"
    assert text.numbers("bet") == [1, 2, 4]


def test_each_symbol_drives_neurons_of_its_own_for_its_duration():
    text, symbol, current = read(60, sentences=["abc", "cb"], width=4, duration=3.0, pause=2.0, amplitude=2.5)
    assert text.sets.shape == (3, 4)
    assert len(np.unique(text.sets)) == 12
    wanted = np.zeros((4, 30))
    for number in range(3):
        wanted[number, text.sets[number]] = 2.5
    np.testing.assert_array_equal(current, wanted[symbol])  # -1, in a pause, is the last row
    steps = symbol.reshape(12, 5)
    assert (steps[:, :3] == steps[:, :1]).all()
    assert (steps[:, 3:] == -1).all()


def test_sentences_come_whole_and_at_random():
    """600 independent choices of one in three: four standard errors."""
    text, symbol, _ = read(3 * 600, sentences=["abc", "dbe", "bbb"])
    words = text.text(symbol)
    words = [words[k : k + 3] for k in range(0, len(words), 3)]
    assert set(words) == {"abc", "dbe", "bbb"}
    for word in set(words):
        assert abs(words.count(word) - 200) < 4 * np.sqrt(600 * 2 / 9)
    follows = sum(one == two for one, two in itertools.pairwise(words))
    assert abs(follows - 200) < 4 * np.sqrt(600 * 2 / 9)


def test_the_same_seed_gives_the_same_text_and_another_another():
    options = {"sentences": ["ab", "ba", "bb"], "width": 3}
    first, again, other = (read(60, seed=seed, **options) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first[1], again[1])
    np.testing.assert_array_equal(first[2], again[2])
    assert (first[1] != other[1]).any()
    assert (first[0].sets != other[0].sets).any()


def test_what_is_read_is_told_from_noisy_activity():
    text, symbol, current = read(200, size=100, sentences=["abc", "dbe"], width=10)
    noisy = current + np.random.default_rng(1).normal(0.0, 0.5, current.shape)
    np.testing.assert_array_equal(text.decoded(noisy), symbol)
    assert text.decoded(noisy[0]) == symbol[0]
    with pytest.raises(ShapeMismatch, match="there are 100 neurons"):
        text.decoded(noisy[:, :-1])


def test_what_has_no_letter_or_no_neurons_yet_is_told():
    text = TextSequence(sentences="abc")
    with pytest.raises(UnknownName, match="No symbol is named 'x' in the alphabet"):
        text.numbers("ax")
    with pytest.raises(InvalidValue, match="'abc' has no symbol 3"):
        text.text([0, 3])
    with pytest.raises(InvalidValue, match=r"call net\.build\(\) first"):
        text.decoded(np.ones(3))


@pytest.mark.parametrize(
    ("parameters", "error", "says"),
    [
        ({"sentences": []}, InvalidValue, "texts that are not empty"),
        ({"sentences": ["ab", ""]}, InvalidValue, "texts that are not empty"),
        ({"sentences": 3}, InvalidValue, "give a text, or a list"),
        ({"sentences": "abc", "alphabet": "ab"}, InvalidValue, "the sentences need 'abc'"),
        ({"sentences": "abc", "alphabet": "abcc"}, InvalidValue, "name each symbol once"),
        ({"sentences": "abc", "width": 0}, InvalidValue, "width is 0"),
        ({"sentences": "abc", "width": 1.5}, InvalidValue, "width is 1.5"),
        ({"sentences": "abc", "width": [1, 2]}, InvalidValue, "one number"),
        ({"sentences": "abc", "order": "backwards"}, UnknownName, "backwards"),
        ({"sentences": "abc", "width": 11}, InvalidValue, "3 symbols of 11 neurons each need 33; 'cells' has 30"),
        ({"sentences": "abc", "duration": 0.5}, OffGrid, "duration"),
    ],
)
def test_wrong_values_are_told(parameters, error, says):
    with pytest.raises(error, match=says):
        read(1, **parameters)
