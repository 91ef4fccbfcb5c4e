"""A login reaches the agreed server, by the agreed key, with modern algorithms only; or says in a sentence why not."""

import ast
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import paramiko
import pytest
from paramiko.buffered_pipe import PipeTimeout

import connectors
from connectors.delivery import sftp, ssh
from connectors.endpoints import Endpoint
from demo.standin.partners import ssh_key
from demo.standin.server import Account, Login, Server
from tests.ports import free_port


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "drop").mkdir()
    account = Account(ssh_key(tmp_path / "login_key"), tmp_path / "drop")
    with Server(ssh_key(tmp_path / "host_key"), {"force": account}) as running:
        yield running


@pytest.fixture
def endpoint(server: Server, tmp_path: Path) -> Endpoint:
    extra = {"host_key": line(server.host_key), "key_file": str(tmp_path / "login_key"), "timeout": 20}
    return Endpoint("partner_mash", "sftp", "127.0.0.1", server.port, "force", extra=extra)


def line(key: paramiko.PKey) -> str:
    return f"{key.get_name()} {key.get_base64()}"


def with_extra(endpoint: Endpoint, **extra: object) -> Endpoint:
    return replace(endpoint, extra={**endpoint.extra, **extra})


def test_the_pinned_server_is_reached(endpoint: Endpoint) -> None:
    with sftp.session(endpoint) as session:
        assert session.real_path(".") == "/"


def test_a_private_key_may_be_in_the_connection_itself(endpoint: Endpoint, tmp_path: Path) -> None:
    text = (tmp_path / "login_key").read_text()
    with sftp.session(with_extra(endpoint, key_file="", private_key=text)) as session:
        assert session.entries(".") == []


