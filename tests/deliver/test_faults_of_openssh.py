"""The same faults at a real OpenSSH server, whose sftp-server is made to fail underneath."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from connectors.delivery import sftp, transfer
from connectors.delivery.ssh import HostKeyDiffers, LoginRefused, PartnerError
from connectors.endpoints import Endpoint, EndpointError
from connectors.sources import inbox
from connectors.store.paths import Home
from demo.standin.partners import ssh_key
from night.deliver import DeliveryFailed, deliver
from night.run import Run
from tests.deliver import openssh
from tests.deliver.nights import (
    IMPATIENT,
    NIGHT,
    PATIENCE,
    expect_all_held,
    expect_nothing_false,
    exported,
    recipient,
    states,
)
from tests.deliver.openssh import OpenSSH

pytestmark = [
    pytest.mark.sshd,
    pytest.mark.skipif(
        not os.environ.get("CI") and not (openssh.SSHD and openssh.SFTP_SERVER),
        reason="OpenSSH's server is not installed here: apt-get install openssh-server",
    ),
]

FAULTS = {
    "the first write fails": "could not write",
    "the last write fails": "could not write",
    "the disk is full": "could not write",
    "the quota is used up": "could not write",
    "one byte is stored wrong": "stored drop_20221122.csv differently",
    "the second half is dropped": "stored drop_20221122.csv differently|could not read",
    "bringing it to the disk fails": "could not bring",
    "the close fails": "could not close",
    "the rename fails": "could not rename",
    "permission is lost": "permission denied",
    "reading fails": "could not read",
    "reading ends early": "could not read",
    "the server dies in the middle": "cut the connection",
    "the server dies while reading": "cut the connection",
    "the server stops answering": "has not answered",
    "the server stops answering reads": "has not answered",
}


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler on this machine")
    made = tmp_path_factory.mktemp("shim") / "fault.so"
    source = Path(__file__).with_name("fault_shim.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", str(made), str(source), "-ldl"], check=True)
    return made


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, shim: Path) -> Iterator[OpenSSH]:
    folder = tmp_path_factory.mktemp("openssh")
    settings = {"LD_PRELOAD": str(shim), "FAULT_FILE": str(folder / "fault"), "FAULT_WHERE": "drop_20221122"}
    with openssh.running(folder / "keys", folder / "drop", settings) as running:
        yield running


@pytest.fixture
def drop(server: OpenSSH) -> Path:
    plan(server, "none")
    shutil.rmtree(server.folder)
    (server.folder / "receipts").mkdir(parents=True)
    return server.folder


@pytest.fixture
def night(home: Home, server: OpenSSH, drop: Path) -> Run:
    contract = recipient("mash", encryption="plain")
    (home.recipients / "mash.yml").write_text(json.dumps(contract.raw, default=str))
    files = {"drop_20221122.csv": os.urandom(400_000), "letter_20221122.pdf": b"small", "manifest.json": b"{}"}
    run = exported(home, {"mash": files})

    def endpoint(name: str) -> Endpoint:
        if name != contract.delivery.connection:
            raise EndpointError(f"There is no connection {name}.")
        return server.endpoint(name, timeout=patience(server))

    return replace(run, endpoint=endpoint)


def patience(server: OpenSSH) -> float:
    """Seconds that the server may say nothing; few only where that is what it was told to do."""
    return IMPATIENT if "stops answering" in (server.keys.parent / "fault").read_text() else PATIENCE


def plan(server: OpenSSH, fault: str) -> None:
    """What the server's next sessions do wrong."""
    (server.keys.parent / "fault").write_text(fault + "\n")


@pytest.mark.parametrize(("fault", "sentence"), FAULTS.items(), ids=[name.replace(" ", "_") for name in FAULTS])
def test_a_fault_is_named_and_after_the_repair_everything_is_there_once(
    night: Run, server: OpenSSH, drop: Path, fault: str, sentence: str
) -> None:
    plan(server, fault)
    start = time.monotonic()
    with pytest.raises(DeliveryFailed, match=f"^mash: .*({sentence})"):
        deliver(night)
    assert time.monotonic() - start < 60
    expect_nothing_false(night, {"mash": drop})
    assert "20221122_manifest.json" not in states(night) or states(night)["20221122_manifest.json"] == "prepared"
    plan(server, "none")
    deliver(night)
    expect_all_held(night, {"mash": drop})


def test_a_server_that_dies_between_the_rename_and_its_answer_gets_no_second_copy(
    night: Run, server: OpenSSH, drop: Path
) -> None:
    plan(server, "the server dies after the rename")
    deliver(night)  # the next try of the same run finds the file
    expect_all_held(night, {"mash": drop})


def test_a_real_disk_that_is_full_is_named(night: Run, server: OpenSSH, drop: Path) -> None:
    if os.getuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "none", str(drop)]).returncode:
        pytest.skip("no small file system can be mounted here")
    try:
        (drop / "receipts").mkdir()
        with pytest.raises(DeliveryFailed, match="could not write"):
            deliver(night)
        expect_nothing_false(night, {"mash": drop})
        subprocess.run(["mount", "-o", "remount,size=4m", str(drop)], check=True)
        deliver(night)
        expect_all_held(night, {"mash": drop})
    finally:
        subprocess.run(["umount", "-l", str(drop)], check=True)


