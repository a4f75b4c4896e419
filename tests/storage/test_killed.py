"""A process that is killed leaves a run that can be read: all of it up to one iteration."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import h5py
import numpy as np
import pytest

from fusion.storage import Run

SCRIPT = textwrap.dedent(
    """
    import sys

    from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder
    from fusion.storage import keeper

    keeper.PAUSE = keeper.LOOK = 0.0  # it is nearly always writing


    class Walk(Behaviour):
        def initialize(self, neurons):
            neurons.v = neurons.vector()

        def iteration(self, neurons):
            neurons.v += neurons.vector("uniform") - 0.5
            neurons.spike = neurons.v > 1.0
            if neurons.iteration % 50 == 0:
                print(neurons.iteration, flush=True)


    def make():
        net = Network(dt=0.1, seed=5)
        for name in ("one", "other"):
            behaviour = {1: Walk(), 2: Recorder("v", "np.mean(v)"), 3: EventRecorder("spike")}
            NeuronGroup(net, size=20, tag=name, behaviour=behaviour)
        return net


    if __name__ == "__main__":
        net = make()
        net.keep(sys.argv[1])
        net.kept["purpose"] = "to be killed"
        net.simulate(10)
        net.simulate(10**9, progress=False)
    """
)
NAMES = [(text, k) for text in ("v", "np.mean(v)", "spike", "spike.t", "spike.i") for k in range(2)]


@pytest.fixture
def straight():
    """A function: the network of the script after some iterations, never kept."""
    names = {"__name__": "killed"}
    exec(compile(SCRIPT, "killed.py", "exec"), names)

    def run(iterations):
        import contextlib
        import io

        with contextlib.redirect_stdout(io.StringIO()):
            return names["make"]().simulate(iterations)

    return run


@pytest.mark.parametrize("lines", [3, *(pytest.param(n, marks=pytest.mark.slow) for n in (6, 11))])
def test_what_was_written_is_there_and_is_the_beginning_of_the_straight_run(lines, straight, tmp_path):
    script = tmp_path / "killed.py"
    script.write_text(SCRIPT)
    folder = tmp_path / "run"
    with subprocess.Popen([sys.executable, str(script), str(folder)], stdout=subprocess.PIPE, text=True) as process:
        try:
            for _ in range(lines):
                assert process.stdout.readline()
            running = Run(folder)
            assert running.status == "running"
            seen = running["v", 0]
        finally:
            process.kill()
    run = Run(folder)
    assert run.status == "killed"
    assert run.iterations >= 50 * ((lines + 1) // 2) - 1  # both groups print
    assert run.kept["purpose"] == "to be killed"
    assert run.about["script"] == str(script)
    assert run.coupling.iterations == 10  # of the run that ended
    net = straight(run.iterations)
    for name in NAMES:
        np.testing.assert_array_equal(run[name], net[name])
    np.testing.assert_array_equal(seen, net["v", 0][: len(seen)])
    # What HDF5 calls single-writer mode is the way to open it for others as well.
    with h5py.File(folder / "data.h5", "r", swmr=True) as file:
        assert len(file["rows/one.v/values"]) >= run.iterations
