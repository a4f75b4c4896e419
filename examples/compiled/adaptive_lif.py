"""One behaviour in three forms - NumPy, Cython, numba - that give the same bits, and the gain of each.

    python adaptive_lif.py          needs a C compiler and pip install 'fusion-sim[cython,numba]'

What is missing is said, and the others are measured. Cython compiles adaptive_lif_loop.pyx into the user's cache when
it is first needed; later runs load it from there.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from time import perf_counter

import numpy as np

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder

SOURCE = Path(__file__).with_name("adaptive_lif_loop.pyx")
# For the vector units of this machine. Fused products and sums would be rounded once where NumPy rounds twice.
FLAGS = ["-O3", "-march=native", "-ffp-contract=off"]
ROUNDS = 25  # short ones: on a busy machine one of them may be undisturbed


class AdaptiveLIF(Behaviour):
    r"""Leaky integrate-and-fire neurons whose adaptation jumps with each spike, by exponential Euler, in NumPy.

    .. math:: \tau \dot v = (v_{rest} - v) - w + I, \qquad \tau_w \dot w = -w

    Reads ``current`` (n,) mV. Writes ``voltage`` (n,) mV, ``adaptation`` (n,) mV and ``spike``.

    References
    ----------
    Gerstner et al. (2014), *Neuronal Dynamics*, section 6.1.
    """

    tau: float = 20.0  # ms
    tau_w: float = 100.0  # ms
    rest: float = -70.0  # mV
    threshold: float = -50.0  # mV
    reset: float = -65.0  # mV
    jump: float = 1.5  # mV
    refractory: float = 2.0  # ms

    reads = ("current",)
    writes = ("voltage", "adaptation", "spike")

    def initialize(self, neurons):
        neurons.voltage = neurons.vector(self.rest)
        neurons.adaptation = neurons.vector()
        self.left = np.zeros(neurons.size)  # steps of rest after a spike; as wide as the others, for vector units
        dt = neurons.network.dt
        self.constants = (
            1.0 - np.exp(-dt / self.tau), np.exp(-dt / self.tau_w), self.rest, self.threshold, self.reset, self.jump,
            float(round(self.refractory / dt)),
        )  # fmt: skip
        self.step = self.kernel()

    def iteration(self, neurons):
        # The mask is filled in place, which `writes` declares.
        self.step(neurons.voltage, neurons.adaptation, self.left, neurons.current, neurons.spike, *self.constants)

    def kernel(self) -> Callable[..., None]:
        """What takes the step, on arrays that it changes in place."""
        return step_in_numpy


class AdaptiveLIFInCython(AdaptiveLIF):
    """`AdaptiveLIF` as a loop in C."""

    def kernel(self):
        compiled = built().step

        def step(v, w, left, current, spike, *constants):
            compiled(v, w, left, current, spike.view(np.uint8), *constants)  # C knows no NumPy masks

        return step


class AdaptiveLIFInNumba(AdaptiveLIF):
    """`AdaptiveLIF` as a loop in machine code, made when it is first called."""

    def kernel(self):
        try:
            import numba
        except ImportError as error:
            raise ImportError("numba is not installed: pip install 'fusion-sim[numba]'") from error
        return numba.njit(nogil=True, error_model="numpy")(step_as_loop)


FORMS = {"numpy": AdaptiveLIF, "cython": AdaptiveLIFInCython, "numba": AdaptiveLIFInNumba}


def step_in_numpy(v, w, left, current, spike, rate, keep, rest, threshold, reset, jump, refractory):
    v += (rest - v - w + current) * rate
    v[left > 0] = reset
    np.greater_equal(v, threshold, out=spike)
    w *= keep
    w[spike] += jump
    v[spike] = reset
    left -= 1
    left[spike] = refractory


def step_as_loop(v, w, left, current, spike, rate, keep, rest, threshold, reset, jump, refractory):
    # No branches, so that several neurons are computed at once; sums in the order of NumPy's, to be rounded alike.
    for i in range(v.size):
        moved = v[i] + (rest - v[i] - w[i] + current[i]) * rate
        stands = reset if left[i] > 0 else moved
        fires = stands >= threshold
        spike[i] = fires
        w[i] = w[i] * keep + (jump if fires else 0.0)
        v[i] = reset if fires else stands
        left[i] = refractory if fires else left[i] - 1


def built():
    """The module of the loop in Cython, from the cache or compiled into it."""
    try:
        import Cython
    except ImportError as error:
        raise ImportError("Cython is not installed: pip install 'fusion-sim[cython]'") from error
    made_from = (SOURCE.read_text(), FLAGS, Cython.__version__, sys.version, platform.node())
    key = hashlib.sha256(repr(made_from).encode()).hexdigest()[:16]
    home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    library = Path(home, "fusion", "examples", key, SOURCE.stem + EXTENSION_SUFFIXES[0])
    if not library.exists():
        compile_to(library)
    spec = spec_from_file_location(SOURCE.stem, library)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def compile_to(library: Path) -> None:
    """Compile the loop; what another process makes at the same time is as good."""
    from Cython.Build import cythonize
    from setuptools import Distribution, Extension
    from setuptools.errors import BaseError, CCompilerError

    library.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=library.parent) as scratch:
        extension = Extension(SOURCE.stem, [str(SOURCE)], extra_compile_args=FLAGS)
        sources = cythonize([extension], build_dir=scratch, quiet=True)
        command = Distribution({"ext_modules": sources}).get_command_obj("build_ext")
        command.build_lib, command.build_temp = scratch, scratch
        command.ensure_finalized()
        try:
            command.run()
        except (BaseError, CCompilerError) as error:
            raise ImportError(f"Cython needs a C compiler, on Debian: apt-get install gcc. ({error})") from error
        next(Path(scratch).glob(f"{SOURCE.stem}*{EXTENSION_SUFFIXES[0]}")).replace(library)


class Drive(Behaviour):
    """A current (n,) mV for each neuron, above and below what makes it fire."""

    def initialize(self, neurons):
        neurons.current = neurons.vector("uniform(10, 40)")


def network(form: str, size: int, *recorders: Behaviour) -> Network:
    """`size` neurons in a form, without anything that would hide what it takes."""
    net = Network(dt=0.5, seed=1)
    behaviour = {1: Drive(), 2: FORMS[form](), **dict(enumerate(recorders, start=8))}
    NeuronGroup(net, size=size, tag="cells", behaviour=behaviour)
    return net


def trajectory(form: str, size: int = 500, iterations: int = 1000) -> dict[str, np.ndarray]:
    """What neurons in a form did: every voltage, adaptation and spike."""
    net = network(form, size, Recorder("voltage", "adaptation"), EventRecorder("spike"))
    net.simulate(iterations)
    return {name: net[name, 0] for name in ("voltage", "adaptation", "spike")}


def microseconds(net: Network, iterations: int) -> float:
    start = perf_counter()
    net.simulate(iterations, progress=False)
    return (perf_counter() - start) / iterations * 1e6


def measure(forms: list[str], size: int, iterations: int) -> dict[str, float]:
    """The least time of an iteration over some rounds, us, taken in turns."""
    networks = {form: network(form, size) for form in forms}
    for net in networks.values():
        net.simulate(10)  # numba compiles
    rounds = [{form: microseconds(net, iterations) for form, net in networks.items()} for _ in range(ROUNDS)]
    return {form: min(one[form] for one in rounds) for form in forms}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=10_000, help="neurons")
    parser.add_argument("--iterations", type=int, default=40, help="of each round")
    options = parser.parse_args()
    done = {}
    for form in FORMS:
        try:
            done[form] = trajectory(form)
        except ImportError as error:
            print(f"{form} is left out: {error}")
    for form, found in done.items():
        same = all(np.array_equal(found[name], done["numpy"][name]) for name in found)
        print(f"{form}: {len(found['spike'])} spikes, {'the same bits as NumPy' if same else 'NOT what NumPy gives'}")
    times = measure(list(done), options.size, options.iterations)
    print(f"\n{options.size} neurons, the whole iteration of the network")
    for form, time in times.items():
        print(f"{form:8} {time:8.1f} us   {times['numpy'] / time:5.1f} x")


if __name__ == "__main__":
    main()
