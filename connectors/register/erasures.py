"""Who was erased, when and why, and how is it known without knowing whom?

A record of an erasure names nobody: of each id and each landed record it keeps a mark, a keyed digest (HMAC-SHA-256)
that only whoever has the register's key and meets the same id again can compare. The records stand in the register and
in a file of the home and of the second place of the anchors, so that a backup from before the erasure is erased again.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from connectors.register import locks, proof
from connectors.register.database import LogEntry, log, writing
from connectors.register.tables import every_table, metadata

erasure = sa.Table(
    "erasure",
    metadata,
    sa.Column("erasure_id", sa.String(40), primary_key=True),
    sa.Column("at", sa.String(40), nullable=False),
    sa.Column("by", sa.String(200), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("night", sa.String(10), nullable=False),
    sa.Column("tracker_number", sa.Integer, nullable=False),
    sa.Column("marks", sa.Text, nullable=False),
    info=proof.proven("erasure_id"),
)

FILE = "erasures.jsonl"
ERASED = "(erased)"


@dataclass(frozen=True)
class Erasure:
    """One erasure: `night` is the last one that was published then, `tracker_number` the highest ever given until then.

    `marks` are those of the person's ids and landed records.
    """

    erasure_id: str
    at: str
    by: str
    reason: str
    night: str
    tracker_number: int
    marks: tuple[str, ...]


@dataclass(frozen=True)
class Removal:
    """How a person leaves a table of the register: a row goes where one of `goes_by` names them.

    Else the columns of `blanked` are emptied where they do. Neither: the table names nobody.
    """

    goes_by: tuple[str, ...] = ()
    blanked: tuple[str, ...] = ()


NAMES_NOBODY = Removal()
REMOVALS: dict[str, Removal] = {
    "decision_made": Removal(("person_id", "mention_key", "other_mention_key"), ("value", "reason", "review_id")),
    "decision_withdrawn": NAMES_NOBODY,  # by decision alone: without its decision a withdrawal says nothing
    "question_handled": Removal(("person_id",), ("review_id", "note")),
    "processing_log": Removal(blanked=("record_ref", "person_id", "detail")),
    "stage_run": Removal(blanked=("failure",)),
    "delivery_state": Removal(blanked=("reason",)),
    "full_request": Removal(blanked=("reason",)),
    "delivery": Removal(blanked=("file", "remote_name", "supersedes")),  # a pack is named for whom it is about
    "delivery_receipt": NAMES_NOBODY,
    "row_proof": NAMES_NOBODY,
    "erased_row": NAMES_NOBODY,
    "erasure": NAMES_NOBODY,
    "register_owner": NAMES_NOBODY,
    "stage_seal": NAMES_NOBODY,
}


NAMED_IN = (
    ("decision_made", "person_id"),
    ("decision_made", "mention_key"),
    ("decision_made", "other_mention_key"),
    ("decision_made", "decision_id"),
    ("question_handled", "person_id"),
    ("processing_log", "person_id"),
    ("processing_log", "record_ref"),
)


def mark(key: bytes, *parts: str) -> str:
    """What stands for an id, or a landed record, in the record of an erasure."""
    return hmac.new(key, "\x1f".join(("erased", *parts)).encode(), hashlib.sha256).hexdigest()[:32]


def kept(files: Iterable[Path], key: bytes) -> list[Erasure]:
    """The erasures that files tell of, oldest first; ProofError where a line was not written with the key."""
    found: dict[str, Erasure] = {}
    for file in files:
        lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
        for line in filter(lambda text: text.endswith("}"), lines):
            given = json.loads(line)
            if given.pop("proof") != _proof(key, given):
                raise proof.ProofError(f"A line of {file} was not written by this program: bring the file back.")
            found[given["erasure_id"]] = Erasure(**given | {"marks": tuple(given["marks"])})
    return sorted(found.values(), key=lambda one: one.at)


def keep(file: Path, erasures: Iterable[Erasure], key: bytes) -> None:
    """Write erasures into a file that only grows, those that it does not tell of yet."""
    known = {one.erasure_id for one in kept([file], key)}
    new = [asdict(one) for one in erasures if one.erasure_id not in known]
    if not new:
        return
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    cut_short = file.is_file() and not file.read_bytes().endswith(b"\n")
    lines = [json.dumps(row | {"proof": _proof(key, row)}, ensure_ascii=False) + "\n" for row in new]
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    try:
        os.write(handle, ("\n" * bool(cut_short) + "".join(lines)).encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def _proof(key: bytes, row: Mapping[str, Any]) -> str:
    text = json.dumps({**row, "marks": list(row["marks"])}, ensure_ascii=False, sort_keys=True)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def registered(engine: sa.Engine) -> list[Erasure]:
    """The erasures that were carried out in the register, oldest first."""
    with engine.connect() as connection:
        rows = [dict(row) for row in connection.execute(sa.select(erasure).order_by(erasure.c.at)).mappings()]
        proof.expect_proven(connection, erasure, rows)
    return [Erasure(**row | {"marks": tuple(json.loads(row["marks"]))}) for row in rows]


def redact(engine: sa.Engine, made: Erasure, names: Callable[[str], bool]) -> int:
    """Take a person out of the register, keep that and why, and return how many rows changed or went.

    `names` says whether a text names them. What was changed or went is kept by table and key, with a proof of what is
    left, so that the chains stay whole. The same erasure twice is kept and logged once.
    """
    with writing(engine) as connection, locks.lifted(connection):
        changed = [one for table in every_table().sorted_tables for one in _redact_table(connection, table, names)]
        proof.add_erased(connection, made.erasure_id, changed)
        there = sa.select(erasure.c.erasure_id).where(erasure.c.erasure_id == made.erasure_id)
        if connection.execute(there).first() is None:
            proof.add(connection, erasure, [_row(made)])
            detail = json.dumps({"reason": made.reason}, ensure_ascii=False)
            log(connection, [LogEntry("ERASURE", made.by, made.erasure_id, run=made.night, detail=detail)])
    _overwrite(engine)
    return len(changed)


def named_in(engine: sa.Engine) -> set[str]:
    """Every id and key that rows of the register name somebody by, of whoever it is."""
    columns = [every_table().tables[name].c[column] for name, column in NAMED_IN]
    with engine.connect() as connection:
        return {value for column in columns for value in connection.execute(sa.select(column).distinct()).scalars()}


def take_over(engine: sa.Engine, made: Iterable[Erasure]) -> None:
    """Write erasures into a register that never knew the persons, as if they had been carried out in it."""
    with writing(engine) as connection:
        proof.add(connection, erasure, [_row(one) for one in made])


def _row(made: Erasure) -> dict[str, Any]:
    return asdict(made) | {"marks": json.dumps(made.marks)}


def _redact_table(
    connection: sa.Connection, table: sa.Table, names: Callable[[str], bool]
) -> Sequence[tuple[sa.Table, dict[str, Any], bool]]:
    removal, changed = REMOVALS[table.name], []
    if removal == NAMES_NOBODY:
        return []
    for row in [dict(found) for found in connection.execute(sa.select(table)).mappings()]:
        this = sa.and_(*(column == row[column.name] for column in table.primary_key))
        blank = {name: ERASED for name in removal.blanked if names(row[name])}
        if any(names(row[name]) for name in removal.goes_by):
            connection.execute(table.delete().where(this))
            changed.append((table, row, True))
        elif blank:
            connection.execute(table.update().where(this).values(blank))
            changed.append((table, row | blank, False))
    return changed


def _overwrite(engine: sa.Engine) -> None:
    """Leave nothing of what went in the database's own files."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("VACUUM")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            for name, removal in REMOVALS.items():
                if removal != NAMES_NOBODY:
                    connection.exec_driver_sql(f"VACUUM FULL {name}")
