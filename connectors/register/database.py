"""What was decided, sent, received and done with personal data?

The register is one relational database (SQLite by default, PostgreSQL where several people work). Its tables are append
only: a correction is a new row. The processing log is a hash chain over every collection, alteration, consultation,
combination, disclosure and erasure (Data Protection Act 2018 s.62), and holds identifiers only.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from connectors.register import locks, migrations, proof
from connectors.register.proof import BATCH, GENESIS
from connectors.register.tables import metadata
from expectations.plain import Row

processing_log = sa.Table(
    "processing_log",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.String(40), nullable=False),
    sa.Column("operation", sa.String(16), nullable=False),
    sa.Column("actor", sa.String(200), nullable=False),
    sa.Column("record_ref", sa.String(200), nullable=False),
    sa.Column("person_id", sa.String(40), nullable=False),
    sa.Column("recipient", sa.String(80), nullable=False),
    sa.Column("file_sha256", sa.String(64), nullable=False),
    sa.Column("run", sa.String(10), nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("previous_hash", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False, unique=True),
    sa.Index("processing_log_person", "person_id"),
    sa.Index("processing_log_run", "run", "operation"),
    sa.Index("processing_log_operation", "operation"),
)

SAFE = "PRAGMA synchronous=FULL"  # what is written outlasts a failure of the power
_AS_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode
OPERATIONS = ("COLLECTION", "ALTERATION", "CONSULTATION", "DISCLOSURE", "COMBINATION", "ERASURE")


@dataclass(frozen=True)
class LogEntry:
    """One thing done with personal data; identifiers only, never a name, a date of birth or free text."""

    operation: str
    actor: str
    record_ref: str = ""
    person_id: str = ""
    recipient: str = ""
    file_sha256: str = ""
    run: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Head:
    """The last entry of the processing log at some moment: how many there were, and its hash; the same of the proofs.

    Kept outside the register it is an anchor: a chain whose end was cut off is still whole in itself, but it no longer
    reaches its anchor.
    """

    seq: int
    hash: str
    proofs: int = 0
    proof_hash: str = GENESIS


class ChainBroken(Exception):
    """The processing log was changed after it was written."""


def open_register(url: str | Path, key_file: Path | None = None, owner_url: str = "") -> sa.Engine:
    """The register at a database URL, or in a SQLite file, brought up to date where an earlier version made it.

    `owner_url` is that of the role that owns the tables, where it is another than the one that reads and adds.

    `key_file` holds the key of its proofs and is made for a new register; raises proof.KeyMissing where a register that
    has proofs lost it. A register without a key is proved with an empty one, which anybody could do.
    """
    if isinstance(url, Path):
        url.parent.mkdir(parents=True, exist_ok=True)
        url.touch(mode=0o600)  # SQLite's files beside it have the same mode
        url = f"sqlite:///{url}"
    # What a statement was given may be somebody's name: it has no place in the message of an error.
    engine = sa.create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args=_patience(url))
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _careful_sqlite)
    key = proof.key_of(key_file) if key_file else b""
    sa.event.listen(engine, "connect", lambda _, record: record.info.update(proof_key=key))
    if key is None or not migrations.is_up_to_date(engine):
        if owner_url and owner_url != url:
            _made_by_its_owner(owner_url, key_file, engine)
        else:
            with writing(engine) as connection:  # two that start at the same time must not both take a step
                _make(connection, key_file)
    if key is None:
        engine.dispose()  # its connections do not have the key that was made
        return open_register(url, key_file)
    return engine


def _made_by_its_owner(owner_url: str, key_file: Path | None, engine: sa.Engine) -> None:
    """Have the owner make the tables, and give the role that the pipeline logs in as what it needs of them."""
    owner = open_register(owner_url, key_file)
    let_in(owner, engine.url)
    owner.dispose()


def let_in(owner: sa.Engine, pipeline: sa.URL | str) -> None:
    """Give the role of the pipeline's URL what it needs of the owner's tables: to read and to add."""
    with writing(owner) as connection:
        locks.give_to(connection, str(sa.make_url(pipeline).username))


def _make(connection: sa.Connection, key_file: Path | None) -> None:
    """The register's tables as today's code has them, and the key of their proofs, where there were none before."""
    is_new, had_key = not sa.inspect(connection).has_table(proof.row_proof.name), bool(key_file and key_file.is_file())
    migrations.bring_up_to_date(connection)
    if key_file and not had_key:
        if proof.head(connection).seq:
            raise proof.KeyMissing(
                f"The register's key {key_file} is not there: put it back from the force's safe; "
                "or, where several machines run stages, mount the home that the others have."
            )
        connection.info["proof_key"] = proof.make_key(key_file)
    if is_new and had_key:
        proof.expect_empty(connection)
    elif is_new:
        proof.adopt(connection)
    locks.lock(connection)


def _patience(url: str) -> dict[str, int]:
    """For how many seconds a database may keep one waiting."""
    if url.startswith("sqlite"):
        return {"timeout": 30}
    return {"connect_timeout": 20, "tcp_user_timeout": 60_000}


def _careful_sqlite(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute(SAFE)
    cursor.close()


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that no other writer of the chain runs beside."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(18)"))
        yield connection
        connection.commit()


@contextmanager
def noting(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction of what may go with the power: it does not wait for the disk, which takes longer than the rest."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA synchronous=NORMAL")
        else:
            connection.exec_driver_sql("SET LOCAL synchronous_commit TO OFF")
        yield connection
        connection.commit()
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql(SAFE)


def log(connection: sa.Connection, entries: Iterable[LogEntry], at: datetime | None = None) -> int:
    """Append entries to the processing log, inside a transaction from `writing`; returns how many.

    ValueError for an operation that is none of OPERATIONS.
    """
    stamp = (at or datetime.now(UTC)).isoformat()
    last = head(connection)
    seq, previous = last.seq, last.hash
    rows = []
    for entry in entries:
        if entry.operation not in OPERATIONS:
            raise ValueError(f"{entry.operation} is no operation of the processing log")
        seq += 1
        row = {"seq": seq, "at": stamp, **vars(entry), "previous_hash": previous}
        previous = row["hash"] = _digest(row)
        rows.append(row)
    for start in range(0, len(rows), BATCH):
        connection.execute(processing_log.insert(), rows[start : start + BATCH])
    if rows:
        proof.prove_log_end(connection, seq, previous)
    return len(rows)


def head(connection: sa.Connection) -> Head:
    """The last entry of the processing log; seq 0 where there is none yet."""
    found = sa.select(processing_log.c.seq, processing_log.c.hash).order_by(processing_log.c.seq.desc()).limit(1)
    last = connection.execute(found).first()
    proofs = proof.head(connection)
    seq, hash_ = last or (0, GENESIS)
    return Head(seq, hash_, proofs.seq, proofs.hash)


def verify_chain(engine: sa.Engine, anchors: Iterable[Head] = ()) -> int:
    """The number of entries, or ChainBroken naming the first that was changed, removed or moved.

    `anchors` are heads that were kept outside the register: the chain must still run through every one of them, and so
    must the proofs of the register's other rows.
    """
    anchors = list(anchors)
    expected = {anchor.seq: anchor.hash for anchor in anchors if anchor.seq}
    previous, count = GENESIS, 0
    with engine.connect() as connection:
        erased = proof.erased(connection, proof.LOG)
        everything = sa.select(processing_log).order_by(processing_log.c.seq)
        for row in connection.execution_options(yield_per=BATCH).execute(everything).mappings():
            count += 1
            content = {key: value for key, value in row.items() if key != "hash"}
            is_true = row["hash"] == _digest(content) or proof.is_erased(connection, dict(row), erased)
            if row["seq"] != count or row["previous_hash"] != previous or not is_true:
                raise ChainBroken(f"The processing log is broken at entry {count}: it was changed, removed or moved.")
            previous = row["hash"]
            if expected.get(count, previous) != previous:
                raise ChainBroken(
                    f"The processing log was written anew: entry {count} is not the one that was anchored."
                )
    if expected and max(expected) > count:
        raise ChainBroken(
            f"The processing log ends at entry {count}, but entry {max(expected)} was anchored: its end is lost."
        )
    with engine.connect() as connection:
        for name in locks.missing(connection):
            raise ChainBroken(f"The register's lock {name} is gone, so that rows could be changed: bring it back.")
        try:
            proof.verify(connection, (proof.ProofHead(anchor.proofs, anchor.proof_hash) for anchor in anchors))
        except proof.ProofError as problem:
            raise ChainBroken(str(problem)) from None
    return count


def _digest(row: dict[str, object]) -> str:
    return hashlib.sha256(_AS_JSON(row).encode()).hexdigest()


def log_once(engine: sa.Engine, run: str, by_stage: Mapping[str, Iterable[LogEntry]]) -> int:
    """Append stages' entries for a night, each unless they were appended before; returns how many were.

    A stage that is repeated did nothing new with anybody's data, so it leaves no second trace.
    """
    marked = [
        [replace(entry, run=run, detail=entry.detail or stage) for entry in entries]
        for stage, entries in by_stage.items()
    ]
    if not any(marked):
        return 0
    with writing(engine) as connection:
        return sum(log(connection, rows) for rows in marked if rows and not _is_logged(connection, rows[0]))


def _is_logged(connection: sa.Connection, entry: LogEntry) -> bool:
    """True where a night has an entry of this operation and detail."""
    there = sa.select(processing_log.c.seq).where(
        processing_log.c.run == entry.run,
        processing_log.c.operation == entry.operation,
        processing_log.c.detail == entry.detail,
    )
    return connection.execute(there.limit(1)).first() is not None


def entries(engine: sa.Engine, persons: Iterable[str] | None = None, operation: str = "") -> list[Row]:
    """Entries of the processing log in order, its columns: of some people only, of one operation only."""
    wanted = sa.select(processing_log).order_by(processing_log.c.seq)
    if persons is not None:
        wanted = wanted.where(processing_log.c.person_id.in_(list(persons)))
    if operation:
        wanted = wanted.where(processing_log.c.operation == operation)
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(wanted).mappings()]


def latest(engine: sa.Engine, what: str) -> dict[str, Row]:
    """The last alteration of each thing of a kind, whose record_ref is `<what>:<thing>`, by the thing."""
    altered = processing_log.c.operation == "ALTERATION"
    of_kind = processing_log.c.record_ref.startswith(f"{what}:", autoescape=True)
    wanted = sa.select(processing_log).where(altered, of_kind)
    with engine.connect() as connection:
        rows = connection.execute(wanted.order_by(processing_log.c.seq)).mappings()
        return {row["record_ref"].partition(":")[2]: dict(row) for row in rows}
