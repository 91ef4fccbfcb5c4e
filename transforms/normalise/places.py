"""Where does this person live, as far as an address can be compared?

Postcodes by Royal Mail's rules, one space; the placeholders for "no fixed abode" are no address at all, because they
would make neighbours of people who share nothing.
"""

import re
from typing import NamedTuple

from transforms.normalise.text import code_text, key, tidy

_SEPARATORS = re.compile(r"[\s.\-]")
_POSTCODE = re.compile(
    r"^(GIR|[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d|[A-HK-Y]\d[\dABEHMNPRVWXY]|\d[A-HJKPSTUW]))(\d[ABD-HJLNP-UW-Z]{2})$"
)
_NO_FIXED_ABODE_CODES = re.compile(r"^(?:NF11NF|NF11FA|NFA|ZZ99\w{3})$")
_NO_FIXED_ABODE = re.compile(r"^(?:nfa|no fixed (?:abode|address)|of no fixed (?:abode|address)|homeless)$")
_NO_ADDRESS = re.compile(r"^(?:not known|unknown|not stated|none|n a|n k|refused|tbc)$")
_POSTCODE_AT_END = re.compile(r"[\s,]+[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}$", re.IGNORECASE)
_SHORT = {
    "apartment": "flat", "apt": "flat", "avenue": "ave", "close": "cl", "court": "ct", "crescent": "cres",
    "drive": "dr", "gardens": "gdns", "gdn": "gdns", "grove": "gr", "lane": "ln", "place": "pl", "road": "rd",
    "square": "sq", "street": "st", "str": "st", "terrace": "terr", "av": "ave", "crt": "ct", "no": "",
}  # fmt: skip


class Place(NamedTuple):
    """A postcode with its outward part, or why there is none."""

    postcode: str | None
    outward_code: str | None
    warning: str = ""


def postcode_of(text: str | None) -> Place:
    """The postcode in a field: upper case, one space, only where Royal Mail could have issued it."""
    written = code_text(text)
    if written is None:
        return Place(None, None)
    plain = _SEPARATORS.sub("", written.upper())
    if _NO_FIXED_ABODE_CODES.match(plain):
        return Place(None, None, "NO_FIXED_ABODE")
    match = _POSTCODE.match(plain)
    if match is None:
        return Place(None, None, "POSTCODE_UNREADABLE")
    return Place(f"{match[1]} {match[2]}", match[1])


def address_of(text: str | None) -> tuple[str | None, str | None, str]:
    """(address as written, comparable address, warning code or empty): street words shortened, a postcode left out."""
    written = tidy(text)
    compared = key(_POSTCODE_AT_END.sub("", written)) if written else None
    if compared is None or _NO_ADDRESS.match(compared):
        return None, None, ""
    if _NO_FIXED_ABODE.match(compared):
        return None, None, "NO_FIXED_ABODE"
    words = (_SHORT.get(word, word) for word in compared.split())
    return written, " ".join(word for word in words if word) or None, ""
