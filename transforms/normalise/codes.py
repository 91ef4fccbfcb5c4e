"""Which of the agreed codes does a field hold?

The codes of a person's columns are those of the contract `mention`; ethnicity and forces have lists of their own. What
is not on a list is not known: it stays empty, with a warning.
"""

from functools import cache

from expectations import reference
from expectations.contracts import contract
from expectations.places import Places
from transforms.normalise.text import code_text, tidy

GENDER_LETTERS = {"m": "Male", "f": "Female"}  # the letters that PNC and courts use for the same two values


@cache
def values(table: str, column: str) -> dict[str, str]:
    """A contract's values of a column, by their small letters."""
    agreed = next(c for c in contract(table).columns if c.name == column)
    return {value.lower(): value for value in agreed.values}


def code_of(text: str | None, table: str, column: str) -> tuple[str | None, bool]:
    """(the agreed value or None, True where there was something that is not agreed)."""
    written = tidy(text)
    if written is None:
        return None, False
    value = values(table, column).get(written.lower())
    return value, value is None


def gender_of(text: str | None) -> tuple[str | None, str]:
    """(gender of POLE DS_037 or None, warning code or empty)."""
    written = tidy(text)
    if written and written.lower() in GENDER_LETTERS:
        return GENDER_LETTERS[written.lower()], ""
    gender, is_strange = code_of(text, "mention", "gender")
    return gender, "GENDER_UNKNOWN_CODE" if is_strange else ""


def ethnicity_of(text: str | None) -> tuple[str | None, str]:
    """(police self-defined ethnicity code or None, warning code or empty)."""
    written = tidy(text)
    if written is None:
        return None, ""
    code = written.upper()
    return (code, "") if code in ethnicities() else (None, "ETHNICITY_UNKNOWN_CODE")


def authority_of(text: str | None, places: Places) -> tuple[str | None, str]:
    """(children's services authority, warning code or empty); what names none is kept as written, for a person."""
    written = tidy(text)
    if written is None:
        return None, ""
    found = places.authority(written)
    return (found.code, "") if found else (written, "AUTHORITY_UNKNOWN_CODE")


def birth_status_of(text: str | None) -> tuple[str, str]:
    """(how sure the date of birth is, warning code or empty); UNKNOWN where nothing is given."""
    status, is_strange = code_of(text, "mention", "dob_status")
    return status or "UNKNOWN", "DOB_STATUS_UNKNOWN_CODE" if is_strange else ""


def age_of(text: str | None) -> tuple[int | None, str]:
    """(age in whole years or None, warning code or empty)."""
    written = code_text(text)
    if written is None:
        return None, ""
    whole = written.removesuffix(".0")
    if whole.isascii() and whole.isdigit() and int(whole) <= 120:
        return int(whole), ""
    return None, "AGE_UNREADABLE"


@cache
def ethnicities() -> frozenset[str]:
    """Police self-defined ethnicity codes."""
    return frozenset(row["sde"] for row in reference.codes("ethnicity"))


@cache
def forces() -> frozenset[str]:
    """Force codes, as strings of two characters."""
    return frozenset(row["code"] for row in reference.codes("forces") if len(row["code"]) == 2)
