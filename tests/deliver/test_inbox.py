"""The inbox: files are taken whole, once, under agreed names, within limits; the rest stays, with a reason."""

import hashlib
import json
import os
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.delivery.openpgp import Keyring
from connectors.delivery.sftp import Entry
from connectors.delivery.ssh import NotConfigured, PartnerError
from connectors.endpoints import Endpoint
from connectors.sources import inbox
from connectors.sources.inbox import InboxFile, Limits
from demo.standin.partners import ssh_key
from demo.standin.server import Account, Drop, Server
from expectations.feeds import INBOX
from tests.deliver.faults import Plan, faulty
from tests.deliver.nights import IMPATIENT, PATIENCE

NIGHT = date(2022, 11, 22)
FEED = "btp_reports_20221121.csv"
CONTENT = b"report_ref,station\nB1,Nottingham\n"


def put(folder: Path, name: str, content: bytes = CONTENT, age: float = 3_600) -> Path:
    path = folder / name
    path.write_bytes(content)
    os.utime(path, (time.time() - age,) * 2)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "inbox"
    made.mkdir()
    return made


@pytest.fixture
def into(tmp_path: Path) -> Path:
    made = tmp_path / "pulled"
    made.mkdir()
    return made


@pytest.fixture
def local(folder: Path) -> Endpoint:
    return Endpoint("partner_inbox", "fs", extra={"path": str(folder)})


@pytest.fixture
def plan() -> Plan:
    return Plan(where="btp")


@pytest.fixture
def remote(folder: Path, tmp_path: Path, plan: Plan) -> Iterator[Endpoint]:
    account = Account(ssh_key(tmp_path / "login_key"), folder)
    drop, protocol = faulty(plan)
    with Server(ssh_key(tmp_path / "host_key"), {"force": account}, drop, protocol) as server:
        key = server.host_key
        extra = {
            "host_key": f"{key.get_name()} {key.get_base64()}",
            "key_file": str(tmp_path / "login_key"),
            "timeout": PATIENCE,
        }
        yield Endpoint("partner_inbox", "sftp", "127.0.0.1", server.port, "force", extra=extra)


@pytest.fixture(params=["local", "remote"])
def place(request: pytest.FixtureRequest) -> Endpoint:
    found: Endpoint = request.getfixturevalue(request.param)
    return found


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_an_agreed_file_is_taken_byte_for_byte(place: Endpoint, folder: Path, into: Path) -> None:
    put(folder, FEED)
    taken, refused = inbox.fetch(place, set(), into, NIGHT)
    assert taken == [InboxFile(FEED, digest(CONTENT), len(CONTENT), into / digest(CONTENT))]
    assert refused == []
    assert [path.read_bytes() for path in into.iterdir()] == [CONTENT]
    assert (folder / FEED).exists(), "the inbox is the partner's: what was taken stays"


def test_what_was_landed_before_is_not_taken_again_and_a_correction_is(
    place: Endpoint, folder: Path, into: Path
) -> None:
    put(folder, FEED)
    assert inbox.fetch(place, {digest(CONTENT)}, into, NIGHT) == ([], [])
    put(folder, FEED, CONTENT + b"B2,Newark\n")
    (again,), _ = inbox.fetch(place, {digest(CONTENT)}, into, NIGHT)
    assert again.name == FEED


def test_the_same_content_under_two_names_is_taken_once(place: Endpoint, folder: Path, into: Path) -> None:
    put(folder, FEED)
    put(folder, "btp_reports_20221120.csv")
    taken, _ = inbox.fetch(place, set(), into, NIGHT)
    assert len(taken) == 1


@pytest.mark.parametrize(("day", "is_taken"), [("20221122", True), ("20221123", False), ("20211122", True)])
def test_a_file_of_a_later_night_waits(folder: Path, local: Endpoint, into: Path, day: str, is_taken: bool) -> None:
    put(folder, f"btp_reports_{day}.csv")
    taken, refused = inbox.fetch(local, set(), into, NIGHT)
    assert (len(taken) == 1, refused) == (is_taken, [])


@pytest.mark.parametrize(
    "name",
    [
        "btp_reports_20221121.xml",
        "btp_reports_20221121.csv.zip",
        "btp_reports_20221321.csv",
        "BTP_REPORTS_20221121.csv",
        "unknown_feed_20221121.csv",
        "btp_reports_20221121.csv\n",
        "btp_reports_20221121.csv\u202evsc",
        "-rf_20221121.csv",
        "John Smith.csv",
    ],
)
def test_a_name_that_was_not_agreed_is_refused_and_not_repeated(
    folder: Path, local: Endpoint, into: Path, name: str
) -> None:
    put(folder, name)
    taken, ((key, code),) = inbox.fetch(local, set(), into, NIGHT)
    assert (taken, code) == ([], "FILE_NAME_NOT_AGREED")
    assert key == f"file {digest(name.encode())[:12]}"


