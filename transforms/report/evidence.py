"""Which two records are asked about, how alike are they, and why is it asked?

The two records of a same-person question beside each other, field by field, with what linkage itself found of each,
and the waterfall of the evidence: each comparison's match weight (log2 of how many times likelier the agreement is for
one person than for two; Fellegi and Sunter 1969), added up from the first bar to the last. Their sum is not shown: how
likely one child is depends on how many of such pairs are one child here, which the weights do not know.
"""

import json
from dataclasses import dataclass, replace
from datetime import date
from string import ascii_uppercase

from expectations.fields import FIELDS
from expectations.plain import Row
from transforms.link.model import words
from transforms.report import wording
from transforms.report.contents import Contents
from transforms.report.unread import Unread, unread

COMPARED = tuple(name for name, field in FIELDS.items() if field.compared)
# The field of the model that compares each; it reads no others.
IN_THE_MODEL = {
    "given_names": "given",
    "surname": "surname",
    "alias": "alias",
    "date_of_birth": "birth",
    "gender": "gender",
    "address": "place",
    "postcode": "place",
    "telephone": "telephone",
    "pnc_id": "pnc",
    "source_person_ids": "nominal",
}
VERDICTS = {words.AGREE: "agree", words.NEARLY: "nearly agree", words.DIFFER: "differ"}


@dataclass(frozen=True)
class Side:
    """One of the two records: where it comes from, and whose it is held to be now."""

    mention_key: str
    source: str
    record_ref: str
    recorded_on: date | None
    grade: str
    withdrawn: bool
    tracker_id: str
    state: str
    unread: list[Unread]


@dataclass(frozen=True)
class Comparison:
    """One field of both records, and what linkage found: `same`, `nearly`, `differs`, or empty without both."""

    field: str
    left: str
    right: str
    verdict: str


@dataclass(frozen=True)
class Step:
    """One bar of a waterfall: weight in bits, and where it starts and ends on a scale from 0 to 100."""

    field: str
    level: str
    weight: float
    start: float
    end: float


@dataclass(frozen=True)
class SamePerson:
    """A same-person question as it is put to a person."""

    review: Row
    left: Side
    right: Side
    comparisons: list[Comparison]
    steps: list[Step]
    zero: float
    letter: str = ""
    rivals: tuple["SamePerson", ...] = ()

    @property
    def why(self) -> str:
        """Why it is asked, and which fields agreed, differed or were not in both."""
        return wording.reason(self.review["why"])

    @property
    def records(self) -> str:
        """The references of the records, as words."""
        return f"{self.left.record_ref} and {' or '.join(one.right.record_ref for one in self.candidates)}"

    @property
    def candidates(self) -> "tuple[SamePerson, ...]":
        """The first record beside each of the people whose it may be."""
        return (self, *self.rivals)


def same_person(contents: Contents, review: Row) -> SamePerson:
    """The question of a row of `review` with its records: two, or one beside each of the people whose it may be."""
    rivals = tuple(zip(review["rivals"] or (), review["rival_weights"] or (), strict=True))
    shown = [
        _beside(contents, review, other, weights, letter if rivals else "")
        for letter, (other, weights) in zip(
            ascii_uppercase, ((review["other_mention_key"], review["weights"]), *rivals), strict=False
        )
    ]
    return replace(shown[0], rivals=tuple(shown[1:]))


def _beside(contents: Contents, review: Row, other: str, weights: str | None, letter: str) -> SamePerson:
    """The first record of a question beside one other."""
    records = contents.mentions((review["mention_key"], other))
    found = {row["mention_key"]: row | {"line_ref": contents.line_name(row["line_ref"])} for row in records}
    left, right = found.get(review["mention_key"], {}), found.get(other, {})
    steps, zero = waterfall(weights)
    return SamePerson(
        review=review,
        left=_side(contents, review["mention_key"], left),
        right=_side(contents, other, right),
        comparisons=compare(left, right, levels_of(weights)),
        steps=steps,
        zero=zero,
        letter=letter,
    )


def compare(left: Row, right: Row, levels: dict[str, str]) -> list[Comparison]:
    """Fields of two rows of `mention`, with the model's `levels`; fields that neither record has are left out."""
    shown = []
    for name in COMPARED:
        one, other = written(left, name), written(right, name)
        if one or other:
            field = IN_THE_MODEL.get(name, "")
            verdict = words.found(field, levels[field]).verdict if field in levels and one and other else ""
            shown.append(Comparison(wording.field_label(name), one, other, verdict))
    return shown


def levels_of(weights: str | None) -> dict[str, str]:
    """The model's level by field, of a JSON list of {field, level, weight}."""
    return {part["field"]: str(part["level"]) for part in (json.loads(weights) if weights else [])}


def written(mention: Row, name: str) -> str:
    """A field of a mention as it is shown; empty where it is not known."""
    if name == "date_of_birth":
        return date_of_birth(mention)
    value = mention.get(name)
    if isinstance(value, list):
        return ", ".join(value)
    return wording.visible(value)


def date_of_birth(row: Row) -> str:
    """A date of birth with how sure it is, the year alone, or the age that was stated; of a mention or a child."""
    sure = wording.label(row.get("dob_status"))
    if row.get("date_of_birth"):
        return f"{wording.day(row['date_of_birth'])} ({sure})"
    if row.get("birth_year"):
        return f"{row['birth_year']} (year only, {sure})"
    if row.get("age_stated") is not None:
        return f"aged {row['age_stated']} as stated"
    return ""


def waterfall(weights: str | None) -> tuple[list[Step], float]:
    """Bars of a JSON list of {field, level, weight}, in its order, and where zero lies; empty where there are none."""
    parts: list[Row] = json.loads(weights) if weights else []
    totals = [0.0]
    for part in parts:
        totals.append(totals[-1] + float(part["weight"]))
    low, high = min(totals), max(totals)
    span = (high - low) or 1.0

    def place(total: float) -> float:
        return round(100 * (total - low) / span, 2)

    steps = [
        Step(
            wording.field_label(part["field"]),
            _level(part["field"], str(part["level"])),
            float(part["weight"]),
            place(before),
            place(after),
        )
        for part, before, after in zip(parts, totals, totals[1:], strict=False)
    ]
    return steps, place(0.0)


def _level(field: str, level: str) -> str:
    verdict, how = words.found(field, level)
    return wording.visible(f"{VERDICTS[verdict]}: {how}" if how else VERDICTS[verdict])


def _side(contents: Contents, key: str, mention: Row) -> Side:
    child = contents.child.get(contents.person_of.get(key, ""), {})
    return Side(
        mention_key=key,
        source=wording.label(mention.get("source")),
        record_ref=mention.get("record_ref") or key,
        recorded_on=mention.get("recorded_on"),
        grade=mention.get("grade") or "",
        withdrawn=bool(mention.get("withdrawn")),
        tracker_id=child.get("tracker_id") or "",
        state=wording.label(child["state"]) if child else "Nobody on the tracker",
        unread=unread(contents, [key]),
    )
