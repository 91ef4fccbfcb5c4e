"""Which authority has said that it has a child, and who keeps the child until the new one has?

To have been sent a file is not to have taken a child on. A duty to tell ends by the authority's own answer: an outcome
of its front door on our reference, or a person's word that it answered. Until the authority of a new home has answered,
the one of the old home keeps the child, and hears where the child went.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from expectations.plain import Row, grouped
from transforms.reconcile.routes import INFORMED_BY, POLICE, WHY, place_of
from transforms.tables import Tables

ANSWERED_BY = ("PLACE_ANSWERED",)
HOMES = ("HOME", "HOME_BEFORE")
PASSED_ON = "TRANSFERRED"  # it says that somebody else has to take the child on


def with_answers(tables: Tables, routes: list[Row]) -> list[Row]:
    """Rows of `route` with `began_on` and `answered_on`, and those of the authorities that keep a child who moved."""
    earlier = {(tables.now(row["person_id"]), row["role"], place_of(row)): row for row in tables.route_before}
    routed = {person for person, _, _ in earlier}
    answers = _answers(tables, routes)
    rows = [_answered(tables, row, earlier, answers, routed) for row in routes]
    by_person = grouped(rows, lambda row: row["person_id"])
    return rows + [
        {**_answered(tables, kept, earlier, answers, routed), "why": kept["why"]}
        for (person, role, _), row in earlier.items()
        if role in HOMES and (kept := _kept(tables, person, row, by_person[person]))
    ]


def _answered(
    tables: Tables, route: Row, earlier: dict[tuple[str, str, str], Row], answers: "Answers", routed: set[str]
) -> Row:
    person, place = route["person_id"], place_of(route)
    before = earlier.get((person, route["role"], place))
    began = (before["began_on"] or before["since"]) if before else None
    began = began or (tables.as_of - timedelta(days=1) if person in routed else route["since"])
    days = [day for day in answers[person, place] if day >= began]
    answered = (before or {}).get("answered_on") or min(days, default=None)
    return {**route, "began_on": began, "answered_on": answered}


def _kept(tables: Tables, person: str, before: Row, now: list[Row]) -> Row | None:
    """The route of an authority that was told while the child lived in its area; None where it keeps nobody."""
    homes = [row for row in now if row["role"] == "HOME"]
    is_there = any(row["authority"] == before["authority"] for row in now if row["role"] not in POLICE)
    if not homes or is_there or any(row["answered_on"] for row in homes) or not _was_informed(tables, person, before):
        return None
    to = (
        tables.site.places.name(homes[0]["authority"]) if homes[0]["authority"] else "the new authority, not yet known,"
    )
    return {**before, "person_id": person, "role": "HOME_BEFORE", "why": WHY["HOME_BEFORE"].format(to=to)}


def _was_informed(tables: Tables, person: str, route: Row) -> bool:
    by_hand = (row for row in tables.decisions_of.get(person, ()) if row["action"] in INFORMED_BY)
    place = place_of(route)
    return bool(place) and (place in tables.places_heard or any(row["value"] == place for row in by_hand))


Answers = dict[tuple[str, str], list[date]]


def _answers(tables: Tables, routes: list[Row]) -> Answers:
    """The days on which each place said that it has a child, by (person, place)."""
    found: Answers = defaultdict(list)
    for person, place, day in (*_of_front_doors(tables, routes), *_by_word(tables)):
        found[person, place].append(day)
    return found


def _of_front_doors(tables: Tables, routes: list[Row]) -> Iterator[tuple[str, str, date]]:
    """What front doors answered; one that does not say which it is counts where only one was asked."""
    asked: dict[str, set[str]] = defaultdict(set)
    for row in (*routes, *tables.route_before):
        if row["role"] not in POLICE and row["authority"]:
            asked[tables.now(row["person_id"])].add(row["authority"])
    for row in tables.mash_outcome:
        person, day = tables.person_by_ref.get(row["record_ref"] or ""), _day(tables, row)
        if person and day and row["outcome"] != PASSED_ON:
            named = tables.site.places.authority(row["authority"])
            places = {named.code} if named else asked[person] if not row["authority"] else set()
            if len(places) == 1:
                yield person, places.pop(), day


def _day(tables: Tables, mash_outcome: Row) -> date | None:
    """The day of an answer; of one that bears none the night on which it came."""
    received = tables.site.local_day(mash_outcome["received_at"]) if mash_outcome["received_at"] else None
    new = None if mash_outcome["outcome_ref"] in tables.outcomes_before else tables.as_of
    return mash_outcome["decided_on"] or received or new


def _by_word(tables: Tables) -> Iterator[tuple[str, str, date]]:
    """What a person recorded of an answer by telephone or letter."""
    for person, decisions in tables.decisions_of.items():
        for row in decisions:
            if row["action"] in ANSWERED_BY:
                yield person, row["value"], row["decided_on"]
