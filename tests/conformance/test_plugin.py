"""The plugin, in sessions of its own: what is listed must fail, what is required must be there."""

import pytest

from fusion.errors import InvalidValue, UnknownName
from fusion.testing.conformance import Conformance
from fusion.testing.suite import Suite
from fusion.testing.toy_case import ToyCase

pytest_plugins = "pytester"

OK, FAILED = pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED

CHECKS = """
from fusion.errors import Unsupported
from fusion.testing.suite import Suite
from fusion.testing.toy_case import ToyCase

class Checks(Suite):
    def test_passes(self):
        pass

    def test_fails(self):
        assert 1 == 2

    def test_is_refused(self):
        raise Unsupported("not here")

    def test_has_an_accident(self):
        raise TypeError("in the case")

class TestToy(Checks):
    case = ToyCase()
    unsupported = {unsupported}
"""


@pytest.fixture
def session(pytester):
    """Run the checks above with a list of unsupported ones, and options: session({"test_fails": "why"}, "-k", ...)."""

    def run(unsupported, *options):
        pytester.makepyfile(test_it=CHECKS.replace("{unsupported}", repr(unsupported)))
        return pytester.runpytest_inprocess("-rxX", *options)

    return run


def test_a_listed_check_that_fails_is_expected_with_its_reason(session):
    result = session({"test_fails": "two is not one", "test_is_refused": "never"}, "-k", "fails or refused or passes")
    result.assert_outcomes(passed=1, xfailed=2)
    result.stdout.fnmatch_lines(["*test_fails*two is not one*"])
    assert result.ret == OK


def test_a_listed_check_that_passes_fails_the_session(session):
    result = session({"test_passes": "it cannot"}, "-k", "passes")
    result.assert_outcomes(failed=1)


def test_a_check_that_fails_and_is_not_listed_fails_the_session(session):
    result = session({}, "-k", "fails or passes")
    result.assert_outcomes(passed=1, failed=1)


def test_an_accident_is_not_what_was_expected(session):
    result = session({"test_has_an_accident": "it cannot"}, "-k", "accident")
    result.assert_outcomes(failed=1)


def test_the_summary_says_what_was_tested(session):
    result = session({"test_fails": "two is not one"}, "-k", "fails or passes")
    result.stdout.fnmatch_lines(["*conformance of adapters*", "toy (never opened): 1 passed, 1 unsupported"])


def test_a_session_without_a_required_adapter_fails(session):
    result = session({}, "-k", "passes", "--require-adapters", "toy,frog")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["frog: required, and no check of it passed. No entry point announces it; there are:*"])
    assert result.ret == FAILED


def test_a_required_adapter_of_which_nothing_passed_fails_the_session(session):
    result = session({"test_fails": "two is not one"}, "-k", "fails", "--require-adapters", "toy")
    assert result.ret == FAILED


def test_a_session_with_all_required_adapters_passes(session):
    assert session({}, "-k", "passes", "--require-adapters", "toy").ret == OK


@pytest.mark.parametrize(("required", "code"), [("toy", OK), ("toy,frog", FAILED)])
def test_checks_that_several_processes_share_count_together(session, required, code):
    result = session({}, "-k", "passes", "-n", "2", "--require-adapters", required)
    result.stdout.fnmatch_lines(["toy (never opened): 1 passed"])
    assert result.ret == code


def test_adapters_can_be_required_in_the_ini_file(session, pytester):
    pytester.makeini("[pytest]\nrequire_adapters = toy, frog")
    assert session({}, "-k", "passes").ret == FAILED


def test_a_session_without_checks_says_nothing_about_adapters(pytester):
    pytester.makepyfile("def test_it(): pass")
    result = pytester.runpytest_inprocess()
    result.stdout.no_fnmatch_line("*conformance*")
    assert result.ret == OK


def test_a_check_that_does_not_exist_cannot_be_listed():
    with pytest.raises(UnknownName, match="Did you mean 'test_an_object_is_taken_once'"):
        type("TestMine", (Conformance,), {"unsupported": {"test_an_object_is_taken_twice": "why"}})


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_check_cannot_be_listed_without_a_reason(reason):
    with pytest.raises(InvalidValue, match="Write why"):
        type("TestMine", (Conformance,), {"unsupported": {"test_an_object_is_taken_once": reason}})


def test_a_tolerance_without_a_reason_is_refused():
    class Sloppy(ToyCase):
        tolerance = ToyCase.tolerance._replace(reason="")

    with pytest.raises(InvalidValue, match=r"Sloppy\.tolerance has no reason"):
        Sloppy()


def test_checks_are_named_once():
    assert len(Conformance.checks()) == len(set(Conformance.checks())) > 50
    assert Suite.checks() == []
