"""What recorders and behaviours see of a foreign group, and when.

::

    drive (native) --link--> cells (foreign) <-- recorders, behaviours; monitors of the simulator's own beside them
"""

from __future__ import annotations

import brian2
import nest
import numpy as np
import pytest
from brian2 import ms, mV

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.errors import InvalidValue, ReadOnly, ShapeMismatch

TICKS = 150


class Looks(Behaviour):
    """Copies a variable of a group."""

    of: str
    variable: str

    def initialize(self, owner):
        self.rows = []

    def iteration(self, owner):
        self.rows.append(np.array(owner.network[self.of, 0].read(self.variable)))


def driven(net, sites, group, into, weight):
    rng = np.random.default_rng(4)
    ticks = [sorted(rng.choice(np.arange(1, TICKS), 30, replace=False).tolist()) for _ in range(group.size)]
    SynapseGroup(
        net, sites["native"].source(net, ticks), group, weight=np.eye(group.size) * weight, delay=0.3, into=into
    )


# --- recorders against the simulator's own ---------------------------------------------------------------------------


def test_row_k_of_a_nest_group_is_the_multimeters_sample_at_k_dt(sites, fired):
    with Network(dt=0.1, seed=1) as net:
        nodes = nest.Create("iaf_psc_exp", 3, {"I_e": 300.0})
        meter = nest.Create("multimeter", 1, {"record_from": ["V_m"], "interval": 0.1})
        recorder = nest.Create("spike_recorder")
        nest.Connect(meter, nodes)
        nest.Connect(nodes, recorder)
        behaviour = {9: EventRecorder("spike"), 10: Recorder("V_m", "V_m[1:]")}
        group = NeuronGroup(net, nodes, tag="cells", also=[meter, recorder], behaviour=behaviour)
        driven(net, sites, group, None, 700.0)
        net.simulate(TICKS)
        events, senders = meter.events, meter.events["senders"] - nodes[0].global_id
        ticks = np.round(events["times"] / 0.1).astype(int)
        assert len(ticks) >= 3 * (TICKS - 20)
        rows = net["V_m", 0]
        np.testing.assert_array_equal(rows[ticks - 1, senders], events["V_m"])
        np.testing.assert_array_equal(net["V_m[1:]", 0], rows[:, 1:])
        own = recorder.events
        spikes = zip(np.round(own["times"] / 0.1).astype(int), own["senders"] - nodes[0].global_id, strict=True)
        assert sorted(fired(net, "cells")) == sorted((int(k), int(i)) for k, i in spikes)
        assert len(fired(net, "cells")) > 5
        np.testing.assert_allclose(net["cells", 0]["spike.t", 0], net["spike", 0][:, 0] * 0.1, rtol=1e-14)


def test_row_k_of_a_brian2_group_is_the_monitors_value_at_the_end_of_step_k(sites, fired):
    with Network(dt=0.1, seed=1) as net:
        cells = brian2.NeuronGroup(
            3, "dv/dt = -v/(10*ms) : volt\nhalf = v/2 : volt", threshold="v > 10*mV", reset="v = 0*mV", method="exact"
        )
        states = brian2.StateMonitor(cells, ["v", "half"], record=True, when="end")
        spikes = brian2.SpikeMonitor(cells)
        behaviour = {9: EventRecorder("spike"), 10: Recorder("v", "half")}
        group = NeuronGroup(net, cells, tag="cells", also=[states, spikes], behaviour=behaviour)
        driven(net, sites, group, "v", 4 * mV)
        net.simulate(TICKS)
        np.testing.assert_array_equal(net["v", 0], np.asarray(states.v).T)
        np.testing.assert_array_equal(net["half", 0], np.asarray(states.half).T)
        ticks = np.round(np.asarray(spikes.t / ms) / 0.1).astype(int) + 1
        assert sorted(fired(net, "cells")) == sorted(zip(ticks.tolist(), np.asarray(spikes.i).tolist(), strict=True))
        assert len(fired(net, "cells")) > 5
        assert group.unit("v") == "V"


