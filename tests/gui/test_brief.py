"""`brief`: numbers are rounded, arrays are summed up, and what is long is cut."""

from __future__ import annotations

import numpy as np
import pytest

from fusion.gui.brief import brief


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0 / 3.0, "0.333333"),
        (np.float32(0.1), "0.1"),
        (np.int64(3), "3"),
        (np.True_, "True"),
        (12345678, "12345678"),
        (float("nan"), "nan"),
        (None, "None"),
        ("current", "'current'"),
        (np.array(2.5), "2.5"),
        (np.array([1.0, 3.0, np.inf]), "2 ± 1  (3,)"),
        (np.array([[True, False]]), "0.5 ± 0.5  (1, 2)"),
        (np.full((2, 3), np.nan), "no number  (2, 3)"),
        (np.empty(0), "no number  (0,)"),
        ([np.zeros(3), np.zeros((2, 2))], "2 arrays, 7 numbers"),
        ([], "[]"),
        ("a" * 100, f"'{'a' * 59}..."),
    ],
    ids=repr,
)
def test_what_is_shown_of_a_value(value, text):
    assert brief(value) == text


def test_digits_and_letters_are_the_callers_choice():
    assert brief(-57.1234567891, digits=10) == "-57.12345679"
    assert brief("abcdef", longest=4) == "'abc..."
