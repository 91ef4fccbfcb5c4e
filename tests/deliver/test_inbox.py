"""The inbox: files are taken whole, once, under agreed names, within limits; the rest stays, with a reason."""

import hashlib
import json
import os
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.delivery import transfer
from connectors.delivery.openpgp import Keyring
from connectors.delivery.sftp import Entry
from connectors.delivery.ssh import NotConfigured, PartnerError
from connectors.endpoints import Endpoint
from connectors.sources import inbox
from connectors.sources.inbox import InboxFile, Limits, Seen
from demo.standin.partners import ssh_key
from demo.standin.server import Account, Drop, Server
from expectations.feeds import INBOX, Feed
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
    taken, refused = inbox.fetch(place, {}, into, NIGHT)
    assert [replace(file, seen="") for file in taken] == [
        InboxFile(FEED, digest(CONTENT), len(CONTENT), into / digest(CONTENT))
    ]
    assert refused == []
    assert [path.read_bytes() for path in into.iterdir()] == [CONTENT]
    assert (folder / FEED).exists(), "the inbox is the partner's: what was taken stays"


def test_what_was_landed_before_is_not_taken_again_and_a_correction_is(
    place: Endpoint, folder: Path, into: Path
) -> None:
    put(folder, FEED)
    assert inbox.fetch(place, {FEED: Seen(digest(CONTENT))}, into, NIGHT) == ([], [])
    put(folder, FEED, CONTENT + b"B2,Newark\n")
    (again,), _ = inbox.fetch(place, {FEED: Seen(digest(CONTENT))}, into, NIGHT)
    assert again.name == FEED


def test_a_name_counts_and_not_only_its_content(place: Endpoint, folder: Path, into: Path) -> None:
    put(folder, FEED)
    put(folder, "btp_reports_20221120.csv")
    taken, _ = inbox.fetch(place, {}, into, NIGHT)
    assert [(file.name, file.sha256) for file in taken] == [
        ("btp_reports_20221120.csv", digest(CONTENT)),
        (FEED, digest(CONTENT)),
    ]


def test_bytes_that_come_back_under_a_name_count_again(place: Endpoint, folder: Path, into: Path) -> None:
    put(folder, FEED)
    wrong = Seen(digest(CONTENT + b"B1,Newark\n"), "60 1")
    (again,), _ = inbox.fetch(place, {FEED: wrong}, into, NIGHT)
    assert again.sha256 == digest(CONTENT)


def test_what_lies_there_as_it_lay_is_not_read_again(place: Endpoint, folder: Path, into: Path) -> None:
    put(folder, FEED)
    (taken,), _ = inbox.fetch(place, {}, into, NIGHT)
    for path in into.iterdir():
        path.unlink()
    (folder / FEED).write_bytes(CONTENT[::-1])
    os.utime(folder / FEED, (1, int(taken.seen.split()[1])))
    assert inbox.fetch(place, {FEED: Seen(taken.sha256, taken.seen)}, into, NIGHT) == ([], []), "not even looked into"


@pytest.mark.parametrize(("day", "is_taken"), [("20221122", True), ("20221123", False), ("20211122", True)])
def test_a_file_of_a_later_night_waits(folder: Path, local: Endpoint, into: Path, day: str, is_taken: bool) -> None:
    put(folder, f"btp_reports_{day}.csv")
    taken, refused = inbox.fetch(local, {}, into, NIGHT)
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
    taken, ((key, code),) = inbox.fetch(local, {}, into, NIGHT)
    assert (taken, code) == ([], "FILE_NAME_NOT_AGREED")
    assert key.endswith(f"{len(name)} characters ({digest(name.encode())[:6]})")
    assert not {"John", "Smith", "unknown", "rf"} & set(re.findall("[A-Za-z]+", key))


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
        taken, ((_, code),) = inbox.fetch(endpoint, {}, into, NIGHT)
    assert (taken, code) == ([], "FILE_NAME_NOT_AGREED")


