"""PlasticMatrix against dense matrices that change as a whole, and SpikeTrace against its sum."""

from __future__ import annotations

import numpy as np
import pytest
from behaviours.plasticity.trains import FORMS, dense, trains
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from fusion.behaviours.plasticity.matrix import PlasticMatrix, SpikeTrace, carried
from fusion.errors import InvalidValue, ShapeMismatch

SHAPE = (5, 7)
COMPILERS = ("numpy", "numba")
few = st.tuples(st.sets(st.integers(0, 4)), st.sets(st.integers(0, 6))).map(
    lambda sets: tuple(np.array(sorted(one), np.int64) for one in sets)
)


def random_matrix(seed, density=0.5):
    rng = np.random.default_rng(seed)
    return rng.uniform(0.3, 0.7, SHAPE) * (rng.random(SHAPE) < density)


def unsorted(matrix):
    """The same CSC matrix with the targets of each source in descending order."""
    made = sparse.csc_array(matrix)
    for start, stop in zip(made.indptr[:-1], made.indptr[1:], strict=True):
        made.indices[start:stop] = made.indices[start:stop][::-1].copy()
        made.data[start:stop] = made.data[start:stop][::-1].copy()
    made.has_sorted_indices = False
    return made


def spread(matrix):
    """The same dense matrix with other numbers in between."""
    return np.repeat(matrix, 2, axis=1)[:, ::2]


ALL_FORMS = {**FORMS, "unsorted": unsorted, "spread": spread}


def synapses(form, values):
    """Where a matrix of this form can hold something."""
    return values != 0 if form in ("csc", "unsorted") else np.ones(SHAPE, bool)


def taken(form, values, **options):
    matrix = PlasticMatrix(**options)
    matrix.take(ALL_FORMS[form](values), SHAPE, "tag")
    return matrix


@given(
    form=st.sampled_from(sorted(ALL_FORMS)),
    compiler=st.sampled_from(COMPILERS),
    seed=st.integers(0, 2**32 - 1),
    chosen=few,
)
def test_what_is_added_arrives_where_there_are_synapses(form, compiler, seed, chosen):
    rng, (targets, sources) = np.random.default_rng(seed), chosen
    wanted = random_matrix(seed)
    matrix = taken(form, wanted, low=0.2, high=0.8, compiler=compiler)
    has = synapses(form, wanted)
    from_sources, onto_targets = rng.normal(size=5), rng.normal(size=7)
    of_targets, of_sources = (rng.integers(0, 4, n).astype(np.uint8) for n in SHAPE)
    table = rng.normal(size=(4, 4))
    matrix.add_from(sources, from_sources)
    matrix.add_onto(targets, onto_targets)
    matrix.add_by_kind(of_targets, of_sources, table)
    at_sources, at_targets = np.isin(np.arange(7), sources), np.isin(np.arange(5), targets)[:, None]
    for where, change in (
        (np.broadcast_to(at_sources, SHAPE), from_sources[:, None] + np.zeros(7)),
        (np.broadcast_to(at_targets, SHAPE), onto_targets + np.zeros((5, 1))),
    ):
        wanted = np.where(where & has, np.clip(wanted + change, 0.2, 0.8), wanted)
    where = np.outer(of_targets, of_sources) > 0
    wanted = np.where(where & has, np.clip(wanted + table[np.ix_(of_targets, of_sources)], 0.2, 0.8), wanted)
    np.testing.assert_array_equal(dense(matrix.values), wanted)


def through(compiler, values, connected, seed):
    """What a matrix is after random changes, some of them beyond its bounds."""
    rng, matrix = np.random.default_rng(seed), PlasticMatrix(low=0.2, high=0.8, compiler=compiler)
    matrix.take(values, SHAPE, "tag", connected)
    matrix.prepare()
    for _ in range(20):
        sources, targets = (rng.random(n) < 0.4 for n in reversed(SHAPE))
        matrix.add_from(sources.nonzero()[0], 0.1 * rng.normal(size=5))
        matrix.add_onto(targets.nonzero()[0], 0.1 * rng.normal(size=7))
        of_targets, of_sources = (rng.integers(0, 4, n).astype(np.uint8) for n in SHAPE)
        matrix.add_by_kind(of_targets, of_sources, 0.1 * rng.normal(size=(4, 4)))
        matrix.add(0.01 * rng.normal(size=matrix.flat().shape))
    return dense(matrix.values)


# Each kind of array is compiled for, in a third of a second; so not every combination is there.
SAME_BITS = [
    *((form, dtype, False) for form in FORMS for dtype in ("float32", "float64")),
    *((form, "float64", False) for form in ("unsorted", "spread")),
    *((form, "float64", True) for form in ("fortran", "C", "csc")),
]


