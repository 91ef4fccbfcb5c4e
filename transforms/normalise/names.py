"""What is this person called, in one form whatever way it was typed?

Titles, placeholders and the marks of record systems are removed, aliases written into a name field move to the alias,
a "SURNAME, Given" in one field is taken apart, and each part gets a comparable key. What a mark or a placeholder hides
is left empty, never guessed.
"""

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from transforms.normalise.text import key, tidy

NICKNAMES = Path(__file__).parent / "nicknames.csv"

_MARKS = re.compile(r"\b(?:MIG_ERROR|NO_SHOW|DUPLICATE)_+|\b(?:MIG_ERROR|NO_SHOW)\b", re.IGNORECASE)
_TITLE = re.compile(r"^(?:mr|mrs|miss|ms|mx|master|dr|prof|rev)\b\.?\s*(?=\S)", re.IGNORECASE)
_TITLE_ALONE = re.compile(r"^(?:mr|mrs|miss|ms|mx|dr)\.?$", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"^(?:not (?:entered|known|stated|given|recorded|provided)|no (?:name|surname)|refused|tb[ac]|test|duplicate"
    r"|un-?known(?: (?:male|female|person|child|juvenile|youth))?|unk|n/?k|u/?k|n/a|none|null|nil|[x?.\-_*/ ]+)$",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"[(\[{]([^)\]}]*)[)\]}]|[\"“”]([^\"“”]+)[\"“”]|(?:^|(?<=\s))['‘]([^'’]+)['’](?=\s|$)")
_AKA = re.compile(r"(?:^|\s+)(?:a\.?k\.?a\.?|also known as|known as|alias)\s+(.+)$", re.IGNORECASE)
_MAIDEN = re.compile(r"^(?:née?|nee|aka|a\.k\.a\.|known as|alias)\s+", re.IGNORECASE)
_JOINED = re.compile(r"\b(mc|mac|o) (?=[a-z]{2})")
_PART = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Name:
    """One person's name: as a person would write it, and as it is compared."""

    given_names: str | None
    surname: str | None
    alias: str | None
    given_key: str | None
    first_key: str | None
    root_key: str | None
    surname_key: str | None
    alias_key: str | None
    warnings: tuple[str, ...]


def name_of(given_names: str | None, surname: str | None, alias: str | None) -> Name:
    """The name that three fields of a record give."""
    given, given_aliases = _without_aliases(_without_marks(given_names))
    family, family_aliases = _without_aliases(_without_marks(surname))
    given, family = _in_order(_without_title(given), _without_title(family))
    nick = _alias([_without_marks(alias), *given_aliases, *family_aliases])
    found = [_real(given), _real(family), _real(nick)]
    hidden = any(part and not real for part, real in zip((given, family, nick), found, strict=True))
    given, family, nick = _cased(found[0]), _cased(found[1]), found[2]
    given_key = key(given)
    first = given_key.split(" ", 1)[0] if given_key else None
    return Name(
        given_names=given,
        surname=family,
        alias=nick,
        given_key=given_key,
        first_key=first,
        root_key=root(first) if first else None,
        surname_key=surname_key(family),
        alias_key=key(nick),
        warnings=("NAME_PLACEHOLDER",) if hidden else (),
    )


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


def _without_marks(text: str | None) -> str | None:
    text = tidy(text)
    return tidy(_MARKS.sub("", text)) if text and "_" in text else text


def _without_title(text: str | None) -> str | None:
    if text is None or _TITLE_ALONE.match(text):
        return None
    return _TITLE.sub("", text)


def _without_aliases(text: str | None) -> tuple[str | None, list[str]]:
    if text is None or text.isalpha():
        return text, []
    found = [next(filter(None, groups), "") for groups in _BRACKETED.findall(text)]
    rest = _BRACKETED.sub(" ", text)
    known_as = _AKA.search(rest)
    if known_as:
        found.append(known_as[1])
        rest = rest[: known_as.start()]
    return tidy(rest), found


def _alias(parts: list[str | None]) -> str | None:
    aliases: dict[str | None, str] = {}
    for part in parts:
        text = tidy(_MAIDEN.sub("", part)) if part else None
        if text:
            aliases.setdefault(key(text), text)
    return "; ".join(aliases.values()) or None


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


def _real(text: str | None) -> str | None:
    return None if text is None or _PLACEHOLDER.match(text) else text


def _cased(text: str | None) -> str | None:
    """A name in capitals or small letters alone, as a person would write it; a name in mixed case is left as it is."""
    if text is None or not (text.isupper() or text.islower()):
        return text
    cased = _PART.sub(lambda part: part[0].capitalize(), text)
    return re.sub(r"\bMc([a-z])", lambda part: "Mc" + part[1].upper(), cased)
