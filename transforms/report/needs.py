"""What needs a person today?

Everything of the night that waits for somebody: children who are missing now, cases to ratify, questions about who is
who, ages, birthdays, actions, refused decisions, partners not reached, acknowledgements overdue or wrong, failed
expectations; most pressing first.
"""

import json
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property

from expectations.agreed import CASE_STATES
from expectations.clocks import CLOCKS
from expectations.plain import Row, grouped
from expectations.questions import AGES, CASES, HELD, OTHERS, PAIRS, shown_in
from expectations.site import LONDON
from transforms.report.contents import Contents
from transforms.report.news import News, news
from transforms.report.questions import answerable
from transforms.report.unread import OF_AN_AGE, Unread, unread

OVERDUE = "OVERDUE"  # the state of a clock
CHASED = ("MASH_ANSWER", "FORCE_ANSWER", "CONCERN")
SHOWN_AS = ("MISSING_NOW", "SCA_ACTION", "PANEL_ACTION", "TURNS_18", *CHASED)  # clocks of what has a list of its own
NOT_REACHED = ("prepared", "sending", "failed", "rejected")
ASSUMED = "taken as delivered"  # as the register says of files that nobody was to be sent
CALLED_FOR = timedelta(days=7)  # so long a death stands on the list of calls
OWED = "The officer’s own words"
NOBODY_NAMED = "nobody named"
RECEIPT_PROBLEM_SHOWN = timedelta(days=14)


@dataclass(frozen=True)
class Missing:
    """A child who has not come back: the open episode, every record of the child since it began, latest first, and who
    holds a record that says so.
    """

    episode: Row
    child: Row
    since: list[Row]
    informed: list[str]


@dataclass(frozen=True)
class Case:
    """A child proposed for the tracker, with the records that name the child, latest first."""

    review: Row
    child: Row
    records: list[Row]


@dataclass(frozen=True)
class Question:
    """An open question about one child, and what of the child's records could not be read that it hangs on."""

    review: Row
    child: Row
    unread: list[Unread] = field(default_factory=list)


@dataclass(frozen=True)
class Birthday:
    """An 18th birthday ahead: what it means, and whether it comes before the next meeting."""

    forecast: Row
    child: Row
    before_meeting: bool


@dataclass(frozen=True)
class Due:
    """An action for a child that is not done yet."""

    action: Row
    child: Row
    overdue: bool


@dataclass(frozen=True)
class Refusal:
    """A decision that was refused, and the child it was about where that is known."""

    refusal: Row
    child: Row


@dataclass(frozen=True)
class Death:
    """A child who died: whom a person has to ring, since they hold a record of the child, and since which night."""

    child: Row
    calls: list[tuple[str, date]]


@dataclass(frozen=True)
class Chase:
    """Somebody who owes an answer: of which children, each with since when, the longest first."""

    whom: str
    children: list[tuple[Row, date]]
    is_ours: bool = False


@dataclass(frozen=True)
class NotReached:
    """A partner whose files wait: rows of the register's deliveries, the oldest first."""

    title: str
    files: list[Row]


def _due(kind: str) -> cached_property[list[Due]]:
    return cached_property(lambda needs: needs.actions(kind))


