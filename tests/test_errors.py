"""Errors say what was asked, what there is, and the way out; they inherit the builtin that they are."""

from __future__ import annotations

import pytest

from fusion import errors
from fusion.errors import BehaviourFailed, BuildFailed, FusionError, ShapeMismatch, SimulatorMissing, UnknownName

BUILTINS = {
    "SimulatorLost": ConnectionError,
    "WireError": ValueError,
    "RecipeFailed": RuntimeError,
    "UnknownName": LookupError,
    "UnknownVariable": (LookupError, AttributeError),
    "UnknownKey": (LookupError, KeyError),
    "UnknownObject": TypeError,
    "FolderTaken": FileExistsError,
    "CannotKeep": OSError,
    "NoRun": FileNotFoundError,
    "SimulatorMissing": ImportError,
    "ShapeMismatch": ValueError,
    "UnitMismatch": ValueError,
    "InvalidValue": ValueError,
    "NoDisplay": RuntimeError,
    "TooLittleData": ValueError,
    "NotFinite": ArithmeticError,
    "OffGrid": ValueError,
    "ClockMismatch": ValueError,
    "DelayTooShort": ValueError,
    "WindowTooLarge": ValueError,
    "BelongsElsewhere": ValueError,
    "KernelInUse": RuntimeError,
    "Unsupported": NotImplementedError,
    "ReadOnly": AttributeError,
    "ExpressionError": ValueError,
    "LateInput": RuntimeError,
    "SimulatorFailed": RuntimeError,
    "NothingToRun": RuntimeError,
    "UndeclaredAccess": RuntimeError,
    "NetworkBroken": RuntimeError,
    "BehaviourFailed": RuntimeError,
    "BuildFailed": ValueError,
}


def kinds():
    return {
        name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, FusionError)
    }


def test_every_error_is_the_builtin_that_it_is():
    assert set(kinds()) == {*BUILTINS, "FusionError"}
    for name, builtins in BUILTINS.items():
        for builtin in builtins if isinstance(builtins, tuple) else (builtins,):
            assert issubclass(kinds()[name], builtin), name


def test_every_error_has_a_docstring():
    assert all(kind.__doc__ for kind in kinds().values())


def test_an_unknown_name_says_what_there_is_and_what_was_meant():
    error = UnknownName("tag", "cels", ["cells", "other", "cells"], "the network")
    assert str(error) == "No tag is named 'cels' in the network. Did you mean 'cells'? There are: cells, other."
    assert (error.kind, error.name, error.known) == ("tag", "cels", ["cells", "other"])


def test_where_nothing_is_like_it_nothing_is_suggested():
    assert str(UnknownName("tag", "xyz", ["cells"])) == "No tag is named 'xyz'. There are: cells."
    assert str(UnknownName("tag", "xyz", [])) == "No tag is named 'xyz'. There are: none."


def test_of_very_many_names_some_are_listed():
    text = str(UnknownName("tag", "x", [f"tag{i:03}" for i in range(500)]))
    assert "tag000" in text
    assert len(text) < 500


@pytest.mark.parametrize("simulator", ["brian2", "nest", "tensorflow"])
def test_a_missing_simulator_comes_with_the_line_that_installs_it(simulator):
    error = SimulatorMissing(simulator, "because")
    assert str(error).startswith(f"{simulator} is not installed (because).")
    assert f"pip install 'fusion-sim[{simulator}]'" in str(error)


def test_facts_are_attributes():
    error = ShapeMismatch("The weight", (2, 3), "(3, 2) is needed")
    assert (error.what, error.shape) == ("The weight", (2, 3))
    assert str(error) == "The weight has shape (2, 3); (3, 2) is needed."
    assert FusionError("text", answer=42).answer == 42


def test_a_behaviour_that_failed_tells_what_is_kept():
    error = BehaviourFailed("Leaky()", "cells", 7, KeyError("v"))
    assert (error.behaviour, error.group, error.iteration) == ("Leaky()", "cells", 7)
    assert "raised KeyError in iteration 7" in str(error)
    assert "up to iteration 6 is kept" in str(error)


def test_problems_of_a_build_are_listed_line_by_line():
    problems = [("a.py:3", ValueError("first")), ("b.py:5", KeyError("second"))]
    error = BuildFailed(problems)
    assert str(error).splitlines() == [
        "The network cannot be built, there are 2 problems:",
        "  a.py:3: ValueError: first",
        "  b.py:5: KeyError: 'second'",
    ]
    assert error.problems == problems
    assert "there is a problem:" in str(BuildFailed(problems[:1]))
