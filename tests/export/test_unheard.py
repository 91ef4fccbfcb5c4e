"""A child whose authority gets no record is a task for a person, with the reason, until somebody has seen to it."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tests.export.a_force import CONTRACTS, TONIGHT, Person, after, mention, report, rows_of, tables_of
from transforms.export.drops import Earlier, Outcome, drops

CITY = {"mash_city": CONTRACTS["mash_city"]}
BEFORE, SINCE = date(2022, 6, 1), date(2022, 6, 14)  # the meeting was on 7 June
S2 = [report(grade="2BC", handling="C", action_code="A2", sanitisation_code="S2", handling_conditions="Ask first")]


def outcome(person: Person, contracts=CITY, earlier=None, **tables) -> Outcome:
    return drops(tables_of(person, **tables), contracts, earlier or Earlier())


def reasons(found: Outcome) -> list[str]:
    return [row["reason_code"] for row in found.unheard]


def decided(action: str, place: str, on: date) -> dict:
    at = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
    common = {"decision_id": "D1", "decided_at": at, "decided_by": "sgt", "mention_key": mention()["mention_key"]}
    return rows_of("decision", common | {"action": action, "value": place, "reason": "Seen"})[0]


@pytest.mark.parametrize(
    ("given", "reports", "code"),
    [
        ({}, S2, "ORIGINATOR_APPROVAL"),
        ({}, [report(action_code="A1")], "COVERT_A1"),
        ({"restricted": True}, [], "RESTRICTED"),
        ({"disputed": True}, [], "DISPUTED"),
        ({"data_subject_category": "SUSPECT"}, [], "SUSPECT"),
    ],
)
def test_whatever_keeps_the_record_here_is_a_task_with_that_reason(given, reports, code):
    found = outcome(Person("P-1", given=given), reports=reports)
    assert found.disclosure == []
    assert reasons(found) == [code]
    (task,) = found.unheard
    assert task["what"].startswith(
        "No file tells children's services of Nottingham City Council (CITY). The child lives"
    )
    assert task["due_on"] == task["raised_on"] == date(2022, 5, 2)


def test_a_child_of_whom_the_authority_gets_a_record_is_none():
    assert outcome(Person("P-1")).unheard == []


def test_who_holds_a_record_that_is_kept_here_now_has_heard():
    first = outcome(Person("P-1"))
    later = outcome(Person("P-1", given={"restricted": True}), earlier=after(first, TONIGHT), as_of=date(2022, 6, 16))
    assert later.unheard == []


def test_without_a_valid_agreement_every_child_of_the_place_is_a_task():
    ended = replace(CITY["mash_city"].agreement, valid_to=BEFORE)
    found = outcome(Person("P-1"), {"mash_city": replace(CITY["mash_city"], agreement=ended)})
    assert reasons(found) == ["AGREEMENT_NOT_VALID"]


def test_a_place_without_a_contract_is_the_task_of_another_kind_and_not_this_one():
    assert outcome(Person("P-1", given={"restricted": True}), {}).unheard == []


@pytest.mark.parametrize(
    ("decision", "is_asked"),
    [
        (decided("PLACE_TOLD", "CITY", SINCE), False),
        (decided("PLACE_TOLD", "CITY", BEFORE), False),
        (decided("PLACE_TOLD", "COUNTY", SINCE), True),
        (decided("PLACE_NOT_TOLD", "CITY", SINCE), False),
        (decided("PLACE_NOT_TOLD", "CITY", BEFORE), True),  # a meeting was held since
        (decided("VISITED", "CITY", SINCE), True),
    ],
)
def test_it_is_done_once_the_place_was_told_and_rests_until_the_next_meeting_where_it_is_not_to_be(decision, is_asked):
    found = outcome(Person("P-1", given={"restricted": True}), decision=[decision])
    assert bool(found.unheard) is is_asked
