"""Groups of a simulator, seen from the user; the simulator is the toy."""

from __future__ import annotations

import numpy as np
import pytest

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.core.foreign import ForeignNeuronGroup
from fusion.errors import (
    BelongsElsewhere,
    ClockMismatch,
    InvalidValue,
    OffGrid,
    ReadOnly,
    ShapeMismatch,
    SimulatorMissing,
    UnknownName,
    UnknownVariable,
    Unsupported,
)
from fusion.testing.toy import ToyNeurons

pytestmark = pytest.mark.usefixtures("toy")


@pytest.fixture
def net():
    return Network(dt=0.1, seed=1)


@pytest.fixture
def cells(net):
    return NeuronGroup(net, ToyNeurons(4), tag="cells")


def test_the_object_says_which_adapter_serves_it(net, cells):
    assert isinstance(cells, ForeignNeuronGroup)
    assert isinstance(cells, NeuronGroup)
    assert cells.adapter.name == "toy"
    assert isinstance(cells.foreign, ToyNeurons)
    assert (cells.size, cells.shape) == (4, (4,))
    assert net["NeuronGroup"] == [cells]
    assert repr(cells) == "NeuronGroup(toy: 4 neurons, tag='cells')"


def test_variables_have_the_simulators_own_names_and_units(cells):
    assert {"v", "current", "drive", "threshold", "tau_m", "spike", "spikes"} <= set(cells.variable_names())
    assert (cells.unit("v"), cells.unit("current"), cells.unit("tau_m"), cells.unit("held")) == ("mV", "pA", "ms", "")
    with pytest.raises(UnknownName, match=r"'vv'.*Did you mean 'v'\?"):
        cells.unit("vv")


def test_a_variable_is_read_as_a_copy(cells):
    values = cells.v
    assert values.tolist() == [-70.0] * 4
    cells.foreign.v[0] = -60.0
    assert values[0] == -70.0
    assert cells.v[0] == -60.0
    assert cells.read("v", slice(1)).tolist() == [-60.0]


def test_a_variable_is_written_whole_or_in_part(cells):
    cells.v = -60.0
    cells.v += [0, 1, 2, 3]
    cells.set("v", -50.0, [0])
    cells[1:3].v = -40.0
    assert cells.foreign.v.tolist() == [-50.0, -40.0, -40.0, -57.0]


@pytest.mark.parametrize("values", [[1.0, 2.0], np.ones((4, 1)), np.ones((1, 4))])
def test_values_that_do_not_fit_are_refused(cells, values):
    with pytest.raises(ShapeMismatch, match=r"The value of cells\.v"):
        cells.v = values


@pytest.mark.parametrize("value", ["high", None, [[1], [2, 3]]])
def test_values_that_are_no_numbers_are_refused(cells, value):
    with pytest.raises(InvalidValue, match=r"value of cells\.v"):
        cells.v = value


def test_what_the_simulator_says_is_read_only_is_refused_with_its_reason(cells):
    with pytest.raises(ReadOnly, match=r"cells\.held cannot be set: the simulator counts"):
        cells.held = 3


def test_spikes_are_what_the_simulator_fired(cells):
    for name in ("spike", "spikes"):
        with pytest.raises(ReadOnly, match="give it input instead"):
            setattr(cells, name, np.ones(4, bool))


def test_a_variable_that_is_fixed_while_running_can_be_set_between_runs(net, cells):
    class Changes(Behaviour):
        def iteration(self, neurons):
            with pytest.raises(ReadOnly, match="when the run began"):
                neurons.tau_m = 5.0

    cells.add_behaviour(1, Changes())
    net.simulate(1)
    cells.tau_m = 5.0
    assert cells.tau_m.tolist() == [5.0] * 4


def test_other_attributes_are_native_variables_beside_them(net, cells):
    class Averages(Behaviour):
        def initialize(self, neurons):
            neurons.slow = neurons.vector(-70.0)

        def iteration(self, neurons):
            neurons.slow += 0.5 * (neurons.v - neurons.slow)

    cells.add_behaviour(1, Averages())
    cells.add_behaviour(2, Recorder("slow", "v"))
    cells.v = -60.0
    net.simulate(2)
    assert "slow" in cells.variable_names()
    assert cells.unit("slow") is None
    v, slow = net["v", 0], net["slow", 0]
    np.testing.assert_allclose(slow[1], slow[0] + 0.5 * (v[1] - slow[0]), rtol=1e-15)


def test_an_unknown_variable_is_named(cells):
    with pytest.raises(UnknownVariable, match=r"'curent' in cells. Did you mean 'current'\?"):
        _ = cells.curent


