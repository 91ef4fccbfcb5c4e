"""Which Police National Computer record is this?

Both year forms are led to `YYYY/NNNNNNND`. A check letter that does not fit is a warning and never a rejection: real
identifiers break the published rule (POLE data standard DS_072, whose own example does).
"""

import re

from transforms.normalise.text import code_text

LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"  # DS_072: the remainder by 23, without I, O and S
FIRST_YEAR_OF_LAST_CENTURY = 39  # DS_071 gives record years as 39 to 95: lower ones are of this century

_SEPARATORS = re.compile(r"[\s\-]")
_PNC_ID = re.compile(r"^(\d{4}|\d{2})/(\d{1,7})([A-Z])$")
_PNC_ID_BARE = re.compile(r"^(\d{4}|\d{2})(\d{7})([A-Z])$")


def pnc_id_of(text: str | None) -> tuple[str | None, str]:
    """(PNC id as YYYY/NNNNNNND or None, warning code or empty)."""
    written = code_text(text)
    if written is None:
        return None, ""
    plain = _SEPARATORS.sub("", written.upper().replace("\\", "/"))
    match = _PNC_ID.match(plain) or _PNC_ID_BARE.match(plain)
    if match is None or int(match[2]) == 0:
        return None, "PNC_UNREADABLE"
    year, serial, letter = _four_digits(match[1]), match[2].zfill(7), match[3]
    fits = letter in (check_letter(year[2:], serial), check_letter(year, serial))
    return f"{year}/{serial}{letter}", "" if fits else "PNC_CHECK_LETTER"


def check_letter(year: str, serial: str) -> str:
    """The letter of a year part and a seven-digit serial, by modulus 23."""
    return LETTERS[int(year + serial) % 23]


def _four_digits(year: str) -> str:
    if len(year) == 4:
        return year
    return ("19" if int(year) >= FIRST_YEAR_OF_LAST_CENTURY else "20") + year
