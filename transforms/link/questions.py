"""Which pairs should a person look at, and which first?

Two groups of mentions that are likely but not certainly one person make one question, whatever the number of pairs
between them, and no question is asked whose answer would follow from others. Those that settle most come first.
"""

import json
from typing import Any

import numpy as np

from transforms.link.columns import Columns, Flags
from transforms.link.decide import Decided, Outcome
from transforms.link.score import Scored, field_weights
from transforms.link.settings import FIELDS

Row = dict[str, Any]


def question_rows(
    columns: Columns, pairs: Scored, decided: Decided, serving: Flags, asked: set[tuple[str, str]]
) -> list[Row]:
    """Rows of `same_person_question`, those that settle most first.

    `serving` marks the pairs whose answer may serve a child; `asked` are pairs that stand as a question already: they
    are not replaced by others about the same people.
    """
    asking = [(place, settles) for place, settles in chosen(columns, pairs, decided, serving, asked)]
    shown = waterfall(columns, pairs.take(np.array([place for place, _ in asking], np.int64)))
    return [
        {
            "mention_key": columns.keys[pairs.left[place]],
            "other_mention_key": columns.keys[pairs.right[place]],
            "match_weight": float(pairs.weight[place]),
            "why": why_of(decided.outcomes[place]),
            "weights": json.dumps(fields, separators=(",", ":")),
            "settles": settles,
        }
        for (place, settles), fields in zip(asking, shown, strict=True)
    ]


def why_of(outcome: Outcome) -> str:
    """Code and words of an outcome, for people."""
    return f"{outcome.name}: {outcome.value[1]}"


def chosen(
    columns: Columns, pairs: Scored, decided: Decided, serving: Flags, asked: set[tuple[str, str]]
) -> list[tuple[int, int]]:
    """(position of a pair, mentions its answer settles) of the pairs to ask, those that settle most first."""
    groups = decided.groups
    open_ = np.array([outcome.value[0] == "ask" for outcome in decided.outcomes], bool) & serving
    keys = zip(columns.keys[pairs.left].tolist(), columns.keys[pairs.right].tolist(), strict=True)
    stands = np.array([pair in asked for pair in keys], bool)
    order = np.lexsort((pairs.right, pairs.left, -pairs.weight, ~stands))
    joined = _Forest()
    found = []
    for place in order[open_[order]].tolist():
        a, b = groups.of(int(pairs.left[place])), groups.of(int(pairs.right[place]))
        if joined.join(a, b):
            found.append((place, min(groups.size(a), groups.size(b))))
    return sorted(found, key=lambda one: (-one[1], -pairs.weight[one[0]], one[0]))


class _Forest:
    """Groups joined by questions: a question between groups already joined is not needed yet."""

    def __init__(self) -> None:
        self.parent: dict[int, int] = {}

    def join(self, a: int, b: int) -> bool:
        a, b = self._root(a), self._root(b)
        if a == b:
            return False
        self.parent[max(a, b)] = min(a, b)
        return True

    def _root(self, node: int) -> int:
        while node in self.parent:
            node = self.parent[node]
        return node


def waterfall(columns: Columns, pairs: Scored) -> list[list[Row]]:
    """For each pair its rows of field, level and weight in bits; fields that are not known on both sides are left out."""
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
