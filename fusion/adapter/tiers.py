"""`Tier`: how well an adapter reaches its simulator, and why not better."""

from __future__ import annotations

import os
from dataclasses import dataclass

PUBLIC = "public"
VARIABLE = "FUSION_TIER"
"""Environment variable that keeps simulators on their public interface: ``public`` for all, or ``nest,brian2``."""

_told: set[tuple[str, str]] = set()  # a fallback is told once in a process, by whatever network meets it first


@dataclass(frozen=True)
class Tier:
    """What an adapter found when it was opened.

    name : str
        "public", or the fast way that it has.
    reason : str
        Why it is not the fast one, and what to do about it; "" if it is.
    """

    name: str
    reason: str = ""


def kept_public(simulator: str) -> Tier | None:
    """The public tier, if the user wants it for `simulator` by the environment variable `VARIABLE`."""
    wanted = {name.strip() for name in os.environ.get(VARIABLE, "").split(",")}
    if wanted & {PUBLIC, simulator}:
        return Tier(PUBLIC, f"{VARIABLE}={os.environ[VARIABLE]} asks for it")
    return None


def tell(simulator: str, tier: Tier) -> Tier:
    """`tier`, after one log line in this process if it is not the fast one, unless the user asked for that."""
    key = (simulator, tier.reason)
    if tier.reason and key not in _told and VARIABLE not in os.environ:
        import logging  # not needed to import fusion, which shall be quick

        _told.add(key)
        logging.getLogger("fusion").warning(
            "%s is used through its public interface: %s. See `fusion doctor`.", simulator, tier.reason
        )
    return tier
