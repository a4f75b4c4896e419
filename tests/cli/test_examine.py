"""What the child process of the doctor finds."""

from __future__ import annotations

import pytest

from fusion.cli import examine
from fusion.cli.exchange import EXCHANGES
from fusion.errors import SimulatorFailed
from fusion.testing.toy import ToyAdapter

TOY = "fusion.testing.toy:ToyAdapter"


def findings(sizes=(10,)):
    found = []
    examine.examine("toy", sizes, 0.0, found.append)
    return found


def told(found, key):
    return [finding[key] for finding in found if key in finding]


def test_a_simulator_is_opened_and_measured(announced):
    announced(TOY)
    found = findings(sizes=(10, 20))
    assert told(found, "tier")[0] == {"name": "public", "reason": ""}
    assert told(found, "facts")[0] == {"threads": "1"}
    assert told(found, "precision")[0] == "float64"
    costs = told(found, "cost")
    assert [(cost["n"], cost["exchange"]) for cost in costs] == [(n, e) for n in (10, 20) for e in ("step", *EXCHANGES)]
    assert told(found, "measured") == [10, 20]
    assert told(found, "status") == ["ok", "ok"]


def test_a_simulator_that_is_there_once_is_measured_once_in_a_process(announced, monkeypatch):
    from dataclasses import replace

    announced(TOY)
    monkeypatch.setattr(ToyAdapter, "capabilities", replace(ToyAdapter.capabilities, instances_per_process=1))
    assert told(findings(sizes=(10, 20)), "measured") == [10]


def test_a_simulator_that_is_not_installed_is_no_failure(announced, monkeypatch):
    announced(TOY)
    monkeypatch.setattr(ToyAdapter, "modules", frozenset({"nowhere_to_be_found"}))
    (finding,) = findings()
    assert finding["status"] == "missing"
    assert "pip install 'fusion-sim[toy]'" in finding["reason"]


def test_an_adapter_without_a_specimen_is_usable_and_not_measured(announced, monkeypatch):
    from fusion.adapter.base import Adapter

    announced(TOY)
    monkeypatch.setattr(ToyAdapter, "specimen", Adapter.__dict__["specimen"])
    found = findings()
    assert told(found, "not measured") == ["toy has no population to measure."]
    assert told(found, "status") == ["ok"]


def test_an_adapter_that_cannot_be_loaded_is_an_error(announced):
    announced("fusion.testing.toy:NoSuchAdapter")
    with pytest.raises(SimulatorFailed, match="NoSuchAdapter"):
        findings()


def test_a_simulator_is_closed_when_something_fails(announced, monkeypatch):
    announced(TOY)
    closed = []
    monkeypatch.setattr(ToyAdapter, "close", lambda self: closed.append("toy"))
    monkeypatch.setattr(ToyAdapter, "prepare", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        findings()
    assert closed == ["toy"]


def test_versions_are_those_of_the_distributions_that_bring_the_modules(monkeypatch):
    monkeypatch.setattr(ToyAdapter, "modules", frozenset({"numpy", "pytest"}))
    assert list(examine.versions(ToyAdapter)) == ["numpy", "pytest"]