def test_another_host_key_is_refused_before_the_login_with_both_fingerprints(
    endpoint: Endpoint, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(Login, "check_auth_publickey", lambda self, user, key: asked.append(user))
    other = ssh_key(tmp_path / "other_key")
    with pytest.raises(ssh.HostKeyDiffers) as refusal:
        ssh.connect(with_extra(endpoint, host_key=line(other)))
    assert str(server.host_key.fingerprint) in str(refusal.value)
    assert str(other.fingerprint) in str(refusal.value)
    assert asked == []


def test_the_announced_next_host_key_is_accepted_too(endpoint: Endpoint, server: Server, tmp_path: Path) -> None:
    old = ssh_key(tmp_path / "old_key")
    with sftp.session(with_extra(endpoint, host_key=line(old), next_host_key=line(server.host_key))) as session:
        assert session.entries(".") == []


def test_no_pinned_host_key_is_no_connection(endpoint: Endpoint) -> None:
    with pytest.raises(ssh.NotConfigured, match="has no host_key"):
        ssh.connect(with_extra(endpoint, host_key=""))


@pytest.mark.parametrize("text", ["AAAA", "ssh-ed25519 !!!", "ssh-ed25519 QUFB", "nonsense QUFB"])
def test_an_unreadable_host_key_is_named(endpoint: Endpoint, text: str) -> None:
    with pytest.raises(ssh.NotConfigured, match="host_key cannot be read"):
        ssh.connect(with_extra(endpoint, host_key=text))


def test_a_refused_login_names_the_key_and_is_not_tried_again(endpoint: Endpoint, tmp_path: Path) -> None:
    stranger = ssh_key(tmp_path / "stranger")
    with pytest.raises(ssh.LoginRefused, match="refuses the login of force") as refusal:
        ssh.connect(with_extra(endpoint, key_file=str(tmp_path / "stranger")))
    assert str(stranger.fingerprint) in str(refusal.value)
    assert not isinstance(refusal.value, ssh.Unreachable)


def test_a_refused_password_is_not_in_the_message(endpoint: Endpoint) -> None:
    secret = "canary-password"
    with pytest.raises(ssh.LoginRefused) as refusal:
        ssh.connect(replace(with_extra(endpoint, key_file=""), password=secret))
    assert secret not in str(refusal.value)
    assert secret not in repr(replace(endpoint, password=secret))


def test_a_connection_without_any_login_is_named(endpoint: Endpoint) -> None:
    with pytest.raises(ssh.NotConfigured, match="neither a private key nor a password"):
        ssh.connect(with_extra(endpoint, key_file=""))


def test_a_server_that_is_down_is_unreachable(endpoint: Endpoint) -> None:
    with pytest.raises(ssh.Unreachable, match="cannot be reached"):
        ssh.connect(replace(endpoint, port=free_port()))


def test_old_algorithms_are_not_spoken(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paramiko.Transport, "_preferred_ciphers", ("aes128-cbc", "3des-cbc"))
    with pytest.raises((ssh.NotConfigured, ssh.Unreachable)):
        ssh.connect(endpoint)


def test_what_is_spoken_is_authenticated_encryption_without_compression(endpoint: Endpoint) -> None:
    transport = ssh.connect(endpoint)
    try:
        assert transport.local_cipher == transport.remote_cipher == "aes128-gcm@openssh.com"
        assert transport.local_compression == transport.remote_compression == "none"
    finally:
        transport.close()


@contextmanager
def answering(reply: bytes) -> Iterator[int]:
    """A server that says this and nothing else."""
    listener = socket.create_server(("127.0.0.1", 0))
    held = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connection.sendall(reply)
                held.append(connection)

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()
    for connection in held:
        connection.close()


@pytest.mark.parametrize("reply", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-nobody\r\n"])
def test_a_server_that_speaks_something_else_is_an_error_and_no_hang(
    endpoint: Endpoint, reply: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh, "CONNECT_SECONDS", 1.0)
    start = time.monotonic()
    with answering(reply) as port, pytest.raises(ssh.Unreachable):
        ssh.connect(replace(endpoint, port=port))
    assert time.monotonic() - start < 20


def _send_for_ever(patient: ssh.PatientSocket) -> None:
    while True:
        with suppress(TimeoutError):
            patient.send(b"x" * 65536)


def test_a_socket_that_takes_nothing_any_more_is_an_error() -> None:
    ours, theirs = socket.socketpair()
    ours.settimeout(0.05)
    patient = ssh.PatientSocket(ours, patience=0.2)
    start = time.monotonic()
    with pytest.raises(OSError, match="takes nothing"):
        _send_for_ever(patient)
    assert time.monotonic() - start < 10
    theirs.close()
    ours.close()


def test_a_socket_read_ahead_loses_no_byte() -> None:
    ours, theirs = socket.socketpair()
    theirs.sendall(bytes(range(200)))
    theirs.close()
    patient = ssh.PatientSocket(ours, patience=1)
    parts = list(iter(lambda: patient.recv(16), b""))
    assert b"".join(parts) == bytes(range(200))
    assert max(map(len, parts)) <= 16
    ours.close()


def test_what_a_channel_receives_comes_packet_by_packet_until_the_end_and_silence_is_not_the_end() -> None:
    arrivals = sftp.Arrivals()
    for packet in (b"one", b"", b"two"):
        arrivals.feed(packet)
    assert [arrivals.read(2), arrivals.read(100)] == [b"one", b"two"]
    with pytest.raises(PipeTimeout):
        arrivals.read(100, timeout=0.01)
    arrivals.close()
    assert [arrivals.read(100), arrivals.read(100)] == [b"", b""]


def test_no_code_trusts_a_host_key_that_was_not_pinned() -> None:
    forbidden = {
        "AutoAddPolicy",
        "WarningPolicy",
        "MissingHostKeyPolicy",
        "no_host_key_check",
        "set_missing_host_key_policy",
    }
    root = Path(connectors.__file__).parent.parent
    for path in (path for folder in ("connectors", "night", "clvt", "dags") for path in (root / folder).rglob("*.py")):
        names = {getattr(node, "attr", getattr(node, "id", None)) for node in ast.walk(ast.parse(path.read_text()))}
        assert not names & forbidden, path.name
