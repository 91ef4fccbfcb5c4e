"""Which codes do others use for the same thing?

Reads the code lists in `reference/`: force codes, gender and ethnicity crosswalks, social-care codes, grades, and
the fields and outcomes of the NRM. Each file begins with lines marked `#` that say where it comes from.
"""

import csv
from functools import cache
from pathlib import Path

REFERENCE = Path(__file__).parent / "reference"


@cache
def codes(name: str) -> tuple[dict[str, str], ...]:
    """The rows of a code list, in its order; a cell without an equivalent is the empty string."""
    text = (REFERENCE / f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


@cache
def crosswalk(name: str, given: str, wanted: str) -> dict[str, str]:
    """From the codes of one column to those of another; codes without an equivalent are left out."""
    return {row[given]: row[wanted] for row in codes(name) if row[wanted]}


def nrm_outcome(text: str | None) -> str | None:
    """The code of a decision of the competent authority in whatever words and case; None where it is none of them."""
    return _outcomes().get(_plain(text or ""))


@cache
def _outcomes() -> dict[str, str]:
    rows = codes("nrm_outcomes")
    return {_plain(word): row["code"] for row in rows for word in (row["code"], *row["spellings"].split(";"))}


def _plain(text: str) -> str:
    return " ".join(text.replace("_", " ").casefold().split()).rstrip(".")
