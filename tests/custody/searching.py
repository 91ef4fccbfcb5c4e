"""Is a word anywhere in a folder? Every file is opened as far as it can be: tables, databases, archives, PDF."""

import gzip
import io
import json
import sqlite3
import zipfile
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pypdf import PdfReader


def where(folder: Path, words: Iterable[str], passed_over: Iterable[str] = ()) -> dict[str, list[str]]:
    """The files below a folder that hold one of these words, in any case, and which ones; by name and by content."""
    wanted, found = [word.casefold() for word in words], {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if not name.startswith(tuple(passed_over)):
            text = f"{name.casefold()}\n{_text(path.read_bytes())}"
            held = [word for word in wanted if word in text]
            if held:
                found[name] = held
    return found


@lru_cache(maxsize=4096)
def _text(content: bytes) -> str:
    return "\n".join(texts("", content)).casefold()


def texts(name: str, content: bytes) -> Iterator[str]:
    """Everything that can be read in a file: its bytes, and what they hold as a table, an archive or a document."""
    yield content.decode("utf-8", "replace")
    if content[:4] == b"PAR1":
        yield _table(pq.read_table(io.BytesIO(content)))
    elif content[:6] == b"ARROW1":
        yield _table(pa.ipc.open_file(io.BytesIO(content)).read_all())
    elif content[:2] == b"\x1f\x8b":
        yield from texts(name.removesuffix(".gz"), gzip.decompress(content))
    elif content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for inside in archive.namelist():
                yield inside
                yield from texts(inside, archive.read(inside))
    elif content[:5] == b"%PDF-":
        yield from (page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    elif content[:15] == b"SQLite format 3":
        yield from dumped(content)


def dumped(content: bytes) -> Iterator[str]:
    """The statements that make a SQLite database."""
    with sqlite3.connect(":memory:") as connection:
        connection.deserialize(content[:18] + b"\x01\x01" + content[20:])  # not in WAL mode: there is no such file
        yield from connection.iterdump()


def _table(table: pa.Table) -> str:
    return json.dumps(table.to_pylist(), default=str, ensure_ascii=False)
