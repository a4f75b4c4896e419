"""What a receiver is given of a link: arrays of the right types, in order."""

import pickle

import numpy as np
import pytest

from fusion.core.projection import Projection
from fusion.errors import InvalidValue, ShapeMismatch

GOOD = {"pre": [0, 0, 2], "post": [1, 4, 0], "weights": [0.5, -1.0, 2.0], "delays": [3, 1, 2], "n_sources": 3}


def test_fields_become_contiguous_arrays_of_their_types():
    pairs = np.array([[0, 1], [0, 4], [2, 0]], dtype=np.int32)
    projection = Projection(pairs[:, 0], pairs[:, 1], np.array([1, 2, 3]), np.array([3, 1, 2], np.int16), 3)
    for array, dtype in (
        (projection.pre, np.int64),
        (projection.post, np.int64),
        (projection.weights, np.float64),
        (projection.delays, np.int64),
    ):
        assert array.dtype == dtype
        assert array.flags.c_contiguous
    assert projection.post.tolist() == [1, 4, 0]
    assert len(projection) == 3


def test_arrays_that_fit_are_not_copied():
    weights = np.array(GOOD["weights"])
    assert Projection(**GOOD | {"weights": weights}).weights is weights


@pytest.mark.parametrize(
    ("wrong", "error", "told"),
    [
        ({"post": [1, 4]}, ShapeMismatch, "'post'"),
        ({"weights": 1.0}, ShapeMismatch, "'weights'"),
        ({"pre": [[0, 0, 2]]}, ShapeMismatch, "'pre'"),
        ({"delays": [1.5, 1.0, 2.0]}, InvalidValue, "float64, and int64"),
        ({"delays": [3, 0, 2]}, InvalidValue, "0 ticks; the shortest is one"),
        ({"n_sources": 2}, InvalidValue, "2 sources goes from neurons 0 to 2"),
        ({"pre": [-1, 0, 2]}, InvalidValue, "from neurons -1"),
        ({"post": [-1, 4, 0]}, InvalidValue, "arrives from neuron -1"),
        ({"pre": [0, 2, 0]}, InvalidValue, "ascend by source"),
        ({"post": [4, 1, 0]}, InvalidValue, "ascend by source"),
    ],
)
def test_what_is_no_projection_is_refused(wrong, error, told):
    with pytest.raises(error, match=told):
        Projection(**GOOD | wrong)


def test_the_shortest_delay_of_no_synapses_is_one_tick():
    nothing = np.empty(0, np.int64)
    assert Projection(**GOOD).shortest == 1
    assert Projection(nothing, nothing, nothing, nothing, 3).shortest == 1


def test_it_joins_as_another_does_whatever_the_weights():
    one = Projection(**GOOD)
    assert one.joins_as(Projection(**GOOD | {"weights": [7.0, 8.0, 9.0]}))
    assert not one.joins_as(Projection(**GOOD | {"post": [1, 3, 0]}))


def test_it_can_be_sent_to_another_process():
    sent = pickle.loads(pickle.dumps(Projection(**GOOD)))
    assert sent.weights.tolist() == GOOD["weights"]
    assert (sent.joins_as(Projection(**GOOD)), sent.n_sources) == (True, 3)
