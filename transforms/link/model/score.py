"""How alike are two mentions, field by field and in all?

A Fellegi-Sunter model: each field's comparison falls on one level, each level has a weight, and a name, address or
telephone that many persons bear weighs less. The same model runs in Splink (`splink_model`); a test holds both equal.

Fellegi, I. P. and Sunter, A. B. (1969), A Theory for Record Linkage, JASA 64(328).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from transforms.link.model import settings
from transforms.link.model.columns import Codes, Columns, Flags, Values, pc
from transforms.link.model.components import UNKNOWN, Rows
from transforms.link.model.database import computed
from transforms.link.model.settings import FIELDS, FREQUENCY, Agreement, Birth, Given, Place, Surname

Levels = npt.NDArray[np.int8]
Weights = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scored:
    """Pairs of rows, their level in each field (P x F, fields in order of FIELDS) and their match weight in bits."""

    left: Rows
    right: Rows
    levels: Levels
    weight: Weights

    def __len__(self) -> int:
        return len(self.left)

    def level(self, field: str) -> Levels:
        """The levels of one field."""
        return self.levels[:, list(FIELDS).index(field)]

    def take(self, chosen: Flags | Rows) -> "Scored":
        """The pairs chosen by mask or position."""
        return Scored(self.left[chosen], self.right[chosen], self.levels[chosen], self.weight[chosen])

    @staticmethod
    def together(parts: Iterable["Scored"]) -> "Scored":
        """All pairs of several, in order of their rows."""
        found = [*parts, Scored.none()]
        left, right = (np.concatenate([getattr(part, side) for part in found]) for side in ("left", "right"))
        order = np.argsort(left * (int(right.max(initial=0)) + 1) + right)
        levels = np.concatenate([part.levels for part in found])[order]
        return Scored(left[order], right[order], levels, np.concatenate([part.weight for part in found])[order])

    @staticmethod
    def none() -> "Scored":
        """No pairs."""
        rows = np.empty(0, np.int64)
        return Scored(rows, rows, np.empty((0, len(FIELDS)), np.int8), np.empty(0))


def score(columns: Columns, left: Rows, right: Rows) -> Scored:
    """The pairs (left[i], right[i]) with their levels and weights."""
    compared = {
        "surname": _surname(columns, left, right),
        "given": _given(columns, left, right),
        "middle": _agreement(columns.middle, left, right),
        "birth": _birth(columns, left, right),
        "gender": _agreement(columns.gender, left, right),
        "alias": _agreement(columns.alias, left, right),
        "place": _place(columns, left, right),
        "telephone": _agreement(columns.telephone, left, right),
        "pnc": _agreement(columns.pnc, left, right),
        "nominal": _nominal(columns, left, right),
    }
    levels = np.empty((len(left), len(FIELDS)), np.int8)
    for place, field in enumerate(FIELDS):
        levels[:, place] = compared[field]
    return Scored(left, right, levels, field_weights(columns, left, right, levels).sum(axis=1))


def field_weights(columns: Columns, left: Rows, right: Rows, levels: Levels) -> Weights:
    """Weight of each pair in each field (P x F), in bits: the level's own, less how common the shared value is."""
    weights = np.zeros(levels.shape)
    for place, field in enumerate(FIELDS):
        weights[:, place] = np.asarray(settings.weights(field))[levels[:, place]]
    for (field, level), counted in FREQUENCY.items():
        place = list(FIELDS).index(field)
        agree = np.flatnonzero(levels[:, place] == level)
        bits = columns.bits[counted]
        weights[agree, place] -= np.maximum(bits[left[agree]], bits[right[agree]])
    return weights


def _agreement(values: Codes, left: Rows, right: Rows) -> Codes:
    a, b = values[left], values[right]
    return np.where(
        (a == UNKNOWN) | (b == UNKNOWN), Agreement.UNKNOWN, np.where(a == b, Agreement.SAME, Agreement.DIFFERENT)
    )


