"""The public face: what ``fusion.__all__`` says is what there is, what is documented, and nothing else."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FACE = ROOT / "fusion" / "__init__.py"
API_PAGE = ROOT / "docs" / "api.md"

PACKAGES = ("analysis", "behaviours", "gui", "host", "plot")  # that have a face of their own

# ```{autoclass} fusion.Network    or    .. autoclass:: fusion.Network
DOCUMENTED = re.compile(r"auto[a-z]+(?:\}|::)\s+([\w.]+)\.(\w+)\s*$", re.MULTILINE)


def listed_names(source: str) -> list[str]:
    """The literal ``__all__`` of a module's source; empty if there is none."""
    for node in ast.parse(source).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            return list(ast.literal_eval(node.value))
    return []


def imported_names(source: str) -> set[str]:
    """The public names that a module's source imports from our own packages at its top."""
    return {
        alias.asname or alias.name
        for node in ast.parse(source).body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("fusion")
        for alias in node.names
        if not (alias.asname or alias.name).startswith("_")
    }


def documented_names(page: str, module: str) -> set[str]:
    """The names of a module that the source of a page documents."""
    return {name for owner, name in DOCUMENTED.findall(page) if owner == module}


def unlisted_names(face: Any) -> set[str]:
    """Public attributes of a module, but for its sub-modules, that its ``__all__`` does not list."""
    return {
        name
        for name, value in vars(face).items()
        if not name.startswith("_") and not isinstance(value, ModuleType) and name not in face.__all__
    }


def undocumented(face: Any) -> list[str]:
    """Listed functions, classes and modules without a docstring of their own."""
    objects = {name: getattr(face, name) for name in face.__all__ if not name.startswith("__")}
    return [
        name
        for name, value in objects.items()
        if (callable(value) or inspect.ismodule(value)) and not (getattr(value, "__doc__", None) or "").strip()
    ]


@pytest.fixture(scope="module")
def face():
    import fusion

    return fusion


def test_the_face_lists_its_names_literally_and_once():
    names = listed_names(FACE.read_text(encoding="utf-8"))
    assert names, "fusion/__init__.py needs a literal __all__"
    assert len(names) == len(set(names))


def test_every_re_export_is_listed():
    source = FACE.read_text(encoding="utf-8")
    assert imported_names(source) <= set(listed_names(source))


def test_every_listed_name_is_there(face):
    assert [name for name in face.__all__ if not hasattr(face, name)] == []


def test_every_name_that_is_there_is_listed(face):
    assert unlisted_names(face) == set()


def test_every_public_name_has_a_docstring(face):
    assert undocumented(face) == []


def test_the_api_page_documents_the_public_names(face):
    documented = documented_names(API_PAGE.read_text(encoding="utf-8"), "fusion")
    assert documented == {name for name in face.__all__ if not name.startswith("__")}


@pytest.mark.parametrize("package", PACKAGES)
def test_the_api_page_documents_the_public_names_of_packages(package):
    page = API_PAGE.read_text(encoding="utf-8")
    listed = set(listed_names((FACE.parent / package / "__init__.py").read_text(encoding="utf-8")))
    here, on_the_face = documented_names(page, f"fusion.{package}"), documented_names(page, "fusion")
    assert here <= listed <= here | on_the_face


# The checks themselves, on a face with one mistake of each kind.


@pytest.fixture
def wrong_face():
    face = ModuleType("wrong")
    face.__all__ = ["Bare", "Good"]
    face.Bare = type("Bare", (), {})
    face.Good = type("Good", (), {"__doc__": "It has one."})
    face.forgotten = len
    face.submodule = ModuleType("wrong.submodule")
    return face


def test_a_name_that_is_not_listed_is_reported(wrong_face):
    assert unlisted_names(wrong_face) == {"forgotten"}


def test_a_name_without_a_docstring_is_reported(wrong_face):
    assert undocumented(wrong_face) == ["Bare"]


def test_names_are_read_from_source():
    source = "from fusion.core import A, _b\nfrom fusion.x import C as D\nimport math\n__all__ = ['A']"
    assert imported_names(source) == {"A", "D"}
    assert listed_names(source) == ["A"]
    assert listed_names(source.replace("__all__", "__all__: list[str]")) == ["A"]


def test_names_are_read_from_the_api_page():
    page = "```{autoclass} fusion.Network\n:members:\n```\n.. autofunction:: fusion.seed\nsee `fusion.X`\n"
    page += ".. autoclass:: fusion.gui.Tab\n.. autoclass:: fusion.gui.tab.Other"
    assert documented_names(page, "fusion") == {"Network", "seed"}
    assert documented_names(page, "fusion.gui") == {"Tab"}


def every_class(base):
    for kind in base.__subclasses__():
        yield kind
        yield from every_class(kind)


def test_no_behaviour_hides_a_method_of_what_it_is():
    import fusion.behaviours  # noqa: F401 - its classes
    from fusion import Behaviour

    hidden = [
        (kind.__name__, name)
        for kind in every_class(Behaviour)
        if kind.__module__.startswith("fusion.")
        for name, value in vars(kind).items()
        if callable(getattr(Behaviour, name, None)) and not callable(value) and not name.startswith("__")
    ]
    assert hidden == []
