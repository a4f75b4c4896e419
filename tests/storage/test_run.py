"""A run that was kept is read as the network was: by tag, without the network."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

from fusion import Network, NeuronGroup, Recorder, SynapseGroup
from fusion.behaviours import LIF, blocks, box, grid
from fusion.errors import InvalidValue, NoRun, UnknownName
from fusion.storage import Run, about


@pytest.fixture
def net(make, tmp_path):
    net = make()
    net.keep(tmp_path / "run")
    return net.run(2.0)


@pytest.fixture
def run(net, tmp_path):
    return Run(tmp_path / "run")


def test_tags_classes_and_parts_are_found_as_in_the_network(net, run, make):
    for tag in (
        "cells",
        "leaky",
        "NeuronGroup",
        "Leaky",
        "Recorder",
        "Recording",
        "Network",
        "main",
        "up",
        "Behaviour",
    ):
        assert len(run[tag]) == len(net[tag]), tag
        assert [each.tag for each in run[tag]] == [each.tag for each in net[tag]], tag
    assert len(run["cells", 0]["spike"]) == len(net["cells", 0]["spike"])
    assert run["a/b", 0]["voltage"] == []  # there is one elsewhere, as in the network
    assert "voltage" in run
    assert "nonsense" not in run


def test_an_unknown_name_is_told_with_the_nearest(run):
    with pytest.raises(UnknownName, match=r"No tag is named 'voltge'.*Did you mean 'voltage'.*spike.t") as caught:
        run["voltge", 0]
    assert "Stored" not in str(caught.value)
    with pytest.raises(UnknownName):
        run["voltage", 7]
    with pytest.raises(UnknownName):
        run["voltage.t", 0]
    with pytest.raises(InvalidValue, match="recorded no rows"):
        run["EventRecorder", 0].t  # noqa: B018 - it raises


def test_it_tells_what_ran(net, run):
    facts = run.about
    assert (facts["seed"], facts["dt_ms"]) == (3, 0.1)
    assert facts["versions"]["Python"] == sys.version.split()[0]
    assert facts["versions"]["numpy"]
    assert facts["begun"] <= facts["ended"]
    assert run["cells", 0].about == {
        "tags": ["cells", "leaky"], "is": ["NeuronGroup", "Part"], "simulator": "native", "size": 10
    }  # fmt: skip
    assert run["up", 0].about["source"] == "cells"
    assert run["Leaky", 0].about["parameters"] == {"every": None, "leak": "normal(0.9, 0.02)"}
    assert " ".join(str(run).split()).find("voltage cells mV (20, 10)") > 0
    assert "(0, 2)" not in str(run)
    json.loads((run.path / "run.json").read_text())  # and nothing in it that only Python reads


def test_a_run_is_read_wherever_the_process_goes(net, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = Run("run")
    monkeypatch.chdir("/")
    assert run["voltage", 0].shape == net["voltage", 0].shape
    assert run.iterations == 20


def test_a_run_whose_folder_is_gone_is_none(net, tmp_path):
    net.kept["x"] = [1, 2]
    run = Run(tmp_path / "run")
    shutil.rmtree(tmp_path / "run")
    for read in (
        lambda: run["voltage", 0], lambda: run["spike.t", 0], lambda: run.iterations, lambda: run.coupling,
        lambda: run.kept["x"],
    ):  # fmt: skip
        with pytest.raises(NoRun, match="there is no such folder"):
            read()


def test_a_run_that_has_not_ended_has_no_certificate(make, tmp_path):
    make().keep(tmp_path / "run")
    with pytest.raises(InvalidValue, match="is new and has no certificate; certificates are written when"):
        Run(tmp_path / "run").coupling  # noqa: B018 - it raises


def test_blocks_of_a_partition_are_found_as_in_the_network(tmp_path):
    net = Network(dt=1.0, seed=1)
    cells = NeuronGroup(net, size=16, tag="cells", behaviour={0: LIF(), 1: Recorder("voltage")})
    grid(4, 4).place(cells)
    synapses = SynapseGroup(
        net, cells, cells, tag="near", connect=box(1), weight="uniform(0, 1)", partition=blocks(2, 2),
        behaviour={5: Recorder("np.sum(W)")},
    )  # fmt: skip
    synapses.blocks[1].add_behaviour(6, Recorder("W"))
    net.keep(tmp_path / "run")
    net.run(3.0)
    run = Run(tmp_path / "run")
    for tag in ("near", "partitioned", "SynapseGroup", "Recorder", "W"):
        assert len(run[tag]) == len(net[tag]), tag
    assert len(run["near"]) == 4
    for k in range(4):
        assert (run["near", k]["np.sum(W)", 0] == net["near", k]["np.sum(W)", 0]).all()
    assert (run["W", 0] == net["W", 0]).all()
    assert run["LIF", 0].about["parameters"]["tau"] == net["LIF", 0].tau


def test_the_commit_of_a_script_is_told(tmp_path):
    def git(*words):
        options = ("-c", "user.name=n", "-c", "user.email=e", "-c", "commit.gpgsign=false")
        done = subprocess.run(
            ["git", "-C", str(tmp_path), *options, *words], check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    assert about.commit(tmp_path) is None
    git("init", "-q")
    (tmp_path / "a.py").write_text("1")
    git("add", ".")
    git("commit", "-qm", "first")
    assert about.commit(tmp_path) == {"commit": git("rev-parse", "HEAD"), "changed": False}
    (tmp_path / "a.py").write_text("2")
    assert about.commit(tmp_path)["changed"]
