"""A front end: existing PymoNNto scripts run on fusion, and their behaviours go onto any group of it.

``python -m fusion_pymonnto script.py``, or ``fusion_pymonnto.install()`` before ``import PymoNNto``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fusion_pymonnto.finder import install

if TYPE_CHECKING:
    from fusion_pymonnto.behavior import Behavior
    from fusion_pymonnto.behavior import Behavior as Behaviour

__all__ = ["Behavior", "Behaviour", "install"]


def __getattr__(name: str) -> Any:
    # Not at import: pytest, run on PymoNNto's tests, wants to load fusion itself.
    if name in ("Behavior", "Behaviour"):
        from fusion_pymonnto.behavior import Behavior

        return Behavior
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
