"""Why is a same-person question asked, and how was it weighed?

The waterfall of the evidence: each comparison's match weight (log2 of how many times likelier the agreement is for one
person than for two; Fellegi and Sunter 1969), added up from the first bar to the last. Their sum is not shown: how
likely one child is depends on how many of such pairs are one child here, which the weights do not know.
"""

import json
from dataclasses import dataclass
from string import ascii_uppercase

from expectations.fields import FIELDS
from expectations.plain import Row
from transforms.link.model import words
from transforms.report import wording

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
class Step:
    """One bar of a waterfall: weight in bits, and where it starts and ends on a scale from 0 to 100."""

    field: str
    level: str
    weight: float
    start: float
    end: float


@dataclass(frozen=True)
class Waterfall:
    """How linkage weighed two records: its bars, and where zero lies; `letter` where the first has several rivals."""

    steps: list[Step]
    zero: float
    letter: str = ""


def waterfalls(review: Row) -> list[Waterfall]:
    """The evidence of a row of `review`: of its two records, or of the first and each whose it may be."""
    weighed = (review["weights"], *(review["rival_weights"] or ()))
    letters = ascii_uppercase if len(weighed) > 1 else ("",)
    return [Waterfall(*waterfall(weights), letter) for letter, weights in zip(letters, weighed, strict=False)]


def levels_of(weights: str | None) -> dict[str, str]:
    """The model's level by field, of a JSON list of {field, level, weight}."""
    return {part["field"]: str(part["level"]) for part in (json.loads(weights) if weights else [])}


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
