"""Whether an explicit method is stable with the network's dt, for equations that are linear."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.behaviours.equations.model import Model
from fusion.errors import InvalidValue

GROWTH: Mapping[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
    "euler": lambda z: 1 + z,
    "milstein": lambda z: 1 + z,
    "heun": lambda z: 1 + z,  # Brian2's, which treats the noise alone by Heun's method
    "rk2": lambda z: 1 + z + z**2 / 2,
    "rk4": lambda z: 1 + z + z**2 / 2 + z**3 / 6 + z**4 / 24,
}
"""What a step multiplies a mode of rate z/dt by."""


def check(model: Model, held: Mapping[str, Any], n: int, dt: float) -> None:
    """`InvalidValue` if something that decays would grow.

    Parameters
    ----------
    held : values of the variables, in the units declared
    n : neurons
    dt : ms
    """
    growth = GROWTH.get(model.method)
    if growth is None or model.jacobian is None:
        return
    values: dict[str, Any] = {one.name: held[one.name] * 10.0**one.exponent for one in model.stored}
    values |= {**model.constants, "dt": dt * 0.001, "N": n, "i": np.arange(n)}
    with np.errstate(all="ignore"):
        matrices = np.asarray(model.jacobian(values), float)
    known = matrices[np.isfinite(matrices).all(axis=(1, 2))]  # a parameter may be given later
    rates = np.linalg.eigvals(known) * 0.001  # 1/ms
    decaying = rates[rates.real < 0]
    if decaying.size and (np.abs(growth(decaying * dt)) > 1 + 1e-9).any():
        fastest = decaying[np.argmax(np.abs(decaying))]
        tau = 1 / abs(fastest)
        raise InvalidValue(
            f"method={model.method!r} is unstable: dt is {dt:g} ms, and the fastest time constant {tau:.3g} ms. Take "
            f"method='exact' or 'exponential_euler', or a shorter dt (below {2 * tau:.3g} ms for 'euler').",
            method=model.method, dt=dt, tau=tau,
        )  # fmt: skip
