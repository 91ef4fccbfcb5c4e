"""The stage: files and tables below the night's folder, sealed, and the next night goes on from them."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from clvt import views
from connectors.delivery import full_requests
from connectors.register import answers
from connectors.register.database import processing_log
from connectors.store import sealed
from connectors.store.paths import Home
from expectations.contracts import contract
from expectations.recipients import RECIPIENTS
from night import brakes
from night import export as stage
from night.assumed import assumed
from night.run import Run
from tests.export.a_force import TONIGHT, Person, Tables, mention, report, tables_of

NORMALISED = ("mention", "report", "line", "missing_episode", "btp_report", "sca_referral", "panel_outcome", "decision")
LINKED = ("person", "person_id", "person_event")
RECONCILED = ("child", "fact", "refusal", "review", "route")


def a_night(home, day: date, *people: Person, **tables) -> Run:
    """A night that passed the gate."""
    return sealed_night(home, tables_of(*people, as_of=day, **tables))


def sealed_night(home, state: Tables) -> Run:
    """A night that passed the gate and knows this."""
    run = Run(state.as_of, Home(home))
    for name, empty in {"pull": [], "land": ["landed_report", "landed_refusal"]}.items():
        writer = run.writer(name)
        for table in empty:
            writer.table(table, contract(table).table_of([]))
        writer.seal({}, replaceable=True)
    for name, own in {"normalise": NORMALISED, "link": LINKED, "reconcile": RECONCILED}.items():
        writer = run.writer(name)
        for table in own:
            writer.table(table, contract(table).table_of(getattr(state, table, [])))
        writer.seal({}, replaceable=True)
    run.writer("validate").seal({}, replaceable=True)
    return run


def delivered(run: Run) -> dict[str, int]:
    """Export the night, and have all of it delivered."""
    counts = stage.export(run)
    assumed(run)
    return counts


def files_unsealed(run: Run) -> list[str]:
    """The recipients' files that stay of a night of which nothing may leave."""
    return [path.name for path in run.folder.unsealed("export").glob("*/*")]


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
    delivered(a_night(tmp_path, TONIGHT, Person("P-1")))
    quiet = a_night(tmp_path, TONIGHT + timedelta(days=1), Person("P-1"))
    assert delivered(quiet)["files"] == 0
    changed = a_night(tmp_path, TONIGHT + timedelta(days=2), Person("P-1", given={"restricted": True}))
    counts = stage.export(changed)
    assert counts["disclosed"] == 0
    assert counts["notices"] == len({row["recipient"] for row in quiet.rows("export", "holding")})


def test_a_notice_is_kept_by_the_nights_after(tmp_path):
    delivered(a_night(tmp_path, TONIGHT, Person("P-1")))
    corrected = a_night(tmp_path, TONIGHT + timedelta(days=1), Person("P-1", given={"restricted": True}))
    delivered(corrected)
    quiet = a_night(tmp_path, TONIGHT + timedelta(days=2), Person("P-1", given={"restricted": True}))
    assert stage.export(quiet)["notices"] == 0
    assert quiet.rows("export", "notice") == corrected.rows("export", "notice") != []


def test_a_recipient_that_asked_gets_everything_again_the_night_after(tmp_path):
    first = a_night(tmp_path, TONIGHT, Person("P-1"))
    delivered(first)
    full_requests.request(first.register, "pnd", TONIGHT, "a DELTA was missing")
    full_requests.request(first.register, "pnd", TONIGHT, "asked twice")
    second = a_night(tmp_path, TONIGHT + timedelta(days=1), Person("P-1"))
    delivered(second)
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
    assert files_unsealed(first) == []


def test_a_file_that_is_not_as_agreed_stops_its_recipient_alone_who_gets_all_with_the_next_night(tmp_path, monkeypatch):
    sound = stage.problems
    wrong = ["records breaks the rule required"]
    monkeypatch.setattr(stage, "problems", lambda one, *given: wrong if one.name == "pnd" else sound(one, *given))
    run = a_night(tmp_path, TONIGHT, Person("P-1"))
    delivered(run)
    served = {row["recipient"] for row in run.rows("export", "outgoing")}
    assert served >= {"mash_city", "btp"}
    assert "pnd" not in served
    assert not run.folder.stage("export").joinpath("pnd").exists()
    assert "records breaks the rule required. Correct the contract" in stage.unusable(run)["pnd"]
    monkeypatch.setattr(stage, "problems", sound)
    after = a_night(tmp_path, TONIGHT + timedelta(days=1), Person("P-1"))
    delivered(after)
    assert {(row["recipient"], row["kind"]) for row in after.rows("export", "outgoing")} == {
        ("pnd", "FULL"),
        ("pnd", "MANIFEST"),
    }
    assert "pnd" not in stage.unusable(after)


