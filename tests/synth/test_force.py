"""The invented force: in the form of the inbound contract, the same for the same seed, and true to its own records."""

import csv
import hashlib
import json
import sqlite3
from collections import Counter
from datetime import date, timedelta

import pytest

from demo.synth import make_force
from demo.synth.calendar import takeover_of
from demo.synth.files import columns
from expectations.site import load

SITE = load()


@pytest.fixture(scope="module")
def force(tmp_path_factory):
    folder = tmp_path_factory.mktemp("force") / "made"
    make_force(folder, seed=5, children=24)
    return folder


def rows(folder, name):
    with (folder / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def asked(folder, query):
    with sqlite3.connect(f"file:{folder}/intelligence.sqlite?mode=ro", uri=True) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(query)]


def hashes(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_seed_makes_the_same_bytes_and_another_seed_another_force(tmp_path):
    for name, seed in (("one", 7), ("same", 7), ("other", 8)):
        make_force(tmp_path / name, seed=seed, children=5, start=date(2022, 1, 1), end=date(2022, 6, 30))
    assert hashes(tmp_path / "one") == hashes(tmp_path / "same")
    assert hashes(tmp_path / "one")["decisions.csv"] != hashes(tmp_path / "other")["decisions.csv"]


def test_every_source_has_the_columns_of_the_inbound_contract(force):
    for table, landed in (("intelligence_report", "landed_report"), ("report_subject", "landed_subject")):
        assert [row["name"] for row in asked(force, f"PRAGMA table_info({table})")] == columns(landed)
    assert list(rows(force, "decisions.csv")[0]) == columns("landed_decision")
    assert list(rows(force, "opening_tracker.csv")[0]) == columns("landed_opening")


def test_decisions_are_taken_at_meetings_from_two_in_the_afternoon_in_order(force):
    decided = [row["decided_at"] for row in rows(force, "decisions.csv")]
    assert decided == sorted(decided)
    for moment in decided:
        assert SITE.meeting.is_on(date.fromisoformat(moment[:10]))
        assert moment[11:13] == "14"


def test_every_decision_but_the_two_that_nobody_can_follow_names_a_labelled_mention(force):
    labelled = {row["mention_key"] for row in rows(force, "labels.csv")}
    given = rows(force, "decisions.csv")
    named = {key for row in given for key in (row["mention_key"], row["other_mention_key"]) if key}
    assert len(named - labelled - {row["mention_key"] for row in given if row["action"] == "SHARE_SUSPECT"}) == 1
    values_needed = {"RATIFY", "SET_STATUS", "SET_DOB", "SET_GENDER", "SET_AUTHORITY"}
    assert [row["action"] for row in given if row["action"] in values_needed and not row["value"]] == ["SET_GENDER"]


def test_linked_mentions_are_one_person_and_separated_ones_two(force):
    person = {row["mention_key"]: row["person"] for row in rows(force, "labels.csv")}
    for row in rows(force, "decisions.csv"):
        if row["action"] in ("LINK", "SEPARATE"):
            same = person[row["mention_key"]] == person[row["other_mention_key"]]
            assert same == (row["action"] == "LINK")


def test_every_label_is_a_mention_that_stands_in_the_data(force):
    subjects = asked(force, "SELECT report_ref, subject_no FROM report_subject")
    there = {f"intel:{row['report_ref']}#{row['subject_no']}" for row in subjects}
    there |= {f"opening:{row['entry_ref']}" for row in rows(force, "opening_tracker.csv")}
    keys = {"missing_episodes": ("missing", "episode_ref"), "btp_reports": ("btp", "report_ref")}
    keys |= {"panel_outcomes": ("panel", "outcome_ref")}
    for path in (force / "inbox").iterdir():
        feed = path.name.rsplit("_", 1)[0]
        if feed in keys:
            prefix, key = keys[feed]
            there |= {f"{prefix}:{row[key]}" for row in rows(force, f"inbox/{path.name}")}
        else:
            there |= {f"sca:{record['referral_ref']}" for record in json.loads(path.read_text())["records"]}
    assert {row["mention_key"] for row in rows(force, "labels.csv")} <= there


def test_the_balance_of_the_year_holds(force):
    figures = json.loads((force / "expected.json").read_text())
    assert figures["opening_2022"] + figures["added_2022"] - figures["removed_2022"] == figures["closing"]
    assert figures["open"] + figures["vulnerable"] == figures["closing"] == sum(figures["ages"].values())
    assert sum(figures["removed_by_reason"].values()) == figures["removed_2022"]


def test_a_verified_date_of_birth_ends_a_stay_on_the_birthday_and_no_other_does(force):
    leap_days = 0
    for row in rows(force, "truth_tracker.csv"):
        if row["removal_reason"] == "AGED_OUT" and row["dob_status"] == "VERIFIED":
            born, removed = date.fromisoformat(row["dob"]), date.fromisoformat(row["removed_on"])
            leap_days += (born.month, born.day) == (2, 29)
            assert removed == (
                date(born.year + 18, 3, 1) if born.day == 29 and born.month == 2 else born.replace(year=born.year + 18)
            )
        elif row["removed_on"]:
            assert SITE.meeting.is_on(date.fromisoformat(row["removed_on"]))
    assert leap_days == 1


def test_every_kind_of_trouble_of_the_inbound_contract_is_there(force):
    reports = asked(force, "SELECT * FROM intelligence_report")
    statuses = {row["status"] for row in reports}
    assert {"AUTHORISED", "DRAFT", "SUPPRESSED"} <= statuses
    assert {"SECRET", "OFFICIAL"} <= {row["protective_marking"] for row in reports}
    assert any(SITE.flag not in row["flags"] for row in reports)
    assert any(row["version"] == 2 for row in reports)
    assert any("<script>" in row["text"] for row in reports)
    assert {"3X5X2", "5X5X5"} == {row["grade_scheme"] for row in reports}
    assert any(row["intelligence_date"] < row["created_at"][:10] for row in reports)
    births = {row["date_of_birth"] for row in asked(force, "SELECT date_of_birth FROM report_subject")}
    assert {"", "1900-01-01"} <= births
    assert any(len(born) == 4 for born in births)
    actions = Counter(row["action"] for row in rows(force, "decisions.csv"))
    wanted = {"RATIFY", "DECLINE", "REMOVE", "REOPEN", "SET_STATUS", "RESTRICT", "DISPUTE", "SET_DOB", "LINK"}
    assert wanted | {"SHARE_SUSPECT", "SUSPECT_EVIDENCE", "ACTION_DONE"} <= set(actions)


def test_a_record_that_came_garbled_comes_again(force):
    sent = [row for path in (force / "inbox").glob("btp_reports_*") for row in rows(force, f"inbox/{path.name}")]
    garbled = [row["report_ref"] for row in sent if row["reported_at"] == "this morning"]
    assert garbled == ["BTP-00001"]
    assert Counter(row["report_ref"] for row in sent)["BTP-00001"] == 2


def test_references_that_stay_outside_are_those_whose_latest_version_cannot_be_read(force):
    outside = json.loads((force / "expected.json").read_text())["quarantined_refs"]
    assert outside
    for ref in outside:
        latest = asked(force, f"SELECT * FROM intelligence_report WHERE report_ref = '{ref}' ORDER BY version")[-1]
        no_conditions = latest["grade"].endswith("C") and not latest["handling_conditions"]
        no_such_day = latest["intelligence_date"].endswith("-02-30")
        assert latest["grade"] == "9ZQ" or no_conditions or latest["source_force"] == "ZZ" or no_such_day


@pytest.mark.parametrize(
    ("start", "end", "children"),
    [
        (date(2022, 1, 1), date(2022, 1, 20), 5),
        (date(2022, 6, 1), date(2022, 12, 31), 0),
        (date(2019, 5, 1), date(2021, 3, 31), 8),
        (date(2025, 10, 17), date(2027, 3, 21), 12),
    ],
)
def test_any_period_and_any_size_make_a_force_whose_figures_add_up(tmp_path, start, end, children):
    figures = make_force(tmp_path / "force", children=children, start=start, end=end)
    year = end.year
    moved = figures[f"opening_{year}"] + figures[f"added_{year}"] - figures[f"removed_{year}"]
    assert moved == figures["closing"]
    stamps = asked(
        tmp_path / "force", "SELECT min(updated_at) AS first, max(updated_at) AS last FROM intelligence_report"
    )
    assert start.isoformat() <= stamps[0]["first"][:10] <= stamps[0]["last"][:10] <= end.isoformat()


def test_the_spreadsheet_is_taken_over_at_the_end_of_the_year_before_or_nine_months_after_the_start():
    assert takeover_of(date(2021, 4, 1), date(2022, 11, 22)) == date(2021, 12, 31)
    assert takeover_of(date(2025, 10, 17), date(2027, 3, 21)) == date(2026, 7, 18)
    assert takeover_of(date(2022, 6, 1), date(2022, 12, 31)) == date(2022, 6, 1) - timedelta(days=1)


def test_another_forces_site_gives_its_own_areas_and_flag(tmp_path):
    from dataclasses import replace

    site = replace(SITE, force_code="14", flag="CL", policing_areas={"Dales": "COUNTY"})
    make_force(tmp_path / "force", children=4, site=site)
    reports = asked(tmp_path / "force", "SELECT report_ref, policing_area, flags FROM intelligence_report")
    assert {row["policing_area"] for row in reports} == {"Dales"}
    assert {row["report_ref"][:3] for row in reports} == {"14/"}


def test_the_expected_figures_have_the_keys_that_people_compare(force):
    figures = json.loads((force / "expected.json").read_text())
    assert list(figures) == [
        *("as_of", "reports_fy_2021_22", "reports_fy_2022_23_to_date", "opening_2022", "added_2022", "removed_2022"),
        *("closing", "distinct_2022", "open", "vulnerable", "male", "female", "ages", "youngest"),
        *("removed_by_reason", "quarantined_refs"),
    ]