@dataclass(frozen=True)
class Needs:
    """What needs a person, by kind. Lists of the dataclasses above; deliveries are rows of the register."""

    contents: Contents

    @cached_property
    def missing(self) -> list[Missing]:
        """Children who are missing now, the highest risk and the longest missing first."""
        found = [self._missing(row) for row in self.contents.missing_now]
        of_cases = [one for one in found if one.child.get("state") in CASE_STATES]
        return sorted(of_cases, key=lambda one: (_RISKS.get(one.episode["risk"] or "", 0), one.episode["missing_from"]))

    @cached_property
    def held(self) -> list[Question]:
        """Decisions, and the night itself, that wait for a person because of what they would do."""
        return self._questions(HELD)

    @cached_property
    def cases(self) -> list[Case]:
        """New cases for the meeting to ratify, the newest first."""
        return [self._case(review) for review in reversed(self._asked(CASES))]

    @cached_property
    def pairs(self) -> list[Question]:
        """Same-person questions, those that settle most first."""
        return sorted(self._questions(PAIRS), key=_by_what_it_settles)

    @cached_property
    def ages(self) -> list[Question]:
        """Children whose age a person has to settle."""
        return [replace(one, unread=self._unread(one, OF_AN_AGE)) for one in self._questions(AGES)]

    def _unread(self, question: Question, beginnings: tuple[str, ...]) -> list[Unread]:
        keys = question.child.get("mention_keys") or [question.review["mention_key"]]
        return unread(self.contents, keys, beginnings)

    @cached_property
    def others(self) -> list[Question]:
        """Every other question, and every action of a kind that has no list of its own."""
        kinds = shown_in(OTHERS)
        rows = sorted((row for row in self.questions if row["kind"] in kinds), key=lambda row: kinds.index(row["kind"]))
        return [Question(row, self._child(row["person_id"])) for row in rows]

    @cached_property
    def birthdays(self) -> list[Birthday]:
        """18th birthdays ahead, the next first."""
        rows = sorted(self.contents.rows("forecast"), key=lambda row: (row["attains_18_on"], row["person_id"]))
        meeting = self.contents.next_meeting
        return [Birthday(row, self._child(row["person_id"]), row["attains_18_on"] <= meeting) for row in rows]

    referrals = _due("SCA_REFERRAL")  # from the Single Competent Authority, not actioned by the team
    to_tell = _due("ROUTE")  # places that have to hear of a child and have no contract: informed by hand, at once
    unheard = _due("UNHEARD")  # places that have to hear of a child and get no record: the release rule, or a decision
    panel_actions = _due("PANEL")  # given to an agency, and not done
    moved_away = _due("MOVED_AWAY")  # children of whom it is not recorded where to

    @cached_property
    def agencies(self) -> list[tuple[str, list[Due]]]:
        """Panel actions by the agency that took them, each agency's in the same order."""
        return sorted(grouped(self.panel_actions, lambda due: str(due.action["owner"] or NOBODY_NAMED)).items())

    def actions(self, kind: str) -> list[Due]:
        """Actions of one kind that are not done, those due first in front."""
        rows = [row for row in self.contents.tasks if row["kind"] == kind]
        rows.sort(key=lambda row: (row["due_on"] or date.max, row["action_id"]))
        return [Due(row, self._child(row["person_id"]), self._is_past(row["due_on"])) for row in rows]

    @cached_property
    def refusals(self) -> list[Refusal]:
        """Decisions refused since the last meeting, the latest first; one that waits to be confirmed is not refused."""
        waiting = {row["review_id"] for row in self.contents.open_questions}
        rows = [row for row in self.contents.rows("refusal") if row["refused_on"] >= self.contents.last_meeting]
        rows = [row for row in rows if f"decision:{row['decision_id']}" not in waiting]
        rows.sort(key=lambda row: (row["refused_on"], row["decided_at"], row["decision_id"]), reverse=True)
        return [Refusal(row, self._child(self.contents.person_of.get(row["mention_key"] or "", ""))) for row in rows]

    @cached_property
    def deaths(self) -> list[Death]:
        """Children whose death was recorded in the last week, with everybody who has to hear it from a person."""
        since = self.contents.as_of - CALLED_FOR
        died = [
            child
            for child in self.contents.children
            if child["removal_reason"] == "DECEASED" and child["state"] == "REMOVED" and child["removed_on"] >= since
        ]
        return [Death(child, self._calls(child["person_id"])) for child in died]

    def _calls(self, person_id: str) -> list[tuple[str, date]]:
        held = {
            (self.contents.recipient_title(row["recipient"]), row["first_sent_on"])
            for row in self.contents.holdings
            if row["person_id"] == person_id
        }
        return sorted(held)

    @cached_property
    def news(self) -> list[News]:
        """What other forces and partners told of children in the last days."""
        return news(self.contents)

    @cached_property
    def unanswered(self) -> list[Chase]:
        """Front doors that have not answered in time, those with most children first; last, words that we owe them."""
        owed = [row for row in self.contents.clocks if row["clock"] in CHASED and row["state"] != "RUNNING"]
        owed.sort(key=lambda row: row["since"])
        chases = [
            Chase(whom or OWED, [(self._child(row["person_id"]), row["since"]) for row in rows], not whom)
            for whom, rows in grouped(owed, lambda row: row["whom"]).items()
        ]
        return sorted(chases, key=lambda one: (one.is_ours, -len(one.children), one.whom))

    @cached_property
    def not_reached(self) -> list[NotReached]:
        """Partners whose files wait for them."""
        rows = [row for row in self.contents.deliveries if row["state"] in NOT_REACHED]
        rows.sort(key=lambda row: (row["run"], row["file"]))
        waiting = grouped(rows, lambda row: self.contents.recipient_title(row["recipient"]))
        return [NotReached(title, waiting[title]) for title in sorted(waiting)]

    @cached_property
    def overdue(self) -> list[Row]:
        """Files that a partner who acknowledges has not acknowledged in time."""
        return [row for row in self.contents.deliveries if row["state"] == "delivered" and self._late(row)]

    @cached_property
    def wrong_receipts(self) -> list[Row]:
        """Acknowledgements of the last fortnight that name no file as it was sent, the latest first."""
        since = self.contents.night - RECEIPT_PROBLEM_SHOWN
        rows = [row for row in self.contents.receipt_problems if day_of(row["received_at"]) > since]
        return sorted(rows, key=lambda row: (row["received_at"], row["recipient"], row["file"]), reverse=True)

    @cached_property
    def warnings(self) -> list[Row]:
        """Expectations that failed, or did not run."""
        rows = [row for row in self.contents.rows("check") if not (row["passed"] and row["ran"])]
        return sorted(rows, key=lambda row: (row["severity"], row["table"], row["rule"]))

    @cached_property
    def duties(self) -> list[Row]:
        """Clocks overdue that no other list here shows, kind by kind in the order of urgency."""
        late = [row for row in self.contents.clocks if row["state"] == OVERDUE and row["clock"] not in SHOWN_AS]
        return sorted(late, key=lambda row: (list(CLOCKS).index(row["clock"]), row["due"], row["person_id"]))

    @cached_property
    def questions(self) -> list[Row]:
        """Everything that an answer settles: the one list of the worklist, the screens and the Nights page."""
        return answerable(self.contents)

    @cached_property
    def matters(self) -> int:
        """How many things need a person and are no question."""
        children = len(self.deaths) + len(self.missing) + len(self.birthdays) + len(self.refusals)
        partners = len(self.not_reached) + len(self.overdue) + len(self.wrong_receipts)
        partners += len(self.news) + len(self.unanswered)
        return children + partners + len(self.warnings)

    @cached_property
    def total(self) -> int:
        """How many things need a person; duties that are overdue are counted for themselves."""
        return len(self.questions) + self.matters

    def _missing(self, episode: Row) -> Missing:
        child = self._child(self.contents.person_of.get(episode["mention_key"]))
        began = day_of(episode["missing_from"])
        records = self.contents.mentions(child.get("mention_keys") or ())
        since = [row for row in records if row["recorded_on"] >= began and row["mention_key"] != episode["mention_key"]]
        informed = {
            self.contents.recipient_title(holding["recipient"])
            for holding in self.contents.holdings
            if holding["person_id"] == child.get("person_id") and _says_missing(holding["content"])
        }
        return Missing(episode, child, since, sorted(informed))

    def _case(self, review: Row) -> Case:
        child = self._child(review["person_id"])
        keys = child.get("mention_keys") or [review["mention_key"]]
        return Case(review, child, self.contents.mentions(keys))

    def _questions(self, section: str) -> list[Question]:
        return [Question(row, self._child(row["person_id"])) for row in self._asked(section)]

    def _asked(self, section: str) -> list[Row]:
        """Open questions of the kinds that a section shows, kind by kind."""
        return [row for kind in shown_in(section) for row in self.contents.questions(kind)]

    def _child(self, person_id: str | None) -> Row:
        return self.contents.child.get(person_id or "", {})

    def _is_past(self, due_on: date | None) -> bool:
        return due_on is not None and due_on < self.contents.as_of

    def _late(self, delivery: Row) -> bool:
        recipient = self.contents.recipients.get(delivery["recipient"])
        is_answered = delivery["receipt"] or delivery["reason"] == ASSUMED
        if recipient is None or not recipient.delivery.receipts or is_answered:
            return False
        return day_of(delivery["sent_at"]) + timedelta(days=recipient.delivery.receipt_days) < self.contents.night


def _by_what_it_settles(pair: Question) -> tuple[int, date, str]:
    return (-(pair.review["settles"] or 0), pair.review["asked_on"], pair.review["review_id"])


_RISKS = {"HIGH": -3, "MEDIUM": -2, "LOW": -1}


def day_of(moment: str | datetime) -> date:
    """The day in London of a moment or its ISO form."""
    read = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return (read.astimezone(LONDON) if read.tzinfo else read).date()


def _says_missing(content: str) -> bool:
    """True of a record as a partner holds it that says that the child is missing now."""
    held = json.loads(content)
    return bool(held.get("is_missing") or held.get("missing_now"))
