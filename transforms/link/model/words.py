"""What is written of two mentions: which fields agreed, nearly agreed, differed, or were not known of both?

Every level of the model has its words here, and every outcome and question page takes them from here, so that nothing
is written that was not compared.
"""

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from transforms.link.model.columns import Values
from transforms.link.model.decide import OUTCOMES
from transforms.link.model.score import Levels
from transforms.link.model.settings import FIELDS

# An outcome and a level of each field as one number, of which each takes four bits.
PLACES = 16 ** np.arange(len(FIELDS), -1, -1)
AGREE, NEARLY, DIFFER = "same", "nearly", "differs"


class Found(NamedTuple):
    """What a level of a field means: AGREE, NEARLY or DIFFER, and in which way, where that matters."""

    verdict: str
    how: str = ""


NAMES = {
    "surname": "surname",
    "given": "first name",
    "middle": "second name",
    "birth": "date of birth",
    "gender": "gender",
    "alias": "alias",
    "place": "home",
    "telephone": "telephone",
    "pnc": "PNC id",
    "nominal": "record-system id",
}
PLAIN = {"SAME": Found(AGREE), "DIFFERENT": Found(DIFFER)}
LEVELS: dict[str, dict[str, Found]] = {
    **dict.fromkeys(("middle", "gender", "alias", "telephone", "pnc", "nominal"), PLAIN),
    "surname": PLAIN
    | {
        "TWO_NAMES": Found(NEARLY, "spelt alike, but each is a name in its own right"),
        "ALIKE": Found(NEARLY, "a typing error, or one part of a double name"),
        "SWAPPED": Found(NEARLY, "exchanged with the first name"),
    },
    "given": PLAIN
    | {
        "DIFFERENT": Found(DIFFER, "two names in their own right"),
        "SECOND_DIFFERENT": Found(DIFFER, "one first word, two second names"),
        "UNLISTED": Found(DIFFER, "far apart, and one is on no list of names"),
        "PART": Found(NEARLY, "an initial, or a part of the other's names"),
        "ALIKE": Found(NEARLY, "a typing error"),
        "SWAPPED": Found(NEARLY, "exchanged with the surname"),
        "VARIANT": Found(AGREE, "a nickname or another spelling"),
    },
    "birth": PLAIN
    | {
        "YEAR_DIFFERENT": Found(DIFFER, "a year alone, and it is another"),
        "AGE_DIFFERENT": Found(DIFFER, "a stated age, and it gives other years"),
        "AGE_SAME": Found(NEARLY, "a stated age, and its years fit"),
        "YEAR_SAME": Found(NEARLY, "a year alone, and it is the same"),
        "NEAR": Found(NEARLY, "two of day, month and year are the same"),
        "SWAPPED": Found(NEARLY, "day and month exchanged"),
        "SAME_NEW_YEAR": Found(AGREE, "1 January, and nobody verified it"),
    },
    "place": {
        "DIFFERENT": Found(DIFFER),
        "ADDRESS_ALIKE": Found(NEARLY, "addresses written alike"),
        "POSTCODE_SAME": Found(AGREE, "one postcode"),
        "ADDRESS_SAME": Found(AGREE),
    },
}


def found(field: str, level: str) -> Found:
    """What a level of a field means, by their names; one that an earlier model had is given in its own letters."""
    return LEVELS.get(field, {}).get(level) or Found(NEARLY, level.replace("_", " ").lower())


def sentence_of(levels: dict[str, str]) -> str:
    """The levels of a pair, by field, in a sentence; fields that are not in it were not known of both."""
    by_verdict: dict[str, list[str]] = {AGREE: [], NEARLY: [], DIFFER: []}
    absent = [NAMES[field] for field in FIELDS if field not in levels]
    for field, level in levels.items():
        verdict, how = found(field, level)
        by_verdict[verdict].append(f"{NAMES[field]} ({how})" if how else NAMES[field])
    parts = {
        "Agree": by_verdict[AGREE],
        "Nearly agree": by_verdict[NEARLY],
        "Differ": by_verdict[DIFFER],
        "Not in both": absent,
    }
    return " ".join(f"{verdict}: {', '.join(fields)}." for verdict, fields in parts.items() if fields)


def named(levels: Iterable[int]) -> dict[str, str]:
    """The numbers of a pair's levels, in order of FIELDS, by name; without what is not known of both."""
    return {field: kind(level).name for (field, kind), level in zip(FIELDS.items(), levels, strict=True) if level}


def why(outcome: npt.NDArray[np.int8], levels: Levels) -> Values:
    """For each pair the code and words of its outcome (its place in OUTCOMES), and what of it agreed and differed."""
    rows = np.column_stack([outcome, levels]).astype(np.int64)
    _, first, of = np.unique(rows @ PLACES, return_index=True, return_inverse=True)
    texts: Values = pa.array([_sentence(*row) for row in rows[first].tolist()])
    return texts.take(pa.array(of))


@cache
def _sentence(outcome: int, *levels: int) -> str:
    return f"{OUTCOMES[outcome]}. {sentence_of(named(levels))}"
