"""Is this a name, or what somebody writes where no name is known?

`placeholders.csv` holds the words by kind. A text is a placeholder where all of its words are in the table and they
decide: words for "not known", "not given" and error values by themselves, a role ("Male Child", "Twin 1") where it
stands for a given name or for a whole name, a negation or filler only beside another ("not provided", "see notes").
So does whatever has no letter. A surname that is one role alone, as Child, Young or Driver, is a surname.
"""

import csv
import re
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

from transforms.normalise.text import key

TABLE = Path(__file__).parent / "placeholders.csv"
DECIDING = {"not known", "not given", "error value"}
BESIDE_ANOTHER = {"negation", "filler"}
_ERROR_CELL = re.compile(r"^#[A-Z_]+(?:/0)?[!?]?$|^#N/A$|^Err:\d+$|^<NA>$", re.IGNORECASE)
_CROSSED_OUT = re.compile(r"^[xX\W_]+$")
REMEMBERED = 65_536


@cache
def _kinds() -> dict[str, str]:
    with TABLE.open(encoding="utf-8", newline="") as rows:
        return {row["word"]: row["kind"] for row in csv.DictReader(rows)}


@lru_cache(REMEMBERED)
def is_no_name(text: str) -> bool:
    """True where a text names nobody, in whatever field."""
    if _CROSSED_OUT.match(text) or _ERROR_CELL.match(text) or not any(letter.isalpha() for letter in text):
        return True
    return _kinds().get(key(text) or "") in DECIDING or _decide(_kinds_in(text))


def is_no_given_name(text: str) -> bool:
    """True where given names name nobody: as `is_no_name`, or they are a role."""
    return is_no_name(text) or _is_role(text)


def is_no_surname(text: str) -> bool:
    """True where a surname names nobody: as `is_no_name`, or it is a role of several words."""
    return is_no_name(text) or (len(_kinds_in(text)) > 1 and _is_role(text))


def is_no_whole_name(given_names: str, surname: str) -> bool:
    """True where given names and surname together name nobody, as "Youth" "Male", "Not" "Provided" or "John" "Doe"."""
    given, whole = _kinds_in(given_names), f"{given_names} {surname}"
    if None in given:
        return _kinds().get(key(whole) or "") == "stand-in"
    return bool(set(given) - {"detail"}) and (_is_role(whole) or _decide(_kinds_in(whole)))


def _is_role(text: str) -> bool:
    found = _kinds_in(text)
    return None not in found and "role" in found


@lru_cache(REMEMBERED)
def _kinds_in(text: str) -> tuple[str | None, ...]:
    """The kind of each word, None for a word that is not in the table; letters and numbers alone are details."""
    words = (key(text) or "").split()
    return tuple(_kinds().get(word) or ("detail" if len(word) == 1 or word.isdigit() else None) for word in words)


def _decide(kinds: Sequence[str | None]) -> bool:
    """True where words of these kinds name nobody, whatever the roles among them."""
    if None in kinds:
        return False
    return bool(DECIDING.intersection(kinds)) or sum(kind in BESIDE_ANOTHER for kind in kinds) > 1