@given(st.text(st.characters(blacklist_characters="\0/", blacklist_categories=["Cs"]), min_size=1, max_size=40))
def test_only_agreed_names_have_a_day(name: str) -> None:
    day = inbox._day(Entry(name, 1, 0o100600, 0))
    assert day is None or any(re.fullmatch(feed.file_pattern, name.removesuffix(".gpg")) for feed in INBOX.values())


def test_a_link_is_refused(folder: Path, local: Endpoint, into: Path, tmp_path: Path) -> None:
    secret = put(tmp_path, "secret")
    (folder / FEED).symlink_to(secret)
    assert inbox.fetch(local, {}, into, NIGHT) == ([], [(FEED, "FILE_NOT_A_FILE")])


def test_an_empty_and_a_too_large_file_are_refused(place: Endpoint, folder: Path, into: Path) -> None:
    put(folder, FEED, b"")
    put(folder, "btp_reports_20221120.csv", b"x" * 101)
    taken, refused = inbox.fetch(place, {}, into, NIGHT, limits=Limits(file_bytes=100))
    assert taken == []
    assert refused == [("btp_reports_20221120.csv", "FILE_TOO_LARGE"), (FEED, "FILE_EMPTY")]


def test_directories_hidden_files_and_markers_are_nothing_to_take(place: Endpoint, folder: Path, into: Path) -> None:
    (folder / "taken").mkdir()
    put(folder, ".btp_reports_20221121.csv.part")
    put(folder, FEED)
    put(folder, FEED + ".done", b"")
    taken, refused = inbox.fetch(place, {}, into, NIGHT)
    assert ([file.name for file in taken], refused) == ([FEED], [])


def test_a_fresh_file_that_does_not_grow_is_complete(folder: Path, local: Endpoint, into: Path) -> None:
    put(folder, FEED, age=0)
    taken, _ = inbox.fetch(local, {}, into, NIGHT)
    assert len(taken) == 1


