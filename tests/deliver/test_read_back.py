"""What lies at the partner is compared with what was sent, in the way that was agreed with this partner."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import paramiko
import pytest

from connectors.delivery import sftp, transfer
from connectors.delivery.ssh import PartnerError
from connectors.delivery.transfer import StoredDifferently, Upload
from connectors.endpoints import Endpoint
from demo.standin.server import Login
from expectations.recipients import READ_BACK, RecipientError
from tests.deliver import openssh, standin
from tests.deliver.nights import PATIENCE, recipient

FOLDER = "it's $(touch stolen); `id`"


def upload(folder: Path, name: str = "drop.gpg", content: bytes = b"record") -> Upload:
    path = folder / f"{name}.source"
    path.write_bytes(content)
    return Upload(path, name, len(content), sha256(content).hexdigest())


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[Endpoint]:
    """A partner who has SFTP and, where a test gives it one, a shell."""
    with standin.running(tmp_path) as endpoint:
        yield endpoint


def saying(answer: Callable[[str], str]) -> Callable[..., bool]:
    """A shell whose answer to every command this function makes."""

    def run(login: Login, channel: paramiko.Channel, command: bytes) -> bool:
        def say() -> None:
            with suppress(OSError, EOFError):  # a client that has heard enough hangs up
                channel.sendall(answer(command.decode()).encode())
            channel.close()

        threading.Timer(0.05, say).start()  # after the server said that it runs the command
        return True

    return run


def path_in(command: str) -> str:
    return command.split(" -- ")[1]


WRONG_ANSWERS = {
    "nothing": lambda command: "",
    "an error": lambda command: f"sh: {command.split()[0]}: not found\n",
    "a shorter hash": lambda command: f"{'a' * 63}  {path_in(command)}\n",
    "the hash of another file": lambda command: f"{sha256(b'record').hexdigest()}  /etc/passwd\n",
    "a hash alone": lambda command: f"{sha256(b'record').hexdigest()}\n",
    "more than was asked for": lambda command: f"{sha256(b'record').hexdigest()}  {path_in(command)}\n" * 2,
    "another hash": lambda command: f"{'a' * 64}  {path_in(command)}\n",
}


def test_a_contract_names_one_of_the_ways() -> None:
    assert recipient("mash").delivery.read_back == "sftp"
    for way in READ_BACK:
        assert recipient("mash", read_back=way).delivery.read_back == way
    with pytest.raises(RecipientError, match=rf"delivery\.read_back must be one of {', '.join(READ_BACK)}"):
        recipient("mash", read_back="md5sum")


@pytest.mark.parametrize("way", ["sftp", "none"])
def test_no_command_is_run_at_a_partner_who_did_not_agree_to_one(
    endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(Login, "check_channel_exec_request", saying(lambda command: asked.append(command) or ""))
    with sftp.session(endpoint) as session:
        transfer.upload_all(session, ".", [upload(tmp_path)], read_back=way)
    assert asked == []
    assert (tmp_path / "drop" / "drop.gpg").read_bytes() == b"record"


@pytest.mark.parametrize("answer", WRONG_ANSWERS.values(), ids=[name.replace(" ", "_") for name in WRONG_ANSWERS])
def test_any_answer_but_the_hash_of_exactly_the_file_is_an_error(
    endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: Callable[[str], str]
) -> None:
    monkeypatch.setattr(Login, "check_channel_exec_request", saying(answer))
    with sftp.session(endpoint) as session, pytest.raises(StoredDifferently):
        transfer.upload_all(session, ".", [upload(tmp_path)], read_back="sha256sum")
    assert list((tmp_path / "drop").iterdir()) == []


def test_an_endless_answer_is_an_error(endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Login, "check_channel_exec_request", saying(lambda command: "x" * 2_000_000))
    with sftp.session(endpoint) as session, pytest.raises(PartnerError, match="far more than was asked for"):
        transfer.upload_all(session, ".", [upload(tmp_path)], read_back="sha256sum")


def test_a_partner_without_a_shell_is_named(endpoint: Endpoint, tmp_path: Path) -> None:
    with sftp.session(endpoint) as session, pytest.raises(PartnerError, match="runs no commands for us"):
        transfer.upload_all(session, ".", [upload(tmp_path)], read_back="sha256sum")
    assert list((tmp_path / "drop").iterdir()) == []


needs_sshd = pytest.mark.skipif(
    not os.environ.get("CI") and not (openssh.SSHD and openssh.SFTP_SERVER),
    reason="OpenSSH's server is not installed here: apt-get install openssh-server",
)


@pytest.mark.sshd
@needs_sshd
@pytest.mark.parametrize("way", ["sha256sum", "openssl", "b2sum"])
def test_a_real_shell_tells_the_hashes_whatever_the_directory_is_called(tmp_path: Path, way: str) -> None:
    with openssh.running(tmp_path / "keys", tmp_path / "root") as server:
        (server.folder / FOLDER).mkdir()
        files = [upload(tmp_path, f"drop_{number}.gpg", os.urandom(1_000 * number)) for number in range(60)]
        with sftp.session(server.endpoint(timeout=PATIENCE)) as session:
            transfer.upload_all(session, FOLDER, files, read_back=way)
        arrived = {path.name: path.read_bytes() for path in (server.folder / FOLDER).iterdir()}
    assert arrived == {file.name: file.source.read_bytes() for file in files}
    assert not list(tmp_path.rglob("stolen"))


@pytest.mark.sshd
@needs_sshd
@pytest.mark.parametrize("way", ["sha256sum", "openssl", "b2sum"])
def test_a_file_that_was_changed_under_its_temporary_name_gets_no_final_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    written = transfer._write_all

    def spoiled(session: sftp.Session, directory: str, wave: list[Upload]) -> None:
        written(session, directory, wave)
        (tmp_path / "root" / wave[0].temporary).write_bytes(b"recorD")

    monkeypatch.setattr(transfer, "_write_all", spoiled)
    with openssh.running(tmp_path / "keys", tmp_path / "root") as server:
        with sftp.session(server.endpoint(timeout=PATIENCE)) as session, pytest.raises(StoredDifferently, match="read"):
            transfer.upload_all(session, ".", [upload(tmp_path)], read_back=way)
        assert list(server.folder.iterdir()) == []
