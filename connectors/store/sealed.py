"""How does a stage keep what it made, and how does the next one read it?

A stage writes its tables and files beside their place; `seal` hashes them all and renames the folder in one step. A
night that is published never changes: made again it must come out the same to the byte.
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

from connectors.store.paths import RunFolder
from expectations.contracts import contract

SEAL = "SEAL.json"
KEPT_TABLES = 96


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
        agreed = contract(name)
        conformed = agreed.conform(table)
        if agreed.key:
            conformed = conformed.sort_by([(key, "ascending") for key in agreed.key])
        pq.write_table(conformed, self.folder / f"{name}.parquet", compression="zstd")

    def file(self, name: str, content: bytes) -> Path:
        """A file below the stage's folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def seal(self, counts: dict[str, int], *, replaceable: bool) -> dict[str, int]:
        """Hash everything, and put the folder in its place; a stage that was sealed before must come out the same.

        Raises SealBroken where it does not and the night may no longer change.
        """
        night = self.run.as_of.isoformat()
        seal = {"stage": self.stage, "as_of": night, "counts": counts, "files": hashes(self.folder)}
        text = json.dumps(seal, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        (self.folder / SEAL).write_text(text, encoding="utf-8")
        place = self.run.stage(self.stage)
        if place.exists():
            if (place / SEAL).read_text(encoding="utf-8") == text:
                shutil.rmtree(self.folder)
                return counts
            if not replaceable:
                raise SealBroken(
                    f"Stage {self.stage} of {self.run.as_of} was sealed and would come out different now. A published "
                    f"night is never changed: run a later night, or restore what {place} was made from."
                )
            shutil.rmtree(place)
        os.replace(self.folder, place)
        return counts


def read(run: RunFolder, stage: str, name: str) -> pa.Table:
    """A table that an earlier stage sealed."""
    path = run.stage(stage) / f"{name}.parquet"
    if not path.is_file():
        raise SealBroken(f"Stage {stage} of {run.as_of} has no table {name}: run the stage first (looked for {path}).")
    return _table(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=KEPT_TABLES)
def _table(path: Path, _written: int) -> pa.Table:
    """A table as it lies there: most are read by several stages of a night and once more by the next night."""
    # A night's tables are small: to hand their columns to threads takes longer than to read them.
    return pq.ParquetFile(path).read(use_threads=False)


def read_file(run: RunFolder, stage: str, name: str) -> bytes:
    """A file that an earlier stage sealed."""
    return (run.stage(stage) / name).read_bytes()


def files(run: RunFolder, stage: str, below: str = "") -> list[str]:
    """Names of the files a stage sealed, below a folder of it, in order."""
    top = run.stage(stage)
    start = top / below
    return sorted(p.relative_to(top).as_posix() for p in start.rglob("*") if p.is_file() and p.name != SEAL)


def counts(run: RunFolder, stage: str) -> dict[str, int]:
    """The counts a stage was sealed with."""
    found: dict[str, int] = json.loads((run.stage(stage) / SEAL).read_text(encoding="utf-8"))["counts"]
    return found


def verify(run: RunFolder, stage: str) -> None:
    """Raise SealBroken where a sealed file was changed, added or lost."""
    sealed = json.loads((run.stage(stage) / SEAL).read_text(encoding="utf-8"))["files"]
    found = hashes(run.stage(stage))
    wrong = sorted(name for name in sealed.keys() | found.keys() if sealed.get(name) != found.get(name))
    if wrong:
        raise SealBroken(f"Stage {stage} of {run.as_of}: {', '.join(wrong)} changed since it was sealed.")


def hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder but its seal, by relative name."""
    names = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != SEAL)
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in names}
