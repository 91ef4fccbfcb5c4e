"""With which seal did each stage of a night leave, so that nobody can change a table and its seal with it?"""

from collections.abc import Mapping

import sqlalchemy as sa

from connectors.register import proof
from connectors.register.database import writing
from connectors.register.tables import metadata

stage_seal = sa.Table(
    "stage_seal",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("run", sa.String(10), nullable=False),
    sa.Column("stage", sa.String(20), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Index("stage_seal_run", "run"),
    info=proof.proven("number"),
)

LET_GO = ""  # the hash of a stage that was thinned out

Seals = dict[tuple[str, str], str]


def keep(engine: sa.Engine, seals: Mapping[tuple[str, str], str]) -> None:
    """Write down the hash of the seal of each (run, stage), where it is another than the one written down last."""
    with writing(engine) as connection:
        known = _latest(connection, stage_seal.c.run.in_({run for run, _ in seals}))
        new = sorted((key, sha256) for key, sha256 in seals.items() if known.get(key) != sha256)
        last = connection.execute(sa.select(sa.func.max(stage_seal.c.number))).scalar() or 0
        rows = [
            {"number": number, "run": run, "stage": stage, "sha256": sha256}
            for number, ((run, stage), sha256) in enumerate(new, start=last + 1)
        ]
        proof.add(connection, stage_seal, rows)


def latest(engine: sa.Engine) -> Seals:
    """The hash written down last for each (run, stage); LET_GO where it was thinned out."""
    with engine.connect() as connection:
        return _latest(connection)


def of_night(engine: sa.Engine, run: str) -> Seals:
    """The same of one night."""
    with engine.connect() as connection:
        return _latest(connection, stage_seal.c.run == run)


def _latest(connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> Seals:
    found = connection.execute(sa.select(stage_seal).where(*conditions).order_by(stage_seal.c.number)).mappings()
    return {(row["run"], row["stage"]): row["sha256"] for row in found}
