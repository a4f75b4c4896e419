"""What the pages say is true: every Python block of a page runs, in order, in one namespace."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [page for page in [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md"] if page.exists()]

# ```python is run; ```{code-block} python, for what needs more than a page has, is only parsed.
BLOCK = re.compile(r"^```(python|\{code-block\} *python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SIMULATORS = re.compile(r"^(?:import|from) (?:brian2|nest|keras|tensorflow)\b", re.MULTILINE)


def blocks(text, kind="python"):
    """The Python blocks of a page, each behind as many empty lines as stand before it, so that errors tell the line."""
    found = (match for match in BLOCK.finditer(text) if match[1] == kind)
    return ["\n" * text.count("\n", 0, match.start(2)) + match[2] for match in found]


def pages_with_code():
    for page in PAGES:
        found = blocks(page.read_text(encoding="utf-8"))
        if found:
            slow = SIMULATORS.search("\n".join(found))
            yield pytest.param(page, id=page.stem, marks=[pytest.mark.slow] if slow else [])


@pytest.fixture
def _own_simulators(monkeypatch, tmp_path):
    """A page begins with simulators as a fresh script finds them, and leaves nothing behind."""
    from fusion.adapter import registry

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(registry, "_registered", dict(registry._registered))
    _reset()
    yield
    _reset()


def _reset():
    import sys

    if "nest" in sys.modules:
        sys.modules["nest"].ResetKernel()
    if "brian2" in sys.modules:
        brian2 = sys.modules["brian2"]
        brian2.start_scope()
        brian2.defaultclock.dt = 0.1 * brian2.ms
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.mark.parametrize("page", list(pages_with_code()))
@pytest.mark.usefixtures("_own_simulators")
def test_the_code_of_a_page_runs(page):
    namespace = {"__name__": f"page_{page.stem.lower()}"}
    for block in blocks(page.read_text(encoding="utf-8")):
        exec(compile(block, page, "exec"), namespace)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_code_that_is_only_shown_can_be_read(page):
    for block in blocks(page.read_text(encoding="utf-8"), "{code-block} python"):
        ast.parse(block, page)


def test_there_are_pages():
    assert {"index", "native", "mixed", "time", "adapters", "decisions", "api"} <= {page.stem for page in PAGES}


def test_blocks_keep_their_line():
    text = "a\n```python\nx = 1\n```\n```{code-block} python\ny\n```\n```text\nz\n```\n"
    assert blocks(text) == ["\n\nx = 1\n"]
    assert blocks(text, "{code-block} python") == ["\n" * 5 + "y\n"]
