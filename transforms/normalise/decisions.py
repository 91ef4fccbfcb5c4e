"""Has this decision the form that the inbound contract asks for?

Form only: whether the mentions exist, and whether two decisions contradict each other, is known where decisions are
folded. Which checks an action has to pass stands in `expectations.actions`; a malformed decision is refused with a
sentence for the sergeant.
"""

import re
from collections.abc import Callable
from datetime import date

from expectations.actions import ACTIONS
from expectations.feeds import FEEDS
from expectations.plain import Row
from transforms.normalise import codes
from transforms.normalise.births import birth_of
from transforms.normalise.moments import day_of
from transforms.normalise.records import Night
from transforms.normalise.text import tidy

MENTION_KEY = re.compile(rf"^(intel:.+#\d+|({'|'.join(feed.prefix for feed in FEEDS.values())}):.+)$")
REFERENCE = re.compile(r"^(night:\d{4}-\d\d-\d\d|decision:\S+)$")
STATUSES = ("OPEN", "VULNERABLE")
REMOVAL_REASONS = ("AGED_OUT", "NO_LONGER_AT_RISK", "MOVED_AREA", "DECEASED", "ENTERED_IN_ERROR", "OTHER")
CODED = ("action", "reason_code")
NAMES_AN_AUTHORITY = ("SET_AUTHORITY",)

REFUSALS: dict[str, str] = {
    "ACTION_UNKNOWN": "The action is none of those that the inbound contract names.",
    "MENTION_KEY_UNREADABLE": "mention_key does not name a mention, such as intel:31/2022/000417#1.",
    "OTHER_MENTION_KEY_UNREADABLE": "other_mention_key must name a second mention, such as missing:MFH-00012.",
    "MENTIONS_THE_SAME": "Both keys name the same mention: name two.",
    "STATUS_NOT_AGREED": "The value must be OPEN or VULNERABLE.",
    "REMOVAL_REASON_NOT_AGREED": f"The reason_code must be one of {', '.join(REMOVAL_REASONS)}.",
    "REASON_MISSING": "This decision needs a reason in words.",
    "DATE_UNREADABLE": "The value must be a date as YYYY-MM-DD.",
    "BIRTH_NOT_POSSIBLE": "The value must be a whole, possible date of birth as YYYY-MM-DD.",
    "BIRTH_STATUS_NOT_AGREED": "The reason_code must be VERIFIED, STATED, ESTIMATED or UNKNOWN.",
    "GENDER_NOT_AGREED": "The value must be one of the genders of POLE DS_037, such as Male or Not Known.",
    "AUTHORITY_NOT_AGREED": "The value must name a children's services authority: a site's name, ONS code or name.",
    "PANEL_NOT_AGREED": "The value must name one of the site's panels.",
    "REFERENCE_UNREADABLE": "The value must name what is confirmed: night:2026-11-26 or decision:D00123.",
    "VALUE_MISSING": "This decision needs a value.",
}


def refused_for(decision: Row, night: Night) -> str | None:
    """The reason code of the first thing wrong with the form of a decision; None where it can be followed."""
    action = ACTIONS.get(decision["action"] or "")
    if action is None:
        return "ACTION_UNKNOWN"
    if action.of_a_mention and not MENTION_KEY.match(decision["mention_key"] or ""):
        return "MENTION_KEY_UNREADABLE"
    return next((code for code in (FORMS[word](decision, night) for word in action.form) if code), None)


def read(decision: Row, night: Night) -> Row:
    """A landed decision with its text tidied, its codes in capitals, and an authority by the name that tables hold."""
    texts = (
        "decided_by",
        "meeting_ref",
        "action",
        "mention_key",
        "other_mention_key",
        "value",
        "reason_code",
        "reason",
    )
    row = decision | {name: tidy(decision[name]) for name in texts}
    row |= {name: row[name].upper() for name in CODED if row[name]}
    found = night.site.places.authority(row["value"]) if row["action"] in NAMES_AN_AUTHORITY else None
    return row | ({"value": found.code} if found else {})


def refusal(decision: Row, code: str, as_of: date) -> Row:
    """A row of the contract `refusal`."""
    kept = ("decision_id", "decided_at", "decided_by", "action", "mention_key", "other_mention_key")
    return {name: decision[name] for name in kept} | {
        "reason_code": code,
        "reason": REFUSALS[code],
        "refused_on": as_of,
    }


Check = Callable[[Row, Night], str | None]


def _status(decision: Row, _night: Night) -> str | None:
    return None if decision["value"] in STATUSES else "STATUS_NOT_AGREED"


def _removal(decision: Row, _night: Night) -> str | None:
    if decision["reason_code"] not in REMOVAL_REASONS:
        return "REMOVAL_REASON_NOT_AGREED"
    return "REASON_MISSING" if decision["reason_code"] == "OTHER" and decision["reason"] is None else None


def _pair(decision: Row, _night: Night) -> str | None:
    if not MENTION_KEY.match(decision["other_mention_key"] or ""):
        return "OTHER_MENTION_KEY_UNREADABLE"
    return "MENTIONS_THE_SAME" if decision["mention_key"] == decision["other_mention_key"] else None


def _reason(decision: Row, _night: Night) -> str | None:
    return "REASON_MISSING" if decision["reason"] is None else None


def _value(decision: Row, _night: Night) -> str | None:
    return "VALUE_MISSING" if decision["value"] is None else None


def _day(decision: Row, _night: Night) -> str | None:
    return "DATE_UNREADABLE" if day_of(decision["value"]) is None else None


def _birth(decision: Row, night: Night) -> str | None:
    is_possible = day_of(decision["value"]) is not None and birth_of(decision["value"], night.as_of).precision == "DAY"
    return None if is_possible else "BIRTH_NOT_POSSIBLE"


def _birth_status(decision: Row, _night: Night) -> str | None:
    return (
        None if decision["reason_code"] in codes.values("mention", "dob_status").values() else "BIRTH_STATUS_NOT_AGREED"
    )


def _gender(decision: Row, _night: Night) -> str | None:
    return None if decision["value"] in codes.values("mention", "gender").values() else "GENDER_NOT_AGREED"


def _reference(decision: Row, _night: Night) -> str | None:
    return None if REFERENCE.match(decision["value"] or "") else "REFERENCE_UNREADABLE"


def _authority(decision: Row, night: Night) -> str | None:
    return None if night.site.places.authority(decision["value"]) else "AUTHORITY_NOT_AGREED"


def _panel(decision: Row, night: Night) -> str | None:
    return None if decision["value"] in night.site.all_panels else "PANEL_NOT_AGREED"


FORMS: dict[str, Check] = {
    "status": _status,
    "removal": _removal,
    "pair": _pair,
    "birth": _birth,
    "birth_status": _birth_status,
    "gender": _gender,
    "authority": _authority,
    "reference": _reference,
    "panel": _panel,
    "day": _day,
    "value": _value,
    "reason": _reason,
}
