"""Which mentions are one person?

People's decisions come first and bind. Then pairs whose evidence is decisive unite their groups, the strongest kind of
evidence first, unless anything in the two whole groups speaks against it. What is likely but not decisive is left to a
person. The outcome depends only on the mentions and decisions, never on their order or on earlier nights.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, IntEnum

import numpy as np
import numpy.typing as npt

from transforms.link.columns import UNKNOWN, Codes, Columns, Flags
from transforms.link.rulings import Rulings
from transforms.link.score import Scored
from transforms.link.settings import ASK_WEIGHT, SAME_WEIGHT, Agreement, Birth, Given, Surname


class Kind(IntEnum):
    """What kind of evidence a pair is; the smaller, the earlier it may unite."""

    IDENTIFIED = 1  # one PNC id or nominal, and nothing against it
    DATED = 2  # names and dates of birth agree with enough weight
    UNDATED = 3  # names agree with enough weight, but a date of birth is missing or a year alone
    LIKELY = 4  # worth a question
    NOT = 5


AGREEING_GIVEN = (Given.ALIKE, Given.SWAPPED, Given.SAME)
AGREEING_SURNAME = (Surname.ALIKE, Surname.SWAPPED, Surname.SAME)
AGREEING_BIRTH = (Birth.NEAR, Birth.SWAPPED, Birth.SAME_NEW_YEAR, Birth.SAME)
UNDATED_BIRTH = (Birth.UNKNOWN, Birth.YEAR_SAME)


def vetoes(columns: Columns, pairs: Scored) -> Flags:
    """True where one fact forbids that two mentions are united without a person: V x 4 for PNC id, birth, gender, name."""
    both_verified = columns.is_verified[pairs.left] & columns.is_verified[pairs.right]
    return np.stack(
        [
            pairs.level("pnc") == Agreement.DIFFERENT,
            both_verified & (columns.dob[pairs.left] != columns.dob[pairs.right]),
            pairs.level("gender") == Agreement.DIFFERENT,
            pairs.level("given") == Given.DIFFERENT,
        ],
        axis=1,
    )


def kinds(columns: Columns, pairs: Scored) -> npt.NDArray[np.int8]:
    """The Kind of each pair."""
    veto = vetoes(columns, pairs)
    identified = (pairs.level("nominal") == Agreement.SAME) | (pairs.level("pnc") == Agreement.SAME)
    names = np.isin(pairs.level("given"), AGREEING_GIVEN) & np.isin(pairs.level("surname"), AGREEING_SURNAME)
    birth = pairs.level("birth")
    decisive = ~veto.any(axis=1) & names & (pairs.weight >= SAME_WEIGHT)
    kind = np.full(len(pairs), Kind.NOT, np.int8)
    kind[(pairs.weight >= ASK_WEIGHT) & ~veto.any(axis=1)] = Kind.LIKELY
    kind[identified & (veto.sum(axis=1) <= 1)] = Kind.LIKELY
    kind[decisive & np.isin(birth, UNDATED_BIRTH)] = Kind.UNDATED
    kind[decisive & np.isin(birth, AGREEING_BIRTH)] = Kind.DATED
    kind[identified & ~veto.any(axis=1) & (names | (birth != Birth.DIFFERENT))] = Kind.IDENTIFIED
    return kind


class Outcome(Enum):
    """What became of a pair: the decision, and why, in words."""

    IDENTIFIED = "same", "one PNC id or one record-system id, and nothing against it"
    DATED = "same", "names and dates of birth agree, and no other person is likely to share them"
    UNDATED = "same", "names and home or telephone agree; a date of birth is missing on one side"
    SAME_GROUP = "same", "united through other mentions or a person's decision"
    LIKELY = "ask", "likely, but the evidence does not decide by itself"
    RIVALS = "ask", "could be either of two people who cannot be one"
    SEPARATED = "different", "a person decided that they are different"
    PNC = "different", "different PNC ids"
    VERIFIED_BIRTH = "different", "different verified dates of birth"
    GENDER = "different", "different genders"
    GIVEN_NAME = "different", "different given names, as brothers, sisters and twins have"
    BIRTH = "different", "dates of birth that no error explains"


SAME_BY = {Kind.IDENTIFIED: Outcome.IDENTIFIED, Kind.DATED: Outcome.DATED, Kind.UNDATED: Outcome.UNDATED}
VETOES = ("PNC", "VERIFIED_BIRTH", "GENDER", "GIVEN_NAME")


def worth_keeping(columns: Columns, pairs: Scored) -> Scored:
    """The pairs that may unite, be asked, or look alike enough that somebody will want to know why they did not."""
    return pairs.take((kinds(columns, pairs) < Kind.NOT) | (pairs.weight >= ASK_WEIGHT))


@dataclass
class Group:
    """Mentions held to be one person so far, and the facts that may forbid more."""

    rows: list[int]
    pnc: set[int] = field(default_factory=set)
    verified: set[int] = field(default_factory=set)
    births: set[tuple[int, int, int]] = field(default_factory=set)
    genders: set[int] = field(default_factory=set)
    names: set[tuple[int, int]] = field(default_factory=set)
    apart: set[int] = field(default_factory=set)

    def facts(self) -> tuple[frozenset[object], ...]:
        """All that may forbid a union, for comparing."""
        return tuple(frozenset(fact) for fact in (self.pnc, self.verified, self.births, self.genders, self.names))


class Groups:
    """A partition of some rows that grows by unions, each checked against the whole of both groups."""

    def __init__(self, columns: Columns, rows: Iterable[int]) -> None:
        self.group_of = {row: row for row in rows}
        self.groups = {row: _group(columns, row) for row in self.group_of}

    def of(self, row: int) -> int:
        """The group a row is in."""
        while (above := self.group_of.get(row, row)) != row:
            self.group_of[row] = self.group_of[above]
            row = above
        return row

    def size(self, row: int) -> int:
        """Mentions in the group a row is in."""
        return len(self.groups[self.of(row)].rows)

    def keep_apart(self, left: int, right: int) -> None:
        """Never unite the groups of two rows."""
        a, b = self.of(left), self.of(right)
        self.groups[a].apart.add(b)
        self.groups[b].apart.add(a)

    def unite(self, left: int, right: int) -> None:
        """Make the groups of two rows one."""
        a, b = sorted((self.of(left), self.of(right)), key=lambda g: (-len(self.groups[g].rows), g))
        if a == b:
            return
        ours, theirs = self.groups[a], self.groups.pop(b)
        self.group_of[b] = a
        ours.rows += theirs.rows
        for name in ("pnc", "verified", "births", "genders", "names", "apart"):
            getattr(ours, name).update(getattr(theirs, name))
        for other in theirs.apart:
            self.groups[other].apart.discard(b)
            self.groups[other].apart.add(a)

    def any_clash(self, among: set[int]) -> bool:
        """True where two of these groups cannot be one person; groups with the same facts are looked at once."""
        if any(self.groups[group].apart & among for group in among):
            return True
        different = list({self.groups[group].facts(): group for group in sorted(among)}.values())
        return any(self.clash(a, b) for place, a in enumerate(different) for b in different[place + 1 :])

    def clash(self, left: int, right: int) -> str:
        """Why the groups of two rows cannot be one person, as a code; empty where nothing speaks against it."""
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
        if _all_differ(ours.names, theirs.names, _names_differ):
            return "GIVEN_NAME"
        if _all_differ(ours.births, theirs.births, _births_differ):
            return "BIRTH"
        return ""


def _group(columns: Columns, row: int) -> Group:
    def fact(values: Codes, known: bool = True) -> set[int]:
        return {int(values[row])} if known and values[row] != UNKNOWN else set()

    group = Group([row], fact(columns.pnc), fact(columns.dob, bool(columns.is_verified[row])))
    group.genders = fact(columns.gender)
    if columns.dob[row] != UNKNOWN:
        day_month = int(columns.day_month[row])
        group.births = {(int(columns.year[row]), day_month // 100, day_month % 100)}
    if columns.is_known_name[row]:
        group.names = {(int(columns.root[row]), int(columns.middle[row]))}
    return group


def _all_differ(ours: set, theirs: set, differ) -> bool:
    return bool(ours) and bool(theirs) and not ours & theirs and all(differ(a, b) for a in ours for b in theirs)


def _names_differ(a: tuple[int, int], b: tuple[int, int]) -> bool:
    return a[0] != b[0] and a[0] != b[1] and a[1] != b[0]


def _births_differ(a: tuple[int, int, int], b: tuple[int, int, int]) -> bool:
    agreeing = sum(x == y for x, y in zip(a, b, strict=True))
    return agreeing < 2 and not (a[0] == b[0] and a[1] == b[2] and a[2] == b[1])


@dataclass(frozen=True)
class Decided:
    """The groups of mentions that are one person each, and the outcome of every scored pair."""

    groups: Groups
    outcomes: list[Outcome]


def decide(columns: Columns, pairs: Scored, rulings: Rulings) -> Decided:
    """Unite what people linked, then what evidence decides, in an order that only the pairs themselves give."""
    kind = kinds(columns, pairs)
    ruled = np.array(rulings.pairs(), np.int64).reshape(-1)
    groups = Groups(columns, np.unique(np.concatenate([pairs.left, pairs.right, ruled])).tolist())
    for left, right in rulings.same:
        groups.unite(left, right)
    for left, right in rulings.different:
        groups.keep_apart(left, right)
    rivals: set[tuple[int, int]] = set()
    order = np.lexsort((pairs.right, pairs.left, -pairs.weight, kind))
    for step in (Kind.IDENTIFIED, Kind.DATED, Kind.UNDATED):
        chosen = order[kind[order] == step]
        edges = list(zip(pairs.left[chosen].tolist(), pairs.right[chosen].tolist(), strict=True))
        torn = _torn(groups, edges) if step != Kind.IDENTIFIED else set()
        for left, right in edges:
            if groups.of(left) == groups.of(right):
                continue
            if torn & {left, right}:
                rivals.add((left, right))
            elif not groups.clash(left, right):
                groups.unite(left, right)
    return Decided(groups, _outcomes(pairs, vetoes(columns, pairs), kind, groups, rivals))


def _outcomes(
    pairs: Scored, veto: Flags, kind: npt.NDArray[np.int8], groups: Groups, rivals: set[tuple[int, int]]
) -> list[Outcome]:
    found = []
    for place, pair in enumerate(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)):
        if groups.of(pair[0]) == groups.of(pair[1]):
            found.append(SAME_BY.get(Kind(kind[place]), Outcome.SAME_GROUP))
        elif clash := groups.clash(*pair):
            found.append(Outcome[clash])
        elif kind[place] == Kind.NOT:
            found.append(Outcome[VETOES[int(veto[place].argmax())]])
        else:
            found.append(Outcome.RIVALS if pair in rivals else Outcome.LIKELY)
    return found


def _torn(groups: Groups, edges: list[tuple[int, int]]) -> set[int]:
    """Rows of groups that could join two groups which cannot be one person: nothing says which, so neither."""
    drawn: dict[int, set[int]] = defaultdict(set)
    for left, right in edges:
        a, b = groups.of(left), groups.of(right)
        if a != b:
            drawn[a].add(b)
            drawn[b].add(a)
    torn: set[int] = set()
    for group, others in drawn.items():
        if groups.any_clash(others):
            torn.update(groups.groups[group].rows)
    return torn
