"""The report of what the coupling did."""

from __future__ import annotations

import json

import pytest

from fusion import Network, NeuronGroup, SynapseGroup
from fusion.coupling.certificate import Certificate, LinkReport, ParticipantReport
from fusion.testing.toy import ToyNeurons


@pytest.fixture
def certificate():
    links = [LinkReport("up <1>", "spikes", 1.5, 3.0, 0.5, "exact", 120, 0)]
    participants = [
        ParticipantReport("toy", "public", 0.5, 0.75, 0.75),
        ParticipantReport("native", "numpy", 0.5, 0.25, 0.25),
    ]
    return Certificate(200, 1.0, links, participants)


def test_it_is_printed_as_two_tables(certificate):
    lines = str(certificate).splitlines()
    assert lines[0] == "200 iterations in 1.00 s"
    header, link = lines[2:4]
    assert header.split() == ["link", "kind", "delay", "(ms)", "max", "delay", "(ms)", "window", "(ms)", "coupling",
                              "sent", "late"]  # fmt: skip
    assert link.split() == ["up", "<1>", "spikes", "1.5", "3", "0.5", "exact", "120", "0"]
    assert header.index("kind") == link.index("spikes")
    assert "75 %" in lines[6]
    assert all(line == line.rstrip() for line in lines)


def test_nothing_is_printed_of_what_there_is_not():
    assert str(Certificate(0, 0.0)) == "0 iterations in 0.00 s"


def test_in_a_notebook_it_is_a_table_with_names_escaped(certificate):
    html = certificate._repr_html_()
    assert html.count("<table>") == 2
    assert "<td>up &lt;1&gt;</td>" in html


def test_it_is_plain_data_too(certificate):
    data = json.loads(json.dumps(certificate.to_dict()))
    assert data["links"][0]["sent"] == 120
    assert data["participants"][1]["participant"] == "native"


def test_a_network_tells_its_links_and_participants(toy):
    net = Network(dt=0.1)
    cells = NeuronGroup(net, ToyNeurons(3), tag="cells")
    SynapseGroup(net, cells, cells, tag="loop", weight=1.0, delay="uniform(1, 2)")
    cells.drive = 1e5
    net.run(1.0)
    report = net.coupling
    assert (report.iterations, len(report.links)) == (10, 1)
    (link,) = report.links
    assert link.link == "loop"
    assert 1.0 <= link.delay_ms < link.max_delay_ms <= 2.0
    assert (link.window_ms, link.coupling, link.late) == (0.1, "exact", 0)
    assert link.sent == 3
    assert [(p.participant, p.tier) for p in report.participants] == [
        ("toy", "public"),
        ("native and exchange", "numpy"),
    ]
    assert 0.0 < report.seconds < 3600.0  # the time of the run and not of the clock
    assert sum(p.seconds for p in report.participants) == pytest.approx(report.seconds)
    assert sum(p.share for p in report.participants) == pytest.approx(1.0)
    assert all(p.share >= 0 for p in report.participants)


def test_before_the_first_run_there_is_a_report_as_well():
    assert Network().coupling.iterations == 0
