"""Weight matrices and what spikes make of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

import fusion
from fusion.core import weights as weighing
from fusion.core.clock import Clock
from fusion.errors import DelayTooShort, InvalidValue, OffGrid, ShapeMismatch, UnitMismatch

SHAPES = [(1, 40), (2, 40), (7, 40), (40, 40), (300, 60), (2500, 30), (3, 1)]
FORMS = {
    "fortran": np.asfortranarray,
    "C": np.ascontiguousarray,
    "csc_array": sparse.csc_array,
    "csc_matrix": sparse.csc_matrix,
}


def random(seed=1):
    return np.random.default_rng(seed)


def example(shape, seed=1, density=0.5):
    generator = random(seed)
    # Numbers of very different size, so that the order of a sum shows in its last bits.
    values = generator.normal(size=shape) * 10.0 ** generator.integers(-6, 6, shape)
    return values * (generator.random(shape) < density)


def spikes(n, seed=2, density=0.6):
    return np.flatnonzero(random(seed).random(n) < density)


def one_by_one(matrix, sources):
    """The sum as it is meant: one source after the other, in ascending order."""
    total = np.zeros(matrix.shape[0])
    for source in sources:
        total = total + matrix[:, source]
    return total


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("shape", SHAPES)
def test_what_spikes_bring_is_the_product_with_the_mask(shape, form):
    matrix, sources = example(shape), spikes(shape[1])
    mask = np.zeros(shape[1])
    mask[sources] = 1.0
    driven = weighing.drive(FORMS[form](matrix), sources)
    assert driven.dtype == np.float64
    np.testing.assert_allclose(driven, matrix @ mask, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("shape", SHAPES)
def test_sums_are_made_in_ascending_order_of_source_to_the_last_bit(shape, form):
    for seed in range(10):
        matrix, sources = example(shape, seed), spikes(shape[1], seed + 100)
        np.testing.assert_array_equal(weighing.drive(FORMS[form](matrix), sources), one_by_one(matrix, sources))


@pytest.mark.parametrize("form", FORMS)
def test_nobody_brings_nothing(form):
    driven = weighing.drive(FORMS[form](example((4, 6))), np.empty(0, np.int64))
    assert driven.tolist() == [0.0] * 4


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("sign", [1, -1, 0])
def test_positive_and_negative_weights_are_summed_apart(shape, form, sign):
    matrix, sources = example(shape), spikes(shape[1])
    if sign:
        matrix = sign * np.abs(matrix)
    positive, negative = weighing.drive_signed(FORMS[form](matrix), sources)
    for part, wanted in (
        (positive, one_by_one(np.maximum(matrix, 0.0), sources)),
        (negative, one_by_one(np.minimum(matrix, 0.0), sources)),
    ):
        np.testing.assert_array_equal(np.zeros(shape[0]) if part is None else part, wanted)
        assert (part is None) == (not wanted.any())


@pytest.mark.parametrize("form", FORMS)
def test_every_synapse_of_those_that_fired_comes_with_its_delay(form):
    matrix, sources = example((7, 40)), spikes(40)
    ticks = random(3).integers(1, 9, (7, 40))
    made = FORMS[form](matrix)
    delays = np.asfortranarray(ticks) if isinstance(made, np.ndarray) else ticks[made.nonzero()[::1]]
    if not isinstance(made, np.ndarray):
        delays = ticks[made.indices, np.repeat(np.arange(40), np.diff(made.indptr))]
    targets, when, values = weighing.scatter(made, delays, sources)
    wanted = [(i, ticks[i, j], matrix[i, j]) for j in sources for i in range(7) if matrix[i, j]]
    assert list(zip(targets.tolist(), when.tolist(), values.tolist(), strict=True)) == wanted


# How weights are given.


def built(weight, shape=(3, 4), unit=None, connect=None, seed=1, same=False):
    return weighing.build(weight, shape, unit, connect, random(seed), same)


def test_a_number_stands_everywhere_in_fortran_order():
    made = built(2.5)
    np.testing.assert_array_equal(made, np.full((3, 4), 2.5))
    assert made.flags.f_contiguous
    assert made.flags.writeable


@pytest.mark.parametrize("weight", ["normal(1, 0.1)", fusion.normal(1, 0.1)])
def test_a_distribution_is_drawn_for_each_synapse(weight):
    made = built(weight, (300, 200))
    assert made.shape == (300, 200)
    assert made.flags.f_contiguous
    assert len(np.unique(made)) == 60_000
    # Four standard errors of the mean.
    assert abs(made.mean() - 1) < 4 * 0.1 / np.sqrt(60_000)


def test_string_and_object_draw_the_same():
    np.testing.assert_array_equal(built("uniform(1, 2)"), built(fusion.uniform(1, 2)))


@pytest.mark.parametrize("order", "CF")
def test_a_matrix_is_copied_into_fortran_order(order):
    given_matrix = np.array(example((3, 4)), order=order)
    made = built(given_matrix)
    np.testing.assert_array_equal(made, given_matrix)
    assert made.flags.f_contiguous
    made[0, 0] = 99.0
    assert given_matrix[0, 0] != 99.0


@pytest.mark.parametrize("kind", ["csr", "csc", "coo", "lil", "dok"])
@pytest.mark.parametrize("family", ["array", "matrix"])
def test_every_sparse_format_becomes_a_copy_by_columns(kind, family):
    dense = example((3, 4))
    given_matrix = getattr(sparse, f"{kind}_{family}")(dense)
    made = built(given_matrix)
    assert made.format == "csc"
    assert made.has_sorted_indices
    np.testing.assert_array_equal(made.toarray(), dense)
    made.data[:] = 99.0
    np.testing.assert_array_equal(given_matrix.toarray(), dense)


def test_synapses_given_twice_are_summed():
    twice = sparse.coo_array(([1.0, 2.0, 4.0], ([0, 0, 2], [1, 1, 3])), shape=(3, 4))
    made = built(twice)
    assert made.nnz == 2
    assert made.toarray()[0, 1] == 3.0


def test_synapses_of_weight_zero_stay_synapses():
    made = built(sparse.csr_array(([0.0, 1.0], ([0, 1], [0, 1])), shape=(3, 4)))
    assert made.nnz == 2


def test_whole_numbers_become_floating_point():
    assert built(np.ones((3, 4), int)).dtype == np.float64
    assert built(sparse.csr_array(np.ones((3, 4), int))).dtype == np.float64


@pytest.mark.parametrize("weight", [np.ones((4, 3)), np.ones(4), sparse.csr_array(np.ones((4, 3))), [[1.0]]])
def test_a_matrix_has_a_row_per_target_and_a_column_per_source(weight):
    with pytest.raises(ShapeMismatch, match=r"\(target\.size, source\.size\) = \(3, 4\) is needed"):
        built(weight)


def with_nan(make):
    matrix = np.ones((3, 4))
    matrix[1, 2] = np.nan
    return make(matrix)


@pytest.mark.parametrize("weight", [np.nan, with_nan(np.array), with_nan(sparse.csr_array)])
def test_a_weight_that_is_nan_is_refused(weight):
    with pytest.raises(InvalidValue, match="NaN"):
        built(weight)
    if np.ndim(weight) == 0 and not sparse.issparse(weight):
        with pytest.raises(InvalidValue, match="NaN"):
            built(weight, connect=fusion.all_to_all())


@pytest.mark.parametrize("weight", [None, "many", object(), [[1, 2], [3]]])
def test_a_weight_that_is_no_number_is_refused(weight):
    with pytest.raises((InvalidValue, LookupError)):
        built(weight)


def test_a_rule_makes_the_matrix_sparse():
    made = built(0.5, connect=fusion.fixed_probability(0.5))
    assert made.format == "csc"
    assert made.shape == (3, 4)
    assert set(made.data) == {0.5}


def test_weights_over_a_rule_are_drawn_for_its_synapses_only():
    made = built("uniform(1, 2)", (50, 40), connect=fusion.fixed_probability(0.2))
    assert len(np.unique(made.data)) == made.nnz
    assert made.data.min() >= 1.0


def test_a_matrix_over_a_rule_is_refused():
    with pytest.raises(ShapeMismatch, match="with connect= give a number or a distribution"):
        built(np.ones((3, 4)), connect=fusion.all_to_all())


def test_a_quantity_is_converted_or_refused():
    import brian2

    assert built(80 * brian2.pA, unit="nA")[0, 0] == pytest.approx(0.08, rel=1e-15)
    assert built(np.ones((3, 4)) * brian2.nA, unit="pA")[0, 0] == pytest.approx(1000.0, rel=1e-15)
    assert built(80 * brian2.pA, unit="nA", connect=fusion.all_to_all()).data[0] == pytest.approx(0.08, rel=1e-15)
    for unit in ("mV", None, ""):
        with pytest.raises(UnitMismatch):
            built(80 * brian2.pA, unit=unit)


# How delays are given.

CLOCK = Clock(0.5)
DENSE = np.asfortranarray(example((3, 4), density=1.0))
SPARSE = sparse.csc_array(example((3, 4)))


def delays(delay, weights=DENSE):
    return weighing.build_delays(delay, weights, CLOCK, random())


@pytest.mark.parametrize("weights", [DENSE, SPARSE], ids=["dense", "sparse"])
def test_one_delay_holds_for_all(weights):
    assert delays(1.5, weights) == 3
    assert isinstance(delays(1.5, weights), int)


def test_a_matrix_of_delays_stands_beside_the_weights():
    given_delays = random().integers(1, 9, (3, 4)) * 0.5
    made = delays(given_delays)
    assert made.dtype == np.int64
    np.testing.assert_array_equal(made * 0.5, given_delays)


def test_a_matrix_of_delays_is_read_where_sparse_weights_are():
    given_delays = random().integers(1, 9, (3, 4)) * 0.5
    columns = np.repeat(np.arange(4), np.diff(SPARSE.indptr))
    np.testing.assert_array_equal(delays(given_delays, SPARSE) * 0.5, given_delays[SPARSE.indices, columns])


def test_what_a_matrix_of_delays_says_where_there_is_no_synapse_does_not_matter():
    given_delays = np.where(SPARSE.toarray() != 0, 1.0, -7.3)
    assert set(delays(given_delays, SPARSE)) == {2}


@pytest.mark.parametrize("make", [sparse.csr_array, sparse.csc_matrix, sparse.coo_array])
def test_sparse_delays_stand_beside_sparse_weights(make):
    given_delays = np.where(SPARSE.toarray() != 0, random().integers(1, 9, (3, 4)) * 0.5, 0.0)
    made = delays(make(given_delays), SPARSE)
    columns = np.repeat(np.arange(4), np.diff(SPARSE.indptr))
    np.testing.assert_array_equal(made * 0.5, given_delays[SPARSE.indices, columns])


def test_sparse_delays_have_an_entry_where_the_weights_have_one():
    other = SPARSE.copy()
    other.indices[0] = (other.indices[0] + 1) % 3
    other.data[:] = 1.0
    with pytest.raises(ShapeMismatch, match="an entry where the weight has one"):
        delays(sparse.coo_array(other.toarray()), SPARSE)


def test_a_synapse_that_has_two_delays_is_refused():
    """SciPy adds repeated entries, which is right for weights alone."""
    twice = sparse.csc_array(([1.0, 2.0], [0, 0], [0, 2, 2]), shape=(2, 2))
    with pytest.raises(InvalidValue, match=r"more than once.*several SynapseGroups"):
        delays(twice, sparse.csc_array(np.diag([1.0, 0.0])))


def test_sparse_delays_beside_dense_weights_are_refused():
    with pytest.raises(ShapeMismatch, match="give a dense matrix"):
        delays(sparse.csr_array(np.ones((3, 4))))


@pytest.mark.parametrize("weights", [DENSE, SPARSE], ids=["dense", "sparse"])
@pytest.mark.parametrize("delay", ["uniform(1, 4)", fusion.uniform(1, 4)])
def test_delays_that_are_drawn_are_rounded_to_the_grid(delay, weights):
    made = delays(delay, weights)
    assert made.shape == (weights.data.shape if weights is SPARSE else weights.shape)
    assert made.min() >= 2
    assert made.max() <= 8


def test_delays_that_are_drawn_follow_their_distribution():
    made = delays("normal(10, 1)", np.ones((100, 100))) * 0.5
    # Rounding to a grid of dt adds a variance of dt^2 / 12.
    assert abs(made.mean() - 10) < 4 / np.sqrt(10_000)
    assert abs(made.var() - (1 + 0.25 / 12)) < 4 * np.sqrt(2 / 10_000)


def test_a_delay_of_zero_is_refused_with_the_way_out():
    with pytest.raises(DelayTooShort, match=r"at least one dt \(0\.5 ms\).*without weight="):
        delays(0.0)


@pytest.mark.parametrize("delay", [-0.5, np.full((3, 4), -0.5), np.zeros((3, 4)), "normal(-10, 1)"])
@pytest.mark.parametrize("weights", [DENSE, SPARSE], ids=["dense", "sparse"])
def test_a_delay_below_one_dt_is_refused(delay, weights):
    with pytest.raises(DelayTooShort):
        delays(delay, weights)


@pytest.mark.parametrize("delay", [0.7, np.full((3, 4), 1.3), np.inf, np.full((3, 4), np.inf)])
@pytest.mark.parametrize("weights", [DENSE, SPARSE], ids=["dense", "sparse"])
def test_a_delay_off_the_grid_is_refused(delay, weights):
    with pytest.raises(OffGrid, match="delay"):
        delays(delay, weights)


@pytest.mark.parametrize("delay", [np.nan, np.full((3, 4), np.nan)])
def test_a_delay_that_is_nan_is_refused(delay):
    with pytest.raises((OffGrid, InvalidValue), match="delay"):
        delays(delay)


@pytest.mark.parametrize("delay", [np.ones((4, 3)), np.ones(3), np.ones(0)])
@pytest.mark.parametrize("weights", [DENSE, SPARSE], ids=["dense", "sparse"])
def test_a_matrix_of_delays_has_the_shape_of_the_weights(delay, weights):
    with pytest.raises(ShapeMismatch, match="delay"):
        delays(delay, weights)


# What may be assigned to W later.


@pytest.mark.parametrize("make", FORMS.values(), ids=FORMS)
def test_what_can_be_delivered_passes(make):
    weighing.check(make(example((3, 4))), (3, 4), "link")


@pytest.mark.parametrize(
    ("weights", "error", "message"),
    [
        (np.ones((4, 3)), ShapeMismatch, r"W of 'link' has shape \(4, 3\)"),
        (sparse.csc_array(np.ones((4, 3))), ShapeMismatch, r"W of 'link'"),
        (sparse.csr_array(np.ones((3, 4))), InvalidValue, r"in CSR format; assign W\.tocsc\(\)"),
        (sparse.coo_matrix(np.ones((3, 4))), InvalidValue, r"in COO format; assign W\.tocsc\(\)"),
        ([[1.0]], InvalidValue, "is a list"),
        (None, InvalidValue, "is a NoneType"),
    ],
)
def test_what_cannot_be_delivered_is_named(weights, error, message):
    with pytest.raises(error, match=message):
        weighing.check(weights, (3, 4), "link")


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 1000))
def test_positions_in_a_sparse_matrix_are_those_of_the_columns(n_targets, n_sources, seed):
    matrix = sparse.csc_array(example((n_targets, n_sources), seed))
    sources = spikes(n_sources, seed)
    positions, counts = weighing.entries(matrix, sources)
    wanted = [np.arange(matrix.indptr[j], matrix.indptr[j + 1]) for j in sources]
    assert positions.tolist() == [p for part in wanted for p in part]
    assert counts.tolist() == [len(part) for part in wanted]
