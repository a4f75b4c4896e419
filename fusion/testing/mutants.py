"""`Mutants`: adapters that are broken in one place each, to show that the checks can fail."""

from __future__ import annotations

from collections.abc import Callable
from unittest import mock

import pytest

from fusion.adapter import registry
from fusion.adapter.base import Adapter
from fusion.errors import FusionError
from fusion.testing.case import Case
from fusion.testing.conformance import Conformance, NetworkConformance
from fusion.testing.suite import Suite


class Mutants:
    """Broken adapters of one case, and the checks that notice each; every check of `suites` has to notice one.

    >>> mutants = Mutants(ToyCase, ArrivalChecks)
    >>> @mutants.caught_by("test_no_spike_is_lost_and_none_is_doubled")
    ... class LosesSpikes(ToyAdapter): ...
    """

    def __init__(self, case: type[Case], *suites: type[Suite]) -> None:
        self._case = case
        self._checks = {check for suite in suites for check in suite.checks()}
        self.pairs: list[tuple[type[Adapter], str]] = []

    def caught_by(self, *checks: str) -> Callable[[type[Adapter]], type[Adapter]]:
        """Enter a mutant, as a decorator."""

        def enter(mutant: type[Adapter]) -> type[Adapter]:
            self.pairs += [(mutant, check) for check in checks]
            return mutant

        return enter

    def assert_caught(self, mutant: type[Adapter], check: str) -> None:
        """Fail if the check does not fail with this mutant."""
        case = self._case()
        case.adapter = mutant
        kind = NetworkConformance if check in NetworkConformance.checks() else Conformance
        suite = type(mutant.__name__, (kind,), {"case": case})()
        # Networks find the mutant in place of the adapter that it is made from.
        with (
            mock.patch.object(registry, "available", return_value={mutant.name: mutant}),
            mock.patch.object(registry, "register"),
            pytest.raises((AssertionError, FusionError, pytest.fail.Exception)),
        ):
            getattr(suite, check)()

    def idle(self) -> set[str]:
        """Checks that catch no mutant."""
        return self._checks - {check for _, check in self.pairs}
