# SPDX-License-Identifier: GPL-2.0-or-later
"""Compiles the port once for each NEST, and keeps it in the user's cache."""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import platform
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fusion.errors import FusionError

log = logging.getLogger("fusion.nest")

_SOURCE = Path(__file__).with_name("source")
# NEST's wheel is built with GCC's older strings; its classes know OpenMP, which it brings along itself.
_COMPILE = ("-c", "-fPIC", "-O2", "-DNDEBUG", "-std=c++20", "-fopenmp", "-D_GLIBCXX_USE_CXX11_ABI=0", "-w")
_LINK = ("-shared",)
_LIMIT = 600  # s


class PortUnavailable(FusionError, RuntimeError):
    """The port cannot be had here; the message says why, and what to do about it."""


def compiler() -> list[str]:
    """The words that call a C++ compiler: ``$CXX``, or the first of g++ and c++ that is there."""
    wanted = shlex.split(os.environ.get("CXX", ""))
    for words in [wanted] if wanted else [["g++"], ["c++"]]:
        path = shutil.which(words[0])
        if path is not None:
            return [path, *words[1:]]
    if wanted:
        raise PortUnavailable(f"CXX is {os.environ['CXX']!r}, and there is no such program")
    raise PortUnavailable("there is no C++ compiler to build the port into it with; on Debian: apt-get install g++")


def headers(nest: Any) -> Path:
    """The folder of NEST's headers."""
    folder = Path(nest.__file__).parent / "include" / "nest"
    if not (folder / "kernel_manager.h").is_file():
        raise PortUnavailable(
            f"NEST {nest.build_info['version']} came without the headers that the port is compiled with; "
            "pip install nest-simulator brings them"
        )
    return folder


@contextmanager
def built(nest: Any) -> Iterator[Path]:
    """The library, to be loaded while the context lasts; compiled if it is not in the cache.

    Without a compiler, what another has made of the same sources for the same NEST serves as well.

    Raises
    ------
    PortUnavailable
        If it is not there and there is no compiler, or that fails.
    """
    folder, kind = _cache(), f"{nest.build_info['version']}-{_fingerprint(nest)}"
    try:
        words = compiler()
    except PortUnavailable:
        made = [path for path in sorted(folder.glob(f"{kind}-*.so")) if _is_ours(path)]
        if not made:
            raise
        yield made[0]
        return
    include, name = headers(nest), f"{kind}-{_maker(words)}.so"
    if _is_ours(folder / name):
        yield folder / name
        return
    if _is_writable(folder):
        with (folder / name).with_suffix(".lock").open("w") as lock:
            # Whoever comes second waits, and finds it done. Where folders cannot be locked, both build.
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
            except OSError as error:
                log.debug("No lock in %s: %s", folder, error)
            if not _is_ours(folder / name):
                _build(words, include, folder / name, nest)
        yield folder / name
        return
    log.warning("%s cannot be written to; what is compiled now is not kept. Set XDG_CACHE_HOME to keep it.", folder)
    try:
        private = tempfile.TemporaryDirectory(prefix="fusion-nest-")
    except OSError as error:
        raise PortUnavailable(f"there is no folder to compile the port in: {error}") from error
    with private:
        path = Path(private.name, name)
        _build(words, include, path, nest)
        yield path


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return Path(home, "fusion", "nest-port")


def _is_writable(folder: Path) -> bool:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _is_ours(path: Path) -> bool:
    """Whether a library is there that nobody else can have put there."""
    try:
        found = path.stat()
    except OSError:
        return False
    return found.st_uid in (0, os.getuid()) and not found.st_mode & 0o022


def _fingerprint(nest: Any) -> str:
    """Changes with whatever the library is made of."""
    digest = hashlib.sha256("\0".join([platform.machine(), nest.build_info["built"], *_COMPILE, *_LINK]).encode())
    for file in sorted(_SOURCE.rglob("*")):
        if file.is_file():
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _maker(words: list[str]) -> str:
    """Changes with the compiler and what it is called with."""
    tool = Path(words[0]).resolve()
    found = tool.stat()
    parts = [*words, str(tool), str(found.st_size), str(found.st_mtime_ns)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:8]


def _build(words: list[str], include: Path, path: Path, nest: Any) -> None:
    log.warning("Compiling the fast way into NEST %s, once; about half a minute ...", nest.build_info["version"])
    places = ["-I", str(_SOURCE), "-isystem", str(_SOURCE / "stubs"), "-isystem", str(include)]
    with tempfile.TemporaryDirectory(prefix="fusion-nest-", dir=path.parent) as folder:
        part, whole = Path(folder, "port.o"), Path(folder, "port.so")
        _run([*words, *_COMPILE, *places, str(_SOURCE / "port.cpp"), "-o", str(part)])
        # Without -fopenmp: a second OpenMP library would bring threads of its own.
        _run([*words, *_LINK, str(part), "-o", str(whole)])
        whole.chmod(0o700)
        whole.replace(path)


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=_LIMIT)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PortUnavailable(f"the port could not be compiled: {error}") from error
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if "error" in line] or done.stderr.splitlines() or ["nothing"]
        raise PortUnavailable(
            f"the port could not be compiled: {command[0]} gave {done.returncode} and said: {said[0].strip()}. It "
            "needs C++20, as g++ from version 11 on; name a compiler by CXX"
        )
