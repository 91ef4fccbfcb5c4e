"""Can two groups of mentions be one person, by everything known of both?

A score looks at two mentions; two brothers may each resemble a third record. Before groups unite, the facts of all
their mentions are held against each other.
"""

from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, islice
from operator import eq
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from transforms.link.model.columns import Columns
from transforms.link.model.components import UNKNOWN, Rows, single_valued
from transforms.link.model.settings import AGE_TOLERANCE, DOUBTED_MENTIONS, DOUBTS, SPELLING_DOUBTS

T = TypeVar("T")
Birth = tuple[int, int, int]
Name = tuple[int, int, int, int]  # root, middle, first, surname
Second = tuple[int, int]  # root, root of the second name
Years = tuple[int, int]  # the first and the last year in which somebody may have been born

NOTHING: frozenset[Any] = frozenset()  # one for all: there are many groups, and most have few facts


@dataclass(slots=True)
class Group:
    """Mentions held to be one person so far, and the facts that may forbid more."""

    rows: list[int]
    pnc: Set[int] = NOTHING
    verified: Set[Birth] = NOTHING
    births: Set[Birth] = NOTHING
    genders: Set[int] = NOTHING
    names: Set[Name] = NOTHING
    seconds: Set[Second] = NOTHING
    years: Set[Years] = NOTHING
    apart: Set[int] = NOTHING

    def facts(self) -> tuple[frozenset[object], ...]:
        """All that may forbid a union, for comparing."""
        return tuple(frozenset(getattr(self, fact)) for fact in HELD)


HELD = ("pnc", "verified", "births", "genders", "names", "seconds", "years")
FACTS = (
    *("pnc", "gender", "dob", "year", "day_month", "year_from", "year_to", "second", "is_verified", "is_known_name"),
    *("root", "middle", "first", "surname"),  # of a Name
)
DOUBTED = (*DOUBTS, *SPELLING_DOUBTS)
WEIGHTS = (*DOUBTS.values(), *SPELLING_DOUBTS.values())