def test_a_file_that_still_grows_waits(
    folder: Path, local: Endpoint, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(folder, FEED, age=0)
    monkeypatch.setattr(inbox.time, "sleep", lambda _: path.write_bytes(CONTENT * 2))
    assert inbox.fetch(local, {}, into, NIGHT) == ([], [(FEED, "FILE_NOT_COMPLETE")])


def test_a_marker_says_that_a_fresh_file_is_complete(
    folder: Path, local: Endpoint, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, FEED, age=0)
    put(folder, FEED + ".done", digest(CONTENT).encode())
    monkeypatch.setattr(inbox.time, "sleep", lambda _: None)
    taken, _ = inbox.fetch(local, {}, into, NIGHT)
    assert len(taken) == 1


def test_a_file_that_differs_from_the_hash_in_its_marker_is_not_taken(
    place: Endpoint, folder: Path, into: Path
) -> None:
    put(folder, FEED)
    put(folder, FEED + ".done", digest(b"something else").encode())
    assert inbox.fetch(place, {}, into, NIGHT) == ([], [(FEED, "FILE_NOT_COMPLETE")])


@pytest.mark.parametrize("fault", ["one byte is read wrong", "reading ends early", "reading fails"])
def test_a_download_that_is_wrong_or_short_is_refused_and_taken_the_next_night(
    remote: Endpoint, plan: Plan, folder: Path, into: Path, fault: str
) -> None:
    content = os.urandom(200_000)
    put(folder, FEED, content)
    plan.fault = fault
    assert inbox.fetch(remote, {}, into, NIGHT) == ([], [(FEED, "FILE_CUT_SHORT")])
    assert list(into.iterdir()) == []
    plan.repair()
    (taken,), _ = inbox.fetch(remote, {}, into, NIGHT)
    assert taken.sha256 == digest(content)


@pytest.mark.parametrize("fault", ["the connection is cut while reading", "the server stops answering reads"])
def test_a_download_that_breaks_off_fails_the_night_and_takes_nothing(
    remote: Endpoint, plan: Plan, folder: Path, into: Path, fault: str
) -> None:
    put(folder, FEED, os.urandom(200_000))
    plan.fault = fault
    impatient = replace(remote, extra={**remote.extra, "timeout": IMPATIENT})
    with pytest.raises(PartnerError):
        inbox.fetch(impatient, {}, into, NIGHT)
    assert list(into.iterdir()) == []


def test_an_encrypted_and_signed_file_is_taken_as_its_content(
    place: Endpoint, folder: Path, into: Path, tmp_path: Path
) -> None:
    ours, theirs = Keyring(tmp_path / "ours"), Keyring(tmp_path / "theirs")
    mine = theirs.take(ours.export(ours.generate("Force")))
    ours.take(theirs.export(theirs.generate("Partner")))
    plain = put(tmp_path, "plain")
    theirs.encrypt_all([(plain, folder / f"{FEED}.gpg")], mine)
    os.utime(folder / f"{FEED}.gpg", (1, 1))
    (taken,), refused = inbox.fetch(place, {}, into, NIGHT, ours.folder)
    assert (taken.name, taken.sha256, refused) == (FEED, digest(CONTENT), [])
    assert taken.encrypted_sha256 == digest((folder / f"{FEED}.gpg").read_bytes())
    assert inbox.fetch(place, {FEED: Seen(digest(CONTENT))}, into, NIGHT, ours.folder) == ([], [])
    assert inbox.fetch(place, {f"{FEED}.gpg": Seen(taken.encrypted_sha256)}, into, NIGHT) == ([], []), (
        "known without any key"
    )
    _, refused = inbox.fetch(place, {}, into, NIGHT, ours.folder, Limits(expanded_bytes=10))
    assert refused == [(f"{FEED}.gpg", "FILE_NOT_DECRYPTED")]
    ours.rest()
    theirs.rest()


def test_what_cannot_be_decrypted_is_refused(place: Endpoint, folder: Path, into: Path, tmp_path: Path) -> None:
    put(folder, f"{FEED}.gpg", b"no OpenPGP at all")
    put(folder, "sca_referrals_20221121.json", b"{}")
    taken, refused = inbox.fetch(place, {}, into, NIGHT, tmp_path / "keyring")
    assert [file.name for file in taken] == ["sca_referrals_20221121.json"]
    assert refused == [(f"{FEED}.gpg", "FILE_NOT_DECRYPTED")]


def test_the_sender_is_told_once_what_was_refused_and_why(place: Endpoint, folder: Path, into: Path) -> None:
    (folder / "notices").mkdir()
    put(folder, "report.doc")
    told = replace(place, extra={**place.extra, "notices": "notices"})
    for _ in range(2):
        inbox.fetch(told, {}, into, NIGHT)
    (notice,) = (folder / "notices").iterdir()
    said = json.loads(notice.read_text())
    assert said["file"] == "report.doc"
    assert said["reason_code"] == "FILE_NAME_NOT_AGREED"
    assert said["reason"] == inbox.REASONS["FILE_NAME_NOT_AGREED"]


def test_a_landed_file_is_put_away_where_the_partner_wants_that(place: Endpoint, folder: Path, into: Path) -> None:
    (folder / "taken").mkdir()
    put(folder, FEED)
    tidy = replace(place, extra={**place.extra, "taken": "taken"})
    inbox.fetch(tidy, {}, into, NIGHT)
    assert (folder / FEED).exists(), "not landed yet"
    inbox.fetch(tidy, {FEED: Seen(digest(CONTENT))}, into, NIGHT)
    assert not (folder / FEED).exists()
    assert (folder / "taken" / FEED).read_bytes() == CONTENT


def test_an_inbox_folder_that_is_not_there_is_named(into: Path, tmp_path: Path) -> None:
    with pytest.raises(NotConfigured, match="no folder"):
        inbox.fetch(Endpoint("partner_inbox", "fs", extra={"path": str(tmp_path / "gone")}), {}, into, NIGHT)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("missing_episodes_20221121 (1).csv", "file missing_episodes 20221121 .csv 33 characters"),
        ("missing_episodes_20221121.CSV", "file missing_episodes 20221121 .CSV 29 characters"),
        ("Copy of sca_referrals_20221121.json.filepart", "file sca_referrals 20221121 .filepart 44 characters"),
        ("btp_reports 21 Nov.Marlowe", "file btp_reports 26 characters"),
        ("Robin Marlowe 20080517.xlsx", "file .xlsx 27 characters"),
    ],
)
def test_a_file_of_another_name_is_shown_by_what_says_nothing_about_a_person(
    folder: Path, local: Endpoint, into: Path, name: str, shown: str
) -> None:
    put(folder, name)
    _, ((key, _),) = inbox.fetch(local, {}, into, NIGHT)
    assert key.rsplit(" (", 1)[0] == shown


