"""What does a code mean to somebody who reads a sheet?

Programs get codes; what people read says in words what they stand for. A code that its reader types into a form of
others stands behind its words.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from expectations.reference import codes
from transforms.export.document import lower

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
    "dob_status": {"VERIFIED": "verified", "STATED": "stated", "ESTIMATED": "estimated", "UNKNOWN": "not known"},
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
TYPED = (*LISTS, "ethnicity")  # whose codes people need as well, for forms of others
IN_FULL = {"BTP": "British Transport Police"}  # forces that the national list shortens
AUTHORITIES = ("local_authority", "placing_authority")  # the force's own names for its own stay as they are
PARTS = ("source", "information", "handling")  # of a grade, in its order
SURE_LAST = ("DISPUTED", "UNKNOWN", "ESTIMATED", "STATED", "DECIDED", "VERIFIED")  # how facts are known, as it is said


def readable(name: str, value: Any) -> Any:
    """A field's value for people: each code by its meaning, each item of a list in a sentence, all else as it is."""
    if name in AS_SENTENCES and value is not None:
        return AS_SENTENCES[name](value)
    if name in ITEMS and value is not None:
        return [ITEMS[name](item) for item in value]
    if isinstance(value, list):
        return [_meaning(name, item) for item in value]
    return _meaning(name, value)


@cache
def force(code: str) -> str:
    """A police force by its name; by its code where it is none of the country's."""
    listed = next((row["name"] for row in codes("forces") if row["code"] == code), f"force {code}")
    name = IN_FULL.get(listed, listed)
    return name if "Police" in name or name.endswith(code) else f"{name} Police"


@cache
def grade(written: str) -> str:
    """A grade, as `3X5X2 1BP`, with what each part of it means."""
    scheme, _, parts = written.partition(" ")
    if not parts:
        return written
    meanings = (_grades().get((scheme, part, code), code) for part, code in zip(PARTS, parts, strict=False))
    return f"{written} ({', '.join(meanings).lower()})"


def _accuracy(value: Mapping[str, Any]) -> list[str]:
    """How facts are known, what is least sure first; and the grades of the intelligence."""
    known = value["known_as"]
    named = {how: _labels(known, how) for how in SURE_LAST if how in known.values()}
    return [f"{how.lower()}: {', '.join(names)}" for how, names in named.items()] + [
        f"intelligence graded {grade(one)}" for one in value["grades"]
    ]


def _labels(known: Mapping[str, str], how: str) -> list[str]:
    return [lower(name) for name, status in known.items() if status == how]


def _joined(*parts: Any) -> str:
    return ", ".join(str(part) for part in parts if part)


def _happened(event: Mapping[str, Any]) -> str:
    """One line of a chronology: 2022-05-01: reported, City North, graded 3X5X2 2BP."""
    graded = f"graded {event['grade']}" if event["grade"] else ""
    return f"{event['date']}: " + _joined(KINDS[event["kind"]], event["area"], graded)


def _missing(now: Mapping[str, Any]) -> str:
    seen = f"; last recorded {_happened(now['last_recorded'])}" if now["last_recorded"] else "; not recorded since"
    return f"since {_clock(now['since'])}, {(now['risk'] or 'no').lower()} risk graded{seen}"


def _episode(one: Mapping[str, Any]) -> str:
    """One time that a child was missing: from when to when, at which risk, and who found the child."""
    until = f"to {_clock(one['until'])}" if one["until"] else "and not back"
    risk = f"{one['risk'].lower()} risk" if one["risk"] else ""
    found = f"found by {force(one['found_force'])}" if one["found_force"] else ""
    return _joined(f"{_clock(one['from'])} {until}", risk, found)


def _interview(one: Mapping[str, Any]) -> str:
    return f"back {one['returned']}, interview due {one['due']}, not recorded"


def _household(other: Mapping[str, Any]) -> str:
    return f"{other['ref']}{' (same surname)' if other['same_surname'] else ''}"


def _seen(one: Mapping[str, Any]) -> str:
    return f"{one['area']}, {' to '.join(sorted({one['first'], one['last']}))}"


