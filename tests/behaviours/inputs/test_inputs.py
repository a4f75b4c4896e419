"""Inputs have the statistics and the times that they promise."""

import numpy as np
import pytest
from scipy import stats

from fusion import EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.behaviours import (
    LIF,
    Images,
    OrnsteinUhlenbeckCurrent,
    Patterns,
    PoissonInput,
    PoissonSpikes,
    SpikePlayback,
    StepCurrent,
    TextSequence,
    WhiteNoise,
)
from fusion.errors import BehaviourFailed, InvalidValue, OffGrid, ShapeMismatch, UnknownName, Unsupported
from fusion.testing.toy import cells


def group(behaviour, size=4, dt=1.0, seed=1):
    """Neurons with an input, and what they show of it."""
    net = Network(dt=dt, seed=seed)
    return net, NeuronGroup(net, size=size, tag="cells", behaviour={1: behaviour})


def recorded(behaviour, ticks, variable, **options):
    net, neurons = group(behaviour, **options)
    neurons.add_behaviour(9, Recorder(variable))
    net.simulate(ticks)
    return net[variable, 0]


def assert_poisson(counts, mean):
    """Counts of independent intervals have mean and variance of a Poisson distribution, within four standard errors."""
    n = counts.size
    assert abs(counts.mean() - mean) < 4 * np.sqrt(mean / n)
    error = np.sqrt((mean + 2 * mean**2) / n)  # of the variance
    assert abs(counts.var() - mean) < 4 * error


@pytest.mark.parametrize("size", [500, 5000])
def test_poisson_spikes_are_poisson(size):
    """Steps of 0.1 ms at 40 Hz: a second spike in a step is lost in 0.2 % of the steps with one."""
    net, neurons = group(PoissonSpikes(rate=40.0), size=size, dt=0.1)
    neurons.add_behaviour(9, EventRecorder("spike"))
    net.run(400.0)
    counts = np.bincount(net["spike.i", 0], minlength=size)
    assert_poisson(counts, -np.expm1(-0.004) * 4000)
    t = net["spike.t", 0][net["spike.i", 0] == np.argmax(counts)]
    assert stats.kstest(t, "uniform", (0, 400)).pvalue > 1e-4


def test_rates_may_be_a_variable_that_others_fill():
    """Rates of a pattern that is shown half of the time: counts within four standard errors, and silence between."""
    rates = np.array([0.0, 20.0, 200.0, 500.0])
    show = Patterns(patterns=rates[None], duration=50.0, pause=50.0, into="light")
    net, neurons = group(show, dt=0.1)
    neurons.add_behaviour(2, PoissonSpikes(variable="light"))
    neurons.add_behaviour(9, EventRecorder("spike"))
    net.run(2000.0)
    counts = np.bincount(net["spike.i", 0], minlength=4)
    expected = -np.expm1(-rates * 1e-4) * 10_000
    assert (np.abs(counts - expected) <= 4 * np.sqrt(expected)).all()
    assert ((net["spike.t", 0] - 0.05) % 100.0 < 50.0).all()
    show.amplitude = -1.0
    with pytest.raises(BehaviourFailed, match=r"PoissonSpikes\.rate is -500"):
        net.run(100.0)


def test_each_neuron_may_have_its_rate_and_it_may_change():
    net, neurons = group(PoissonSpikes(rate=np.array([0.0, 20.0, 200.0, 1e9])), dt=1.0)
    neurons.add_behaviour(9, EventRecorder("spike"))
    net.simulate(5000)
    counts = np.bincount(net["spike.i", 0], minlength=4)
    assert counts[0] == 0
    assert counts[3] == 5000
    for k, rate in ((1, 20.0), (2, 200.0)):
        p = -np.expm1(-rate / 1000)
        assert abs(counts[k] - 5000 * p) < 4 * stats.binom.std(5000, p)
    source = neurons["PoissonSpikes", 0]
    source.rate[:] = [1e9, 0.0, 0.0, 0.0]
    net.clear_recordings()
    net.simulate(100)
    assert net["spike.i", 0].tolist() == [0] * 100
    source.rate = 0.0
    net.clear_recordings()
    net.simulate(100)
    assert len(net["spike", 0]) == 0


def test_poisson_input_is_the_sum_of_its_sources():
    rows = recorded(PoissonInput(rate=50.0, sources=30, weight=0.5), 4000, "input")
    assert_poisson(rows / 0.5, 30 * 50.0 / 1000)
    assert abs(np.corrcoef(rows.T)[0, 1]) < 4 / np.sqrt(4000)


def test_poisson_input_adds_to_what_links_bring():
    net, neurons = group(PoissonInput(rate=100.0, weight=10.0, into="current"))
    neurons.add_behaviour(9, Recorder("current"))
    source = NeuronGroup(net, size=4, behaviour={1: SpikePlayback(t=[5.0], i=[0])})
    SynapseGroup(net, source, neurons, weight=1.0, delay=1.0, into="current")
    net.simulate(10)
    assert (net["current", 0] % 10.0).sum(axis=1).tolist() == [0, 0, 0, 0, 0, 4, 0, 0, 0, 0]


