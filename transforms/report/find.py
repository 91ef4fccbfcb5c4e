"""Who was ever recorded under this name, number, date, place or reference?

What is typed is read by the same rules as what came from the records: accents, apostrophes, nicknames, spaces and the
form of a date make no difference. Everything that is typed has to be true of one person, but of any of their records.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property, lru_cache
from typing import Any

from expectations.plain import Row, grouped
from transforms.normalise.births import birth_of
from transforms.normalise.identifiers import pnc_id_of
from transforms.normalise.names import REMEMBERED, nicknames, root, surname_key
from transforms.normalise.places import postcode_of
from transforms.normalise.telephones import telephone_of
from transforms.normalise.text import key, tidy

SHORTEST_MISTYPED = 4  # letters: of shorter words every second one is a typing error away from another
NAMES = {"given_key": "given name", "surname_key": "surname", "alias_key": "alias"}
FOUND_BY = (*NAMES, "date_of_birth", "telephone", "postcode", "pnc_id", "record_ref", "source_person_ids")
PLACES = {"address_key": "address", "school": "school"}


@dataclass(frozen=True)
class Register:
    """Everybody a night knows: `mentions` and `persons` as their contracts say, `children` of the tracker.

    `references` are further references of a person (their own id, ids merged into it, what partners call them).
    """

    mentions: Iterable[Row]
    persons: Iterable[Row]
    children: Iterable[Row]
    references: Mapping[str, Iterable[str]] = field(default_factory=dict)

    @cached_property
    def records(self) -> dict[str, list[Row]]:
        """Each person's mentions, by person id."""
        person_of = {row["mention_key"]: row["person_id"] for row in self.persons}
        return grouped(self.mentions, lambda mention: person_of[mention["mention_key"]])

    @cached_property
    def child(self) -> dict[str, Row]:
        """The children by person id."""
        return {row["person_id"]: row for row in self.children}


@dataclass(frozen=True)
class Term:
    """One thing that was typed: `matched` gives how a record bears it, empty where it does not."""

    matched: Callable[[Row], str]


def find(text: str, register: Register) -> list[Row]:
    """Rows person_id, tracker_id, name, date_of_birth, matched: everybody of whom all that was typed is true.

    Those whose names are written as typed come first, then those who are a typing error away.
    """
    by_reference = _by_reference(text, register)
    if by_reference:
        return [_row(person, register, {"reference": None}) for person in by_reference]
    for terms in (_terms(text, _same), _terms(text, _same_or_mistyped)):
        found = [_row(person, register, how) for person in register.records if (how := _how(person, register, terms))]
        if found:
            return sorted(found, key=lambda row: (row["tracker_id"] is None, str(row["name"]), row["person_id"]))
    return []


def _how(person: str, register: Register, terms: list[Term]) -> dict[str, None]:
    """What of a person's records each term was found in, in order; empty where one was found nowhere."""
    found = []
    for term in terms:
        ways = (term.matched(mention) for mention in register.records[person])
        way = next(filter(None, ways), "")
        if not way:
            return {}
        found.append(way)
    return dict.fromkeys(found)


def _row(person: str, register: Register, how: dict[str, None]) -> Row:
    child, records = register.child.get(person, {}), register.records.get(person, [])
    given, surname = (child.get(name) or _latest(records, name) for name in ("given_names", "surname"))
    return {
        "person_id": person,
        "tracker_id": child.get("tracker_id"),
        "name": " ".join(filter(None, (given, surname))) or None,
        "date_of_birth": child.get("date_of_birth") or _latest(records, "date_of_birth"),
        "matched": ", ".join(how),
    }


def _latest(records: list[Row], column: str) -> Any:
    bearing = [row for row in records if row[column] is not None]
    return max(bearing, key=lambda row: row["recorded_on"])[column] if bearing else None


def _by_reference(text: str, register: Register) -> list[str]:
    wanted = (tidy(text) or "").casefold()
    found = {
        person
        for person, records in register.records.items()
        if wanted in {name.casefold() for name in _references(person, records, register)}
    }
    return sorted(found)


def _references(person: str, records: list[Row], register: Register) -> Iterator[str]:
    yield person
    yield from register.references.get(person, ())
    yield str(register.child.get(person, {}).get("tracker_id"))
    for mention in records:
        yield from (mention["mention_key"], mention["record_ref"], *(mention["source_person_ids"] or ()))


