"""`seed`: one call at the top of a script that seeds everything imported so far."""

from __future__ import annotations

import numpy as np

from fusion.adapter import registry
from fusion.core import seeds


def seed(seed: int) -> None:
    """Seed NumPy, and Brian2, NEST and Keras as far as they are imported; networks take it as their default.

    Raises
    ------
    InvalidValue
        If `seed` is no whole number, or negative.
    """
    number = seeds.checked(seed)
    seeds.set_default(number)
    np.random.seed(number % 2**32)  # noqa: NPY002 - the global stream, which scripts and Brian2 use
    for adapter in registry.imported():
        adapter.seed(number)
