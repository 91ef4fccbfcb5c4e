"""What does a code mean to somebody who reads a sheet?

Programs get codes; a page for people says in words what they stand for, with the code behind them.
"""

from collections.abc import Callable, Mapping
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
        "HOME_BEFORE": "the child lived in your area, and is yours until the new authority has answered",
        "PLACING": "you placed the child where the child lives",
        "FOUND": "a child of another area was seen or found in yours",
        "POLICE_HOME": "the child lives in your area",
        "POLICE_FOUND": "you found the child",
    },
    "kind": {
        "FULL": "all records",
        "DELTA": "what changed",
        "BASELINE": "no new referral: a child whom the force kept before this file, told once to begin with",
        "REFERRAL": "a new referral",
        "UPDATE": "what changed of a child whom you know from us",
    },
    "urgency": {"IMMEDIATE": "act today", "SOON": "act within days", "ROUTINE": "as usual"},
    "consent": {"GIVEN": "given", "REFUSED": "refused", "NOT_SOUGHT": "not sought"},
    "parents": {
        "INFORMED": "they know",
        "NOT_INFORMED": "they do not know",
        "NOT_KNOWN": "not known whether they know",
    },
    "involvement": {"INVOLVED": "reported as involved in county lines", "LINKED": "reported as linked to county lines"},
    "education_status": {
        "IN_SCHOOL": "in school",
        "PART_TIME": "in school part of the time",
        "EXCLUDED": "excluded from school",
        "MISSING_EDUCATION": "missing education",
        "COLLEGE": "at college",
        "EMPLOYED": "employed",
        "NEET": "not in education, employment or training",
    },
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
    if name in AS_SENTENCES and value is not None:
        return AS_SENTENCES[name](value)
    if isinstance(value, list):
        return [_meaning(name, item) for item in value]
    return _meaning(name, value)


def _happened(event: Mapping[str, Any]) -> str:
    """One line of a chronology: 2022-05-01: reported, City North, graded 3X5X2 2BP."""
    grade = f"graded {event['grade']}" if event["grade"] else ""
    return f"{event['date']}: " + ", ".join(part for part in (KINDS[event["kind"]], event["area"], grade) if part)


def _missing(now: Mapping[str, Any]) -> str:
    seen = f"; last recorded {_happened(now['last_recorded'])}" if now["last_recorded"] else "; not recorded since"
    return f"since {now['since'][:16].replace('T', ' ')}, {(now['risk'] or 'no').lower()} risk graded{seen}"


def _interview(one: Mapping[str, Any]) -> str:
    return f"came back on {one['returned']}, interview to be offered by {one['due']}, not recorded"


def _household(other: Mapping[str, Any]) -> str:
    return f"{other['ref']}{' (same surname)' if other['same_surname'] else ''}"


KINDS = {
    "REPORTED": "named in intelligence",
    "MISSING": "reported missing",
    "RETURNED": "came back",
    "ON_THE_RAILWAY": "met on the railway",
    "MET_BY_ANOTHER_FORCE": "met by another force",
    "SAID_BY_A_PRACTITIONER": "named by somebody who works with children",
}
AS_SENTENCES: Mapping[str, Callable[[Any], Any]] = {  # fields that a page tells in its own words
    "accuracy": lambda value: {**value, "grades": [_grade(grade) for grade in value["grades"]]},
    "chronology": lambda value: [_happened(event) for event in value],
    "missing_now": _missing,
    "return_interviews": lambda value: [_interview(one) for one in value],
    "household": lambda value: [_household(other) for other in value],
}


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
