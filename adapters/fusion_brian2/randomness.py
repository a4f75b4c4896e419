"""`RandomStream`: random numbers of Brian2's part alone, whoever else draws from NumPy's global generator."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from functools import partial
from types import ModuleType, TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Brian2's Cython target draws in advance, into buffers that all its networks would share.
_BUFFERS = ("rand_buffer", "randn_buffer")
_INDICES = ("rand_buffer_index", "randn_buffer_index")


class RandomStream:
    """A context in which ``numpy.random`` draws from a generator of our own.

    Brian2's code looks up ``numpy.random.rand`` and its like whenever it draws. So it is enough to let the name
    ``numpy.random`` stand for another module meanwhile; the user's generator is not touched at all. (NumPy's
    `set_bit_generator` would forget the second half of a pair of Gaussian numbers each time, the user's and ours.)

    Parameters
    ----------
    seed : int
    """

    def __init__(self, seed: int) -> None:
        ours = ModuleType("numpy.random")
        own = np.random.RandomState(np.random.MT19937(seed))
        functions = {name: getattr(own, name) for name in dir(own) if not name.startswith("_")}
        vars(ours).update(vars(np.random) | functions)
        vars(ours).update(ranf=own.random_sample, sample=own.random_sample)
        # Once per step: calls of Python's own take a fraction of the time of methods.
        self.begin = partial(vars(np).__setitem__, "random", ours)
        self.end = partial(vars(np).__setitem__, "random", np.random)
        self._buffers: dict[str, NDArray[Any]] = {}

    def __enter__(self) -> None:
        self.begin()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def adopt(self, objects: Iterable[Any]) -> None:
        """Let the compiled code of Brian2 objects use buffers of our own; once after each preparation."""
        for code in (code for obj in objects for code in obj.code_objects):
            for name in (*_BUFFERS, *_INDICES):
                shared = code.namespace.get(f"_{name}")
                if shared is not None:
                    code.namespace[f"_{name}"] = self._buffers.setdefault(name, np.zeros_like(shared))

    def close(self) -> None:
        """Free what compiled code has allocated: up to Brian2 2.10 a buffer holds the address of its numbers."""
        for name in _BUFFERS:
            buffer = self._buffers.pop(name, None)
            if buffer is not None and buffer.dtype == np.intp and buffer[0]:
                ctypes.CDLL(None).free(ctypes.c_void_p(int(buffer[0])))
                buffer[0] = 0
        self._buffers.clear()
