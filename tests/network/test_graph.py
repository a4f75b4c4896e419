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


def test_it_is_a_picture_with_a_box_for_each_group_and_an_arrow_for_each_link(net, tmp_path):
    net.graph().save(tmp_path / "graph.svg")
    root = ElementTree.parse(tmp_path / "graph.svg").getroot()
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert {"one <fast>", "two", "up", "down", "place", "level", "1.5 ms"} <= set(texts)
    assert sum("stroke-dasharray" in path.attrib for path in root.iter(f"{SVG}path")) == 1
    assert len([path for path in root.iter(f"{SVG}path") if path.get("fill") == "none"]) == 4


def test_it_is_a_table(net):
    lines = str(net.graph()).splitlines()
    assert lines[1].split() == ["one", "<fast>", "3", "toy", "in", "process", "0.1"]
    assert lines[5].split() == ["up", "one", "<fast>", "two", "spikes", "1.5", "ms"]
