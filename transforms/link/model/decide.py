"""Which mentions are one person?

People's decisions come first and bind. Then pairs whose evidence is decisive unite their groups, the strongest kind of
evidence first, unless anything in the two whole groups speaks against it. What is likely but not decisive is left to a
person. The outcome depends only on the mentions and decisions, never on their order or on earlier nights.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cache
from itertools import combinations

import numpy as np
import numpy.typing as npt

from transforms.link.model.columns import Codes, Columns, Flags
from transforms.link.model.components import UNKNOWN, Rows, components, extremes
from transforms.link.model.evidence import (
    VETOES,
    Kind,
    Kinds,
    errors,
    lone_weight,
    may_be_misdated,
    may_be_siblings,
    may_have_two_genders,
    qualifying,
    strongest,
    vetoes,
)
from transforms.link.model.groups import Groups, most_doubt
from transforms.link.model.namesakes import is_near
from transforms.link.model.rulings import Rulings
from transforms.link.model.score import Scored, Weights
from transforms.link.model.settings import DATED_WEIGHT, LONE_OWN_WEIGHT, LONE_WEIGHT, OTHER_SURNAME_WEIGHT, OWN_WEIGHT


class Outcome(Enum):
    """What became of a pair: the decision, and why, in words."""

    IDENTIFIED = "same", "one PNC id or one record-system id, and little or nothing against it"
    SURE = "same", "so much agrees that doubts about the rest do not matter"
    DATED = "same", "what agrees, with a date of birth, fits few others"
    OWN = "same", "something of one's own agrees besides the date of birth"
    LONE = "same", "nobody else who is known bears these names"
    OTHER_SURNAME = "same", "one first name, date of birth and home, under two surnames"
    UNDATED = "same", "a home, or something of one's own, stands for a date of birth that is missing or a year alone"
    OTHERWISE = "same", "one PNC id or record-system id and more; the other first name is known under that id alone"
    SAME_GROUP = "same", "united through other records or a person's decision"
    LIKELY = "ask", "likely, but the evidence does not decide by itself"
    SIBLINGS = "ask", "two names with one date of birth: twins, or one child under a wrong name"
    MISDATED = "ask", "one home and two dates of birth: relatives, or one child with a wrong date"
    TWO_GENDERS = (
        "ask",
        "one name with one birthday or home, and two genders: one is wrong or has changed, or two people",
    )
    AGE_APART = "ask", "a stated age and a date or year of birth are years apart"
    VERIFIED_NEARLY = "ask", "verified dates of birth that differ as by an error; one of them may be wrong"
    SUBJECTS = "ask", "two subjects of one record have one PNC id or record-system id"
    SEPARATED = "different", "a person decided that they are different"
    ONE_RECORD = "different", "two subjects of one record are two people, unless a person links them"
    PNC = "different", "their records have different PNC ids"
    VERIFIED_BIRTH = "different", "their records have different verified dates of birth"
    GENDER = "different", "their records have different genders"
    GIVEN_NAME = "different", "their records have different given names, as those of brothers, sisters and twins do"
    SECOND_NAME = "different", "their records have different second given names, as those of brothers and sisters do"
    STATED_AGE = "different", "their records have a stated age that no date or year of birth of the other's fits"
    BIRTH = "different", "their records have dates of birth that no error explains"
    LITTLE = "different", "too little speaks for one person, or nothing brings the two together"

    @property
    def decision(self) -> str:
        """What is decided: same, ask or different."""
        return str(self.value[0])

    def __str__(self) -> str:
        return f"{self.name}: {self.value[1]}"


OUTCOMES = list(Outcome)
SAME_BY = {
    Kind.IDENTIFIED: Outcome.IDENTIFIED,
    Kind.SURE: Outcome.SURE,
    Kind.DATED: Outcome.DATED,
    Kind.OWN: Outcome.OWN,
    Kind.LONE: Outcome.LONE,
    Kind.OTHER_SURNAME: Outcome.OTHER_SURNAME,
    Kind.UNDATED: Outcome.UNDATED,
    Kind.OTHERWISE: Outcome.OTHERWISE,
}
AT_A_TIME = 1 << 16  # pairs
BY_IDENTIFIER = (Kind.IDENTIFIED, Kind.OTHERWISE)
DOUBTED_KINDS = {
    Kind.SURE: DATED_WEIGHT,
    Kind.DATED: DATED_WEIGHT,
    Kind.OWN: OWN_WEIGHT,
    Kind.LONE: LONE_WEIGHT,
    Kind.OTHER_SURNAME: OTHER_SURNAME_WEIGHT,
    Kind.UNDATED: LONE_OWN_WEIGHT,
}


@dataclass(frozen=True)
class Decided:
    """For every row the smallest row of its group, and for every pair the place of its outcome in OUTCOMES.

    `apart` are pairs of rows that are two people whatever their evidence: N x 2.
    """

    group: Rows
    outcome: npt.NDArray[np.int8]
    apart: Rows

    def is_open(self) -> Flags:
        """Pairs that only a person can decide."""
        return np.isin(self.outcome, [number for number, outcome in enumerate(OUTCOMES) if outcome.decision == "ask"])


def decide(columns: Columns, pairs: Scored, rulings: Rulings) -> Decided:
    """Unite what people linked, then what evidence decides; rows without a pair are a group each.

    Of each kind of evidence those that are written alike unite first: what is usual is known before errors are judged.
    """
    qualifies, exact = qualifying(columns, pairs), errors(columns, pairs) == 0
    linked = np.array(rulings.same, np.int64).reshape(-1, 2)
    group = components(len(columns), linked[:, 0], linked[:, 1])
    apart = _apart(columns, group, rulings)
    for step in SAME_BY:
        for chosen in (qualifies[:, step - 1] & exact, qualifies[:, step - 1]):
            group = _united(columns, group, pairs.take(chosen), step, apart)
    return Decided(group, _outcomes(columns, pairs, strongest(qualifies), group, apart), apart)


def _apart(columns: Columns, group: Rows, rulings: Rulings) -> Rows:
    """N x 2: pairs of rows that people hold apart, or that are two subjects of one record and that nobody linked."""
    record = np.argsort(columns.record, kind="stable")
    edges = np.flatnonzero(np.diff(columns.record[record], prepend=UNKNOWN, append=UNKNOWN))
    several = np.flatnonzero(np.diff(edges) > 1)
    subjects = [pair for one in several for pair in combinations(record[edges[one] : edges[one + 1]].tolist(), 2)]
    found = np.array([*rulings.different, *subjects], np.int64).reshape(-1, 2)
    return np.asarray(found[group[found[:, 0]] != group[found[:, 1]]])


def _united(columns: Columns, group: Rows, pairs: Scored, step: Kind, apart: Rows) -> Rows:
    """The groups after one kind of evidence: at once where nothing can speak against it, else pair by pair."""
    pairs = pairs.take(group[pairs.left] != group[pairs.right])
    if not len(pairs):
        return group
    part = components(len(columns), group[pairs.left], group[pairs.right])[group]
    at_odds = _at_odds(columns, part, pairs, apart)
    sure = pairs.take(~at_odds[part[pairs.left]] & _beyond_doubt(columns, part, pairs, step))
    group = components(len(columns), group[sure.left], group[sure.right])[group]
    contested = pairs.take(group[pairs.left] != group[pairs.right])
    if not len(contested):
        return group
    rows = np.flatnonzero(np.isin(group, group[np.r_[contested.left, contested.right]]))
    groups = groups_of(columns, group, rows, apart)
    _settle(groups, contested, at_odds[part[contested.left]], step)
    smallest = {name: min(one.rows) for name, one in groups.groups.items()}
    after = group.copy()
    after[rows] = [smallest[groups.of(row)] for row in rows.tolist()]
    return after


def _at_odds(columns: Columns, part: Rows, pairs: Scored, apart: Rows) -> Flags:
    """By name of part: True for a part that is growing and whose mentions may not agree on every fact."""
    grows, rows = _growing(part, pairs)
    odds = np.zeros(len(part), bool)
    for known, agree in _facts(columns):
        values, of = known[rows], part[rows]
        least, most = extremes(values, of, len(part))
        odds |= ~agree(least, most)
        odds[of[(values != UNKNOWN) & (values != least[of]) & (values != most[of])]] = True
    within = part[apart[:, 0]] == part[apart[:, 1]]
    odds[part[apart[within, 0]]] = True
    return odds & grows


def _beyond_doubt(columns: Columns, part: Rows, pairs: Scored, step: Kind) -> Flags:
    """Pairs of which no doubt between any two groups of their part outweighs the evidence.

    They are further beyond doubt than others of their part and would unite before these, in whatever order.
    """
    if step not in DOUBTED_KINDS:
        return np.ones(len(pairs), bool)
    _, rows = _growing(part, pairs)
    doubt = most_doubt(columns, rows, part)[part[pairs.left]]
    return np.asarray((pairs.weight - doubt >= _needed(pairs, step)) & ((doubt == 0) | (step != Kind.UNDATED)))


def _needed(pairs: Scored, step: Kind) -> Weights | float:
    """The weight that each pair of a kind needs besides what outweighs doubts."""
    return lone_weight(pairs) if step == Kind.LONE else DOUBTED_KINDS.get(step, 0.0)


def _growing(part: Rows, pairs: Scored) -> tuple[Flags, Rows]:
    """The parts that have pairs, by name, and the rows of these parts."""
    grows = np.zeros(len(part), bool)
    grows[part[pairs.left]] = True
    return grows, np.flatnonzero(grows[part])


def _facts(columns: Columns) -> list[tuple[Codes, Callable[[Rows, Rows], Flags]]]:
    """Each fact that may forbid a union, as numbers, and when two values of it agree; see `groups.CLASHES`."""
    certain = np.where(columns.is_verified, columns.dob, UNKNOWN)
    born = np.where(columns.dob != UNKNOWN, columns.year * 10000 + columns.day_month, UNKNOWN)
    named = np.where(columns.is_known_name, columns.root, UNKNOWN)
    years = np.where(columns.year_to != UNKNOWN, columns.year_to * 2 + (columns.age_year != UNKNOWN), UNKNOWN)
    same = [columns.pnc, certain, columns.gender, named, columns.second]
    return [*((values, np.equal) for values in same), (born, is_near), (years, _no_age_is_contrary)]


def _no_age_is_contrary(one: Rows, other: Rows) -> Flags:
    """True of years that are one, or of which neither is by an age: an odd number is by an age."""
    return np.asarray((one == other) | ((one | other) & 1 == 0))


def groups_of(columns: Columns, group: Rows, rows: Rows, apart: Rows) -> Groups:
    """The groups of these rows, by `group`, with what is `apart` among them."""
    members: dict[int, list[int]] = defaultdict(list)
    for row, name in zip(rows.tolist(), group[rows].tolist(), strict=True):
        members[name].append(row)
    there = np.isin(apart[:, 0], rows) & np.isin(apart[:, 1], rows)
    return Groups(columns, members.values(), [(a, b) for a, b in apart[there].tolist()])


def _settle(groups: Groups, pairs: Scored, may_clash: Flags, step: Kind) -> None:
    """Unite groups pair by pair, those furthest beyond doubt first, unless facts clash or something else is as likely.

    `may_clash` marks the pairs in parts whose facts differ; in the others there are only doubts.
    """
    torn = [] if step in BY_IDENTIFIER else _ambiguous(groups, pairs.take(may_clash))
    pairs = pairs.take(~np.isin(pairs.left, torn) & ~np.isin(pairs.right, torn))
    beyond = pairs.weight - _needed(pairs, step)
    order = np.lexsort((pairs.right, pairs.left, -beyond))
    edges = zip(*(values[order].tolist() for values in (pairs.left, pairs.right, beyond)), strict=True)
    for left, right, bits in edges:
        if groups.of(left) != groups.of(right) and _allowed(groups, left, right, bits, step):
            groups.unite(left, right)


def _allowed(groups: Groups, left: int, right: int, beyond: float, step: Kind) -> bool:
    """True where nothing known of two whole groups speaks against evidence that is so many bits more than needed."""
    clash = groups.clash(left, right)
    if step == Kind.IDENTIFIED:
        return clash in ("", "GIVEN_NAME", "BIRTH")
    if step == Kind.OTHERWISE:
        return clash in ("", "GIVEN_NAME") and groups.known_only_together(left, right)
    return not clash and (step not in DOUBTED_KINDS or _outweighs(groups.doubt(left, right), beyond, step))


def _outweighs(doubt: float, beyond: float, step: Kind) -> bool:
    """True where the evidence decides in spite of a doubt; without a date of birth no doubt may be left."""
    return doubt <= beyond and not (doubt and step == Kind.UNDATED)


def _ambiguous(groups: Groups, pairs: Scored) -> list[int]:
    """Rows of groups that could join two groups which cannot be one person: nothing says which, so neither."""
    drawn: dict[int, set[int]] = defaultdict(set)
    for left, right in zip(pairs.left.tolist(), pairs.right.tolist(), strict=True):
        a, b = groups.of(left), groups.of(right)
        drawn[a].add(b)
        drawn[b].add(a)
    ambiguous = [group for group, others in drawn.items() if groups.is_ambiguous(group, others)]
    return [row for group in ambiguous for row in groups.groups[group].rows]


def _outcomes(columns: Columns, pairs: Scored, kind: Kinds, group: Rows, apart: Rows) -> npt.NDArray[np.int8]:
    place = {outcome: number for number, outcome in enumerate(OUTCOMES)}
    veto_place = np.array([place[Outcome[code]] for code in VETOES], np.int8)
    kind_place = np.array([place[SAME_BY.get(Kind(k), Outcome.SAME_GROUP)] for k in Kind], np.int8)
    same = group[pairs.left] == group[pairs.right]
    found = np.full(len(pairs), place[Outcome.LIKELY], np.int8)
    found[kind == Kind.NOT] = veto_place[vetoes(columns, pairs)[kind == Kind.NOT].argmax(axis=1)]
    found[same] = kind_place[kind[same] - 1]
    doubtful = np.flatnonzero(~same & (kind < Kind.NOT))
    doubtful = doubtful[_may_clash(columns, group, apart, group[pairs.left[doubtful]], group[pairs.right[doubtful]])]
    asked = _asked_in_spite(columns, pairs, kind, group)
    for some in np.array_split(doubtful, len(doubtful) // AT_A_TIME + 1):
        left, right = group[pairs.left[some]], group[pairs.right[some]]
        clash = cache(groups_of(columns, group, np.flatnonzero(np.isin(group, np.r_[left, right])), apart).clash)
        for number, a, b in zip(some.tolist(), left.tolist(), right.tolist(), strict=True):
            code = clash(a, b)
            if code:
                found[number] = place[IN_SPITE[code] if code in IN_SPITE and asked[code][number] else Outcome[code]]
    return found


# What is asked of a pair whose groups clash, by the code of the clash.
IN_SPITE = {
    "ONE_RECORD": Outcome.SUBJECTS,
    "GENDER": Outcome.TWO_GENDERS,
    "GIVEN_NAME": Outcome.SIBLINGS,
    "SECOND_NAME": Outcome.SIBLINGS,
    "BIRTH": Outcome.MISDATED,
    "STATED_AGE": Outcome.AGE_APART,
}


def _asked_in_spite(columns: Columns, pairs: Scored, kind: Kinds, group: Rows) -> dict[str, Flags]:
    """By code of a clash the pairs of which a person is asked all the same.

    Two subjects of one record where both have one id. Other names or dates only where one side is a single record: of
    two children who are each known from several records, both names and both dates are right.
    """
    size = np.bincount(group, minlength=len(group))
    single = np.minimum(size[group[pairs.left]], size[group[pairs.right]]) == 1
    names = single & may_be_siblings(pairs)
    return {
        "ONE_RECORD": kind == Kind.LIKELY,
        "GENDER": may_have_two_genders(pairs),
        "GIVEN_NAME": names,
        "SECOND_NAME": names,
        "BIRTH": single & may_be_misdated(pairs),
        "STATED_AGE": single,
    }


def outcome_of(columns: Columns, pairs: Scored, decided: Decided, pair: tuple[int, int]) -> Outcome:
    """What became of the two rows of a pair, the smaller first, whether or not they are among the scored `pairs`."""
    left, right = pair
    scored = np.flatnonzero((pairs.left == left) & (pairs.right == right))
    if len(scored):
        return OUTCOMES[int(decided.outcome[scored[0]])]
    if decided.group[left] == decided.group[right]:
        return Outcome.SAME_GROUP
    rows = np.flatnonzero(np.isin(decided.group, decided.group[[left, right]]))
    clash = groups_of(columns, decided.group, rows, decided.apart).clash(left, right)
    return Outcome[clash] if clash else Outcome.LITTLE


def _may_clash(columns: Columns, group: Rows, apart: Rows, a: Rows, b: Rows) -> Flags:
    """Pairs of groups, a[i] and b[i], of which one has several values of a fact that both have, or theirs disagree."""
    parted = np.zeros(len(group), bool)
    parted[group[apart.reshape(-1)]] = True
    found = parted[a] & parted[b]
    for values, agree in _facts(columns):
        least, most = extremes(values, group, len(group))
        one, known = least == most, most != UNKNOWN
        found |= known[a] & known[b] & ~(one[a] & one[b] & agree(most[a], most[b]))
    return found
