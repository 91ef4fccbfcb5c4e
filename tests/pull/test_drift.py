"""pull: a source that is not what it was is told, and nothing that came with a defect stays lost."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from connectors.sources import intelligence
from connectors.sources.database import SourceError
from night.land import land
from night.night import run_night
from night.pull import pull
from night.run import Run, site_at
from tests.pull.force import KEYS, Force, decision, mentions, outside, until_normalised

REF, CHILD = KEYS["report_ref"], f"intel:{KEYS['report_ref']}#1"
FIRST, SECOND, THIRD = "2022-03-02", "2022-03-03", "2022-03-04"
HEADER = "episode_ref,given_names,surname,missing_from\n"


@pytest.fixture
def force(tmp_path: Path) -> Force:
    return Force(tmp_path / "force")


def settings(force: Force, text: str) -> None:
    force.home.root.mkdir(exist_ok=True)
    (force.home.root / "site.yml").write_text(text)
    site_at.cache_clear()


# Columns


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("report_subject", "surname"),
        ("report_subject", "role"),
        ("intelligence_report", "grade"),
        ("intelligence_report", "flags"),
        ("county_line", "owner_force"),
    ],
)
def test_a_missing_agreed_column_fails_the_night_with_a_sentence(force: Force, table: str, column: str) -> None:
    force.report()
    force.change(f"ALTER TABLE {table} RENAME COLUMN {column} TO renamed")
    with pytest.raises(SourceError, match=f"Table {table} of the intelligence database has no column {column}"):
        pull(force.night(FIRST))


@pytest.mark.parametrize("excuse", ["report_subject.school", "school"])
def test_a_column_that_the_site_excuses_is_told_and_the_night_goes_on(force: Force, excuse: str) -> None:
    force.report()
    force.change("ALTER TABLE report_subject DROP COLUMN school")
    settings(force, f"absent_columns: [{excuse}]")
    run = until_normalised(force.night(FIRST))
    assert (mentions(run), outside(run)) == ({CHILD}, {("report_subject.school", "COLUMN_MISSING")})


def test_no_site_can_excuse_a_column_that_tells_records_apart(force: Force) -> None:
    force.report()
    force.change("ALTER TABLE intelligence_report RENAME COLUMN updated_at TO changed_at")
    settings(force, "absent_columns: [updated_at]")
    with pytest.raises(SourceError, match="no column updated_at"):
        pull(force.night(FIRST))


def last_tracker(force: Force, nights: list[str]) -> list[dict[str, object]]:
    """Rows of the last night's tracker, without the days on which the home learned of things."""
    for night in nights:
        run = through_the_gate(force, night)
    rows = run.rows("reconcile", "child")
    kept = [{name: row[name] for name in row if "first" not in name and "person_id" not in name} for row in rows]
    return sorted(kept, key=lambda row: sorted(row["mention_keys"]))


def week() -> list[str]:
    return [(date(2022, 3, 2) + timedelta(days=number)).isoformat() for number in range(9)]


def reports_come(force: Force, number: int) -> None:
    """One more report on each day of the week, of another child."""
    day = date(2022, 3, 1) + timedelta(days=number)
    stamp = f"{day}T10:00:00+00:00"
    ref = f"31/2022/{number + 1:06}"
    force.report(ref, created_at=stamp, updated_at=stamp, intelligence_date=day.isoformat())
    name, born = ("Robin", "Ash", "Kit", "Sky", "Lee", "Sam", "Joss", "Rory", "Ember")[number], f"2007-0{number + 1}-11"
    force.change(
        f"UPDATE report_subject SET given_names = '{name}', surname = 'Marlowe{number}', date_of_birth = '{born}', "
        f"source_person_id = 'N{number}', address = '{number + 1} Foxglove Row', telephone = '0770090041{number}' "
        f"WHERE report_ref = '{ref}'"
    )


@pytest.mark.parametrize(("column", "is_excused"), [("surname", True), ("surname", False), ("date_of_birth", True)])
def test_a_renamed_column_mended_after_a_week_leaves_no_trace_in_the_tracker(
    tmp_path: Path, column: str, is_excused: bool
) -> None:
    control, renamed = Force(tmp_path / "control"), Force(tmp_path / "renamed")
    for force in (control, renamed):
        for number in range(9):
            reports_come(force, number)
        force.decide(decision(1, "2022-03-02T12:00:00+00:00", value="OPEN"))
    nights = week() if is_excused else [week()[0], week()[8]]  # nights that failed were no nights
    expected = last_tracker(control, nights)
    last_tracker(renamed, week()[:1])
    if is_excused:
        settings(renamed, f"absent_columns: [report_subject.{column}]")
    renamed.change(f"ALTER TABLE report_subject RENAME COLUMN {column} TO of_another_name")
    for night in week()[1:8]:
        if is_excused:
            last_tracker(renamed, [night])
        else:
            with pytest.raises(SourceError):
                pull(renamed.night(night))
    renamed.change(f"ALTER TABLE report_subject RENAME COLUMN of_another_name TO {column}")
    assert last_tracker(renamed, week()[8:]) == expected