class Traversing(Drop):
    """A partner whose directory lists names that lead elsewhere."""

    def list_folder(self, path: str) -> object:
        found = super().list_folder(path)
        assert isinstance(found, list)
        for entry in found:
            entry.filename = f"../../{entry.filename}"
        return found


def test_a_listed_name_never_becomes_a_path(folder: Path, into: Path, tmp_path: Path) -> None:
    put(folder, FEED)
    account = Account(ssh_key(tmp_path / "login_key"), folder)
    with Server(ssh_key(tmp_path / "host_key"), {"force": account}, Traversing) as server:
        key = server.host_key
        extra = {"host_key": f"{key.get_name()} {key.get_base64()}", "key_file": str(tmp_path / "login_key")}
        endpoint = Endpoint("partner_inbox", "sftp", "127.0.0.1", server.port, "force", extra=extra)
        taken, ((_, code),) = inbox.fetch(endpoint, set(), into, NIGHT)
    assert (taken, code) == ([], "FILE_NAME_NOT_AGREED")


@given(st.text(st.characters(blacklist_characters="\0/", blacklist_categories=["Cs"]), min_size=1, max_size=40))
def test_only_agreed_names_have_a_day(name: str) -> None:
    day = inbox._day(Entry(name, 1, 0o100600, 0))
    assert day is None or any(re.fullmatch(feed.file_pattern, name.removesuffix(".gpg")) for feed in INBOX.values())


def test_a_link_is_refused(folder: Path, local: Endpoint, into: Path, tmp_path: Path) -> None:
    secret = put(tmp_path, "secret")
    (folder / FEED).symlink_to(secret)
    assert inbox.fetch(local, set(), into, NIGHT) == ([], [(FEED, "FILE_NOT_A_FILE")])


def test_an_empty_and_a_too_large_file_are_refused(place: Endpoint, folder: Path, into: Path) -> None:
    put(folder, FEED, b"")
    put(folder, "btp_reports_20221120.csv", b"x" * 101)
    taken, refused = inbox.fetch(place, set(), into, NIGHT, limits=Limits(file_bytes=100))
    assert taken == []
    assert refused == [("btp_reports_20221120.csv", "FILE_TOO_LARGE"), (FEED, "FILE_EMPTY")]


def test_directories_hidden_files_and_markers_are_nothing_to_take(place: Endpoint, folder: Path, into: Path) -> None:
    (folder / "taken").mkdir()
    put(folder, ".btp_reports_20221121.csv.part")
    put(folder, FEED)
    put(folder, FEED + ".done", b"")
    taken, refused = inbox.fetch(place, set(), into, NIGHT)
    assert ([file.name for file in taken], refused) == ([FEED], [])


def test_a_fresh_file_that_does_not_grow_is_complete(folder: Path, local: Endpoint, into: Path) -> None:
    put(folder, FEED, age=0)
    taken, _ = inbox.fetch(local, set(), into, NIGHT)
    assert len(taken) == 1


