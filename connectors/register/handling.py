"""Who works on which question, and what has the next one to know?

Somebody takes a question while they answer it, leaves it, or hands it to a colleague; anybody may leave a note. Rows
are append only and decide nothing: a decision stands in `answers` alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from connectors.register.database import LogEntry, log, processing_log, writing
from connectors.register.tables import metadata

TAKEN, LEFT, HANDED, NOTED = "TAKEN", "LEFT", "HANDED", "NOTED"
LAPSES = timedelta(minutes=30)  # so long nobody else answers what somebody took
LONGEST = 2000  # characters of a note

question_handled = sa.Table(
    "question_handled",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("review_id", sa.String(200), nullable=False, index=True),
    sa.Column("person_id", sa.String(40), nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
    sa.Column("by", sa.String(200), nullable=False),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("holder", sa.String(200), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
)


@dataclass(frozen=True)
class Handled:
    """Who has a question, since when, and whether it was taken so lately that nobody else answers it."""

    holder: str
    since: datetime
    is_locked: bool

    def bars(self, actor: str) -> bool:
        """True where somebody else is answering it just now."""
        return self.is_locked and self.holder != actor


def handle(
    engine: sa.Engine, kind: str, about: tuple[str, str], by: str, holder: str = "", note: str = "", at: str = ""
) -> None:
    """Write down that somebody took, left, handed over or noted something; `about` is (review_id, person_id)."""
    review_id, person_id = about
    stamp = at or datetime.now(UTC).isoformat()
    row = {"review_id": review_id, "person_id": person_id, "at": stamp, "by": by, "kind": kind}
    with writing(engine) as connection:
        connection.execute(question_handled.insert(), row | {"holder": holder, "note": note[:LONGEST]})
        log(connection, [LogEntry("ALTERATION", by, review_id, person_id, detail=kind)])


def holders(engine: sa.Engine, now: datetime) -> dict[str, Handled]:
    """Who has each question that somebody has, by review_id."""
    latest = {row["review_id"]: row for row in _rows(engine, question_handled.c.kind != NOTED)}
    return {
        review_id: Handled(
            row["holder"],
            datetime.fromisoformat(row["at"]),
            row["kind"] == TAKEN and now - datetime.fromisoformat(row["at"]) < LAPSES,
        )
        for review_id, row in latest.items()
        if row["holder"]
    }


def story(engine: sa.Engine, review_ids: Iterable[str]) -> list[dict[str, Any]]:
    """Everything of some questions that was noted or handed over, the latest first."""
    wanted = question_handled.c.review_id.in_(list(review_ids)) & question_handled.c.kind.in_((NOTED, HANDED))
    return _rows(engine, wanted)[::-1]


def has_been_here(engine: sa.Engine, user: str) -> bool:
    """True where somebody of that user name was ever shown a person: a slip in the name hands a question to nobody."""
    looked = sa.select(processing_log.c.seq).where(
        processing_log.c.actor == user, processing_log.c.operation == "CONSULTATION"
    )
    with engine.connect() as connection:
        return connection.execute(looked.limit(1)).first() is not None


def _rows(engine: sa.Engine, condition: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
    query = sa.select(question_handled).where(condition).order_by(question_handled.c.seq)
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]
