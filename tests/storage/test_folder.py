"""The folder of a run: claimed once, and what is no run is told from what is one."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from fusion.errors import CannotKeep, FolderTaken, FusionError, InvalidValue, NoRun
from fusion.storage import Run
from fusion.storage.folder import Folder, certificates_in, facts_in


def test_a_date_in_the_name_gives_each_run_a_folder(tmp_path):
    folders = [Folder.claim(tmp_path / "runs" / "{date}-try") for _ in range(3)]
    assert len({folder.path for folder in folders}) == 3
    assert all(folder.path.name.startswith("20") for folder in folders)


def test_of_two_that_come_at_the_same_time_each_has_a_dated_folder(tmp_path, monkeypatch):
    touch, others = Path.touch, []

    def second(path, **options):
        if not others:
            others.append(path.parent)
            touch(path)
        touch(path, **options)

    monkeypatch.setattr(Path, "touch", second)
    mine = Folder.claim(tmp_path / "{date}").path
    assert mine.name == f"{others[0].name}_2"
    monkeypatch.undo()
    with pytest.raises(FolderTaken):
        Folder.claim(others[0])


@pytest.mark.parametrize("path", [None, 3, "", " "])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(InvalidValue, match=r"keep\(.*\): give a folder, such as keep\('runs/first'\)"):
        Folder.claim(path)
    with pytest.raises(InvalidValue, match=r"Run\(.*\): give a folder, such as Run\('runs/first'\)"):
        Run(path)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("~nobodysuch/x", "Could not determine home directory"),
        ("a\0b", "embedded null"),
        ("x" * 300, "File name too long"),
        ("runs/" + "x" * 300 + "/{date}", "File name too long"),
    ],
    ids=["home", "null", "long", "long parent"],
)
def test_a_path_that_cannot_be_is_told(path, reason, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CannotKeep, match=f"cannot be kept in .*: .*{reason}") as caught:
        Folder.claim(path)
    assert reason in caught.value.reason
    with pytest.raises(NoRun, match=f"holds no run: ({reason}|there is no such folder)"):
        Run(path)


def test_what_names_a_path_is_taken_by_that_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    (entry,) = os.scandir()
    assert Folder.claim(entry).path == tmp_path / "mine"
    assert [each.name for each in tmp_path.iterdir()] == ["mine"]


def test_a_file_in_the_place_of_the_folder_is_left_alone(tmp_path):
    (tmp_path / "run").write_text("mine")
    with pytest.raises(FileExistsError, match=r"holds a file\. Nothing there was touched"):
        Folder.claim(tmp_path / "run")
    assert (tmp_path / "run").read_text() == "mine"


def test_a_folder_with_other_files_is_left_alone_and_an_empty_one_is_taken(tmp_path):
    Folder.claim(tmp_path / "run").path.joinpath("run.json").unlink()
    Folder.claim(tmp_path / "run")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a").touch()
    with pytest.raises(FolderTaken, match="other files"):
        Folder.claim(tmp_path / "notes")
    assert [each.name for each in (tmp_path / "notes").iterdir()] == ["a"]


@pytest.mark.parametrize("place", ["a file/run", "/proc/run"])
def test_a_place_that_cannot_be_written_is_told(place, tmp_path):
    (tmp_path / "a file").touch()
    with pytest.raises(CannotKeep, match="cannot be kept in") as caught:
        Folder.claim(tmp_path / place)
    assert isinstance(caught.value, FusionError | OSError)
    assert caught.value.reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "it has no run.json"),
        ("", "its run.json is of another kind"),
        ("{}", "its run.json is of another kind"),
        ("[1]", "its run.json is of another kind"),
        ('{"fusion run": 99}', "written by a later fusion"),
    ],
)
def test_what_is_no_run_is_told(content, reason, tmp_path):
    if content is not None:
        (tmp_path / "run.json").write_text(content)
    with pytest.raises(NoRun, match=reason):
        Run(tmp_path)


def test_a_folder_of_runs_is_told_with_one_that_is_in_it(tmp_path):
    for name in ("2026-01", "2026-02"):
        Folder.claim(tmp_path / name)
    with pytest.raises(NoRun, match=r"no run\.json, but its folder '2026-02' has one"):
        Run(tmp_path)


def test_a_file_and_nothing_are_no_runs(tmp_path):
    (tmp_path / "a").touch()
    with pytest.raises(FileNotFoundError, match="it is no folder"):
        Run(tmp_path / "a")
    with pytest.raises(FileNotFoundError, match="there is no such folder"):
        Run(tmp_path / "b")


def test_facts_are_read_as_they_were_written_and_fit_for_people(tmp_path):
    folder = Folder.claim(tmp_path / "run")
    facts = {"fusion run": 1, "status": "new", "tags": ["a", "b [ c", "Grüße\n  "], "empty": [], "path": "\udce4"}
    folder.write(facts)
    assert facts_in(folder.path) == facts
    folder.write({**facts, "tags": ["a", "b", "c"]})
    assert '"tags": ["a", "b", "c"]' in (folder.path / "run.json").read_text()
    assert [each.name for each in folder.path.iterdir()] == ["run.json"]


def test_a_run_is_running_as_long_as_its_lock_is_held(tmp_path):
    folder = Folder.claim(tmp_path / "run")
    folder.lock()
    folder.write({"fusion run": 1, "status": "running"})
    assert facts_in(folder.path)["status"] == "running"
    folder.unlock()
    folder.unlock()
    assert facts_in(folder.path)["status"] == "killed"


def test_a_certificate_that_was_being_written_is_left_out(tmp_path):
    folder = Folder.claim(tmp_path / "run")
    assert certificates_in(folder.path) == []
    folder.certify({"iterations": 1})
    with (folder.path / "coupling.jsonl").open("a") as file:
        file.write(json.dumps({"iterations": 2})[:5])
    assert certificates_in(folder.path) == [{"iterations": 1}]
    folder.certify({"iterations": 3})
    assert certificates_in(folder.path) == [{"iterations": 1}, {"iterations": 3}]
