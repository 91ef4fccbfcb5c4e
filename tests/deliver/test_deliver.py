"""deliver: in order, once, under the right name, and readable by the right recipient alone."""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest

from connectors.delivery import outbox
from connectors.delivery.openpgp import Keyring, NotDecrypted
from connectors.register import anchors, answers
from connectors.register.database import head, verify_chain
from connectors.store.paths import Home
from demo.standin.server import Drop
from expectations.contracts import contract
from night import deliver as stage
from night.deliver import DeliveryFailed, deliver, deliver_to
from night.failures import MayNotRun, NightFailed
from night.night import attempt
from night.pull import DECISION, version_of
from night.recall import resend, withdraw
from night.run import Run
from tests.deliver.nights import (
    NIGHT,
    Partners,
    disclosures,
    endpoint,
    expect_all_held,
    exported,
    recipient,
    states,
    visible,
)
from tests.export.a_force import mention

DROP, LETTER, MANIFEST = "drop_20221122.csv", "letter_20221122.pdf", "manifest.json"
FILES = {DROP: b"the child's record", LETTER: b"%PDF", MANIFEST: b"{}"}
NEXT = NIGHT + timedelta(days=1)
KEY, OTHER = "intel:31/2022/000001#1", "missing:MFH-1"


def next_files(word: str = "next") -> dict[str, bytes]:
    return {"drop_20221123.csv": word.encode(), MANIFEST: b"{}"}


def opened(home: Home, name: str, path: Path) -> bytes:
    """A file as the partner's own key opens it; the force has to have signed it."""
    plain = home.root / "opened"
    signer = Keyring(home.standin / name / "keyring").decrypt(path, plain, 1_000_000)
    assert signer == Keyring(home.keyring).signing_key()
    return plain.read_bytes()


def test_every_recipient_gets_its_files_signed_and_encrypted_for_it_alone(home: Home) -> None:
    run = exported(home, {"mash": FILES, "panel": FILES})
    with Partners(home, {"mash": recipient("mash"), "panel": recipient("panel")}):
        assert deliver(run) == {"files": 6, "recipients": 2}
        expect_all_held(run, {name: home.drops / name for name in ("mash", "panel")})
        for name, other in (("mash", "panel"), ("panel", "mash")):
            sent = home.drops / name / "drop_20221122.csv.gpg"
            assert opened(home, name, sent) == FILES[DROP]
            with pytest.raises(NotDecrypted):
                opened(home, other, sent)
            with pytest.raises(NotDecrypted):
                Keyring(home.keyring).decrypt(sent, home.root / "opened", 1_000_000)


LATE: dict[str, Callable[[Run], object]] = {
    "a file taken back": lambda run: withdraw(run, "mash", DROP, "the wrong child", "sergeant"),
    "a recipient alone": lambda run: deliver_to(run, "panel"),
}


@pytest.mark.parametrize("late", LATE.values(), ids=LATE)
def test_what_was_done_after_the_report_is_anchored_too(home: Home, late: Callable[[Run], object]) -> None:
    run = exported(home, {"mash": FILES, "panel": FILES})
    with Partners(home, {"mash": recipient("mash"), "panel": recipient("panel")}):
        deliver_to(run, "mash")
        run.anchor()
        late(run)
    with run.register.connect() as connection:
        assert anchors.kept(home.anchors)[-1] == head(connection)


def test_a_rerun_sends_nothing_again_and_changes_no_byte(home: Home) -> None:
    run = exported(home, {"mash": FILES})
    with Partners(home, {"mash": recipient("mash")}):
        deliver(run)
        before = visible(home.drops / "mash")
        assert deliver_to(run, "mash") == {"delivered": 0, "found": 0, "acknowledged": 0}
        assert visible(home.drops / "mash") == before
        assert deliver(run) == {"files": 3, "recipients": 1}
        expect_all_held(run, {"mash": home.drops / "mash"})


