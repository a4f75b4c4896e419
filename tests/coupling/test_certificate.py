"""The report of what the coupling did."""

from __future__ import annotations

import json
import logging
from dataclasses import replace

import numpy as np
import pytest

from fusion import Behaviour, Network, NeuronGroup, Recorder, SynapseGroup, exponential
from fusion.adapter.tiers import Tier
from fusion.coupling.certificate import Certificate, LinkReport, ParticipantReport, SubscriptionReport
from fusion.coupling.plan import MOST
from fusion.errors import BehaviourFailed
from fusion.testing.toy import ToyAdapter, ToyNeurons

DT = 0.1


@pytest.fixture
def certificate():
    links = [
        LinkReport("up <1>", "a", "b", "spikes", 1.5, 3.0, 1.0, "exact", 1200, 0, 28800),
        LinkReport("back", "b", "a", "samples", 0.5, 0.5, 1.0, "linear", 200, 0, 512, 19),
    ]
    participants = [
        ParticipantReport("toy", ["a", "c"], "public", "no compiler was found", "float32", 1.0, 100, 0.75, 0.75),
        ParticipantReport("native and exchange", ["b"], "numpy", "", "float64", 1.0, None, 0.25, 0.25),
    ]
    subscriptions = [SubscriptionReport("v[:10]", "a", "toy", 2e-3)]
    return Certificate(
        200, 0.5, 1.0, 2, "the link 'up <1>' is short", "Give it time.", links, participants, subscriptions
    )


def network(window=None, **link):
    """Toy cells in a loop, in which all fire in the first iteration."""
    net = Network(dt=DT, window=window)
    cells = NeuronGroup(net, ToyNeurons(3), tag="cells")
    SynapseGroup(net, cells, cells, tag="loop", **({"weight": 1.0, "delay": 1.5} | link))
    cells.drive = 1e5
    return net, cells


# How it looks.


def test_it_is_printed_as_short_aligned_lines(certificate):
    assert str(certificate).splitlines() == [
        "200 iterations of 0.5 ms in 1 s.",
        "Participants meet every 2 iterations (1 ms).",
        "Why no longer: the link 'up <1>' is short.",
        "What would help: Give it time.",
        "",
        "link    from  to  kind     delay (ms)  coupling              window (ms)   sent  late  guessed     size",
        "up <1>  a     b   spikes     1.5 to 3  exact                           1  1,200     0        0  28.8 kB",
        "back    b     a   samples         0.5  linear, second order            1    200     0       19    512 B",
        "",
        "participant          groups  tier    numbers  window (ms)  calls  time (s)  share",
        "toy                  a, c    public  float32            1    100     0.750   75 %",
        "native and exchange  b       numpy   float64            1            0.250   25 %",
        "",
        "seen in each iteration  of  computed by  us per iteration",
        "v[:10]                  a   toy                        10",
        "",
        "toy: no compiler was found.",
        "toy: not float64, so that other simulators agree in statistics only.",
        "'back': samples were guessed; all other links are exact.",
    ]


def test_long_reasons_are_wrapped(certificate):
    text = str(replace(certificate, reason="a reason of many words " * 20))
    assert max(map(len, text.splitlines()[:8])) <= 100


def test_one_of_a_thing_is_singular():
    report = Certificate(1, 0.1, 0.0, 1, "nothing", participants=[])
    assert str(report) == "1 iteration of 0.1 ms in 0 s."


def test_in_a_notebook_it_is_tables_with_names_escaped(certificate):
    html = certificate._repr_html_()
    assert html.count("<table") == html.count("</table>") == 3
    assert '<td style="text-align:left">up &lt;1&gt;</td>' in html
    assert '<td style="text-align:right">28.8 kB</td>' in html
    assert "<br>Why no longer: the link &#x27;up &lt;1&gt;&#x27; is short.<br>" in html


def test_it_is_plain_data_too(certificate):
    data = json.loads(json.dumps(certificate.to_dict()))
    assert data["links"][0]["sent"] == 1200
    assert data["participants"][0]["groups"] == ["a", "c"]
    assert data["subscriptions"][0]["variable"] == "v[:10]"
    assert (data["window"], data["dt_ms"]) == (2, 0.5)


@pytest.mark.parametrize("as_path", [str, lambda path: path])
def test_it_is_saved_as_json(certificate, tmp_path, as_path):
    path = certificate.save(as_path(tmp_path / "coupling.json"))
    assert json.loads(path.read_text()) == json.loads(json.dumps(certificate.to_dict()))


def test_it_is_exact_unless_samples_were_guessed(certificate):
    assert not certificate.is_exact
    assert replace(certificate, links=certificate.links[:1]).is_exact


