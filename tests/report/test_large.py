"""A force with a thousand children has a report that opens anywhere, says how many there are, and names the rest."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.report import a_night as night
from tests.report.test_page import said
from transforms.report.page import page

BAR = 400_000  # bytes
STATES = ("OPEN", "VULNERABLE", "PROPOSED", "REMOVED", "DECLINED")
FRONT_DOORS = 100


def many(count: int):
    """So many children in every state, each of whom something is asked and held back, and a week of files."""
    people = [
        night.child(
            f"P-{number:010d}",
            STATES[number % 5],
            f"Surname{number}",
            "Robin",
            born="2008-05-05",
            added_on=night.day("2022-03-01"),
            removed_on=night.day("2022-10-01"),
            removal_reason="NO_LONGER_AT_RISK",
            proposed_on=night.day("2022-11-01"),
            declined_on=night.day("2022-11-01"),
            identified_on=night.day("2022-01-01"),
            address="12 Somewhere Gardens",
            school="Orchard Academy",
            mention_keys=["sca:S-1"],
        )
        for number in range(count)
    ]
    ids = [one["person_id"] for one in people]
    common = {"kind": "UNHEARD", "mention_key": "sca:S-1", "owner": "Team", "raised_on": night.day("2022-11-01")}
    unheard = [
        night.row("unheard", action_id=f"A:{one}", person_id=one, what=f"No file tells {one[-1]}.", **common)
        for one in ids[::5]
    ]
    kinds = ("ratify", "age", "authority")
    asked = [
        night.review(f"Q-{number:012d}", kinds[number % 3], "sca:S-1", "AGE_UNKNOWN: x", person_id=one)
        for number, one in enumerate(ids)
    ]
    held = [
        night.row("held_back", recipient=f"mash_{number % FRONT_DOORS}", person_id=one, field=field, reason=field)
        for number, one in enumerate(ids)
        for field in ("surname", "school")
    ]
    changed = [
        night.row("change", person_id=one, kind="UPDATED", cause="records", effective_on=night.AS_OF) for one in ids
    ]
    contents = night.a_night(child=people, review=asked, held_back=held, unheard=unheard, change=changed)
    nights = [(night.AS_OF - timedelta(days=back)).isoformat() for back in range(7)]
    files = [night.delivery(f"mash_{number}", run, "delivered") for number in range(FRONT_DOORS) for run in nights]
    return replace(contents, deliveries=files)


@pytest.fixture(scope="module")
def large() -> bytes:
    return page(many(1000))


def test_the_report_of_a_thousand_children_stays_below_the_bar(large):
    assert len(large) < BAR


@pytest.mark.parametrize(
    "sentence",
    [
        "400 children on the tracker",
        "On the tracker 400",
        "New cases to ratify 334",
        "309 more, who do not fit on one page",
        "Children of whom an authority hears nothing 200",
        "Held back: what was not sent, and why 2000",
    ],
)
def test_it_says_how_many_there_are_and_where_those_are_whom_it_does_not_name(large, sentence):
    assert sentence in said(large)


def test_a_force_of_ordinary_size_has_everybody_on_its_page():
    text = said(page(many(200)))
    assert "who do not fit on one page" not in text
    assert all(f"Surname{number} , Robin" in text for number in range(200))