def test_what_the_partner_acknowledged_and_took_away_is_not_sent_again(home: Home) -> None:
    run = exported(home, {"mash": FILES})
    with Partners(home, {"mash": recipient("mash")}):
        deliver(run)
        for path in (home.drops / "mash").glob("*.gpg"):
            path.unlink()
        deliver_to(run, "mash")
        assert visible(home.drops / "mash") == {}


def test_a_file_without_its_night_in_its_name_gets_it(home: Home) -> None:
    run = exported(home, {"mash": FILES})
    with Partners(home, {"mash": recipient("mash")}):
        deliver(run)
        assert sorted(visible(home.drops / "mash")) == [
            "20221122_manifest.json.gpg",
            "drop_20221122.csv.gpg",
            "letter_20221122.pdf.gpg",
        ]


def test_one_recipients_failure_stops_no_other(home: Home) -> None:
    run = exported(home, {"mash": FILES, "nobody": FILES, "panel": FILES})
    with Partners(home, {"mash": recipient("mash"), "panel": recipient("panel")}):
        with pytest.raises(DeliveryFailed, match=r"^nobody: there is no contract"):
            deliver(run)
        expect_all_held(run, {name: home.drops / name for name in ("mash", "panel")})
        assert not run.folder.is_sealed("deliver")


@pytest.mark.parametrize(("wrong", "again"), [({"port": 9}, True), ({"login": "somebody else"}, False)])
@pytest.mark.parametrize("recipient_name", ["mash", None])
def test_a_partner_who_is_away_is_tried_again_and_a_login_that_is_refused_is_not(
    home: Home, wrong: dict[str, Any], again: bool, recipient_name: str | None
) -> None:
    run = exported(home, {"mash": FILES})
    with Partners(home, {"mash": recipient("mash")}):
        elsewhere = replace(run, endpoint=lambda name: replace(endpoint(name), **wrong))
        with pytest.raises(NightFailed) as failed:
            attempt(elsewhere, "deliver", recipient_name)
        assert failed.value.worth_another_try is again
        assert attempt(run, "deliver", recipient_name).failure == ""


def test_what_did_not_leave_on_its_night_is_superseded_and_never_sent_late(home: Home) -> None:
    with Partners(home, {"mash": recipient("mash")}):
        first = exported(home, {"mash": FILES})
        stage.outgoing_files.prepare(first, outbox.Outbox(first.register), stage.contract_of(first, "mash"), "test")
        second = exported(home, {"mash": next_files()}, NEXT)
        deliver(second)
        assert sorted(visible(home.drops / "mash")) == ["20221123_manifest.json.gpg", "drop_20221123.csv.gpg"]
        with pytest.raises(MayNotRun, match="a later night, 2022-11-23, is published"):
            deliver_to(first, "mash")
    assert {state for file, state in states(second).items() if "20221122" in file} == {"superseded"}


def test_of_a_night_that_came_in_part_what_may_have_left_is_taken_back(home: Home) -> None:
    with Partners(home, {"mash": recipient("mash")}):
        first = exported(home, {"mash": FILES})
        box, mash = outbox.Outbox(first.register), stage.contract_of(first, "mash")
        stage.outgoing_files.prepare(first, box, mash, "test")
        drop, *_ = box.last_steps("mash")
        with box.writing() as connection:
            box.move(connection, [drop], outbox.SENDING, "killed while it sent")
        lies_there = home.drops / "mash" / drop.outgoing.remote_name
        lies_there.write_bytes(stage.outgoing_files.stored(home, drop.outgoing).read_bytes())
        deliver(exported(home, {"mash": next_files()}, NEXT))
        assert not lies_there.exists()
        (notice,) = (name for name in visible(home.drops / "mash") if "withdrawal" in name)
        assert drop.outgoing.remote_name in opened(home, "mash", home.drops / "mash" / notice).decode()
    assert disclosures(first)["mash", drop.outgoing.sha256] == 1, "it did leave the force"
    assert states(first)[drop.outgoing.remote_name] == "withdrawn"


