"""Workers that were started by hand: the same results, and a clear word about whatever ends them."""

from __future__ import annotations

import os
import random
import signal
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path
from time import monotonic

import nest
import pytest
from host import loops
from host.conftest import PROMPT, TOY, environment, is_gone

from fusion import EventRecorder, Network, NeuronGroup
from fusion.errors import InvalidValue, SimulatorLost
from fusion.host import Attach, greeting, wire
from fusion.testing.toy import cells

TOKEN = "0123456789abcdef"


@pytest.fixture
def token_file(folder):
    path = folder / "token"
    path.write_text(TOKEN + "\n")
    return path


def toy_spikes(host):
    with Network(dt=0.1, seed=3) as net:
        recipe = cells(8, noise_rate=1000.0, noise_weight=2000.0)
        NeuronGroup(net, recipe, tag="cells", behaviour={9: EventRecorder("spike")}, host=host)
        net.run(60.0)
        fired = net["spike.t", 0].tolist(), net["spike.i", 0].tolist()
    assert fired[0]
    return fired


def lost(host):
    """The error of a network that cannot get a worker."""
    begun = monotonic()
    with Network(dt=0.1) as net, pytest.raises(SimulatorLost) as caught:
        NeuronGroup(net, cells(2), tag="cells", host=host)
    assert monotonic() - begun < PROMPT
    return caught.value


# --- results -------------------------------------------------------------------------------------------------------


def test_a_worker_gives_the_same_spikes_to_one_network_after_the_other(start, toy):
    host = Attach(start().address)
    here = toy_spikes(None)
    assert toy_spikes(host) == here
    assert toy_spikes(host) == here


def test_nest_in_a_worker_gives_the_same_spikes(start, toy):
    nest.ResetKernel()
    assert loops.activity(Attach(start("nest").address)) == loops.activity(None)


def test_a_port_of_this_machine_serves_who_knows_the_token(start, toy, token_file):
    worker = start(TOY, "--token-file", str(token_file), listen="tcp:127.0.0.1:0")
    assert toy_spikes(Attach(worker.address, token=TOKEN)) == toy_spikes(None)


def test_a_port_is_open_on_this_machine_only(start, token_file):
    port = int(start(TOY, "--token-file", str(token_file), listen="tcp:127.0.0.1:0").address.rpartition(":")[2])
    words = [line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()]
    listening = [word[1] for word in words if word[1].endswith(f":{port:04X}") and word[3] == "0A"]
    assert listening == [f"0100007F:{port:04X}"]


@pytest.fixture
def make_certificate(tmp_path):
    """``make_certificate(name)``: a certificate for this machine, and the key that signed it."""

    def make(name):
        cert, key = tmp_path / f"{name}.cert", tmp_path / f"{name}.key"
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}"]
        command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert]
        subprocess.run(command, check=True, capture_output=True)
        return cert, key

    return make


@pytest.fixture
def certificate(make_certificate):
    return make_certificate("worker")


@pytest.fixture
def encrypted(start, certificate, token_file):
    cert, key = map(str, certificate)
    words = ["--token-file", str(token_file), "--expose", "--tls-cert", cert, "--tls-key", key]
    return start(TOY, *words, listen="tcp:127.0.0.1:0").address


def test_an_encrypted_connection_gives_the_same_spikes(encrypted, certificate, toy):
    assert toy_spikes(Attach(encrypted, TOKEN, tls=certificate[0])) == toy_spikes(None)


def test_who_does_not_encrypt_is_not_heard(encrypted, toy):
    assert lost(Attach(encrypted, TOKEN)).reason


def test_a_certificate_that_is_not_trusted_is_refused(encrypted, toy, make_certificate):
    another, _ = make_certificate("another")
    assert "certificate verify failed" in lost(Attach(encrypted, TOKEN, tls=another)).reason


# --- losses in the middle of an advance ----------------------------------------------------------------------------


