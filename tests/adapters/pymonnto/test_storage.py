"""Folders of parameters and arrays, and genes from the command line."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from fusion_pymonnto import genome
from fusion_pymonnto.behavior import Behavior
from fusion_pymonnto.network import Network
from fusion_pymonnto.neurons import NeuronGroup
from fusion_pymonnto.recorder import Recorder
from fusion_pymonnto.storage import SimpleStorageManager, StorageManager, StorageManagerGroup, get_data_folder

from fusion.errors import InvalidValue, Unsupported


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


class Counts(Behavior):
    def initialize(self, n):
        self.step = self.parameter("step", 1, n)
        n.count = n.vector()

    def iteration(self, n):
        n.count += self.step


def test_data_is_looked_for_upwards(tmp_path, monkeypatch):
    (tmp_path / "Data").mkdir()
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert Path(get_data_folder()).samefile(tmp_path / "Data")


def test_parameters_come_back_as_what_they_were():
    sm = StorageManager("run", print_msg=False)
    saved = {"flag": True, "n": 3, "x": 0.5, "small": 1e-20, "text": "50 % of it", "lines": "one\ntwo"}
    sm.save_param_dict(saved)
    assert sm.load_param_list(saved, return_dict=True) == saved
    assert sm.load_param("n", return_string=True) == "3"
    assert sm.load_param("nothing", default=4) == 4
    assert {"time", *saved} == set(sm.get_all_params())
    assert SimpleStorageManager(sm.get_path()).load_param("x") == 0.5


def test_each_run_has_a_folder_of_its_own():
    names = [StorageManager("run", print_msg=False).folder_name for _ in range(3)]
    assert names == ["run", "run_0", "run_1"]
    assert StorageManager("run", add_new_when_exists=False, last=True).folder_name == "run_1"
    assert StorageManager({"a": 1, "b": 2}).folder_name == "a=1_b=2"
    assert StorageManager("run", random_nr=12).folder_name == "run12"


def test_arrays_text_and_recordings():
    sm = StorageManager("run", print_msg=False)
    net = Network()
    cells = NeuronGroup(net, 2, {1: Counts(step="[2#A]"), 9: Recorder("n.count", tag="rec")}, tag="cells")
    net.initialize(storage_manager=sm)
    net.simulate_iterations(3)
    sm.save_recorder("rec_", cells["rec", 0])
    np.testing.assert_array_equal(sm.load_np("rec_count"), [[2, 2], [4, 4], [6, 6]])
    sm.save_str("notes", "a\nb")
    assert sm.load_str("notes") == "a\nb"
    assert sm.load_param("A") == 2
    assert "Neurons: 2|1 groups" in sm.load_param("info")
    sm.save_frame(np.zeros((4, 5)), "frame")
    assert Path(sm.get_path(), "frame0.png").is_file()


def test_pickles_are_refused():
    sm = StorageManager("run", print_msg=False)
    assert not sm.has_obj("x")
    with pytest.raises(Unsupported, match="save_np"):
        sm.save_obj("x", object())


def test_many_runs_are_sorted_and_asked():
    for score in (3, 1, 2):
        StorageManager("runs", print_msg=False).save_param("score", score)
    runs = StorageManagerGroup("runs")
    runs.sort_by("score")
    assert runs.get_param_list("score") == [1, 2, 3]
    assert [one.load_param("score") for one in runs["score>=2"]] == [2, 3]
    assert runs["score == 9"] == []
    runs.add_virtual_multi_parameter("twice", [2, 4, 6])
    table = runs.get_multi_param_list(["#SM#", "score", "twice"])
    assert table[0].tolist() == list(runs)
    assert table[1:].tolist() == [[1, 2, 3], [2, 4, 6]]
    assert set(runs.get_all_params()) == {"score", "time", "twice"}
    with pytest.raises(InvalidValue, match="no condition"):
        runs["__import__('os')"]


def test_genes_come_from_the_command_line_and_the_score_goes_to_its_folder(monkeypatch):
    arguments = ["slave.py", "__evo_name__=evo", "__evo_id__=7", "__evo_generation__=2", "a=0.25", "other"]
    monkeypatch.setattr(sys, "argv", arguments)
    monkeypatch.setattr(genome, "_GENOME", genome.Genome())
    assert genome.is_evolution_mode()
    assert (genome.get_gene("a", 1.0), genome.get_gene("b", 2)) == (0.25, 2.0)
    net = Network()
    cells = NeuronGroup(net, 2, [Counts(step="[1#a]+1")], tag="cells")
    with pytest.raises(InvalidValue, match=r"'0\.25\+1' is no number"):
        net.initialize()
    assert genome.with_genes("[1#a] and [i]") == "0.25 and [i]"
    genome.set_score(4.5, info={"note": "good"})
    sm = StorageManager("evo", "evo id7", add_new_when_exists=False)
    assert sm.load_param_list(["score", "a", "generation", "note"]) == [4.5, 0.25, 2, "good"]
    assert not genome.is_evolution_mode()
    assert cells.size == 2
