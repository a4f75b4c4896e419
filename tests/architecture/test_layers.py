"""Imports point down: the layer table of the house, read from the syntax trees of fusion/ and adapters/.

Every import counts: inside a function, in a string given to ``import_module``, and under ``TYPE_CHECKING``
too, for a module that names a type of a higher layer knows that layer as well; a ``Protocol`` is the way out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]

# Highest first. A part may use itself and what stands lower; names on one line do not know each other.
LAYERS = (
    ("cli", "fusion_pymonnto"),
    ("gui",),
    ("evolution", "plot", "testing"),
    ("analysis",),
    ("network",),
    ("storage", "host", "behaviours", "recording"),
    ("coupling", "adapter"),
    ("core",),
    ("errors",),
)
HEIGHT = {part: -line for line, parts in enumerate(LAYERS) for part in parts}

# Adapters stand beside the table: they see three parts of fusion and one simulator, and nobody imports them.
ADAPTERS = ("fusion_brian2", "fusion_nest", "fusion_tensorflow")
ADAPTERS_USE = ("adapter", "core", "errors")
SIMULATOR_OF = {
    "brian2": "fusion_brian2",
    "nest": "fusion_nest",
    "pynestkernel": "fusion_nest",
    "tensorflow": "fusion_tensorflow",
    "keras": "fusion_tensorflow",
}
# As the parser it is, inside functions.
MAY_PARSE_WITH_BRIAN2 = "fusion.behaviours.equations.parsing"

MAY_EVALUATE = ("fusion.recording.expression", "fusion.behaviours.equations.kernel")
NO_HOME = ("utils", "helpers", "common")

# The public face, fusion/__init__.py, stands above everything: users and front ends import it, no part does.
FACE = "fusion"
FRONT_ENDS = ("fusion_pymonnto",)


class Import(NamedTuple):
    """One import: the dotted module, the names taken from it (none for ``import x``), and where it stands."""

    module: str
    names: tuple[str, ...]
    line: int
    at_import_time: bool


class Module:
    """One source file and what it imports."""

    def __init__(self, path: Path, shelf: Path) -> None:
        self.path = path
        parts = path.relative_to(shelf).with_suffix("").parts
        self.name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.imports = list(_imports(self.tree, at_import_time=True))

    @property
    def part(self) -> str:
        """The name in the layer table, ``fusion`` for the face."""
        return part_of(self.name)


def part_of(module: str) -> str:
    """Where in the house a dotted name lies: fusion.core.clock -> core, fusion_nest.x -> fusion_nest."""
    package, _, rest = module.partition(".")
    return rest.partition(".")[0] if package == "fusion" and rest else package


def read(root: Path) -> list[Module]:
    """All modules of ``root/fusion`` and of the packages on the shelf ``root/adapters``."""
    adapters = root / "adapters"
    return [
        *(Module(path, root) for path in sorted((root / "fusion").rglob("*.py"))),
        *(Module(path, adapters) for path in sorted(adapters.rglob("*.py"))),
    ]


def _imports(node: ast.AST, at_import_time: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(alias.name, (), child.lineno, at_import_time)
        elif isinstance(child, ast.ImportFrom):
            module = "." * child.level + (child.module or "")
            yield Import(module, tuple(alias.name for alias in child.names), child.lineno, at_import_time)
        elif isinstance(child, ast.Call) and _called(child) in ("import_module", "__import__"):
            argument = child.args[0] if child.args else None
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield Import(argument.value, (), child.lineno, at_import_time)
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for statement in child.body:
                yield from _imports(ast.Module([statement], []), at_import_time=False)
            for statement in child.orelse:
                yield from _imports(ast.Module([statement], []), at_import_time)
        else:
            is_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from _imports(child, at_import_time and not is_function)


def _called(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


def wrong_directions(modules: list[Module]) -> Iterator[str]:
    """Imports of our own code that do not point down."""
    for module in modules:
        for found in module.imports:
            if found.module.startswith("."):
                yield f"{module.path}:{found.line}: relative import of {found.module}"
                continue
            for target in _own_parts(found):
                reason = _forbidden(module.part, target)
                if reason:
                    yield f"{module.path}:{found.line}: {module.part} imports {target}: {reason}"


def _own_parts(found: Import) -> Iterator[str]:
    """The parts of the house that an import names; ``from fusion import core`` names core, not the face."""
    if found.module == FACE:
        taken = found.names or (FACE,)
        yield from {name if name in HEIGHT else FACE for name in taken}
    elif found.module.partition(".")[0] == FACE or found.module.startswith("fusion_"):
        yield part_of(found.module)


def _forbidden(part: str, target: str) -> str:
    """Why ``part`` may not import ``target``, or nothing."""
    if part == target:
        return ""
    if target in ADAPTERS:
        return "adapters are found by their entry points, never imported"
    if part in ADAPTERS:
        return "" if target in ADAPTERS_USE else f"an adapter uses only {', '.join(ADAPTERS_USE)}"
    if target == FACE:
        return "" if part in FRONT_ENDS else "the face is for users; import the name from where it lives"
    if target not in HEIGHT:
        return "it is not in the layer table"
    if part == FACE or HEIGHT[target] < HEIGHT.get(part, 1):
        return ""
    return "imports point down"


def unknown_parts(modules: list[Module]) -> Iterator[str]:
    """Modules that have no place in the layer table, or a name that says nothing of what they are."""
    for module in modules:
        if module.part not in (*HEIGHT, *ADAPTERS, FACE):
            yield f"{module.path}: {module.part} is not in the layer table"
        for name in set(module.name.split(".")) & set(NO_HOME):
            yield f"{module.path}: {name} is no home for anything, name the module for its main class"


def foreign_simulators(modules: list[Module]) -> Iterator[str]:
    """Simulators imported by anything but their adapter, or by their adapter at import time."""
    for module in modules:
        for found in module.imports:
            simulator = found.module.partition(".")[0]
            if simulator not in SIMULATOR_OF or module.part == SIMULATOR_OF[simulator]:
                continue
            is_parser = module.name.startswith(MAY_PARSE_WITH_BRIAN2) and simulator == "brian2"
            if not (is_parser and not found.at_import_time):
                yield f"{module.path}:{found.line}: {module.name} imports {simulator}"
    for adapter in ADAPTERS:
        yield from _simulators_at_import_time(adapter, {module.name: module for module in modules})


def _simulators_at_import_time(adapter: str, modules: dict[str, Module]) -> Iterator[str]:
    """Follow what ``import adapter`` runs; a module first imported inside a function may do as it likes."""
    waiting, reached = [adapter], set[str]()
    while waiting:
        name = waiting.pop()
        if name in reached or name not in modules:
            continue
        reached.add(name)
        for found in modules[name].imports:
            if not found.at_import_time:
                continue
            if SIMULATOR_OF.get(found.module.partition(".")[0]) == adapter:
                yield f"{modules[name].path}:{found.line}: import {adapter} imports {found.module}"
            waiting += [found.module, *(f"{found.module}.{taken}" for taken in found.names)]


def star_imports(modules: list[Module]) -> Iterator[str]:
    """``from x import *``."""
    for module in modules:
        for found in module.imports:
            if "*" in found.names:
                yield f"{module.path}:{found.line}: from {found.module} import *"


def evaluated_strings(modules: list[Module]) -> Iterator[str]:
    """The builtins eval and exec, but for the modules that compile what they have checked."""
    for module in modules:
        if module.name in MAY_EVALUATE:
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Name) and node.id in ("eval", "exec"):
                yield f"{module.path}:{node.lineno}: {node.id}"
            elif isinstance(node, ast.Attribute) and ast.unparse(node) in ("builtins.eval", "builtins.exec"):
                yield f"{module.path}:{node.lineno}: {node.attr}"


RULES = (wrong_directions, unknown_parts, foreign_simulators, star_imports, evaluated_strings)


@pytest.fixture(scope="module")
def house() -> list[Module]:
    return read(ROOT)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_its_rules(rule, house):
    assert list(rule(house)) == []


def test_the_house_was_read(house):
    names = {module.name for module in house}
    assert {"fusion", "fusion.errors", *ADAPTERS} <= names


# The rules themselves: each is shown a small house in which it must find, or must not find, something.


@pytest.fixture
def violations(tmp_path):
    """A function that builds a house of files (path: source) and returns what a rule reports of it."""

    def report(rule, files):
        for path, source in files.items():
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(source, encoding="utf-8")
        return list(rule(read(tmp_path)))

    return report


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("fusion/core/clock.py", "import fusion.network"),
        ("fusion/core/clock.py", "from fusion.network import Network"),
        ("fusion/core/clock.py", "from fusion import network"),
        ("fusion/core/clock.py", "from fusion import Network"),
        ("fusion/core/clock.py", "import fusion"),
        ("fusion/core/clock.py", "from ..network import Network"),
        ("fusion/core/clock.py", "def f():\n    from fusion.network import Network"),
        ("fusion/core/clock.py", "import importlib\nimportlib.import_module('fusion.network')"),
        ("fusion/core/clock.py", "if TYPE_CHECKING:\n    from fusion.network import Network"),
        ("fusion/core/clock.py", "from fusion.newcomer import x"),
        ("fusion/errors.py", "import fusion.core"),
        ("fusion/coupling/ports.py", "import fusion.adapter"),
        ("fusion/adapter/base.py", "import fusion.coupling"),
        ("fusion/recording/recorder.py", "import fusion.behaviours"),
        ("fusion/network.py", "import fusion.testing"),
        ("fusion/network.py", "import fusion_nest"),
        ("fusion/gui/window.py", "import fusion.cli"),
        ("fusion/__init__.py", "from fusion_nest import Adapter"),
        ("adapters/fusion_nest/adapter.py", "from fusion.coupling import Port"),
        ("adapters/fusion_nest/adapter.py", "from fusion import Network"),
        ("adapters/fusion_nest/adapter.py", "import fusion_brian2.units"),
    ],
)
def test_an_import_that_does_not_point_down_is_reported(violations, path, source):
    assert len(violations(wrong_directions, {path: source})) == 1


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("fusion/core/clock.py", "from fusion.core.units import ms\nfrom fusion.errors import FusionError"),
        ("fusion/network.py", "import fusion.behaviours, fusion.coupling\nfrom fusion import recording"),
        ("fusion/__init__.py", "from fusion.network import Network\nfrom fusion.plot import raster"),
        ("fusion/gui/window.py", "import fusion.plot"),
        ("adapters/fusion_nest/adapter.py", "import fusion_nest.units, fusion.adapter, fusion.core.clock"),
        ("adapters/fusion_pymonnto/script.py", "from fusion import Network"),
    ],
)
def test_an_import_that_points_down_is_not_reported(violations, path, source):
    assert violations(wrong_directions, {path: source}) == []


@pytest.mark.parametrize("path", ["fusion/newcomer.py", "fusion/core/utils.py", "adapters/fusion_nest/common/x.py"])
def test_a_module_without_a_place_is_reported(violations, path):
    assert len(violations(unknown_parts, {path: ""})) == 1


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("fusion/core/clock.py", "def f():\n    import nest"),
        ("fusion/behaviours/equations/parsing/parser.py", "import brian2"),
        ("fusion/behaviours/equations/parsing/parser.py", "def f():\n    import nest"),
        ("adapters/fusion_nest/adapter.py", "def f():\n    import brian2"),
        ("adapters/fusion_nest/__init__.py", "import nest"),
        ("adapters/fusion_nest/__init__.py", "class A:\n    import nest"),
        (
            "adapters/fusion_tensorflow/__init__.py",
            "try:\n    from keras import layers\nexcept ImportError:\n    pass",
        ),
    ],
)
def test_a_simulator_imported_out_of_place_is_reported(violations, path, source):
    assert len(violations(foreign_simulators, {path: source})) == 1


def test_a_simulator_reached_through_another_module_is_reported(violations):
    package = {
        "adapters/fusion_nest/__init__.py": "from fusion_nest.adapter import Adapter",
        "adapters/fusion_nest/adapter.py": "import nest",
    }
    assert len(violations(foreign_simulators, package)) == 1


@pytest.mark.parametrize(
    "files",
    [
        {"adapters/fusion_nest/__init__.py": "def f():\n    import nest"},
        {"adapters/fusion_nest/__init__.py": "if TYPE_CHECKING:\n    import nest"},
        {
            "adapters/fusion_nest/__init__.py": "def f():\n    from fusion_nest import port",
            "adapters/fusion_nest/port.py": "import nest",
        },
        {"fusion/behaviours/equations/parsing/parser.py": "def f():\n    import brian2"},
    ],
)
def test_a_simulator_imported_late_is_not_reported(violations, files):
    assert violations(foreign_simulators, files) == []


def test_a_star_import_is_reported(violations):
    assert len(violations(star_imports, {"fusion/core/clock.py": "from math import *"})) == 1


@pytest.mark.parametrize("source", ["eval('1')", "run = exec", "import builtins\nbuiltins.eval('1')"])
def test_an_evaluated_string_is_reported(violations, source):
    assert len(violations(evaluated_strings, {"fusion/core/clock.py": source})) == 1
    assert violations(evaluated_strings, {"fusion/core/clock.py": "model.eval()"}) == []


def test_the_expression_module_may_evaluate(violations):
    assert violations(evaluated_strings, {"fusion/recording/expression.py": "eval('1')"}) == []
