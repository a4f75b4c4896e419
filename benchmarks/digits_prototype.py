"""The yardstick: the digits network written by hand, without fusion, at the public tier of every simulator.

::

    retina (NumPy) --> cortex_e (Brian2) <--> cortex_i (NEST)        counts of cortex_e --> readout (Keras)

A handwritten digit makes 64 Poisson units fire, 400 excitatory cells in Brian2 and 100 inhibitory ones in
NEST answer in a closed loop, and a softmax layer learns online from one spike count per excitatory cell and
image.

The simulators meet after every tick of 0.5 ms. Every link has a delay of 1.5 ms: a spike of tick k is part of
its target's input at the end of tick k + 3. Each tick runs NEST first, then Brian2, so

* cortex_i reaches Brian2 in the tick in which it fired, with the whole delay left to Brian2's synapses;
* cortex_e reaches NEST one tick later, so the connections of its spike generators wait one tick less.

What makes it quick with nothing but PyNEST and Brian2 as they are installed:

* into NEST: one spike generator per source, the weights in NEST's connections, one call for those that fire;
* out of NEST: a spike recorder that writes text into a file in memory, which NEST flushes after each Run;
* Brian2: its objects run one after the other, in their own order, without the 0.1 s that `Network.run` costs.

Run it: ``python benchmarks/digits_prototype.py --seed 1``. The last line printed is the result as JSON.
"""

import argparse
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["PYNEST_QUIET"] = "1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
IMPORTS_BEGIN = perf_counter()

import brian2  # noqa: E402
import keras  # noqa: E402
import nest  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from brian2 import ms, mV  # noqa: E402
from brian2.core.spikesource import SpikeSource  # noqa: E402
from brian2.core.variables import Variables  # noqa: E402
from brian2.groups.group import Group  # noqa: E402
from nest import nestkernel_api as pynest  # noqa: E402
from sklearn.datasets import load_digits  # noqa: E402
from sklearn.model_selection import train_test_split  # noqa: E402

IMPORTS_TOOK = perf_counter() - IMPORTS_BEGIN

# Times in ms, potentials and weights in mV.
DT = 0.5
DELAY = 1.5
PRESENT, BLANK = 60.0, 12.0
MAX_RATE = 500.0  # Hz, of a unit of the retina that looks at a full pixel
N_RETINA, N_E, N_I = 64, 400, 100
THRESHOLD, TAU_E, TAU_I, TAU_SYN, REFRACTORY = 15.0, 20.0, 10.0, 5.0, 2.0
ADAPTATION, TAU_ADAPTATION, BIAS = 2.0, 60.0, 4.0
CAPACITANCE = 250.0  # pF
PA_PER_MV = CAPACITANCE / TAU_I  # the current that holds a cell of cortex_i 1 mV above rest
LEARNING_RATE, COUNT_SCALE = 2e-3, 0.3

Spikes = Sequence[int] | np.ndarray
Edges = tuple[np.ndarray, np.ndarray, np.ndarray]  # source, target, weight in mV


