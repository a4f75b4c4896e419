"""One seed, one generator per owner, from a stable path."""

from __future__ import annotations

import numpy as np
import pytest

import fusion
from fusion import Network
from fusion.core.seeds import Seeds, checked
from fusion.errors import InvalidValue


def test_a_path_gives_the_same_numbers_whatever_was_asked_before():
    first = Seeds(3).generator("cells", "Noise", "1.0").random(5)
    seeds = Seeds(3)
    seeds.generator("other").random(100)
    seeds.generator("cells")
    np.testing.assert_array_equal(seeds.generator("cells", "Noise", "1.0").random(5), first)


def test_another_path_or_seed_gives_other_numbers():
    paths = [("a",), ("b",), ("a", "b"), ("ab",), ("a", "b", ""), ("b", "a")]
    drawn = {tuple(Seeds(seed).generator(*path).random(3)) for path in paths for seed in (3, 4)}
    assert len(drawn) == 2 * len(paths)


def test_streams_of_neighbouring_paths_are_not_correlated():
    a, b = (Seeds(1).generator("cells", str(i)).standard_normal(20_000) for i in range(2))
    # The correlation of n independent pairs has a standard deviation of 1 / sqrt(n).
    assert abs(np.corrcoef(a, b)[0, 1]) < 4 / np.sqrt(20_000)


def test_a_simulators_seed_has_31_bits_and_follows_the_path():
    numbers = [Seeds(seed).number("simulator", name) for seed in range(50) for name in ("nest", "brian2")]
    assert len(set(numbers)) == 100
    assert all(0 <= number < 2**31 for number in numbers)
    assert max(numbers) > 2**30
    assert Seeds(7).number("simulator", "nest") == Seeds(7).number("simulator", "nest")


def test_without_a_seed_networks_differ():
    assert Network().seed != Network().seed


def test_fresh_entropy_can_be_given_again():
    seeds = Seeds(None)
    np.testing.assert_array_equal(Seeds(seeds.seed).generator("a").random(3), seeds.generator("a").random(3))


def test_the_default_is_what_fusion_seed_said_last():
    fusion.seed(7)
    fusion.seed(8)
    assert Network().seed == 8
    assert Network(seed=3).seed == 3


def test_fusion_seed_seeds_numpys_global_stream():
    fusion.seed(7)
    first = np.random.random(3)  # noqa: NPY002 - this stream is what the test is about
    fusion.seed(7)
    np.testing.assert_array_equal(np.random.random(3), first)  # noqa: NPY002


@pytest.mark.parametrize("seed", [-1, 1.5, "7", True, np.nan])
def test_a_seed_is_a_whole_number_that_is_not_negative(seed):
    for use in (checked, fusion.seed, lambda seed: Network(seed=seed)):
        with pytest.raises(InvalidValue, match="seed"):
            use(seed)


def test_a_seed_may_be_numpys_integer_and_large():
    assert Network(seed=np.int64(5)).seed == 5
    assert Seeds(2**70).generator("a").random() != Seeds(2**70 + 1).generator("a").random()
