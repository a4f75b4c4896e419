"""PymoNNto in an environment of its own: it wants Qt and ssh, and none of it belongs into ours."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from benchmarks.process import NotMeasured

PYMONNTO = "pymonnto==3.0.6"
HOME = Path(__file__).parent / ".environments"


def pymonnto(tell: Callable[[str], None]) -> Path:
    """Its interpreter, with the NumPy that we use; the first call installs it, in about a minute."""
    numpy = f"numpy=={version('numpy')}"
    folder = HOME / f"{PYMONNTO}-{numpy}-py{sys.version_info[0]}{sys.version_info[1]}".replace("==", "-")
    python = folder / "bin" / "python"
    finished = folder / "finished"
    if finished.exists():
        return python
    tell(f"installing {PYMONNTO} into {folder.relative_to(HOME.parent.parent)}, once")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        _run(sys.executable, "-m", "venv", *([] if _uv() is None else ["--without-pip"]), str(folder))
        uv = _uv()
        if uv is None:
            _run(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PYMONNTO, numpy)
        else:
            _run(uv, "pip", "install", "--quiet", "--python", str(python), PYMONNTO, numpy)
    except subprocess.CalledProcessError as error:
        lines = error.stderr.strip().splitlines() or [""]
        raise NotMeasured(f"{PYMONNTO} cannot be installed: {lines[-1]}") from error
    finished.touch()
    return python


def _uv() -> str | None:
    return shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)
