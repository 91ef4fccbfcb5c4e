"""Is this a key, or somebody's name?

Keys stand in logs, file names and messages, so they may say nothing about a person. A key is tidied and has to be of
the agreed form; one that looks like a name, a date, an address or a telephone number is refused, and only its shape is
shown.
"""

import re

from expectations.spelling import shape_of

NOT_AGREED = "KEY_NOT_AGREED"
REASONS = {
    NOT_AGREED: "The key is not of the agreed form, or looks like a person's data: the sender has to give a "
    "reference of letters, digits and - / . _ with at least one digit, and nothing about a person in it.",
}

FORM = re.compile(r"(?=.*\d)[A-Za-z0-9](?:[A-Za-z0-9/._\-]{0,38}[A-Za-z0-9])?")
OF_A_PERSON = tuple(
    re.compile(form)
    for form in (
        r"[A-Z][a-z]{2,}",  # Jayden
        r"[a-z]{3,}[^A-Za-z]*[a-z]{3,}",  # jayden.smith
        r"[A-Z]{5,}[^A-Za-z]+[A-Z]{5,}",  # SMITH-JAYDEN
        r"\d{1,2}[/.\-]\d{1,2}[/.\-](?:19|20)\d{2}(?!\d)",  # 19/07/2010
        r"(?<!\d)(?:19|20)\d{2}[/.\-]\d{1,2}[/.\-]\d{1,2}(?!\d)",  # 2010-07-19
        r"(?<![A-Za-z0-9])[A-Z]{1,2}\d[A-Z\d]?[._\-]?\d[A-Z]{2}(?![A-Za-z0-9])",  # NG1 5AA, with another sign
        r"(?<!\d)(?:44|0)7\d{9}(?!\d)",  # 07700 900123
    )
)


def key_of(text: str | None) -> str | None:
    """The key without white space or invisible signs around it; None where nothing is left."""
    return (text or "").strip(" \t\r\n\f\v\x00\u00a0\u200b\ufeff\u3000") or None


def is_agreed(key: str) -> bool:
    """True where a key is of the agreed form and says nothing about a person."""
    return FORM.fullmatch(key) is not None and not any(form.search(key) for form in OF_A_PERSON)


def shown(key: str) -> str:
    """What may be shown of a key: itself where it is of the agreed form, else its shape."""
    return key if is_agreed(key) else f"({shape_of(key)})"