def test_a_name_that_is_no_text_is_refused_and_the_others_are_taken(folder: Path, local: Endpoint, into: Path) -> None:
    put(folder, FEED)
    (Path(os.fsdecode(os.fsencode(folder) + b"/b\xfctp_reports_20221120.csv"))).write_bytes(CONTENT)
    taken, ((_, code),) = inbox.fetch(local, {}, into, NIGHT)
    assert ([file.name for file in taken], code) == ([FEED], "FILE_NAME_NOT_AGREED")


def test_a_pipe_is_refused_and_nobody_waits_for_it(folder: Path, local: Endpoint, into: Path) -> None:
    os.mkfifo(folder / FEED)
    assert inbox.fetch(local, {}, into, NIGHT) == ([], [(FEED, "FILE_NOT_A_FILE")])


def test_what_became_a_link_after_it_was_listed_is_not_followed(folder: Path, tmp_path: Path, into: Path) -> None:
    (folder / FEED).symlink_to(put(tmp_path, "secret"))
    with pytest.raises(transfer.CutShort):
        inbox.Folder(folder).read(FEED, into, 1_000)


@pytest.mark.parametrize("use", ["taken", "notices"])
def test_a_link_as_the_place_for_our_files_is_refused_and_nothing_is_put_behind_it(
    folder: Path, local: Endpoint, into: Path, tmp_path: Path, use: str
) -> None:
    behind = tmp_path / "home"
    behind.mkdir()
    (folder / use).symlink_to(behind)
    put(folder, FEED)
    put(folder, "report.doc")
    _, refused = inbox.fetch(
        replace(local, extra={**local.extra, use: use}), {FEED: Seen(digest(CONTENT))}, into, NIGHT
    )
    assert "FOLDER_IS_A_LINK" in {code for _, code in refused}
    assert list(behind.iterdir()) == []
    assert (folder / FEED).exists()


def test_a_notice_never_overwrites_what_a_link_of_its_name_points_to(
    folder: Path, local: Endpoint, into: Path, tmp_path: Path
) -> None:
    told = replace(local, extra={**local.extra, "notices": "notices"})
    put(folder, "report.doc")
    inbox.fetch(told, {}, into, NIGHT)
    (notice,) = (folder / "notices").iterdir()
    notice.unlink()
    register = put(tmp_path, "register.sqlite", b"all that was decided")
    for name in (notice.name, f".{notice.name}.part"):
        (folder / "notices" / name).symlink_to(register)
    inbox.fetch(told, {}, into, NIGHT)
    assert register.read_bytes() == b"all that was decided"


@pytest.fixture
def keyrings(tmp_path: Path) -> Iterator[tuple[Keyring, Keyring, str]]:
    """The force's keyring, a partner's, and the partner's fingerprint; each knows the other."""
    ours, theirs = Keyring(tmp_path / "ours"), Keyring(tmp_path / "theirs")
    theirs.take(ours.export(ours.generate("Force")))
    fingerprint = ours.take(theirs.export(theirs.generate("Partner")))
    yield ours, theirs, fingerprint
    ours.rest()
    theirs.rest()


def agreed_with(**given: Any) -> dict[str, Feed]:
    """The feeds, that of British Transport Police with other terms."""
    return {**INBOX, "btp_reports": replace(INBOX["btp_reports"], **given)}


