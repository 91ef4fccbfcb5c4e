"""When a drop is due."""

from datetime import date, timedelta

import pytest

from expectations.recipients import Schedule
from tests.export.a_force import CONTRACTS, SITE, TONIGHT, Person, after, night, tables_of

MEETING = date(2022, 7, 5)  # the first Tuesday
PANEL = date(2022, 6, 16)  # the third Thursday


@pytest.mark.parametrize(
    ("schedule", "day", "last", "due"),
    [
        (Schedule("nightly"), TONIGHT, None, True),
        (Schedule("weekly", "Monday"), date(2022, 6, 13), None, True),
        (Schedule("weekly", "Monday"), date(2022, 6, 14), date(2022, 6, 13), False),
        (Schedule("weekly", "Monday"), date(2022, 6, 14), date(2022, 6, 12), True),  # Monday had no run
        (Schedule("after_meeting", days=1), MEETING + timedelta(days=1), None, True),
        (Schedule("after_meeting", days=1), MEETING, None, False),
        (Schedule("after_meeting", days=1), MEETING + timedelta(days=3), MEETING, True),
        (CONTRACTS["ccep"].schedule, PANEL - timedelta(days=7), None, True),
        (CONTRACTS["ccep"].schedule, PANEL - timedelta(days=6), PANEL - timedelta(days=7), False),
    ],
)
def test_a_drop_is_due_on_its_day_or_at_the_next_run_after_it(schedule, day, last, due):
    assert schedule.is_due(day, last, SITE.meeting) is due


def test_a_night_with_nothing_to_say_makes_no_file():
    state = tables_of(Person("P-1"))
    first = night(state, "pnd", "mash_city", "sca")
    second = night(
        tables_of(Person("P-1"), as_of=TONIGHT + timedelta(days=1)),
        *("pnd", "mash_city", "sca"),
        earlier=after(first, TONIGHT),
    )
    assert second.files == {}
    assert second.holding == first.holding
    assert second.sequence == first.sequence


def test_a_full_that_is_asked_for_comes_on_the_next_night_whatever_the_schedule():
    first = night(tables_of(Person("P-1")), "pnd")
    asked = tables_of(Person("P-1"), as_of=TONIGHT + timedelta(days=1))
    again = night(asked, "pnd", earlier=after(first, TONIGHT), full=("pnd",))
    assert [row["kind"] for row in again.outgoing] == ["FULL", "MANIFEST"]
    assert again.outgoing[0]["supersedes"] == first.outgoing[0]["file"]


def test_the_same_night_made_twice_is_the_same_to_the_byte():
    names = tuple(CONTRACTS)
    assert night(tables_of(Person("P-1")), *names, full=names) == night(tables_of(Person("P-1")), *names, full=names)
