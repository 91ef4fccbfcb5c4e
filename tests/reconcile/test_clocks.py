"""Which duties run, are due and are overdue: one row for each clock, and how each ends."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from expectations.actions import ACTIONS
from expectations.clocks import CLOCKS
from expectations.contracts import contract
from expectations.site import load
from transforms.reconcile.clocks import RULES, Duties, clocks, due

AS_OF = date(2023, 5, 20)
ME, EPISODE, REFERRAL = "P-000000ZOE1", "missing:EP-9", "sca:NRM-4"


def row(of: str, **given: Any) -> dict[str, Any]:
    return dict.fromkeys(contract(of).names) | given


def child(**given: Any) -> dict[str, Any]:
    settled = {
        "state": "OPEN", "added_on": date(2023, 1, 3), "visited_on": date(2023, 1, 4), "toolkit_on": date(2023, 1, 5),
        "nrm_submitted_on": date(2023, 1, 6), "nrm_outcome": "positive conclusive grounds",
    }  # fmt: skip
    return row("child", person_id=ME, **(settled | given))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def episode(**given: Any) -> dict[str, Any]:
    return row("missing_episode", mention_key=EPISODE, missing_from=at("2023-05-18T23:30"), **given)


def decision(on: str, action: str, value: str | None = None) -> dict[str, Any]:
    return row("decision", mention_key=EPISODE, decided_at=at(on), action=action, value=value)


def referred(informed_on: tuple[int, int] | None, **given: Any) -> dict[str, Any]:
    """A row of the listing of routes: a front door that was told of the child."""
    told = date(2023, *informed_on) if informed_on else None
    usual = {
        "person_id": ME,
        "role": "HOME",
        "authority": "E06000018",
        "began_on": date(2023, 1, 3),
        "informed_on": told,
    }
    return usual | {"answered_on": None, "is_baseline": False} | given


def running(one: dict[str, Any], **tables: Any) -> list[tuple[str, date, date | None, str]]:
    people = [{"mention_key": key, "person_id": ME} for key in (EPISODE, REFERRAL)]
    rows = clocks(Duties(as_of=AS_OF, site=load(), child=[one], person=people, **tables))
    return [(row["clock"], row["since"], row["due"], row["state"]) for row in rows]


def day(month: int, number: int) -> date:
    return date(2023, month, number)


@pytest.mark.parametrize(
    ("one", "tables", "expected"),
    [
        (child(), {"missing_episode": [episode()]}, ("MISSING_NOW", day(5, 19), day(5, 19), "OVERDUE")),
        (
            child(state="PROPOSED"),
            {"missing_episode": [episode(returned_at=at("2023-05-19T10:00"))]},
            ("RETURN_INTERVIEW", day(5, 19), day(5, 22), "RUNNING"),
        ),
        (child(visited_on=None, added_on=day(5, 6)), {}, ("VISIT", day(5, 6), day(5, 20), "DUE")),
        (child(toolkit_on=None), {}, ("TOOLKIT", day(1, 3), day(1, 31), "OVERDUE")),
        (child(nrm_submitted_on=None, nrm_outcome=None), {}, ("NRM_REFERRAL", day(1, 3), day(1, 10), "OVERDUE")),
        (
            child(nrm_submitted_on=day(5, 15), nrm_outcome=None),
            {},
            ("NRM_RG", day(5, 15), day(5, 22), "RUNNING"),
        ),
        (
            child(nrm_outcome="positive RG"),
            {"decision": [decision("2023-04-19T09:00", "NRM_DECISION", "positive RG")]},
            ("NRM_CG", day(4, 19), day(5, 19), "OVERDUE"),
        ),
        (
            child(nrm_outcome="RG positive"),
            {"sca_referral": [row("sca_referral", mention_key=REFERRAL, received_at=at("2023-04-20T08:00"),
                                  decision="RG positive")]},
            ("NRM_CG", day(4, 20), day(5, 20), "DUE"),
        ),
        (
            child(),
            {"action": [row("action", person_id=ME, kind="SCA_REFERRAL", raised_on=day(5, 1), due_on=day(5, 29))]},
            ("SCA_ACTION", day(5, 1), day(5, 29), "RUNNING"),
        ),
        (
            child(),
            {"action": [row("action", person_id=ME, kind="PANEL", raised_on=day(5, 1))]},
            ("PANEL_ACTION", day(5, 1), None, "RUNNING"),
        ),
        (child(), {"informed": [referred((5, 17))]}, ("MASH_ANSWER", day(5, 17), day(5, 22), "RUNNING")),
        (child(), {"informed": [referred((5, 2), began_on=day(5, 16))]},
         ("MASH_ANSWER", day(5, 16), day(5, 19), "OVERDUE")),
        (child(), {"informed": [referred((5, 16), role="POLICE_FOUND", authority="", force="33")]},
         ("FORCE_ANSWER", day(5, 16), day(5, 19), "OVERDUE")),
        (child(), {"informed": [referred((5, 18))]}, ("CONCERN", day(5, 18), day(5, 19), "OVERDUE")),
        (child(attains_18_on=day(8, 1)), {}, ("TURNS_18", day(1, 30), day(8, 1), "RUNNING")),
        (child(attains_18_on=AS_OF), {}, ("TURNS_18", date(2022, 11, 18), AS_OF, "DUE")),
        (child(last_seen_on=date(2017, 5, 20)), {}, ("RETENTION_REVIEW", date(2017, 5, 20), AS_OF, "DUE")),
        (
            child(state="REMOVED", last_seen_on=day(1, 1)),
            {"decision": [decision("2023-02-02T09:00", "REVIEWED", "2023-05-01")]},
            ("RETENTION_REVIEW", day(2, 2), day(5, 1), "OVERDUE"),
        ),
    ],
)  # fmt: skip
def test_a_duty_that_is_not_done_runs(one: Any, tables: Any, expected: tuple[Any, ...]) -> None:
    assert expected in running(one, **tables)


@pytest.mark.parametrize(
    ("one", "tables"),
    [
        (child(), {"missing_episode": [episode(returned_at=at("2023-05-19T10:00"), return_interview_on=AS_OF)]}),
        (child(state="REMOVED"), {"missing_episode": [episode()]}),
        (child(state="REMOVED", visited_on=None, toolkit_on=None, nrm_submitted_on=None, nrm_outcome=None), {}),
        (child(nrm_outcome="negative RG"), {}),
        (child(), {"action": [row("action", person_id=ME, kind="PANEL", raised_on=AS_OF, done_on=AS_OF)]}),
        (
            child(),
            {"informed": [referred((5, 1), answered_on=day(5, 3))],
             "decision": [decision("2023-05-02T09:00", "CONCERN", "Seen at the station")]},
        ),
        (child(), {"informed": [referred(None)]}),
        (child(), {"informed": [referred((5, 1), is_baseline=True)]}),
        (child(), {"informed": [referred((5, 1), role="HOME_BEFORE")]}),
        (child(), {"informed": [referred((5, 1), role="POLICE_HOME", force="33", answered_on=day(5, 3))]}),
        (child(attains_18_on=date(2024, 1, 1)), {}),
        (child(state="REMOVED", attains_18_on=day(8, 1)), {}),
    ],
)  # fmt: skip
def test_a_duty_that_is_done_or_is_not_ours_runs_no_more(one: Any, tables: Any) -> None:
    assert running(one, **tables) == []


def test_the_most_urgent_come_first() -> None:
    found = running(child(visited_on=None), missing_episode=[episode()], informed=[referred((5, 20))])
    assert [name for name, *_ in found] == ["MISSING_NOW", "VISIT", "MASH_ANSWER", "CONCERN"]


def test_each_front_door_that_was_told_is_chased_by_its_name() -> None:
    routes = [referred((5, 1)), referred((5, 2), role="FOUND", authority="E06000016", answered_on=day(5, 4)),
              referred((5, 3), role="PLACING", authority="E08000025")]  # fmt: skip
    rows = clocks(Duties(as_of=AS_OF, site=load(), child=[child()], informed=routes))
    assert [row["whom"] for row in rows if row["clock"] == "MASH_ANSWER"] == ["Nottingham City Council", "Birmingham"]


def test_a_force_that_was_told_is_chased_by_its_name_and_owes_no_words_of_ours() -> None:
    routes = [
        referred((5, 1), role=role, authority="", force=force)
        for role, force in (("POLICE_HOME", "33"), ("POLICE_FOUND", "20"))
    ]
    rows = clocks(Duties(as_of=AS_OF, site=load(), child=[child()], informed=routes))
    assert [(row["clock"], row["whom"]) for row in rows] == [
        ("FORCE_ANSWER", "Leicestershire"),
        ("FORCE_ANSWER", "West Midlands"),
    ]


@pytest.mark.parametrize(
    ("clock", "since", "expected"),
    [
        ("MASH_ANSWER", date(2023, 4, 6), date(2023, 4, 13)),  # Good Friday and Easter Monday lie between
        ("MASH_ANSWER", date(2023, 5, 20), date(2023, 5, 25)),  # counted from Monday
        ("NRM_RG", date(2026, 12, 24), date(2027, 1, 5)),
        ("RETURN_INTERVIEW", date(2023, 4, 6), date(2023, 4, 9)),  # 72 hours, holidays or not
    ],
)
def test_working_days_leave_out_weekends_and_bank_holidays(clock: str, since: date, expected: date) -> None:
    assert due(clock, since) == expected


def test_every_clock_has_its_rule_and_every_rule_its_clock() -> None:
    assert list(RULES) == list(CLOCKS)
    assert {clock.settled_by for clock in CLOCKS.values()} - {""} <= set(ACTIONS)
