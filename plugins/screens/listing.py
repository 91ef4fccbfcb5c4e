"""Which of the open questions are looked at: of which kind, whose, overdue, and in which order?

The choice stands in the page's address and stays there from one question to the next. Every count on every page is made
here, of the same questions as the report's and the worklist's.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends

from connectors.register import answers, handling
from connectors.register.handling import Handled
from expectations.plain import Row
from expectations.questions import HELD, QUESTIONS, of_task, shown_in
from screens.desk import Desk

MINE, NOBODYS = "mine", "nobodys"
WHOSE = {"": "Everybody’s", MINE: "Mine", NOBODYS: "Nobody’s"}
PRESSING = (*shown_in(HELD), of_task("ROUTE"), of_task("UNHEARD"))  # as in the report, before all that can wait
KINDS = [*PRESSING, *(kind for kind in QUESTIONS if kind not in PRESSING)]
SECTIONS = {kind.section for kind in QUESTIONS.values()}


def _by_size(row: Row) -> tuple[int, int, date, str]:
    return (KINDS.index(row["kind"]), -(row["settles"] or 0), row["asked_on"], row["review_id"])


ORDERS: dict[str, tuple[str, Callable[[Row], tuple[object, ...]]]] = {
    "": ("what presses and settles most", _by_size),
    "asked": ("the oldest", lambda row: (row["asked_on"], row["review_id"])),
    "due": ("due first", lambda row: (row["due_on"] or date.max, row["review_id"])),
}


@dataclass(frozen=True)
class Wanted:
    """What is looked at, as the page's address says it."""

    kind: str = ""
    whose: str = ""
    late: str = ""
    order: str = ""

    def query(self, **changed: str) -> str:
        """The address of the same choice with something else, for a link; what is not chosen is left out."""
        chosen = {name: value for name, value in replace(self, **changed).__dict__.items() if value}
        return f"?{urlencode(chosen)}" if chosen else ""

    def question(self, review_id: str, **more: str) -> str:
        """The address of one question out of these."""
        return f"/review/question?{urlencode({'review_id': review_id, **self._chosen, **more})}"

    @property
    def _chosen(self) -> dict[str, str]:
        return {name: value for name, value in self.__dict__.items() if value}


def _wanted(kind: str = "", whose: str = "", late: str = "", order: str = "") -> Wanted:
    return Wanted(
        kind if kind in {*QUESTIONS, *SECTIONS} else "",
        whose if whose in WHOSE else "",
        "yes" if late else "",
        order if order in ORDERS else "",
    )


Chosen = Annotated[Wanted, Depends(_wanted)]


@dataclass(frozen=True)
class Listing:
    """The open questions of a night for one user, at one moment."""

    at: Desk
    wanted: Wanted
    user: str
    now: datetime

    @cached_property
    def waiting(self) -> list[Row]:
        """Answers that can still be taken back, the latest first."""
        return answers.open_to_undo(self.at.run.register, self.now)[::-1]

    @cached_property
    def answered(self) -> dict[str, Row]:
        """The last answer to each question that was answered since the night, by review_id."""
        return {row["review_id"]: row for row in self.waiting[::-1]}

    @cached_property
    def open(self) -> list[Row]:
        """Every question without an answer."""
        return [row for row in self.at.questions.values() if row["review_id"] not in self.answered]

    @cached_property
    def holders(self) -> dict[str, Handled]:
        """Who has each question that somebody has."""
        return handling.holders(self.at.run.register, self.now)

    @cached_property
    def rows(self) -> list[Row]:
        """The questions that are looked at, in the order that was chosen."""
        return sorted(self._of(self.wanted), key=ORDERS[self.wanted.order][1])

    def count(self, **changed: str) -> int:
        """How many there would be with something else chosen."""
        return len(self._of(replace(self.wanted, **changed)))

    @cached_property
    def kinds(self) -> list[tuple[str, int]]:
        """The kinds that there are, with how many, in the order of the catalogue."""
        counted = Counter(row["kind"] for row in self._of(replace(self.wanted, kind="")))
        return [(kind, counted[kind]) for kind in KINDS if counted[kind]]

    def place(self, review_id: str) -> int:
        """Which one a question is among those that are looked at, from 1; 0 where it is not among them."""
        ids = [row["review_id"] for row in self.rows]
        return ids.index(review_id) + 1 if review_id in ids else 0

    def after(self, review_id: str) -> str:
        """The next question that nobody else is answering, from the first again after the last; empty where none."""
        ids = [row["review_id"] for row in sorted([*self._of(self.wanted), *self._this(review_id)], key=self._order)]
        here = ids.index(review_id) if review_id in ids else -1
        following = [one for one in (*ids[here + 1 :], *ids[: max(here, 0)]) if one != review_id]
        return next((one for one in following if not self._is_barred(one)), "")

    def _this(self, review_id: str) -> list[Row]:
        asked = self.at.questions.get(review_id)
        return [asked] if asked and asked not in self._of(self.wanted) else []

    @property
    def _order(self) -> Callable[[Row], tuple[object, ...]]:
        return ORDERS[self.wanted.order][1]

    def _is_barred(self, review_id: str) -> bool:
        holder = self.holders.get(review_id)
        return bool(holder and holder.bars(self.user))

    def _of(self, wanted: Wanted) -> list[Row]:
        return [
            row
            for row in self.open
            if wanted.kind in ("", row["kind"], QUESTIONS[row["kind"]].section)
            and self._is_whose(row, wanted.whose)
            and (not wanted.late or (row["due_on"] or date.max) < self.at.contents.as_of)
        ]

    def _is_whose(self, row: Row, whose: str) -> bool:
        holder = self.holders.get(row["review_id"])
        return {"": True, MINE: bool(holder and holder.holder == self.user), NOBODYS: holder is None}[whose]


def listing(at: Desk, wanted: Wanted, user: str) -> Listing:
    """The open questions as they are now."""
    return Listing(at, wanted, user, datetime.now(UTC))
