"""What crosses between participants."""

from __future__ import annotations

import numpy as np
import pytest

from fusion.core.batch import Samples, Spikes


def test_samples_are_complete_until_their_last_row():
    assert Samples(5, np.zeros((3, 2))).complete_until == 7
    assert Samples(5, np.zeros((0, 2))).complete_until == 4


def test_an_empty_batch_differs_from_an_unfinished_one():
    none = np.empty(0, np.int64)
    assert Spikes(none, none, np.empty(0), 10).complete_until == 10


def test_batches_cannot_be_changed():
    with pytest.raises(AttributeError):
        Samples(0, np.zeros((1, 1))).t0 = 3