def test_row_k_of_a_keras_group_is_what_the_layer_gives_for_the_input_of_k(sites):
    import keras
    from fusion_tensorflow import layer

    kernel = np.array([[0.5, -1.0], [0.25, 2.0]])
    with Network(dt=0.1, seed=1) as net:
        dense = layer("Dense", n_in=2, units=2, use_bias=False, kernel_initializer=keras.initializers.Constant(kernel))
        group = NeuronGroup(net, dense, tag="cells", behaviour={10: Recorder("output", "input")})
        driven(net, sites, group, None, 0.5)
        net.simulate(TICKS)
        # float32 inside; all numbers are dyadic.
        np.testing.assert_array_equal(net["output", 0], net["input", 0] @ kernel)
        assert net["output", 0].any()


# --- at= -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["brian2", "nest"])
def test_at_moves_what_behaviours_see_but_no_delay(sites, fired, name):
    def outcome(at):
        nest.ResetKernel()
        with Network(dt=0.1, seed=1) as net:
            site = sites[name]
            foreign = (
                brian2.NeuronGroup(2, "v : 1", threshold="v > 0.5", reset="v = 0")
                if name == "brian2"
                else nest.Create("iaf_psc_delta", 2, {"t_ref": 0.1})
            )
            relay = NeuronGroup(net, foreign, tag="relay", at=at, behaviour={10: EventRecorder("spike")})
            driven(net, sites, relay, site.into, 0.4 * site.kick)
            looks = {key: Looks(of="relay", variable=site.shows) for key in (3, 7)}
            NeuronGroup(net, size=1, tag="bystander", behaviour=looks)
            net.simulate(TICKS)
            return fired(net, "relay"), np.array(looks[3].rows), np.array(looks[7].rows)

    spikes, early, late = outcome(at=0.0)
    moved_spikes, moved_early, moved_late = outcome(at=5.0)
    assert spikes == moved_spikes
    assert len(spikes) > 5
    np.testing.assert_array_equal(late, moved_late)
    np.testing.assert_array_equal(early, late)  # both see the state of their own iteration
    np.testing.assert_array_equal(moved_early[1:], late[:-1])  # key 3 sees that of the one before
    assert (early != moved_early).any()


# --- every= ----------------------------------------------------------------------------------------------------------


