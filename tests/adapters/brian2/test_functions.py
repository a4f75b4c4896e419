"""Code as a function against the same code as a module: what each call leaves in arrays and in the namespace."""

from types import SimpleNamespace

import numpy as np
import pytest
from fusion_brian2.functions import as_function, translated

SNIPPETS = {
    "locals": "a = x + 1\nb = 2 * a\nx[:] = b",
    "a name of the namespace, assigned": "k = k + 1\nx[:] = k",
    "a name handed on from call to call": "if n[0]:\n    x[:] = held\nheld = x + 1\nn[0] += 1",
    "assigned in one branch, read behind both": "if n[0] == 0:\n    held = x + 5\nx[:] = held\nn[0] += 1",
    "assigned in all branches": "if n[0]:\n    c = x\nelif k:\n    c = x + 2\nelse:\n    c = 1\nx[:] = c\nn[0] += 1",
    "augmented": "a = x * 2\na += 1\nx += a",
    "augmented from call to call": "if n[0] == 0:\n    total = 0\ntotal += 2\nx[:] = total\nn[0] += 1",
    "several at once": "a, (b, c) = 1, (2, 3)\nx[:] = a + b * c",
    "a loop": "s = 0\nfor i in range(3):\n    s = s + i\n    last = i\nx[:] = s + last",
    "a comprehension": "i = 3\nx[:] = sum([i for i in range(4)]) + i",
    "a function of its own": "a = 3\ndef twice(b):\n    return a * b\nx[:] = twice(2)",
    "removed": "a = x + 1\nx[:] = a\ndel a",
    "only imports": "import math",
    "nothing": "",
    "imports": "import math as m\nfrom os import path\nx[:] = m.sqrt(16) + len(path.sep)",
    "an import, assigned again": "import math\nx[:] = math.sqrt(4)\nmath = math",
}


def called(text, times, run):
    """Arrays, counters and what is kept after so many calls of `run`, made from (module, namespace)."""
    namespace = {"x": np.arange(3.0), "n": np.zeros(1, int), "k": 4}
    call = run(compile(text, "(string)", "exec", dont_inherit=True), namespace)
    for _ in range(times):
        call()
    return namespace["x"].tolist(), namespace["n"].tolist(), namespace["k"]


@pytest.mark.parametrize("text", SNIPPETS.values(), ids=SNIPPETS)
def test_a_function_does_what_the_module_does_call_by_call(text):
    for times in range(4):
        as_module = called(text, times, lambda module, names: lambda: exec(module, names))
        assert as_module == called(
            text, times, lambda module, names: as_function(translated(text, module, frozenset(names)), names)
        )


def made(text, namespace, outer=()):
    module = compile(text, "(string)", "exec", dont_inherit=True)
    return as_function(translated(text, module, frozenset((*namespace, *outer))), namespace)


def test_what_is_used_within_a_call_only_is_no_name_of_the_namespace():
    namespace = {"x": np.zeros(2)}
    made("a = x + 1\nif len(a):\n    b = a\n    x[:] = b", namespace)()
    assert namespace.keys() - {"__builtins__"} == {"x"}


def test_a_name_that_other_code_reads_is_left_in_the_namespace():
    namespace = {"x": np.zeros(2)}
    made("a = x + 1\nb = a", namespace, outer=("b",))()
    assert namespace["b"].tolist() == [1.0, 1.0]
    assert "a" not in namespace


def test_imports_are_made_once():
    imported = []

    def importing(name, *_):
        imported.append(name)
        return SimpleNamespace(three=3)

    namespace = {"__builtins__": {"__import__": importing}, "x": np.zeros(2)}
    call = made("import one\nfrom two import three as four\nx[:] += four + one.three", namespace)
    for _ in range(3):
        call()
    assert imported == ["one", "two"]
    assert namespace["x"].tolist() == [18.0, 18.0]


def test_a_name_without_a_value_is_the_same_error_as_in_a_module():
    with pytest.raises(NameError, match="'held'"):
        made("if n[0]:\n    held = 1\ny = held", {"n": [0]})()


def test_code_of_another_source_is_executed_as_it_is():
    namespace = {"x": np.zeros(2)}
    module = compile("x[:] = 7\na = 1", "(string)", "exec", dont_inherit=True)
    as_function(translated("x[:] = 8", module, frozenset(namespace)), namespace)()
    assert namespace["x"].tolist() == [7.0, 7.0]
    assert namespace["a"] == 1


def test_lines_keep_their_numbers():
    call = made("import math\n\na = 1\nfail()", {})
    with pytest.raises(NameError) as raised:
        call()
    assert raised.traceback[-1].lineno + 1 == 4
