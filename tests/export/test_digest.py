"""What people read: once a week what changed since they read it, and the same night only what cannot wait."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.export.a_force import CONTRACTS, Person, after, mention, rows_of, tables_of
from tests.export.simulated import Simulated
from transforms.export.digest import SAYS, URGENT, WEEK
from transforms.export.drops import Earlier, Outcome, drops

MONDAY = date(2022, 6, 13)
GONE = {"mention_key": "missing:M-1", "missing_from": datetime(2022, 6, 15, 20, tzinfo=UTC), "risk": "HIGH"}


def kai(**given: Any) -> Person:
    """A boy whom the front door knows; `given` is what else is known of him by now."""
    return Person("P-1", [mention(involvement="INVOLVED", **given)])


def missing(boy: Person) -> Person:
    return Person(boy.person_id, [*boy.mentions, mention("missing:M-1", involvement=None)], boy.given)


class Week:
    """Nights from a Monday on, and what each brought to one recipient."""

    def __init__(self, name: str = "mash_city") -> None:
        self.contract = CONTRACTS[name]
        self.system = Simulated(self.contract)
        self.earlier = Earlier()

    def night(self, days: int, *people: Person, **tables: Any) -> tuple[str, list[str]]:
        """What the readable file says of a night, and the headings in it; nothing where there is none."""
        day = MONDAY + timedelta(days=days)
        outcome = drops(tables_of(*people, as_of=day, **tables), {self.contract.name: self.contract}, self.earlier)
        if self.contract.content == "changes":
            self.system.take(outcome)
            held = {row["record_ref"]: json.loads(row["content"]) for row in outcome.holding}
            assert self.system.held == held  # a system has every change the same night
        self.earlier = after(outcome, day)
        self.page = page_of(outcome)
        kind = next((name for name, words in SAYS.items() if words in self.page), "ALL" if self.page else "")
        return kind, [part.split("</h2>")[0].rsplit(": ")[-1] for part in self.page.split("<h2>")[1:]]


def page_of(outcome: Outcome) -> str:
    return next((text.decode() for name, text in outcome.files.items() if name.endswith("concern.html")), "")


def test_people_get_all_once_then_nothing_until_the_day_of_the_digest():
    week = Week()
    assert week.night(0, kai()) == ("ALL", ["new"])
    assert week.night(1, kai(school="Elm Academy")) == ("", [])
    assert week.night(2, kai(school="Elm Academy", telephone="+447700900123")) == ("", [])
    assert week.night(7, kai(school="Elm Academy", telephone="+447700900123")) == (WEEK, ["changed"])
    assert week.night(8, kai(school="Elm Academy", telephone="+447700900123")) == ("", [])
    assert week.night(14, kai(school="Elm Academy", telephone="+447700900123")) == ("", [])  # read already


def test_of_a_child_of_whom_something_changes_each_night_people_read_once_a_week():
    week = Week()
    read_on = [days for days in range(22) if week.night(days, kai(telephone=f"+4477009001{days:02d}"))[0]]
    assert read_on == [0, 7, 14, 21]


def test_the_digest_says_what_changed_since_people_read_of_the_child_last():
    week = Week()
    week.night(0, kai())
    week.night(1, kai(school="Elm Academy"))
    week.night(7, kai(school="Elm Academy", telephone="+447700900123"))
    changed = week.page.partition("What changed since you read of the child last")[2].partition("All else")[0]
    assert "Elm Academy" in changed
    assert "+447700900123" in changed
    assert "City North" not in changed


def test_a_birthday_alone_is_nothing_that_anybody_is_asked_to_read():
    week = Week()
    week.night(0, kai(date_of_birth=date(2007, 6, 15)))
    assert week.night(7, kai(date_of_birth=date(2007, 6, 15))) == ("", [])


def test_a_change_that_was_undone_before_anybody_read_it_is_told_to_nobody():
    week = Week()
    week.night(0, kai())
    week.night(1, kai(telephone="+447700900123"))
    week.night(2, kai())
    assert week.night(7, kai()) == ("", [])


def test_a_child_who_is_new_missing_or_back_is_read_of_the_same_night_and_not_again_on_the_day():
    week = Week()
    week.night(0, kai())
    new = Person("P-2", [mention("intel:31/2022/000002#1", surname="Moss")])
    assert week.night(1, kai(), new) == (URGENT, ["new"])
    away = rows_of("missing_episode", GONE)
    assert week.night(3, missing(kai()), new, missing_episode=away) == (URGENT, ["changed"])
    back = rows_of("missing_episode", GONE | {"returned_at": datetime(2022, 6, 17, 8, tzinfo=UTC)})
    assert week.night(5, missing(kai()), new, missing_episode=back) == (URGENT, ["changed"])
    assert week.night(7, missing(kai()), new, missing_episode=back) == ("", [])


def test_pressing_words_are_read_the_same_night_and_usual_ones_with_the_week():
    week = Week()
    week.night(0, kai())
    words = {"concern": "He owes them money.", "concern_on": MONDAY}
    usual = replace(kai(), given=words | {"concern_urgency": "ROUTINE"})
    pressing = replace(kai(), given=words | {"concern": "He was stabbed.", "concern_urgency": "IMMEDIATE"})
    assert week.night(1, usual) == ("", [])
    assert week.night(2, pressing) == (URGENT, ["changed"])


def test_a_child_who_left_the_tracker_is_read_of_with_the_week_in_the_words_of_the_ending():
    week = Week()
    week.night(0, kai())
    gone = replace(kai(), given={"state": "REMOVED", "removal_reason": "NO_LONGER_AT_RISK"})
    assert week.night(1, gone) == ("", [])
    assert week.night(7, gone) == (WEEK, ["ended"])
    assert "That closes nothing at your end" in week.page
    assert week.night(14, gone) == ("", [])


def test_a_list_goes_out_on_its_day_and_whole_when_one_of_its_children_goes_missing():
    week = Week("missing_from_home")
    contract = {"missing_from_home": week.contract}
    away = rows_of("missing_episode", GONE)
    nights = (
        (0, kai(), [], True),
        (1, kai(school="Elm"), [], False),
        (3, missing(kai()), away, True),
        (4, missing(kai()), away, False),
        (7, missing(kai()), away, True),
    )
    for days, boy, episodes, is_sent in nights:
        day = MONDAY + timedelta(days=days)
        outcome = drops(tables_of(boy, as_of=day, missing_episode=episodes), contract, week.earlier)
        assert [row["kind"] for row in outcome.outgoing] == (["SHARE", "MANIFEST"] if is_sent else []), days
        week.earlier = after(outcome, day)


@pytest.mark.parametrize(("school", "told"), [(None, []), ("Elm Academy", ["UPDATE"])])
def test_a_field_that_a_contract_did_not_have_before_is_told_where_it_says_something(school, told):
    """An upgrade sends nobody a whole register for the sake of an empty column."""
    contract = CONTRACTS["mash_city"]
    fields = {name: how for name, how in contract.fields.items() if name != "school"}
    people = Person("P-1", [mention(school=school)])
    first = drops(tables_of(people, as_of=MONDAY), {"mash_city": replace(contract, fields=fields)}, Earlier())
    second = drops(tables_of(people, as_of=MONDAY + timedelta(days=1)), {"mash_city": contract}, after(first, MONDAY))
    assert sorted({row["operation"] for row in second.disclosure}) == told