# Keys


def test_a_source_that_holds_nothing_any_more_fails_the_night(force: Force) -> None:
    force.report()
    until_normalised(force.night(FIRST))
    force.change("DELETE FROM intelligence_report")
    with pytest.raises(SourceError, match="Of 1 reports landed before, the intelligence database no longer holds 1"):
        pull(force.night(SECOND))


def test_far_fewer_keys_fail_the_night_unless_the_site_accepts_it_and_then_no_other_night(force: Force) -> None:
    for number in range(20):
        force.report(f"31/2022/{number:06}")
    until_normalised(force.night(FIRST))
    force.change("DELETE FROM intelligence_report WHERE report_ref < '31/2022/000003'")
    with pytest.raises(SourceError, match="Of 20 reports landed before, the intelligence database no longer holds 3"):
        pull(force.night(SECOND))
    settings(force, f"shrinking_accepted_on: [{SECOND}]")
    assert {code for _, code in outside(until_normalised(force.night(SECOND)))} == {"KEY_VANISHED"}
    settings(force, "{}")
    assert {code for _, code in outside(until_normalised(force.night(THIRD)))} == {"KEY_VANISHED"}


def test_a_key_that_is_gone_is_told_until_it_is_back(force: Force) -> None:
    for number in range(3):
        force.report(f"31/2022/{number:06}")
    until_normalised(force.night(FIRST))
    force.change("CREATE TABLE kept AS SELECT * FROM intelligence_report WHERE report_ref = '31/2022/000002'")
    force.change("DELETE FROM intelligence_report WHERE report_ref = '31/2022/000002'")
    gone = until_normalised(force.night(SECOND))
    assert outside(gone) == {("31/2022/000002", "KEY_VANISHED")}
    assert len(mentions(gone)) == 3, "what is gone at the source was said all the same"
    force.change("INSERT INTO intelligence_report SELECT * FROM kept")
    assert outside(until_normalised(force.night(THIRD))) == set()


def test_an_empty_source_and_one_ten_times_as_large_are_told(force: Force) -> None:
    assert outside(until_normalised(force.night(FIRST))) == {("intelligence_report", "SOURCE_EMPTY")}
    force.report()
    assert outside(until_normalised(force.night(SECOND))) == set()
    for number in range(2, 11):
        force.report(f"31/2022/{number:06}", flags="BURGLARY")
    assert outside(until_normalised(force.night(THIRD))) == {("intelligence_report", "SOURCE_TEN_TIMES")}


# What comes late


def test_a_subject_that_comes_after_its_report_is_read_when_it_comes(force: Force) -> None:
    force.report(subjects=2)
    force.change("CREATE TABLE late AS SELECT * FROM report_subject WHERE subject_no = 2")
    force.change("DELETE FROM report_subject WHERE subject_no = 2")
    assert mentions(until_normalised(force.night(FIRST))) == {CHILD}
    assert until_normalised(force.night(SECOND)).rows("pull", "landed_report") == []
    force.change("INSERT INTO report_subject SELECT * FROM late")
    assert mentions(until_normalised(force.night(THIRD))) == {CHILD, f"intel:{REF}#2"}
    assert until_normalised(force.night("2022-03-05")).rows("pull", "landed_report") == []


def test_of_what_landed_before_only_what_is_not_as_it_landed_crosses_the_wire(
    force: Force, monkeypatch: pytest.MonkeyPatch
) -> None:
    refs = [f"31/2022/{number:06}" for number in range(1, 31)]
    for number, ref in enumerate(refs):
        force.report(ref, subjects=1 + number % 3, withdrawn_at=None if number % 2 else "")
    force.report(refs[4], version="2")
    until_normalised(force.night(FIRST))
    crossed: list[str] = []
    of_one = intelligence._Visit._as_texts
    monkeypatch.setattr(
        intelligence._Visit, "_as_texts", lambda *given: crossed.append(given[2].get("report_ref")) or of_one(*given)
    )
    pull(force.night(SECOND))
    assert [ref for ref in crossed if ref] == []
    force.report(refs[7], version="2", flags="BURGLARY")
    pull(force.night(SECOND))
    assert {ref for ref in crossed if ref} == {refs[7]}


@pytest.mark.parametrize(
    "change",
    [
        "flags = 'BURGLARY'",
        "flags = NULL",
        "status = 'suppressed '",
        "status = 'REJECTED'",
        "withdrawn_at = '2022-03-02T12:00:00+00:00'",
        "protective_marking = 'SECRET'",
    ],
)
def test_a_report_that_is_ended_in_its_place_without_a_new_version_supports_nothing_any_more(
    force: Force, change: str
) -> None:
    other = "31/2022/000009"
    force.report()
    force.report(other)
    through_the_gate(force, FIRST)
    force.change(f"UPDATE intelligence_report SET {change} WHERE report_ref = '{other}'")
    run = through_the_gate(force, SECOND)
    assert [row["withdrawn"] for row in run.rows("normalise", "mention")] == [False, True]
    after = through_the_gate(force, THIRD)
    assert after.rows("pull", "landed_report") == []
    assert [row["withdrawn"] for row in after.rows("normalise", "mention")] == [False, True]


