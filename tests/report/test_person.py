"""Everything of one person: what stands, what else was recorded, in the words of the reports, and who was told."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from connectors.register.database import LogEntry, log, writing
from expectations.contracts import contract
from expectations.site import load
from night.person import NobodyOfThatId, person_of
from tests.report.a_home import a_home
from tests.report.a_night import OKAFOR, PROPOSED
from transforms.normalise.reasons import WARNINGS
from transforms.report.person import Change, Event, Held, Value, as_text, person

SITE = load()
NIGHT = date(2023, 5, 20)
ME = "P-000000ZOE1"


def row(of: str, **given: Any) -> dict[str, Any]:
    return dict.fromkeys(contract(of).names) | given


def mention(key: str, on: date, **given: Any) -> dict[str, Any]:
    ordinary = {"source": "intelligence", "record_ref": key.split(":")[1].split("#")[0], "recorded_on": on,
                "role": "CHILD", "withdrawn": False, "dob_status": "STATED"}  # fmt: skip
    return row("mention", mention_key=key, **(ordinary | given))


MENTIONS = [
    mention("intel:47/2023/000311#1", date(2023, 5, 3), given_names="Zoe", surname="Marsh", alias="Ferret",
            postcode="S1 2AB", grade="2BP"),
    mention("missing:EP-7", date(2023, 5, 9), source="missing_episodes", given_names="Zoe", surname="Marsh",
            postcode="S9 9ZZ"),
    mention("intel:47/2023/000290#2", date(2023, 4, 1), given_names="Zoe", surname="March", withdrawn=True),
]  # fmt: skip
HELD = Held(
    ME,
    NIGHT,
    SITE,
    {
        "mention": MENTIONS,
        "fact": [row("fact", field="postcode", value="S1 2AB", status="STATED", mention_key="intel:47/2023/000311#1",
                     recorded_on=date(2023, 5, 3))],
        "missing_episode": [row("missing_episode", mention_key="missing:EP-7", risk="HIGH",
                                missing_from=datetime(2023, 5, 9, 19, tzinfo=UTC))],
        "review": [row("review", kind="age", why="AGE_UNKNOWN", is_open=is_open) for is_open in (True, False)],
        "action": [row("action", kind="sca", done_on=None), row("action", kind="sca", done_on=NIGHT)],
        "decision": [row("decision", decision_id="D-8", decided_at=datetime(2023, 5, 9, 23, 30, tzinfo=UTC),
                         action="DISPUTE", decided_by="sgt.9", reason="Says it was her sister")],
    },
    reports=[row("report", report_ref="47/2023/000311", location="bus station")
             | {"title": "At the station", "text": "Ferret was seen."}],
    changes=[{"noticed_on": NIGHT, "fields": ["postcode"], "cause": "records",
              "before": {"postcode": "S3 3AA"}, "after": {"postcode": "S1 2AB"}}],
)  # fmt: skip


def test_a_fact_that_stands_is_followed_by_what_else_was_recorded() -> None:
    assert person(HELD).values == [
        Value("postcode", "S1 2AB", "stated", "Intelligence report 47/2023/000311", date(2023, 5, 3), True, "2BP"),
        Value("postcode", "S9 9ZZ", "recorded", "Missing episode EP-7", date(2023, 5, 9), False),
    ]


def test_every_record_and_decision_stands_on_the_timeline_the_latest_first() -> None:
    assert [(event.on.day, event.reference, event.withdrawn) for event in person(HELD).events] == [
        (10, "D-8", False),
        (9, "missing:EP-7", False),
        (3, "intel:47/2023/000311#1", False),
        (1, "intel:47/2023/000290#2", True),
    ]


def test_a_report_is_shown_in_its_own_words() -> None:
    (event,) = [event for event in person(HELD).events if event.reference == "intel:47/2023/000311#1"]
    assert (event.title, event.text) == ("At the station", "Ferret was seen.")
    assert ("Location", "bus station") in event.values


def test_a_record_of_a_feed_shows_each_of_its_columns() -> None:
    (event,) = [event for event in person(HELD).events if event.reference == "missing:EP-7"]
    assert {"Missing from": "9 May 2023, 20:00", "Risk": "HIGH"}.items() <= dict(event.values).items()


def test_what_could_not_be_read_of_a_record_is_told_beside_it_in_a_sentence() -> None:
    garbled = mention("missing:EP-7", date(2023, 5, 9), source="missing_episodes", warnings=["DOB_PLACEHOLDER"])
    (event,) = person(replace(HELD, tables={**HELD.tables, "mention": [garbled], "decision": []})).events
    assert dict(event.values)["Could not be read"] == WARNINGS["DOB_PLACEHOLDER"]


def test_what_a_partner_answers_under_our_reference_is_on_the_timeline() -> None:
    outcome = row(
        "mash_outcome",
        outcome_ref="O-7",
        record_ref="CL-0123456789AB",
        received_at=datetime(2023, 5, 12, 23, 30, tzinfo=UTC),
        outcome="SECTION_47",
        decided_on=date(2023, 5, 12),
    )
    allocation = row("guardian_allocation", allocation_ref="A-3", record_ref="CL-0123456789AB", kind="DIRECT")
    tables = {**HELD.tables, "mash_outcome": [outcome], "guardian_allocation": [allocation]}
    undated, replied, *_ = person(replace(HELD, tables=tables)).events
    assert (undated.on, undated.reference) == (NIGHT, "A-3"), "without a day it is not lost"
    assert (replied.on, replied.kind, replied.reference) == (date(2023, 5, 13), "Outcome of a referral", "O-7")
    assert dict(replied.values)["Decided on"] == "12 May 2023"


def test_a_decision_is_shown_with_its_reason_and_who_made_it() -> None:
    assert person(HELD).events[0] == Event(
        date(2023, 5, 10), "Disputed", "D-8", text="Says it was her sister", values=(("Decided by", "sgt.9"),)
    )


def test_a_change_says_from_what_to_what() -> None:
    assert person(HELD).changes == [Change(NIGHT, "postcode", "S3 3AA", "S1 2AB", "records")]


def test_only_what_is_open_needs_somebody() -> None:
    found = person(HELD)
    assert (len(found.questions), len(found.actions)) == (1, 1)


def test_somebody_who_is_no_case_is_headed_by_the_name_most_recorded() -> None:
    assert person(HELD).heading == {"surname": "Marsh", "given_names": "Zoe", "person_id": ME}
    assert person(HELD).names == ["Zoe Marsh", "Ferret", "Zoe March"]


def test_the_page_for_a_terminal_has_every_section() -> None:
    text = as_text(person(HELD))
    for said in ("Ferret was seen.", "S3 3AA → S1 2AB", "also Postcode: S9 9ZZ", "WITHDRAWN", "Disclosed\nnone"):
        assert said in text


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = a_home(tmp_path_factory.mktemp("home"))
    with writing(made.register) as connection:
        detail = '{"operation": "CREATE", "agreement": "ISA-1", "fields": ["surname"]}'
        disclosed = LogEntry("DISCLOSURE", "nightly", "CL-1", OKAFOR, "mash_county", "f" * 64, str(made.as_of), detail)
        log(connection, [disclosed])
    return made


def test_a_person_is_read_from_a_night_by_their_id_or_the_trackers(run: Any) -> None:
    found = person_of(run, OKAFOR)
    assert found == person_of(run, found.child["tracker_id"])
    assert {event.reference for event in found.events} >= {"intel:31/2022/000100#1"}
    (row,) = found.disclosures
    assert (row["recipient"], row["operation"]) == ("Multi-Agency Safeguarding Hub, Nottinghamshire County", "CREATE")


def test_a_proposed_child_has_a_page_too(run: Any) -> None:
    assert person_of(run, PROPOSED).child["state"] == "PROPOSED"


def test_an_id_that_nobody_has_is_a_sentence(run: Any) -> None:
    with pytest.raises(NobodyOfThatId, match="No record names P-NOBODY0001"):
        person_of(run, "P-NOBODY0001")
