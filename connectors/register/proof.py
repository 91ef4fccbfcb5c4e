"""Was every row of the register written by this program, and is none gone?

Beside each row of a table that nobody may change stands its proof: a keyed digest (HMAC-SHA-256, RFC 2104). The proofs
form one chain, which also holds the end of the processing log after each write. Whoever can write into the database but
does not have the key can add, change or remove nothing unseen; what is cut off the chain's end is found by an anchor.
"""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from connectors.register.tables import every_table, metadata

row_proof = sa.Table(
    "row_proof",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("table_name", sa.String(40), nullable=False),
    sa.Column("row_key", sa.String(400), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Index("row_proof_of", "table_name", "row_key", unique=True),
)

erased_row = sa.Table(
    "erased_row",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("erasure_id", sa.String(40), nullable=False),
    sa.Column("table_name", sa.String(40), nullable=False),
    sa.Column("row_key", sa.String(400), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    info={"row_key": ("seq",)},
)

LOG = "processing_log"
GONE = ""  # the digest of a row that went with the person whom it named
GENESIS = "0" * 64
BATCH = 5_000


class ProofError(Exception):
    """A row of the register is not what this program wrote; the text says which, by table and key."""


class KeyMissing(Exception):
    """The key of the proofs is not where it should be; the text says where, and what to do."""


@dataclass(frozen=True)
class ProofHead:
    """The end of the chain of proofs: how many there are, and the last one's hash."""

    seq: int
    hash: str


def proven(*key: str) -> dict[str, Any]:
    """The `info` of a table whose rows are proved, each by the values of these columns."""
    return {"row_key": key}


def add(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows into a table and prove them, inside a transaction from `writing`."""
    if rows:
        connection.execute(table.insert(), list(rows))
        prove(connection, [(table.name, _row_key(table, row), _digest(connection, table, row)) for row in rows])


def prove_log_end(connection: sa.Connection, seq: int, hash_: str) -> None:
    """Hold the end of the processing log, so that it cannot be written anew without the key."""
    prove(connection, [(LOG, str(seq), _keyed(connection, hash_))])


def prove(connection: sa.Connection, proofs: Iterable[tuple[str, str, str]]) -> None:
    """Append proofs (table, key of the row, digest) to the chain."""
    last = head(connection)
    seq, previous, rows = last.seq, last.hash, []
    for table_name, row_key, digest in proofs:
        seq += 1
        previous = _link(connection, previous, table_name, row_key, digest)
        rows.append({"seq": seq, "table_name": table_name, "row_key": row_key, "digest": digest, "hash": previous})
    for start in range(0, len(rows), BATCH):
        connection.execute(row_proof.insert(), rows[start : start + BATCH])


def add_erased(
    connection: sa.Connection, erasure_id: str, changed: Iterable[tuple[sa.Table, Mapping[str, Any], bool]]
) -> None:
    """Keep which rows an erasure changed, with a proof of what is left of each: (table, row as it is now, it went)."""
    last = connection.execute(sa.select(sa.func.max(erased_row.c.seq))).scalar() or 0
    proved = [one for one in changed if one[0].name == LOG or "row_key" in one[0].info]
    rows = [
        {
            "seq": seq,
            "erasure_id": erasure_id,
            "table_name": table.name,
            "row_key": str(row["seq"]) if table.name == LOG else _row_key(table, row),
            "digest": GONE if went else _digest(connection, table, row),
        }
        for seq, (table, row, went) in enumerate(proved, start=last + 1)
    ]
    add(connection, erased_row, rows)


def erased(connection: sa.Connection, table_name: str) -> dict[str, str]:
    """What proves each row of a table that an erasure changed, by the key of the row; GONE where it went.

    Raises ProofError where that was not written by this program.
    """
    wanted = sa.select(erased_row).where(erased_row.c.table_name == table_name).order_by(erased_row.c.seq)
    rows = [dict(row) for row in connection.execute(wanted).mappings()]
    if rows:
        proved = sa.select(row_proof.c.row_key, row_proof.c.digest).where(row_proof.c.table_name == erased_row.name)
        proofs = {row.row_key: row.digest for row in connection.execute(proved)}
        for row in rows:
            key = _row_key(erased_row, row)
            _expect(proofs.get(key) == _digest(connection, erased_row, row), erased_row.name, key)
    return {row["row_key"]: row["digest"] for row in rows}


def is_erased(connection: sa.Connection, row: Mapping[str, Any], known: Mapping[str, str]) -> bool:
    """True where an entry of the processing log is what an erasure left of it; `known` is `erased` of the log."""
    return known.get(str(row["seq"])) == _digest(connection, metadata.tables[LOG], row)


def adopt(connection: sa.Connection) -> None:
    """Prove the rows of a register that was kept before there were proofs, and the end of its log: once."""
    tables = set(sa.inspect(connection).get_table_names())
    for table in _proven_tables():
        if table.name in tables:
            rows = [dict(row) for row in connection.execute(sa.select(table)).mappings()]
            prove(connection, [(table.name, _row_key(table, row), _digest(connection, table, row)) for row in rows])
    log = metadata.tables[LOG].c
    if LOG in tables:
        last = connection.execute(sa.select(log.seq, log.hash).order_by(log.seq.desc()).limit(1)).first()
        if last:
            prove_log_end(connection, last.seq, last.hash)


def expect_empty(connection: sa.Connection) -> None:
    """ProofError where a register without proofs has rows, though it has a key: whoever took the proofs wrote them."""
    for table in (metadata.tables[LOG], *_proven_tables()):
        if connection.execute(sa.select(table).limit(1)).first():
            raise ProofError(
                f"The register has lost all its proofs, so nobody knows who wrote the rows of {table.name}. Nothing is "
                "done by it. Bring it back from the backup, and tell the information security officer."
            )


def head(connection: sa.Connection) -> ProofHead:
    """The end of the chain; seq 0 where there is no proof yet."""
    found = sa.select(row_proof.c.seq, row_proof.c.hash).order_by(row_proof.c.seq.desc()).limit(1)
    last = connection.execute(found).first()
    return ProofHead(last.seq, last.hash) if last else ProofHead(0, GENESIS)


def expect_proven(connection: sa.Connection, table: sa.Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Raise ProofError where one of these rows of a table has no proof, or another one's."""
    keys = {_row_key(table, row): _digest(connection, table, row) for row in rows}
    wanted = sa.select(row_proof.c.row_key, row_proof.c.digest).where(row_proof.c.table_name == table.name)
    proofs = {row.row_key: row.digest for row in connection.execute(wanted)} if keys else {}
    proofs |= erased(connection, table.name) if keys else {}
    for key, digest in keys.items():
        _expect(proofs.get(key) == digest, table.name, key)


def verify(connection: sa.Connection, heads: Iterable[ProofHead] = ()) -> int:
    """How many proofs there are; ProofError where one, or a row that it is about, was changed, added or removed.

    `heads` are ends of the chain that were kept outside the register: it must still run through each of them.
    """
    anchored = {kept.seq: kept.hash for kept in heads if kept.seq}
    proofs: dict[tuple[str, str], str] = {}
    previous, count = GENESIS, 0
    everything = sa.select(row_proof).order_by(row_proof.c.seq)
    for row in connection.execution_options(yield_per=BATCH).execute(everything).mappings():
        count += 1
        previous = _link(connection, previous, row["table_name"], row["row_key"], row["digest"])
        if row["seq"] != count or row["hash"] != previous or anchored.get(count, previous) != previous:
            raise ProofError(f"The register's proofs are broken at {count}: changed, removed, or made without the key.")
        proofs[row["table_name"], row["row_key"]] = row["digest"]
    if anchored and max(anchored) > count:
        raise ProofError(f"The register's proofs end at {count}, but {max(anchored)} was anchored: their end is lost.")
    for table in _proven_tables():
        proofs |= {(table.name, key): digest for key, digest in erased(connection, table.name).items()}
    for found in _rows_with_digests(connection):
        _expect(proofs.pop(found[:2], "") == found[2], *found[:2])
    for table_name, row_key in [key for key, digest in proofs.items() if digest != GONE]:
        raise ProofError(f"The register has lost the row {row_key} of {table_name}, which it had.")
    return count


def _rows_with_digests(connection: sa.Connection) -> Iterable[tuple[str, str, str]]:
    tables = set(sa.inspect(connection).get_table_names())
    for table in _proven_tables():
        if table.name in tables:
            for row in connection.execute(sa.select(table)).mappings():
                yield table.name, _row_key(table, dict(row)), _digest(connection, table, dict(row))
    log = metadata.tables[LOG].c
    ends = sa.select(row_proof.c.row_key).where(row_proof.c.table_name == LOG)
    for seq in connection.execute(ends).scalars().all():
        hash_ = connection.execute(sa.select(log.hash).where(log.seq == int(seq))).scalar()
        if hash_ is not None:
            yield LOG, seq, _keyed(connection, hash_)


def key_of(file: Path) -> bytes | None:
    """The key that a file holds; None where there is no such file."""
    return bytes.fromhex(file.read_text(encoding="ascii").strip()) if file.is_file() else None


def make_key(file: Path) -> bytes:
    """A new key, in a file that only its owner can read."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = secrets.token_bytes(32)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as opened:
        opened.write(key.hex() + "\n")
        opened.flush()
        os.fsync(opened.fileno())
    return key


def _proven_tables() -> list[sa.Table]:
    return [table for table in every_table().sorted_tables if "row_key" in table.info]


def _row_key(table: sa.Table, row: Mapping[str, Any]) -> str:
    return json.dumps([row[name] for name in table.info["row_key"]], ensure_ascii=False)


def _digest(connection: sa.Connection, table: sa.Table, row: Mapping[str, Any]) -> str:
    numbered_by_the_database = table.autoincrement_column
    values = {column.name: row[column.name] for column in table.columns if column is not numbered_by_the_database}
    return _keyed(connection, json.dumps([table.name, values], ensure_ascii=False, sort_keys=True))


def _link(connection: sa.Connection, *parts: str) -> str:
    return _keyed(connection, json.dumps(parts, ensure_ascii=False))


def _keyed(connection: sa.Connection, text: str) -> str:
    return hmac.new(connection.info["proof_key"], text.encode(), hashlib.sha256).hexdigest()


def _expect(holds: bool, table_name: str, row_key: str) -> None:
    if not holds:
        raise ProofError(
            f"The row {row_key} of the register's table {table_name} was not written by this program, or was changed "
            "since. Nothing is done by it. Stop the scheduler, keep everything, tell the information security officer."
        )
