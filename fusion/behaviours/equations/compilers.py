"""The kernels that compile equations, and what is said of them."""

from __future__ import annotations

from importlib import metadata

from fusion.behaviours.compilers import chosen, folder
from fusion.behaviours.equations.kernel import Kernel


def described() -> str:
    """What compiles equations here, and where machine code is kept."""
    if chosen("auto") == "numpy":
        return "compiled to NumPy; pip install 'fusion-sim[equations]' brings numba, which is quicker"
    from fusion.behaviours.equations.numba_kernel import KIND

    return f"compiled by numba {metadata.version('numba')}, kept in {folder(KIND)}"


def kernel_of(name: str) -> type[Kernel]:
    """The kernel that a compiler makes."""
    if name == "numba":
        from fusion.behaviours.equations.numba_kernel import NumbaKernel

        return NumbaKernel
    from fusion.behaviours.equations.numpy_kernel import NumpyKernel

    return NumpyKernel
