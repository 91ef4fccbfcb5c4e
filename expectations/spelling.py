"""Is this the agreed word, nearly the agreed word, or another; and what does it look like?

Record systems pad codes, change their case and slip a letter. Codes are compared without case and outer spaces; what is
nearly an agreed one is a signal. `shape_of` shows a value without its letters and digits, so that a person sees what is
wrong with a value that may not be written anywhere.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

MOST_SLIPS = 2  # letters added, left out or changed in a word that still counts as nearly the agreed one
LETTERS_A_SLIP = 4  # a word shorter than this a slip is another word, not a slip
SHAPE_LENGTH = 40

_SIGNS = re.compile(r"[\W_]+")
_EDGES = re.compile(r"^[\s\x00]+|[\s\x00]+$")


def folded(text: str | None) -> str:
    """A code without case and outer spaces; any white space within is one space."""
    return " ".join(_EDGES.sub("", text or "").split()).casefold()


def is_same(text: str | None, agreed: str) -> bool:
    """True where a value is the agreed code."""
    return folded(text) == _folded_code(agreed)


def agreed_of(text: str | None, agreed: Iterable[str]) -> str | None:
    """The agreed code that a value is; None where it is none of them."""
    written = folded(text)
    return next((code for code in agreed if _folded_code(code) == written), None)


@cache
def _folded_code(agreed: str) -> str:
    return folded(agreed)


def is_near(text: str | None, agreed: str) -> bool:
    """True where a value is not the agreed code but may be meant for it: it holds it, or differs by a slip."""
    written, wanted = _letters(text), _letters(agreed)
    if not written or is_same(text, agreed):
        return False
    slips = min(MOST_SLIPS, len(wanted) // LETTERS_A_SLIP)
    return (slips > 0 and wanted in written) or _slips(written, wanted) <= slips


def shape_of(text: str) -> str:
    """What a value looks like: letters as A and a, digits as 9, other signs as they are, what is invisible as `·`."""
    shown = "".join(map(_sign, text[:SHAPE_LENGTH]))
    return shown + ("…" if len(text) > SHAPE_LENGTH else "")


def _sign(sign: str) -> str:
    category = unicodedata.category(sign)
    if category[0] == "L":
        return "A" if category in ("Lu", "Lt") else "a"
    if category[0] == "N":
        return "9"
    return sign if sign == " " or category[0] in "PS" else "·"


def _letters(text: str | None) -> str:
    return _SIGNS.sub("", unicodedata.normalize("NFKC", text or "")).casefold()


def _slips(one: str, other: str) -> int:
    """The edit distance of two words (Levenshtein 1966); only whether it is small matters, so far ones are cut off."""
    if abs(len(one) - len(other)) > MOST_SLIPS:
        return MOST_SLIPS + 1
    above = list(range(len(other) + 1))
    for row, sign in enumerate(one, 1):
        line = [row]
        for column, against in enumerate(other, 1):
            line.append(min(above[column] + 1, line[-1] + 1, above[column - 1] + (sign != against)))
        above = line
    return above[-1]