def test_a_feed_signed_by_another_partner_is_refused_and_by_its_own_the_signer_is_kept(
    place: Endpoint, folder: Path, into: Path, tmp_path: Path, keyrings: tuple[Keyring, Keyring, str]
) -> None:
    ours, theirs, fingerprint = keyrings
    theirs.encrypt_all([(put(tmp_path, "plain"), folder / f"{FEED}.gpg")], ours.signing_key())
    os.utime(folder / f"{FEED}.gpg", (1, 1))
    another = agreed_with(signers=("A" * 40,))
    assert inbox.fetch(place, {}, into, NIGHT, ours.folder, agreed=another) == (
        [],
        [(f"{FEED}.gpg", "FILE_SIGNED_BY_ANOTHER")],
    )
    own = agreed_with(signers=(fingerprint.lower(),))
    (taken,), refused = inbox.fetch(place, {}, into, NIGHT, ours.folder, agreed=own)
    assert (taken.signed_by, refused) == (fingerprint, [])


def test_a_plain_file_counts_only_where_its_feed_allows_it(place: Endpoint, folder: Path, into: Path) -> None:
    put(folder, FEED)
    put(folder, "missing_episodes_20221121.csv")
    taken, refused = inbox.fetch(place, {}, into, NIGHT, agreed=agreed_with(takes_plain=False))
    assert [file.name for file in taken] == ["missing_episodes_20221121.csv"]
    assert refused == [(FEED, "FILE_NOT_SIGNED")]


def test_of_a_file_that_lies_there_plain_and_encrypted_the_encrypted_one_counts(
    local: Endpoint, folder: Path, into: Path, tmp_path: Path, keyrings: tuple[Keyring, Keyring, str]
) -> None:
    ours, theirs, _ = keyrings
    theirs.encrypt_all([(put(tmp_path, "plain"), folder / f"{FEED}.gpg")], ours.signing_key())
    put(folder, FEED, b"report_ref,station\nB9,Elsewhere\n")
    (taken,), refused = inbox.fetch(local, {}, into, NIGHT, ours.folder)
    assert (taken.sha256, refused) == (digest(CONTENT), [(FEED, "FILE_SENT_TWICE")])


def test_a_folder_in_the_inbox_is_told_and_nothing_of_it_is_read(place: Endpoint, folder: Path, into: Path) -> None:
    (folder / "November").mkdir()
    put(folder / "November", FEED)
    taken, ((key, code),) = inbox.fetch(place, {}, into, NIGHT)
    assert (taken, code) == ([], "FOLDER_IN_INBOX")
    assert "November" not in key


@pytest.mark.parametrize("name", ["missing_episodes_20231121.csv", "missing_episodes_20321121.csv"])
def test_a_file_dated_ahead_by_a_slip_of_the_year_is_told(place: Endpoint, folder: Path, into: Path, name: str) -> None:
    put(folder, name)
    assert inbox.fetch(place, {}, into, NIGHT) == ([], [(name, "FILE_DATED_AHEAD")])


def test_files_of_the_nights_to_come_are_no_slip_of_a_date(local: Endpoint, folder: Path, into: Path) -> None:
    for day in ("20221128", "20221212", "20231101", "20231121"):
        put(folder, f"missing_episodes_{day}.csv")
    assert inbox.fetch(local, {}, into, NIGHT) == ([], [])


def test_a_file_that_was_there_before_the_day_it_is_named_for_is_told(
    local: Endpoint, folder: Path, into: Path
) -> None:
    path = put(folder, "missing_episodes_20221201.csv")
    os.utime(path, (datetime(2022, 11, 21, 12, tzinfo=UTC).timestamp(),) * 2)
    assert inbox.fetch(local, {}, into, NIGHT) == ([], [(path.name, "FILE_DATED_AHEAD")])


def test_tens_of_thousands_of_files_that_are_known_cost_their_listing(
    local: Endpoint, folder: Path, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {}
    for number in range(20_000):
        name = f"btp_reports_{date(1950, 1, 1) + timedelta(days=number):%Y%m%d}.csv"
        (folder / name).touch()
        (folder / name).write_bytes(b"x")
        os.utime(folder / name, (1, 1))
        known[name] = Seen("", "1 1")
    monkeypatch.setattr(inbox.Folder, "read", lambda *_: pytest.fail("it was read"))
    start = time.perf_counter()
    assert inbox.fetch(local, known, into, NIGHT)[0] == []
    assert time.perf_counter() - start < 10