def test_content_made_again_before_it_left_takes_the_place_of_the_first(home: Home) -> None:
    first = exported(home, {"mash": FILES})
    with Partners(home, {"mash": recipient("mash")}):
        stage.outgoing_files.prepare(first, outbox.Outbox(first.register), stage.contract_of(first, "mash"), "test")
        again = exported(home, {"mash": {**FILES, DROP: b"made again"}})
        deliver(again)
        assert opened(home, "mash", home.drops / "mash" / "drop_20221122.csv.gpg") == b"made again"


def test_one_night_never_sends_two_different_files(home: Home) -> None:
    first = exported(home, {"mash": FILES})
    with Partners(home, {"mash": recipient("mash")}):
        deliver(first)
        before = visible(home.drops / "mash")
        with pytest.raises(DeliveryFailed, match="One night never sends two different files"):
            deliver(exported(home, {"mash": {**FILES, DROP: b"made again"}}))
        assert visible(home.drops / "mash") == before


def test_a_newer_file_says_which_one_it_supersedes(home: Home) -> None:
    first = exported(home, {"mash": FILES})
    with Partners(home, {"mash": recipient("mash")}):
        deliver(first)
        second = exported(home, {"mash": next_files()}, NEXT, supersedes=DROP)
        deliver(second)
    assert states(second)["drop_20221122.csv.gpg"] == "superseded"
    assert states(second)["drop_20221123.csv.gpg"] == "acknowledged"


def test_a_file_can_be_sent_once_more_with_a_reason(home: Home) -> None:
    run = exported(home, {"mash": FILES})
    with Partners(home, {"mash": recipient("mash")}):
        deliver(run)
        lost = home.drops / "mash" / "drop_20221122.csv.gpg"
        content = lost.read_bytes()
        lost.unlink()
        (home.drops / "mash" / "receipts" / "drop_20221122.csv.gpg.receipt.json").unlink()
        with pytest.raises(DeliveryFailed, match="A reason is needed"):
            resend(run, "mash", DROP, " ", "sergeant")
        resend(run, "mash", DROP, "the partner lost it", "sergeant")
        assert lost.read_bytes() == content
    sha256 = next(row["sha256"] for row in outbox.deliveries(run.register) if row["file"] == "drop_20221122.csv.gpg")
    assert disclosures(run)["mash", sha256] == 2, "it left the force twice"


def test_a_file_of_an_earlier_night_is_made_anew_by_the_next_night_and_never_sent_as_it_was(home: Home) -> None:
    run = exported(home, {"mash": FILES})
    with Partners(home, {"mash": recipient("mash")}):
        deliver(run)
        lost = home.drops / "mash" / "drop_20221122.csv.gpg"
        lost.unlink()
        exported(home, {"mash": next_files()}, NEXT)
        assert resend(run, "mash", DROP, "the partner lost it", "sergeant")["made_anew_by_the_next_night"] == 1
        assert not lost.exists()
    assert outbox.Outbox(run.register).fallen(NEXT.isoformat()) == {"mash": frozenset([DROP])}


def a_night(home: Home, other: str = "P2") -> Run:
    """A night that knows of whom its files tell, who somebody else is, and one decision."""
    writer = Run(NIGHT, home, endpoint).writer("land")
    landed = {
        "source": "decision",
        "record_key": KNOWN["decision_id"],
        "version": version_of(KNOWN),
        "landed_on": NIGHT,
    }
    writer.table("landed_key", contract("landed_key").table_of([landed]))
    refused = {"source": "decisions", "record_key": "D3", "reason_code": "X", "reason": "X", "landed_on": NIGHT}
    writer.table("landed_refusal", contract("landed_refusal").table_of([refused]))
    writer.seal({}, replaceable=True)
    linked(home, NIGHT, {KEY: "P1", OTHER: other})
    return exported(home, {"mash": FILES})


def linked(home: Home, night: date, persons: dict[str, str]) -> None:
    writer = Run(night, home, endpoint).writer("link")
    rows = [{"mention_key": key, "person_id": person} for key, person in persons.items()]
    writer.table("person", contract("person").table_of(rows))
    writer.seal({}, replaceable=True)


