"""Which value of each fact of a child stands?

Each fact has one ordered list of survivorship rules, in the catalogue of fields: the first that finds a value wins. A
value keeps the mention it was taken from, how sure it is, its date, and every mention that says the same, so that what
may be shared can be decided fact by fact.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple

from expectations.fields import FACTS, FIELDS
from expectations.plain import Row, grouped
from expectations.site import Site


class Fact(NamedTuple):
    """One surviving value."""

    field: str
    value: Any
    status: str
    recorded_on: date | None
    mention_key: str | None = None
    decision_id: str | None = None
    supporting: tuple[str, ...] = ()
    known_at: datetime | None = None
    contested: bool = False


@dataclass(frozen=True)
class Source:
    """What a rule may look at: a child's mentions that were not withdrawn, and accepted decisions in order of time."""

    mentions: list[Row]
    decisions: list[Row]

    @cached_property
    def latest_first(self) -> list[Row]:
        """The mentions, the one last recorded first."""
        return sorted(self.mentions, key=_recency, reverse=True)

    @cached_property
    def opening(self) -> list[Row]:
        """The entries taken over, the latest first."""
        return [m for m in self.latest_first if m["source"] == "opening"]

    @cached_property
    def dated(self) -> dict[str, list[Row]]:
        """The mentions that give a whole date of birth, the latest first, by how sure it is."""
        return grouped((m for m in self.latest_first if m["dob_precision"] == "DAY"), lambda m: str(m["dob_status"]))

    @cached_property
    def decided(self) -> dict[str, tuple[Row, Any]]:
        """The last decision that says anything of a field, and what it says, by field."""
        return {field: (row, value) for row in self.decisions for field, value in given_by(row).items()}

    def fact(self, field: str, mention: Row, status: str) -> Fact:
        """What a mention says of a field, with every mention that says the same."""
        return Fact(
            field,
            mention[field],
            status,
            mention["recorded_on"],
            mention_key=mention["mention_key"],
            supporting=self.saying(field, mention[field]),
            known_at=mention["stamp"],
        )

    def saying(self, field: str, value: Any) -> tuple[str, ...]:
        """Keys of the mentions that give a field this value."""
        return tuple(sorted([m["mention_key"] for m in self.mentions if m[field] == value]))


Rule = Callable[[str, Source], Fact | None]


# The fields that the value of a decision gives, in its order. The actions with the effect FACT.
DECIDED: dict[str, tuple[str, ...]] = {
    "SET_DOB": ("date_of_birth",),
    "SET_GENDER": ("gender",),
    "SET_AUTHORITY": ("local_authority",),
    "SET_PLACING_AUTHORITY": ("placing_authority",),
    "SET_HOME_AREA": ("policing_area",),
    "SET_NAME": ("surname", "given_names"),
    "SET_ADDRESS": ("address", "postcode"),
}
# A mark of the child that says besides where the child lives from now on.
MOVES = {"MOVED": ("local_authority",)}
GIVEN_BY = DECIDED | MOVES


def given_by(decision: Row) -> dict[str, Any]:
    """What a decision says of a child: values by field, without those that it leaves empty."""
    action = decision["action"]
    if action not in GIVEN_BY:
        return {}
    parts = (decision["value"] or "").split(", " if action == "SET_NAME" else " | ", 1)
    given = {field: part.strip() for field, part in zip(GIVEN_BY[action], parts, strict=False) if part.strip()}
    return {name: date.fromisoformat(it) if name == "date_of_birth" else it for name, it in given.items()}


def decided(field: str, source: Source) -> Fact | None:
    """What the last decision says that says anything of the field."""
    if field not in source.decided:
        return None
    row, value = source.decided[field]
    return Fact(
        field,
        value,
        (row["reason_code"] or "VERIFIED") if field == "date_of_birth" else "DECIDED",
        row["decided_on"],
        decision_id=row["decision_id"],
        supporting=source.saying(field, value),
        known_at=row["decided_at"],
    )


def dated_with(status: str) -> Rule:
    """The most supported whole date of birth of this status; contested where mentions of it differ."""

    def rule(field: str, source: Source) -> Fact | None:
        these = source.dated.get(status, [])
        fact = _most_supported(field, these, source, status)
        is_contested = len({m["date_of_birth"] for m in these}) > 1
        return fact._replace(contested=True) if fact and is_contested else fact

    return rule


def from_opening(field: str, source: Source) -> Fact | None:
    """The tracker that was taken over: people kept it by hand."""
    return _most_supported(field, source.opening, source, "VERIFIED")