def test_a_keras_group_with_every_steps_at_whole_multiples_and_sums_spikes_between(sites):
    from fusion_tensorflow import layer

    ticks = [1, 2, 3, 9, 14, 20]
    with Network(dt=0.1, seed=1) as net:
        source = sites["nest"].source(net, [ticks])
        slow = layer(lambda x: 2.0 * x, 1)
        group = NeuronGroup(net, slow, every=0.5, tag="slow", behaviour={10: Recorder("output")})
        SynapseGroup(net, source, group, weight=1.0, delay=0.2)
        net.simulate(30)
        arrivals = np.array(ticks) + 2
        expected = [
            2.0 * np.sum((arrivals > (k // 5 - 1) * 5) & (arrivals <= k // 5 * 5)) if k >= 5 else 0.0
            for k in range(1, 31)
        ]
        np.testing.assert_array_equal(net["output", 0][:, 0], expected)


# --- behaviours of foreign groups ------------------------------------------------------------------------------------


class Holds(Behaviour):
    """Reads a variable, keeps a native one beside it, and writes into the simulator."""

    variable: str
    start_at: int = 10
    value: float = 0.0

    def initialize(self, neurons):
        neurons.seen = neurons.vector()

    def iteration(self, neurons):
        neurons.seen += neurons.read(self.variable)
        if neurons.iteration >= self.start_at:
            neurons.set(self.variable, self.value)


@pytest.mark.parametrize(
    ("make", "variable", "value"),
    [
        (lambda: nest.Create("iaf_psc_exp", 3, {"I_e": 300.0}), "V_m", -68.0),
        (lambda: brian2.NeuronGroup(3, "dv/dt = (1 - v)/(10*ms) : 1", method="exact"), "v", 0.25),
    ],
    ids=["nest", "brian2"],
)
def test_what_a_behaviour_writes_is_seen_by_the_next_step(make, variable, value):
    with Network(dt=0.1, seed=1) as net:
        first, last = Recorder(variable, tag="first"), Recorder(variable, tag="last")
        behaviour = {-1: first, 5: Holds(variable=variable, value=value), 10: last}
        NeuronGroup(net, make(), tag="cells", behaviour=behaviour)
        net.simulate(20)
        rows = last[variable, 0]
        assert (rows[9:] == value).all()
        assert (rows[:9] != value).all()
        # Key -1 stands before the simulator's step: it sees what was written in the iteration before.
        np.testing.assert_array_equal(first[variable, 0][1:], rows[:-1])


@pytest.mark.parametrize("name", ["nest", "brian2"])
def test_a_step_starts_from_what_was_written(name):
    """dv/dt = -v / (10 ms), set to 1 (or 1 mV above rest) after the third step."""
    with Network(dt=0.1, seed=1) as net:
        if name == "nest":
            cells, variable, rest = nest.Create("iaf_psc_exp", 1, {"tau_m": 10.0}), "V_m", -70.0
        else:
            cells, variable, rest = brian2.NeuronGroup(1, "dv/dt = -v/(10*ms) : 1", method="exact"), "v", 0.0

        class Sets(Behaviour):
            def iteration(self, neurons):
                if neurons.iteration == 3:
                    neurons.set(variable, rest + 1.0)

        NeuronGroup(net, cells, tag="cells", behaviour={5: Sets(), 10: Recorder(variable)})
        net.simulate(6)
        expected = [0.0, 0.0, *np.exp(-0.1 * np.arange(4) / 10.0)]
        # NEST adds E_L = -70 to what it shows, which rounds by 1e-14.
        np.testing.assert_allclose(net[variable, 0][:, 0] - rest, expected, rtol=0, atol=1e-13)


def test_native_variables_stand_beside_the_simulators(sites):
    with Network(dt=0.1, seed=1) as net:
        relay = sites["nest"].relay(net, 3)
        relay.add_behaviour(5, Holds(variable="V_m", start_at=10**6))
        relay.add_behaviour(10, Recorder("seen", "np.sum(seen) + V_m"))
        net.simulate(4)
        np.testing.assert_allclose(net["seen", 0][:, 0], [-70.0, -140.0, -210.0, -280.0])
        np.testing.assert_allclose(net["np.sum(seen) + V_m", 0][-1], -3 * 280.0 - 70.0)


# --- parts of foreign groups -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("selection", [slice(1, 3), [3, 1], np.array([False, True, True, False])], ids=repr)
@pytest.mark.parametrize(
    ("make", "variable"),
    [
        (lambda: nest.Create("iaf_psc_exp", 4), "V_m"),
        (lambda: brian2.NeuronGroup(4, "v : 1"), "v"),
    ],
    ids=["nest", "brian2"],
)
def test_a_part_of_a_foreign_group_reads_and_writes_through(make, variable, selection):
    with Network(dt=0.1, seed=1) as net:
        group = NeuronGroup(net, make(), tag="cells")
        part = group.subgroup(selection)
        before = np.array(group.read(variable))
        setattr(part, variable, [-60.0, -61.0])
        expected = before.copy()
        expected[selection] = [-60.0, -61.0]
        np.testing.assert_array_equal(group.read(variable), expected)
        np.testing.assert_array_equal(part.vector(), np.zeros(2))
        np.testing.assert_array_equal(getattr(part, variable), [-60.0, -61.0])
        with pytest.raises(ShapeMismatch):
            setattr(part, variable, [1.0, 2.0, 3.0])


def test_a_copy_says_that_it_is_one(sites):
    with Network(dt=0.1, seed=1) as net:
        relay = sites["nest"].relay(net, 3)
        with pytest.raises(ReadOnly, match="copy"):
            relay.V_m[0] = -60.0
        relay.V_m += 1.0
        np.testing.assert_array_equal(relay.V_m, np.full(3, -69.0))
        with pytest.raises(ReadOnly, match="fired"):
            relay.spike = np.ones(3, dtype=bool)


def test_parts_of_one_simulator_see_it_at_the_same_key(sites):
    with Network(dt=0.1, seed=1) as net:
        NeuronGroup(net, nest.Create("iaf_psc_exp"), tag="one", at=0.0)
        with pytest.raises(InvalidValue, match=r"'two'.*'one'"):
            NeuronGroup(net, nest.Create("iaf_psc_exp"), tag="two", at=3.0)
