"""Where randomness enters: one seed per network, one generator per owner, spawned from a stable path."""

from __future__ import annotations

import numpy as np

from fusion.errors import InvalidValue

# The one value that outlives a network: what `fusion.seed` said last.
_default: list[int] = []


def set_default(seed: int) -> None:
    """Make `seed` the default of networks built from now on."""
    _default[:] = [checked(seed)]


def checked(seed: object) -> int:
    """`seed` as a whole number that is not negative."""
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise InvalidValue(f"The seed is {seed!r}; give a whole number that is not negative.", seed=seed)
    return int(seed)


class Seeds:
    """The random generators of one network.

    Parameters
    ----------
    seed : int or None
        None takes what `fusion.seed` was given, or fresh entropy; `seed` then tells which.
    """

    def __init__(self, seed: int | None) -> None:
        if seed is not None:
            self.seed = checked(seed)
        elif _default:
            self.seed = _default[0]
        else:
            self.seed = int(np.random.SeedSequence().generate_state(1)[0])

    def generator(self, *path: str) -> np.random.Generator:
        """A generator that depends on the seed and the path alone, not on what was made before it."""
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=_words(path)))

    def number(self, *path: str) -> int:
        """A 31-bit seed for a simulator."""
        return int(np.random.SeedSequence(self.seed, spawn_key=_words(path)).generate_state(1)[0] >> 1)


def _words(path: tuple[str, ...]) -> tuple[int, ...]:
    import hashlib  # not needed to import fusion, which shall be quick

    digest = hashlib.blake2b("\0".join(path).encode(), digest_size=16).digest()
    return tuple(int.from_bytes(digest[i : i + 4], "little") for i in range(0, 16, 4))
