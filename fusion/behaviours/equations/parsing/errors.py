"""What Brian2 says of code that it cannot read, said as errors of fusion."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from fusion.errors import FusionError, InvalidValue


@contextmanager
def translated(what: str) -> Iterator[None]:
    """What Brian2, SymPy or Python raise over code that they cannot read becomes `InvalidValue`."""
    from brian2.equations.equations import EquationError

    try:
        yield
    except FusionError:
        raise
    except (SyntaxError, EquationError, TypeError, KeyError, ValueError, NotImplementedError) as error:
        raise InvalidValue(f"{what}: {said(error)}.") from error


def said(error: BaseException) -> str:
    """The message of an error, on one line and without a full stop."""
    return re.sub(r"\s+", " ", str(error)).strip().rstrip(".")


def code_lines(code: str) -> Sequence[str]:
    """The statements of a string, which stand on lines or between semicolons."""
    return [line.strip() for line in re.split(r"[;\n]", code) if line.strip()]
