"""Has this decision the form that the inbound contract asks for?

Form only: whether the mentions exist, and whether two decisions contradict each other, is known where decisions are
folded. Which checks an action has to pass stands in `expectations.actions`; a malformed decision is refused with a
sentence for the sergeant.
"""

import re
from collections.abc import Callable, Collection

from expectations.actions import ACTIONS
from expectations.agreed import CONSENTS, PARENTS, REMOVAL_REASONS, REVIEW_OUTCOMES, URGENCIES
from expectations.contracts import contract
from expectations.feeds import FEEDS
from expectations.inputs import INPUTS
from expectations.plain import Row
from transforms.normalise.births import birth_of
from transforms.normalise.moments import day_of
from transforms.normalise.names import name_of
from transforms.normalise.places import postcode_of
from transforms.normalise.records import Night
from transforms.normalise.text import tidy

_LANDED = contract("landed_decision")
MENTION_KEY = re.compile(rf"^(intel:.+#\d+|({'|'.join(feed.prefix for feed in FEEDS.values() if feed.prefix)}):.+)$")
REFERENCE = re.compile(r"^(night:\d{4}-\d\d-\d\d|decision:\S+)$")
POLICE = re.compile(r"\s+(police( service)?|constabulary)$", re.IGNORECASE)  # what follows the name of a force
CODED = ("action", "reason_code")
TEXTS = [one.name for one in _LANDED.columns if one.type == "string" and one.name not in (*_LANDED.key, "origin")]
LONGEST_WORDS = 2_000

