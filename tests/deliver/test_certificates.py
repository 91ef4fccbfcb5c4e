"""A partner may let in whoever its certificate authority signed for: real sshd, real certificates of ssh-keygen."""

import getpass
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.delivery import sftp, ssh
from tests.deliver import openssh
from tests.deliver.nights import PATIENCE
from tests.deliver.openssh import OpenSSH

pytestmark = [
    pytest.mark.sshd,
    pytest.mark.skipif(
        not os.environ.get("CI") and not (openssh.SSHD and openssh.SFTP_SERVER and shutil.which("ssh-keygen")),
        reason="OpenSSH's server is not installed here: apt-get install openssh-server",
    ),
]


def keygen(*given: object) -> None:
    subprocess.run(["ssh-keygen", "-q", *map(str, given)], check=True, capture_output=True)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSSH]:
    """A server that lets in whom the authority signed for, and no key of its own list."""
    folder = tmp_path_factory.mktemp("certificates")
    with openssh.running(folder / "keys", folder / "drop") as running:
        keygen("-t", "ed25519", "-N", "", "-f", running.keys / "authority")
        (running.keys / "authorized").write_text(f"cert-authority {(running.keys / 'authority.pub').read_text()}")
        yield running


def certified(
    server: OpenSSH, name: str, kind: str = "ed25519", user: str = "", valid: str = "-1m:+1h", phrase: str = ""
) -> Path:
    """A key with a certificate for a user (this one, where none is given) beside it; the path of the key."""
    key = server.keys / name
    keygen("-t", kind, "-N", phrase, "-f", key)
    keygen("-s", server.keys / "authority", "-I", "force", "-n", user or getpass.getuser(), "-V", valid, f"{key}.pub")
    return key


def certificate_of(key: Path) -> str:
    return Path(f"{key}-cert.pub").read_text()


def logs_in(server: OpenSSH, **extra: object) -> bool:
    with sftp.session(server.endpoint(timeout=PATIENCE, **extra)) as session:
        return session.entries(".") == []


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_certificate_that_lies_beside_the_key_logs_in(server: OpenSSH, kind: str) -> None:
    assert logs_in(server, key_file=str(certified(server, f"beside_{kind}", kind)))


def test_key_and_certificate_may_both_be_in_the_connection_itself(server: OpenSSH) -> None:
    key = certified(server, "inside")
    assert logs_in(server, key_file="", private_key=key.read_text(), certificate=certificate_of(key))


def test_the_key_without_its_certificate_is_refused(server: OpenSSH) -> None:
    key = certified(server, "bare")
    with pytest.raises(ssh.LoginRefused, match="refuses the login"):
        logs_in(server, key_file="", private_key=key.read_text())


@pytest.mark.parametrize("wrong", [{"valid": "-2h:-1h"}, {"user": "somebody-else"}], ids=["expired", "of_another_user"])
def test_a_certificate_that_is_not_good_here_is_refused_and_not_tried_again(
    server: OpenSSH, wrong: dict[str, str]
) -> None:
    key = certified(server, f"wrong_{'_'.join(wrong)}", **wrong)
    with pytest.raises(ssh.LoginRefused, match="and its certificate"):
        logs_in(server, key_file=str(key))


def test_a_certificate_of_another_key_is_refused(server: OpenSSH) -> None:
    key, other = certified(server, "one"), certified(server, "two")
    with pytest.raises(ssh.LoginRefused):
        logs_in(server, key_file="", private_key=key.read_text(), certificate=certificate_of(other))


def test_a_certificate_that_cannot_be_read_is_named(server: OpenSSH) -> None:
    key = certified(server, "unreadable")
    with pytest.raises(ssh.NotConfigured, match="its private key or certificate cannot be read"):
        logs_in(server, key_file="", private_key=key.read_text(), certificate="no certificate")


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_locked_key_of_a_file_or_of_the_connection_logs_in_with_its_passphrase_alone(
    server: OpenSSH, kind: str
) -> None:
    key = certified(server, f"locked_{kind}", kind, phrase="a long phrase")
    text = {"private_key": key.read_text(), "certificate": certificate_of(key), "key_file": ""}
    for given in ({"key_file": str(key)}, text):
        assert logs_in(server, **given, private_key_passphrase="a long phrase")
        for wrong in ({}, {"private_key_passphrase": "another one"}):
            with pytest.raises(ssh.NotConfigured, match="cannot be read"):
                logs_in(server, **given, **wrong)
