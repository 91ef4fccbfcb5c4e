"""Whose is a record that could be any of several people's?

Where two people cannot be one and a third group of mentions may belong to either, whoever decides has to see both at
once: asked one by one, each looks likely, and both would be answered "same".
"""

from functools import cached_property

import numpy as np

from transforms.link.model.columns import Columns
from transforms.link.model.components import Rows
from transforms.link.model.decide import Decided, Outcome
from transforms.link.model.groups import FACTS, Group, contradiction, group_of

KEPT = 20_000  # groups whose facts stay at hand
MOST_CANDIDATES = 5  # in one question, so that a person can still hold them against each other


class Within:
    """Numbers by the group that each is in, of `size` groups."""

    def __init__(self, group: Rows, number: Rows, size: int) -> None:
        self.numbers = number[np.lexsort((number, group))]
        self.edges = np.concatenate([[0], np.cumsum(np.bincount(group, minlength=size))])

    def of(self, group: int) -> Rows:
        """Those of one group, in order."""
        return self.numbers[self.edges[group] : self.edges[group + 1]]


class Rivals:
    """For a question between two groups of mentions, the others that ask whose one of these two is.

    Questions are numbered: `a` and `b` are the groups of each.
    """

    def __init__(self, columns: Columns, decided: Decided, a: Rows, b: Rows) -> None:
        self.columns, self.decided, self.a, self.b = columns, decided, a, b
        self.about = Within(np.concatenate([a, b]), np.tile(np.arange(len(a)), 2), len(columns))
        self.members = Within(decided.group, np.arange(len(columns)), len(columns))
        self.groups: dict[int, Group] = {}

    def of(self, number: int, taken: set[int]) -> tuple[int, list[int]]:
        """The group whose mentions could be several people's, and the numbers of the other questions about it.

        Only candidates of whom no two can be one person, and no question among those `taken`.
        """
        a, b = int(self.a[number]), int(self.b[number])
        of_a, of_b = (self._of(group, other, number, taken) for group, other in ((a, b), (b, a)))
        return (b, of_b) if len(of_b) > len(of_a) else (a, of_a)

    def _of(self, group: int, candidate: int, number: int, taken: set[int]) -> list[int]:
        found: list[int] = []
        candidates = [candidate]
        for other in self.about.of(group).tolist():
            if len(candidates) == MOST_CANDIDATES:
                break
            one = int(self.a[other]) + int(self.b[other]) - group
            if other != number and other not in taken and all(self._are_two(one, known) for known in candidates):
                found.append(other)
                candidates.append(one)
        return found

    def _are_two(self, one: int, other: int) -> bool:
        if (one, other) in self._apart:
            return True
        code = contradiction(self._group(one), self._group(other))
        return bool(code) and Outcome[code].decision == "different"

    @cached_property
    def _apart(self) -> set[tuple[int, int]]:
        """Two groups that are two people whatever their evidence, in either order."""
        apart = self.decided.group[self.decided.apart]
        return {pair for a, b in apart.tolist() for pair in ((a, b), (b, a))}

    def _group(self, name: int) -> Group:
        """A group with its facts; most are about no question that is asked, so that each is made when it is needed."""
        if name not in self.groups:
            if len(self.groups) == KEPT:
                self.groups.clear()
            rows = self.members.of(name)
            self.groups[name] = group_of(rows.tolist(), self._facts[rows].tolist())
        return self.groups[name]

    @cached_property
    def _facts(self) -> Rows:
        """The FACTS of every mention, N x F."""
        return np.stack([getattr(self.columns, name) for name in FACTS], axis=1)
