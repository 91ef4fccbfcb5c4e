"""Can two groups of mentions be one person, by everything known of both?

A score looks at two mentions; two brothers may each resemble a third record. Before groups unite, the facts of all
their mentions are held against each other.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from transforms.link.columns import UNKNOWN, Codes, Columns
from transforms.link.settings import DOUBTS, SPELLING_DOUBT

T = TypeVar("T")
Birth = tuple[int, int, int]
Name = tuple[int, int]


@dataclass
class Group:
    """Mentions held to be one person so far: the facts that may forbid more, and those that only raise doubt."""

    rows: list[int]
    pnc: set[int] = field(default_factory=set)
    verified: set[int] = field(default_factory=set)
    births: set[Birth] = field(default_factory=set)
    genders: set[int] = field(default_factory=set)
    names: set[Name] = field(default_factory=set)
    doubtful: dict[str, set[int]] = field(default_factory=dict)
    apart: set[int] = field(default_factory=set)
    identifiers: list[set[int]] = field(default_factory=list)
    surnames: Counter[int] = field(default_factory=Counter)

    def facts(self) -> tuple[frozenset[object], ...]:
        """All that may forbid a union, for comparing."""
        return tuple(frozenset(fact) for fact in (self.pnc, self.verified, self.births, self.genders, self.names))


def group_of(columns: Columns, rows: list[int]) -> Group:
    """The group of some mentions."""

    def known(values: Codes) -> set[int]:
        return set(values[rows].tolist()) - {UNKNOWN}

    group = Group(rows, pnc=known(columns.pnc), genders=known(columns.gender))
    group.surnames = Counter(columns.surname[rows].tolist())
    group.doubtful = {name: known(getattr(columns, name)) for name in DOUBTS}
    for row in rows:
        group.identifiers.append(_identifiers(columns, row))
        if columns.dob[row] != UNKNOWN:
            day_month = int(columns.day_month[row])
            group.births.add((int(columns.year[row]), day_month // 100, day_month % 100))
            if columns.is_verified[row]:
                group.verified.add(int(columns.dob[row]))
        if columns.is_known_name[row]:
            group.names.add((int(columns.root[row]), int(columns.middle[row])))
    return group


def _identifiers(columns: Columns, row: int) -> set[int]:
    """Nominals of a mention, and its PNC id as a number below all of theirs."""
    pnc = {UNKNOWN - 1 - int(columns.pnc[row])} if columns.pnc[row] != UNKNOWN else set()
    return (set(columns.nominals[row].tolist()) - {UNKNOWN}) | pnc


class Groups:
    """Some groups, which unite one by one; each is called by one of its rows."""

    def __init__(self, columns: Columns, groups: Iterable[list[int]], apart: Iterable[tuple[int, int]]) -> None:
        self.groups = {rows[0]: group_of(columns, rows) for rows in groups}
        self.within = {row: name for name, group in self.groups.items() for row in group.rows}
        for left, right in apart:
            a, b = self.of(left), self.of(right)
            self.groups[a].apart.add(b)
            self.groups[b].apart.add(a)

    def of(self, row: int) -> int:
        """The group a row is in."""
        return self.within[row]

    def unite(self, left: int, right: int) -> None:
        """Make the groups of two rows one."""
        a, b = sorted((self.of(left), self.of(right)), key=lambda name: (-len(self.groups[name].rows), name))
        ours, theirs = self.groups[a], self.groups.pop(b)
        self.within.update(dict.fromkeys(theirs.rows, a))
        ours.rows = ours.rows + theirs.rows
        ours.surnames += theirs.surnames
        ours.identifiers = ours.identifiers + theirs.identifiers
        for fact in ("pnc", "verified", "births", "genders", "names", "apart"):
            getattr(ours, fact).update(getattr(theirs, fact))
        for name, values in theirs.doubtful.items():
            ours.doubtful[name] |= values
        for other in theirs.apart:
            self.groups[other].apart.discard(b)
            self.groups[other].apart.add(a)

    def clash(self, left: int, right: int) -> str:
        """Why the groups of two rows cannot be one person, as a code; empty where nothing forbids it."""
        a, b = self.of(left), self.of(right)
        ours, theirs = self.groups[a], self.groups[b]
        if b in ours.apart:
            return "SEPARATED"
        for code, mine, other in (
            ("PNC", ours.pnc, theirs.pnc),
            ("VERIFIED_BIRTH", ours.verified, theirs.verified),
            ("GENDER", ours.genders, theirs.genders),
        ):
            if mine and other and not mine & other:
                return code
        if _none_agree(ours.names, theirs.names, _names_agree):
            return "GIVEN_NAME"
        return "BIRTH" if _none_agree(ours.births, theirs.births, _births_agree) else ""

    def known_only_together(self, left: int, right: int) -> bool:
        """True where every mention of both groups has an identifier of the other: neither has a life of its own."""
        ours, theirs = self.groups[self.of(left)].identifiers, self.groups[self.of(right)].identifiers
        return all(all(one & set().union(*there) for one in here) for here, there in ((ours, theirs), (theirs, ours)))

    def doubt(self, left: int, right: int) -> float:
        """Bits by which it is less likely that two groups are one person: facts that they have, and not in common.

        No home, alias, middle name or telephone in common; and surnames that each repeats but the other never does,
        which a typing error does not explain.
        """
        a, b = self.groups[self.of(left)], self.groups[self.of(right)]
        bits = sum(
            weight
            for name, weight in DOUBTS.items()
            if a.doubtful[name] and b.doubtful[name] and not a.doubtful[name] & b.doubtful[name]
        )
        spelt = [{name for name, times in group.surnames.items() if times > 1 and name != UNKNOWN} for group in (a, b)]
        return bits + SPELLING_DOUBT if all(spelt) and not spelt[0] & spelt[1] else bits

    def any_clash(self, among: set[int]) -> bool:
        """True where two of these groups cannot be one person; groups with the same facts are looked at once."""
        if any(self.groups[group].apart & among for group in among):
            return True
        different = list({self.groups[group].facts(): group for group in sorted(among)}.values())
        return any(self.clash(a, b) for place, a in enumerate(different) for b in different[place + 1 :])


def _none_agree(ours: set[T], theirs: set[T], agree: Callable[[T, T], bool]) -> bool:
    return bool(ours) and bool(theirs) and not any(agree(a, b) for a in ours for b in theirs)


def _names_agree(a: Name, b: Name) -> bool:
    return a[0] == b[0] or a[0] == b[1] or a[1] == b[0]


def _births_agree(a: Birth, b: Birth) -> bool:
    return sum(x == y for x, y in zip(a, b, strict=True)) >= 2 or a == (b[0], b[2], b[1])


def single_valued(values: Codes, part: npt.NDArray[np.int64], parts: int) -> npt.NDArray[np.bool_]:
    """For each part, True where its rows have at most one known value."""
    known = values != UNKNOWN
    most = np.full(parts, UNKNOWN, np.int64)
    least = np.full(parts, np.iinfo(np.int64).max)
    np.maximum.at(most, part[known], values[known])
    np.minimum.at(least, part[known], values[known])
    return np.asarray((most == UNKNOWN) | (most == least))