def protect(run: Run, action: str, hour: int = 10, **given: str) -> None:
    """Somebody decides so on the screens, on the day of the night, about the child of whom all files tell."""
    row = {"action": action, "mention_key": KEY, "origin": "screen", "reason": "A threat to the family", **given}
    answers.record(run.register, [row], "sergeant", datetime.combine(NIGHT, time(hour), UTC))


KNOWN = {"decision_id": "D1", "decided_by": "sergeant", "action": "DISPUTE", "mention_key": KEY}
BEFORE, THAT_DAY = "2022-11-21T15:00:00+00:00", "2022-11-22T09:00:00+00:00"
ONE_DAY = "2999-01-01T00:00:00+00:00"


@pytest.fixture
def hand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A function that puts rows into the decisions file, each by what differs from the sergeant's RESTRICT."""

    def put(*rows: dict[str, str], **extra: object) -> None:
        path = tmp_path / "decisions.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, DECISION.columns, restval="")
            writer.writeheader()
            writer.writerows(
                {"decision_id": "D2", "decided_at": THAT_DAY, "decided_by": "sergeant", "action": "RESTRICT"}
                | {"mention_key": KEY}
                | row
                for row in rows
            )
        known = {"conn_type": "fs", "extra": {"path": str(path), **extra}}
        monkeypatch.setenv("AIRFLOW_CONN_DECISIONS", json.dumps(known))

    return put


def expect_kept_here(run: Run) -> None:
    with Partners(run.home, {"mash": recipient("mash")}):
        with pytest.raises(DeliveryFailed, match="protected a child of whom its files tell: they do not leave"):
            deliver(run)
        assert visible(run.home.drops / "mash") == {}


def expect_sent(run: Run) -> None:
    with Partners(run.home, {"mash": recipient("mash")}):
        deliver(run)
        assert visible(run.home.drops / "mash")


@pytest.mark.parametrize("action", ["RESTRICT", "DISPUTE", "SUSPECT_EVIDENCE", "UNSHARE_SUSPECT"])
def test_a_child_whom_a_person_protects_while_files_wait_leaves_the_force_for_nobody(home: Home, action: str) -> None:
    run = a_night(home)
    protect(run, action)
    expect_kept_here(run)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param({}, id="handed in during the day"),
        pytest.param({"decided_at": BEFORE}, id="decided before the night, handed in after it"),
        pytest.param({"decided_at": "this morning"}, id="at a moment that cannot be read"),
        pytest.param({"action": " restrict "}, id="written by hand"),
        pytest.param({"action": "REMOVE", "reason_code": "ENTERED_IN_ERROR"}, id="another child of that name"),
        pytest.param({"decision_id": "D3"}, id="refused by the night, and corrected since"),
    ],
)
def test_so_does_one_whom_the_decisions_file_protects(home: Home, hand_in, row: dict[str, str]) -> None:
    run = a_night(home)
    hand_in(KNOWN, row)
    expect_kept_here(run)


def test_a_restriction_that_is_to_be_lifted_one_day_stands_until_then(home: Home, hand_in) -> None:
    run = a_night(home)
    hand_in({}, {"decision_id": "D4", "action": "UNRESTRICT", "decided_at": ONE_DAY})
    expect_kept_here(run)


def test_two_children_whom_the_night_takes_for_one_are_kept_here_once_a_person_knows_better(home: Home) -> None:
    run = a_night(home, other="P1")
    protect(run, "SEPARATE", other_mention_key=OTHER)
    expect_kept_here(run)


def test_a_decision_about_a_record_that_a_later_night_gave_the_child_protects_it_too(home: Home) -> None:
    run = a_night(home)
    linked(home, NEXT, {KEY: "P1", OTHER: "P1"})  # that night was stopped at its gate
    protect(run, "RESTRICT", mention_key=OTHER)
    expect_kept_here(run)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([{}, {"decision_id": "D4", "action": "UNRESTRICT"}], id="lifted again"),
        pytest.param([KNOWN], id="known to the night, which made its files by it"),
        pytest.param([{"decision_id": "D3", "decided_at": "some day"}], id="refused by the night"),
        pytest.param([{"action": "SEPARATE", "other_mention_key": OTHER}], id="two who are two already"),
        pytest.param([{"mention_key": OTHER}], id="about somebody else"),
    ],
)
def test_what_protects_nobody_of_whom_they_tell_keeps_nothing_back(home: Home, hand_in, rows) -> None:
    run = a_night(home)
    hand_in(*rows)
    expect_sent(run)


