"""``fusion worker`` is for this machine unless two words, a certificate and a token say otherwise."""

from __future__ import annotations

import pytest
from host.conftest import TOY

from fusion.cli import main

TOKEN = ("--token-file", "token")


@pytest.mark.parametrize("place", ["0.0.0.0", "[::]", "192.0.2.1", "example.org"])
@pytest.mark.parametrize(
    ("words", "way_out"),
    [((), "ssh -L"), (("--expose",), "--tls-cert and --tls-key"), (("--expose", "--tls-cert", "x"), "Give both")],
)
def test_other_machines_are_let_in_on_request_and_encrypted_only(place, words, way_out, capsys):
    assert main(["worker", TOY, "--listen", f"tcp:{place}:0", *TOKEN, *words]) != 0
    assert way_out in capsys.readouterr().err


def test_a_port_needs_a_token(tmp_path, capsys):
    (tmp_path / "empty").touch()
    for words, way_out in (
        ([], "give --token-file"),
        (["--token-file", str(tmp_path / "none")], "No such file"),
        (["--token-file", str(tmp_path / "empty")], "is empty"),
    ):
        assert main(["worker", TOY, "--listen", "tcp:127.0.0.1:0", *words]) != 0
        assert way_out in capsys.readouterr().err