def test_playback_plays_each_spike_at_its_time():
    rng = np.random.default_rng(1)
    t, i = rng.uniform(0.1, 30.0, 200), rng.integers(0, 4, 200)
    net, neurons = group(SpikePlayback(t=t, i=i), dt=0.1)
    neurons.add_behaviour(9, EventRecorder("spike"))
    for _ in range(3):
        net.run(10.0)
    wanted = sorted({(tick, k) for tick, k in zip(np.rint(t / 0.1).astype(int).tolist(), i.tolist(), strict=True)})
    assert [tuple(row) for row in net["spike", 0].tolist()] == wanted


def test_nothing_may_be_played():
    net, neurons = group(SpikePlayback(t=[], i=[]))
    neurons.add_behaviour(9, EventRecorder("spike"))
    net.simulate(3)
    assert len(net["spike", 0]) == 0


def test_a_recording_is_played_back():
    net, neurons = group(PoissonSpikes(rate=100.0))
    neurons.add_behaviour(9, EventRecorder("spike"))
    net.simulate(50)
    other, again = group(SpikePlayback(t=net["spike.t", 0], i=net["spike.i", 0]))
    again.add_behaviour(9, EventRecorder("spike"))
    other.simulate(50)
    np.testing.assert_array_equal(other["spike", 0], net["spike", 0])


@pytest.mark.parametrize("dt", [0.1, 0.3, 1.0])
def test_a_step_current_lasts_as_long_as_it_says(dt):
    rows = recorded(StepCurrent(amplitude=7.0, begin=3.0, end=6.0), round(9 / dt), "current", dt=dt)
    t = dt * np.arange(1, len(rows) + 1)
    wanted = np.where((t > 3.0 + dt / 4) & (t < 6.0 + dt / 4), 7.0, 0.0)
    np.testing.assert_array_equal(rows, np.repeat(wanted[:, None], 4, axis=1))


def test_a_model_feels_what_adds_up():
    """LIF neurons at rest: two currents give the sum of what each gives alone."""

    def voltage(*currents):
        net = Network(dt=0.1, seed=1)
        given = dict(enumerate(currents, 1))
        NeuronGroup(net, size=1, tag="cells", behaviour={**given, 5: LIF(), 9: Recorder("voltage")})
        return net.run(20.0)["voltage", 0] + 70.0

    one, two = StepCurrent(amplitude=100.0), StepCurrent(amplitude=50.0, begin=5.0, end=12.0)
    apart = voltage(one) + voltage(two)
    both = voltage(StepCurrent(amplitude=100.0), StepCurrent(amplitude=50.0, begin=5.0, end=12.0))
    np.testing.assert_allclose(both, apart, atol=1e-12)


@pytest.mark.parametrize("dt", [0.5, 5.0])
def test_noise_has_its_moments_and_its_memory_whatever_the_step(dt):
    """200 neurons over 200 time constants are some 20 000 independent values: four standard errors."""
    tau = 5.0
    rows = recorded(
        OrnsteinUhlenbeckCurrent(mean=3.0, sigma=2.0, tau=tau), round(200 * tau / dt), "current", size=200, dt=dt
    )
    independent = rows.shape[1] * 200 / 2
    assert abs(rows.mean() - 3.0) < 4 * 2.0 / np.sqrt(independent)
    assert rows.var() == pytest.approx(4.0, rel=4 * np.sqrt(2 / independent))
    for lag in (1, 2):
        r = np.mean((rows[lag:] - 3.0) * (rows[:-lag] - 3.0)) / 4.0
        assert r == pytest.approx(np.exp(-lag * dt / tau), abs=4 * np.sqrt(2 / independent))
    assert rows[0].var() == pytest.approx(4.0, rel=4 * np.sqrt(2 / 200))


@pytest.mark.parametrize("dt", [0.1, 1.0])
def test_white_noise_moves_a_membrane_as_far_whatever_the_step(dt):
    """The potential without threshold: mean and variance of the formula, from 400 neurons over 20 time constants."""
    net = Network(dt=dt, seed=1)
    model = LIF(tau=10.0, capacitance=200.0, threshold=1e9, rest=0.0, reset=0.0)
    behaviour = {1: WhiteNoise(mean=40.0, sigma=300.0), 2: model, 9: Recorder("voltage", every=1.0)}
    NeuronGroup(net, size=400, behaviour=behaviour)
    rows = net.run(250.0)["voltage", 0][50:]
    assert rows.mean() == pytest.approx(2.0, abs=4 * 3.35 / np.sqrt(400 * 10))
    assert rows.var() == pytest.approx(300.0**2 * 10.0 / (2 * 200.0**2), rel=4 * np.sqrt(2 / (400 * 20)))


