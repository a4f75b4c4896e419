"""What may be recorded, and what may not."""

from __future__ import annotations

import builtins

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fusion import Network, NeuronGroup, SynapseGroup
from fusion.core.foreign import ForeignNeuronGroup
from fusion.errors import ExpressionError, UnknownVariable
from fusion.recording.expression import FUNCTIONS, Expression
from fusion.testing.toy import ToyNeurons


@pytest.fixture
def cells():
    cells = NeuronGroup(Network(dt=0.1), size=5)
    cells.v = np.array([0.1, -0.5, 2.0, 0.7, 1.5])
    cells.n = np.array([1, 2, 3, 4, 5])
    cells.mask = np.array([True, False, True, True, False])
    cells.gain = 2.0
    cells.table = np.arange(20.0).reshape(5, 4)
    return cells


ALLOWED = [
    "v",
    "gain",
    "v[:2]",
    "v[1:4:2]",
    "v[-1]",
    "v[::-1]",
    "v[mask]",
    "v[n - 1]",
    "v[[0, 2]]",
    "table[:, 1]",
    "table[1, 2]",
    "table[1:3, ::2]",
    "v + 1",
    "-v",
    "+v",
    "~mask",
    "v * gain - n / 2 + n // 2 + n % 2 + v ** 2",
    "table @ table[0]",
    "v > 0.5",
    "(v > 0) & (v < 1) | mask ^ mask",
    "v == n",
    "v != n",
    "n >= 2",
    "n <= 2",
    "n << 1",
    "np.mean(v)",
    "mean(v)",
    "np.mean(v[:3]) * 2",
    "np.sum(v > 0.5)",
    "np.sum(table, axis=0)",
    "np.percentile(v, 50)",
    "np.clip(v, 0, 1)",
    "np.where(mask, v, 0)",
    "np.histogram(v, bins=3, range=(0, 1))[0]",
    "np.concatenate((v, n))",
    "np.dot(v, n)",
    "np.exp(-v / gain)",
    "np.max(np.abs(np.diff(v)))",
    "[np.mean(v), np.std(v)]",
    "(v, v)",
    "np.transpose(table)[0]",
    " v ",
]


@pytest.mark.parametrize("text", ALLOWED)
def test_an_expression_means_what_it_means_in_python(cells, text):
    names = {name: getattr(cells, name) for name in ("v", "n", "mask", "gain", "table")}
    # What is tested is that nothing but the names is changed.
    wanted = eval(text.strip(), {"np": np, "mean": np.mean, **names})
    result = Expression(text).bind(cells)()
    np.testing.assert_array_equal(np.asarray(result), np.asarray(wanted))
    assert np.asarray(result).dtype == np.asarray(wanted).dtype


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_of_the_list_is_numpys(cells, name):
    more = {
        "average": "", "clip": ", 0, 1", "maximum": ", n", "minimum": ", n", "power": ", 2", "percentile": ", 50",
        "quantile": ", 0.5", "dot": ", n", "logical_and": ", mask", "logical_or": ", mask", "where": " > 0, v, n",
    }  # fmt: skip
    arguments = "(v, n)" if name == "concatenate" else f"v{more.get(name, '')}"
    wanted = eval(f"np.{name}({arguments})", {"np": np, "v": np.abs(cells.v), "n": cells.n, "mask": cells.mask})
    cells.v = np.abs(cells.v)  # some are not defined below zero
    result = Expression(f"np.{name}({arguments})").bind(cells)()
    for part, wanted_part in zip(result, wanted, strict=True) if isinstance(wanted, tuple) else [(result, wanted)]:
        np.testing.assert_array_equal(part, wanted_part)


def test_an_expression_sees_the_value_of_now(cells):
    function = Expression("v[0]").bind(cells)
    assert function() == 0.1
    cells.v = np.full(5, 7.0)
    assert function() == 7.0


def test_its_variables_are_known_before_it_is_bound():
    assert Expression("np.mean(v[:n]) + clip(v, low, 1)").names == ("v", "low", "n")
    assert Expression("max(max)").names == ("max",)


def test_it_can_be_bound_to_several_groups(cells):
    other = NeuronGroup(Network(), size=2)
    other.v = np.zeros(2)
    expression = Expression("v + 1")
    assert expression.bind(cells)().shape == (5,)
    assert expression.bind(other)().tolist() == [1.0, 1.0]


def test_it_can_be_bound_to_synapses(cells):
    synapses = SynapseGroup(cells.network, cells, cells, weight=2.0)
    assert Expression("np.sum(W)").bind(synapses)() == 50.0


REFUSED = [
    "__import__('os')",
    "__class__",
    "_private",
    "v.__class__",
    "v.mean()",
    "v.T",
    "v.data",
    "np.linalg.norm(v)",
    "np.load",
    "np.load('x')",
    "np.fromfile('x')",
    "np.save('x', v)",
    "np.__builtins__",
    "np.memmap('x')",
    "os.system('true')",
    "open('x')",
    "eval('v')",
    "getattr(v, 'T')",
    "print(v)",
    "lambda: v",
    "(lambda: v)()",
    "[x for x in v]",
    "{x for x in v}",
    "{x: v for x in v}",
    "(x for x in v)",
    "sum(x for x in v)",
    "v if mask else n",
    "(x := v)",
    "f'{v}'",
    "'text'",
    "b'bytes'",
    "v['name']",
    "{'a': v}",
    "{v}",
    "*v",
    "mean(*v)",
    "mean(**v)",
    "mean(v, **v)",
    "v and n",
    "v or n",
    "not v",
    "v in n",
    "v not in n",
    "v is n",
    "v is not n",
    "0 < v < 1",
    "v[...]",
    "v[None]",
    "v + None",
    "1j * v",
    "await v",
    "yield v",
    "v = 1",
    "v += 1",
    "v; v",
    "import os",
    "del v",
    "v[0](1)",
    "mean(v)(v)",
    "(v)(1)",
    "v(",
    "v +",
    "v v",
    "",
    "   ",
    "\n",
    "v\0",
    "1 + 2",
    "np.mean([1, 2])",
    "v + np.mean",
    "np.pi * v",
    "np.random.random(3) + v",
    "v[np.newaxis]",
    "-" * 50_000 + "v",
    "(" * 5_000 + "v" + ")" * 5_000,
]


