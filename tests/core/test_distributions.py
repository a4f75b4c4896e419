"""Distributions, as objects and as strings that are parsed and never evaluated."""

from __future__ import annotations

import builtins
import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fusion
from fusion.core.distributions import NAMES, Distribution, parse
from fusion.errors import FusionError, InvalidValue, UnknownName

ARGUMENTS = {
    "beta": (2.0, 3.0),
    "binomial": (10, 0.3),
    "chisquare": (2,),
    "exponential": (2.0,),
    "f": (3, 10),
    "gamma": (2.0, 1.5),
    "geometric": (0.3,),
    "gumbel": (0.0, 1.0),
    "hypergeometric": (10, 5, 4),
    "integers": (0, 5),
    "laplace": (0.0, 1.0),
    "logistic": (0.0, 1.0),
    "lognormal": (0.0, 0.5),
    "logseries": (0.4,),
    "negative_binomial": (5, 0.4),
    "noncentral_chisquare": (3, 1.0),
    "noncentral_f": (3, 10, 1.0),
    "normal": (0.9, 0.1),
    "pareto": (3.0,),
    "poisson": (4.0,),
    "power": (2.0,),
    "random": (),
    "rayleigh": (1.0,),
    "standard_cauchy": (),
    "standard_exponential": (),
    "standard_gamma": (2.0,),
    "standard_normal": (),
    "standard_t": (5,),
    "triangular": (0.0, 1.0, 2.0),
    "uniform": (-1.0, 1.0),
    "vonmises": (0.0, 1.0),
    "wald": (1.0, 1.0),
    "weibull": (1.5,),
    "zipf": (2.5,),
}
# They draw whole vectors per value, or reorder what they are given: no distribution of one number.
NOT_ONE_NUMBER = {
    "bytes", "choice", "dirichlet", "multinomial", "multivariate_hypergeometric", "multivariate_normal", "permutation",
    "permuted", "shuffle", "spawn",
}  # fmt: skip


def draws(distribution, shape=(3, 4)):
    return distribution.draw(np.random.default_rng(5), shape)


def test_every_distribution_of_numpys_generator_is_there():
    methods = {name for name in dir(np.random.Generator) if not name.startswith("_")} - {"bit_generator"}
    assert methods - NOT_ONE_NUMBER == NAMES == set(ARGUMENTS)


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
def test_a_distribution_draws_what_numpy_draws(name):
    wanted = getattr(np.random.default_rng(5), name)(*ARGUMENTS[name], size=(3, 4))
    np.testing.assert_array_equal(draws(Distribution(name, *ARGUMENTS[name])), wanted)


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
def test_the_string_equals_the_object(name):
    made = Distribution(name, *ARGUMENTS[name])
    read = parse(repr(made))
    assert read == made
    assert hash(read) == hash(made)
    np.testing.assert_array_equal(draws(read), draws(made))


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("normal(0.9, 0.1)", fusion.normal(0.9, 0.1)),
        ("uniform(-1, +2)", fusion.uniform(-1, 2)),
        ("lognormal(0.0, 0.5)", fusion.lognormal(0.0, 0.5)),
        ("exponential(20.0)", fusion.exponential(20.0)),
    ],
)
def test_the_functions_of_the_face_equal_their_strings(text, made):
    assert parse(text) == made


@pytest.mark.parametrize(
    ("text", "same"),
    [
        (" uniform ", "uniform()"),
        ("normal(loc=0.9, scale=0.1)", "normal(0.9, 0.1)"),
        ("normal(0.9, scale=0.1)", "normal(0.9, 0.1)"),
        ("uniform(-2 * 3, 10 / 4)", "uniform(-6, 2.5)"),
        ("uniform(0, 2 ** 3 - 1)", "uniform(0, 7)"),
        ("integers(0, 2 ** 3)", "integers(0, 8)"),
        ("uniform(0, 1e3)", "uniform(0, 1000)"),
    ],
)
def test_numbers_may_be_named_and_calculated(text, same):
    np.testing.assert_array_equal(draws(parse(text)), draws(parse(same)))


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "normal(__import__('os').getpid(), 1)",
        "normal((lambda: 0)(), 1)",
        "normal([x for x in (1,)][0], 1)",
        "().__class__.__bases__[0].__subclasses__()",
        "np.random.normal(0, 1)",
        "normal.__call__(0, 1)",
        "normal(0, 1).__class__",
        "normal(*[0, 1])",
        "normal(**{'loc': 0})",
        "normal(0, 1); print(1)",
        "normal(0, 1) or open('x')",
        "eval('1')",
        "exec('1')",
        "normal('0', 1)",
        "normal(True, 1)",
        "normal(None, 1)",
        "normal(0j, 1)",
        "normal(a := 1, 1)",
        "normal(f'{1}', 1)",
        "bit_generator",
        "shuffle(3)",
        "spawn(3)",
        "bytes(3)",
        "normal(0, 1, 3)",
        "normal(0, 1, size=3)",
        "normal(0, 1, out=3)",
        "0.9",
        "[1, 2]",
        "",
        "   ",
        "normal(",
        "normal(0\0)",
        "normal(nan, 1)",
        "normal(1 / 0, 1)",
        "normal((-1) ** 0.5, 1)",
        "normal(10 ** 400, 1)",
        "normal(1e308 * 10 ** 308, 1)",
        "-" * 50_000 + "1",
        "(" * 5_000 + "1" + ")" * 5_000,
        "normal(" + "9" * 5_000 + ")",
    ],
)
def test_a_string_that_is_no_distribution_is_refused(text, monkeypatch):
    def forbidden(*args, **kwargs):
        raise AssertionError("a string was evaluated")

    with monkeypatch.context() as patch:
        for name in ("eval", "exec", "open"):
            patch.setattr(builtins, name, forbidden)
        with pytest.raises((InvalidValue, UnknownName)):
            parse(text)


@pytest.mark.parametrize("text", ["normal(9 ** 9 ** 9 ** 9, 1)", "integers(0, 10 ** 10 ** 10)"])
@pytest.mark.timeout(20)  # s; calculated with whole numbers it would take hours and all memory
def test_a_power_tower_is_refused_and_not_calculated(text):
    with pytest.raises(InvalidValue):
        parse(text)


@given(st.text(max_size=40))
def test_any_text_is_a_distribution_or_an_error_of_ours(text):
    with contextlib.suppress(FusionError):
        assert isinstance(parse(text), Distribution)


def test_an_unknown_distribution_is_named_with_the_one_that_was_meant():
    with pytest.raises(UnknownName, match=r"'norml'.*Did you mean 'normal'\?"):
        parse("norml(0, 1)")


@pytest.mark.parametrize("text", ["beta(0.5)", "normal(0, -1)", "uniform(1, 2, 3)"])
def test_arguments_that_do_not_fit_are_refused_at_once(text):
    with pytest.raises(InvalidValue, match="cannot be drawn from"):
        parse(text)


def test_distributions_with_other_numbers_differ():
    assert fusion.normal(0, 1) != fusion.normal(0, 2)
    assert fusion.normal(0, 1) != "normal(0, 1)"
    assert len({fusion.normal(0, 1), parse("normal(0, 1)"), fusion.normal(0, 2)}) == 2


def test_a_distribution_is_written_as_the_call_that_makes_it():
    assert repr(fusion.normal(0.9, 0.1)) == "normal(0.9, 0.1)"
    assert repr(parse("normal(loc=1, scale=2)")) == "normal(loc=1, scale=2)"