def _surname(columns: Columns, left: Rows, right: Rows) -> Codes:
    a, b = columns.surname[left], columns.surname[right]
    level = _agreement(columns.surname, left, right).copy()
    level[level == Agreement.SAME] = Surname.SAME
    unequal = np.flatnonzero(level == Surname.DIFFERENT)
    alike = unequal[_alike_words(columns, a[unequal], b[unequal])]
    level[alike] = np.where(_two_surnames(columns, left[alike], right[alike]), Surname.TWO_NAMES, Surname.ALIKE)
    level[_swapped(columns, left, right)] = Surname.SWAPPED
    return level


def _two_surnames(columns: Columns, left: Rows, right: Rows) -> Flags:
    """True where each surname is a name in its own right, and neither a part of the other."""
    known, double = columns.is_known_surname, columns.is_double_surname
    return np.asarray(known[left] & known[right] & (double[left] == double[right]))


def _given(columns: Columns, left: Rows, right: Rows) -> Codes:
    a, b = columns.first[left], columns.first[right]
    known = (a != UNKNOWN) & (b != UNKNOWN)
    level = np.where(known, Given.DIFFERENT, Given.UNKNOWN)
    same = known & (columns.root[left] == columns.root[right])
    unequal = np.flatnonzero(known & ~same)
    strange = ~(columns.is_known_name[left[unequal]] & columns.is_known_name[right[unequal]])
    alike = _alike_words(columns, a[unequal], b[unequal])
    level[unequal[strange]] = Given.UNLISTED
    level[unequal[alike & strange]] = Given.ALIKE
    level[unequal[_part(columns, left[unequal], right[unequal])]] = Given.PART
    level[_swapped(columns, left, right)] = Given.SWAPPED
    level[same] = np.where(a[same] == b[same], Given.SAME, Given.VARIANT)
    level[same & columns.is_initial[left]] = Given.PART
    second_a, second_b = columns.second[left], columns.second[right]
    level[same & (second_a != second_b) & (second_a != UNKNOWN) & (second_b != UNKNOWN)] = Given.SECOND_DIFFERENT
    return level


def _part(columns: Columns, left: Rows, right: Rows) -> Flags:
    a, b = columns.first[left], columns.first[right]
    among = ((a == columns.middle[right]) & (a != UNKNOWN)) | ((b == columns.middle[left]) & (b != UNKNOWN))
    initials = columns.initial
    is_initial = columns.is_initial
    return np.asarray(among | ((is_initial[left] | is_initial[right]) & (initials[left] == initials[right])))


def _swapped(columns: Columns, left: Rows, right: Rows) -> Flags:
    return np.asarray(
        (columns.surname[left] != UNKNOWN)
        & (columns.surname[right] != UNKNOWN)
        & (columns.surname[left] != columns.surname[right])
        & (columns.surname[left] == columns.first[right])
        & (columns.surname[right] == columns.first[left])
    )


