"""`AccessLog`: which behaviour touches which foreign variable."""

from __future__ import annotations

from typing import NamedTuple

from fusion.core.behaviour import Behaviour
from fusion.errors import UndeclaredAccess


class Access(NamedTuple):
    """A behaviour and a variable of a foreign group, as "tag.variable"."""

    behaviour: Behaviour
    variable: str


class AccessLog:
    """What was read and written in traced iterations.

    In lockstep every access is exact and nothing else is needed. A participant that runs ahead in windows can only
    serve what was declared or traced: ``strict`` makes any other access an error.
    """

    def __init__(self) -> None:
        self.tracing = True
        self.strict = False
        self.reads: set[Access] = set()
        self.writes: set[Access] = set()

    def note(self, behaviour: Behaviour | None, group: str, variable: str, *, write: bool) -> None:
        """Take an access down, or refuse it.

        Raises
        ------
        UndeclaredAccess
            If the log is strict and the access is not known.
        """
        if behaviour is None:
            return
        access = Access(behaviour, f"{group}.{variable}")
        known = self.writes if write else self.reads
        if self.tracing:
            known.add(access)
        elif self.strict and access not in known and not self._declared(access, write):
            field, verb = ("writes", "wrote") if write else ("reads", "read")
            raise UndeclaredAccess(
                f"{behaviour!r} {verb} {access.variable} for the first time after its first iteration. Add "
                f'{field} = ("{access.variable}",) to {type(behaviour).__name__}.',
                behaviour=behaviour,
                variable=access.variable,
            )

    def _declared(self, access: Access, write: bool) -> bool:
        declared = access.behaviour.writes if write else access.behaviour.reads
        return access.variable in (declared or ())
