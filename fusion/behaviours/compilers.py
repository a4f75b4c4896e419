"""What computes the steps of behaviours: NumPy always, numba where it is installed."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from fusion.errors import SimulatorMissing, UnknownName

NAMES = ("auto", "numba", "numpy")


def chosen(name: str) -> str:
    """The compiler that a name stands for: "numba" or "numpy".

    Raises
    ------
    UnknownName
        If it stands for none.
    SimulatorMissing
        If numba is asked for and not installed.
    """
    if name not in NAMES:
        raise UnknownName("compiler", str(name), NAMES)
    if name == "numpy":
        return name
    is_there = find_spec("numba") is not None
    if name == "numba" and not is_there:
        raise SimulatorMissing("numba")
    return "numba" if is_there else "numpy"


def kept(text: str, kind: str) -> ModuleType:
    """The module of a text; it lies in a file, beside which numba keeps what it compiles.

    kind : what the text is, which names the folder
    """
    name = f"fusion_{kind}_{hashlib.blake2b(text.encode(), digest_size=12).hexdigest()}"
    if name in sys.modules:
        return sys.modules[name]
    path = folder(kind) / f"{name}.py"
    # A file that is as it should be is left alone: numba compiles anew what is younger than its machine code.
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
            file.write(text)
        Path(file.name).replace(path)
    spec = spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    # numba finds machine code that it kept by the name of the module.
    module = sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def folder(kind: str) -> Path:
    """Where machine code is kept for this user, or for this process if that cannot be written to."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = home / "fusion" / kind
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix=f"fusion-{kind}-"))
    return folder if os.access(folder, os.W_OK) else Path(tempfile.mkdtemp(prefix=f"fusion-{kind}-"))