class Groups:
    """Some groups, which unite one by one; each is called by one of its rows."""

    def __init__(self, columns: Columns, groups: Iterable[list[int]], apart: Iterable[tuple[int, int]]) -> None:
        self.columns = columns
        self.groups = self._made(list(groups))
        self.within = {row: name for name, group in self.groups.items() for row in group.rows}
        self.recorded: dict[int, list[list[int]]] = {}
        for left, right in apart:
            a, b = self.of(left), self.of(right)
            self.groups[a].apart |= {b}
            self.groups[b].apart |= {a}

    @cached_property
    def _values_of(self) -> dict[int, tuple[int, ...]]:
        """For each row its values of DOUBTED."""
        rows = list(self.within)
        columns = (getattr(self.columns, fact)[rows].tolist() for fact in DOUBTED)
        return dict(zip(rows, zip(*columns, strict=True), strict=True))

    def _made(self, groups: list[list[int]]) -> dict[int, Group]:
        """The groups by their first row; columns are read as a whole, because there are many small groups."""
        rows = [row for group in groups for row in group]
        columns = (getattr(self.columns, name)[rows].tolist() for name in FACTS)
        facts = zip(*columns, strict=True)
        found = {}
        for members in groups:
            group = found[members[0]] = Group(members)
            for pnc, gender, dob, year, day_month, *more in islice(facts, len(members)):
                year_from, year_to, second, is_verified, is_known_name, root, middle, first, surname = more
                if pnc != UNKNOWN:
                    group.pnc |= {pnc}
                if gender != UNKNOWN:
                    group.genders |= {gender}
                if dob != UNKNOWN:
                    birth = {(year, day_month // 100, day_month % 100)}
                    group.births |= birth
                    if is_verified:
                        group.verified |= birth
                if is_known_name:
                    group.names |= {(root, middle, first, surname)}
                if second != UNKNOWN:
                    group.seconds |= {(root, second)}
                if year_to != UNKNOWN:
                    group.years |= {(year_from, year_to)}
        return found

    def of(self, row: int) -> int:
        """The group a row is in."""
        return self.within[row]

    def unite(self, left: int, right: int) -> None:
        """Make the groups of two rows one."""
        a, b = sorted((self.of(left), self.of(right)), key=lambda name: (-len(self.groups[name].rows), name))
        ours, theirs = self.groups[a], self.groups.pop(b)
        self.within.update(dict.fromkeys(theirs.rows, a))
        ours.rows = ours.rows + theirs.rows
        for name in (a, b):
            self.recorded.pop(name, None)
        for fact in (*HELD, "apart"):
            setattr(ours, fact, getattr(ours, fact) | getattr(theirs, fact))
        for other in theirs.apart:
            self.groups[other].apart = (self.groups[other].apart - {b}) | {a}

    def clash(self, left: int, right: int) -> str:
        """Why the groups of two rows cannot be one person, as a code; empty where nothing forbids it."""
        a, b = self.of(left), self.of(right)
        ours, theirs = self.groups[a], self.groups[b]
        if b in ours.apart:
            return "ONE_RECORD" if self._share_a_record(ours, theirs) else "SEPARATED"
        for code, fact, agree in CLASHES:
            if _none_agree(getattr(ours, fact), getattr(theirs, fact), agree):
                return code
        return ""

    def known_only_together(self, left: int, right: int) -> bool:
        """True where every mention of both groups has an identifier of the other: neither has a life of its own."""
        ours, theirs = (
            [_identifiers(self.columns, member) for member in self.groups[self.of(row)].rows] for row in (left, right)
        )
        return all(all(one & set().union(*there) for one in here) for here, there in ((ours, theirs), (theirs, ours)))

    def doubt(self, left: int, right: int) -> float:
        """Bits by which it is less likely that two groups are one person: facts that they have, and not in common.

        No home, alias, middle name, telephone or nominal in common; and names that each repeats but the other never
        has, which a typing error does not explain.
        """
        ours, theirs = self._recorded(self.of(left)), self._recorded(self.of(right))
        bits = 0.0
        for place, (fact, weight) in enumerate(zip(DOUBTED, WEIGHTS, strict=True)):
            here, there = ours[place], theirs[place]
            if not here or not there:
                continue
            if fact in SPELLING_DOUBTS:
                here, there = _repeated(here), _repeated(there)
                bits += weight if here and there and set(here).isdisjoint(there) else 0.0
            elif set(here).isdisjoint(there):
                bits += weight * min(len(here), len(there), DOUBTED_MENTIONS)
        return bits

    def _recorded(self, name: int) -> list[list[int]]:
        """The known values of a group by fact in order of DOUBTED, each as often as it occurs."""
        if name not in self.recorded:
            by_fact = zip(*(self._values_of[row] for row in self.groups[name].rows), strict=True)
            self.recorded[name] = [[value for value in values if value != UNKNOWN] for values in by_fact]
        return self.recorded[name]

    def is_ambiguous(self, group: int, among: set[int]) -> bool:
        """True where a group is drawn to others that cannot be one person, and nothing says to which it belongs.

        Groups with the same facts are looked at once, by the largest of them.
        Two different errors about one person clash with each other, but not with what is usually written: a single
        record that differs in a name or a date does not make a group of several ambiguous.
        """
        if len(among) < 2:
            return False
        if any(self.groups[other].apart & among for other in among):
            return True
        errors = self._explained_by_errors(group)
        by_size = sorted(among, key=lambda other: (len(self.groups[other].rows), other))
        different = {self.groups[other].facts(): other for other in by_size}
        return any(self._clash_but_for(errors, a, b) for a, b in combinations(different.values(), 2))

    def _share_a_record(self, ours: Group, theirs: Group) -> bool:
        records = self.columns.record
        return not set(records[ours.rows].tolist()).isdisjoint(records[theirs.rows].tolist())

    def _clash_but_for(self, errors: set[str], a: int, b: int) -> bool:
        """True where two groups clash; one of these codes is an error where either group is a single record."""
        code = self.clash(a, b)
        return bool(code) and not (code in errors and 1 in (len(self.groups[a].rows), len(self.groups[b].rows)))

    def _explained_by_errors(self, name: int) -> set[str]:
        """Codes of clashes beside a group that an error in a single record explains: it has usual values of its own."""
        group = self.groups[name]
        if len(group.rows) == 1:
            return set()
        usual = {"BIRTH": group.births, "GIVEN_NAME": group.names, "STATED_AGE": group.years}
        return {code for code, values in usual.items() if values}


def _repeated(values: list[int]) -> list[int]:
    return [value for value in values if values.count(value) > 1]


def _identifiers(columns: Columns, row: int) -> set[int]:
    """Nominals of a mention, and its PNC id as a number below all of theirs."""
    pnc = {UNKNOWN - 1 - int(columns.pnc[row])} if columns.pnc[row] != UNKNOWN else set()
    return (set(columns.nominals[row].tolist()) - {UNKNOWN}) | pnc


def _none_agree(ours: set[T], theirs: set[T], agree: Callable[[T, T], bool]) -> bool:
    """True where both have values and no two of them agree; equal ones always do."""
    if not ours or not theirs or not ours.isdisjoint(theirs):
        return False
    return not any(agree(a, b) for a in ours for b in theirs)


def _names_agree(a: Name, b: Name) -> bool:
    """One first name, or the first of one is the middle name of the other; or first name and surname are exchanged."""
    exchanged = a[2] == b[3] and a[3] == b[2]
    return a[0] == b[0] or a[0] == b[1] or a[1] == b[0] or exchanged


def _seconds_agree(a: Second, b: Second) -> bool:
    """One second name, or the first name of one is the second of the other; other first names do not matter here."""
    return a[0] != b[0] or a[1] == b[1] or a[0] == b[1] or a[1] == b[0]


def _years_agree(a: Years, b: Years) -> bool:
    """Years in which both may be born, or nearly: a stated age is often one off. Two known years are births' matter."""
    both_known = a[0] == a[1] and b[0] == b[1]
    return both_known or (a[0] <= b[1] + AGE_TOLERANCE and b[0] <= a[1] + AGE_TOLERANCE)


def births_agree(a: Birth, b: Birth) -> bool:
    """True where two dates of birth are one, or differ as by one error: in one part, or day and month exchanged."""
    return sum(x == y for x, y in zip(a, b, strict=True)) >= 2 or a == (b[0], b[2], b[1])


# What forbids a union, with the fact that it is about and when two values of it agree. The first that holds counts, so
# that what a person may still decide comes last.
CLASHES: tuple[tuple[str, str, Callable[[Any, Any], bool]], ...] = (
    ("PNC", "pnc", eq),
    ("VERIFIED_BIRTH", "verified", births_agree),
    ("GENDER", "genders", eq),
    ("GIVEN_NAME", "names", _names_agree),
    ("SECOND_NAME", "seconds", _seconds_agree),
    ("BIRTH", "births", births_agree),
    ("STATED_AGE", "years", _years_agree),
    ("VERIFIED_NEARLY", "verified", eq),
)


def most_doubt(columns: Columns, rows: Rows, part: Rows) -> npt.NDArray[np.float64]:
    """For each part, bits that no doubt between two groups of its `rows` exceeds; see `Groups.doubt`."""
    bits = np.zeros(len(part))
    for fact, weight in zip(DOUBTED, WEIGHTS, strict=True):
        values = getattr(columns, fact)[rows]
        halves = np.bincount(part[rows[values != UNKNOWN]], minlength=len(part)) // 2
        times = halves >= 2 if fact in SPELLING_DOUBTS else np.minimum(halves, DOUBTED_MENTIONS)
        bits += weight * times * ~single_valued(values, part[rows], len(part))
    return bits
