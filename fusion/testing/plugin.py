"""The pytest plugin: strict xfails for what an adapter lists as unsupported, and adapters that have to be there."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field

import pytest

# Before the checks are imported, so that a failing one shows its values.
pytest.register_assert_rewrite("fusion.testing.checks", "fusion.testing.rig")

OPTION = "require_adapters"


@dataclass
class Tally:
    """What the suites of one adapter came to."""

    tiers: set[str] = field(default_factory=set)
    outcomes: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(self.outcomes.items()))
        tiers = ", ".join(sorted(self.tiers)) or "never opened"
        return f"({tiers}): {counts}"


class ConformancePlugin:
    """One pytest session."""

    def __init__(self, required: list[str]) -> None:
        self.required = required
        self.tallies: dict[str, Tally] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Mark what is listed as unsupported: it must fail, and by a check or an error of fusion, not by accident."""
        from fusion.errors import FusionError

        for item in items:
            suite = suite_of(item)
            name = getattr(item, "originalname", item.name)
            if suite is not None and name in suite.unsupported:
                failures = (AssertionError, FusionError, pytest.fail.Exception)
                reason = suite.unsupported[name]
                item.add_marker(pytest.mark.xfail(reason=reason, raises=failures, strict=True))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Count by adapter."""
        report = yield
        suite = suite_of(item)
        if suite is not None and report.when == "call":
            tally = self.tallies.setdefault(suite.case.adapter.name, Tally())
            tally.tiers |= suite.case.tiers
            outcome = "unsupported" if report.outcome == "skipped" and hasattr(report, "wasxfail") else report.outcome
            tally.outcomes[outcome] = tally.outcomes.get(outcome, 0) + 1
        return report
