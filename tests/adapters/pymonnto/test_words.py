"""What scripts ask of networks and groups, where the scripts that are compared with PymoNNto do not ask it."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from fusion_pymonnto.analysis import AnalysisModule
from fusion_pymonnto.behavior import Behavior
from fusion_pymonnto.equations import Clock, Equation, Variable, seconds
from fusion_pymonnto.matrices import behavior_test_environment, infinite_resolution_1D, infinite_resolution_2D
from fusion_pymonnto.mechanisms import Instant_Homeostasis, Time_Integration_Homeostasis
from fusion_pymonnto.network import Network
from fusion_pymonnto.neurons import NeuronGroup
from fusion_pymonnto.recorder import EventRecorder, Recorder, plain
from fusion_pymonnto.space import NeuronDimension, get_squared_dim
from fusion_pymonnto.synapses import SynapseGroup
from fusion_pymonnto.words import afferent

from fusion.errors import BehaviourFailed, ExpressionError, InvalidValue, NothingToRun, UnknownName
from fusion.storage import Run


class Counts(Behavior):
    def initialize(self, n):
        self.step = self.parameter("step", 1, n)
        n.count = n.vector()

    def iteration(self, n):
        n.count += self.step


class Fails(Behavior):
    def iteration(self, n):
        if n.iteration == 8 and not vars(self).setdefault("has_failed", False):
            self.has_failed = True
            raise ZeroDivisionError("by hand")


def counting(behavior=None, **options):
    net = Network(**options)
    cells = NeuronGroup(net, 3, {1: Counts(), 9: Recorder("count"), **(behavior or {})}, tag="cells")
    net.initialize()
    return net, cells


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("n.v", "v"),
        ("np.mean(n.v)", "np.mean(v)"),
        ("n.v.mean()", "np.mean(v)"),
        ("n.v.numpy()", "v"),
        ("s.W[:, 0]*2", "W[:, 0] * 2"),
        ("np.mean(neurons.v > 0.5)", "np.mean(v > 0.5)"),
        ("n", "n"),
        ("a => b", "a => b"),
    ],
)
def test_expressions_are_those_of_fusion(text, wanted):
    assert plain(text) == wanted


def test_a_step_may_be_timed():
    net, _ = counting()
    measures = net.simulate_iteration(measure_behavior_execution_time=True)
    assert measures.keys() == {1, 9}
    assert net.simulate_iteration() is None
    assert (net.iteration, len(net["count", 0])) == (2, 2)


def test_progress_is_told_and_recorders_rest():
    net, _ = counting()
    told = []
    net.simulate_iterations(
        25, batch_size=10, disable_recording=True, batch_progress_update_func=lambda p, n: told.append(p)
    )
    assert told == [40.0, 80.0, 100.0]
    assert len(net["count", 0]) == 0
    net.simulate_iterations(2)
    assert len(net["count", 0]) == 2


def test_recorders_take_more_and_keep_less():
    net, cells = counting({10: Recorder(variables=["count"], gapwidth=3, max_length=2, tag="thin")})
    net.simulate_iterations(10)
    thin = cells["thin", 0]
    np.testing.assert_array_equal(thin["count", 0][:, 0], [6, 9])
    assert thin.is_new_data_available()
    assert not thin.is_new_data_available()
    thin.add_variables("np.sum(n.count)")
    net.simulate_iterations(2)
    np.testing.assert_array_equal(net["np.sum(count)", 0], [36])
    assert thin.swaped("count").shape == (3, 2)


def test_what_is_recorded_from_later_on_ends_with_the_rest_when_a_step_fails():
    recorder = Recorder("iteration")
    net = Network(behavior={1: recorder, 2: Fails()})
    net.simulate_iterations(4)
    recorder.add_variables("2 * iteration")
    with pytest.raises(BehaviourFailed):
        net.simulate_iterations(10)
    assert net["iteration", 0].tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert net["2 * iteration", 0].tolist() == [10, 12, 14]
    net.pausable = True
    net.simulate_iterations(2)
    assert net["2 * iteration", 0].tolist() == [10, 12, 14, 16, 18]


def test_a_length_that_is_cut_is_that_of_the_times_too(tmp_path):
    recorder = Recorder("iteration")
    net = Network(behavior={1: recorder})
    net.initialize(info=False)
    recorder.cut_length(4)
    net.simulate_iterations(100)
    assert net["iteration", 0].tolist() == recorder.t.tolist() == [97, 98, 99, 100]
    net.keep(tmp_path / "run")
    net.simulate_iterations(2)
    run = Run(tmp_path / "run")
    np.testing.assert_array_equal(run["iteration", 0], run["Recorder", 0].t)
    np.testing.assert_array_equal(run["iteration", 0][-6:], np.arange(97, 103))


def test_behaviors_come_and_go():
    net, cells = counting()
    extra = cells.add_behavior(0.5, Counts(step="5"))
    assert cells[0.5] == [extra]
    cells.count *= 0
    net.simulate_iterations(1)
    assert cells.count.tolist() == [6, 6, 6]
    for which in (0.5, "Counts"):
        cells.remove_behavior(which)
    assert not cells.has_module("Counts")
    late = Counts(step="2")
    cells.add_behavior(2, late, initialize=False)
    assert not hasattr(late, "step")
    net.initialize()
    assert late.step == 2
    with pytest.raises(InvalidValue, match=r"Key 2 .* is taken"):
        cells.add_behavior(2, Counts())
    cells.remove_behaviour(2)
    cells.add_behaviour(2, Counts(step="3"), initialize=True)
    assert cells.Counts.step == 3


def test_groups_of_one_name_get_letters(caplog):
    net = Network()
    groups = [NeuronGroup(net, 2, tag="same") for _ in range(3)]
    net.initialize()
    assert [group.tag for group in groups] == ["same", "sameb", "samec"]
    assert "'same'" in caplog.text
    assert net.samec is groups[2]


def test_the_first_word_for_behaviours_decides_the_precision():
    first, third, told = Network(), Network(), Network(settings={"def_dtype": np.float32})
    for net, word in ((first, "behaviour"), (third, "behavior"), (told, "behaviour")):
        NeuronGroup(net=net, size=2, tag="cells", **{word: {1: Counts()}})
        net.initialize()
    assert [net.cells.count.dtype for net in (first, third, told)] == [np.float64, np.float32, np.float32]


def test_sub_groups_read_and_write_through():
    _, cells = counting()
    cells.buffer = cells.vector_buffer(2)
    part = cells.subGroup(np.array([True, False, True]))
    part.count = [4, 5]
    part.count += 1
    part.buffer = 7
    assert cells.count.tolist() == [5, 0, 6]
    assert cells.buffer[:, 1].tolist() == [0, 0]
    assert (part.size, part.id.tolist(), part.vector().shape) == (2, [0, 2], (2,))
    assert part.group_without_subGroup() is cells
    with pytest.raises(AttributeError):
        part.nothing = 1


def test_names_of_fusion_may_be_variables_of_a_script():
    net, cells = counting({10: EventRecorder("spikes > 1")})
    synapses = SynapseGroup(net, cells, cells, tag="GLU")
    cells.spikes = np.array([0.0, 2.0, 3.0])
    synapses.pre, synapses.weights = cells.vector(), 3
    net.simulate_iterations(1)
    np.testing.assert_array_equal(net["spikes > 1", 0], [[1, 1], [1, 2]])
    assert (synapses.weights, synapses.pre.tolist()) == (3, [0, 0, 0])


class Mean(AnalysisModule):
    def initialize(self, n):
        self.add_tag("statistics")

    def execute(self, n, power=1):
        return float(np.mean(n.count**power))


def test_analysis_modules_keep_their_results():
    net, cells = counting()
    cells.add_analysis_module(Mean(tag="mine"))
    net.simulate_iterations(3)
    told = []
    cells.Mean.set_update_notifier(told.append)
    assert net["statistics", 0](power=2) == 9.0
    assert cells.Mean.exec() == 3.0
    assert net.get_all_analysis_module_results("mine") == {"Mean(mine) {'power': 2}": 9.0, "Mean(mine)": 3.0}
    assert told == ["Mean(mine) {'power': 2}", "Mean(mine)"]
    assert cells.Mean.execution_arguments == {"power": 1}
    cells.Mean.clear_results()
    assert cells.Mean.get_results() == {}


def test_homeostasis_is_bounded_by_its_thresholds():
    class Level(Behavior):
        def initialize(self, n):
            n.level, n.bias = n.vector(), n.vector()
            n.level[:] = [0, 5, 10]

    beside = {
        1: Level(),
        2: Instant_Homeostasis(measurement_param="n.level", adjustment_param="bias", threshold=5, gap_percent=20),
    }
    _, cells, _ = behavior_test_environment(beside, size=3, iteration=2)
    np.testing.assert_allclose(cells.bias, [8, 0, -8])
    with pytest.raises(InvalidValue, match="needs threshold="):
        behavior_test_environment(Time_Integration_Homeostasis(measurement_param="n.level", adjustment_param="bias"))


def test_an_equation_is_solved_by_euler_s_method():
    net = Network(behavior={0: Clock(step="0.5*ms")}, settings={"dtype": np.float64})
    behavior = {2: Variable(eq="v = 2*mV + 1"), 3: Equation(eq="dv/dt = (10*mV - v)/(20*ms) + np.sin(0)")}
    cells = NeuronGroup(net, 2, behavior, tag="cells")
    net.initialize()
    net.simulate_iterations("10*ms")
    # The last value takes effect in the next iteration.
    np.testing.assert_allclose(cells.v, 10 - 7 * (1 - 0.5 / 20) ** 19, rtol=1e-12)
    assert net.t == pytest.approx(0.01)
    assert seconds("2 * hours") == 7200


def test_points_are_refined_and_never_repeated():
    assert list(infinite_resolution_1D(0, 1, 0)) == [0, 0.2, 0.4, 0.6, 0.8]
    points = list(map(tuple, infinite_resolution_2D(0, 1, 0, 2, 1)))
    assert len(points) == len(set(points)) == 100


def test_a_histogram_is_shown_when_it_is_asked_for():
    _, cells = counting({2: Counts(step="normal(2, 0.1);plot")})
    shown = sum(patch.get_height() for patch in plt.gca().patches)
    cells.vector("uniform", plot=True)
    plt.close("all")
    assert shown == 3


@pytest.mark.parametrize(
    ("wrong", "error", "said"),
    [
        (lambda net, n: n.vector("nothing(3)"), UnknownName, "No distribution is named 'nothing'"),
        (lambda net, n: n.vector("uniform(0,1)*2"), InvalidValue, "is no distribution"),
        (lambda net, n: n.vector(None), InvalidValue, "no way to fill"),
        (lambda net, n: n.vector("uniform_gap(a, b)"), InvalidValue, "is no distribution"),
        (lambda net, n: n.synapses(afferent, "GABA"), UnknownName, "GABA"),
        (lambda net, n: net[None], InvalidValue, "no tag"),
        (lambda net, n: net["cells", "first"], InvalidValue, "write obj"),
        (lambda net, n: net.nothing, AttributeError, "'nothing'"),
        (lambda net, n: n.nothing, AttributeError, "'nothing'"),
        (lambda net, n: net.simulate_iterations("10*ms"), InvalidValue, "attach a Clock"),
        (lambda net, n: seconds("10*mV"), InvalidValue, "no time"),
        (lambda net, n: Recorder("open('x')"), ExpressionError, "open"),
        (lambda net, n: SynapseGroup(net, "nobody", n), InvalidValue, "src='nobody'"),
        (lambda net, n: Network(settings={"dtyp": 1}), InvalidValue, "'dtype'"),
        (lambda net, n: NeuronGroup(2, {1: Counts()}, net), InvalidValue, "the network is the first"),
        (lambda net, n: NeuronGroup(net, 2, {1: 3}), InvalidValue, "no behaviour object"),
        (lambda net, n: NeuronGroup(net, 2, Counts()), InvalidValue, "dictionary"),
        (lambda net, n: NeuronGroup(net, 2, behavior={}, behaviour={}), InvalidValue, "not both"),
        (lambda net, n: NeuronGroup(net, get_squared_dim(4), {0: Counts()}), InvalidValue, "key 0"),
        (lambda net, n: NeuronGroup(net, NeuronDimension(width=0)), InvalidValue, "no neurons"),
        (lambda net, n: n.add_behavior(20, Counts(step="same(nobody, v)")), InvalidValue, "'nobody'"),
        (lambda net, n: n.add_behavior(20, Variable()), InvalidValue, "needs the parameter 'eq'"),
        (lambda net, n: n.add_behavior(20, Variable(eq="v")), InvalidValue, "cannot be read"),
        (lambda net, n: n.add_behavior(20, Equation(eq="v = 1")), InvalidValue, "cannot be read"),
        (lambda net, n: n.add_behavior(20, Equation(eq="dcount/dt = open(1)")), ExpressionError, "open"),
        (lambda net, n: Network().simulate_iterations(1), NothingToRun, "takes a step"),
    ],
)  # fmt: skip
def test_wrong_uses_are_said(wrong, error, said):
    net, cells = counting()
    with pytest.raises(error, match=said):
        wrong(net, cells)


def test_a_kept_run_has_what_was_recorded_by_the_names_of_fusion(tmp_path):
    net = Network(dt=0.5)
    NeuronGroup(net, 3, {1: Counts(), 9: Recorder(["n.count", "n.count.mean()"]), 10: EventRecorder("n.count > 3")})
    net.initialize()
    net.keep(tmp_path / "run")
    net.simulate_iterations(4)
    run = Run(tmp_path / "run")
    for text, name in (("n.count", "count"), ("n.count.mean()", "np.mean(count)"), ("n.count > 3", "count > 3")):
        np.testing.assert_array_equal(run[name, 0], net[text, 0])
        assert text not in run
    assert net["n.count > 3.t", 0].tolist() == [4, 4, 4]
    assert run["count > 3.t", 0].tolist() == [2.0, 2.0, 2.0]