@pytest.mark.parametrize("marking", ["TOP SECRET", None, "OFFICAL"])
def test_a_new_version_of_a_marking_that_may_not_be_held_ends_the_report_and_stops_no_night(
    force: Force, marking: str | None
) -> None:
    force.report()
    through_the_gate(force, FIRST)
    force.report(version="2", protective_marking=marking, updated_at="2022-03-02T12:00:00+00:00")
    for night in (SECOND, THIRD):
        run = through_the_gate(force, night)
        assert [row["withdrawn"] for row in run.rows("normalise", "mention")] == [True]


def through_the_gate(force: Force, night: str) -> Run:
    run = force.night(night)
    run_night(run, ("pull", "land", "normalise", "link", "reconcile", "validate"))
    return run


@pytest.mark.parametrize("gained", [{"version": "2", "flags": "BURGLARY"}, {"version": "2"}])
def test_a_version_more_is_seen_where_another_report_lost_one(force: Force, gained: dict[str, str]) -> None:
    other = "31/2022/000009"
    force.report()
    for version in ("1", "2"):
        force.report(other, version=version)
    until_normalised(force.night(FIRST))
    force.change(f"DELETE FROM intelligence_report WHERE report_ref = '{other}' AND version = 2")
    force.report(**gained)
    run = until_normalised(force.night(SECOND))
    assert [(row["report_ref"], row["version"]) for row in run.rows("pull", "landed_report")] == [(REF, "2")]


def test_a_lower_version_that_comes_late_changes_nothing(force: Force) -> None:
    force.report(version="2")
    until_normalised(force.night(FIRST))
    force.report(version="1", subjects=2)
    assert mentions(until_normalised(force.night(SECOND))) == {CHILD}


def surname(run: object) -> list[str]:
    return [row["surname"] for row in run.rows("normalise", "mention")]  # type: ignore[attr-defined]


def episode(surname: str) -> str:
    return f"{HEADER}MFH-00007,Robin,{surname},2022-02-27T10:00:00+00:00\n"


RIGHT, WRONG = episode("Ashdown"), episode("Elmhurst")


@pytest.mark.parametrize("names", [["20220301"] * 3, ["20220227", "20220228", "20220301"]])
def test_a_correction_that_brings_earlier_bytes_back_stands(force: Force, names: list[str]) -> None:
    force.report()
    for name, content, night in zip(names, (RIGHT, WRONG, RIGHT), (FIRST, SECOND, THIRD), strict=True):
        force.put(f"missing_episodes_{name}.csv", content)
        run = until_normalised(force.night(night))
    assert "ASHDOWN" in [text.upper() for text in surname(run)]
    assert "ELMHURST" not in [text.upper() for text in surname(run)]


def test_a_correction_that_brings_earlier_bytes_back_stands_where_all_came_at_once(force: Force) -> None:
    for day, content in (("20220226", RIGHT), ("20220227", WRONG), ("20220228", RIGHT)):
        force.put(f"missing_episodes_{day}.csv", content)
    assert [text.upper() for text in surname(until_normalised(force.night(FIRST)))] == ["ASHDOWN"]


def test_a_correction_stands_where_the_nights_between_failed(force: Force) -> None:
    for content, night in ((RIGHT, FIRST), (WRONG, SECOND)):
        force.put("missing_episodes_20220301.csv", content)
        for stage in (pull, land):
            stage(force.night(night))
    force.put("missing_episodes_20220301.csv", RIGHT)
    assert [text.upper() for text in surname(until_normalised(force.night(THIRD)))] == ["ASHDOWN"]


def test_the_opening_tracker_may_go_back_to_earlier_bytes_too(force: Force) -> None:
    for name, night in (("Ashdown", FIRST), ("Elmhurst", SECOND), ("Ashdown", THIRD)):
        force.spreadsheet(
            entry_ref="P7", status="Open to the team", date_added="12/10/2021", surname=name, given_names="Robin"
        )
        run = until_normalised(force.night(night))
    assert [text.upper() for text in surname(run)] == ["ASHDOWN"]


# Feeds that usually come


def test_a_feed_is_missed_by_its_own_rhythm_until_it_comes(force: Force) -> None:
    force.report()
    for day in ("0210", "0211", "0213", "0214", "0215", "0217", "0218"):
        force.put(f"missing_episodes_2022{day}.csv", RIGHT)
        force.put("panel_outcomes_20220110.csv", "outcome_ref\n")
    assert outside(until_normalised(force.night("2022-02-20"))) == set(), "two days between are usual"
    assert outside(until_normalised(force.night("2022-02-21"))) == {("missing_episodes", "FEED_OVERDUE")}
    force.put("missing_episodes_20220222.csv", RIGHT)
    assert outside(until_normalised(force.night("2022-02-22"))) == set()