def test_a_file_that_still_grows_waits(
    folder: Path, local: Endpoint, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(folder, FEED, age=0)
    monkeypatch.setattr(inbox.time, "sleep", lambda _: path.write_bytes(CONTENT * 2))
    assert inbox.fetch(local, set(), into, NIGHT) == ([], [(FEED, "FILE_NOT_COMPLETE")])


def test_a_marker_says_that_a_fresh_file_is_complete(
    folder: Path, local: Endpoint, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, FEED, age=0)
    put(folder, FEED + ".done", digest(CONTENT).encode())
    monkeypatch.setattr(inbox.time, "sleep", lambda _: None)
    taken, _ = inbox.fetch(local, set(), into, NIGHT)
    assert len(taken) == 1


def test_a_file_that_differs_from_the_hash_in_its_marker_is_not_taken(
    place: Endpoint, folder: Path, into: Path
) -> None:
    put(folder, FEED)
    put(folder, FEED + ".done", digest(b"something else").encode())
    assert inbox.fetch(place, set(), into, NIGHT) == ([], [(FEED, "FILE_NOT_COMPLETE")])


@pytest.mark.parametrize("fault", ["one byte is read wrong", "reading ends early", "reading fails"])
def test_a_download_that_is_wrong_or_short_is_refused_and_taken_the_next_night(
    remote: Endpoint, plan: Plan, folder: Path, into: Path, fault: str
) -> None:
    content = os.urandom(200_000)
    put(folder, FEED, content)
    plan.fault = fault
    assert inbox.fetch(remote, set(), into, NIGHT) == ([], [(FEED, "FILE_CUT_SHORT")])
    assert list(into.iterdir()) == []
    plan.repair()
    (taken,), _ = inbox.fetch(remote, set(), into, NIGHT)
    assert taken.sha256 == digest(content)


@pytest.mark.parametrize("fault", ["the connection is cut while reading", "the server stops answering reads"])
def test_a_download_that_breaks_off_fails_the_night_and_takes_nothing(
    remote: Endpoint, plan: Plan, folder: Path, into: Path, fault: str
) -> None:
    put(folder, FEED, os.urandom(200_000))
    plan.fault = fault
    impatient = replace(remote, extra={**remote.extra, "timeout": IMPATIENT})
    with pytest.raises(PartnerError):
        inbox.fetch(impatient, set(), into, NIGHT)
    assert list(into.iterdir()) == []


def test_an_encrypted_and_signed_file_is_taken_as_its_content(
    place: Endpoint, folder: Path, into: Path, tmp_path: Path
) -> None:
    ours, theirs = Keyring(tmp_path / "ours"), Keyring(tmp_path / "theirs")
    mine = theirs.take(ours.export(ours.generate("Force")))
    ours.take(theirs.export(theirs.generate("Partner")))
    plain = put(tmp_path, "plain")
    theirs.encrypt(plain, folder / f"{FEED}.gpg", mine)
    os.utime(folder / f"{FEED}.gpg", (1, 1))
    (taken,), refused = inbox.fetch(place, set(), into, NIGHT, ours.folder)
    assert (taken.name, taken.sha256, refused) == (FEED, digest(CONTENT), [])
    assert taken.encrypted_sha256 == digest((folder / f"{FEED}.gpg").read_bytes())
    assert inbox.fetch(place, {digest(CONTENT)}, into, NIGHT, ours.folder) == ([], [])
    assert inbox.fetch(place, {taken.encrypted_sha256}, into, NIGHT) == ([], []), "known without any key"
    _, refused = inbox.fetch(place, set(), into, NIGHT, ours.folder, Limits(expanded_bytes=10))
    assert refused == [(f"{FEED}.gpg", "FILE_NOT_DECRYPTED")]
    ours.rest()
    theirs.rest()


def test_what_cannot_be_decrypted_is_refused(place: Endpoint, folder: Path, into: Path, tmp_path: Path) -> None:
    put(folder, f"{FEED}.gpg", b"no OpenPGP at all")
    put(folder, "sca_referrals_20221121.json", b"{}")
    taken, refused = inbox.fetch(place, set(), into, NIGHT, tmp_path / "keyring")
    assert [file.name for file in taken] == ["sca_referrals_20221121.json"]
    assert refused == [(f"{FEED}.gpg", "FILE_NOT_DECRYPTED")]


def test_the_sender_is_told_once_what_was_refused_and_why(place: Endpoint, folder: Path, into: Path) -> None:
    (folder / "notices").mkdir()
    put(folder, "report.doc")
    told = replace(place, extra={**place.extra, "notices": "notices"})
    for _ in range(2):
        inbox.fetch(told, set(), into, NIGHT)
    (notice,) = (folder / "notices").iterdir()
    said = json.loads(notice.read_text())
    assert said["file"] == "report.doc"
    assert said["reason_code"] == "FILE_NAME_NOT_AGREED"
    assert said["reason"] == inbox.REASONS["FILE_NAME_NOT_AGREED"]


def test_a_landed_file_is_put_away_where_the_partner_wants_that(place: Endpoint, folder: Path, into: Path) -> None:
    (folder / "taken").mkdir()
    put(folder, FEED)
    tidy = replace(place, extra={**place.extra, "taken": "taken"})
    inbox.fetch(tidy, set(), into, NIGHT)
    assert (folder / FEED).exists(), "not landed yet"
    inbox.fetch(tidy, {digest(CONTENT)}, into, NIGHT)
    assert not (folder / FEED).exists()
    assert (folder / "taken" / FEED).read_bytes() == CONTENT


def test_an_inbox_folder_that_is_not_there_is_named(into: Path, tmp_path: Path) -> None:
    with pytest.raises(NotConfigured, match="no folder"):
        inbox.fetch(Endpoint("partner_inbox", "fs", extra={"path": str(tmp_path / "gone")}), set(), into, NIGHT)
