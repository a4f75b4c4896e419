"""Between two runs the simulators are the user's; when a network is closed they are free for the next.

::

    source (native) --> cortex (NEST) --> pool (Brian2)
"""

from __future__ import annotations

import brian2
import nest
import numpy as np
import pytest
from brian2 import ms

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.errors import BehaviourFailed, FusionError, KernelInUse, NetworkBroken, SimulatorFailed


class Raises(Behaviour):
    """Goes wrong in iteration 7."""

    error: object = ValueError("broken on purpose")

    def iteration(self, neurons):
        if neurons.iteration == 7:
            raise self.error


@pytest.fixture
def network(sites):
    """The network of the drawing, and its three groups."""
    net = Network(dt=0.1, seed=1)
    source = sites["native"].source(net, [[3, 13, 23]])
    nodes = nest.Create("iaf_psc_exp", 2, {"tau_syn_ex": 1.0})
    cells = brian2.NeuronGroup(2, "dv/dt = -v/tau : 1", threshold="v > 1", reset="v = 0", method="exact",
                               namespace={"tau": 5 * ms})  # fmt: skip
    cortex = NeuronGroup(net, nodes, tag="cortex", behaviour={9: EventRecorder("spike"), 10: Recorder("V_m")})
    pool = NeuronGroup(net, cells, tag="pool", behaviour={9: EventRecorder("spike"), 10: Recorder("v")})
    SynapseGroup(net, source, cortex, tag="up", weight=500.0, delay=0.3)
    SynapseGroup(net, cortex, pool, tag="on", weight=0.5, delay=0.3, into="v")
    with net:
        yield net


# --- between runs


def test_nest_can_be_set_between_two_runs(network):
    nodes = network["cortex", 0].foreign
    network.run(1.0)
    nodes.set(V_m=[-60.0, -61.0], I_e=[0.0, 2000.0])
    nodes[0].tau_m = 5.0  # NEST recomputes its propagators at the next run
    network.run(5.0)
    rows = network["V_m", 0]
    assert rows[9, 0] < -69.0
    assert rows[10, 0] > -61.0
    assert {i for _, i in network["cortex", 0]["spike", 0].tolist()} == {1}


def test_brian2_can_be_set_between_two_runs(network):
    cells = network["pool", 0].foreign
    network.run(1.0)
    cells.v = [0.5, 2.0]
    network.run(1.0)
    assert [tuple(row) for row in network["pool", 0]["spike", 0].tolist()] == [(11, 1)]
    np.testing.assert_allclose(network["v", 0][10, 0], 0.5 * np.exp(-0.1 / 5.0), rtol=1e-14)


def test_a_name_in_an_equation_may_change_between_two_runs(network):
    cells = network["pool", 0].foreign
    cells.v = 1.0
    network.run(1.0)
    cells.namespace["tau"] = 1 * ms
    network.run(1.0)
    rows = network["v", 0][:, 0]
    np.testing.assert_allclose(rows[[9, 19]], [np.exp(-0.2), np.exp(-0.2 - 1.0)], rtol=1e-13)


def test_more_can_be_connected_in_nest_between_two_runs(network):
    network.run(1.0)
    drive = nest.Create("spike_generator", 1, {"spike_times": [1.5]})
    nest.Connect(drive, network["cortex", 0].foreign, syn_spec={"weight": 2e5, "delay": 0.4})
    network.run(2.0)
    assert [tuple(row) for row in network["cortex", 0]["spike", 0].tolist()] == [(20, 0), (20, 1)]


def test_time_that_nest_runs_on_its_own_is_no_time_of_the_network(network, fired):
    """The spike of iteration 13 arrives three iterations later, though NEST ran elsewhere meanwhile."""
    network.simulate(14)
    nest.Simulate(7.0)
    network.simulate(16)
    assert network.iteration == 30
    assert nest.biological_time == pytest.approx(10.0)
    rows = network["V_m", 0][:, 0]
    # A current that jumps at the end of iteration k moves the potential in iteration k + 1.
    risen = np.flatnonzero(np.diff(rows) > 0.1) + 2
    assert 3 + 3 + 1 in risen
    assert 13 + 3 + 1 in risen
    assert 13 + 3 not in risen


