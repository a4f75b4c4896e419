"""What bits depend on, and what the certificate says of simulators elsewhere."""

import json
import sys
from itertools import pairwise

import brian2
import pytest

from fusion import Network, NeuronGroup, SynapseGroup
from fusion.adapter import makeup, registry
from fusion.host import Process
from fusion.testing.toy_recipes import cells


def net_of(*hosts):
    net = Network(dt=0.1, seed=1)
    groups = [NeuronGroup(net, cells(3), tag=f"cells {k}", host=host) for k, host in enumerate(hosts)]
    for source, target in pairwise(groups):
        SynapseGroup(net, source, target, weight=1.0, delay=1.0)
    return net


def test_it_names_all_that_computes():
    found = makeup.makeup(registry.installed()["nest"])
    assert list(found) == ["Python", "fusion", "numpy", "nest", "processor"]
    assert makeup.UNKNOWN not in found.values()
    assert len(found["processor"].split()) >= 3


def test_a_simulator_is_known_whether_it_is_loaded_or_not(monkeypatch):
    loaded = makeup._version("brian2")
    monkeypatch.delitem(sys.modules, "brian2")
    assert makeup._version("brian2") == loaded == brian2.__version__
    assert makeup._version("no_such_simulator") == "not installed"


def test_what_differs_is_told_in_words():
    here = {"numpy": "2.3", "nest": "3.10", "processor": "x86_64"}
    assert makeup.differences(here, here) == ()
    assert makeup.differences(here, here | {"numpy": "2.2"}) == ("numpy 2.2 there, 2.3 here",)
    assert makeup.differences(here, {"numpy": "2.3", "nest": "3.10"}) == ("processor unknown there, x86_64 here",)


def test_what_is_known_on_neither_side_is_not_taken_for_the_same():
    unknown = {"processor": makeup.UNKNOWN}
    assert makeup.differences(unknown, unknown) == ("processor unknown there, unknown here",)


@pytest.mark.usefixtures("toy")
def test_the_certificate_tells_where_simulators_run_and_that_bits_are_the_same():
    with net_of(Process(), None) as net:
        net.run(2.0)
        report = net.coupling
    elsewhere, here, rest = report.participants
    assert (elsewhere.place, here.place, rest.place) == ("Process()", "in process", "in process")
    assert elsewhere.differences == here.differences == ()
    lines = str(report).splitlines()
    assert next(line for line in lines if line.startswith("participant")).split()[:3] == [
        "participant",
        "groups",
        "where",
    ]
    assert lines[-1].startswith(f"{elsewhere.participant}: the same bits as in process, for versions and processor")
    assert '<td style="text-align:left">Process()</td>' in report._repr_html_()
    assert json.loads(json.dumps(report.to_dict()))["participants"][0]["place"] == "Process()"


@pytest.mark.usefixtures("toy")
def test_other_versions_in_a_worker_are_told(monkeypatch):
    monkeypatch.setattr("fusion.host.remote.makeup", lambda kind: makeup.makeup(kind) | {"numpy": "1.0"})
    with net_of(Process()) as net:
        report = net.coupling
    (difference,) = report.participants[0].differences
    assert difference.startswith("numpy ")
    assert difference.endswith(" there, 1.0 here")
    note = str(report).splitlines()[-1]
    assert note.startswith("toy: results may differ from those in process in their last bits: numpy")


@pytest.mark.usefixtures("toy")
def test_in_process_nothing_is_said_of_places():
    with net_of(None) as net:
        text = str(net.coupling)
    assert "where" not in text
    assert "bits" not in text
