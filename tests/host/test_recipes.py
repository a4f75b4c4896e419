"""Recipes in a child process: they make there what they make here, in all bits."""

import brian2
import fusion_brian2
import fusion_nest
import fusion_tensorflow
import nest
import numpy as np
import pytest
from brian2 import ms
from host.populations import column, impossible

from fusion import EventRecorder, Network, NeuronGroup, Recorder, built
from fusion.errors import InvalidValue, RecipeFailed, UnknownName
from fusion.host import Process

NOISY = "dv/dt = (drive - v)/tau + 0.3*xi*tau**-0.5 : 1 (unless refractory)"
RULES = {"threshold": "v > limit", "reset": "v = 0", "refractory": 2 * ms, "method": "euler"}
limit = 1.0


@pytest.fixture(autouse=True)
def _fresh_simulators():
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    brian2.start_scope()
    before, brian2.prefs.codegen.target = brian2.prefs.codegen.target, "numpy"
    yield
    brian2.prefs.codegen.target = before


def in_numpy(n, tau, drive):
    """Noisy cells of Brian2 and a monitor; tau in seconds."""
    brian2.prefs.codegen.target = "numpy"
    names = {"tau": tau * brian2.second, "limit": limit, "drive": drive}
    cells = brian2.NeuronGroup(n, NOISY, namespace=names, **RULES)
    return cells, brian2.SpikeMonitor(cells)


def by_names():
    """Equations whose names are those of this line."""
    tau, drive = 10 * ms, np.float64(1.2)
    recipe = fusion_brian2.neurons(7, NOISY, **RULES)
    return lambda net, **options: (NeuronGroup(net, recipe, **options), tau, drive)[0]


def given(recipe):
    return lambda net, **options: NeuronGroup(net, recipe, **options)


def spikes_of(add, host):
    nest.ResetKernel()
    with Network(dt=0.1, seed=3) as net:
        add(net, tag="cells", behaviour={9: EventRecorder("spike")}, host=host)
        net.run(60.0)
        fired = net["spike.t", 0].tolist(), net["spike.i", 0].tolist()
    assert fired[0]
    return fired


@pytest.mark.parametrize(
    "add",
    [
        pytest.param(by_names(), marks=pytest.mark.slow),  # the child compiles
        pytest.param(given(built(in_numpy, adapter="brian2", n=7, tau=0.01, drive=1.2)), marks=pytest.mark.slow),
        given(fusion_nest.nodes("iaf_psc_exp", 6, I_e=np.linspace(380.0, 420.0, 6), t_ref=3.0)),
        given(built(column, adapter="nest", n=9, rate=8000.0)),
    ],
    ids=["neurons", "built in Brian2", "nodes", "built in NEST"],
)
def test_a_child_process_gives_the_same_spikes(add):
    assert spikes_of(add, Process()) == spikes_of(add, None)


@pytest.mark.slow
def test_a_child_process_gives_the_same_layer():
    def output(host):
        with Network(dt=1.0, seed=3) as net:
            readout = fusion_tensorflow.layer("Dense", 4, units=3, activation="tanh")
            cells = NeuronGroup(net, readout, tag="readout", behaviour={9: Recorder("output")}, host=host)
            cells.input = [0.5, -0.25, 1.0, 0.0]
            net.simulate(5)
            return np.array(net["output", 0])

    here = output(None)
    assert here.any()
    np.testing.assert_array_equal(output(Process()), here)


def test_what_cannot_travel_is_refused_with_the_way_out():
    expression = nest.random.uniform(-70.0, -60.0)
    for source, message in (
        (fusion_nest.nodes("iaf_psc_exp", 2, V_m=expression), r"V_m= of nodes.*fusion\.built"),
        (nest.Create("iaf_psc_exp", 2), r"Give a recipe.*fusion_nest\.nodes\(model.* or fusion\.built\(function"),
        (built(lambda: column(2, 1.0), adapter="nest"), "a lambda has no name"),
    ):
        with Network(dt=0.1) as net, pytest.raises(InvalidValue, match=message):
            NeuronGroup(net, source, tag="cells", host=Process())


def test_errors_in_a_function_come_back_with_its_name_and_line():
    line = column.__code__.co_firstlineno + 3
    with Network(dt=0.1) as net, pytest.raises(RecipeFailed, match=rf"impossible\(\), which builds 'cells'.*:{line}:"):
        NeuronGroup(net, built(impossible, adapter="nest", n=2), tag="cells", host=Process())


def test_errors_of_a_recipe_come_back_as_they_are():
    with Network(dt=0.1) as net, pytest.raises(UnknownName, match=r"'iaf_psc_ex'.*Did you mean 'iaf_psc_exp'"):
        NeuronGroup(net, fusion_nest.nodes("iaf_psc_ex", 2), tag="cells", host=Process())