def test_recordings_go_on_in_the_next_run(network):
    network.run(1.0)
    network.run(1.0)
    assert network["V_m", 0].shape == (20, 2)
    np.testing.assert_allclose(network["cortex", 0]["Recorder", 0].t, 0.1 * np.arange(1, 21))


def test_groups_and_links_can_be_added_between_two_runs(network, sites, fired):
    network.run(1.0)
    late = sites["brian2"].relay(network, 2, "late")
    late.add_behaviour(9, EventRecorder("spike"))
    kicks = sites["native"].source(network, [[15], [18]], "kicks")
    SynapseGroup(network, kicks, late, weight=np.eye(2), delay=0.4, into="v")
    network.run(2.0)
    assert fired(network, "late") == [(20, 0), (23, 1)]


@pytest.mark.parametrize("target", ["native", "brian2", "nest"])
def test_a_longer_link_added_while_a_spike_is_on_its_way_loses_nothing(sites, fired, target):
    with Network(dt=0.1, seed=1) as net:
        site = sites[target]
        relay = site.relay(net)
        relay.add_behaviour(9, EventRecorder("spike"))
        SynapseGroup(net, sites["native"].source(net, [[5]], "A"), relay, weight=site.kick, delay=0.6, into=site.into)
        net.simulate(7)
        source = sites["native"].source(net, [[9]], "B")
        SynapseGroup(net, source, relay, weight=site.kick, delay=4.0, into=site.into)
        net.simulate(50)
        assert fired(net, "relay") == [(5 + 6 + site.response, 0), (9 + 40 + site.response, 0)]


# --- the end


def test_two_networks_cannot_hold_nest_at_once_but_one_after_the_other(network):
    network.run(1.0)
    other = Network(dt=0.1, seed=1)
    more = nest.Create("iaf_psc_exp", 2)
    with pytest.raises(KernelInUse, match=r"close\(\).*nest\.ResetKernel\(\)"):
        NeuronGroup(other, more, tag="more")
    network.close()
    with other:
        NeuronGroup(other, more, tag="more", behaviour={1: Recorder("V_m")})
        other.run(1.0)
        assert other["V_m", 0].shape == (10, 2)


def test_close_destroys_nothing_and_may_be_called_twice(network):
    network.run(1.0)
    nodes, cells = network["cortex", 0].foreign, network["pool", 0].foreign
    network.close()
    network.close()
    assert len(nodes.V_m) == 2
    nest.Simulate(1.0)
    cells.v = 1.0
    brian2.Network(cells).run(1 * ms)
    np.testing.assert_allclose(cells.v, np.exp(-0.2), rtol=1e-13)
    assert network["V_m", 0].shape == (10, 2)


def test_reset_kernel_ends_the_claim(network):
    network.run(1.0)
    nest.ResetKernel()
    with pytest.raises(SimulatorFailed, match=r"ResetKernel.*Build a new Network"):
        network.run(1.0)
    with Network(dt=0.1, seed=1) as other:
        NeuronGroup(other, nest.Create("iaf_psc_exp", 2), tag="cortex")
        other.run(1.0)


# --- something goes wrong in the middle


def assert_simulators_are_free(net):
    nodes, cells = net["cortex", 0].foreign, net["pool", 0].foreign
    before = nest.biological_time
    nest.Simulate(1.0)  # NEST refuses while a run is prepared
    assert nest.biological_time == pytest.approx(before + 1.0)
    net.close()
    cells.v = 1.0
    brian2.Network(cells).run(1 * ms)
    assert cells.v[0] == pytest.approx(np.exp(-0.2))
    with Network(dt=0.1, seed=1) as other:
        NeuronGroup(other, nodes, tag="again")
        other.run(1.0)