@pytest.mark.parametrize(
    ("windows", "shown"),
    [
        ([[2, 199]], "Participants meet every 2 iterations (1 ms)."),
        ([[1, 9000], [2, 199]], "every 2 iterations (1 ms); they met in each of 9,000 iterations before."),
        (
            [[4, 1], [2, 199], [1, 20]],
            "(1 ms); they met every 4 iterations (2 ms) for 1 iteration, in each of 20 iterations before.",
        ),
    ],
)
def test_windows_of_other_lengths_are_told(certificate, windows, shown):
    report = replace(certificate, windows=windows)
    assert shown in " ".join(str(report).split())
    assert shown in report._repr_html_()
    assert Certificate.from_dict(json.loads(json.dumps(report.to_dict()))).windows == windows


def test_a_report_of_before_windows_were_counted_can_be_read(certificate):
    saved = certificate.to_dict()
    del saved["windows"]
    assert str(Certificate.from_dict(saved)) == str(certificate)


# What it says of a network.


@pytest.mark.usefixtures("toy")
def test_a_network_tells_its_links_and_participants():
    net, _ = network(delay="uniform(1, 2)")
    net.run(1.0)
    report = net.coupling
    (link,) = report.links
    assert (link.link, link.source, link.target, link.kind) == ("loop", "cells", "cells", "spikes")
    assert 1.0 <= link.delay_ms < link.max_delay_ms <= 2.0
    assert (link.coupling, link.sent, link.late, link.guessed) == ("exact", 3, 0, 0)
    assert link.bytes == 9 * 24  # a tick, a target and a value for each of nine synapses
    toy, rest = report.participants
    assert (toy.participant, toy.groups, toy.tier, toy.precision) == ("toy", ["cells"], "public", "float64")
    assert (rest.participant, rest.tier, rest.precision, rest.calls) == (
        "native and exchange",
        "numpy",
        "float64",
        None,
    )
    assert 0.0 < report.seconds < 3600.0  # the time of the run and not of the clock
    assert sum(p.seconds for p in report.participants) == pytest.approx(report.seconds)
    assert sum(p.share for p in report.participants) == pytest.approx(1.0)
    assert all(p.share >= 0 for p in report.participants)


@pytest.mark.usefixtures("toy")
def test_the_window_and_the_link_that_bounds_it_are_named():
    net, _ = network()
    net.run(10.0)
    report = net.coupling
    assert report.window == 15
    assert all(row.window_ms == pytest.approx(1.5) for row in (*report.links, *report.participants))
    assert report.reason == "the link 'loop' allows windows of at most 15 iterations (its delay is 1.5 ms)"
    assert report.way_out == "Give it a longer delay."
    # One iteration is traced, and 99 are left.
    assert report.participants[0].calls == 1 + 7


def test_the_notice_of_the_receiver_is_told(noticing):
    net = Network(dt=DT)
    cells = NeuronGroup(net, noticing(notice=2)(3), tag="cells")
    SynapseGroup(net, cells, cells, tag="loop", weight=1.0, delay=1.5)
    net.run(10.0)
    assert net.coupling.window == 13
    assert "its delay is 1.5 ms, of which its receiver needs 0.2 ms as notice" in net.coupling.reason


@pytest.mark.usefixtures("toy")
def test_what_makes_lockstep_is_named_with_the_way_out():
    class Writes(Behaviour):
        def iteration(self, neurons):
            neurons.drive = 0.0

    net, cells = network()
    cells.add_behaviour(3, Writes())
    net.run(1.0)
    report = net.coupling
    assert report.window == 1
    assert report.reason == "Writes() of 'cells' writes cells.drive"
    assert report.way_out.startswith("Give it every=")
    assert report.participants[0].calls == net.iteration


@pytest.mark.usefixtures("toy")
def test_iterations_are_counted_by_the_window_in_which_they_were_computed():
    class Writes(Behaviour):
        def iteration(self, neurons):
            neurons.drive = 0.0

    net, cells = network()
    net.run(10.0)
    assert net.coupling.windows == [[15, 99]]  # one iteration is traced
    assert "meet every 15 iterations (1.5 ms).\n" in str(net.coupling)
    writes = cells.add_behaviour(3, Writes())
    net.run(20.0)
    assert net.coupling.windows == [[15, 99], [1, 199]]
    assert "meet in each iteration; they met every 15 iterations (1.5 ms) for 99 iterations" in str(net.coupling)
    writes.enabled = False
    net.run(10.0)
    assert net.coupling.windows == [[15, 198], [1, 199]]
    assert "every 15 iterations (1.5 ms); they met in each of 199 iterations before.\n" in str(net.coupling)


@pytest.mark.usefixtures("toy")
def test_iterations_before_one_that_failed_are_counted():
    class Fails(Behaviour):
        def iteration(self, neurons):
            if neurons.iteration == 31:
                raise ZeroDivisionError

    net, cells = network(window=1)
    cells.add_behaviour(3, Fails())
    with pytest.raises(BehaviourFailed):
        net.run(10.0)
    assert net.coupling.windows == [[1, 29]]