@pytest.mark.parametrize("text", REFUSED, ids=[text[:30] for text in REFUSED])
def test_any_other_grammar_or_function_is_refused_at_the_line(text, monkeypatch):
    def forbidden(*args, **kwargs):
        raise AssertionError("a string was evaluated")

    with monkeypatch.context() as patch:
        for name in ("eval", "exec", "open"):
            patch.setattr(builtins, name, forbidden)
        with pytest.raises(ExpressionError):
            Expression(text)


@pytest.mark.parametrize(
    "text",
    [
        "np.sqrt(v, out=v)",
        "np.sqrt(v, v)",
        "np.clip(v, 0, 1, v)",
        "np.clip(v, 0, 1, out=v)",
        "np.cumsum(v, 0, None, v)",
        "np.round(v, 0, v)",
        "np.maximum(v, n, v)",
        "np.median(v, overwrite_input=1)",
        "np.median(v, None, None, 1)",
        "np.percentile(v, 50, None, None, 1)",
        "np.dot(v, n, gain)",
        "np.concatenate((v, n), 0, v)",
        "np.mean(v, 0, None, v)",
    ],
)
def test_an_expression_cannot_change_what_it_reads(text):
    with pytest.raises(ExpressionError, match="argument"):
        Expression(text)


@pytest.mark.parametrize("text", ALLOWED)
def test_no_expression_changes_what_it_reads(cells, text):
    before = {name: np.array(getattr(cells, name)) for name in ("v", "n", "mask", "gain", "table")}
    Expression(text).bind(cells)()
    for name, value in before.items():
        np.testing.assert_array_equal(getattr(cells, name), value)


@pytest.mark.parametrize("text", [None, 3, ["v"], b"v"])
def test_an_expression_is_text(text):
    with pytest.raises(ExpressionError, match="give a string such as"):
        Expression(text)


@given(st.text(alphabet="vn0123456789.+-*/()[]:,<>=&|~ '\"\\_x{}@!#\n\0", max_size=25))
def test_any_text_is_an_expression_or_an_error_of_ours(text):
    try:
        expression = Expression(text)
    except ExpressionError:
        return
    assert expression.names


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("np.maen(v)", r"Did you mean 'mean'\?"),
        ("v.mean()", r"\.mean is not allowed; write a function such as np\.mean"),
        ("v and n", r"& \| ~ for and, or, not"),
        ("0 < v < 1", r"\(0 < v\) & \(v < 1\)"),
        ("v + np.mean", "arguments in parentheses"),
        ("v[", "cannot be read.*column"),
        ("_v", "private"),
        ("'v'", "only numbers"),
        ("1 + 2", "names no variable"),
        ("mean(v, out=v)", "argument out of mean is not allowed"),
    ],
)
def test_an_error_gives_the_way_out(text, message):
    with pytest.raises(ExpressionError, match=message) as caught:
        Expression(text)
    assert isinstance(caught.value, ValueError)


def test_an_unknown_variable_is_found_when_it_is_evaluated(cells):
    with pytest.raises(UnknownVariable, match="'w'"):
        Expression("w").bind(cells)()


# In a simulator.


@pytest.fixture
def toys(toy):
    group = NeuronGroup(Network(dt=0.1), ToyNeurons(100), tag="toys")
    group.v = np.arange(100.0)
    return group


@pytest.fixture
def fetched(monkeypatch):
    """What is asked of the simulator: (variable, index)."""
    asked, read = [], ForeignNeuronGroup.read

    def noted(self, name, index=None):
        asked.append((name, index))
        return read(self, name, index)

    monkeypatch.setattr(ForeignNeuronGroup, "read", noted)
    return asked


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("v", [("v", None)]),
        ("v[:10]", [("v", slice(None, 10))]),
        ("v[5:-5:2]", [("v", slice(5, -5, 2))]),
        ("np.mean(v[-3:])", [("v", slice(-3, None))]),
        ("v[:10] - current[:10]", [("v", slice(None, 10)), ("current", slice(None, 10))]),
        ("v[3]", [("v", None)]),
        ("np.max(v)", [("v", None)]),
    ],
)
def test_only_the_part_that_is_named_is_fetched(toys, fetched, text, asked):
    function = Expression(text).bind(toys)
    fetched.clear()
    wanted = eval(text, {"np": np, "v": np.arange(100.0), "current": np.zeros(100)})
    np.testing.assert_array_equal(function(), wanted)
    assert fetched == asked


def test_a_slice_that_depends_on_a_variable_is_taken_here(toys, fetched):
    toys.first = 3
    assert Expression("v[:first]").bind(toys)().tolist() == [0.0, 1.0, 2.0]
    assert ("v", None) in fetched


def test_native_variables_of_a_simulators_group_are_found(toys):
    toys.slow = np.ones(100)
    assert Expression("np.sum(slow[:10])").bind(toys)() == 10.0
    assert Expression("np.sum(spike)").bind(toys)() == 0
