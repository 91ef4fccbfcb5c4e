"""What does a code mean to somebody who reads a sheet?

Programs get codes; a page for people says in words what they stand for, with the code behind them.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from expectations.reference import codes

WORDS: Mapping[str, Mapping[str, str]] = {
    "category": {"VICTIM_OR_MAY_BE": "victim, or may be one", "SUSPECT": "suspected perpetrator"},
    "status": {
        "PROPOSED": "named by intelligence, not yet heard by the monthly meeting",
        "OPEN": "open to the County Lines team",
        "VULNERABLE": "vulnerable to county lines",
    },
    "hears_as": {
        "HOME": "the child lives in your area",
        "PLACING": "you placed the child where the child lives",
        "FOUND": "a child of another area was seen or found in yours",
        "POLICE_HOME": "the child lives in your area",
        "POLICE_FOUND": "you found the child",
    },
    "involvement": {"INVOLVED": "reported as involved in county lines", "LINKED": "reported as linked to county lines"},
    "nrm_status": {
        "READY_FOR_FIRST_RESPONDER": "no referral is known yet",
        "SUBMITTED": "a referral was made",
        "DECIDED": "decided",
    },
}
LISTS = {
    "referral_source": "referral_source",
    "primary_need": "primary_need",
    "assessment_factors": "assessment_factor",
}
AUTHORITIES = ("local_authority", "placing_authority")  # the force's own names for its own stay as they are
PARTS = ("source", "information", "handling")  # of a grade, in its order


def readable(name: str, value: Any) -> Any:
    """A field's value for a page: each code with its meaning, all else as it is."""
    if name == "accuracy":
        return {**value, "grades": [_grade(grade) for grade in value["grades"]]}
    if isinstance(value, list):
        return [_meaning(name, item) for item in value]
    return _meaning(name, value)


def _meaning(name: str, value: Any) -> Any:
    meaning = _meanings(name).get(value) if isinstance(value, str) else None
    return f"{meaning} ({value})" if meaning else value


@cache
def _meanings(name: str) -> Mapping[str, str]:
    if name in LISTS:
        return {row["code"]: row["meaning"] for row in codes("dfe_codes") if row["list"] == LISTS[name]}
    if name in AUTHORITIES:
        return {row["code"]: row["name"] for row in codes("authorities")}
    if name == "ethnicity":
        return {row["sde"]: row["label"] for row in codes("ethnicity")}
    if name == "nrm_outcome":
        return {row["code"]: row["meaning"] for row in codes("nrm_outcomes")}
    return WORDS.get(name, {})


def _grade(written: str) -> str:
    """A grade, as `3X5X2 1BP`, with what each part of it means."""
    scheme, _, grade = written.partition(" ")
    if not grade:
        return written
    parts = (_grades().get((scheme, part, code), code) for part, code in zip(PARTS, grade, strict=False))
    return f"{written} ({', '.join(parts).lower()})"


@cache
def _grades() -> Mapping[tuple[str, str, str], str]:
    return {(row["scheme"], row["part"], row["code"]): row["meaning"] for row in codes("grades")}
