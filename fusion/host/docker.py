"""`Run`: one ``docker run``, the folder through which its worker is reached, and how the container fares."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import shutil
import subprocess
import tempfile
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from fusion.host.log import Log
from fusion.host.monitor import Monitor

START = 60.0
"""Seconds that a container has to start; also those after which it ends if nobody connects."""
GRACE = 3.0
"""Seconds that a container has to end by itself."""
ASKING = 2.0
"""Seconds that the daemon has to answer a question."""
INSIDE = "/run/fusion"

# What the commands write, and what to do about it; the first that fits.
_REASONS = (
    ("container-init binary not found", "Podman lacks what begins containers: install the package catatonit"),
    (
        "error setting rlimit",
        "root may not raise limits on this machine, which Podman does unless containers.conf says: [containers] "
        'default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]',
    ),
    (
        "permission denied",
        "this user may not use {command}: join its group, which is as good as being root, or use a rootless one, or "
        "Container(command='podman')",
    ),
    ("cannot connect", "no daemon runs: start it (systemctl start docker), or set DOCKER_HOST to where one listens"),
    ("error during connect", "the daemon does not answer: start it, or set DOCKER_HOST to where one listens"),
    ("unable to find image", "there is no image {image}: build it with: make images"),
    ("no such image", "there is no image {image}: build it with: make images"),
    ("image not known", "there is no image {image}: build it with: make images"),
)


@dataclass(frozen=True)
class Limits:
    """What a container may use, as `Container` describes it."""

    network: str
    memory: str
    cpus: float | None

    def flags(self) -> list[str]:
        """For the command line; a limit of memory that could be evaded by swapping would be none."""
        flags = [f"--network={self.network}", f"--memory={self.memory}", f"--memory-swap={self.memory}"]
        return flags if self.cpus is None else [*flags, f"--cpus={self.cpus:g}"]


# No way to become more than an unprivileged process, and nothing that stays.
CONFINED = (
    "--rm",
    "--init",
    "--pull=never",
    "--read-only",
    "--tmpfs=/tmp:noexec,nosuid,nodev",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--pids-limit=128",
    "--log-opt=max-size=1m",
    "--no-healthcheck",
)
# Podman would make /run and /var/tmp writable as well.
CONFINED_BY = {"podman": ("--read-only-tmpfs=false",)}


class Run:
    """A container in which a worker listens at a Unix socket, in a folder that both sides see.

    The command that runs it lasts as long as the container and the daemon, and brings its output and its status. The
    container ends when its only client has gone, or if none comes, and so needs nobody to remove it.

    name : of the container
    limits : what it may use
    token : what the worker asks clients for
    log : what both, the command and the worker, write

    Raises `OSError` with the way out if there is no such command.
    """

    def __init__(self, command: str, image: str, limits: Limits, adapter: str) -> None:
        self.name, self.token = f"fusion-{secrets.token_hex(6)}", secrets.token_hex(16)
        self.log = Log()
        self._command, self._image, self.limits = command, image, limits
        self._folder = _folder(self.token)
        self.tidy = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        words = [adapter, f"--listen=unix:{INSIDE}/socket", f"--token-file={INSIDE}/token", "--mode=666"]
        words += ["--once", f"--wait={START:g}"]
        mount = f"--mount=type=bind,source={self._folder}/shared,target={INSIDE}"
        try:
            confined = (*CONFINED, *CONFINED_BY.get(Path(command).name, ()))
            self._process = self._begin([*confined, *limits.flags(), mount, image, *words])
        except BaseException:
            self.tidy()
            raise
        self._end = weakref.finalize(self, _end, self._process, command, self.name)
        self._monitor = Monitor({})

    def _begin(self, words: Sequence[str]) -> subprocess.Popen[bytes]:
        try:
            with self.log.writing() as output:
                return subprocess.Popen(
                    [self._command, "run", f"--name={self.name}", *words],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=output,
                    start_new_session=True,  # Ctrl-C is for the script
                )
        except FileNotFoundError:
            raise OSError(
                f"there is no command {self._command!r} here: install Docker or Podman, and give "
                "Container(command='podman') for the latter; or start a worker and use Attach()"
            ) from None

    def started(self) -> str:
        """Wait until the worker listens: the path of its socket; `OSError` with the reason if it does not."""
        assert self._process.stdout is not None
        until, line = monotonic() + START, b""
        while not line.endswith(b"\n"):
            if not select.select([self._process.stdout], [], [], max(until - monotonic(), 0.0))[0]:
                raise OSError(f"the container did not begin to listen within {START:g} s")
            chunk = os.read(self._process.stdout.fileno(), 4096)
            if not chunk:
                self._process.wait()
                raise OSError(self._refusal())
            line += chunk
        self._monitor = Monitor(self._state())
        return f"{self._folder}/shared/socket"

    def _refusal(self) -> str:
        """Why it did not start."""
        said = self.log.tail()
        for sign, reason in _REASONS:
            if sign in said.lower():
                return reason.format(command=self._command, image=self._image)
        return (
            f"{self._command} run ended with status {self._process.returncode}; is {self._image} an image for fusion?"
        )

    def ended(self, patience: float = 0.0) -> str | None:
        """How the container ended; None if it does not within `patience` seconds."""
        self.log.trim()
        is_left = self._monitor.is_gone
        try:
            # The monitor of a container that ends goes a little before the command.
            code = self._process.wait(max(patience, GRACE / 6) if is_left else patience)
        except subprocess.TimeoutExpired:
            if not is_left:
                return None
            self._process.kill()  # it would wait for the monitor, in vain
            return "conmon, which stands beside its container, is gone, without which it cannot be seen to; it ends now"
        if code == 137:
            return f"its container was killed, by somebody or because it took more memory than {self.limits.memory}"
        if self._is_forsaken():
            return (
                f"the daemon of {self._command} is gone, without which its container cannot be seen to. What computed "
                f"there ends now; what else is left of it the next daemon removes when it starts, or if it does not: "
                f"{self._command} rm --force {self.name}"
            )
        return f"its container ended, or {self._command} lost it, with status {code}"

    def _is_forsaken(self) -> bool:
        """Whether the command finds no daemon any more; Podman has none to lose."""
        try:
            _asked(self._command, "version")
        except subprocess.CalledProcessError:
            return True
        except (OSError, subprocess.SubprocessError):
            return False
        return False

    def reason(self) -> str | None:
        """Why a worker that does not work any more does not, as far as the container knows."""
        return self.trouble() or self.ended(GRACE / 2)

    def trouble(self) -> str | None:
        """What the daemon knows against the container, if it answers."""
        state = self._state()
        if state.get("Paused"):
            with contextlib.suppress(OSError, subprocess.SubprocessError):
                _asked(self._command, "unpause", self.name)  # or it could not end by itself
            return f"its container was paused ({self._command} pause {self.name}) and was ended now"
        if state.get("OOMKilled"):
            return f"it ran out of memory: the container may take {self.limits.memory}. Give Container(memory=...)"
        return None

    def _state(self) -> dict[str, Any]:
        """What the daemon knows of the container; nothing if it does not answer."""
        try:
            state: dict[str, Any] = json.loads(_asked(self._command, "inspect", "--format={{json .State}}", self.name))
        except (OSError, ValueError, subprocess.SubprocessError):
            return {}
        return state

    def end(self) -> None:
        """See the container end, and remove it if it does not. Idempotent."""
        self._end()


def _folder(token: str) -> Path:
    """A folder with the token in ``shared``, which the container sees.

    Its user is another one than ours, so all may use ``shared``; nobody but us comes that far from outside.
    """
    folder = Path(tempfile.mkdtemp(prefix="fusion-", dir="/tmp"))  # a socket's path must be short
    shared = folder / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    (shared / "token").write_text(token, encoding="utf-8")
    (shared / "token").chmod(0o444)
    return folder


def _asked(*words: str, patience: float = ASKING) -> bytes:
    return subprocess.run(words, check=True, timeout=patience, stdin=subprocess.DEVNULL, capture_output=True).stdout


def _end(process: subprocess.Popen[bytes], command: str, name: str) -> None:
    try:
        process.wait(GRACE)
        has_ended = process.returncode == 0
    except subprocess.TimeoutExpired:
        has_ended = False
    if not has_ended:
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            _asked(command, "rm", "--force", name, patience=4 * ASKING)
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
