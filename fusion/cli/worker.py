"""``fusion worker``: serve a simulator to a network elsewhere, which says host=Attach(address)."""

from __future__ import annotations

import argparse
import logging
import os
import secrets
import signal
import ssl
from pathlib import Path

from fusion.errors import InvalidValue
from fusion.host.address import Address
from fusion.host.server import adapter_named
from fusion.host.supervisor import Supervisor


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("adapter", help="the simulator: nest, brian2, tensorflow, or module:Class of an adapter")
    parser.add_argument("--listen", metavar="ADDRESS", required=True, help="unix:/path or tcp:127.0.0.1:port")
    parser.add_argument("--token-file", metavar="FILE", type=Path, help="clients must know its content; tcp needs one")
    parser.add_argument("--once", action="store_true", help="end with the first client")
    parser.add_argument("--wait", metavar="SECONDS", type=float, help="end if there is no client for so long")
    parser.add_argument("--mode", type=_octal, default=0o600, help="permissions of the Unix socket (600)")
    parser.add_argument("--expose", action="store_true", help="let other machines connect; needs the next two")
    parser.add_argument("--tls-cert", metavar="FILE", type=Path, help="certificate, in PEM")
    parser.add_argument("--tls-key", metavar="FILE", type=Path, help="its private key, in PEM")


def _octal(word: str) -> int:
    return int(word, 8)


def run(arguments: argparse.Namespace) -> int:
    """Serve until the end, or a signal."""
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    address = Address.parse(arguments.listen)
    tls = _encryption(arguments.tls_cert, arguments.tls_key)
    _check_exposure(address, arguments.expose, tls)
    adapter_named(arguments.adapter)  # now, and not when a client asks for it
    token = _token(address, arguments.token_file)
    options = {"mode": arguments.mode, "is_single": arguments.once, "patience": arguments.wait}
    try:
        supervisor = Supervisor(arguments.adapter, address, token, tls=tls, **options)
    except OSError as error:
        raise InvalidValue(f"It cannot listen at {address}: {error}.", address=str(address)) from None
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: supervisor.stop())
    try:
        print(f"{arguments.adapter} listens at {supervisor.address}", flush=True)
        supervisor.serve()
    finally:
        supervisor.close()
    return 0


def _encryption(cert: Path | None, key: Path | None) -> ssl.SSLContext | None:
    if cert is None and key is None:
        return None
    if cert is None or key is None:
        raise InvalidValue("Give both, --tls-cert and --tls-key.")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(cert, key)
    except OSError as error:
        raise InvalidValue(f"{cert} and {key} are no certificate and its key: {error}.") from None
    return context


def _check_exposure(address: Address, is_exposed: bool, tls: ssl.SSLContext | None) -> None:
    if address.is_local:
        return
    if not is_exposed:
        raise InvalidValue(
            f"{address} can be reached from other machines. Listen at tcp:127.0.0.1:port, and forward it with "
            "ssh -L; or write --expose, with --tls-cert and --tls-key."
        )
    if tls is None:
        raise InvalidValue("With --expose, give --tls-cert and --tls-key: the token shall not be read on its way.")


def _token(address: Address, path: Path | None) -> str:
    """What clients must know; without a file, the permissions of a Unix socket are what protects it."""
    if path is None:
        if not address.path:
            raise InvalidValue(
                "Every user of this machine can connect to a port: give --token-file, for example with "
                f"{secrets.token_hex(16)} in it (chmod 600), and the network Attach(..., token=that)."
            )
        return ""
    try:
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise InvalidValue(f"--token-file {os.fspath(path)}: {error}.") from None
    if not token:
        raise InvalidValue(f"--token-file {os.fspath(path)} is empty.")
    return token
