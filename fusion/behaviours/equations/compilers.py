"""What compiles equations: NumPy always, numba where it is installed."""

from __future__ import annotations

from importlib import metadata
from importlib.util import find_spec

from fusion.behaviours.equations.kernel import Kernel
from fusion.errors import SimulatorMissing, UnknownName

NAMES = ("auto", "numba", "numpy")


def chosen(name: str) -> str:
    """The compiler that a name stands for: "numba" or "numpy".

    Raises
    ------
    UnknownName
        If it stands for none.
    SimulatorMissing
        If numba is asked for and not installed.
    """
    if name not in NAMES:
        raise UnknownName("compiler", str(name), NAMES)
    if name == "numpy":
        return name
    is_there = find_spec("numba") is not None
    if name == "numba" and not is_there:
        raise SimulatorMissing("numba")
    return "numba" if is_there else "numpy"


def described() -> str:
    """What compiles equations here, and where machine code is kept."""
    if chosen("auto") == "numpy":
        return "compiled to NumPy; pip install 'fusion-sim[equations]' brings numba, which is quicker"
    from fusion.behaviours.equations.numba_kernel import folder

    return f"compiled by numba {metadata.version('numba')}, kept in {folder()}"


def kernel_of(name: str) -> type[Kernel]:
    """The kernel that a compiler makes."""
    if name == "numba":
        from fusion.behaviours.equations.numba_kernel import NumbaKernel

        return NumbaKernel
    from fusion.behaviours.equations.numpy_kernel import NumpyKernel

    return NumpyKernel
