"""What did another force, a front door or the guardianship service tell us of a child in the last days?

A sighting by another force is news on the morning after it came. What a partner answered stands on the child for good;
here it stands for three days, so that nobody misses it over a weekend.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from expectations.feeds import FEEDS
from expectations.plain import Row
from transforms.export.records import refs_of
from transforms.link.merged import merged_ids
from transforms.report import wording
from transforms.report.contents import Contents

SHOWN_FOR = timedelta(days=3)
NEWS_FEEDS = ("force_sightings", "mash_outcomes", "guardian_allocations")  # the most pressing first
KEY = {FEEDS[name].table: "mention_key" if FEEDS[name].prefix else FEEDS[name].key for name in NEWS_FEEDS}


@dataclass(frozen=True)
class News:
    """One thing that others told: of which child, when it was, what in words, and the record that says it."""

    child: Row
    on: date | datetime | None
    says: str
    reference: str


def news(contents: Contents) -> list[News]:
    """What came since `contents.heard_before`, by kind, the latest first; nothing where no earlier night is known."""
    if contents.heard_before is None:
        return []
    return [
        one
        for table in KEY
        for one in sorted(_of(contents, table), key=lambda found: str(found.on or ""), reverse=True)
    ]


def _of(contents: Contents, table: str) -> Iterator[News]:
    before, merged = contents.heard_before or frozenset(), merged_ids(contents.rows("person_id"))
    stands = merged | {person: person for person in contents.child}
    by_reference = {ref: now for one, now in stands.items() for ref in refs_of(contents.site.force_code, one)}
    for row in contents.rows(table):
        if row[KEY[table]] not in before:
            person = by_reference.get(row["record_ref"] or "") or contents.person_of.get(
                row.get("mention_key") or "", ""
            )
            child = contents.child.get(person, {"person_id": person})
            yield News(child, *SAYS[table](contents, row), str(row[KEY[table]]).rpartition(":")[2])


def _sighting(contents: Contents, force_sighting: Row) -> tuple[Any, str]:
    force = contents.site.places.force(force_sighting["force"])
    name = contents.site.places.force_name(force) if force else force_sighting["force"] or "a force that is not named"
    name = name if "police" in name.casefold() or not force else f"{name} police"
    kind = {"ENQUIRY": "asked about the child", "ARRESTED": "arrested the child", "STOPPED": "stopped the child"}
    words = kind.get(force_sighting["kind"] or "", "met the child")
    crime = f" Their reference: {force_sighting['crime_ref']}." if force_sighting["crime_ref"] else ""
    return force_sighting["seen_at"], f"{name} {words}{_at(force_sighting)}.{crime}"


def _at(force_sighting: Row) -> str:
    return f", at {force_sighting['place']}" if force_sighting["place"] else ""


def _outcome(contents: Contents, mash_outcome: Row) -> tuple[Any, str]:
    who = contents.site.places.name(mash_outcome["authority"]) or "A front door"
    outcome = wording.label(mash_outcome["outcome"] or "AN_ANSWER_THAT_IS_NOT_AGREED").lower()
    to = contents.site.places.name(mash_outcome["transferred_to"])
    on = mash_outcome["decided_on"] or mash_outcome["received_at"]
    return on, f"{who}: {outcome}{f' to {to}. Has {to} been told? ' if to else '.'}".rstrip()


def _allocation(_contents: Contents, guardian_allocation: Row) -> tuple[Any, str]:
    kinds = {
        "DIRECT": "a guardian works with the child",
        "INDIRECT": "a guardian advises those who work with the child",
        "NOT_ELIGIBLE": "the service does not take the child on",
    }
    says = kinds.get(guardian_allocation["kind"] or "", "an answer that is not agreed")
    return guardian_allocation["decided_on"], f"Guardianship service: {says}."


SAYS = {"force_sighting": _sighting, "mash_outcome": _outcome, "guardian_allocation": _allocation}
