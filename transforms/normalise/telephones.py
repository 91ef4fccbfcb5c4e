"""Which telephone number is this, in E.164?

Numbers are read as if dialled in the United Kingdom. Only the length is held against the numbering plan: numbers that
are not in service, or kept for drama, are still one number written two ways.
"""

import re

import phonenumbers
from phonenumbers import PhoneNumberFormat, ValidationResult

from transforms.normalise.text import code_text

REGION = "GB"

_SEPARATORS = re.compile(r"[\s().\-/]")
_MOBILE = re.compile(
    r"^(?:\+44|0044|0)(7\d{9})$"
)  # what nearly all are; the library agrees, at a hundredth of the speed
_ONE_DIGIT = re.compile(r"^\+?(?:44|0)?7?(\d)\1+$")


def telephone_of(text: str | None) -> tuple[str | None, str]:
    """(number in E.164 or None, warning code or empty)."""
    written = code_text(text)
    if written is None:
        return None, ""
    plain = _SEPARATORS.sub("", written)
    if _ONE_DIGIT.match(plain):
        return None, "TELEPHONE_UNREADABLE"
    mobile = _MOBILE.match(plain)
    if mobile:
        return "+44" + mobile[1], ""
    try:
        number = phonenumbers.parse(written, REGION)
    except phonenumbers.NumberParseException:
        return None, "TELEPHONE_UNREADABLE"
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE or number.extension:
        return None, "TELEPHONE_UNREADABLE"
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164)), ""
