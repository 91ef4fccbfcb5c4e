"""What is this person called, in one form whatever way it was typed?

Titles, placeholders and the marks of record systems are removed, aliases written into a name field move to the alias,
a "SURNAME, Given" in one field is taken apart, and each part gets a comparable key. What a mark or a placeholder hides
is left empty, never guessed. A name's parts recur in many records, so each is read once and remembered.
"""

import csv
import re
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from transforms.normalise.placeholders import is_no_given_name, is_no_name, is_no_surname, is_no_whole_name
from transforms.normalise.text import key, tidy

NICKNAMES = Path(__file__).parent / "nicknames.csv"
LONGEST = 200  # characters; what is longer is not a name (POLE DS_031 allows 35)
REMEMBERED = 65_536

_MARKS = re.compile(r"\b(?:MIG_ERROR|NO_SHOW|DUPLICATE)_+|\b(?:MIG_ERROR|NO_SHOW)\b", re.IGNORECASE)
_TITLE = re.compile(r"^(?:mr|mrs|miss|ms|mx|master|dr|prof|rev)(?:\.\s*|\s+)(?=\S)", re.IGNORECASE)
_TITLE_ALONE = re.compile(r"^(?:mr|mrs|miss|ms|mx|dr)\.?$", re.IGNORECASE)
_BRACKETED = re.compile(r"[(\[{]([^)\]}]*)[)\]}]|[\"“”]([^\"“”]+)[\"“”]|(?:^|(?<=\s))['‘]([^'’]+)['’](?=\s|$)")
_AKA = re.compile(r"(?:^|\s+)(?:a\.?k\.?a\.?|also known as|known as|alias)\s+(.+)$", re.IGNORECASE)
_MAIDEN = re.compile(r"^(?:née?|nee|aka|a\.k\.a\.|known as|alias)\s+", re.IGNORECASE)
_JOINED = re.compile(r"\b(mc|mac|o) (?=[a-z]{2})")
_MC = re.compile(r"\bMc([a-z])")
_PART = re.compile(r"[^\W\d_]+")


class Name(NamedTuple):
    """One person's name: as a person would write it, and as it is compared."""

    given_names: str | None
    given_key: str | None
    first_key: str | None
    root_key: str | None
    surname: str | None
    surname_key: str | None
    alias: str | None
    alias_key: str | None
    warnings: tuple[str, ...]


class Part(NamedTuple):
    """One field of a name with its marks, title and aliases taken off."""

    text: str | None
    aliases: tuple[str, ...] = ()
    warning: str = ""


def name_of(given_names: str | None, surname: str | None, alias: str | None) -> Name:
    """The name that three fields of a record give."""
    first, last, other = _part(given_names, is_no_given_name), _part(surname, is_no_surname), _nickname(alias)
    if given_names and surname and is_no_whole_name(given_names, surname):
        first, last = (Part(None, part.aliases, "NAME_PLACEHOLDER") for part in (first, last))
    given, family = _in_order(first.text, last.text)
    nick, nick_key = _alias((other.text, *first.aliases, *last.aliases))
    warnings = {first.warning, last.warning, other.warning} - {""}
    return Name(*_given(given), *_family(family), nick, nick_key, tuple(sorted(warnings)))


@lru_cache(REMEMBERED)
def _part(field: str | None, names_nobody: Callable[[str], bool]) -> Part:
    """A given name or surname."""
    read = _nickname(field)
    if read.text is None:
        return read
    text, aliases = _without_aliases(_without_marks(read.text))
    text = _without_title(text)
    if text and names_nobody(text):
        return Part(None, aliases, "NAME_PLACEHOLDER")
    return Part(text, aliases)


@lru_cache(REMEMBERED)
def _nickname(field: str | None) -> Part:
    """What somebody is called: "Dr Dre" and "Lil (K)" stay as they are."""
    text = tidy(field)
    if text is None:
        return Part(None)
    if len(text) > LONGEST:
        return Part(None, warning="NAME_TOO_LONG")
    return Part(None, warning="NAME_PLACEHOLDER") if is_no_name(text) else Part(text)