def test_the_membrane_decays_as_the_equation_says(net, cells):
    cells.v = -60.0
    cells.add_behaviour(1, Recorder("v"))
    net.run(5.0)
    t = 0.1 * np.arange(1, 51)
    # Exact integration: fifty products round by at most 1e-16 each.
    np.testing.assert_allclose(net["v", 0][:, 0], -70.0 + 10.0 * np.exp(-t / 20.0), rtol=1e-13)


def test_spikes_stand_in_the_iteration_in_which_they_were_fired(net, cells, sees):
    cells.drive = [1e5, 0.0, 1e5, 0.0]
    mask, indices = cells.add_behaviour(1, sees(variable="spike")), cells.add_behaviour(2, EventRecorder("spike"))
    net.simulate(3)
    assert [row.tolist() for row in mask.rows] == [[True, False, True, False], [False] * 4, [False] * 4]
    assert net["spike", 0].tolist() == [[1, 0], [1, 2]]
    assert indices.last is None


def test_the_dt_of_the_simulator_is_the_networks(net):
    with pytest.raises(ClockMismatch, match=r"ToyNeurons\(4, dt=0\.1\)"):
        NeuronGroup(net, ToyNeurons(4, dt=0.5))
    assert net.groups == []


def test_an_object_belongs_to_one_group(net, cells):
    with pytest.raises(BelongsElsewhere):
        NeuronGroup(net, cells.foreign)
    with pytest.raises(BelongsElsewhere):
        NeuronGroup(Network(dt=0.1), cells.foreign)
    net.close()
    assert NeuronGroup(Network(dt=0.1), cells.foreign).size == 4


def test_the_size_of_an_object_is_its_own(net):
    with pytest.raises(InvalidValue, match=r"the size of .* is its own"):
        NeuronGroup(net, ToyNeurons(4), size=4)


def test_every_is_for_simulators_with_a_slower_clock(net):
    with pytest.raises(Unsupported, match="toy advances in each iteration"):
        NeuronGroup(net, ToyNeurons(4), every=1.0)
    with pytest.raises(OffGrid):
        NeuronGroup(net, ToyNeurons(4), every=0.25)
    with pytest.raises(InvalidValue, match="at most once per dt"):
        NeuronGroup(net, ToyNeurons(4), every=0.0)


def test_groups_of_one_simulator_share_their_place_in_the_order(net, cells):
    with pytest.raises(InvalidValue, match="give both the same"):
        NeuronGroup(net, ToyNeurons(4), tag="late", at=5)


@pytest.mark.parametrize(("at", "seen"), [(0, [1, 2, 3]), (5, [0, 1, 2])])
def test_at_chooses_which_value_behaviours_see(net, at, seen):
    class Looks(Behaviour):
        def initialize(self, neurons):
            self.seen = []

        def iteration(self, neurons):
            self.seen.append(float(neurons.v[0]))

    cells = NeuronGroup(net, ToyNeurons(1), at=at, behaviour={3: Looks()})
    cells.v = -60.0
    net.simulate(3)
    # Before its key the others see the state at the end of the iteration before.
    np.testing.assert_allclose(cells.behaviours[3].seen, -70 + 10 * np.exp(-0.1 * np.array(seen) / 20), rtol=1e-13)


def test_a_place_for_arrivals_is_known_by_name(cells):
    name, place = cells.place(None)
    assert (name, place.size, place.unit, place.spikes, place.samples) == ("current", 4, "pA", True, False)
    assert cells.place("drive")[1].samples
    with pytest.raises(UnknownName, match=r"No input is named 'curent' in cells.*Did you mean 'current'\?"):
        cells.place("curent")


def test_spikes_cannot_go_where_only_samples_go(net, cells):
    with pytest.raises(Unsupported, match=r"cells\.drive takes no spikes"):
        SynapseGroup(net, cells, cells, weight=1.0, into="drive")
    with pytest.raises(Unsupported, match=r"cells\.current takes no samples"):
        SynapseGroup(net, cells, cells, signal="v", into="current")


@pytest.mark.parametrize(
    ("module", "extra"), [("brian2.groups.neurongroup", "brian2"), ("nest.lib.hl_api_types", "nest"),
                          ("keras.src.models", "tensorflow"), ("tensorflow.python", "tensorflow")],
)  # fmt: skip
def test_a_simulator_that_is_not_installed_is_named_with_the_line_that_installs_it(monkeypatch, net, module, extra):
    from fusion.adapter import registry

    monkeypatch.setattr(registry, "installed", dict)
    theirs = type("Theirs", (), {"__module__": module})()
    with pytest.raises(SimulatorMissing, match=rf"pip install 'fusion-sim\[{extra}\]'") as caught:
        NeuronGroup(net, theirs)
    assert caught.value.simulator == extra
    assert isinstance(caught.value, ImportError)
    assert net.groups == []