@pytest.mark.usefixtures("toy")
def test_a_behaviour_where_windows_end_is_named():
    class Stimulus(Behaviour):
        def iteration(self, neurons):
            neurons.drive = 0.0

    net, cells = network()
    cells.add_behaviour(3, Stimulus(every=0.5))
    net.run(2.0)
    assert net.coupling.window == 5
    assert "steps every 5 iterations" in net.coupling.reason


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize(
    ("window", "pausable", "reason"),
    [(1, False, "Network(window=1)"), (None, True, "pausable=True"), (5, False, "Network(window=5) asks for no more")],
)
def test_what_the_user_asked_for_is_a_reason(window, pausable, reason):
    net = Network(dt=DT, window=window, pausable=pausable)
    NeuronGroup(net, ToyNeurons(3))
    net.run(1.0)
    assert reason in net.coupling.reason


@pytest.mark.usefixtures("toy")
def test_windows_that_nothing_bounds_have_a_reason_too():
    net = Network(dt=DT)
    NeuronGroup(net, ToyNeurons(3))
    net.run(1.0)
    assert net.coupling.window == MOST
    assert net.coupling.reason == f"windows of more than {MOST} iterations would save nothing"


@pytest.mark.usefixtures("toy")
def test_guessed_samples_are_counted_and_told():
    net = Network(dt=DT)
    cells = NeuronGroup(net, ToyNeurons(3), tag="cells")
    native = NeuronGroup(net, size=3, tag="native", behaviour={1: Recorder("input")})
    SynapseGroup(net, cells, native, tag="there", filter=exponential(5.0))
    SynapseGroup(net, native, cells, tag="back", signal="input", into="drive", coupling="hold")
    net.run(3.0)
    report = net.coupling
    rows = {row.link: row for row in report.links}
    assert (rows["back"].coupling, rows["there"].coupling, rows["there"].guessed) == ("hold", "exact", 0)
    # Of each window, 10 iterations but for the first and the last one, the first sample alone is known.
    assert rows["back"].guessed == 9 + 9 + 8
    assert "held, first order" in str(report)
    assert not report.is_exact
    assert report.window == 10
    assert report.reason == "samples of 'back' are held or extrapolated over 1 ms unless you say otherwise"


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize(
    ("expression", "shown"), [("v[:2]", "v[:2]"), ("v", "v"), ("v[::2]", "v[::2]"), ("v[1:]", "v[1:]")]
)
def test_what_is_seen_in_each_iteration_is_named(expression, shown):
    net, cells = network()
    cells.add_behaviour(9, Recorder(expression))
    net.run(1.0)
    (row,) = net.coupling.subscriptions
    assert (row.variable, row.group, row.participant) == (shown, "cells", "toy")


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize(("chosen", "shown"), [([2], "v[2]"), ([0, 2], "v[2 chosen]")])
def test_neurons_that_are_chosen_one_by_one_are_counted(chosen, shown):
    class Looks(Behaviour):
        def iteration(self, neurons):
            neurons.read("v", np.array(chosen))

    net, cells = network()
    cells.add_behaviour(9, Looks())
    net.run(1.0)
    assert [row.variable for row in net.coupling.subscriptions] == [shown]


@pytest.mark.usefixtures("toy")
def test_what_a_subscription_costs_is_told_where_it_is_known(monkeypatch):
    net, cells = network()
    cells.add_behaviour(9, Recorder("v"))
    net.run(1.0)
    assert net.coupling.subscriptions[0].seconds is None
    assert "us per iteration" not in str(net.coupling)
    monkeypatch.setattr(ToyAdapter, "seconds_in", lambda self, port: 1e-4)
    assert str(net.coupling).splitlines()[-1].split() == ["v", "cells", "toy", "10"]


def test_the_tier_and_why_it_is_not_the_better_one_are_told(toy, monkeypatch, caplog):
    monkeypatch.setattr(toy, "tier", Tier("public", "the fast toy is broken; mend it"))
    monkeypatch.setattr(toy, "capabilities", replace(toy.capabilities, precision="float32"))
    with caplog.at_level(logging.ERROR):
        net, _ = network()
        net.run(1.0)
    row = net.coupling.participants[0]
    assert (row.tier, row.tier_reason, row.precision) == ("public", "the fast toy is broken; mend it", "float32")
    assert "toy: the fast toy is broken; mend it." in str(net.coupling)


def test_native_parts_compute_with_the_numbers_of_the_network():
    assert Network(dtype=np.float32).coupling.participants[-1].precision == "float32"


@pytest.mark.usefixtures("toy")
def test_before_the_first_run_there_is_a_report_as_well():
    net, _ = network()
    lines = str(net.coupling).splitlines()
    assert lines[0] == "Nothing has run yet: 1 link, 1 simulator."
    assert lines[2:4] == [
        "link  from   to     kind    delay (ms)  coupling",
        "loop  cells  cells  spikes         1.5  exact",
    ]
    assert net.coupling.to_dict()["links"][0]["sent"] == 0
    assert str(Network().coupling).startswith("Nothing has run yet: 0 links, 0 simulators.")
