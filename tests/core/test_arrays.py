"""New arrays by a word."""

from __future__ import annotations

import numpy as np
import pytest

import fusion
from fusion import Network, NeuronGroup, SynapseGroup
from fusion.core.arrays import filled
from fusion.errors import InvalidValue, ShapeMismatch, UnknownName

FLOAT = np.dtype(np.float64)


def fill(mode, shape=(5,), dtype=FLOAT, seed=3, **options):
    return filled(mode, shape, np.random.default_rng(seed), dtype, **options)


@pytest.mark.parametrize(
    ("mode", "value"), [("zeros", 0.0), ("zeros()", 0.0), ("ones", 1.0), ("ones()", 1.0), (2, 2.0), (-0.5, -0.5)]
)
def test_a_number_or_its_name_stands_everywhere(mode, value):
    array = fill(mode, (2, 3))
    assert array.dtype == np.float64
    np.testing.assert_array_equal(array, np.full((2, 3), value))


@pytest.mark.parametrize("mode", ["uniform(1, 2)", fusion.uniform(1, 2)])
def test_a_distribution_is_drawn_for_each_entry(mode):
    np.testing.assert_array_equal(fill(mode, (4, 5)), np.random.default_rng(3).uniform(1, 2, (4, 5)))


def test_random_is_uniform_between_0_and_1():
    np.testing.assert_array_equal(fill("random"), np.random.default_rng(3).random(5))


def test_whole_numbers_are_drawn_as_the_type_that_is_wanted():
    assert fill("poisson(3)").dtype == np.float64
    assert fill("poisson(3)", dtype=np.dtype(np.int32)).dtype == np.int32


@pytest.mark.parametrize("mode", [True, False, np.bool_(True)])
def test_a_boolean_gives_a_mask(mode):
    mask = fill(mode)
    assert mask.dtype == bool
    assert mask.tolist() == [bool(mode)] * 5


def test_an_array_is_copied():
    given = np.arange(5.0)
    array = fill(given)
    array[0] = 9.0
    assert given[0] == 0.0
    assert array.tolist() == [9.0, 1.0, 2.0, 3.0, 4.0]


def test_an_array_takes_the_type_that_is_wanted():
    assert fill(np.arange(5)).dtype == np.float64
    assert fill(np.arange(5.0), dtype=np.dtype(np.float32)).dtype == np.float32
    assert fill(np.arange(5) > 2).dtype == bool


def test_an_array_of_another_shape_is_refused():
    with pytest.raises(ShapeMismatch, match=r"\(4,\).*\(5,\) is needed"):
        fill(np.zeros(4))


@pytest.mark.parametrize("mode", ["uniform", 1.0, np.ones(20_000)])
@pytest.mark.parametrize("p", [0.3, 0.01])  # drawn entry by entry, and gap by gap
def test_density_is_the_probability_of_an_entry(mode, p):
    n = 20_000
    filled_in = np.count_nonzero(fill(mode, (n,), density=p))
    # Four standard deviations of the binomial distribution.
    assert abs(filled_in - n * p) < 4 * np.sqrt(n * p * (1 - p))


@pytest.mark.parametrize("p", [0.3, 0.01])
def test_every_entry_is_equally_likely(p):
    n, repetitions = 2000, 400
    generator = np.random.default_rng(5)
    counts = sum(filled(1.0, (n,), generator, FLOAT, density=p) for _ in range(repetitions))
    # One expects a variance of p (1 - p) per draw; first and last entries must be no exception.
    deviation = (counts - repetitions * p) / np.sqrt(repetitions * p * (1 - p))
    assert abs(np.var(deviation) - 1) < 4 * np.sqrt(2 / n)
    for edge in (slice(0, 50), slice(-50, None)):
        assert abs(np.sum(deviation[edge])) < 4 * np.sqrt(50)


def test_two_entries_are_independent_of_each_other():
    n = 200_000
    mask = fill(1.0, (n,), density=0.05)
    together = np.count_nonzero(mask[1:] * mask[:-1])
    assert abs(together - n * 0.05**2) < 4 * np.sqrt(n * 0.05**2)