@pytest.mark.parametrize(("form", "dtype", "masked"), SAME_BITS, ids=str)
def test_numba_and_numpy_give_the_same_bits(form, dtype, masked):
    initial = random_matrix(3).astype(dtype)
    connected = np.array(random_matrix(4) > 0, order="F" if form == "fortran" else "C") if masked else None
    initial[1, 2] = np.nan  # no bound holds it back
    by_numpy, by_numba = (through(one, ALL_FORMS[form](initial), connected, 5) for one in COMPILERS)
    assert by_numpy.tobytes() == by_numba.tobytes()
    assert np.isnan(by_numba[1, 2])
    assert (by_numba != initial).sum() > 10


@pytest.mark.parametrize("dtype", [np.float16, np.longdouble, ">f8"], ids=str)
def test_types_that_numba_does_not_compute_with_are_left_to_numpy(dtype):
    values = np.full(SHAPE, 0.5, dtype)
    by_numpy, by_numba = (through(one, values.copy(order="F"), None, 5) for one in COMPILERS)
    assert by_numba.dtype == dtype
    np.testing.assert_array_equal(by_numpy, by_numba)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_neurons_that_are_not_there_change_nothing(compiler):
    matrix = taken("fortran", random_matrix(3), compiler=compiler)
    for add, n, other in ((matrix.add_from, 7, 5), (matrix.add_onto, 5, 7)):
        with pytest.raises(InvalidValue, match=rf"Neuron {n} fired, and there are {n}: spike needs one value for each"):
            add(np.array([0, n]), np.ones(other))
    np.testing.assert_array_equal(matrix.values, random_matrix(3))


@pytest.mark.parametrize("form", FORMS)
def test_what_cannot_be_written_to_is_refused(form):
    values = FORMS[form](random_matrix(3))
    (values if isinstance(values, np.ndarray) else values.data).flags.writeable = False
    with pytest.raises(InvalidValue, match=r"assign W\.copy\(\)"):
        PlasticMatrix().take(values, SHAPE, "tag")


def test_a_mask_of_another_shape_is_refused():
    with pytest.raises(ShapeMismatch, match="connected"):
        PlasticMatrix().take(random_matrix(3), SHAPE, "tag", np.ones((7, 5), bool))


@pytest.mark.parametrize("form", ALL_FORMS)
def test_all_synapses_may_change_at_once(form):
    before = random_matrix(3)
    matrix = taken(form, before, low=0.0, high=0.6)
    matrix.add(np.full(matrix.flat().shape, 0.1))
    has = synapses(form, before)
    np.testing.assert_array_equal(dense(matrix.values), np.where(has, np.minimum(before + 0.1, 0.6), 0.0))


@pytest.mark.parametrize("form", FORMS)
def test_single_precision_stays(form):
    matrix = taken(form, random_matrix(3).astype(np.float32))
    matrix.add_from(np.array([1, 2]), np.full(5, 0.1))
    matrix.add_onto(np.array([1, 2]), np.full(7, 0.1))
    matrix.add_by_kind(np.ones(5, np.uint8), np.ones(7, np.uint8), np.full((2, 2), 0.1))
    assert matrix.values.dtype == np.float32


@given(
    first=st.sampled_from(sorted(ALL_FORMS)),
    second=st.sampled_from(sorted(ALL_FORMS)),
    seed=st.integers(0, 2**31),
    densities=st.tuples(st.sampled_from([0.0, 0.3, 1.0]), st.sampled_from([0.0, 0.3, 1.0])),
)
def test_values_are_carried_onto_the_synapses_of_another_matrix(first, second, seed, densities):
    old, new = random_matrix(seed, densities[0]), random_matrix(seed + 1, densities[1])
    made = carried(ALL_FORMS[first](old), ALL_FORMS[second](new))
    has = synapses(second, new)
    np.testing.assert_array_equal(dense(made), np.where(has, old, 0.0))


@pytest.mark.parametrize(
    ("values", "error"),
    [(np.ones(SHAPE, int), InvalidValue), (np.ones((7, 5)), ShapeMismatch), (sparse.csr_array(SHAPE), InvalidValue),
     ([[1.0]], InvalidValue)],
    ids=["whole numbers", "turned", "csr", "list"],
)  # fmt: skip
def test_what_it_cannot_change_is_refused(values, error):
    with pytest.raises(error):
        PlasticMatrix().take(values, SHAPE, "tag")


def test_a_trace_is_a_sum_over_spikes():
    fires, trace = trains(50, 4, 1, 0.2), SpikeTrace(4, tau=10.0, dt=0.5)
    for k, fired in enumerate(fires):
        wanted = sum(np.exp(-(k - j) * 0.5 / 10.0) * fires[j] for j in range(k))
        np.testing.assert_allclose(trace.decayed(), wanted, rtol=1e-12, atol=1e-15)
        trace.add(fired.nonzero()[0])