class Wiring:
    """The five projections, drawn from one generator in a fixed order."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.retina_e = self._fan_in(N_RETINA, N_E, 12, 9.0)
        self.e_e = self._random(N_E, N_E, 0.1, 0.3)
        self.e_i = self._random(N_E, N_I, 0.1, 3.0)
        self.i_e = self._random(N_I, N_E, 0.2, -6.0)
        self.i_i = self._random(N_I, N_I, 0.1, -0.3)

    def _random(self, n_source: int, n_target: int, p: float, weight: float) -> Edges:
        source, target = np.nonzero(self.rng.random((n_source, n_target)) < p)
        return source, target, weight * self.rng.uniform(0.5, 1.5, len(source))

    def _fan_in(self, n_source: int, n_target: int, k: int, weight: float) -> Edges:
        source = np.concatenate([self.rng.choice(n_source, k, replace=False) for _ in range(n_target)])
        target = np.repeat(np.arange(n_target), k)
        return source, target, weight * self.rng.uniform(0.5, 1.5, len(source))


# ------------------------------------------------------------------------------------------------- Brian2


class ExternalSpikes(Group, SpikeSource):  # type: ignore[misc]
    """A source for Brian2 synapses whose spikes of this step somebody else sets."""

    add_to_magic_network = False

    def __init__(self, n: int, name: str) -> None:
        Group.__init__(self, dt=None, clock=None, when="thresholds", order=0, name=name)
        self.events = {"spike": None}
        self.start, self.stop = 0, n
        self.variables = Variables(self)
        self.variables.create_clock_variables(self._clock)
        self.variables.add_constant("N", value=n)
        self.variables.add_arange("i", n, constant=True, read_only=True)
        self.variables.add_array("_spikespace", size=n + 1, dtype=np.int32)  # the last entry is their number
        self.space = self.variables["_spikespace"].get_value()
        self._enable_group_attributes()

    def __len__(self) -> int:
        return int(self.stop)

    @property
    def spikes(self) -> np.ndarray:
        return self.space[: self.space[-1]]

    def set(self, indices: Spikes) -> None:
        n = len(indices)
        self.space[:n] = indices
        self.space[-1] = n

    def before_run(self, run_namespace: Any) -> None:
        pass

    def run(self) -> None:
        pass


class Stepper:
    """Runs the objects of a Brian2 network one time step at a time, as the loop of `Network.run` does."""

    def __init__(self, network: brian2.Network) -> None:
        (self.clock,) = {item.clock for item in network.sorted_objects}
        network._clocks = {self.clock}
        self.clock.set_interval(network.t, network.t)
        network.before_run({})
        self.network = network
        self.actions = [item.run for item in network.sorted_objects if item.active]
        self.index = self.clock.variables["timestep"].get_value()
        self.t = self.clock.variables["t"].get_value()
        self.seconds = self.clock.dt_
        self.steps = 0

    def step(self) -> None:
        for action in self.actions:
            action()
        self.steps += 1
        self.index[0] = self.steps
        self.t[0] = self.steps * self.seconds

    def close(self) -> None:
        self.network.t_ = self.steps * self.seconds
        self.network.after_run()


class CortexE:
    """Excitatory cells with an adapting threshold, in Brian2."""

    def __init__(self, wiring: Wiring, seed: int) -> None:
        brian2.prefs.codegen.target = "numpy"
        brian2.defaultclock.dt = DT * ms
        brian2.seed(seed)
        self.cells = brian2.NeuronGroup(
            N_E,
            """dv/dt = (b - v + I) / tau : volt (unless refractory)
               dI/dt = -I / tau_syn : volt
               dtheta/dt = -theta / tau_theta : volt
               b : volt (constant)""",
            threshold="v > v_th + theta",
            reset="v = 0*mV; theta += step",
            refractory=REFRACTORY * ms,
            method="exact",
            name="cortex_e",
            namespace={
                "tau": TAU_E * ms,
                "tau_syn": TAU_SYN * ms,
                "tau_theta": TAU_ADAPTATION * ms,
                "v_th": THRESHOLD * mV,
                "step": ADAPTATION * mV,
            },
        )
        self.cells.b = BIAS * wiring.rng.uniform(-1, 1, N_E) * mV
        self.from_retina = ExternalSpikes(N_RETINA, "retina")
        self.from_i = ExternalSpikes(N_I, "cortex_i")
        self.space = self.cells.variables["_spikespace"].get_value()
        self.stepper = Stepper(
            brian2.Network(
                self.cells,
                self.from_retina,
                self.from_i,
                self._synapses(self.from_retina, wiring.retina_e, "retina_e"),
                self._synapses(self.from_i, wiring.i_e, "i_e"),
                self._synapses(self.cells, wiring.e_e, "e_e"),
            )
        )

    def _synapses(self, source: SpikeSource, edges: Edges, name: str) -> brian2.Synapses:
        synapses = brian2.Synapses(
            source, self.cells, "w : volt (constant)", on_pre="I_post += w", delay=DELAY * ms, name=name
        )
        synapses.connect(i=edges[0], j=edges[1])
        synapses.w = edges[2] * mV
        return synapses

    def step(self, retina: Spikes, inhibition: Spikes) -> np.ndarray:
        """Advance by one tick; the spikes given are those of the same tick."""
        self.from_retina.set(retina)
        self.from_i.set(inhibition)
        self.stepper.step()
        return self.space[: self.space[-1]].copy()


# --------------------------------------------------------------------------------------------------- NEST


class Generators:
    """Spike generators, one per foreign neuron, whose connections hold the weights of the link."""

    def __init__(self, n: int, targets: np.ndarray, edges: Edges, delay: float) -> None:
        nodes = nest.Create("spike_generator", n)
        ids = np.array(nodes.tolist())
        source, target, weight = edges
        nest.Connect(
            ids[source],
            targets[target],
            "one_to_one",
            {"weight": weight * PA_PER_MV, "delay": np.full(len(source), delay)},
        )
        self.first = int(ids[0])
        self.handles = [node._datum for node in nodes]

    def fire(self, indices: np.ndarray, at: float) -> None:
        """Let these fire at a time on the grid that lies ahead."""
        spikes = [{"spike_times": [at]}]
        if len(indices) > 4:
            firing = pynest.llapi_make_nodecollection((indices + self.first).tolist())
            pynest.llapi_set_nc_status(firing._datum, spikes)
        else:
            for index in indices.tolist():
                pynest.llapi_set_nc_status(self.handles[index], spikes)


class SpikeFile:
    """The spikes of nodes, read from the text file of a spike recorder as NEST writes it.

    Unlike a recorder in memory it can be read while NEST runs at the price of what is new: no clearing, which
    NEST allows only between Cleanup and Prepare, and no copy of all that has been recorded so far.
    """

    KEEP = 1 << 20  # bytes; when more has been read, give the memory back

    def __init__(self, nodes: Any) -> None:
        memory = Path("/dev/shm")
        self.folder = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
        recorder = nest.Create(
            "spike_recorder",
            {"record_to": "ascii", "time_in_steps": True, "label": str(self.folder / "spikes")},
        )
        nest.Connect(nodes, recorder, "all_to_all", {"delay": DELAY})
        self.first = nodes[0].global_id
        self.descriptor = -1
        self.unread = 0

    def open(self) -> None:
        """Call it after Prepare, which creates the file."""
        (path,) = self.folder.iterdir()
        self.descriptor = os.open(path, os.O_RDWR)
        os.read(self.descriptor, 1 << 16)  # the header

    def read(self) -> list[int]:
        """Indices of the nodes that fired in the Run before."""
        text = os.read(self.descriptor, 1 << 16)
        if not text:
            return []
        while len(more := os.read(self.descriptor, 1 << 16)):
            text += more
        self.unread += len(text)
        if self.unread > self.KEEP:
            os.ftruncate(self.descriptor, 0)  # both ends keep their place in the file
            self.unread = 0
        first = self.first
        return [int(sender) - first for sender in text.split()[::3]]  # a line: sender, step, offset

    def close(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
        shutil.rmtree(self.folder, ignore_errors=True)


class CortexI:
    """Inhibitory cells, in NEST."""

    def __init__(self, wiring: Wiring, seed: int) -> None:
        nest.ResetKernel()
        nest.verbosity = nest.VerbosityLevel.ERROR
        nest.set(resolution=DT, rng_seed=seed)
        cells = nest.Create(
            "iaf_psc_exp",
            N_I,
            {
                "E_L": 0.0,
                "V_m": 0.0,
                "V_reset": 0.0,
                "V_th": THRESHOLD,
                "tau_m": TAU_I,
                "C_m": CAPACITANCE,
                "t_ref": REFRACTORY,
                "tau_syn_ex": TAU_SYN,
                "tau_syn_in": TAU_SYN,
            },
        )
        ids = np.array(cells.tolist())
        source, target, weight = wiring.i_i
        nest.Connect(
            ids[source],
            ids[target],
            "one_to_one",
            {"weight": weight * PA_PER_MV, "delay": np.full(len(source), DELAY)},
        )
        self.from_e = Generators(N_E, ids, wiring.e_i, delay=DELAY - DT)
        self.spikes = SpikeFile(cells)
        self.ticks = 0
        nest.Prepare()
        self.spikes.open()

    def step(self, excitation: np.ndarray) -> list[int]:
        """Advance by one tick; the spikes given are those of the tick before."""
        self.ticks += 1
        if len(excitation):
            self.from_e.fire(excitation, at=self.ticks * DT)
        pynest.llapi_run(DT)
        return self.spikes.read()

    def close(self) -> None:
        nest.Cleanup()
        self.spikes.close()


# -------------------------------------------------------------------------------------------------- Keras


class Readout:
    """One softmax layer on centred spike counts; it predicts, and then learns, once per image."""

    def __init__(self, seed: int) -> None:
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        keras.utils.set_random_seed(seed)
        self.layer = keras.Sequential([keras.layers.Input((N_E,)), keras.layers.Dense(10, "softmax")])
        optimizer = keras.optimizers.Adam(LEARNING_RATE)
        optimizer.build(self.layer.trainable_variables)
        loss = keras.losses.SparseCategoricalCrossentropy()

        def learn(x: tf.Tensor, label: tf.Tensor) -> tf.Tensor:
            with tf.GradientTape() as tape:
                guess = self.layer(x, training=True)
                error = loss(label, guess)
            variables = self.layer.trainable_variables
            optimizer.apply(tape.gradient(error, variables), variables)
            return tf.argmax(guess[0])

        def predict(x: tf.Tensor) -> tf.Tensor:
            return tf.argmax(self.layer(x, training=False)[0])

        counts, label = tf.TensorSpec((1, N_E)), tf.TensorSpec((1,), tf.int32)
        self._learn = _compiled(learn, counts, label)
        self._predict = _compiled(predict, counts)
        self.mean = np.zeros(N_E, np.float32)
        self.seen = 0

    def learn(self, counts: np.ndarray, label: int) -> int:
        """The digit it saw before it was told the label."""
        self.seen += 1
        self.mean += (counts - self.mean) * np.float32(max(0.01, 1 / self.seen))
        return int(self._learn(self._centred(counts), tf.constant([label], tf.int32)))

    def predict(self, counts: np.ndarray) -> int:
        return int(self._predict(self._centred(counts)))

    def _centred(self, counts: np.ndarray) -> tf.Tensor:
        return tf.constant(((counts - self.mean) * np.float32(COUNT_SCALE))[None])


def _compiled(function: Callable[..., Any], *signature: tf.TensorSpec) -> Callable[..., Any]:
    return tf.function(function, input_signature=signature, autograph=False).get_concrete_function()


# --------------------------------------------------------------------------------------------- all of them


class Digits:
    """The four parts, joined by the loop that fusion is to replace."""

    PARTS = ("retina", "nest", "brian2", "count", "readout")

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        wiring = Wiring(self.rng)
        self.setup: dict[str, float] = {"imports": IMPORTS_TOOK}
        self.cortex_e = self._timed("brian2", lambda: CortexE(wiring, seed))
        self.cortex_i = self._timed("nest", lambda: CortexI(wiring, seed))
        self.readout = self._timed("keras", lambda: Readout(seed))
        self.spent = dict.fromkeys(self.PARTS, 0.0)
        self.fired = dict.fromkeys(("retina", "cortex_e", "cortex_i"), 0)
        self.ticks = 0
        self.counts = np.zeros(N_E, np.float32)
        self.e_spikes = np.empty(0, np.int32)

    def _timed(self, part: str, build: Callable[[], Any]) -> Any:
        begin = perf_counter()
        built = build()
        self.setup[part] = perf_counter() - begin
        return built

    def tick(self, probability: np.ndarray | None) -> tuple[Spikes, Spikes, Spikes]:
        """One tick with the chance of a spike per unit of the retina; the spikes of the three populations."""
        spent, fired = self.spent, self.fired
        t0 = perf_counter()
        retina = () if probability is None else (self.rng.random(N_RETINA) < probability).nonzero()[0]
        t1 = perf_counter()
        i_spikes = self.cortex_i.step(self.e_spikes)
        t2 = perf_counter()
        self.e_spikes = e_spikes = self.cortex_e.step(retina, i_spikes)
        t3 = perf_counter()
        self.counts[e_spikes] += 1
        fired["retina"] += len(retina)
        fired["cortex_e"] += len(e_spikes)
        fired["cortex_i"] += len(i_spikes)
        self.ticks += 1
        t4 = perf_counter()
        spent["retina"] += t1 - t0
        spent["nest"] += t2 - t1
        spent["brian2"] += t3 - t2
        spent["count"] += t4 - t3
        return retina, e_spikes, i_spikes

    def show(self, image: np.ndarray, label: int, *, learn: bool) -> bool:
        """Present an image, then nothing for a while; whether its digit was seen."""
        self.counts[:] = 0
        probability = image * (MAX_RATE * DT * 1e-3)
        for _ in range(round(PRESENT / DT)):
            self.tick(probability)
        begin = perf_counter()
        guess = self.readout.learn(self.counts, label) if learn else self.readout.predict(self.counts)
        self.spent["readout"] += perf_counter() - begin
        for _ in range(round(BLANK / DT)):
            self.tick(None)
        return guess == label

    def close(self) -> None:
        self.cortex_i.close()
        self.cortex_e.stepper.close()


def rounded(values: dict[str, float], digits: int) -> dict[str, float]:
    return {name: round(value, digits) for name, value in values.items()}


def main(arguments: Iterable[str] | None = None) -> dict[str, Any]:
    parser = argparse.ArgumentParser(description="The digits network by hand; the last line printed is JSON.")
    parser.add_argument("--images", type=int, default=1347, help="images to learn from, at most 1347")
    parser.add_argument("--test", type=int, default=450, help="images to test with, at most 450")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(None if arguments is None else list(arguments))

    images, labels = load_digits(return_X_y=True)
    images /= 16
    train, test = train_test_split(np.arange(len(labels)), test_size=0.25, stratify=labels, random_state=0)
    train, test = train[: options.images], test[: options.test]

    network = Digits(options.seed)
    try:
        begin = perf_counter()
        hits = [network.show(images[k], labels[k], learn=True) for k in network.rng.permutation(train)]
        learned = perf_counter()
        online = f"{np.mean(hits):.3f}, of the last 200 {np.mean(hits[-200:]):.3f}"
        print(f"{len(train)} images in {learned - begin:.1f} s; right at first sight: {online}", flush=True)
        accuracy = float(np.mean([network.show(images[k], labels[k], learn=False) for k in test]))
        wall = perf_counter() - begin
    finally:
        network.close()

    seconds = network.ticks * DT * 1e-3
    sizes = {"retina": N_RETINA, "cortex_e": N_E, "cortex_i": N_I}
    result = {
        "accuracy": round(accuracy, 4),
        "online_last_200": round(float(np.mean(hits[-200:])), 4),
        "wall_s": round(wall, 2),
        "us_per_step": round(wall / network.ticks * 1e6, 1),
        "us_per_part": rounded({k: v / network.ticks * 1e6 for k, v in network.spent.items()}, 1),
        "share": rounded({k: v / wall for k, v in network.spent.items()}, 3),
        "steps": network.ticks,
        "biological_s": round(seconds, 3),
        "rates_hz": rounded({k: n / sizes[k] / seconds for k, n in network.fired.items()}, 2),
        "spikes": network.fired,
        "setup_s": rounded(network.setup, 2),
        "images": len(train),
        "test": len(test),
        "seed": options.seed,
    }
    print(json.dumps(result))
    return result


if __name__ == "__main__":
    main()
