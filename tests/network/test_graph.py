"""The graph of a network says in plain values who computes what, and what links them."""

import json
from xml.etree import ElementTree

import pytest

from fusion import Network, NeuronGroup, SynapseGroup, fixed_probability
from fusion.core.graph import Edge, Node
from fusion.testing.toy import cells

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def net(toy):
    with Network(dt=0.1, seed=1) as net:
        one = NeuronGroup(net, cells(3), tag="one <fast>")
        two = NeuronGroup(net, size=4, tag="two")
        SynapseGroup(net, one, two, tag="up", weight=1.0, delay=1.5)
        SynapseGroup(net, two, one[:2], tag="down", weight=1.0, delay="uniform(0.5, 2)", connect=fixed_probability(0.9))
        SynapseGroup(net, two, two, tag="place")
        SynapseGroup(net, two, two, tag="level", signal="input", into="seen", delay=0.2)
        yield net


def test_it_has_groups_links_and_their_delays(net):
    graph = net.graph()
    assert graph.nodes == [Node("one <fast>", 3, "toy", "in process", 0.1), Node("two", 4, "native", "in process", 0.1)]
    delays = net["down", 0].min_delay * 0.1, net["down", 0].max_delay * 0.1
    assert graph.edges == [
        Edge("up", 0, 1, "spikes", 1.5, 1.5),
        Edge("down", 1, 0, "spikes", *delays),
        Edge("place", 1, 1, "behaviours", 0.0, 0.0),
        Edge("level", 1, 1, "samples", pytest.approx(0.2), pytest.approx(0.2)),
    ]
    assert json.loads(json.dumps(graph.to_dict()))["nodes"][1]["tag"] == "two"


def test_windows_are_those_of_the_last_run(net):
    net.run(2.0)
    assert net.graph().nodes[0].window_ms == pytest.approx(max(row.window_ms for row in net.coupling.participants))


def drawn(graph, path):
    """Texts of the picture, and whether each of its arrows is dashed."""
    graph.save(path)
    root = ElementTree.parse(path).getroot()
    arrows = [part for part in root.iter(f"{SVG}path") if part.get("fill") == "none"]
    return {text.text for text in root.iter(f"{SVG}text")}, ["stroke-dasharray" in arrow.attrib for arrow in arrows]


def test_it_is_a_picture_with_a_box_for_each_group_and_an_arrow_from_one_to_another(net, tmp_path):
    texts, dashed = drawn(net.graph(), tmp_path / "graph.svg")
    assert {"one <fast>", "two", "up", "down", "1.5 ms"} <= texts
    assert dashed == [False, False, False]


def test_parallel_links_share_an_arrow_and_each_has_its_line(net, tmp_path):
    texts, _ = drawn(net.graph(), tmp_path / "graph.svg")
    assert {"place", "level 0.2 ms"} <= texts
    arrows = net.graph().arrows()
    assert (arrows[0].label, arrows[2].label) == ("up\n1.5 ms", "place\nlevel 0.2 ms")
    assert [(arrow.source, arrow.target) for arrow in arrows] == [(0, 1), (1, 0), (1, 1)]


def test_an_arrow_is_dashed_if_all_it_stands_for_are_samples(net, tmp_path):
    SynapseGroup(
        net, net["one <fast>", 0], net["one <fast>", 0], tag="both", signal="v", into="drive", weight=1.0, delay=1.0
    )
    assert drawn(net.graph(), tmp_path / "graph.svg")[1] == [False, False, False, True]


def test_it_is_a_table(net):
    lines = str(net.graph()).splitlines()
    assert lines[1].split() == ["one", "<fast>", "3", "toy", "in", "process", "0.1"]
    assert lines[5].split() == ["up", "one", "<fast>", "two", "spikes", "1.5", "ms"]