def test_nor_does_what_a_scenario_holds_of_days_to_come(home: Home, hand_in) -> None:
    run = a_night(home)
    hand_in({}, is_of_a_scenario=True)
    expect_sent(run)


def test_where_the_decisions_file_is_away_nothing_leaves_unasked(home: Home, hand_in, tmp_path: Path) -> None:
    run = a_night(home)
    hand_in({})
    (tmp_path / "decisions.csv").unlink()
    with Partners(home, {"mash": recipient("mash")}):
        with pytest.raises(DeliveryFailed, match="mash: Connection decisions: there is no file"):
            deliver(run)
        assert visible(home.drops / "mash") == {}


def test_nor_by_a_file_that_is_sent_once_more_but_it_may_be_taken_back(home: Home) -> None:
    run = a_night(home)
    with Partners(home, {"mash": recipient("mash")}):
        deliver(run)
        (home.drops / "mash" / "drop_20221122.csv.gpg").unlink()
        (home.drops / "mash" / "receipts" / "drop_20221122.csv.gpg.receipt.json").unlink()
        protect(run, "RESTRICT")
        with pytest.raises(DeliveryFailed, match="they do not leave"):
            resend(run, "mash", DROP, "the partner lost it", "sergeant")
        assert "drop_20221122.csv.gpg" not in visible(home.drops / "mash")
        with pytest.raises(DeliveryFailed, match="they do not leave"):  # of the other file, which still waits
            withdraw(run, "mash", LETTER, "the child is restricted", "sergeant")
        assert any("withdrawal" in name for name in visible(home.drops / "mash"))


def test_a_withdrawn_file_is_removed_its_recipient_told_and_it_never_leaves_again(home: Home) -> None:
    run = exported(home, {"mash": FILES})
    with Partners(home, {"mash": recipient("mash")}):
        deliver(run)
        withdraw(run, "mash", DROP, "the wrong child", "sergeant")
        held = visible(home.drops / "mash")
        assert "drop_20221122.csv.gpg" not in held
        (notice,) = (name for name in held if "withdrawal" in name)
        said = opened(home, "mash", home.drops / "mash" / notice).decode()
        assert '"file": "drop_20221122.csv.gpg"' in said
        assert "wrong child" not in said
        with pytest.raises(DeliveryFailed, match="is withdrawn: it cannot become prepared"):
            resend(run, "mash", DROP, "by mistake", "sergeant")
        deliver(run)
        assert visible(home.drops / "mash") == held


@pytest.mark.parametrize("act", [resend, withdraw])
@pytest.mark.parametrize(
    "reason",
    ["it was about SORREL", "Mr O'Brien-Lee rang", "the one called T-Bird"],
)
def test_a_reason_that_names_somebody_in_the_file_is_refused_and_kept_nowhere(
    home: Home, act: Callable[..., object], reason: str
) -> None:
    run = a_night(home)
    writer = run.writer("normalise")
    called = {"given_key": "sorrel jane", "first_key": "sorrel", "surname_key": "obrien lee", "alias_key": "t bird"}
    writer.table("mention", contract("mention").table_of([mention(KEY, **called)]))
    writer.seal({}, replaceable=True)
    linked(home, NIGHT, {KEY: "P1", OTHER: "P2"})
    run = exported(home, {"mash": FILES})
    with Partners(home, {"mash": recipient("mash")}):
        deliver(run)
        before = states(run)
        with pytest.raises(DeliveryFailed, match="without the name of anybody in the file"):
            act(run, "mash", DROP, reason, "sergeant")
        assert states(run) == before
        act(run, "mash", DROP, "the wrong sort of file, sorrelly", "sergeant")


