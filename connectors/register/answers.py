"""What did people answer on the review screen or in a worklist, and what did they take back?

An answer is a decision in the form of `landed_decision`, kept in the register and never changed. It counts from the
next night on. Until that midnight it can be taken back, by a row of its own; after it, only a new decision changes it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from connectors.register import proof
from connectors.register.database import LogEntry, log, writing
from connectors.register.tables import metadata
from expectations.contracts import contract
from expectations.plain import Row
from expectations.site import LONDON, midnight

DECISION_COLUMNS = [name for name in contract("landed_decision").names if name != "landed_on"]

decision_made = sa.Table(
    "decision_made",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("decision_id", sa.String(40), nullable=False, unique=True),
    sa.Column("review_id", sa.String(200), nullable=False, index=True),
    sa.Column("person_id", sa.String(40), nullable=False),
    sa.Column("decided_at", sa.String(40), nullable=False, index=True),
    sa.Column("decided_by", sa.String(200), nullable=False),
    sa.Column("meeting_ref", sa.String(80), nullable=False),
    sa.Column("action", sa.String(40), nullable=False),
    sa.Column("mention_key", sa.String(200), nullable=False),
    sa.Column("other_mention_key", sa.String(200), nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("reason_code", sa.String(40), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("origin", sa.String(40), nullable=False),
    info=proof.proven("decision_id"),
)

decision_withdrawn = sa.Table(
    "decision_withdrawn",
    metadata,
    sa.Column("decision_id", sa.String(40), primary_key=True),
    sa.Column("withdrawn_at", sa.String(40), nullable=False),
    sa.Column("withdrawn_by", sa.String(200), nullable=False),
    info=proof.proven("decision_id"),
)


class AnswerError(Exception):
    """An answer cannot be taken back; the message is for the person who gave it."""


@dataclass(frozen=True)
class Outcome:
    """What became of one answer: `refused` is a sentence, empty where it was recorded or stood already."""

    review_id: str
    decision_id: str
    refused: str = ""


def record(
    engine: sa.Engine, rows: Iterable[Mapping[str, Any]], actor: str, at: datetime | None = None
) -> list[Outcome]:
    """Record answers, each for itself: one that is refused stops no other.

    A row has `action`, `mention_key` and `origin`, and as they apply `review_id`, `person_id`, `other_mention_key`,
    `value`, `reason_code`, `reason`, `meeting_ref`. Rows of one question that follow each other are one answer, taken
    as a whole or not at all. The same answer to the same question given again is recorded once; another answer to it is
    refused while the first waits for the night. Once a night has taken that up, a new answer is a new decision.
    """
    stamp = (at or datetime.now(UTC)).astimezone(UTC)
    whole = [_complete(row, actor, stamp) for row in rows]
    outcomes = []
    with writing(engine) as connection:
        for review_id, together in groupby(whole, key=itemgetter("review_id")):
            for one in [list(together)] if review_id else [[row] for row in together]:
                outcomes += _record(connection, one, stamp)
    return outcomes


def undo(engine: sa.Engine, decision_id: str, actor: str, at: datetime | None = None) -> None:
    """Take an answer back as a whole before the next night; AnswerError where there is none, or a night has taken it.

    `decision_id` is any of the answer's decisions.
    """
    stamp = (at or datetime.now(UTC)).astimezone(UTC)
    with writing(engine) as connection:
        made = connection.execute(_not_withdrawn().where(decision_made.c.decision_id == decision_id)).mappings().first()
        if made is None:
            raise AnswerError(f"There is no standing answer {decision_id}: it was taken back, or never given.")
        if stamp >= taken_up_at(datetime.fromisoformat(made["decided_at"])):
            raise AnswerError(
                f"Answer {decision_id} was taken up by a night and cannot be taken back: make a new decision instead."
            )
        whole = _answer(connection, made["review_id"], dict(made))
        at_once = {"withdrawn_at": stamp.isoformat(), "withdrawn_by": actor}
        proof.add(connection, decision_withdrawn, [{"decision_id": row["decision_id"]} | at_once for row in whole])
        log(connection, [_entry(row, actor, "taken back") for row in whole], stamp)


def decisions_before(engine: sa.Engine, cutoff: datetime) -> list[Row]:
    """Decisions, not taken back, of before a night's cut-off, in order; columns of `landed_decision` but `landed_on`.

    Asked again later for the same cut-off it gives the same rows: nothing decided before it can be taken back after it.
    Raises proof.ProofError where a decision, or its withdrawal, was not written by this program.
    """
    before = decision_made.c.decided_at < cutoff.astimezone(UTC).isoformat()
    return [{name: row[name] for name in DECISION_COLUMNS} for row in _rows(engine, before)]


def open_to_undo(engine: sa.Engine, now: datetime) -> list[Row]:
    """Answers not taken back that no night has taken up yet, with `review_id` and `person_id`, in order."""
    begun = midnight(now.astimezone(LONDON).date())
    return _rows(engine, decision_made.c.decided_at >= begun.astimezone(UTC).isoformat())


def consulted(engine: sa.Engine, actor: str, looked_at: Iterable[tuple[str, str]], run: date | None = None) -> int:
    """Log that a person looked at records: pairs of (record_ref, person_id); returns how many entries were written."""
    night = run.isoformat() if run else ""
    entries = [LogEntry("CONSULTATION", actor, ref, person, run=night) for ref, person in sorted(set(looked_at))]
    with writing(engine) as connection:
        return log(connection, entries)


def taken_up_at(decided_at: datetime) -> datetime:
    """The midnight in London from which a night knows of a decision."""
    following = decided_at.astimezone(LONDON).date() + timedelta(days=1)
    return midnight(following).astimezone(UTC)


def _not_withdrawn() -> sa.Select[Any]:
    withdrawn = sa.select(decision_withdrawn.c.decision_id)
    return sa.select(decision_made).where(decision_made.c.decision_id.not_in(withdrawn))


def _rows(engine: sa.Engine, condition: sa.ColumnElement[bool]) -> list[Row]:
    query = _not_withdrawn().where(condition).order_by(decision_made.c.decided_at, decision_made.c.seq)
    with engine.connect() as connection:
        found = [dict(row) for row in connection.execute(query).mappings()]
        proof.expect_proven(connection, decision_made, found)
        withdrawn = [dict(row) for row in connection.execute(sa.select(decision_withdrawn)).mappings()]
        proof.expect_proven(connection, decision_withdrawn, withdrawn)
    return [row | {"decided_at": datetime.fromisoformat(row["decided_at"])} for row in found]


def _complete(row: Mapping[str, Any], actor: str, stamp: datetime) -> dict[str, str]:
    known = [column.name for column in decision_made.columns if column.name not in ("seq", "decision_id")]
    whole = {name: str(row.get(name) or "") for name in known}
    whole |= {"decided_at": stamp.isoformat(timespec="microseconds"), "decided_by": actor}
    digest = hashlib.sha256(json.dumps(whole, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    return whole | {"decision_id": f"A-{digest[:12].upper()}"}


def _record(connection: sa.Connection, rows: list[dict[str, str]], stamp: datetime) -> list[Outcome]:
    """One answer: the decisions that it makes."""
    earlier = _answer(connection, rows[0]["review_id"])
    if not earlier:
        return _insert(connection, rows, stamp)
    if set(map(SAYS, earlier)) == set(map(SAYS, rows)):
        stood = {SAYS(row): row["decision_id"] for row in earlier}
        return [Outcome(row["review_id"], stood[SAYS(row)]) for row in rows]
    last = earlier[-1]
    if stamp >= taken_up_at(datetime.fromisoformat(last["decided_at"])):
        return _insert(connection, rows, stamp)
    sentence = (
        f"Question {last['review_id']} was answered by {last['decided_by']} with {last['action']} and that "
        f"answer ({last['decision_id']}) waits for the next night: take it back first."
    )
    return [Outcome(row["review_id"], last["decision_id"], sentence) for row in rows]


# What an answer says of whom; said again it is the same answer.
SAYS = itemgetter("action", "mention_key", "other_mention_key", "value", "reason_code")


def _insert(connection: sa.Connection, rows: list[dict[str, str]], stamp: datetime) -> list[Outcome]:
    proof.add(connection, decision_made, rows)
    log(connection, [_entry(row, row["decided_by"], row["action"]) for row in rows], stamp)
    return [Outcome(row["review_id"], row["decision_id"]) for row in rows]


_ANSWER = itemgetter("review_id", "decided_at", "decided_by")  # what the decisions of one answer have in common


def _answer(connection: sa.Connection, review_id: str, one: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """The decisions of an answer to a question, in order: of the one that a decision is of, else of the last.

    What was taken back is left out; without a question there is nothing but the decision itself.
    """
    if not review_id:
        return [one] if one else []
    same = _not_withdrawn().where(decision_made.c.review_id == review_id)
    found = [dict(row) for row in connection.execute(same.order_by(decision_made.c.seq)).mappings()]
    return [row for row in found if _ANSWER(row) == _ANSWER(one or found[-1])]


def _entry(row: Mapping[str, Any], actor: str, detail: str) -> LogEntry:
    return LogEntry("ALTERATION", actor, row["decision_id"], row["person_id"], detail=detail)