def test_a_worker_that_is_killed_is_told_with_its_last_words(start, loss):
    error = loss(Attach(start().address), lambda pid: os.kill(pid, signal.SIGKILL))
    assert "ended by SIGKILL" in error.reason
    assert (error.simulator, error.tick, error.log) == ("toy", 0, "computing")


def test_a_worker_that_is_stopped_is_told_and_ended(start, loss, toy):
    worker = start()
    error = loss(Attach(worker.address), lambda pid: os.kill(pid, signal.SIGSTOP))
    assert "was stopped" in error.reason
    assert error.log == "computing"
    toy_spikes(Attach(worker.address))  # another is served


def test_a_supervisor_that_is_stopped_is_told(start, loss):
    worker = start()
    error = loss(Attach(worker.address), lambda pid: worker.process.send_signal(signal.SIGSTOP))
    assert "nothing was heard" in error.reason


def test_a_supervisor_that_is_killed_takes_its_process_along(start, loss):
    worker, seen = start(), []

    def strike(pid):
        seen.append(pid)
        worker.process.kill()

    assert "supervisor is gone" in loss(Attach(worker.address), strike).reason
    assert is_gone(seen[0])


def test_a_worker_that_is_asked_to_end_ends_all(start, loss, folder):
    worker, seen = start(), []

    def strike(pid):
        seen.append(pid)
        worker.process.terminate()

    loss(Attach(worker.address), strike)
    assert worker.process.wait(PROMPT) == 0
    assert is_gone(seen[0])
    assert not (folder / "socket").exists()


def test_a_cut_connection_is_told(start, loss, monkeypatch):
    connections = []
    connected = Attach.launch

    def launch(self, adapter):
        worker = connected(self, adapter)
        connections.append(worker.channel.connection)
        return worker

    monkeypatch.setattr(Attach, "launch", launch)
    error = loss(Attach(start().address), lambda pid: connections[0].shutdown(socket.SHUT_RDWR))
    assert "closed" in error.reason


# --- who is not let in ---------------------------------------------------------------------------------------------


def test_nobody_there_says_how_to_start_a_worker(folder, toy):
    error = lost(Attach(f"unix:{folder}/none"))
    assert f"fusion worker {TOY} --listen unix:{folder}/none" in str(error)
    assert (error.simulator, error.tick) == (TOY, 0)


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], TOKEN + "x"])
def test_a_wrong_token_is_refused(start, toy, token_file, token):
    worker = start(TOY, "--token-file", str(token_file))
    error = lost(Attach(worker.address, token=token))
    assert "token is wrong" in error.reason
    assert TOKEN not in str(error)


def test_another_version_of_fusion_is_refused(start, toy, monkeypatch):
    worker = start()
    monkeypatch.setattr("fusion.host.attach.version", lambda: "0.0.1")
    assert "this is 0.0.1; install the same on both" in lost(Attach(worker.address)).reason


def test_another_version_of_the_messages_is_refused(start, toy, monkeypatch):
    worker = start()
    monkeypatch.setattr(wire, "VERSION", wire.VERSION + 1)
    assert "Install the same version of fusion on both" in lost(Attach(worker.address)).reason


def test_another_adapter_is_refused(start, toy):
    assert "serves 'nest'" in lost(Attach(start("nest").address)).reason


def test_a_second_client_is_told_that_the_worker_is_busy(start, toy):
    address = start().address
    with Network(dt=0.1) as net:
        NeuronGroup(net, cells(2), tag="cells", host=Attach(address))
        assert "busy" in lost(Attach(address)).reason
        net.run(1.0)


def test_a_host_shows_no_token():
    assert TOKEN not in repr(Attach("unix:/x", TOKEN)) + str(vars(Attach("unix:/x", "")))


@pytest.mark.parametrize("address", ["", "unix:", "tcp:1", "tcp:a:b", "tcp:a:99999", "http://x", "unix:/" + 107 * "x"])
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(InvalidValue):
        Attach(address)


