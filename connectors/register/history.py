"""How did the stages of past nights run: when, how long, with what counts, and how did each end?"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from connectors.register.database import noting
from connectors.register.tables import metadata
from expectations.plain import Row

stage_run = sa.Table(
    "stage_run",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("run", sa.String(10), nullable=False, index=True),
    sa.Column("stage", sa.String(80), nullable=False),
    sa.Column("ended_at", sa.String(40), nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("counts", sa.Text, nullable=False),
    sa.Column("failure", sa.Text, nullable=False),
)


@dataclass(frozen=True)
class Ended:
    """How one stage of a night ended: its counts, its seconds, and a sentence where it failed."""

    run: str
    stage: str
    seconds: float
    counts: dict[str, int]
    failure: str = ""


def record(engine: sa.Engine, ended: Ended) -> None:
    """Keep how a stage ended; that one ended well its seal says too."""
    row = {**ended.__dict__, "counts": json.dumps(ended.counts, sort_keys=True)}
    with noting(engine) as connection:
        connection.execute(stage_run.insert(), {**row, "ended_at": datetime.now(UTC).isoformat()})


def of_nights(engine: sa.Engine, first: str, last: str) -> list[Row]:
    """Every ended stage of the nights from `first` to `last`, in the order in which they ended."""
    wanted = sa.select(stage_run).where(stage_run.c.run.between(first, last)).order_by(stage_run.c.seq)
    with engine.connect() as connection:
        return [{**row, "counts": json.loads(row["counts"])} for row in connection.execute(wanted).mappings()]


def failing(engine: sa.Engine, run: str) -> dict[str, str]:
    """The sentence of each stage of a night, but the report's own, whose last attempt failed, by the stage's name."""
    latest = {row["stage"]: row["failure"] for row in of_nights(engine, run, run) if row["stage"] != "report"}
    return {name: sentence for name, sentence in latest.items() if sentence}
