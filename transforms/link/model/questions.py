"""Which pairs should a person look at, and which first?

Two groups of mentions that are likely but not certainly one person make one question, whatever the number of pairs
between them, and no question is asked whose answer would follow from others. Those that settle most come first.
"""

import heapq
import json
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from expectations.contracts import contract
from expectations.plain import Row
from transforms.link.model.blocking import Rows
from transforms.link.model.columns import Columns, Flags
from transforms.link.model.decide import Decided
from transforms.link.model.score import Scored, Weights, field_weights
from transforms.link.model.settings import EVEN_WEIGHT, FIELDS
from transforms.link.model.words import named, why

AT_A_TIME = 4096


def question_rows(
    columns: Columns, pairs: Scored, decided: Decided, serving: Flags, stands: Flags, most: int
) -> pa.Table:
    """Rows of `same_person_question`, those that settle most first, `most` at most.

    `serving` marks the pairs whose answer may serve a child, `stands` those that are a question already: they are not
    replaced by others about the same people.
    """
    asking = chosen(pairs, decided, serving, stands, most)
    place = np.array([place for place, _ in asking], np.int64)
    shown = waterfall(columns, pairs.take(place))
    table = pa.table(
        {
            "mention_key": columns.keys.take(pa.array(pairs.left[place])),
            "other_mention_key": columns.keys.take(pa.array(pairs.right[place])),
            "match_weight": pa.array(pairs.weight[place]),
            "why": why(decided.outcome[place], pairs.levels[place]),
            "weights": pa.array([json.dumps(fields, separators=(",", ":")) for fields in shown], pa.string()),
            "settles": pa.array([settles for _, settles in asking], pa.int64()),
        }
    )
    return contract("same_person_question").conform(table)


def chosen(pairs: Scored, decided: Decided, serving: Flags, stands: Flags, most: int) -> list[tuple[int, int]]:
    """(position of a pair, pairs of mentions its answer settles) of the pairs to ask, those that settle most first.

    Greedy: the question expected to settle most is asked first, and counted as answered "same", so that no question is
    asked whose answer would follow from those before it.
    """
    size = np.bincount(decided.group, minlength=len(decided.group))
    return _greedy(_askable(pairs, decided, serving, stands), size, most)


@dataclass(frozen=True)
class Asking:
    """Questions that could be asked: the two groups of each, its weight, and the position of its pair, ascending."""

    a: Rows
    b: Rows
    weight: Weights
    place: Rows

    def likely(self) -> Weights:
        """How likely each answer is "same"."""
        return np.asarray(1 / (1 + 2.0 ** (EVEN_WEIGHT - self.weight)))


def _askable(pairs: Scored, decided: Decided, serving: Flags, stands: Flags) -> Asking:
    """One question for any two groups that may be one: what is asked already, or else the heaviest pair."""
    open_ = np.flatnonzero(decided.is_open() & serving)
    a, b = decided.group[pairs.left[open_]], decided.group[pairs.right[open_]]
    between = np.minimum(a, b) * len(decided.group) + np.maximum(a, b)
    order = np.lexsort((-pairs.weight[open_], ~stands[open_], between))
    first = np.sort(order[np.diff(between[order], prepend=-1) != 0])
    return Asking(a[first], b[first], pairs.weight[open_[first]], open_[first])


def _in_order(worth: Weights, place: Rows) -> Iterator[tuple[float, int, int]]:
    """(worth, place, number) of each, in order; made some at a time, because few of many are taken."""
    order = np.argsort(worth, kind="stable")
    for start in range(0, len(order), AT_A_TIME):
        number = order[start : start + AT_A_TIME]
        yield from zip(worth[number].tolist(), place[number].tolist(), number.tolist(), strict=True)


def _greedy(asking: Asking, size: Rows, most: int) -> list[tuple[int, int]]:
    joined: dict[int, int] = {}
    sizes: dict[int, int] = {}

    def root(group: int) -> int:
        while group in joined:
            group = joined[group]
        return group

    found: list[tuple[int, int]] = []
    likely = asking.likely()
    expected = likely * (size[asking.a] * size[asking.b])
    # Few of all are asked, so they stand in order; only those that have come to be worth more go through a heap.
    waiting = _in_order(-expected, asking.place)
    grown: list[tuple[float, int, int]] = []
    following = next(waiting, None)
    while len(found) < most and (following or grown):
        if following is None or (grown and grown[0] < following):
            before, at, number = heapq.heappop(grown)
        else:
            before, at, number = following
            following = next(waiting, None)
        left, right = root(int(asking.a[number])), root(int(asking.b[number]))
        if left == right:
            continue
        ours, theirs = (sizes.get(group, int(size[group])) for group in (left, right))
        worth = -float(likely[number]) * (ours * theirs)
        if worth < before:  # groups have grown since: it is worth more than it was
            heapq.heappush(grown, (worth, at, number))
            continue
        found.append((at, ours * theirs))
        sizes[left] = ours + theirs
        joined[right] = left
    return found


def waterfall(columns: Columns, pairs: Scored) -> Iterator[list[Row]]:
    """For each pair its rows of field, level and weight in bits; a field not known on both sides is left out."""
    weights = field_weights(columns, pairs.left, pairs.right, pairs.levels)
    for levels, row in zip(pairs.levels.tolist(), weights, strict=True):
        by_field = dict(zip(FIELDS, row.tolist(), strict=True))
        yield [
            {"field": field, "level": level, "weight": round(by_field[field], 2)}
            for field, level in named(levels).items()
        ]