@pytest.mark.parametrize("address", ["tcp:192.0.2.1:5557", "tcp:example.org:5557", "tcp:0.0.0.0:1"])
def test_other_machines_are_reached_encrypted_only(address):
    with pytest.raises(InvalidValue, match="ssh -L"):
        Attach(address)


# --- nonsense ------------------------------------------------------------------------------------------------------


def nonsense(seed):
    """Bytes that are no greeting, each wrong in its own way."""
    numbers = random.Random(seed)
    whole = b"".join(wire.pack(bytes(numbers.randbytes(numbers.randrange(60))), []))
    return [
        numbers.randbytes(numbers.randrange(1, 5000)),
        whole[: numbers.randrange(1, len(whole))],
        whole,
        b"FUSN" + struct.pack("<HHI", wire.VERSION, numbers.randrange(1 << 16), numbers.randrange(1 << 32)),
        b"FUSN" + struct.pack("<HHIQ", wire.VERSION, 1, 0, numbers.randrange(1 << 64)),
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ][seed % 6]


def test_nonsense_harms_nobody(start, toy):
    address = start().address
    for seed in range(120):
        with socket.socket(socket.AF_UNIX) as stranger:
            stranger.connect(address.removeprefix("unix:"))
            stranger.sendall(nonsense(seed))
            stranger.shutdown(socket.SHUT_WR)
            stranger.settimeout(PROMPT)
            while stranger.recv(4096):
                pass
    toy_spikes(Attach(address))


def test_who_keeps_silent_is_shown_out_and_holds_up_nobody(start, toy):
    address = start().address
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.connect(address.removeprefix("unix:"))
        toy_spikes(Attach(address))
        stranger.settimeout(greeting.PATIENCE + 2.0)
        assert b"silent" in stranger.recv(4096)
        assert stranger.recv(4096) == b""


@pytest.mark.parametrize(
    "said", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"FUSN\x01\x00"], ids=["nothing", "http", "part"]
)
def test_another_program_at_the_other_end_is_told(folder, toy, said):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{folder}/other")
        listener.listen()
        thread = threading.Thread(target=answer, args=(listener, said))
        thread.start()
        error = lost(Attach(f"unix:{folder}/other"))
        thread.join()
    assert "no message of fusion" in error.reason or "closed" in error.reason


def answer(listener, said):
    connection, _ = listener.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(said)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(4096)


# --- ends ----------------------------------------------------------------------------------------------------------

SCRIPT = """
import signal
import sys
from fusion import Network, NeuronGroup, built
from fusion.adapter import registry
from fusion.host import Attach
from fusion.testing.toy import ToyAdapter, cells
from host.sleepers import endless

signal.signal(signal.SIGINT, signal.default_int_handler)  # also where the tests run in the background
registry.register(ToyAdapter)
address, pipe = sys.argv[1:]
net = Network(dt=0.1)
NeuronGroup(net, built(endless, adapter="toy", n=2, told=pipe), tag="cells", host=Attach(address))
net.run(1.0)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_when_the_script_ends_nothing_is_left(start, folder, number):
    worker, pipe = start(TOY, "--once"), folder / "pipe"
    os.mkfifo(pipe)
    words = [sys.executable, "-c", SCRIPT, worker.address, str(pipe)]
    script = subprocess.Popen(words, env=environment(), stderr=subprocess.DEVNULL)
    computing = int(pipe.read_text())
    script.send_signal(number)
    if number == signal.SIGINT:
        # The first asks the run to end at the next meeting, which never comes.
        with pytest.raises(subprocess.TimeoutExpired):
            script.wait(1.0)
        script.send_signal(number)
    script.wait(2 * PROMPT)
    assert worker.process.wait(PROMPT) == 0
    assert is_gone(computing)
    assert sorted(path.name for path in Path(folder).iterdir()) == ["log", "pipe"]
