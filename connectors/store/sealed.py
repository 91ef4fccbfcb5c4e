"""How does a stage keep what it made, and how does the next one read it?

A stage writes its tables and files beside their place; `seal` hashes them all and renames the folder in one step. A
night that is published never changes: made again it must come out the same. What an earlier version of the code wrote
is read by today's contract: columns that went are left out, optional ones that came are null, tables that came empty.
"""

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.store.paths import PUBLISHING_STAGE, STAGES, RunFolder
from expectations.contracts import contract

SEAL = "SEAL.json"
KEPT_TABLES = 128
LARGE = 1 << 20  # bytes of a file

# Tables in memory, by name and SHA-256 of the file: several stages of a night read them, and most are those of the
# night before. Of each name the last one written and its bytes: what says the same comes to the same file.
_tables_by_content: dict[tuple[str, str], pa.Table] = {}
_last_written: dict[str, tuple[pa.Table, bytes]] = {}


class SealBroken(Exception):
    """A sealed folder is not what was sealed, or a published night would come out different."""


@dataclass(frozen=True)
class StageWriter:
    """What one stage writes, before it is sealed."""

    run: RunFolder
    stage: str

    @property
    def folder(self) -> Path:
        """The folder that is not yet sealed."""
        return self.run.unsealed(self.stage)

    def start(self) -> "StageWriter":
        """An empty folder to write to; what an interrupted attempt left is removed."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, mode=0o700)
        return self

    def table(self, name: str, table: pa.Table) -> None:
        """A table, in its contract's schema, sorted by its contract's key."""
        is_as_written = name in _last_written and _last_written[name][0] is table
        put(self.folder / f"{name}.parquet", table if is_as_written else _in_order(name, table))

    def file(self, name: str, content: bytes) -> Path:
        """A file below the stage's folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def seal(self, counts: dict[str, int], *, replaceable: bool) -> dict[str, int]:
        """Hash everything, and put the folder in its place; a stage that was sealed before must come out the same.

        Where it does not, what was made from it is dropped with it: it has to be made again. Raises SealBroken where it
        does not and the night may no longer change.
        """
        night = self.run.as_of.isoformat()
        seal = {"stage": self.stage, "as_of": night, "counts": counts, "files": hashes(self.folder)}
        text = json.dumps(seal, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        (self.folder / SEAL).write_text(text, encoding="utf-8")
        place = self.run.stage(self.stage)
        if place.exists():
            if counts_in(place).items() <= counts.items() and not differences(self.folder, place):
                shutil.rmtree(self.folder)
                return counts
            if not replaceable:
                raise SealBroken(
                    f"Stage {self.stage} of {self.run.as_of} was sealed and would come out different now. A published "
                    f"night is never changed: run a later night, or restore what {place} was made from."
                )
        _drop_what_follows(self.run, self.stage)
        shutil.rmtree(place, ignore_errors=True)
        os.replace(self.folder, place)
        return counts


def _in_order(name: str, table: pa.Table) -> pa.Table:
    agreed = contract(name)
    conformed = agreed.conform(table)
    return conformed.sort_by([(key, "ascending") for key in agreed.key]) if agreed.key else conformed


def _drop_what_follows(run: RunFolder, stage: str) -> None:
    """Drop what was made from what this stage held before: in this night, and in later ones that were not published.

    What was landed stays, and so does the report, which tells of what is dropped.
    """
    after = STAGES[STAGES.index(stage) + 1 : STAGES.index("report")]
    folders = [run.stage(name) for name in reversed(after)]
    if stage in STAGES[: STAGES.index(PUBLISHING_STAGE) + 1]:
        made = STAGES[STAGES.index("land") + 1 : STAGES.index("report")]
        later = [night for night in run.later() if not night.is_sealed(PUBLISHING_STAGE)]
        folders = [night.stage(name) for night in later for name in reversed(made)] + folders
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def read(run: RunFolder, stage: str, name: str) -> pa.Table:
    """A table that an earlier stage sealed, by today's contract; SealBroken where it was changed since."""
    folder = run.stage(stage)
    path = folder / f"{name}.parquet"
    if path.is_file():
        return _table(path)
    if not (folder / SEAL).is_file() or path.name in _sealed_files(folder):
        raise SealBroken(f"Stage {stage} of {run.as_of} has no table {name}: run the stage first (looked for {path}).")
    return contract(name).table_of([])  # whoever sealed the stage did not know the table yet


def _table(path: Path) -> pa.Table:
    """A sealed table by today's contract."""
    there = path.stat()
    key = path.stem, _sha256_as_sealed(path, there.st_mtime_ns)
    found = _tables_by_content.get(key)
    try:
        # To hand the columns of a small table to threads takes longer than to read them.
        table = pq.ParquetFile(path).read(use_threads=there.st_size > LARGE) if found is None else found
        return contract(path.stem).adopt(_keep(key, table))
    except (ValueError, pa.ArrowInvalid):
        raise SealBroken(
            f"{path} was written by another version and cannot be read by today's contract {path.stem}: a column that "
            "has to be filled is missing in it, or a type has changed. Make the column optional, as docs/operations.md "
            "says under Upgrade."
        ) from None


def _keep(key: tuple[str, str], table: pa.Table) -> pa.Table:
    """Keep a table in memory, before those that were used longer ago."""
    _tables_by_content.pop(key, None)
    _tables_by_content[key] = table
    if len(_tables_by_content) > KEPT_TABLES:
        del _tables_by_content[next(iter(_tables_by_content))]
    return table


def put(path: Path, table: pa.Table) -> None:
    """Write a table in one step: a night that runs beside it never reads half of one.

    What an erasure left of a sealed table is put so too; `seal_again` has to follow.
    """
    part = path.with_suffix(".part")
    part.write_bytes(_bytes_of(path.stem, table))
    os.replace(part, path)


def _bytes_of(name: str, table: pa.Table) -> bytes:
    last = _last_written.get(name)
    if last is not None and last[0].schema.equals(table.schema) and last[0].equals(table):
        return last[1]
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    content = sink.getvalue().to_pybytes()
    _last_written[name] = table, content
    _keep((name, hashlib.sha256(content).hexdigest()), table)
    return content


def seal_again(run: RunFolder, stage: str, erasure_id: str) -> None:
    """Seal what an erasure left of a stage, and say in the seal by which erasure it changed."""
    path = run.stage(stage) / SEAL
    seal = json.loads(path.read_text(encoding="utf-8"))
    seal |= {"files": hashes(run.stage(stage)), "erasures": sorted({*seal.get("erasures", ()), erasure_id})}
    part = path.with_suffix(".part")
    part.write_text(json.dumps(seal, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(part, path)


def forget() -> None:
    """Keep no table in memory that was read or written before."""
    _tables_by_content.clear()
    _last_written.clear()


def left(run: RunFolder, stage: str, name: str) -> pa.Table | None:
    """A table that a stage has not sealed, because it failed or is still at work; None where there is none."""
    try:
        table = pq.ParquetFile(run.unsealed(stage) / f"{name}.parquet").read(use_threads=False)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return contract(name).adopt(table)


def read_file(run: RunFolder, stage: str, name: str) -> bytes:
    """A file that an earlier stage sealed; SealBroken where it was changed since."""
    _expect_as_sealed(run.stage(stage), name)
    return (run.stage(stage) / name).read_bytes()


def files(run: RunFolder, stage: str, below: str = "") -> list[str]:
    """Names of the files a stage sealed, below a folder of it, in order."""
    top = run.stage(stage)
    start = top / below
    return sorted(p.relative_to(top).as_posix() for p in start.rglob("*") if p.is_file() and p.name != SEAL)


def names(run: RunFolder, stage: str) -> list[str]:
    """Names of the files that a stage's seal has, in order, whether they are still there or not."""
    return [*_sealed_files(run.stage(stage))]


def tables(run: RunFolder, stage: str) -> list[str]:
    """Names of the tables that a stage sealed, in order."""
    return [name.removesuffix(".parquet") for name in names(run, stage) if name.endswith(".parquet")]


def counts(run: RunFolder, stage: str) -> dict[str, int]:
    """The counts a stage was sealed with."""
    return counts_in(run.stage(stage))


def stamp(run: RunFolder, stage: str) -> str:
    """What tells a sealed stage from that of any other night or home: its seal, which names all it holds."""
    return hashlib.sha256((run.stage(stage) / SEAL).read_bytes()).hexdigest()


def counts_in(folder: Path) -> dict[str, int]:
    """The counts in the seal of a stage's folder."""
    found: dict[str, int] = json.loads((folder / SEAL).read_text(encoding="utf-8"))["counts"]
    return found


def verify(run: RunFolder, stage: str) -> None:
    """Raise SealBroken where a sealed file was changed, added or lost."""
    sealed, found = _sealed_files(run.stage(stage)), hashes(run.stage(stage))
    wrong = sorted(name for name in sealed.keys() | found.keys() if sealed.get(name) != found.get(name))
    if wrong:
        raise SealBroken(f"Stage {stage} of {run.as_of}: {', '.join(wrong)} changed since it was sealed.")


def hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder but its seal, by relative name."""
    names = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != SEAL)
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in names}


def differences(folder: Path, other: Path) -> list[str]:
    """Files of two stage folders that differ; two tables do not where they say the same by today's contract."""
    ones, others = hashes(folder), hashes(other)
    names = sorted(name for name in ones.keys() | others.keys() if ones.get(name) != others.get(name))
    return [name for name in names if not _say_the_same(folder / name, other / name)]


def _say_the_same(one: Path, other: Path) -> bool:
    if one.suffix != ".parquet":
        return False
    there = [path for path in (one, other) if path.is_file()]
    try:
        tables = [_table(path) for path in there]
    except (SealBroken, OSError):
        return False
    if len(tables) == 1:
        return tables[0].num_rows == 0
    return bool(tables[0].equals(tables[1]))


@lru_cache(maxsize=KEPT_TABLES)
def _sha256_as_sealed(path: Path, _written: int) -> str:
    """The SHA-256 of a sealed table, which is what its seal says."""
    return _expect_as_sealed(path.parent, path.name)


def _expect_as_sealed(folder: Path, name: str) -> str:
    with (folder / name).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if _sealed_files(folder).get(name) != digest:
        raise SealBroken(
            f"{folder / name} was changed since it was sealed, so nothing is read from it. Keep it, tell the "
            "information security officer, and bring the file back from the backup."
        )
    return digest


def _sealed_files(folder: Path) -> dict[str, str]:
    return _files_in(folder / SEAL, (folder / SEAL).stat().st_mtime_ns)


@lru_cache(maxsize=KEPT_TABLES)
def _files_in(seal: Path, _written: int) -> dict[str, str]:
    found: dict[str, str] = json.loads(seal.read_text(encoding="utf-8"))["files"]
    return found
