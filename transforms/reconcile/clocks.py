"""Which duties towards a child run, which are due today, and which are overdue?

Derived each night from what happened and what has not: a duty ends only by the record that it was done. Nothing is kept
of a clock itself.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, cached_property
from typing import NamedTuple

import numpy as np

from expectations.agreed import CASE_STATES, ON_TRACKER
from expectations.clocks import CLOCKS
from expectations.plain import Row, grouped
from expectations.reference import codes, nrm_outcome
from transforms.export.routed import ANSWERING, POLICE
from transforms.reconcile.birthday import birthday_in
from transforms.tables import Tables

RUNNING, DUE, OVERDUE = "RUNNING", "DUE", "OVERDUE"
PREPARED = timedelta(days=183)  # adult services hear half a year before the birthday


@dataclass(frozen=True, kw_only=True)
class Duties(Tables):
    """The tables that the clocks look at; `informed` are rows of the listing of routes, with who has heard."""

    informed: list[Row] = field(default_factory=list)

    @cached_property
    def episodes_of(self) -> dict[str, list[Row]]:
        """Missing episodes by person."""
        return self.of_persons(self.missing_episode)

    @cached_property
    def heard_of(self) -> dict[str, list[Row]]:
        """What the competent authority sent, by person."""
        return self.of_persons(self.sca_referral)

    @cached_property
    def referred(self) -> dict[str, list[Row]]:
        """Routes by which a child was referred, by person: not what the places knew when we began."""
        fronts = (one for one in self.informed if one["role"] in ANSWERING and one["informed_on"])
        return grouped((one for one in fronts if not one["is_baseline"]), lambda front: front["person_id"])

    @cached_property
    def actions_of(self) -> dict[str, list[Row]]:
        """Actions that are not done, by person."""
        return grouped((row for row in self.action if row["done_on"] is None), lambda row: row["person_id"])

    def last_review(self, person: str) -> Row | None:
        """The last decision that what is kept of a person was reviewed."""
        return next((row for row in reversed(self.in_force_on(person)) if row["action"] == "REVIEWED"), None)


class Time(NamedTuple):
    """Since when a duty runs, by when it is due, and whose answer it waits for where it is somebody else's."""

    since: date
    due: date | None
    whom: str = ""


Times = Iterator[Time]
Rule = Callable[[Duties, Row], Times]


def clocks(duties: Duties) -> list[Row]:
    """Rows person_id, clock, since, due, state, whom: every duty that is not done, the most urgent kinds first."""
    rows = [row for name in RULES for child in duties.child for row in _running(name, duties, child)]
    order = list(CLOCKS)
    return sorted(rows, key=lambda row: (order.index(row["clock"]), row["due"] or date.max, row["person_id"]))


def reviews(duties: Duties, people: Iterable[Row]) -> list[Row]:
    """Rows of the same columns: when what is kept of people is looked at again, by their `last_seen_on`."""
    return [row for person in people for row in _running("RETENTION_REVIEW", duties, person)]


def _running(name: str, duties: Duties, person: Row) -> Iterator[Row]:
    for time in RULES[name](duties, person):
        yield {
            "person_id": person["person_id"],
            "clock": name,
            **time._asdict(),
            "state": _state(time.due, duties.as_of),
        }


def _state(due: date | None, as_of: date) -> str:
    if due is None or due > as_of:
        return RUNNING
    return DUE if due == as_of else OVERDUE


def _missing_now(duties: Duties, child: Row) -> Times:
    for episode in _episodes(duties, child):
        if episode["returned_at"] is None:
            since = duties.site.local_day(episode["missing_from"])
            yield Time(since, since)


def _return_interview(duties: Duties, child: Row) -> Times:
    for episode in _episodes(duties, child):
        if episode["returned_at"] is not None and episode.get("return_interview_on") is None:
            since = duties.site.local_day(episode["returned_at"])
            yield Time(since, due("RETURN_INTERVIEW", since))


def _episodes(duties: Duties, child: Row) -> list[Row]:
    return duties.episodes_of.get(child["person_id"], []) if child["state"] in CASE_STATES else []


def _until(clock: str, done: str) -> Rule:
    """From joining the tracker until a column of the child is filled."""

    def rule(_known: Duties, child: Row) -> Times:
        if child["state"] in ON_TRACKER and child[done] is None:
            yield Time(child["added_on"], due(clock, child["added_on"]))

    return rule


