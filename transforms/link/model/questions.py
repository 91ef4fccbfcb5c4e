"""Which pairs should a person look at, and which first?

Two groups of mentions that are likely but not certainly one person make one question, whatever the number of pairs
between them; a group that may be one of several people's makes one with all of them. No question is asked whose answer
would follow from others. Those that settle most come first.
"""

import heapq
import json
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from expectations.contracts import contract
from expectations.plain import Row
from transforms.link.model.columns import Columns, Flags, Values
from transforms.link.model.components import Rows
from transforms.link.model.decide import Decided
from transforms.link.model.rivals import Rivals
from transforms.link.model.score import Scored, Weights, field_weights, score
from transforms.link.model.settings import EVEN_WEIGHT, FIELDS
from transforms.link.model.words import named, why

AT_A_TIME = 4096
NO_ROWS = np.empty(0, np.int64)


@dataclass(frozen=True)
class Asked:
    """A question: positions of the pair and of its rivals', whose group it is about, what an answer settles.

    Each pair holds a mention of the group `about` against one candidate, of whom one at most is the same person.
    """

    place: int
    rivals: tuple[int, ...]
    about: int
    settles: int


def question_rows(columns: Columns, pairs: Scored, decided: Decided, asked: list[Asked]) -> pa.Table:
    """Rows of `same_person_question`, in the order of what is asked."""
    place = np.array([one.place for one in asked], np.int64)
    about = np.array([one.about for one in asked], np.int64)
    ours, theirs = _sides(pairs, decided, place, about)
    rivals = [_sides(pairs, decided, np.array(one.rivals, np.int64), np.int64(one.about))[1] for one in asked]
    several = np.repeat(ours, [len(one) for one in rivals])
    beside = score(columns, several, np.concatenate([NO_ROWS, *rivals]))
    table = pa.table(
        {
            "mention_key": columns.keys.take(pa.array(ours)),
            "other_mention_key": columns.keys.take(pa.array(theirs)),
            "match_weight": pa.array(pairs.weight[place]),
            "why": why(decided.outcome[place], pairs.levels[place]),
            "weights": _written(columns, pairs.take(place)),
            "rivals": _in_lists(columns.keys.take(pa.array(beside.right)), rivals),
            "rival_weights": _in_lists(_written(columns, beside), rivals),
            "settles": pa.array([one.settles for one in asked], pa.int64()),
        }
    )
    return contract("same_person_question").conform(table)


def _sides(pairs: Scored, decided: Decided, place: Rows, about: Rows | np.int64) -> tuple[Rows, Rows]:
    """The rows of pairs: those in the groups that they are about, and those of the candidates."""
    left, right = pairs.left[place], pairs.right[place]
    is_left = decided.group[left] == about
    return np.where(is_left, left, right), np.where(is_left, right, left)


def _in_lists(values: Values, of: list[Rows]) -> Values:
    """Values as lists, as long as those of `of`."""
    edges = np.cumsum([0, *(len(one) for one in of)])
    return pa.ListArray.from_arrays(pa.array(edges, pa.int32()), values)


def _written(columns: Columns, pairs: Scored) -> Values:
    shown = waterfall(columns, pairs)
    return pa.array([json.dumps(fields, separators=(",", ":")) for fields in shown], pa.string())


def chosen(columns: Columns, pairs: Scored, decided: Decided, serving: Flags, stands: Flags, most: int) -> list[Asked]:
    """What to ask, what settles most first, `most` at most.

    `serving` marks the pairs whose answer may serve a child, `stands` those that are a question already: they are not
    replaced by others about the same people.
    Greedy: the question expected to settle most is asked first, and counted as answered "same", so that no question is
    asked whose answer would follow from those before it.
    """
    size = np.bincount(decided.group, minlength=len(decided.group))
    asking = _askable(pairs, decided, serving, stands)
    rivals = Rivals(columns, decided, asking.a, asking.b)
    found, taken = [], set[int]()
    for number, settles in _greedy(asking, size, taken):
        about, others = rivals.of(number, taken)
        taken.update((number, *others))
        places = asking.place[others].tolist()
        found.append(Asked(int(asking.place[number]), tuple(places), about, settles))
        if len(found) == most:
            break
    return found


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


def _greedy(asking: Asking, size: Rows, taken: set[int]) -> Iterator[tuple[int, int]]:
    """(number, pairs of mentions that its answer settles) of questions, but those that are `taken` meanwhile."""
    joined: dict[int, int] = {}
    sizes: dict[int, int] = {}

    def root(group: int) -> int:
        while group in joined:
            group = joined[group]
        return group

    likely = asking.likely()
    expected = likely * (size[asking.a] * size[asking.b])
    # Few of all are asked, so they stand in order; only those that have come to be worth more go through a heap.
    waiting = _in_order(-expected, asking.place)
    grown: list[tuple[float, int, int]] = []
    following = next(waiting, None)
    while following or grown:
        if following is None or (grown and grown[0] < following):
            before, at, number = heapq.heappop(grown)
        else:
            before, at, number = following
            following = next(waiting, None)
        left, right = root(int(asking.a[number])), root(int(asking.b[number]))
        if left == right or number in taken:
            continue
        ours, theirs = (sizes.get(group, int(size[group])) for group in (left, right))
        worth = -float(likely[number]) * (ours * theirs)
        if worth < before:  # groups have grown since: it is worth more than it was
            heapq.heappush(grown, (worth, at, number))
            continue
        yield number, ours * theirs
        sizes[left] = ours + theirs
        joined[right] = left


def waterfall(columns: Columns, pairs: Scored) -> Iterator[list[Row]]:
    """For each pair its rows of field, level and weight in bits; a field not known on both sides is left out."""
    weights = field_weights(columns, pairs.left, pairs.right, pairs.levels)
    for levels, row in zip(pairs.levels.tolist(), weights, strict=True):
        by_field = dict(zip(FIELDS, row.tolist(), strict=True))
        yield [
            {"field": field, "level": level, "weight": round(by_field[field], 2)}
            for field, level in named(levels).items()
        ]