def test_entries_that_density_leaves_in_are_drawn_from_the_distribution():
    values = fill("normal(5, 0.1)", (20_000,), density=0.5)
    drawn = values[values != 0]
    assert abs(drawn.mean() - 5) < 4 * 0.1 / np.sqrt(len(drawn))
    assert abs(drawn.std() - 0.1) < 4 * 0.1 / np.sqrt(2 * len(drawn))


@pytest.mark.parametrize("mode", ["uniform", 1.0])
def test_density_0_leaves_nothing_and_1_everything(mode):
    assert not fill(mode, density=0.0).any()
    assert fill(mode, density=1.0).all()


@pytest.mark.parametrize("density", [-0.1, 1.1, np.nan])
def test_a_density_lies_between_0_and_1(density):
    with pytest.raises(InvalidValue, match="between 0 and 1"):
        fill("uniform", density=density)


@pytest.mark.parametrize("mode", ["uniform", "ones", 2.0, np.arange(5.0)])
@pytest.mark.parametrize("density", [None, 0.5])
def test_scale_multiplies(mode, density):
    np.testing.assert_array_equal(fill(mode, density=density, scale=3.0), 3.0 * fill(mode, density=density))


@pytest.mark.parametrize("density", [None, 1.0])
def test_scale_multiplies_before_the_type_is_made_whole(density):
    integers = np.dtype(np.int64)
    array = fill("uniform", (1000,), dtype=integers, density=density, scale=100)
    assert array.dtype == integers
    assert len(np.unique(array)) > 50
    halves = fill(4, dtype=integers, density=density, scale=0.5)
    assert halves.dtype == integers
    assert halves.tolist() == [2] * 5


@pytest.mark.parametrize("mode", ["norml(0, 1)", "bytes"])
def test_an_unknown_word_is_named(mode):
    with pytest.raises(UnknownName, match="No distribution is named"):
        fill(mode)


@pytest.mark.parametrize("mode", [None, [1, 2], {}, print])
def test_what_fills_no_array_is_refused(mode):
    with pytest.raises(InvalidValue, match="no way to fill an array"):
        fill(mode)


# As groups offer them.


@pytest.fixture
def net():
    return Network(seed=4)


def test_a_vector_has_one_value_per_neuron(net):
    cells = NeuronGroup(net, size=7)
    assert cells.vector().tolist() == [0.0] * 7
    assert cells.vector("ones", scale=2.0).tolist() == [2.0] * 7
    assert cells.vector(False).dtype == bool


def test_a_matrix_has_a_row_per_target_and_a_column_per_source(net):
    synapses = SynapseGroup(net, NeuronGroup(net, size=3), NeuronGroup(net, size=2))
    given = np.arange(6.0).reshape(2, 3)
    assert synapses.matrix().shape == (2, 3)
    np.testing.assert_array_equal(synapses.matrix(given), given)


@pytest.mark.parametrize("mode", ["uniform", 1.0, True, np.ones((2, 3))])
def test_a_matrix_is_in_fortran_order(net, mode):
    synapses = SynapseGroup(net, NeuronGroup(net, size=3), NeuronGroup(net, size=2))
    assert synapses.matrix(mode).flags.f_contiguous
    assert synapses.matrix(mode, density=0.5).flags.f_contiguous


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_new_arrays_have_the_networks_type(dtype):
    net = Network(dtype=dtype)
    cells = NeuronGroup(net, size=3)
    synapses = SynapseGroup(net, cells, cells)
    for mode in ("zeros", "uniform", 1, "poisson(2)", np.zeros(3)):
        assert cells.vector(mode).dtype == dtype
        assert cells.vector(mode, density=0.5, scale=2.0).dtype == dtype
    assert synapses.matrix("normal(0, 1)", scale=0.5).dtype == dtype
    assert cells.vector("uniform", dtype=np.float16).dtype == np.float16


@pytest.mark.parametrize("dtype", [int, bool, "U5", np.complex128])
def test_the_networks_type_is_a_floating_point_type(dtype):
    with pytest.raises(InvalidValue, match="floating-point"):
        Network(dtype=dtype)


def test_two_vectors_of_one_group_differ(net):
    cells = NeuronGroup(net, size=5)
    assert not np.array_equal(cells.vector("uniform"), cells.vector("uniform"))
