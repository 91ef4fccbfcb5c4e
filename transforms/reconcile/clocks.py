"""Which duties towards a child run, which are due today, and which are overdue?

Derived each night from what happened and what has not: a duty ends only by the record that it was done. Nothing is kept
of a clock itself.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, cached_property

import numpy as np

from expectations.clocks import CLOCKS
from expectations.plain import Row
from expectations.reference import codes, spelled
from expectations.site import Site
from transforms.normalise.moments import local_day
from transforms.reconcile.birthday import birthday_in
from transforms.reconcile.lifecycle import ON

RUNNING, DUE, OVERDUE = "RUNNING", "DUE", "OVERDUE"
CASES = ("PROPOSED", *ON)
PREPARED = timedelta(days=183)  # adult services hear half a year before the birthday


@dataclass(frozen=True)
class Known:
    """What the clocks look at: rows by contract, of one night.

    `referred` is the day on which a front door was first sent each person's record; `answered` those persons of whom a
    front door has answered since.
    """

    as_of: date
    site: Site
    child: Iterable[Row]
    person: Iterable[Row]
    missing_episode: Iterable[Row] = ()
    sca_referral: Iterable[Row] = ()
    action: Iterable[Row] = ()
    decision: Iterable[Row] = ()
    referred: Mapping[str, date] = field(default_factory=dict)
    answered: frozenset[str] = frozenset()

    @cached_property
    def persons(self) -> dict[str, str]:
        """person_id by mention key."""
        return {row["mention_key"]: row["person_id"] for row in self.person}

    @cached_property
    def episodes(self) -> dict[str, list[Row]]:
        """Missing episodes by person."""
        return self._by_person(self.missing_episode)

    @cached_property
    def heard(self) -> dict[str, list[Row]]:
        """What the competent authority sent, by person."""
        return self._by_person(self.sca_referral)

    @cached_property
    def decisions(self) -> dict[str, list[Row]]:
        """Decisions by person, in order of time."""
        return self._by_person(sorted(self.decision, key=lambda row: row["decided_at"]))

    @cached_property
    def actions(self) -> dict[str, list[Row]]:
        """Actions that are not done, by person."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.action:
            if row["done_on"] is None:
                found[row["person_id"]].append(row)
        return found

    def day(self, moment: date) -> date:
        """The day of a moment where the force is."""
        return local_day(moment, self.site.timezone)  # type: ignore[arg-type]

    def _by_person(self, rows: Iterable[Row]) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            if row["mention_key"] in self.persons:
                found[self.persons[row["mention_key"]]].append(row)
        return found


Times = Iterator[tuple[date, date | None]]
Rule = Callable[[Known, Row], Times]


def clocks(known: Known) -> list[Row]:
    """Rows person_id, clock, since, due, state: every duty that is not done, the most urgent kinds first."""
    rows = [
        {"person_id": child["person_id"], "clock": name, "since": since, "due": due, "state": _state(due, known.as_of)}
        for name, rule in RULES.items()
        for child in known.child
        for since, due in rule(known, child)
    ]
    order = list(CLOCKS)
    return sorted(rows, key=lambda row: (order.index(row["clock"]), row["due"] or date.max, row["person_id"]))


def _state(due: date | None, as_of: date) -> str:
    if due is None or due > as_of:
        return RUNNING
    return DUE if due == as_of else OVERDUE


def _missing_now(known: Known, child: Row) -> Times:
    for episode in _episodes(known, child):
        if episode["returned_at"] is None:
            since = known.day(episode["missing_from"])
            yield since, since


def _return_interview(known: Known, child: Row) -> Times:
    for episode in _episodes(known, child):
        if episode["returned_at"] is not None and episode.get("return_interview_on") is None:
            since = known.day(episode["returned_at"])
            yield since, due("RETURN_INTERVIEW", since)


def _episodes(known: Known, child: Row) -> list[Row]:
    return known.episodes.get(child["person_id"], []) if child["state"] in CASES else []


def _until(clock: str, done: str) -> Rule:
    """From joining the tracker until a column of the child is filled."""

    def rule(_known: Known, child: Row) -> Times:
        if child["state"] in ON and child[done] is None:
            yield child["added_on"], due(clock, child["added_on"])

    return rule


def _reasonable_grounds(_known: Known, child: Row) -> Times:
    if child["nrm_submitted_on"] and spelled("nrm_outcomes", child["nrm_outcome"]) in (None, "RG_PENDING"):
        yield child["nrm_submitted_on"], due("NRM_RG", child["nrm_submitted_on"])


def _conclusive_grounds(known: Known, child: Row) -> Times:
    if spelled("nrm_outcomes", child["nrm_outcome"]) in ("RG_POSITIVE", "CG_PENDING"):
        person = child["person_id"]
        outcomes = [(known.day(row["decided_at"]), row["value"]) for row in known.decisions.get(person, ())]
        outcomes += [(known.day(row["received_at"]), row["decision"]) for row in known.heard.get(person, ())]
        positive = [on for on, words in outcomes if spelled("nrm_outcomes", words) == "RG_POSITIVE"]
        since = max(positive, default=child["nrm_submitted_on"])
        if since:
            yield since, due("NRM_CG", since)


def _action(kind: str) -> Rule:
    def rule(known: Known, child: Row) -> Times:
        for row in known.actions.get(child["person_id"], ()):
            if row["kind"] == kind:
                yield row["raised_on"], row["due_on"]

    return rule


def _mash_answer(known: Known, child: Row) -> Times:
    referred = known.referred.get(child["person_id"])
    if referred and child["person_id"] not in known.answered:
        yield referred, due("MASH_ANSWER", referred)


def _concern(known: Known, child: Row) -> Times:
    referred = known.referred.get(child["person_id"])
    decisions = known.decisions.get(child["person_id"], ())
    if referred and not any(row["action"] == "CONCERN" for row in decisions):
        yield referred, due("CONCERN", referred)


def _turns_18(known: Known, child: Row) -> Times:
    birthday = child["attains_18_on"]
    if birthday and child["state"] in CASES and known.as_of <= birthday <= known.as_of + PREPARED:
        yield birthday - PREPARED, birthday


def _retention_review(known: Known, child: Row) -> Times:
    """From the last new record, or the last review, on."""
    reviews = [row for row in known.decisions.get(child["person_id"], ()) if row["action"] == "REVIEWED"]
    if reviews:
        last = reviews[-1]
        yield known.day(last["decided_at"]), date.fromisoformat(last["value"])
    elif child["last_seen_on"]:
        last, site = child["last_seen_on"], known.site
        yield last, birthday_in(last, last.year + site.review_years, site.leap_day_birthday)


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
    "CONCERN": _concern,
    "TURNS_18": _turns_18,
    "RETENTION_REVIEW": _retention_review,
}


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