@pytest.mark.parametrize("order", ["in turn", "shuffled", "random"])
def test_patterns_are_shown_one_after_the_other(order):
    images = np.arange(12.0).reshape(3, 2, 2) + 1.0
    net, neurons = group(Patterns(patterns=images, duration=3.0, pause=2.0, amplitude=2.0, order=order))
    neurons.add_behaviour(9, Recorder("input"))
    shown = []
    for _ in range(150):
        net.simulate(1)
        shown.append(net["Patterns", 0].shown)
    shown = np.array(shown).reshape(30, 5)
    assert (shown[:, 3:] == -1).all()
    assert (shown[:, :3] == shown[:, :1]).all()
    first = shown[:, 0].tolist()
    if order == "in turn":
        assert first == [0, 1, 2] * 10
    elif order == "shuffled":
        assert all(sorted(first[k : k + 3]) == [0, 1, 2] for k in range(0, 30, 3))
        assert first != [0, 1, 2] * 10
    else:
        assert set(first) == {0, 1, 2}
    wanted = np.vstack([2.0 * images.reshape(3, 4), np.zeros(4)])[shown.ravel()]
    np.testing.assert_array_equal(net["input", 0], wanted)


def test_times_may_be_quantities():
    ms = pytest.importorskip("brian2").ms
    net, neurons = group(SpikePlayback(t=[2.0, 5.0] * ms, i=[1, 3]))
    neurons.add_behaviour(2, StepCurrent(amplitude=2.0, begin=1 * ms, end=3 * ms))
    neurons.add_behaviour(3, Patterns(patterns=np.ones((1, 4)), duration=2 * ms, pause=1 * ms))
    neurons.add_behaviour(98, Recorder("spike", "current", "input"))
    net.run(6.0)
    assert np.argwhere(net["spike", 0]).tolist() == [[1, 1], [4, 3]]
    assert net["current", 0][:, 0].tolist() == [0.0, 2.0, 2.0, 0.0, 0.0, 0.0]
    assert net["input", 0][:, 0].tolist() == [1.0, 1.0, 0.0, 1.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda: PoissonSpikes(rate=-1.0), InvalidValue, "rate is -1"),
        (lambda: PoissonInput(rate=[1.0, 1.0, -2.0, 1.0]), InvalidValue, "rate is -2"),
        (lambda: PoissonInput(sources=0), InvalidValue, "sources is 0"),
        (lambda: StepCurrent(amplitude=1.0, begin=2.0, end=1.0), InvalidValue, "two times in order"),
        (lambda: OrnsteinUhlenbeckCurrent(tau=0.0), InvalidValue, "tau is 0"),
        (lambda: OrnsteinUhlenbeckCurrent(sigma=-1.0), InvalidValue, "sigma is -1"),
        (lambda: WhiteNoise(sigma=-1.0), InvalidValue, "sigma is -1"),
        (lambda: SpikePlayback(t=[1.0], i=[4]), InvalidValue, "give 0 to 3"),
        (lambda: SpikePlayback(t=[1.0], i=[0.5]), InvalidValue, "give 0 to 3"),
        (lambda: SpikePlayback(t=[0.0], i=[0]), InvalidValue, "begins at 0 ms; the first step ends at 1 ms"),
        (lambda: SpikePlayback(t=[np.nan], i=[0]), InvalidValue, "not finite"),
        (lambda: SpikePlayback(t=[1.0, 2.0], i=[0]), ShapeMismatch, "one for each"),
        (lambda: Patterns(patterns=np.ones(4)), InvalidValue, r"these are \(4,\)"),
        (lambda: Patterns(patterns=np.ones((2, 5))), ShapeMismatch, "4 neurons"),
        (lambda: Patterns(patterns=np.ones((2, 4)), duration=0.0), InvalidValue, "cannot be"),
        (lambda: Patterns(patterns=np.ones((2, 4)), duration=1.5), OffGrid, "duration"),
        (lambda: Patterns(patterns=np.ones((2, 4)), order="backwards"), UnknownName, "backwards"),
    ],
)
def test_wrong_values_are_told(make, error, says):
    with pytest.raises(error, match=says):
        group(make())[0].build()


@pytest.mark.parametrize(
    "behaviour", [PoissonSpikes(), PoissonInput(), SpikePlayback(t=[], i=[]), StepCurrent(amplitude=1.0),
                  OrnsteinUhlenbeckCurrent(), Patterns(patterns=np.ones((1, 3))), Images(images=np.ones((1, 1, 3))),
                  TextSequence(sentences="ab"),
                  WhiteNoise()],
    ids=lambda b: type(b).__name__,
)  # fmt: skip
def test_groups_of_simulators_have_inputs_of_their_own(toy, behaviour):
    with Network(dt=0.1) as net:
        NeuronGroup(net, cells(3), tag="foreign", behaviour={1: behaviour})
        with pytest.raises(Unsupported, match="is for native neuron groups"):
            net.build()
