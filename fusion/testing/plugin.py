"""The pytest plugin: what is listed as unsupported has to fail, and required adapters have to be there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from fusion.testing.suite import Suite

# Before the checks are imported, so that a failing one shows its values.
pytest.register_assert_rewrite("fusion.testing.checks", "fusion.testing.rig")

NOTE = "fusion_conformance"
"""Under this key a report says (adapter, outcome, tiers) in plain values, which pytest-xdist can pass on."""


class ConformancePlugin:
    """One session of pytest.

    required : names of the adapters of which at least one check has to pass
    """

    def __init__(self, required: list[str]) -> None:
        self.required = required
        self.outcomes: dict[str, Counter[str]] = {}
        self.tiers: dict[str, set[str]] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Checks that are listed as unsupported must fail: by what they find, not by an accident on the way."""
        from fusion.errors import Unsupported

        for item in items:
            suite = suite_of(item)
            if suite is not None and item.name in suite.unsupported:
                failures = (AssertionError, Unsupported, pytest.fail.Exception)
                reason = suite.unsupported[item.name]
                item.add_marker(pytest.mark.xfail(reason=reason, raises=failures, strict=True))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Note on the report of a check which adapter it tested."""
        report = yield
        suite = suite_of(item)
        if suite is not None and report.when == "call":
            unsupported = report.skipped and item.name in suite.unsupported
            outcome = "unsupported" if unsupported else report.outcome
            report.user_properties.append((NOTE, (suite.case.adapter.name, outcome, sorted(suite.case.tiers))))
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count the checks of each adapter, those that other processes ran included."""
        noted: Any = dict(report.user_properties).get(NOTE)
        if noted is not None and report.when == "call":
            name, outcome, tiers = noted
            self.outcomes.setdefault(name, Counter())[outcome] += 1
            self.tiers.setdefault(name, set()).update(tiers)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """A session without a required adapter fails, however green the rest is."""
        if self.missing and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say which adapters and tiers were really tested."""
        if not (self.outcomes or self.missing):
            return
        terminalreporter.section("conformance of adapters")
        for name, counts in self.outcomes.items():
            tiers = ", ".join(sorted(self.tiers[name])) or "never opened"
            found = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
            terminalreporter.line(f"{name} ({tiers}): {found}")
        for name in self.missing:
            terminalreporter.line(f"{name}: required, and no check of it passed. {why_missing(name)}", red=True)

    @property
    def missing(self) -> list[str]:
        """Required adapters of which no check has passed."""
        return [name for name in self.required if not self.outcomes.get(name, Counter())["passed"]]


def suite_of(item: pytest.Item) -> type[Suite] | None:
    """The suite that a test belongs to, if it is a check."""
    from fusion.testing.suite import Suite

    owner = item.cls if isinstance(item, pytest.Function) else None
    return owner if owner is not None and issubclass(owner, Suite) else None


def why_missing(name: str) -> str:
    """What to do about an adapter that was not tested."""
    announced = sorted(entry_points(group="fusion.adapters").names)
    if name not in announced:
        return f"No entry point announces it; there are: {', '.join(announced) or 'none'}."
    return "It is installed: was its conformance test collected?"


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--require-adapters brian2,nest``, or the same in the ini file."""
    words = "adapters of which the conformance suite has to run in this session, separated by commas"
    parser.getgroup("fusion").addoption("--require-adapters", metavar="NAMES", help=words)
    parser.addini("require_adapters", words, default="")


def pytest_configure(config: pytest.Config) -> None:
    """Register the plugin of this session."""
    given = config.getoption("--require-adapters") or config.getini("require_adapters")
    if hasattr(config, "workerinput"):
        given = ""  # a worker of pytest-xdist runs some of the checks only; the session that began it has them all
    config.pluginmanager.register(ConformancePlugin([name.strip() for name in given.split(",") if name.strip()]))