def test_a_withdrawal_leaves_alone_what_the_partner_put_under_the_name_since(home: Home) -> None:
    run = exported(home, {"mash": FILES})
    with Partners(home, {"mash": recipient("mash", encryption="plain")}):
        deliver(run)
        theirs = home.drops / "mash" / DROP
        theirs.write_bytes(b"the partner's own")
        withdraw(run, "mash", DROP, "the wrong child", "sergeant")
        assert theirs.read_bytes() == b"the partner's own"
        assert any("withdrawal" in name for name in visible(home.drops / "mash"))


def test_a_recipient_who_gets_nothing_tonight_is_not_kept_waiting_for_its_window(home: Home) -> None:
    run = exported(home, {})
    with Partners(home, {"mash": recipient("mash", window_from="06:00", window_to="06:00")}):
        assert deliver_to(run, "mash") == {"delivered": 0, "found": 0, "acknowledged": 0}


def test_a_file_withdrawn_before_it_left_never_leaves(home: Home) -> None:
    run = exported(home, {"mash": FILES})
    with Partners(home, {"mash": recipient("mash")}):
        stage.outgoing_files.prepare(run, outbox.Outbox(run.register), stage.contract_of(run, "mash"), "test")
        withdraw(run, "mash", DROP, "the wrong child", "sergeant")
        deliver(run)
        assert sorted(visible(home.drops / "mash")) == ["20221122_manifest.json.gpg", "letter_20221122.pdf.gpg"]


@pytest.mark.parametrize(
    ("opens", "closes", "clock", "is_open"),
    [
        ("06:00", "07:00", "05:59", False),
        ("06:00", "07:00", "06:00", True),
        ("06:00", "07:00", "07:00", False),
        ("22:00", "02:00", "23:30", True),
        ("22:00", "02:00", "01:59", True),
        ("22:00", "02:00", "12:00", False),
    ],
)
def test_outside_the_partners_window_files_wait(
    home: Home, monkeypatch: pytest.MonkeyPatch, opens: str, closes: str, clock: str, is_open: bool
) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Clock":
            return cls.combine(NIGHT, time.fromisoformat(clock), tz)

    monkeypatch.setattr(stage, "datetime", Clock)
    run = exported(home, {"mash": FILES})
    with Partners(home, {"mash": recipient("mash", encryption="plain", window_from=opens, window_to=closes)}):
        if is_open:
            deliver(run)
            expect_all_held(run, {"mash": home.drops / "mash"})
        else:
            with pytest.raises(DeliveryFailed, match=f"between {opens} and {closes} only"):
                deliver(run)
            assert set(states(run).values()) == {"prepared"}


def test_a_file_larger_than_the_partner_takes_is_named_before_anything_leaves(home: Home) -> None:
    run = exported(home, {"mash": FILES})
    with Partners(home, {"mash": recipient("mash", limit_mb=0.0001)}):
        with pytest.raises(DeliveryFailed, match=r"larger than the 0\.0001 MB"):
            deliver(run)
        assert visible(home.drops / "mash") == {}


def test_two_processes_never_deliver_to_one_recipient_at_once(home: Home) -> None:
    run = exported(home, {"mash": FILES})
    with Partners(home, {"mash": recipient("mash")}), outbox.alone(home.outbox / "mash"):
        with pytest.raises(DeliveryFailed, match="another process is delivering"):
            deliver_to(run, "mash")
        assert visible(home.drops / "mash") == {}


def test_a_step_that_another_process_made_first_stops_this_one(home: Home) -> None:
    run = exported(home, {"mash": FILES})
    with Partners(home, {"mash": recipient("mash")}):
        box = outbox.Outbox(run.register)
        stage.outgoing_files.prepare(run, box, stage.contract_of(run, "mash"), "test")
        seen = box.last_steps("mash")
        with box.writing() as connection:
            box.move(connection, seen, outbox.SENDING, "one")
        with pytest.raises(outbox.Overtaken), box.writing() as connection:
            box.move(connection, seen, outbox.SENDING, "another")


