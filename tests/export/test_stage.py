"""The stage: files and tables below the night's folder, sealed, and the next night goes on from them."""

from datetime import date, timedelta

import pytest

from connectors.delivery import full_requests
from connectors.store import sealed
from connectors.store.paths import Home
from expectations.contracts import contract
from expectations.recipients import RECIPIENTS
from night import export as stage
from night.run import Run
from tests.export.a_force import TONIGHT, Known, Person, known, mention, report

NORMALISED = ("mention", "report", "line", "missing_episode", "btp_report", "sca_referral", "panel_outcome", "decision")
LINKED = ("person", "person_id", "person_event")
RECONCILED = ("child", "fact", "refusal")


def a_night(home, day: date, *people: Person, **tables) -> Run:
    """A night that passed the gate."""
    run = Run(day, Home(home))
    state: Known = known(*people, as_of=day, **tables)
    for name, own in {"normalise": NORMALISED, "link": LINKED, "reconcile": RECONCILED}.items():
        writer = run.writer(name)
        for table in own:
            writer.table(table, contract(table).table_of(getattr(state, table)))
        writer.seal({}, replaceable=True)
    run.writer("validate").seal({}, replaceable=True)
    return run


def test_a_night_writes_the_files_that_its_tables_name(tmp_path):
    run = a_night(tmp_path, TONIGHT, Person("P-1"))
    counts = stage.export(run)
    named = {f"{row['recipient']}/{row['file']}" for row in run.rows("export", "outgoing")}
    written = {name for name in sealed.files(run.folder, "export") if not name.endswith(".parquet")}
    assert named == written
    assert counts["files"] == len(named)
    assert {row["person_id"] for row in run.rows("export", "disclosure")} == {"P-1"}


def test_a_night_made_again_is_the_same_to_the_byte(tmp_path):
    run = a_night(tmp_path, TONIGHT, Person("P-1"))
    stage.export(run)
    before = sealed.hashes(run.folder.stage("export"))
    stage.export(run)
    assert sealed.hashes(run.folder.stage("export")) == before


def test_the_next_night_tells_only_what_changed(tmp_path):
    stage.export(a_night(tmp_path, TONIGHT, Person("P-1")))
    quiet = a_night(tmp_path, TONIGHT + timedelta(days=1), Person("P-1"))
    assert stage.export(quiet)["files"] == 0
    changed = a_night(tmp_path, TONIGHT + timedelta(days=2), Person("P-1", given={"restricted": True}))
    counts = stage.export(changed)
    assert counts["told"] == 0
    assert counts["notices"] == len({row["recipient"] for row in quiet.rows("export", "holding")})


def test_a_notice_is_kept_by_the_nights_after(tmp_path):
    stage.export(a_night(tmp_path, TONIGHT, Person("P-1")))
    corrected = a_night(tmp_path, TONIGHT + timedelta(days=1), Person("P-1", given={"restricted": True}))
    stage.export(corrected)
    quiet = a_night(tmp_path, TONIGHT + timedelta(days=2), Person("P-1", given={"restricted": True}))
    assert stage.export(quiet)["notices"] == 0
    assert quiet.rows("export", "notice") == corrected.rows("export", "notice") != []


def test_a_recipient_that_asked_gets_everything_again_the_night_after(tmp_path):
    first = a_night(tmp_path, TONIGHT, Person("P-1"))
    stage.export(first)
    full_requests.request(first.register, "pnd", TONIGHT, "a DELTA was missing")
    full_requests.request(first.register, "pnd", TONIGHT, "asked twice")
    second = a_night(tmp_path, TONIGHT + timedelta(days=1), Person("P-1"))
    stage.export(second)
    assert [row["kind"] for row in second.rows("export", "outgoing")] == ["FULL", "MANIFEST"]
    third = a_night(tmp_path, TONIGHT + timedelta(days=2), Person("P-1"))
    assert stage.export(third)["files"] == 0


def test_a_night_that_a_later_one_goes_on_from_is_never_changed(tmp_path):
    first = a_night(tmp_path, TONIGHT, Person("P-1"))
    stage.export(first)
    stage.export(a_night(tmp_path, TONIGHT + timedelta(days=1), Person("P-1")))
    (tmp_path / "recipients").mkdir()
    (tmp_path / "recipients" / "pnd.yml").write_text(
        (RECIPIENTS / "pnd.yml").read_text(encoding="utf-8").replace("reference: PND", "reference: OTHER"),
        encoding="utf-8",
    )
    with pytest.raises(sealed.SealBroken, match="would come out different now"):
        stage.export(first)


def test_a_file_that_is_not_as_agreed_stops_the_night_with_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(stage, "problems", lambda recipient, content, row: ["its marking is not the contract's"])
    run = a_night(tmp_path, TONIGHT, Person("P-1"))
    with pytest.raises(stage.FileNotAsAgreed, match="Nothing of this night leaves"):
        stage.export(run)
    assert not run.folder.is_sealed("export")


def test_free_text_of_a_report_is_in_no_file_of_any_recipient(tmp_path):
    said = mention(line_ref=None)
    secret = report(location="Behind the Larkfield Centre", handling_conditions="Zephyr")
    run = a_night(tmp_path, TONIGHT, Person("P-1", [said]), reports=[secret])
    stage.export(run)
    folder = run.folder.stage("export")
    contents = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert not any(b"Larkfield" in content or b"Zephyr" in content for content in contents)
