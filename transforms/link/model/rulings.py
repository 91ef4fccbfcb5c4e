"""What have people decided about who is who, and what of it stands?

LINK and SEPARATE bind for ever, until a later decision on the same two mentions supersedes them. A decision that
contradicts those before it is refused, with both sides named; nothing else is lost.
"""

from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from expectations.plain import Row
from transforms.refused import Refused

Pair = tuple[str, str]

RULINGS = {"LINK": "the same person", "SEPARATE": "different people"}  # what each decision says of two mentions


@dataclass(frozen=True)
class Rulings:
    """What stands: pairs of rows that are the same person, pairs that are not, and the decision behind each."""

    same: tuple[tuple[int, int], ...] = ()
    different: tuple[tuple[int, int], ...] = ()

    def pairs(self) -> list[tuple[int, int]]:
        """All pairs anybody decided."""
        return [*self.same, *self.different]


@dataclass
class _Book:
    """The decisions in force by pair, with the groups that the links make."""

    current: dict[Pair, Row] = field(default_factory=dict)
    group_of: dict[str, str] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=dict)
    apart: dict[str, dict[str, Row]] = field(default_factory=lambda: defaultdict(dict))

    def group(self, key: str) -> str:
        return self.group_of.get(key, key)

    def contradiction(self, decision: Row, pair: Pair) -> Row | None:
        """The decision in force that this one contradicts."""
        a, b = self.group(pair[0]), self.group(pair[1])
        if decision["action"] == "LINK":
            return self.apart[a].get(b) if a != b else None
        return self._last_link_between(*pair) if a == b else None

    def add(self, decision: Row, pair: Pair) -> None:
        self.current[pair] = decision
        a, b = self.group(pair[0]), self.group(pair[1])
        if decision["action"] == "SEPARATE":
            self.apart[a].setdefault(b, decision)
            self.apart[b].setdefault(a, decision)
        elif a != b:
            self._unite(a, b)

    def without(self, pair: Pair) -> "_Book":
        """The book as if this pair had not been decided."""
        book = _Book()
        for other, decision in self.current.items():
            if other != pair:
                book.add(decision, other)
        return book

    def _unite(self, a: str, b: str) -> None:
        ours = self.members.setdefault(a, {a}) | self.members.pop(b, {b})
        self.members[a] = ours
        self.group_of.update(dict.fromkeys(ours, a))
        for other, decision in self.apart.pop(b, {}).items():
            del self.apart[other][b]
            self.apart[other].setdefault(a, decision)
            self.apart[a].setdefault(other, decision)

    def _last_link_between(self, start: str, end: str) -> Row:
        """The latest link on the path that makes two mentions one person."""
        links: dict[str, list[tuple[str, Row]]] = defaultdict(list)
        for (a, b), decision in self.current.items():
            if decision["action"] == "LINK":
                links[a].append((b, decision))
                links[b].append((a, decision))
        paths: dict[str, list[Row]] = {start: []}
        queue = deque([start])
        while end not in paths:
            here = queue.popleft()
            for there, decision in links[here]:
                if there not in paths:
                    paths[there] = [*paths[here], decision]
                    queue.append(there)
        return max(paths[end], key=_order)


def in_force(decisions: list[Row], known: set[str], as_of: date) -> tuple[dict[Pair, Row], list[Row]]:
    """The LINK and SEPARATE decisions in force by pair of mention keys, and `refusal` rows for the contradictory ones.

    `decisions` are rows of the table `decision`; those that name a mention not in `known` are left to whoever checks
    decisions, and have no effect here.
    """
    book = _Book()
    refusals = []
    for decision in sorted(decisions, key=_order):
        pair = pair_of(decision)
        if decision["action"] not in RULINGS or pair is None or not known.issuperset(pair):
            continue
        before = book.without(pair) if pair in book.current else book
        against = before.contradiction(decision, pair)
        if against is None:
            before.add(decision, pair)
            book = before
        else:
            refusals.append(_refusal(decision, against).row(as_of))
    return book.current, refusals


def pair_of(decision: Row) -> Pair | None:
    """The two mentions of a decision, in order; None where it does not name two."""
    keys = sorted({decision["mention_key"], decision["other_mention_key"] or decision["mention_key"]})
    return (keys[0], keys[1]) if len(keys) == 2 else None


def _order(decision: Row) -> tuple[Any, str]:
    return decision["decided_at"], decision["decision_id"]


def _refusal(decision: Row, against: Row) -> Refused:
    reason = (
        f"{decision['mention_key']} and {decision['other_mention_key']} cannot be {RULINGS[decision['action']]}: "
        f"decision {against['decision_id']} says that {against['mention_key']} and {against['other_mention_key']} "
        f"are {RULINGS[against['action']]}, and both cannot stand. Decide that pair anew to change it."
    )
    return Refused(decision, "CONTRADICTS_DECISION", reason, against["decision_id"])
