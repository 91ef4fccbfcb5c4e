"""How are dates, names, codes and keys written for people?

One place for the words of every page, workbook and pack, so that a code reads the same everywhere.
"""

import re
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from expectations.actions import ACTIONS
from expectations.feeds import INTELLIGENCE, SOURCES
from expectations.fields import FIELDS
from expectations.questions import QUESTIONS
from expectations.site import LONDON
from transforms.normalise.reasons import WARNINGS

NOT_KNOWN = "not known"
KEPT_DAYS = 4096

# Marks that change the direction of text, controls and half characters: shown as what they are, so that no name can
# hide behind them.
_HIDDEN = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

_CODE = re.compile("^[A-Z][A-Z0-9_]+: ")

LABELS = {
    "OPEN": "Open to the County Lines team",
    "VULNERABLE": "Vulnerable to County Lines",
    "PROPOSED": "Proposed",
    "DECLINED": "Declined",
    "REMOVED": "Removed",
    "HELD": "Held, not proposed",
    "AGED_OUT": "Turned 18",
    "NO_LONGER_AT_RISK": "No longer at risk",
    "MOVED_AREA": "Moved area",
    "DECEASED": "Deceased",
    "ENTERED_IN_ERROR": "Entered in error",
    "OTHER": "Other reason",
    "INVOLVED": "Involved",
    "LINKED": "Linked",
    "VERIFIED": "verified",
    "STATED": "stated",
    "ESTIMATED": "estimated",
    "UNKNOWN": "not known",
    "DISPUTED": "disputed",
    "DECIDED": "decided",
    "ADDED": "Added",
    "STATUS": "Status changed",
    "RETURNED": "Back on the tracker",
    "MERGED": "Merged with another record",
    "SPLIT": "Split from another record",
    "FACT": "Facts changed",
    "RESTRICTED": "Restricted: leaves the force for nobody",
    "UNRESTRICTED": "Restriction lifted",
    "UNDISPUTED": "No longer disputed",
    "WITHDRAWN": "Intelligence withdrawn",
    "UNSUPPORTED": "No standing intelligence left",
    "ATTAINED_18": "Turned 18",
    "HOME": "Home authority",
    "PLACING": "Placing authority",
    "FOUND": "Authority where found",
    "POLICE_HOME": "Force of the home",
    "POLICE_FOUND": "Force that found the child",
    "NFA": "No further action",
    "INFORMATION_ONLY": "Kept for information",
    "STRATEGY_DISCUSSION": "Strategy discussion",
    "SECTION_47": "Enquiry under section 47",
    **{name: source.label for name, source in SOURCES.items()},
    **{name: action.label for name, action in ACTIONS.items()},
    **{name: kind.label for name, kind in QUESTIONS.items()},
    **{kind.task: kind.label for kind in QUESTIONS.values() if kind.task},
    **WARNINGS,
}

# The source that the beginning of a mention's key stands for.
SOURCE_OF = {source.prefix: name for name, source in SOURCES.items() if source.prefix}

SHORT_STATUS = {"OPEN": "Open", "VULNERABLE": "Vulnerable"}

FIELD_LABELS = {
    **{name: field.label for name, field in FIELDS.items()},
    # The model's own words, in the evidence of a question.
    "given": "Given names",
    "birth": "Date of birth",
    "place": "Home",
    "*": "Whole record",
}


def label(code: Any) -> str:
    """A code in words; an unknown one in its own letters, an empty one as not known."""
    if code is None or code == "":
        return NOT_KNOWN
    return LABELS.get(str(code)) or str(code).replace("_", " ").capitalize()


def field_label(name: Any) -> str:
    """The name of a field in words."""
    return FIELD_LABELS.get(str(name)) or str(name).replace("_", " ").capitalize()


def visible(text: Any) -> str:
    """Text with direction marks and control characters written out as ⟨U+202E⟩; empty where nothing is known."""
    if text is None:
        return ""
    return _HIDDEN.sub(lambda mark: f"⟨U+{ord(mark[0]):04X}⟩", str(text))


@lru_cache(maxsize=KEPT_DAYS)
def day(value: Any) -> str:
    """A date as 22 Nov 2022; a moment as its day in London."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(LONDON).date()
    return f"{value.day} {value:%b %Y}"


def weekday(value: date) -> str:
    """A date as Tuesday 22 November 2022."""
    return f"{value:%A} {value.day} {value:%B %Y}"


def moment(value: Any) -> str:
    """A moment as 22 Nov 2022, 14:05 in London; takes a datetime or its ISO form."""
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    local = value.astimezone(LONDON) if value.tzinfo else value
    return f"{day(local)}, {local:%H:%M}"


def number(value: int | float) -> str:
    """A count with a comma at the thousands."""
    return f"{value:,}"


def counted(count: int, one: str, many: str = "") -> str:
    """A count with its noun: 1 child, 3 children."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def signed(weight: float) -> str:
    """A weight with its sign, one decimal, and a real minus."""
    return f"{weight:+.1f}".replace("-", "−")


def reason(why: Any) -> str:
    """Why something is asked, as a sentence: without the code in front, which is for programs."""
    sentence = visible(_CODE.sub("", str(why or "")))
    return f"{sentence[:1].upper()}{sentence[1:].rstrip('.')}." if sentence else ""


def shortened(names: list[str], most: int) -> list[str]:
    """The first names, and how many more there are."""
    more = len(names) - most
    return [*names[:most], f"{more} more"] if more > 0 else names


def listed(names: list[str]) -> str:
    """Names in a sentence: surname, gender and address."""
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def source_record(mention_key: str) -> str:
    """The record that a mention stands in: Intelligence report 31/2022/000417."""
    kind = mention_key.partition(":")[0]
    return f"{label(SOURCE_OF.get(kind, kind))} {record_ref(mention_key)}"


def record_ref(key: str) -> str:
    """The reference of a record as people know it, by a mention's key; a key of anything else as it is."""
    kind, _, record = key.partition(":")
    return (record.partition("#")[0] if kind == INTELLIGENCE.prefix else record) or key


def anchor(key: Any) -> str:
    """A key as an HTML id."""
    return re.sub(r"[^A-Za-z0-9]+", "-", str(key)).strip("-")


def iso_day(value: Any) -> str:
    """A date, or its ISO form, as 22 Nov 2022."""
    return day(date.fromisoformat(value) if isinstance(value, str) else value)


def short_status(state: Any) -> str:
    """A state on the tracker in one word."""
    return SHORT_STATUS.get(str(state)) or label(state)


def decided_value(value: str) -> str:
    """The value of a decision: a code in words, a date as people write it, anything else as it is."""
    try:
        return day(date.fromisoformat(value))
    except ValueError:
        return LABELS.get(value) or visible(value)