def test_a_file_that_is_mended_the_same_night_is_made_without_changing_the_others(tmp_path, monkeypatch):
    sound = stage.problems
    monkeypatch.setattr(stage, "problems", lambda one, *given: ["odd"] if one.name == "pnd" else sound(one, *given))
    run = a_night(tmp_path, TONIGHT, Person("P-1"))
    stage.export(run)
    before = run.rows("export", "outgoing")
    monkeypatch.setattr(stage, "problems", sound)
    again = a_night(tmp_path, TONIGHT, Person("P-1"))
    stage.export(again)
    assert [row for row in again.rows("export", "outgoing") if row["recipient"] != "pnd"] == before
    assert "pnd" in {row["recipient"] for row in again.rows("export", "outgoing")}


def test_free_text_of_a_report_is_in_no_file_of_any_recipient(tmp_path):
    said = mention(line_ref=None)
    secret = report(location="Behind the Larkfield Centre", handling_conditions="Zephyr")
    run = a_night(tmp_path, TONIGHT, Person("P-1", [said]), reports=[secret])
    stage.export(run)
    folder = run.folder.stage("export")
    contents = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert not any(b"Larkfield" in content or b"Zephyr" in content for content in contents)


def everybody_restricted(home, day: date) -> Run:
    """Twelve children whom every recipient lost at once."""
    names = [f"P-{number}" for number in range(12)]
    delivered(a_night(home, TONIGHT, *(Person(name) for name in names)))
    return a_night(home, day, *(Person(name, given={"state": "REMOVED", "status": None}) for name in names))


def confirmed(run: Run, **given: str) -> None:
    """A person confirms the night at noon of its day."""
    row = {
        "action": "CONFIRM",
        "value": f"night:{run.as_of}",
        "reason": "The unit was closed, all were seen",
        "origin": "screen",
    }
    noon = datetime.combine(run.as_of, time(12), UTC)
    answers.record(run.register, [{**row, **given}], given.get("by", "inspector"), noon)


def test_a_night_in_which_all_children_leave_is_held_until_a_person_confirms_it(tmp_path):
    run = everybody_restricted(tmp_path, TONIGHT + timedelta(days=1))
    with pytest.raises(brakes.NightHeld, match="12 children leave the tracker") as held:
        stage.export(run)
    assert f"CONFIRM with the value night:{run.as_of}" in str(held.value)
    assert not run.folder.is_sealed("export")
    assert files_unsealed(run) == []
    (asked,) = views.reviews(run)
    assert (asked["review_id"], asked["kind"], asked["is_open"]) == (f"night:{run.as_of}", "confirm", True)
    assert "12 children leave the tracker" in asked["why"]

    confirmed(run)
    assert stage.export(run)["files"] > 0
    (asked,) = views.reviews(run)
    assert (asked["review_id"], asked["answer"], asked["answered_on"]) == (f"night:{run.as_of}", "CONFIRM", run.as_of)
    (entry,) = [row for row in log_of(run) if row["detail"] == f"CONFIRM night:{run.as_of}"]
    assert (entry["operation"], entry["actor"], entry["run"]) == ("ALTERATION", "inspector", run.as_of.isoformat())
    before = sealed.hashes(run.folder.stage("export"))
    stage.export(run)
    assert sealed.hashes(run.folder.stage("export")) == before


@pytest.mark.parametrize("lacks", [{"reason": ""}, {"value": "night:2022-01-01"}, {"action": "RATIFY"}])
def test_a_confirmation_that_lacks_its_reason_or_names_another_night_lets_nothing_through(tmp_path, lacks):
    run = everybody_restricted(tmp_path, TONIGHT + timedelta(days=1))
    confirmed(run, **lacks)
    with pytest.raises(brakes.NightHeld):
        stage.export(run)


def test_a_confirmation_given_before_the_night_was_there_to_be_seen_does_not_count(tmp_path):
    run = everybody_restricted(tmp_path, TONIGHT + timedelta(days=2))
    confirmed(replace(run, as_of=TONIGHT), value=f"night:{run.as_of}")
    with pytest.raises(brakes.NightHeld):
        stage.export(run)


def test_the_night_after_one_that_was_held_is_compared_with_the_last_that_left(tmp_path):
    run = everybody_restricted(tmp_path, TONIGHT + timedelta(days=1))
    with pytest.raises(brakes.NightHeld):
        stage.export(run)
    following = a_night(
        tmp_path,
        TONIGHT + timedelta(days=2),
        *(
            Person(row["person_id"], given={"state": "REMOVED", "status": None})
            for row in run.rows("reconcile", "child")
        ),
    )
    with pytest.raises(brakes.NightHeld, match="12 children leave the tracker"):
        stage.export(following)
    after = replace(following, as_of=TONIGHT + timedelta(days=3))
    assert brakes.held_nights(following) == {run.as_of}
    assert brakes.held_nights(after) == {run.as_of, following.as_of}
    confirmed(following)
    stage.export(following)
    assert following.as_of in brakes.held_nights(after)


def test_the_first_night_is_never_held(tmp_path):
    many = [Person(f"P-{number}") for number in range(150)]
    assert stage.export(a_night(tmp_path, TONIGHT, *many))["disclosed"] > 0


def log_of(run: Run) -> list[dict]:
    with run.register.connect() as connection:
        return [dict(row) for row in connection.execute(processing_log.select()).mappings()]
