"""The flow chart shows what behaviours did, in their order, and leaves the network as it was."""

from xml.etree import ElementTree

import matplotlib.pyplot as plt
import numpy as np
import pytest

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup, plot
from fusion.behaviours import STDP, Delivery, blocks, box, grid
from fusion.errors import BehaviourFailed, InvalidValue, NothingToRun
from fusion.testing.toy import cells

SVG = "{http://www.w3.org/2000/svg}"


class Fires(Behaviour):
    """Everybody fires in each second iteration."""

    def initialize(self, neurons):
        neurons.voltage = neurons.vector()
        neurons.spike = neurons.vector() > 0

    def iteration(self, neurons):
        neurons.spike[:] = neurons.iteration % 2
        neurons.voltage += 1.0

    writes = ("spike",)


class Silent(Behaviour):
    """Reads in place, and a part of another group; writes nothing."""

    def iteration(self, neurons):
        self.seen = neurons.voltage.sum() + neurons.network["two", 0][:2].voltage[0]


class Fails(Behaviour):
    """Raises."""

    def iteration(self, neurons):
        raise ZeroDivisionError


def build():
    net = Network(dt=1.0, seed=1)
    behaviour = {1: Fires(), 3: Delivery(), 5: Silent(), 9: Recorder("voltage"), 10: EventRecorder("spike")}
    one = NeuronGroup(net, size=4, tag="one", behaviour=behaviour)
    two = NeuronGroup(net, size=4, tag="two", behaviour={1: Fires()})
    SynapseGroup(net, two, one, tag="GLUTAMATE", weight=0.1, into="input", behaviour={4: STDP(a_plus=0.1)})
    return net


def test_what_behaviours_read_and_write_is_seen():
    steps = build().flow_chart(3).steps
    one, two = {"one.spike", "one.voltage"}, {"two.spike", "two.voltage"}
    assert {(step.behaviour, step.owner): (set(step.reads), set(step.writes)) for step in steps} == {
        ("Fires", "one"): (one, one),
        ("Fires", "two"): (two, two),
        ("Delivery", "one"): ({"two.spike", "GLUTAMATE.W", "one.voltage"}, {"one.voltage"}),
        # What is changed in place is written, even if it was reached past the attributes of the group.
        ("STDP", "GLUTAMATE"): ({"two.spike", "one.spike"}, {"GLUTAMATE.W"}),
        ("Silent", "one"): ({"one.voltage", "two.voltage"}, set()),
        ("Recorder", "one"): ({"one.voltage"}, set()),
        ("EventRecorder", "one"): ({"one.spike"}, set()),
    }


def test_they_come_in_the_order_of_their_steps():
    assert [step.key for step in build().flow_chart().steps] == [1, 1, 3, 4, 5, 9, 10]


def test_the_network_goes_on_as_if_nobody_had_watched():
    watched, other = build(), build()
    watched.flow_chart(3)
    watched.simulate(5)
    other.simulate(8)
    np.testing.assert_array_equal(watched["voltage", 0], other["voltage", 0])
    np.testing.assert_array_equal(watched["GLUTAMATE", 0].W, other["GLUTAMATE", 0].W)
    assert {type(group) for group in watched.groups} == {NeuronGroup}
    assert type(watched) is Network
    assert not any("iteration" in vars(behaviour) for behaviour in watched.ordered_behaviours())


def test_also_when_a_behaviour_fails():
    net = Network(dt=1.0)
    group = NeuronGroup(net, size=1, behaviour={1: Fails()})
    with pytest.raises(BehaviourFailed):
        net.flow_chart()
    assert type(group) is NeuronGroup
    assert "iteration" not in vars(group.behaviours[1])


def test_variables_of_simulators_are_seen(toy):
    with Network(dt=0.1) as net:
        NeuronGroup(net, cells(3), tag="foreign", behaviour={9: Recorder("v"), 10: EventRecorder("spike")})
        assert [step.reads for step in net.flow_chart(2).steps] == [["foreign.v"], ["foreign.spike"]]


def test_the_chart_has_a_row_for_each_behaviour_and_a_column_for_each_variable():
    figure, ax = plt.subplots()
    assert plot.flow_chart(build(), iterations=2, ax=ax) is ax
    columns = {"one.voltage", "one.spike", "two.voltage", "two.spike", "GLUTAMATE.W"}
    assert {text.get_text() for text in ax.texts} == columns
    assert [label.get_text() for label in ax.get_yticklabels()][:3] == [
        "1  Fires\none", "1  Fires\ntwo", "3  Delivery\none",
    ]  # fmt: skip
    plt.close(figure)


def test_that_of_a_group_has_those_that_touch_it():
    figure, ax = plt.subplots()
    plot.flow_chart(build()["two", 0], iterations=2, ax=ax)
    rows = [label.get_text() for label in ax.get_yticklabels()]
    assert rows == ["1  Fires\ntwo", "3  Delivery\none", "4  STDP\nGLUTAMATE", "5  Silent\none"]
    plt.close(figure)


def test_the_blocks_of_a_partitioned_group_are_one():
    net = Network(seed=1)
    group = grid(6, 6).place(NeuronGroup(net, size=36, tag="cells", behaviour={1: Fires()}))
    whole = SynapseGroup(
        net, group, group, tag="link", connect=box(1.0), weight=0.5, partition=blocks(3), behaviour={5: STDP()}
    )
    axes = plot.flow_chart(net, iterations=2)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["1  Fires\ncells", "5  STDP\nlink"]
    assert [label.get_text() for label in plot.flow_chart(whole).get_yticklabels()] == ["5  STDP\nlink"]
    plt.close("all")
    (arrow,) = [text.get_text() for text in plot.network(net).texts if "link" in text.get_text()]
    assert arrow == "link\n1 ms"
    plt.close("all")


def test_nothing_to_show_is_told():
    with pytest.raises(InvalidValue, match="no behaviours to show"):
        plot.flow_chart(NeuronGroup(build(), size=1, tag="alone"))
    with pytest.raises(NothingToRun):
        plot.flow_chart(Network())


def test_the_chart_is_a_picture_and_a_table_without_matplotlib(tmp_path):
    chart = build()["two", 0].flow_chart(2)
    chart.save(tmp_path / "chart.svg")
    root = ElementTree.parse(tmp_path / "chart.svg").getroot()
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert [texts.count(word) for word in ("two.voltage", "1  Fires", "4  STDP", "GLUTAMATE")] == [1, 1, 1, 1]
    circles = len(list(root.iter(f"{SVG}circle")))
    assert circles == sum(len(step.reads) + len(step.writes) for step in chart.steps) + len(["reads", "writes"])
    row = ["1", "Fires", "two", "two.spike,", "two.voltage", "two.voltage,", "two.spike"]
    assert str(chart).splitlines()[1].split() == row