def _birth(columns: Columns, left: Rows, right: Rows) -> Codes:
    a, b = columns.dob[left], columns.dob[right]
    year_a, year_b = columns.year[left], columns.year[right]
    day_a, day_b = columns.day_month[left], columns.day_month[right]
    years = np.where(year_a == year_b, Birth.YEAR_SAME, Birth.YEAR_DIFFERENT)
    level = np.where((year_a == UNKNOWN) | (year_b == UNKNOWN), _ages(columns, left, right), years)
    dated = (a != UNKNOWN) & (b != UNKNOWN)
    parts = (year_a == year_b).astype(int) + (day_a // 100 == day_b // 100) + (day_a % 100 == day_b % 100)
    level[dated] = Birth.DIFFERENT
    level[dated & (parts == 2)] = Birth.NEAR
    level[dated & (year_a == year_b) & (day_a // 100 == day_b % 100) & (day_a % 100 == day_b // 100)] = Birth.SWAPPED
    level[dated & (a == b)] = Birth.SAME
    new_year = (day_a == 101) & ~columns.is_verified[left] & ~columns.is_verified[right]
    level[dated & (a == b) & new_year] = Birth.SAME_NEW_YEAR
    return level


def _ages(columns: Columns, left: Rows, right: Rows) -> Codes:
    """The levels of pairs of which one side is an age alone, or nothing."""
    first, last = columns.year_from, columns.year_to
    overlap = (first[left] <= last[right]) & (first[right] <= last[left])
    known = (last[left] != UNKNOWN) & (last[right] != UNKNOWN)
    return np.where(known, np.where(overlap, Birth.AGE_SAME, Birth.AGE_DIFFERENT), Birth.UNKNOWN)


def _place(columns: Columns, left: Rows, right: Rows) -> Codes:
    address = _agreement(columns.address, left, right)
    postcode = _agreement(columns.postcode, left, right)
    level = np.maximum(address, postcode)
    level[level == Agreement.SAME] = Place.POSTCODE_SAME
    unequal = np.flatnonzero((address == Agreement.DIFFERENT) & (postcode == Agreement.UNKNOWN))
    ours, theirs = columns.address[left[unequal]], columns.address[right[unequal]]
    level[unequal[_alike(columns.addresses, ours, theirs, settings.ALIKE_ADDRESS)]] = Place.ADDRESS_ALIKE
    level[(address == Agreement.SAME) & (postcode == Agreement.DIFFERENT)] = Place.ADDRESS_ALIKE
    level[(address == Agreement.SAME) & (postcode != Agreement.DIFFERENT)] = Place.ADDRESS_SAME
    return level


def _nominal(columns: Columns, left: Rows, right: Rows) -> Codes:
    known = (columns.nominals[left, 0] != UNKNOWN) & (columns.nominals[right, 0] != UNKNOWN)
    level = np.where(known, Agreement.DIFFERENT, Agreement.UNKNOWN)
    level[columns.share_nominal(left, right)] = Agreement.SAME
    return level


def _alike_words(columns: Columns, left: Codes, right: Codes) -> Flags:
    """True where two names differ by a typing error.

    An edit brings in one letter at most and takes away one, so that most names that differ by more show it quickly.
    """
    a, b = columns.letters[left], columns.letters[right]
    new, lost = np.bitwise_count(a & ~b), np.bitwise_count(b & ~a)
    may_be = (a == 0) | (b == 0) | ((new <= settings.ALIKE_MOST_EDITS) & (lost <= settings.ALIKE_MOST_EDITS))
    found = np.zeros(len(left), bool)
    found[may_be] = _alike(columns.words, left[may_be], right[may_be], settings.ALIKE_JARO_WINKLER)
    return found


def _alike(words: Values, left: Codes, right: Codes, threshold: float) -> Flags:
    """True where two words differ by a typing error; each distinct pair of words is judged once, by DuckDB."""
    if not len(left):
        return np.zeros(0, bool)
    size = len(words)
    pairs, place = np.unique(left.astype(np.int64) * size + right, return_inverse=True)
    # One of two alike words is always the first, so that it does not matter which mention has which.
    one, other = words.take(pa.array(pairs // size)), words.take(pa.array(pairs % size))
    swapped = pc.greater(one, other)
    word_pairs = {"a": pc.if_else(swapped, other, one), "b": pc.if_else(swapped, one, other)}
    judged = computed({"alike": alike_sql("a", "b", threshold)}, pa.table(word_pairs))
    return np.asarray(judged["alike"], bool)[place]


def alike_sql(a: str, b: str, threshold: float) -> str:
    """SQL: two words differ by a typing error, or are a double name and one of its parts.

    Two double names with one part in common are two names, however alike they look as a whole.
    """
    shorter = f"least(length({a}), length({b}))"
    edits = f"damerau_levenshtein({a}, {b}) <= {settings.ALIKE_EDITS} and {shorter} >= {settings.ALIKE_LENGTH}"
    part = " or ".join(
        f"starts_with({whole}, {word} || ' ') or ends_with({whole}, ' ' || {word})" for whole, word in ((a, b), (b, a))
    )
    look = f"jaro_winkler_similarity({a}, {b}) >= {threshold}"
    if threshold == settings.ALIKE_JARO_WINKLER:
        look += f" and damerau_levenshtein({a}, {b}) <= {settings.ALIKE_MOST_EDITS}"
        look += f" and not (contains({a}, ' ') and contains({b}, ' '))"
    return f"(({look}) or ({edits}) or {part})"