def later(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    """Let it be some days later."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Clock":
            return cls.fromtimestamp(datetime.now(tz).timestamp() + days * 86_400, tz)

    monkeypatch.setattr(stage.outgoing_files, "datetime", Clock)


def kept(home: Home) -> int:
    return sum(1 for path in (home.outbox / "mash").iterdir() if not path.name.startswith("."))


@pytest.mark.parametrize(
    ("receipts", "days", "left"), [("receipts", 29, 3), ("receipts", 31, 0), ("", 29, 3), ("", 31, 0)]
)
def test_encrypted_files_are_deleted_some_time_after_they_arrived_and_never_sent_again(
    home: Home, monkeypatch: pytest.MonkeyPatch, receipts: str, days: int, left: int
) -> None:
    run = exported(home, {"mash": FILES})
    with Partners(home, {"mash": recipient("mash", receipts=receipts)}):
        deliver(run)
        held = visible(home.drops / "mash")
        later(monkeypatch, days)
        assert deliver_to(run, "mash") == {"delivered": 0, "found": 0, "acknowledged": 0}
        assert kept(home) == left
        assert deliver_to(run, "mash")["delivered"] == 0
        assert visible(home.drops / "mash") == held
    assert len(states(run)) == 3, "the register keeps all"
    verify_chain(run.register)


def test_what_nobody_acknowledged_is_kept_however_old_it_is(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent(Drop):
        def acknowledge(self, arrived: Path) -> None:
            return

    run = exported(home, {"mash": FILES})
    with Partners(home, {"mash": recipient("mash")}, Silent):
        deliver(run)
        later(monkeypatch, 400)
        deliver_to(run, "mash")
    assert kept(home) == 3


def test_a_file_that_is_not_kept_any_more_is_not_sent_once_more_and_blocks_nothing(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = exported(home, {"mash": FILES})
    with Partners(home, {"mash": recipient("mash")}):
        deliver(run)
        later(monkeypatch, 31)
        deliver_to(run, "mash")
        with pytest.raises(DeliveryFailed, match="is not kept any more"):
            resend(run, "mash", DROP, "the partner lost it", "sergeant")
        deliver(exported(home, {"mash": next_files()}, NEXT))
        withdraw(run, "mash", DROP, "the wrong child", "sergeant")
    assert states(run)["drop_20221122.csv.gpg"] == "withdrawn"


def test_bytes_lost_from_the_outbox_are_named(home: Home) -> None:
    run = exported(home, {"mash": FILES})
    with Partners(home, {"mash": recipient("mash")}):
        box = outbox.Outbox(run.register)
        stage.outgoing_files.prepare(run, box, stage.contract_of(run, "mash"), "test")
        stage.outgoing_files.stored(home, box.last_steps("mash")[0].outgoing).write_bytes(b"changed")
        with pytest.raises(DeliveryFailed, match="The outbox has lost the bytes"):
            deliver(run)


def test_a_changed_export_is_not_sent(home: Home) -> None:
    run = exported(home, {"mash": FILES})
    (run.folder.stage("export") / "mash" / DROP).write_bytes(b"changed")
    with Partners(home, {"mash": recipient("mash")}), pytest.raises(MayNotRun, match=f"{DROP} changed"):
        deliver(run)


def test_no_word_of_a_record_is_in_a_name_a_message_or_the_register(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "Sorrel Canary-Bird"
    run = exported(home, {"mash": {DROP: secret.encode(), MANIFEST: secret.encode()}})
    with caplog.at_level(0), Partners(home, {"mash": recipient("mash")}):
        deliver(run)
        shown = caplog.text + repr(endpoint("partner_mash")) + repr(run)
    assert "Canary" not in shown
    assert "PRIVATE KEY" not in shown
    outside_the_run = [path for path in home.root.rglob("*") if path.is_file() and home.runs not in path.parents]
    assert [path.name for path in outside_the_run if b"Canary" in path.read_bytes()] == []
    assert verify_chain(run.register) == 1


def test_a_night_without_files_needs_no_connection(home: Home) -> None:
    run = exported(home, {}, date(2022, 12, 1))
    assert deliver(run) == {"files": 0, "recipients": 0}
