"""What is held of one person, where it comes from, and to whom it went: the draft answer to a request for access.

Holds what the Data Protection Act 2018 s.45(2) asks for. A person reads it before it is given: what would prejudice an
investigation, or the rights of somebody else, may be left out (s.45(4)). Free text and references of intelligence are
not in it, and it goes to nobody by itself.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from expectations.feeds import SOURCES
from expectations.fields import FIELDS
from expectations.plain import Row
from expectations.recipients import Recipient
from expectations.site import Site
from transforms.export.document import as_sheet

Table = tuple[str, list[tuple[str, str]]]

HELD = tuple(name for name, field in FIELDS.items() if field.access)
RIGHTS = (
    "You can ask for data to be rectified, erased or restricted (ss.46 and 47), and complain to the Information "
    "Commissioner: ico.org.uk, 0303 123 1113."
)
NOBODY: list[Table] = [("No disclosure is recorded", [])]
REVIEW = (
    "A draft for the data protection team. Leave out what would prejudice the prevention or investigation of crime, or "
    "the rights of others (s.45(4)), say so where s.45(5) asks for it, and make sure who asks. Answer within one month."
)


@dataclass(frozen=True)
class Person:
    """What a night knows of one person: rows of `mention` and `spell`, and of the processing log's disclosures."""

    person_id: str
    mentions: Sequence[Row]
    spells: Sequence[Row] = field(default_factory=tuple)
    disclosures: Sequence[Row] = field(default_factory=tuple)


def answer(person: Person, recipients: Mapping[str, Recipient], site: Site, as_of: date) -> bytes:
    """The draft as a readable page; `disclosures` have at, recipient and detail as the processing log has them."""
    about = [
        ("For the reviewer", REVIEW),
        ("Person", person.person_id),
        ("Held by", site.force_name),
        ("Contact", dict(site.contact)),
        ("As of", as_of.isoformat()),
        ("Purpose", "To find children at risk from county lines, to protect them, and to prevent crime."),
        ("Legal basis", "Data Protection Act 2018 Part 3: law enforcement, s.35; safeguarding, Schedule 8"),
        ("How long", f"Reviewed {site.review_years} years after the last new record, under group {site.review_group}."),
    ]
    records: list[dict[str, Any]] = [
        {"heading": "What is held", "tables": [("What each record says", _held(person.mentions))]},
        {"heading": "The tracker", "tables": [("Times on the tracker", _stays(person.spells))]},
        {"heading": "Who was told", "tables": _disclosed(person.disclosures, recipients) or NOBODY},
    ]
    title = "Request for access: draft answer"
    return as_sheet(title, "OFFICIAL-SENSITIVE", [RIGHTS], records, about)


def _held(mentions: Iterable[Row]) -> list[tuple[str, list[str]]]:
    """Each value of each field, with the kinds of record that say it and the last day."""
    found: dict[str, dict[str, list[Row]]] = {name: {} for name in HELD}
    for mention in mentions:
        for name in HELD:
            for value in _values(mention[name]):
                found[name].setdefault(value, []).append(mention)
    return [(FIELDS[name].label, [_cited(value, rows) for value, rows in sorted(found[name].items())]) for name in HELD]


def _values(value: Any) -> list[str]:
    """What a field holds, one by one; nothing where it is not known."""
    return [str(one) for one in (value if isinstance(value, list | tuple) else [value]) if one is not None]


def _cited(value: str, rows: list[Row]) -> str:
    origins = sorted({SOURCES[row["source"]].origin for row in rows})
    last = max(row["recorded_on"] for row in rows)
    withdrawn = ", withdrawn since" if all(row["withdrawn"] for row in rows) else ""
    return f"{value} ({', '.join(origins)}, last on {last.isoformat()}{withdrawn})"


def _stays(spells: Iterable[Row]) -> list[tuple[str, str]]:
    return [
        (
            f"From {row['added_on']}",
            f"to {row['removed_on']}: {row['removal_reason']}" if row["removed_on"] else "to now",
        )
        for row in sorted(spells, key=lambda row: str(row["added_on"]))
    ]


def _disclosed(disclosures: Iterable[Row], recipients: Mapping[str, Recipient]) -> list[Table]:
    """One table a recipient: purpose and legal basis, then each file by its day."""
    tables = []
    by_recipient: dict[str, list[Row]] = {}
    for row in disclosures:
        by_recipient.setdefault(row["recipient"], []).append(row)
    for name, rows in sorted(by_recipient.items()):
        contract = recipients.get(name)
        why = [("Purpose", contract.purpose), ("Legal basis", contract.legal_basis)] if contract else []
        tables.append((contract.title if contract else name, [*why, *map(_disclosure, rows)]))
    return tables


def _disclosure(row: Row) -> tuple[str, str]:
    detail = json.loads(row["detail"])
    fields = ", ".join(detail["fields"]) or "no data of the person"
    return row["at"][:10], f"{detail['operation'].lower()} under {detail['agreement']}: {fields}"
