"""Which text is this value, and is it one?

Everything that comes in passes here: whatever type a driver or a file format gives is led to the text that the inbound
contract asks for, or refused by name. What is refused costs the value and nothing else.
"""

import math
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

LONGEST = 1_000_000  # characters of one value
MOST = 10**30  # no number that a record holds has more digits

REASONS = {
    "VALUE_NOT_TEXT": "A value is of a kind that is no text, such as a list, an object, a yes/no or binary data. It "
    "was left empty: the source has to give text.",
    "VALUE_NOT_UTF8": "A value holds bytes that are no UTF-8 text. It was left empty: correct its characters at the "
    "source.",
    "VALUE_TOO_LONG": "A value is longer than any text of its kind can be. It was left empty: correct it at the "
    "source.",
}


class NotText(Exception):
    """A value is no text; the message is its reason code."""


def text_of(value: Any) -> str | None:
    """The text that a value is, None where nothing is known; raises NotText."""
    if value is None:
        return None
    for kind, form in _FORMS:
        if isinstance(value, kind):
            return _checked(form(value))
    raise NotText("VALUE_NOT_TEXT")


def _checked(text: str | None) -> str | None:
    if not text:
        return None
    if len(text) > LONGEST:
        raise NotText("VALUE_TOO_LONG")
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a character, as a program leaves it that cuts by UTF-16 units
        raise NotText("VALUE_NOT_UTF8") from None
    return text


def _same(text: str) -> str:
    return text


def _not_text(_value: object) -> str:
    raise NotText("VALUE_NOT_TEXT")


def _iso(moment: date) -> str:
    return moment.isoformat()


def _number(value: Any) -> str | None:
    """A number without a needless fraction; what is no number is not known."""
    if not (value.is_finite() if isinstance(value, Decimal) else math.isfinite(value)):
        return None
    if abs(value) >= MOST:
        raise NotText("VALUE_TOO_LONG")
    if value == int(value):
        return str(int(value))
    return format(value, "f") if isinstance(value, Decimal) else repr(value)


def _utf8(content: bytes | bytearray | memoryview) -> str:
    try:
        return bytes(content).decode()
    except UnicodeDecodeError:
        raise NotText("VALUE_NOT_UTF8") from None


_FORMS: tuple[tuple[type | tuple[type, ...], Callable[[Any], str | None]], ...] = (  # the first that fits counts
    (str, _same),
    (bool, _not_text),
    (int, str),
    ((Decimal, float), _number),
    ((datetime, date), _iso),
    ((bytes, bytearray, memoryview), _utf8),
    (UUID, str),
)