@pytest.mark.parametrize("key", [-3, 5, 50])
@pytest.mark.parametrize("where", ["cortex", "pool"])
def test_a_behaviour_that_raises_ends_the_run_and_nothing_else(network, where, key):
    network[where, 0].add_behaviour(key, Raises())
    with pytest.raises(BehaviourFailed, match=rf"Raises.*'{where}'.*iteration 7.*broken on purpose") as caught:
        network.run(5.0)
    assert (caught.value.group, caught.value.iteration) == (where, 7)
    assert isinstance(caught.value.__cause__, ValueError)
    # What was recorded stays, up to the last whole iteration.
    assert network.iteration == 6
    assert network["V_m", 0].shape == network["v", 0].shape == (6, 2)
    with pytest.raises(NetworkBroken, match="iteration 7"):
        network.run(1.0)
    assert_simulators_are_free(network)


def test_ctrl_c_takes_effect_when_all_have_met(network):
    import os
    import signal

    class Presses(Behaviour):
        """Ctrl-C in iteration 7, in the middle of everything."""

        def iteration(self, neurons):
            if neurons.iteration == 7:
                os.kill(os.getpid(), signal.SIGINT)

    network["cortex", 0].add_behaviour(5, Presses())
    with pytest.raises(KeyboardInterrupt):
        network.run(50.0)
    reached = network.iteration
    assert 7 <= reached < 500
    assert network["V_m", 0].shape == network["v", 0].shape == (reached, 2)
    network["cortex", 0].remove_behaviour("Presses")
    network.run(1.0)  # nothing is half done, so it can go on
    assert network["V_m", 0].shape == (reached + 10, 2)
    assert_simulators_are_free(network)


def test_a_run_that_was_interrupted_and_goes_on_is_the_run_that_was_not(sites):
    import os
    import signal

    class Presses(Behaviour):
        """Ctrl-C in iteration 40."""

        def iteration(self, neurons):
            if neurons.iteration == 40:
                os.kill(os.getpid(), signal.SIGINT)

    def spikes(interrupted):
        nest.ResetKernel()
        with Network(dt=0.1, seed=1) as net:
            a, b = sites["nest"].relay(net, tag="A"), sites["brian2"].relay(net, tag="B")
            SynapseGroup(net, sites["native"].source(net, [[1]]), a, weight=20.0, delay=0.2)
            SynapseGroup(net, a, b, weight=1.0, delay=0.7, into="v")
            SynapseGroup(net, b, a, weight=20.0, delay=0.9)
            b.add_behaviour(9, EventRecorder("spike"))
            if interrupted:
                b.add_behaviour(5, Presses())
                with pytest.raises(KeyboardInterrupt):
                    net.simulate(100)
                net.simulate(60)
            else:
                net.simulate(100)
            return net["spike", 0].tolist()

    assert spikes(interrupted=True) == spikes(interrupted=False)


def test_a_simulator_that_fails_is_named_and_the_others_are_free(network):
    class Breaks(Behaviour):
        """Ends NEST's run behind its back."""

        def iteration(self, neurons):
            if neurons.iteration == 7:
                nest.Cleanup()

    network["cortex", 0].add_behaviour(5, Breaks())
    with pytest.raises(FusionError, match="NEST") as caught:
        network.run(50.0)
    assert isinstance(caught.value, SimulatorFailed)
    assert 7 <= network.iteration < 500
    assert network["V_m", 0].shape == (network.iteration, 2)
    assert_simulators_are_free(network)


def test_a_pausable_network_goes_on_after_an_error(sites):
    with Network(dt=0.1, seed=1, pausable=True) as net:
        relay = sites["nest"].relay(net)
        relay.add_behaviour(5, Raises())
        relay.add_behaviour(10, Recorder("V_m"))
        with pytest.raises(BehaviourFailed):
            net.simulate(20)
        relay.remove_behaviour("Raises")
        net.simulate(10)
        assert net["V_m", 0].shape == (16, 1)
