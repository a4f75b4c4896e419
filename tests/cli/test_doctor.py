"""``fusion doctor``, as users call it, with simulators that work, fail, die and hang."""

from __future__ import annotations

import json
import sys

import pytest

from fusion.adapter.tiers import Tier
from fusion.cli import doctor, main, parser
from fusion.cli.exchange import EXCHANGES, WINDOWS


def fake(folder, module, source):
    """A package that stands before the real one."""
    (folder / module).mkdir()
    (folder / module / "__init__.py").write_text(source)
    return folder


@pytest.mark.slow
def test_all_simulators_are_examined(fusion):
    process = fusion("doctor", "--quick", "--json")
    assert process.returncode == 0, process.stdout
    report = json.loads(process.stdout)
    assert {"fusion-sim", "numpy"} <= report["packages"].keys()
    assert report["equations"].startswith("compiled by numba")
    assert report["cores"] >= 1
    assert report["blas"][0]["threads"] >= 1
    simulators = {one["name"]: one for one in report["simulators"]}
    assert simulators.keys() == {"brian2", "nest", "tensorflow"}
    for one in simulators.values():
        assert (one["status"], one["reason"]) == ("ok", "")
        assert one["tier"]["name"]
        assert one["versions"]
        assert [cost["exchange"] for cost in one["costs"]] == ["step", *EXCHANGES]
        assert {cost["n"] for cost in one["costs"]} == {100}
        assert min(one["costs"][0]["us"].values()) > 0.0
    assert simulators["tensorflow"]["precision"] == "float32"
    assert "threads" in simulators["nest"]["facts"]


@pytest.mark.slow
def test_the_public_tier_can_be_asked_for(fusion):
    process = fusion("doctor", "--quick", "--simulator", "nest", FUSION_TIER="public")
    assert process.returncode == 0
    assert "nest: public tier" in process.stdout


@pytest.mark.slow
def test_several_sizes_are_measured_each_on_its_own(fusion):
    process = fusion("doctor", "--json", "--n", "20", "10", "--simulator", "nest")
    (nest,) = json.loads(process.stdout)["simulators"]
    assert list(dict.fromkeys(cost["n"] for cost in nest["costs"])) == [10, 20]


def test_a_simulator_that_cannot_be_imported_is_a_line_and_exit_status_1(fusion, tmp_path):
    folder = fake(tmp_path, "nest", "raise ImportError('libnest.so is not there')")
    process = fusion("doctor", "--quick", "--simulator", "nest", folder=folder)
    assert process.returncode == 1
    assert "nest: broken" in process.stdout
    assert "libnest.so is not there" in process.stdout
    assert "Traceback" not in process.stdout + process.stderr


@pytest.mark.parametrize(
    ("source", "end"),
    [
        ("import os\nos.abort()", "was killed by SIGABRT while opening it"),
        ("import os\nprint('Goodbye.', flush=True)\nos._exit(3)", "ended with status 3 (Goodbye.) while opening it"),
    ],
)
def test_a_simulator_that_dies_is_a_line(fusion, tmp_path, source, end):
    folder = fake(tmp_path, "nest", source)
    process = fusion("doctor", "--quick", "--json", "--simulator", "nest", folder=folder)
    (nest,) = json.loads(process.stdout)["simulators"]
    assert (nest["status"], nest["reason"]) == ("broken", f"Its process {end}.")
    assert process.returncode == 1


def test_a_simulator_that_hangs_is_ended(tmp_path, monkeypatch):
    fake(tmp_path, "nest", "import threading\nthreading.Event().wait()")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setattr(doctor, "PATIENCE", 3.0)
    nest = doctor.examined("nest", [10], 0.0)
    assert nest.status == "broken"
    assert nest.reason.startswith("Its process was ended after 3 s while")


def test_one_that_fails_does_not_keep_the_others_from_being_examined(fusion, tmp_path):
    fake(tmp_path, "nest", "raise ImportError('no')")
    folder = fake(tmp_path, "brian2", "raise RuntimeError('never')")
    process = fusion("doctor", "--quick", "--json", "--simulator", "brian2", "--simulator", "nest", folder=folder)
    simulators = json.loads(process.stdout)["simulators"]
    assert [(one["name"], one["status"]) for one in simulators] == [("brian2", "broken"), ("nest", "broken")]
    assert simulators[0]["reason"] == "RuntimeError: never"


def test_a_name_that_is_none_is_an_error_with_a_hint(fusion):
    process = fusion("doctor", "--simulator", "nset")
    assert process.returncode == 2
    assert "Did you mean 'nest'?" in process.stderr


@pytest.mark.parametrize("words", [[], ["docter"], ["doctor", "--n", "0"], ["doctor", "--n", "many"]])
def test_what_means_nothing_is_refused(words, capsys):
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    assert "usage: fusion" in capsys.readouterr().err


def test_help_tells_what_there_is():
    assert "what is installed" in parser().format_help()


# The report.


@pytest.fixture
def simulators():
    costs = [
        {"n": 100, "exchange": exchange, "us": dict.fromkeys(WINDOWS, us)}
        for exchange, us in zip(("step", *EXCHANGES), (9.5, 1.25, 2.0, 1234.5, 0.0), strict=True)
    ]
    costs[-1]["us"] = {}
    return [
        doctor.Simulator(
            "fast", "ok", "", "fast-adapter 1.0", {"fast": "2.0"}, Tier("port"), "float64", {"threads": "1"}, costs
        ),
        doctor.Simulator("slow", "ok", tier=Tier("public", "no compiler; install gcc"), not_measured="It has nothing."),
        doctor.Simulator("absent", "missing", "absent is not installed. Install it."),
        doctor.Simulator("ill", "broken", "ImportError: no"),
    ]


def test_the_report_is_aligned_and_says_everything(simulators):
    text = "\n".join(doctor._report(doctor.here(), simulators))
    for line in (
        "fast: port tier",
        "  versions: fast 2.0",
        "  adapter: fast-adapter 1.0",
        "slow: public tier",
        "  why not better: no compiler; install gcc",
        "  not measured: It has nothing.",
        "absent: missing",
        "  absent is not installed. Install it.",
        "ill: broken",
        "simulator  neurons    window  step  spikes out  spikes in  current in  state out   all",
        "fast           100  lockstep   9.5        1.25          2        1234          -  1247",
        "fast           100  15 ticks   9.5        1.25          2        1234          -  1247",
    ):
        assert line in text.splitlines()


def test_progress_is_one_line_on_a_terminal_and_nothing_elsewhere(monkeypatch, capsys):
    doctor._show_progress("nest: opening it")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    doctor._show_progress("nest: opening it")
    doctor._show_progress("")
    assert capsys.readouterr().err == "\r\033[Knest: opening it\r\033[K"
