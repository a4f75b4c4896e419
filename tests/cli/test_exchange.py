"""What is measured, with the toy simulator, whose times do not matter."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from fusion.cli.exchange import CHUNK, EXCHANGES, WINDOWS, Bench, opened
from fusion.testing.toy import ToyAdapter


def test_the_step_and_each_exchange_have_a_cost_for_each_window():
    costs = list(Bench(opened(ToyAdapter), 20, budget=0.0).costs())
    assert [cost.exchange for cost in costs] == ["step", *EXCHANGES]
    for cost in costs:
        assert list(cost.us) == list(WINDOWS)
        assert all(0.0 <= us < 1e6 for us in cost.us.values())
    assert min(costs[0].us.values()) > 0.0


def test_nothing_is_late_or_lost_whatever_notice_is_needed():
    adapter = opened(type("Late", (Counting,), {"capabilities": needing(2)}))
    list(Bench(adapter, 20, budget=0.0).costs())
    assert adapter.rows["spikes in"] == sorted(set(adapter.rows["spikes in"]))
    assert np.diff(adapter.rows["spikes in"]).tolist() == [1] * (len(adapter.rows["spikes in"]) - 1)
    assert adapter.rows["samples in"][-1] == adapter.reached
    assert adapter.rows["spikes in"][-1] == adapter.reached + 2


def test_each_window_is_as_long_as_it_says():
    adapter = opened(Counting)
    list(Bench(adapter, 20, budget=0.0).costs())
    steps = np.diff([0, *adapter.calls])
    assert set(steps.tolist()) == set(WINDOWS)
    assert adapter.reached % CHUNK == 0


@pytest.mark.parametrize(("field", "exchange"), [("spike_input", "spikes in"), ("sample_input", "current in")])
def test_what_a_simulator_does_not_have_costs_nothing(field, exchange):
    class Poor(ToyAdapter):
        @classmethod
        def specimen(cls, n):
            return dataclasses.replace(super().specimen(n), **{field: ""})

    costs = {cost.exchange: cost.us for cost in Bench(opened(Poor), 20, budget=0.0).costs()}
    assert costs[exchange] == {}
    assert all(us for name, us in costs.items() if name != exchange)


def test_a_specimen_of_the_toy_fires():
    bench = Bench(opened(ToyAdapter), 50, budget=0.0)
    spikes = bench._adapter.port(bench._handle, "", "spikes out")
    bench._adapter.prepare()
    bench._adapter.advance(5000)
    assert 5 < len(bench._adapter.pull(spikes).ticks) / 50 / 0.5 < 100  # Hz


def needing(notice):
    return dataclasses.replace(ToyAdapter.capabilities, notice=notice)


class Counting(ToyAdapter):
    """Notes for which ticks something was pushed, and how far it was told to go."""

    def open(self, clock, seed):
        super().open(clock, seed)
        self.kinds, self.rows, self.calls, self.reached = {}, {"spikes in": [], "samples in": []}, [], 0

    def port(self, handle, name, kind, index=None):
        port = super().port(handle, name, kind, index)
        self.kinds[port.id] = kind
        return port

    def push(self, port, batch):
        first = batch.ticks[0] if self.kinds[port.id] == "spikes in" else batch.t0
        self.rows[self.kinds[port.id]] += range(int(first), batch.complete_until + 1)
        super().push(port, batch)

    def advance(self, until):
        super().advance(until)
        self.calls.append(until)
        self.reached = until
