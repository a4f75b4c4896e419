"""`Suite`: a class of checks about one case, each of which passes or is listed as unsupported with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from fusion.errors import InvalidValue, UnknownName
from fusion.testing.case import Case


class Suite:
    """Base of the test classes; derive from `Conformance`, not from this.

    A listed check must fail, all others must pass: the plugin marks the listed ones as strict xfails.

    Attributes
    ----------
    case : what is tested
    unsupported : {name of a check: reason}
    """

    case: ClassVar[Case]
    unsupported: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls) -> None:
        for name, reason in cls.unsupported.items():
            if name not in cls.checks():
                raise UnknownName("check", name, cls.checks(), cls.__name__)
            if not reason.strip():
                raise InvalidValue(f"{cls.__name__}.unsupported[{name!r}] has no reason. Write why it cannot pass.")

    @classmethod
    def checks(cls) -> list[str]:
        """The names of all checks."""
        return [name for name in dir(cls) if name.startswith("test_")]