def test_a_missing_directory_is_named(night: Run, drop: Path) -> None:
    drop.rename(drop.with_name("gone"))
    try:
        with pytest.raises(DeliveryFailed):
            deliver(night)
    finally:
        shutil.rmtree(drop, ignore_errors=True)
        drop.with_name("gone").rename(drop)
    deliver(night)
    expect_all_held(night, {"mash": drop})


def test_a_file_of_another_content_is_never_overwritten(night: Run, drop: Path) -> None:
    (drop / "drop_20221122.csv").write_bytes(b"not ours")
    with pytest.raises(DeliveryFailed, match=r"already holds another file named drop_20221122\.csv"):
        deliver(night)
    assert (drop / "drop_20221122.csv").read_bytes() == b"not ours"


@pytest.mark.parametrize(
    "fault",
    [
        "reading fails",
        "reading ends early",
        "the server dies while reading",
        "the server stops answering reads",
        "permission is lost",
    ],
)
def test_a_download_that_fails_is_an_error_and_leaves_no_file(
    server: OpenSSH, drop: Path, tmp_path: Path, fault: str
) -> None:
    content = os.urandom(400_000)
    (drop / "drop_20221122.csv").write_bytes(content)
    plan(server, fault)
    into = tmp_path / "came"
    with pytest.raises(transfer.PartnerError), sftp.session(server.endpoint(timeout=patience(server))) as session:
        transfer.download(session, "drop_20221122.csv", into, 1_000_000)
    assert not into.exists()
    plan(server, "none")
    with sftp.session(server.endpoint(timeout=patience(server))) as session:
        transfer.download(session, "drop_20221122.csv", into, 1_000_000)
    assert into.read_bytes() == content


INBOX, FEED = "drop_20221122_inbox", "btp_reports_20221121.csv"


def fetched(endpoint: Endpoint, into: Path) -> tuple[list[str], list[tuple[str, str]]]:
    """What an inbox at the server gives: contents, and refusals."""
    into.mkdir(exist_ok=True)
    taken, refused = inbox.fetch(endpoint, {}, into, NIGHT)
    return [file.sha256 for file in taken], refused


@pytest.fixture
def content(drop: Path) -> bytes:
    """A file in the inbox that lies long enough to be complete."""
    made = os.urandom(400_000)
    (drop / INBOX).mkdir()
    (drop / INBOX / FEED).write_bytes(made)
    os.utime(drop / INBOX / FEED, (1, 1))
    return made


@pytest.mark.parametrize(
    "fault", ["reads give other bytes each time", "reading fails", "reading ends early", "permission is lost"]
)
def test_a_feed_that_cannot_be_read_the_same_twice_is_refused_and_taken_once_it_can(
    server: OpenSSH, content: bytes, tmp_path: Path, fault: str
) -> None:
    plan(server, fault)
    endpoint = server.endpoint(directory=INBOX, timeout=PATIENCE)
    assert fetched(endpoint, tmp_path / "came") == ([], [(FEED, "FILE_CUT_SHORT")])
    assert list((tmp_path / "came").iterdir()) == []
    plan(server, "none")
    assert fetched(endpoint, tmp_path / "came") == ([sha256(content).hexdigest()], [])


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [("the server dies while reading", "cut the connection"), ("the server stops answering reads", "has not answered")],
)
def test_an_inbox_that_breaks_off_is_a_named_error_and_nothing_is_taken(
    server: OpenSSH, content: bytes, tmp_path: Path, fault: str, sentence: str
) -> None:
    plan(server, fault)
    with pytest.raises(PartnerError, match=sentence):
        fetched(server.endpoint(directory=INBOX, timeout=patience(server)), tmp_path / "came")
    assert list((tmp_path / "came").iterdir()) == []
    plan(server, "none")
    assert fetched(server.endpoint(directory=INBOX), tmp_path / "came") == ([sha256(content).hexdigest()], [])


def test_an_inbox_behind_a_changed_host_key_a_refused_login_or_a_missing_directory_is_a_named_error(
    server: OpenSSH, content: bytes, tmp_path: Path
) -> None:
    other = ssh_key(tmp_path / "other")
    cases: dict[str, tuple[type[PartnerError], dict[str, str]]] = {
        "is pinned": (HostKeyDiffers, {"host_key": f"{other.get_name()} {other.get_base64()}"}),
        "refuses the login": (LoginRefused, {"key_file": str(tmp_path / "other")}),
        "could not open directory": (sftp.Refused, {"directory": "gone"}),
    }
    for sentence, (kind, wrong) in cases.items():
        with pytest.raises(kind, match=sentence):
            fetched(server.endpoint(**{"directory": INBOX, **wrong}), tmp_path / "came")


def test_a_disk_of_ours_that_is_full_leaves_no_part_of_a_feed(server: OpenSSH, content: bytes, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if os.getuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "none", str(small)]).returncode:
        pytest.skip("no small file system can be mounted here")
    try:
        with pytest.raises(OSError, match="No space left"):
            fetched(server.endpoint(directory=INBOX), small / "came")
        assert list((small / "came").iterdir()) == []
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)
