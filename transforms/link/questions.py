"""Which pairs should a person look at, and which first?

Two groups of mentions that are likely but not certainly one person make one question, whatever the number of pairs
between them, and no question is asked whose answer would follow from others. Those that settle most come first.
"""

import heapq
import json
from typing import Any

import numpy as np

from transforms.link.blocking import Rows
from transforms.link.columns import Columns, Flags
from transforms.link.decide import OUTCOMES, Decided, Outcome
from transforms.link.score import Scored, Weights, field_weights
from transforms.link.settings import EVEN_WEIGHT, FIELDS, most_asked

Row = dict[str, Any]


def question_rows(
    columns: Columns, pairs: Scored, decided: Decided, serving: Flags, asked: set[tuple[str, str]]
) -> list[Row]:
    """Rows of `same_person_question`, those that settle most first.

    `serving` marks the pairs whose answer may serve a child; `asked` are pairs that stand as a question already: they
    are not replaced by others about the same people.
    """
    keys = zip(columns.keys[pairs.left].tolist(), columns.keys[pairs.right].tolist(), strict=True)
    stands = np.array([pair in asked for pair in keys], bool)
    asking = chosen(pairs, decided, serving, stands)
    shown = waterfall(columns, pairs.take(np.array([place for place, _ in asking], np.int64)))
    return [
        {
            "mention_key": columns.keys[pairs.left[place]],
            "other_mention_key": columns.keys[pairs.right[place]],
            "match_weight": float(pairs.weight[place]),
            "why": why_of(OUTCOMES[decided.outcome[place]]),
            "weights": json.dumps(fields, separators=(",", ":")),
            "settles": settles,
        }
        for (place, settles), fields in zip(asking, shown, strict=True)
    ]


def why_of(outcome: Outcome) -> str:
    """Code and words of an outcome, for people."""
    return f"{outcome.name}: {outcome.value[1]}"


def chosen(pairs: Scored, decided: Decided, serving: Flags, stands: Flags) -> list[tuple[int, int]]:
    """(position of a pair, pairs of mentions its answer settles) of the pairs to ask, those that settle most first.

    Greedy: the question expected to settle most is asked first, and counted as answered "same", so that no question is
    asked whose answer would follow from those before it.
    """
    size = np.bincount(decided.group, minlength=len(decided.group))
    open_ = np.flatnonzero(decided.is_open() & serving)
    a, b = decided.group[pairs.left[open_]], decided.group[pairs.right[open_]]
    between = np.minimum(a, b) * len(size) + np.maximum(a, b)
    order = np.lexsort((open_, -pairs.weight[open_], ~stands[open_], between))
    first = order[np.r_[True, between[order][1:] != between[order][:-1]]] if len(order) else order
    return _greedy(size, a[first].tolist(), b[first].tolist(), pairs.weight[open_[first]], open_[first].tolist())


def _greedy(size: Rows, a: list[int], b: list[int], weight: Weights, place: list[int]) -> list[tuple[int, int]]:
    joined: dict[int, int] = {}
    sizes: dict[int, int] = {}

    def root(group: int) -> int:
        while group in joined:
            group = joined[group]
        return group

    def settles(number: int) -> int:
        left, right = root(a[number]), root(b[number])
        return 0 if left == right else sizes.get(left, int(size[left])) * sizes.get(right, int(size[right]))

    likely = (1 / (1 + 2.0 ** (EVEN_WEIGHT - weight))).tolist()
    heap = [(-likely[number] * settles(number), place[number], number) for number in range(len(a))]
    heapq.heapify(heap)
    found: list[tuple[int, int]] = []
    while heap and len(found) < most_asked(len(size)):
        expected, at, number = heapq.heappop(heap)
        worth = settles(number)
        if not worth:
            continue
        if -likely[number] * worth < expected:  # groups have grown since: it is worth more than it was
            heapq.heappush(heap, (-likely[number] * worth, at, number))
            continue
        found.append((at, worth))
        left, right = root(a[number]), root(b[number])
        sizes[left] = sizes.get(left, int(size[left])) + sizes.get(right, int(size[right]))
        joined[right] = left
    return found


def waterfall(columns: Columns, pairs: Scored) -> list[list[Row]]:
    """For each pair its rows of field, level and weight in bits; a field not known on both sides is left out."""
    weights = field_weights(columns, pairs.left, pairs.right, pairs.levels)
    kinds = list(FIELDS.items())
    return [
        [
            {"field": field, "level": kind(level).name, "weight": round(float(weight), 2)}
            for (field, kind), level, weight in zip(kinds, levels.tolist(), row.tolist(), strict=True)
            if level
        ]
        for levels, row in zip(pairs.levels, weights, strict=True)
    ]
