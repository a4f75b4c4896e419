"""`Finder`: answers ``import PymoNNto`` with modules made from the table of names."""

from __future__ import annotations

import importlib
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

PACKAGE = "PymoNNto"
NO_WINDOW = "FUSION_PYMONNTO_NO_WINDOW"
"""If this variable of the environment is set, as ``--no-window`` sets it, windows are skipped."""

SUBPACKAGES = ("NetworkCore", "NetworkBehavior", "NetworkBehaviour", "Exploration")


class Finder:
    """A meta-path finder for the modules of PymoNNto, and for scripts that leave the package out of their paths.

    Parameters
    ----------
    prefix : str
        "PymoNNto.", or "" for ``from NetworkBehaviour.Recorder...``.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The module, if it is one of PymoNNto's.

        Raises
        ------
        ModuleNotFoundError
            If it would be one of PymoNNto's, but is not served.
        """
        if fullname.partition(".")[0] not in ((PACKAGE,) if self._prefix else SUBPACKAGES):
            return None
        if fullname == PACKAGE:
            return self._spec(fullname, True)
        from fusion_pymonnto.modules import MODULES  # not before somebody asks: it loads all of fusion

        below = fullname.removeprefix(self._prefix)
        if below in MODULES:
            return self._spec(fullname, any(name.startswith(f"{below}.") for name in MODULES))
        if self._prefix:
            near = sorted(name for name in MODULES if name.startswith(below.rpartition(".")[0]))
            raise ModuleNotFoundError(
                f"fusion_pymonnto serves no {fullname}. Near it there are: {', '.join(near) or 'none'}.", name=fullname
            )
        return None

    def _spec(self, fullname: str, is_package: bool) -> importlib.machinery.ModuleSpec:
        return importlib.machinery.ModuleSpec(fullname, self, is_package=is_package)  # type: ignore[arg-type]

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        """Python's own way."""

    def exec_module(self, module: ModuleType) -> None:
        """Fill a module."""
        from fusion_pymonnto.modules import MODULES, names_of

        assert module.__spec__ is not None
        below = module.__spec__.name.removeprefix(self._prefix)
        names: dict[str, Any] = names_of(below)
        for name in names:
            # Python puts a module into its package when it loads it: later, it would hide the class of the same name.
            if f"{below}.{name}" in MODULES:
                importlib.import_module(f"{module.__spec__.name}.{name}")
        module.__dict__.update(names)
        module.__dict__["__all__"] = sorted(names)
        module.__dict__["__doc__"] = "PymoNNto, served by fusion."
        if module.__spec__.name == PACKAGE:
            # Scripts import each other by their paths below the folder that holds Data.
            names["add_project_root_path"]()


def install() -> None:
    """Have ``import PymoNNto`` served by fusion from now on, in this process. May be called twice.

    Raises
    ------
    InvalidValue
        If PymoNNto itself has been imported before.
    """
    there = sys.modules.get(PACKAGE)
    if there is not None and not isinstance(there.__spec__ and there.__spec__.loader, Finder):
        from fusion.errors import InvalidValue  # nothing of fusion is loaded before it is needed

        raise InvalidValue(
            f"{PACKAGE} is imported already, from {getattr(there, '__file__', '?')}. Call install() before the first "
            f"import of it, or run python -m fusion_pymonnto script.py."
        )
    if not any(isinstance(finder, Finder) for finder in sys.meta_path):
        # PymoNNto is ours even where it is installed; a script's own module of a short name is not.
        sys.meta_path.insert(0, Finder(f"{PACKAGE}."))
        sys.meta_path.append(Finder(""))
