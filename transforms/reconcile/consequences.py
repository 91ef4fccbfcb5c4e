"""What would a decision do that a person has to see first?

Some decisions cannot be taken back once they have reached a partner: two children made one, a child aged out by a slip
of the hand, a child's name given to a panel as a suspect's. Such a decision is held with its consequence in a sentence,
until a person confirms it. The same sentences are shown before the answer is recorded.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from itertools import product

from expectations.plain import Row, grouped
from expectations.site import Site
from transforms.link.model.groups import births_agree
from transforms.reconcile.birthday import age_at, attains_18_on, may_be_under_18

NEEDS_CONFIRMATION = "NEEDS_CONFIRMATION"
CONFIRMED_BY = ("CONFIRM",)
BY_LABELS = "reviewer"  # the origin of answers that are true by construction: they count as confirmed
OLDEST, YOUNGEST = 25, 5  # years: whoever is older or younger than this on the tracker is a slip of the hand
ON_TRACKER_BY = ("RATIFY",)
SUBJECTS = "intelligence"  # the source of which one record names several people


@dataclass(frozen=True)
class Facts:
    """What is known of the people whom decisions name.

    `persons` is the person of each mention as people see it when they decide: by the last night, or singly. `mentions`
    are rows of `mention` by key, `decisions` all that are known, with `decided_on`, their local date, and `entries` the
    tracker ids by person.
    """

    site: Site
    mentions: Mapping[str, Row]
    persons: Mapping[str, str]
    decisions: list[Row]
    entries: Mapping[str, str] = field(default_factory=dict)

    def person(self, key: str) -> str:
        """Whom a mention names; itself where no night has seen it yet."""
        return self.persons.get(key, key)

    @cached_property
    def mentions_of(self) -> dict[str, list[Row]]:
        """Mentions by the person whom they name, in order of key."""
        rows = (row for _, row in sorted(self.mentions.items()))
        return grouped(rows, lambda row: self.person(row["mention_key"]))

    @cached_property
    def decisions_of(self) -> dict[str, list[Row]]:
        """Decisions by the person whom they name first, in order of time."""
        rows = (row for row in sorted(self.decisions, key=_order) if row["mention_key"])
        return grouped(rows, lambda row: self.person(row["mention_key"]))


@dataclass(frozen=True)
class Side:
    """One person of a link: their mentions, the name of their tracker entry, the dates of birth that were verified."""

    mentions: Sequence[Row]
    entry: str
    verified: frozenset[date]


def reference(decision: Row) -> str:
    """What a confirmation of a decision names."""
    return f"decision:{decision['decision_id']}"


def confirmed(decisions: Iterable[Row], site: Site) -> dict[str, Row]:
    """The confirmation of each decision that has one that counts, by decision_id."""
    known = {reference(row): row for row in decisions}
    by_whom = [(row, known.get(row["value"] or "")) for row in known.values() if row["action"] in CONFIRMED_BY]
    return {
        about["decision_id"]: row
        for row, about in by_whom
        if about and not (site.confirmed_by_another and row["decided_by"] == about["decided_by"])
    }


def held(facts: Facts, actions: Iterable[str]) -> dict[str, str]:
    """The consequence of each decision of these actions that waits for a confirmation, by decision_id.

    Links are looked at in the order in which they were decided: two that together would join two people whom one alone
    would not are seen as what they come to.
    """
    through = confirmed(facts.decisions, facts.site)
    found = {}
    for row in sorted(facts.decisions, key=_order):
        if row["action"] not in CONSEQUENCES or row["action"] not in actions:
            continue
        what = "" if row["decision_id"] in through or row["origin"] == BY_LABELS else consequence(facts, row)
        if what and not _is_superseded(facts, row):
            found[row["decision_id"]] = what
        elif row["action"] == "LINK":
            facts = united(facts, row)
    return found


def _order(row: Row) -> tuple[datetime, str]:
    return row["decided_at"], row["decision_id"]


def _is_superseded(facts: Facts, decision: Row) -> bool:
    """True where a later decision on the same matter stands in its place."""
    later = [row for row in facts.decisions if _order(row) > _order(decision)]
    return any(row["action"] in SUPERSEDED_BY[decision["action"]](facts, decision, row) for row in later)


def _on_the_pair(_facts: Facts, decision: Row, later: Row) -> tuple[str, ...]:
    sides = [{row["mention_key"], row["other_mention_key"]} for row in (decision, later)]
    return ("SEPARATE",) if sides[0] == sides[1] else ()


def _of_birth(facts: Facts, decision: Row, later: Row) -> tuple[str, ...]:
    return ("SET_DOB",) if _are_of_one(facts, decision, later) else ()


def _to_the_panel(facts: Facts, decision: Row, later: Row) -> tuple[str, ...]:
    return ("UNSHARE_SUSPECT",) if _are_of_one(facts, decision, later) and decision["value"] == later["value"] else ()


def _are_of_one(facts: Facts, decision: Row, later: Row) -> bool:
    return facts.person(decision["mention_key"]) == facts.person(later["mention_key"] or "")


SUPERSEDED_BY: dict[str, Callable[[Facts, Row, Row], tuple[str, ...]]] = {
    "LINK": _on_the_pair,
    "SET_DOB": _of_birth,
    "SHARE_SUSPECT": _to_the_panel,
}


def consequence(facts: Facts, decision: Row) -> str:
    """What a decision would do that a person has to see first, in one sentence; empty where there is nothing."""
    foresee = CONSEQUENCES.get(decision["action"])
    return foresee(facts, decision) if foresee else ""


def united(facts: Facts, decision: Row) -> Facts:
    """The facts once a link is carried out."""
    into, other = facts.person(decision["mention_key"]), facts.person(decision["other_mention_key"])
    if into == other:
        return facts
    keys = {*facts.persons, decision["mention_key"], decision["other_mention_key"]}
    persons = {key: into if facts.person(key) == other else facts.person(key) for key in keys}
    entry = facts.entries.get(into) or facts.entries.get(other)
    return replace(facts, persons=persons, entries={**facts.entries, **({into: entry} if entry else {})})


def _link(facts: Facts, decision: Row) -> str:
    one, other = (facts.person(decision[name]) for name in ("mention_key", "other_mention_key"))
    if one == other:
        return ""
    ours, theirs = _side(facts, one), _side(facts, other)
    if ours.entry and theirs.entry:
        return f"This makes one child of two entries of the tracker, {ours.entry} and {theirs.entry}."
    records = {(row["record_ref"], row["source"]) for row in ours.mentions if row["source"] == SUBJECTS}
    both = sorted({row["record_ref"] for row in theirs.mentions if (row["record_ref"], row["source"]) in records})
    if both:
        return f"This makes one person of two who are named side by side in report {both[0]}."
    if ours.verified and theirs.verified and not any(_agree(a, b) for a, b in product(ours.verified, theirs.verified)):
        return (
            f"This makes one child of two with different verified dates of birth, {_spoken(ours.verified)} and "
            f"{_spoken(theirs.verified)}, which no slip of the pen explains."
        )
    return ""


def _side(facts: Facts, person: str) -> Side:
    mentions = facts.mentions_of.get(person, ())
    ratified = [row["decision_id"] for row in facts.decisions_of.get(person, ()) if row["action"] in ON_TRACKER_BY]
    taken_over = [row["mention_key"] for row in mentions if row["source"] == "opening"]
    names = [facts.entries.get(person, ""), *taken_over, *(f"the one of decision {name}" for name in ratified)]
    return Side(mentions, next(filter(None, names), ""), _verified(facts, person))


def _verified(facts: Facts, person: str, before: Row | None = None) -> frozenset[date]:
    """The dates of birth that were verified: the last that people set (before a decision), else those recorded."""
    decided = [
        date.fromisoformat(row["value"])
        for row in facts.decisions_of.get(person, ())
        if row["action"] == "SET_DOB"
        and row["reason_code"] == "VERIFIED"
        and not (before and _order(row) >= _order(before))
    ]
    recorded = {row["date_of_birth"] for row in facts.mentions_of.get(person, ()) if row["dob_status"] == "VERIFIED"}
    return frozenset(decided[-1:] or recorded - {None})


def _agree(one: date, other: date) -> bool:
    return births_agree((one.year, one.month, one.day), (other.year, other.month, other.day))


def _spoken(days: Iterable[date]) -> str:
    return " or ".join(f"{day.day} {day:%B %Y}" for day in sorted(days))


def _set_dob(facts: Facts, decision: Row) -> str:
    born, day, leap = date.fromisoformat(decision["value"]), decision["decided_on"], facts.site.leap_day_birthday
    age = age_at(born, day, leap)
    says = f"By this date, {_spoken([born])}, the child was {age} on {_spoken([day])}"
    if age > OLDEST or age < YOUNGEST:
        return f"{says}: {'older' if age > OLDEST else 'younger'} than a child on the tracker is."
    known = _verified(facts, facts.person(decision["mention_key"]), decision)
    is_adult = bool(known) and all(attains_18_on(one, leap) <= day for one in known)
    if attains_18_on(born, leap) <= day and decision["reason_code"] in facts.site.ages_out_by_itself and not is_adult:
        return f"{says}: an adult at once, who leaves the tracker or its list of cases, and every partner is told."
    return ""


def _share_suspect(facts: Facts, decision: Row) -> str:
    person, day = facts.person(decision["mention_key"]), decision["decided_on"]
    leap = facts.site.leap_day_birthday
    young = [row for row in facts.mentions_of.get(person, ()) if may_be_under_18(row, day, leap)]
    if not young:
        return ""
    return (
        f"By {young[0]['mention_key']} this person may be under 18: a child would go to the panel {decision['value']} "
        "as a suspected perpetrator."
    )


CONSEQUENCES: dict[str, Callable[[Facts, Row], str]] = {
    "LINK": _link,
    "SET_DOB": _set_dob,
    "SHARE_SUSPECT": _share_suspect,
}