@lru_cache(REMEMBERED)
def _given(text: str | None) -> tuple[str | None, str | None, str | None, str | None]:
    """(given names, their key, the key of the first, its root)."""
    given = _cased(text)
    compared = key(given)
    first = compared.split(" ", 1)[0] if compared else None
    return given, compared, first, root(first) if first else None


@lru_cache(REMEMBERED)
def _family(text: str | None) -> tuple[str | None, str | None]:
    """(surname, its key)."""
    family = _cased(text)
    return family, surname_key(family)


def surname_key(surname: str | None) -> str | None:
    """The comparable surname: `O'Connor`, `O Connor` -> `oconnor`; `Mc Donald` -> `mcdonald`; hyphens are spaces."""
    compared = key(surname)
    return _JOINED.sub(r"\1", compared) if compared else None


def root(first: str) -> str:
    """The one name that a nickname or a spelling variant stands for; the name itself where the table has none."""
    return nicknames().get(first, first)


@cache
def nicknames() -> dict[str, str]:
    """Comparable nickname or variant -> root: the reviewed table beside this module."""
    with NICKNAMES.open(encoding="utf-8", newline="") as lines:
        return {row["name"]: row["root"] for row in csv.DictReader(lines)}


def _without_marks(text: str) -> str | None:
    return tidy(_MARKS.sub("", text)) if "_" in text else text


def _without_title(text: str | None) -> str | None:
    if text is None or _TITLE_ALONE.match(text):
        return None
    return _TITLE.sub("", text)


def _without_aliases(text: str | None) -> tuple[str | None, tuple[str, ...]]:
    if text is None or text.isalpha():
        return text, ()
    found = [next(filter(None, groups), "") for groups in _BRACKETED.findall(text)]
    rest = _BRACKETED.sub(" ", text)
    known_as = _AKA.search(rest)
    if known_as:
        found.append(known_as[1])
        rest = rest[: known_as.start()]
    return tidy(rest), tuple(alias for alias in found if not is_no_name(alias))


@lru_cache(REMEMBERED)
def _alias(parts: tuple[str | None, ...]) -> tuple[str | None, str | None]:
    """(aliases, their key)."""
    aliases: dict[str | None, str] = {}
    for part in parts:
        text = tidy(_MAIDEN.sub("", part)) if part else None
        if text:
            aliases.setdefault(key(text), text)
    alias = "; ".join(aliases.values()) or None
    return alias, key(alias)


def _in_order(given: str | None, family: str | None) -> tuple[str | None, str | None]:
    if given and family:
        before, comma, after = given.partition(",")
        if comma and key(before) == key(family):  # "SMITH, John" beside the surname Smith
            given = _without_title(after.strip()) or None
        return given, family
    whole = given or family
    if whole is None:
        return None, None
    before, comma, after = (part.strip() for part in whole.partition(","))
    if comma and before and after:
        return _without_title(after), before
    return _by_capitals(whole) if given else (None, whole)


def _by_capitals(whole: str) -> tuple[str | None, str | None]:
    """`Dominic JOHNSON` and `JOHNSON Dominic`: capitals mark the surname where they mark only a part."""
    words = whole.split()
    capital = [len(word) > 1 and word.isupper() for word in words]
    if all(capital) or not any(capital):
        return whole, None
    families = [word for word, is_family in zip(words, capital, strict=True) if is_family]
    if words[: len(families)] != families and words[-len(families) :] != families:
        return whole, None
    return " ".join(word for word, is_family in zip(words, capital, strict=True) if not is_family), " ".join(families)


def _cased(text: str | None) -> str | None:
    """A name in capitals or small letters alone, as a person would write it; a name in mixed case is left as it is."""
    if text is None or not (text.isupper() or text.islower()):
        return text
    cased = _PART.sub(lambda part: part[0].capitalize(), text)
    return _MC.sub(lambda part: "Mc" + part[1].upper(), cased)