def most_supported(field: str, source: Source) -> Fact | None:
    """The value that most mentions give; of equals the one last recorded."""
    return _most_supported(field, source.latest_first, source, "STATED")


def latest(field: str, source: Source) -> Fact | None:
    """The value last recorded: addresses, telephones and schools change."""
    newest = next((m for m in source.latest_first if m[field] is not None), None)
    return source.fact(field, newest, "STATED") if newest else None


def living_there(field: str, source: Source) -> Fact | None:
    """The neighbourhood area last recorded as the home; the area of an event says only where somebody was seen."""
    newest = next((m for m in source.latest_first if home_area_of(m) is not None), None)
    if newest is None:
        return None
    area = home_area_of(newest)
    saying = tuple(sorted(m["mention_key"] for m in source.mentions if home_area_of(m) == area))
    return source.fact(field, newest, "STATED")._replace(value=area, supporting=saying)


def home_area_of(mention: Row) -> str | None:
    """Where a mention says that the person lives; an entry taken over by older code holds it as its policing area."""
    return mention["home_area"] or (mention["policing_area"] if mention["source"] == "opening" else None)


def fullest_given_names(field: str, source: Source) -> Fact | None:
    """Of the most supported first name in any of its forms, the form that most mentions use, then the longest."""
    naming = [mention for mention in source.latest_first if mention[field] is not None]
    if not naming:
        return None
    by_root = grouped(naming, lambda mention: mention["root_key"] or mention["given_key"] or mention[field])
    of_root = max(by_root.values(), key=len)
    uses = Counter(mention[field] for mention in of_root)
    form = max(sorted(uses), key=lambda name: (uses[name], len(name)))
    return source.fact(field, next(mention for mention in of_root if mention[field] == form), "STATED")


# Each word of the fields' `survivors`, with its rule.
RULES: dict[str, Rule] = {
    "decided": decided,
    "opening": from_opening,
    "verified": dated_with("VERIFIED"),
    "stated": dated_with("STATED"),
    "estimated": dated_with("ESTIMATED"),
    "unknown": dated_with("UNKNOWN"),
    "most_supported": most_supported,
    "fullest": fullest_given_names,
    "latest": latest,
    "home": living_there,
}
SURVIVORSHIP = {name: tuple(RULES[word] for word in FIELDS[name].survivors) for name in FACTS}


def survivors(mentions: list[Row], decisions: list[Row], site: Site) -> dict[str, Fact]:
    """The surviving facts by field; a field that nothing gives is absent."""
    found = _given(mentions, decisions)
    return found | _worked_out(found, site)


def _worked_out(facts: dict[str, Fact], site: Site) -> dict[str, Fact]:
    """The home area by the postcode, and the home authority by the home area, where nothing says them."""
    found: dict[str, Fact] = {}
    if "policing_area" not in facts and "postcode" in facts:
        area = site.area_of_postcode(facts["postcode"].value)
        found |= {"policing_area": _resting_on(facts["postcode"], "policing_area", area)} if area else {}
    home = found.get("policing_area") or facts.get("policing_area")
    if "local_authority" not in facts and home:
        authority = site.authority_of_area(home.value)
        found |= {"local_authority": _resting_on(home, "local_authority", authority)} if authority else {}
    return found


def _resting_on(fact: Fact, field: str, value: str) -> Fact:
    return fact._replace(field=field, value=value, status="DECIDED" if fact.decision_id else "ESTIMATED")


def _given(mentions: list[Row], decisions: list[Row]) -> dict[str, Fact]:
    source = Source(mentions, decisions)
    facts = (_first(field, source) for field in SURVIVORSHIP)
    return {fact.field: fact for fact in facts if fact}


def _first(field: str, source: Source) -> Fact | None:
    for rule in SURVIVORSHIP[field]:
        fact = rule(field, source)
        if fact:
            return fact
    return None


def _most_supported(field: str, these: list[Row], source: Source, status: str) -> Fact | None:
    """The value that most of these give; they come latest first, so of equals the one last recorded."""
    naming = [mention for mention in these if mention[field] is not None]
    if not naming:
        return None
    uses = Counter([mention[field] for mention in naming])
    value = max(uses, key=uses.__getitem__)
    return source.fact(field, next(mention for mention in naming if mention[field] == value), status)


def _recency(mention: Row) -> tuple[date, datetime, str]:
    return mention["recorded_on"], mention["stamp"], mention["mention_key"]
