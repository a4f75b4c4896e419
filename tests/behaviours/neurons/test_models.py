"""What holds for every model of neurons."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from fusion import Network, NeuronGroup, SynapseGroup, behaviours, normal
from fusion.behaviours.neurons.continuous import ContinuousModel
from fusion.behaviours.neurons.model import NeuronModel
from fusion.errors import BehaviourFailed, InvalidValue, Unsupported
from fusion.testing.toy import ToyNeurons

MODELS = [
    model
    for _, model in inspect.getmembers(behaviours, inspect.isclass)
    if issubclass(model, NeuronModel) and model not in (NeuronModel, ContinuousModel)
]

START = {behaviours.HindmarshRose: -1.6}
"""Near rest; -64 mV for those that are not listed."""
DRIVE = {behaviours.HindmarshRose: 4.0, behaviours.Izhikevich: 20.0}
"""What makes it fire; 1000 pA for those that are not listed."""


def run(behaviour, ticks, size=3, dt=0.1, seed=1):
    net = Network(dt=dt, seed=seed)
    cells = NeuronGroup(net, size=size, tag="cells", behaviour={1: behaviour})
    net.simulate(ticks)
    return cells


def test_all_of_them_are_here():
    assert len(MODELS) == 7


@pytest.mark.parametrize("model", MODELS)
class TestEachModel:
    def test_neurons_do_not_disturb_one_another(self, model):
        """As different as their first voltages, and just as each would be alone."""
        starts = START.get(model, -64.0) + np.array([0.0, 0.1, 0.25])
        together = run(model(initial=starts), 200).voltage
        alone = [run(model(initial=start), 200, size=1).voltage[0] for start in starts]
        np.testing.assert_array_equal(together, alone)
        assert len(set(together)) == 3

    def test_two_runs_are_one(self, model):
        whole, parts = run(model(), 100), run(model(), 40)
        parts.network.simulate(60)
        np.testing.assert_array_equal(whole.voltage, parts.voltage)

    def test_the_first_voltage_may_be_drawn(self, model):
        first, again = (run(model(initial=normal(START.get(model, -64.0), 0.1)), 1, size=100).voltage for _ in range(2))
        np.testing.assert_array_equal(first, again)
        assert np.std(first) > 0.05

    def test_its_variables_may_be_set_between_runs(self, model):
        cells = run(model(), 5)
        cells.voltage[1] += 0.5
        cells.network.simulate(1)
        assert cells.voltage[1] != cells.voltage[0] == cells.voltage[2]
        cells.voltage = cells.vector(-1.6)
        cells.network.simulate(1)

    def test_a_number_in_the_place_of_an_array_is_not_taken_in_silence(self, model):
        cells = run(model(), 1)
        cells.voltage = -1.6
        with pytest.raises(BehaviourFailed):
            cells.network.simulate(1)

    def test_it_steps_in_each_iteration(self, model):
        with pytest.raises(InvalidValue, match=r"every=1\.0\): its input counts for one iteration"):
            run(model(every=1.0), 1)

    def test_it_declares_what_it_touches(self, model):
        cells = run(model(), 1)
        own = set(cells.variable_names()) - {"size", "current"}
        assert set(model.writes) == own
        assert set(model.reads) == own - {"spike"} | {"current"}

    def test_a_group_of_a_simulator_has_its_own(self, model, toy):
        net = Network(dt=0.1)
        NeuronGroup(net, ToyNeurons(2), tag="cells", behaviour={1: model()})
        with pytest.raises(Unsupported, match=r"for native neuron groups.*'cells' is none"):
            net.build()

    def test_its_spikes_leave_by_links(self, model):
        net = Network(dt=0.1)
        cells = NeuronGroup(net, size=1, behaviour={1: model(bias=DRIVE.get(model, 1000.0))})
        target = NeuronGroup(net, size=1, behaviour={1: behaviours.LIF(tau=1e9)})
        SynapseGroup(net, cells, target, weight=10.0, into="current")
        net.run(100.0)
        assert target.voltage[0] > -70.0
