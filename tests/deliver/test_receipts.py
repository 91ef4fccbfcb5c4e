"""Receipts are matched by the hash of what the recipient got; late, wrong and missing ones are seen."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.delivery import full_requests, outbox, receipts
from connectors.delivery.outbox import Outbox
from connectors.store.paths import Home
from demo.standin.server import Drop
from night.deliver import deliver, deliver_to
from night.run import Run
from tests.deliver.nights import NIGHT, Partners, exported, recipient, states

FILES = {"drop_20221122.csv": b"record", "manifest.json": b"{}"}
SENT = "drop_20221122.csv.gpg"


class Silent(Drop):
    """A partner that acknowledges nothing on its own."""

    def acknowledge(self, arrived: Path) -> None:
        return


@pytest.fixture
def night(home: Home) -> Run:
    return exported(home, {"mash": FILES})


def say(home: Home, name: str, **said: object) -> None:
    (home.drops / "mash" / "receipts" / name).write_text(json.dumps(said))


def sha256_of(run: Run, file: str) -> str:
    return str(next(row["sha256"] for row in outbox.deliveries(run.register) if row["file"] == file))


def outcomes(run: Run) -> list[str]:
    return [receipt.outcome for receipt in Outbox(run.register).receipts()]


def test_a_receipt_with_the_right_hash_acknowledges_whatever_it_is_called(home: Home, night: Run) -> None:
    with Partners(home, {"mash": recipient("mash")}, Silent):
        deliver(night)
        assert set(states(night).values()) == {"delivered"}
        say(
            home,
            "zz-17.json",
            file="as we call it.csv".replace(" ", "-"),
            sha256=sha256_of(night, SENT),
            status="accepted",
        )
        assert deliver_to(night, "mash")["acknowledged"] == 1
    assert states(night)[SENT] == "acknowledged"
    (row,) = (row for row in outbox.deliveries(night.register) if row["file"] == SENT)
    assert row["receipt"].startswith("ACCEPTED 20")


def test_a_rejected_file_is_shown_and_not_sent_again_on_its_own(home: Home, night: Run) -> None:
    with Partners(home, {"mash": recipient("mash")}, Silent):
        deliver(night)
        say(home, "r.json", file=SENT, sha256=sha256_of(night, SENT), status="rejected")
        deliver_to(night, "mash")
        assert states(night)[SENT] == "rejected"
        assert deliver_to(night, "mash")["delivered"] == 0


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ({"file": SENT, "sha256": "0" * 64, "status": "accepted"}, "OTHER_CONTENT"),
        ({"file": "never_sent.csv.gpg", "sha256": "0" * 64, "status": "accepted"}, "UNKNOWN_FILE"),
        ({"file": SENT, "sha256": "0" * 63, "status": "accepted"}, "UNREADABLE"),
        ({"file": SENT, "sha256": "0" * 64, "status": "perhaps"}, "UNREADABLE"),
        ({"file": "../../etc", "sha256": "0" * 64, "status": "accepted"}, "UNREADABLE"),
        ({"file": SENT}, "UNREADABLE"),
        ({"file": SENT, "sha256": "0" * 64, "status": "accepted", "request": "everything"}, "UNREADABLE"),
        ({"file": SENT, "sha256": "0" * 64, "status": "accepted", "request": ["FULL"]}, "UNREADABLE"),
    ],
)
def test_a_wrong_receipt_acknowledges_nothing_and_is_kept_with_its_reason(
    home: Home, night: Run, said: dict[str, str], outcome: str
) -> None:
    with Partners(home, {"mash": recipient("mash")}, Silent):
        deliver(night)
        say(home, "r.json", **said)
        assert deliver_to(night, "mash")["acknowledged"] == 0
    assert outcomes(night) == [outcome]
    assert set(states(night).values()) == {"delivered"}
    assert outcome in outbox.RECEIPT_PROBLEMS


def test_a_receipt_may_ask_for_everything_again_and_the_next_night_knows(home: Home, night: Run) -> None:
    with Partners(home, {"mash": recipient("mash")}, Silent):
        deliver(night)
        say(home, "r.json", file=SENT, sha256=sha256_of(night, SENT), status="accepted", request="FULL")
        assert deliver_to(night, "mash")["acknowledged"] == 1
    following = NIGHT + timedelta(days=1)
    assert full_requests.requested(night.register, NIGHT, following) == {"mash"}
    assert full_requests.requested(night.register, following, following + timedelta(days=1)) == frozenset()


@pytest.mark.parametrize("file", ["33_mash_20221122.csv.gpg", "20221122_33_manifest.json.gpg"])
def test_of_a_receipt_for_another_force_nothing_is_kept_and_nothing_is_asked(home: Home, night: Run, file: str) -> None:
    with Partners(home, {"mash": recipient("mash")}, Silent):
        deliver(night)
        say(home, "theirs.json", file=file, sha256="1" * 64, status="rejected", request="FULL")
        say(home, "ours.json", file=SENT, sha256=sha256_of(night, SENT), status="accepted")
        deliver_to(night, "mash")
        deliver_to(night, "mash")
    kept = {one.outcome: (one.file, one.sha256) for one in Outbox(night.register).receipts()}
    assert kept == {"ACCEPTED": (SENT, sha256_of(night, SENT)), "OF_ANOTHER_FORCE": ("", "")}
    assert outbox.receipt_problems(night.register) == []
    assert full_requests.requested(night.register, NIGHT, NIGHT + timedelta(days=1)) == frozenset()


def test_a_receipt_that_asks_for_nothing_asks_for_no_full(home: Home, night: Run) -> None:
    with Partners(home, {"mash": recipient("mash")}):
        deliver(night)
    assert set(outcomes(night)) == {"ACCEPTED"}
    assert full_requests.requested(night.register, None, NIGHT + timedelta(days=1)) == frozenset()


def test_a_receipt_is_taken_once(home: Home, night: Run) -> None:
    with Partners(home, {"mash": recipient("mash")}, Silent):
        deliver(night)
        say(home, "r.json", file="other.csv", sha256="0" * 64, status="accepted")
        deliver_to(night, "mash")
        deliver_to(night, "mash")
    assert outcomes(night) == ["UNKNOWN_FILE"]


def test_a_receipt_that_another_recipient_gives_counts_for_nothing(home: Home) -> None:
    run = exported(home, {"mash": FILES, "panel": FILES})
    with Partners(home, {"mash": recipient("mash"), "panel": recipient("panel")}, Silent):
        deliver(run)
        (row,) = (r for r in outbox.deliveries(run.register) if r["recipient"] == "panel" and r["file"] == SENT)
        say(home, "r.json", file=SENT, sha256=row["sha256"], status="accepted")
        deliver(run)
    assert outcomes(run) == ["OTHER_CONTENT"]
    assert {row["state"] for row in outbox.deliveries(run.register)} == {"delivered"}


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"\xff\xfe", b"{" * 100_000, b'{"file": 1}', b"x" * 70_000])
def test_what_is_no_receipt_is_unreadable(content: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        receipts.read(content)


def test_a_receipt_that_is_far_too_large_is_not_read(home: Home, night: Run) -> None:
    with Partners(home, {"mash": recipient("mash")}, Silent):
        deliver(night)
        (home.drops / "mash" / "receipts" / "r.json").write_bytes(b" " * 200_000)
        deliver_to(night, "mash")
    assert outcomes(night) == ["UNREADABLE"]
