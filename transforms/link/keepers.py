"""Which of tonight's groups of mentions keeps which person id?

An id names a child, with the tracker's number and the partners' reference, so it stays where the child is: with the
group that holds the tracker entry, else with the one that holds most of the mentions. A few mentions that turn out to
be another child's never carry it along.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Claim:
    """Some mentions of one person id that are in one group tonight.

    `mentions` of the `of` that the id had the night before, the `first` of them in the order in which all landed;
    `entry` where one of them put the child on the tracker, `founding` where the id was made from one of them.
    """

    person: str
    group: int
    mentions: int
    of: int
    entry: bool
    founding: bool
    first: int

    @property
    def is_most(self) -> bool:
        """More than half of the mentions that the id had."""
        return 2 * self.mentions > self.of

    @property
    def is_half(self) -> bool:
        """Half of them or more."""
        return 2 * self.mentions >= self.of


def kept(claims: Iterable[Claim]) -> tuple[dict[int, str], dict[str, int]]:
    """The id that each group keeps, by group; and the group that each id without a group of its own went into.

    Each id asks for the group where it is at home, and after that for the one with most of its mentions. A group that
    several ids ask for keeps the one whose child it is; the outcome does not depend on the order of the claims.
    """
    of: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        of[claim.person].append(claim)
    asked = {person: _in_order(of[person]) for person in sorted(of)}
    holder: dict[int, Claim] = {}
    waiting = [(person, 0) for person in reversed(asked)]
    place: dict[str, int] = {}
    while waiting:
        person, turn = waiting.pop()
        if turn == len(asked[person]):
            continue
        claim = asked[person][turn]
        place[person] = turn
        other = holder.get(claim.group)
        loser = person if other and _stronger(other) > _stronger(claim) else other.person if other else None
        if loser != person:
            holder[claim.group] = claim
        if loser:
            waiting.append((loser, place[loser] + 1))
    keeps = {group: claim.person for group, claim in holder.items()}
    went = asked.keys() - keeps.values()
    return keeps, {person: asked[person][0].group for person in asked if person in went}


def _in_order(claims: list[Claim]) -> list[Claim]:
    """The groups that an id asks for: its home first, then the one with most of its mentions."""
    home = max(claims, key=lambda one: (one.entry, one.entry and one.founding, one.mentions, one.founding, -one.group))
    return [home, *(one for one in claims if one.is_most and one is not home)]


def _stronger(claim: Claim) -> tuple[bool, bool, int, int]:
    """Whose child a group is: not his of whose mentions only a few are in it."""
    return claim.is_half, claim.entry, claim.mentions, -claim.first
