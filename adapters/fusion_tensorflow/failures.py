"""Where errors of Keras, TensorFlow and the user's own layers get the name of the group that they come from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fusion.errors import FusionError, SimulatorFailed


@contextmanager
def told_as(what: str, **facts: object) -> Iterator[None]:
    """Raise `SimulatorFailed`, saying `what` failed, in place of any error but our own."""
    try:
        yield
    except FusionError:
        raise
    except Exception as error:
        raise failure(what, error, **facts) from error


def failure(what: str, error: Exception, **facts: object) -> SimulatorFailed:
    """The error that says that `what` failed, and how."""
    return SimulatorFailed(f"{what}. {type(error).__name__}: {error}", **facts)