REFUSALS: dict[str, str] = {
    "ACTION_UNKNOWN": "The action is none of those that the inbound contract names.",
    "MENTION_KEY_UNREADABLE": "mention_key does not name a mention, such as intel:99/2022/000417#1.",
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
    "AREA_NOT_AGREED": "The value must be one of the site's neighbourhood policing areas.",
    "NAME_UNREADABLE": "The value must be a name as SURNAME, given names.",
    "HOME_UNREADABLE": "The value must be an address and a postcode as 12 High Street | AB1 2CD; one may be empty.",
    "DESTINATION_UNREADABLE": "The value must be authority | force: where the child moved to.",
    "URGENCY_NOT_AGREED": f"The reason_code must be one of {', '.join(URGENCIES)}.",
    "CONSENT_NOT_AGREED": f"The value must be one of {', '.join(CONSENTS)}.",
    "PARENTS_NOT_AGREED": f"The reason_code must be one of {', '.join(PARENTS)}.",
    "WORDS_TOO_LONG": f"The words for partners must have at most {LONGEST_WORDS} characters.",
    "REVIEW_NOT_AGREED": f"The reason_code must be {' or '.join(REVIEW_OUTCOMES)}.",
    "MEETING_REF_MISSING": "meeting_ref must name the meeting whose day this is.",
    "DATE_AHEAD": "The day lies after the night that reads this: a meeting that was held has a day that is past.",
    "PLACE_NOT_AGREED": "The value must name the children's services authority or the force that was told.",
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
    """A landed decision with its text tidied, its codes in capitals, and places by the names that tables hold."""
    row = decision | {name: tidy(decision[name]) for name in TEXTS}
    row |= {name: row[name].upper() for name in CODED if row[name]}
    form = ACTIONS[row["action"]].form if row["action"] in ACTIONS else ()
    held = (HELD_AS[word][0](row["value"] or "", night) for word in form if word in HELD_AS)
    return row | {"value": next(filter(None, held), row["value"])}


def _authority_held(value: str, night: Night) -> str | None:
    found = night.site.places.authority(value)
    return found.code if found else None


def _name_held(value: str, _night: Night) -> str | None:
    surname, comma, given_names = value.partition(",")
    name = name_of(given_names, surname, None)
    return f"{name.surname}, {name.given_names}" if comma and name.surname and name.given_names else None


def _home_held(value: str, _night: Night) -> str | None:
    address, bar, postcode = (tidy(part) or "" for part in value.partition("|"))
    found = postcode_of(postcode)
    is_read = bar and (found.postcode or not postcode) and (address or postcode)
    return f"{address} | {found.postcode or ''}" if is_read else None


def _area_held(value: str, night: Night) -> str | None:
    return night.site.area(value)


def _destination_held(value: str, night: Night) -> str | None:
    authority, bar, force = (tidy(part) or "" for part in value.partition("|"))
    found = night.site.places.authority(authority)
    code = night.site.places.force(force) or night.site.places.force(POLICE.sub("", force))
    return f"{found.code} | {code}" if bar and found and code else None


def _place_held(value: str, night: Night) -> str | None:
    return _authority_held(value, night) or night.site.places.force(value) or None


# The value of a form as tables hold it, and the code by which one is refused of which nothing can be made.
HELD_AS: dict[str, tuple[Callable[[str, Night], str | None], str]] = {
    "name": (_name_held, "NAME_UNREADABLE"),
    "home": (_home_held, "HOME_UNREADABLE"),
    "area": (_area_held, "AREA_NOT_AGREED"),
    "authority": (_authority_held, "AUTHORITY_NOT_AGREED"),
    "place": (_place_held, "PLACE_NOT_AGREED"),
    "destination": (_destination_held, "DESTINATION_UNREADABLE"),
}


Check = Callable[[Row, Night], str | None]


def _given(column: str, code: str) -> Check:
    """Refused by that code where the column is empty."""
    return lambda decision, night: None if decision[column] else code


def _one_of(column: str, agreed: Collection[str], code: str) -> Check:
    """Refused by that code where the column has none of the agreed words."""
    return lambda decision, night: None if decision[column] in agreed else code


def _held_as(read_value: Callable[[str, Night], str | None], code: str) -> Check:
    """Refused by that code where nothing can be made of the value."""
    return lambda decision, night: None if read_value(decision["value"] or "", night) else code


def _removal(decision: Row, _night: Night) -> str | None:
    if decision["reason_code"] not in REMOVAL_REASONS:
        return "REMOVAL_REASON_NOT_AGREED"
    return "REASON_MISSING" if decision["reason_code"] == "OTHER" and decision["reason"] is None else None


def _pair(decision: Row, _night: Night) -> str | None:
    if not MENTION_KEY.match(decision["other_mention_key"] or ""):
        return "OTHER_MENTION_KEY_UNREADABLE"
    return "MENTIONS_THE_SAME" if decision["mention_key"] == decision["other_mention_key"] else None


def _day(decision: Row, _night: Night) -> str | None:
    return "DATE_UNREADABLE" if day_of(decision["value"]) is None else None


def _birth(decision: Row, night: Night) -> str | None:
    is_possible = day_of(decision["value"]) is not None and birth_of(decision["value"], night.as_of).precision == "DAY"
    return None if is_possible else "BIRTH_NOT_POSSIBLE"


def _reference(decision: Row, _night: Night) -> str | None:
    return None if REFERENCE.match(decision["value"] or "") else "REFERENCE_UNREADABLE"


def _words(decision: Row, _night: Night) -> str | None:
    if decision["value"] is None:
        return "VALUE_MISSING"
    return "WORDS_TOO_LONG" if len(decision["value"]) > LONGEST_WORDS else None


def _past(decision: Row, night: Night) -> str | None:
    day = day_of(decision["value"])
    return "DATE_AHEAD" if day and day > night.as_of else None


def _panel(decision: Row, night: Night) -> str | None:
    return None if decision["value"] in night.site.all_panels else "PANEL_NOT_AGREED"


# What is chosen from a list on a screen has to be of that list here, too; everything else has a check of its own.
FORMS: dict[str, Check] = {
    **{
        word: _one_of(field.column, field.choices, f"{word.upper()}_NOT_AGREED")
        for word, fields in INPUTS.items()
        for field in fields
        if field.choices
    },
    "removal": _removal,
    "pair": _pair,
    "birth": _birth,
    "reference": _reference,
    "words": _words,
    "meeting": _given("meeting_ref", "MEETING_REF_MISSING"),
    "past": _past,
    "panel": _panel,
    "day": _day,
    "value": _given("value", "VALUE_MISSING"),
    "reason": _given("reason", "REASON_MISSING"),
    **{word: _held_as(as_held, code) for word, (as_held, code) in HELD_AS.items()},
}
