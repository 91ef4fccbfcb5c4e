"""Can two groups of mentions be one person, by everything known of both?

A score looks at two mentions; two brothers may each resemble a third record. Before groups unite, the facts of all
their mentions are held against each other.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, islice
from operator import eq
from typing import Any

import numpy as np
import numpy.typing as npt

from transforms.link.model.columns import Columns
from transforms.link.model.components import UNKNOWN, Rows
from transforms.link.model.settings import AGE_TOLERANCE, DOUBTED_MENTIONS, DOUBTS, SPELLING_DOUBTS

Birth = tuple[int, int, int]
Name = tuple[int, int, int, int]  # root, middle, first, surname
Second = tuple[int, int]  # root, root of the second name
Years = tuple[int, int]  # the first and the last year in which somebody may have been born

NOTHING: frozenset[Any] = frozenset()  # one for all: there are many groups, and most have few facts


HELD = ("pnc", "verified", "births", "genders", "names", "seconds", "years")


@dataclass(slots=True)
class Group:
    """Mentions held to be one person so far, and what may forbid more: the values of each fact, in order of HELD."""

    rows: list[int]
    facts: list[Set[Any]]
    apart: Set[int] = NOTHING

    def values(self, fact: str) -> Set[Any]:
        """The values of one fact."""
        return self.facts[HELD.index(fact)]


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
        self.groups = {group.rows[0]: group for group in made(columns, list(groups))}
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
        ours.facts = [here | there for here, there in zip(ours.facts, theirs.facts, strict=True)]
        ours.apart = ours.apart | theirs.apart
        for other in theirs.apart:
            self.groups[other].apart = (self.groups[other].apart - {b}) | {a}

    def clash(self, left: int, right: int) -> str:
        """Why the groups of two rows cannot be one person, as a code; empty where nothing forbids it."""
        a, b = self.of(left), self.of(right)
        ours, theirs = self.groups[a], self.groups[b]
        if b in ours.apart:
            return "ONE_RECORD" if self._share_a_record(ours, theirs) else "SEPARATED"
        return contradiction(ours, theirs)

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
                ours_again, theirs_again = _repeated(here), _repeated(there)
                bits += weight if ours_again and theirs_again and ours_again.isdisjoint(theirs_again) else 0.0
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
        different = {tuple(map(frozenset, self.groups[other].facts)): other for other in by_size}
        return any(self._clash_but_for(errors, a, b) for a, b in combinations(different.values(), 2))

    def _share_a_record(self, ours: Group, theirs: Group) -> bool:
        records = self.columns.record
        return not set(records[ours.rows].tolist()).isdisjoint(records[theirs.rows].tolist())

    def _clash_but_for(self, errors: set[str], a: int, b: int) -> bool:
        """True where two groups clash; one of these codes is an error where either group is a single record."""
        code = self.clash(a, b)
        return bool(code) and not (code in errors and 1 in (len(self.groups[a].rows), len(self.groups[b].rows)))

    def _explained_by_errors(self, name: int) -> set[str]:
        """Codes of clashes beside a group that an error in a single record explains: it has usual values of its own.

        Of somebody who is known with two genders both are usual.
        """
        group = self.groups[name]
        if len(group.rows) == 1:
            return set()
        usual = {"BIRTH": "births", "GIVEN_NAME": "names", "STATED_AGE": "years"}
        found = {code for code, fact in usual.items() if group.values(fact)}
        return found | {"GENDER"} if len(group.values("genders")) > 1 else found


def made(columns: Columns, groups: list[list[int]]) -> Iterator[Group]:
    """A Group of each list of rows; columns are read as a whole, because there are many small groups."""
    rows = [row for group in groups for row in group]
    facts = zip(*(getattr(columns, name)[rows].tolist() for name in FACTS), strict=True)
    return (group_of(members, islice(facts, len(members))) for members in groups)


def group_of(rows: list[int], facts: Iterable[Sequence[int]]) -> Group:
    """The group of some rows, by the FACTS of each."""
    held: list[set[Any]] = [set() for _ in HELD]
    pncs, verified, births, genders, names, seconds, years = held
    for pnc, gender, dob, year, day_month, *more in facts:
        year_from, year_to, second, is_verified, is_known_name, root, middle, first, surname = more
        if pnc != UNKNOWN:
            pncs.add(pnc)
        if gender != UNKNOWN:
            genders.add(gender)
        if dob != UNKNOWN:
            birth = (year, day_month // 100, day_month % 100)
            births.add(birth)
            if is_verified:
                verified.add(birth)
        if is_known_name:
            names.add((root, middle, first, surname))
        if second != UNKNOWN:
            seconds.add((root, second))
        if year_to != UNKNOWN:
            years.add((year_from, year_to))
    return Group(rows, [values or NOTHING for values in held])


def contradiction(ours: Group, theirs: Group) -> str:
    """Which fact says that two groups are two people, as a code; empty where none does."""
    for code, place, agree in _CLASHES:
        here, there = ours.facts[place], theirs.facts[place]
        if here and there and here.isdisjoint(there) and not any(agree(a, b) for a in here for b in there):
            return code
    return ""


def _repeated(values: list[int]) -> set[int]:
    return {value for value in values if values.count(value) > 1} if len(values) > 1 else set()


def _identifiers(columns: Columns, row: int) -> set[int]:
    """Nominals of a mention, and its PNC id as a number below all of theirs."""
    pnc = {UNKNOWN - 1 - int(columns.pnc[row])} if columns.pnc[row] != UNKNOWN else set()
    return (set(columns.nominals[row].tolist()) - {UNKNOWN}) | pnc


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
_CLASHES = [(code, HELD.index(fact), agree) for code, fact, agree in CLASHES]  # by place: asked of many pairs


def most_doubt(columns: Columns, rows: Rows, part: Rows) -> npt.NDArray[np.float64]:
    """For each part, bits that no doubt between two groups of its `rows` exceeds; see `Groups.doubt`.

    Of two groups with no value in common, one is without the commonest.
    """
    bits = np.zeros(len(part))
    for fact, weight in zip(DOUBTED, WEIGHTS, strict=True):
        values = getattr(columns, fact)[rows]
        known = values != UNKNOWN
        borne, times = np.unique(part[rows[known]] << 32 | values[known], return_counts=True)
        of = borne >> 32
        if fact in SPELLING_DOUBTS:
            bits += weight * (np.bincount(of[times > 1], minlength=len(part)) > 1)
        else:
            count, most = np.bincount(of, times, len(part)), np.zeros(len(part), np.int64)
            np.maximum.at(most, of, times)
            bits += weight * np.minimum(np.minimum(count // 2, count - most), DOUBTED_MENTIONS)
    return bits