def forms(records: Iterable[Row]) -> str:
    """Everything that somebody's records bear, as the search of a page without a server reads what is typed.

    Names without accents and with those that stand for the same name, dates as 2009-03-27, telephones as 07700900123,
    postcodes without spaces, references as they are.
    """
    found: dict[str, None] = {}
    for record in records:
        for column in NAMES:
            found |= dict.fromkeys(_alike_in(record[column]))
        numbers = ((record["telephone"] or "").replace("+44", "0"), (record["postcode"] or "").replace(" ", ""))
        day = record["date_of_birth"].isoformat() if record["date_of_birth"] else ""
        references = (record["record_ref"], record["pnc_id"], *(record["source_person_ids"] or ()))
        found |= dict.fromkeys(filter(None, (*numbers, day, *references)))
    return " ".join(found).lower()


@lru_cache(REMEMBERED)
def _alike_in(name: str | None) -> tuple[str, ...]:
    """The words of a name, each with those that stand for the same."""
    return tuple(form for word in (surname_key(name) or "").split() for form in (word, *_alike().get(root(word), ())))


@cache
def _alike() -> dict[str, list[str]]:
    """Nicknames and variants by the name that they stand for."""
    return grouped(nicknames(), lambda nickname: nicknames()[nickname])


Same = Callable[[str, str], bool]


def _terms(text: str, same: Same) -> list[Term]:
    """What was typed: dates, numbers and postcodes where they are ones, every other word as part of a name or place."""
    rest, terms = f" {tidy(text) or ''} ", []
    for form, read, column, label in _WHOLE:
        for match in form.finditer(rest):
            value = read(match[0].strip())
            if value is not None:
                terms.append(Term(_equal(column, value, label)))
                rest = rest.replace(match[0], "  ", 1)
    return terms + [Term(_worded(word, same)) for word in (surname_key(rest) or "").split()]


def _equal(column: str, value: object, label: str) -> Callable[[Row], str]:
    return lambda mention: label if mention[column] == value else ""


def _worded(word: str, same: Same) -> Callable[[Row], str]:
    def matched(mention: Row) -> str:
        for column, label in NAMES.items():
            if any(same(word, borne) for borne in (surname_key(mention[column]) or "").split()):
                return label
        return next((label for column, label in PLACES.items() if word in (key(mention[column]) or "").split()), "")

    return matched


def _same(word: str, borne: str) -> bool:
    return word == borne or root(word) == root(borne)


def _same_or_mistyped(word: str, borne: str) -> bool:
    return _same(word, borne) or (len(word) >= SHORTEST_MISTYPED and one_error_apart(word, borne))


def one_error_apart(one: str, other: str) -> bool:
    """True where one letter more, less or other, or two letters exchanged, make one word the other."""
    start = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[start:], other[start:]
    return a[1:] == b or a == b[1:] or a[1:] == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


def _date(text: str) -> object:
    for form in ("%d %b %Y", "%d %B %Y"):
        try:
            return datetime.strptime(" ".join(text.split()), form).date()  # noqa: DTZ007
        except ValueError:
            continue
    return birth_of(text).day


_WHOLE: tuple[tuple[re.Pattern[str], Callable[[str], object], str, str], ...] = (
    (
        re.compile(r"\b\d{1,2}[/.\-]\d{1,2}[/.\-]\d{4}\b|\b\d{4}-\d{1,2}-\d{1,2}\b"),
        _date,
        "date_of_birth",
        "date of birth",
    ),
    (re.compile(r"\b\d{1,2} +[A-Za-z]{3,9} +\d{4}\b"), _date, "date_of_birth", "date of birth"),
    (re.compile(r"\b\d{2,4}[/\\]\d{1,7}[A-Za-z]\b"), lambda text: pnc_id_of(text)[0], "pnc_id", "PNC id"),
    (re.compile(r"\+?\d[\d ()\-]{8,16}\d"), lambda text: telephone_of(text)[0], "telephone", "telephone"),
    (
        re.compile(r"\b[A-Za-z]{1,2}\d[A-Za-z\d]? *\d[A-Za-z]{2}\b"),
        lambda text: postcode_of(text).postcode,
        "postcode",
        "postcode",
    ),
    (re.compile(r"(?<=\s)(?:19|20)\d{2}(?=\s)"), lambda text: birth_of(text).year, "birth_year", "year of birth"),
)