def _quoted(refs: Sequence[Mapping[str, Any]]) -> list[str]:
    """By what references other forces can quote reports, in a line for each force whose they are."""
    owners = sorted({one["force"] or "" for one in refs})
    return [
        f"{force(owner)}: {', '.join(one['urn'] for one in refs if (one['force'] or '') == owner)}" for owner in owners
    ]


def _link(one: Mapping[str, Any]) -> str:
    by = " and ".join(what.lower() for what in one["by"])
    return f"{one['ref']} (by {by}{': ' + ', '.join(one['venues']) if one.get('venues') else ''})"


def _theme(one: Mapping[str, Any]) -> str:
    count = one["reports"]
    return f"{lower(one['theme'].lower())}: {count} report{'s' if count > 1 else ''} since {one['since']}"


def _phrased(*parts: tuple[str, str]) -> Callable[[Mapping[str, Any]], str]:
    """An item in a sentence: of each field that it has a value of, the words around it."""
    return lambda item: ", ".join(words.format(item[name]) for name, words in parts if item.get(name))


def _dated(name: str, *parts: tuple[str, str]) -> Callable[[Mapping[str, Any]], str]:
    """The same after the day on which it was."""
    phrased = _phrased(*parts)
    return lambda item: f"{item[name]}: {phrased(item)}"


def _line(one: Mapping[str, Any]) -> str:
    """A county line: its name and owner, and the child's part in it."""
    named = {"line_name": "the line for children of whom none is identified", **{k: v for k, v in one.items() if v}}
    owner = force(one["owner_force"]) if one["owner_force"] else ""
    role = f"the child {one['role'].lower()} {one['first']} to {one['last']}" if one["role"] else ""
    return LINE({**named, "owner": owner, "part": role})


def _clock(moment: str) -> str:
    """A moment to the minute, as people there read the clock."""
    return moment[:16].replace("T", " ")


LINE = _phrased(("line_name", "{}"), ("deal_number", "deal number {}"), ("owner", "of {}"), ("part", "{}"))
AGREED = (
    *(("action", "{}"), ("owner_agency", "by {}"), ("due_on", "due {}"), ("commissioned_support", "support: {}")),
    *(
        ("power_used", "power used: {}"),
        ("barrier", "barrier: {}"),
        ("outcome", "outcome: {}"),
        ("closed_on", "closed {}"),
    ),
)
KINDS = {
    "REPORTED": "named in intelligence",
    "MISSING": "reported missing",
    "RETURNED": "came back",
    "ON_THE_RAILWAY": "met on the railway",
    "MET_BY_ANOTHER_FORCE": "met by another force",
    "SAID_BY_A_PRACTITIONER": "named by somebody who works with children",
}
AS_SENTENCES: Mapping[str, Callable[[Any], Any]] = {  # fields that people read in words of their own
    "accuracy": _accuracy,
    "missing_now": _missing,
    "report_refs": _quoted,
}
ITEMS: Mapping[str, Callable[[Any], str]] = {  # fields that are lists, each item of which is a sentence
    "children": _link,  # of a suspected perpetrator
    "chronology": _happened,
    "family_support": _dated("on", ("support", "{}")),
    "found_by": force,
    "household": _household,
    "lines": _line,
    "links": _link,
    "missing": _episode,
    "panel_actions": _dated("held_on", *AGREED),
    "rail": _dated("date", ("station", "{}"), ("journey", "{}"), ("grade", "graded {}")),
    "reports": _dated("date", ("scheme", "graded {}"), ("grade", "{}")),
    "return_interviews": _interview,
    "seen_areas": _seen,
    "themes": _theme,
}


def _meaning(name: str, value: Any) -> Any:
    meaning = _meanings(name).get(value) if isinstance(value, str) else None
    return value if meaning is None else f"{meaning} ({value})" if name in TYPED else meaning


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


@cache
def _grades() -> Mapping[tuple[str, str, str], str]:
    return {(row["scheme"], row["part"], row["code"]): row["meaning"] for row in codes("grades")}