def _reasonable_grounds(_known: Duties, child: Row) -> Times:
    if child["nrm_submitted_on"] and nrm_outcome(child["nrm_outcome"]) in (None, "RG_PENDING"):
        yield Time(child["nrm_submitted_on"], due("NRM_RG", child["nrm_submitted_on"]))


def _conclusive_grounds(duties: Duties, child: Row) -> Times:
    if nrm_outcome(child["nrm_outcome"]) in ("RG_POSITIVE", "CG_PENDING"):
        person = child["person_id"]
        outcomes = [(duties.site.local_day(row["decided_at"]), row["value"]) for row in duties.in_force_on(person)]
        heard = duties.heard_of.get(person, ())
        outcomes += [(duties.site.local_day(row["received_at"]), row["decision"]) for row in heard]
        positive = [on for on, words in outcomes if nrm_outcome(words) == "RG_POSITIVE"]
        since = max(positive, default=child["nrm_submitted_on"])
        if since:
            yield Time(since, due("NRM_CG", since))


def _action(kind: str) -> Rule:
    def rule(duties: Duties, child: Row) -> Times:
        for row in duties.actions_of.get(child["person_id"], ()):
            if row["kind"] == kind:
                yield Time(row["raised_on"], row["due_on"])

    return rule


def _mash_answer(duties: Duties, child: Row) -> Times:
    for front in _front_doors(duties, child):
        if front["answered_on"] is None:
            yield _unanswered("MASH_ANSWER", front, duties.site.places.name(front["authority"]))


def _force_answer(duties: Duties, child: Row) -> Times:
    for heard in duties.referred.get(child["person_id"], ()):
        if heard["role"] in POLICE and heard["answered_on"] is None:
            yield _unanswered("FORCE_ANSWER", heard, duties.site.places.force_name(heard["force"]))


def _front_doors(duties: Duties, child: Row) -> Iterator[Row]:
    return (heard for heard in duties.referred.get(child["person_id"], ()) if heard["role"] not in POLICE)


def _unanswered(clock: str, heard: Row, whom: str) -> Time:
    since = max(heard["informed_on"], heard["began_on"] or heard["informed_on"])
    return Time(since, due(clock, since), whom)


def _concern(duties: Duties, child: Row) -> Times:
    informed = [front["informed_on"] for front in _front_doors(duties, child)]
    decisions = duties.in_force_on(child["person_id"])
    if informed and not any(row["action"] == "CONCERN" for row in decisions):
        yield Time(min(informed), due("CONCERN", min(informed)))


def _turns_18(duties: Duties, child: Row) -> Times:
    birthday = child["attains_18_on"]
    if birthday and child["state"] in CASE_STATES and duties.as_of <= birthday <= duties.as_of + PREPARED:
        yield Time(birthday - PREPARED, birthday)


def _retention_review(duties: Duties, somebody: Row) -> Times:
    """From the last new record, or the last review, on."""
    decided = duties.last_review(somebody["person_id"])
    if decided:
        yield Time(duties.site.local_day(decided["decided_at"]), date.fromisoformat(decided["value"]))
    elif somebody["last_seen_on"]:
        last, site = somebody["last_seen_on"], duties.site
        yield Time(last, birthday_in(last, last.year + site.review_years, site.leap_day_birthday))


RULES: dict[str, Rule] = {
    "MISSING_NOW": _missing_now,
    "RETURN_INTERVIEW": _return_interview,
    "VISIT": _until("VISIT", "visited_on"),
    "TOOLKIT": _until("TOOLKIT", "toolkit_on"),
    "NRM_REFERRAL": _until("NRM_REFERRAL", "nrm_submitted_on"),
    "NRM_RG": _reasonable_grounds,
    "NRM_CG": _conclusive_grounds,
    "SCA_ACTION": _action("SCA_REFERRAL"),
    "PANEL_ACTION": _action("PANEL"),
    "MASH_ANSWER": _mash_answer,
    "FORCE_ANSWER": _force_answer,
    "CONCERN": _concern,
    "TURNS_18": _turns_18,
    "RETENTION_REVIEW": _retention_review,
}


@cache
def due(clock: str, since: date) -> date:
    """The day on which a clock that began on a day runs out."""
    agreed = CLOCKS[clock]
    days = agreed.days or 0
    if not agreed.working:
        return since + timedelta(days=days)
    ends: date = np.busday_offset(since, days, roll="forward", holidays=_bank_holidays()).astype(object)
    return ends


@cache
def _bank_holidays() -> list[str]:
    return [row["day"] for row in codes("bank_holidays")]
