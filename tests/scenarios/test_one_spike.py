"""One spike goes from one population to another, whatever simulates the two.

::

    source --D--> relay
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from fusion import EventRecorder, Network, Recorder, SynapseGroup
from fusion.errors import BuildFailed, DelayTooShort

SIMULATORS = ["native", "brian2", "nest"]
TARGETS = [*SIMULATORS, "summed"]
PAIRS = list(itertools.product(SIMULATORS, TARGETS))
KERAS = [("keras", other) for other in [*SIMULATORS, "keras"]] + [(other, "keras") for other in SIMULATORS]
TICK = 7  # when the source fires


def link(net, sites, pair, delay, weight=1.0):
    """The two populations, and a link of `weight` kicks between them."""
    source, site = sites[pair[0]].source(net, [[TICK]]), sites[pair[1]]
    relay = site.relay(net)
    SynapseGroup(net, source, relay, tag="link", weight=weight * site.kick, delay=delay * net.dt, **site.link())
    return relay, site


@pytest.mark.parametrize(
    ("pair", "delay"),
    # NEST's own spikes take two ticks through fusion, and so does every spike on a link whose weights may change.
    [(pair, d) for pair in PAIRS for d in (1, 2, 3, 15) if d > 1 or (pair != ("nest", "nest") and pair[1] != "summed")],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else str(value),
)
def test_a_spike_arrives_after_its_delay(sites, fired, pair, delay):
    with Network(dt=0.1, seed=1) as net:
        relay, site = link(net, sites, pair, delay)
        relay.add_behaviour(10, EventRecorder("spike"))
        net.simulate(30)
        assert fired(net, "relay") == [(TICK + delay + site.response, 0)]


@pytest.mark.parametrize("delay", [2, 15])
@pytest.mark.parametrize("pair", KERAS, ids="-".join)
def test_a_spike_of_or_for_a_keras_layer_arrives_after_its_delay(sites, fired, pair, delay):
    with Network(dt=0.1, seed=1) as net:
        relay, site = link(net, sites, pair, delay)
        relay.add_behaviour(10, EventRecorder("spike"))
        net.simulate(30)
        assert fired(net, "relay") == [(TICK + delay + site.response, 0)]


@pytest.mark.parametrize("delay", [2, 5])
@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_an_arrival_is_part_of_the_state_at_the_end_of_its_tick(sites, pair, delay):
    with Network(dt=0.1, seed=1) as net:
        relay, site = link(net, sites, pair, delay, weight=0.25)
        relay.add_behaviour(10, Recorder(site.shows))
        net.simulate(20)
        rows = net[site.shows, 0][:, 0]
        changed = np.flatnonzero(np.diff(rows)) + 2  # row k - 1 is iteration k; the first that differs
        assert changed[0] == TICK + delay
        assert rows[TICK + delay - 1] - rows[0] == pytest.approx(0.25 * site.kick, rel=1e-15)


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_what_is_on_its_way_when_a_run_ends_arrives_in_the_next(sites, fired, pair):
    with Network(dt=0.1, seed=1) as net:
        relay, site = link(net, sites, pair, delay=5)
        relay.add_behaviour(10, EventRecorder("spike"))
        for _ in range(6):
            net.simulate(4)
        assert fired(net, "relay") == [(TICK + 5 + site.response, 0)]


def test_one_tick_from_nest_to_nest_is_refused_by_the_public_tier(sites, monkeypatch):
    monkeypatch.setenv("FUSION_TIER", "nest")
    with Network(dt=0.1, seed=1) as net:
        link(net, sites, ("nest", "nest"), delay=1)
        with pytest.raises(BuildFailed, match=r"'link'.*0\.1 ms.*at least 0\.2 ms") as caught:
            net.build()
        assert isinstance(caught.value.problems[0][1], DelayTooShort)


def test_the_certificate_counts_what_was_sent(sites):
    with Network(dt=0.1, seed=1) as net:
        link(net, sites, ("brian2", "nest"), delay=3)
        net.simulate(20)
        (report,) = net.coupling.links
        assert (report.link, report.delay_ms, report.sent, report.late) == ("link", pytest.approx(0.3), 1, 0)
        assert {row.participant for row in net.coupling.participants} >= {"brian2", "nest"}
        assert sum(row.share for row in net.coupling.participants) == pytest.approx(1.0)
