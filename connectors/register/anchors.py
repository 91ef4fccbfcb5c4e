"""Where is the end of the register written down, outside the register?

One small file a night, a line for each time that the register had grown: the number and hash of the processing log's
last entry, and of the last proof. Whoever cuts entries off the end, or writes all of it anew, would have to change
these files too: they are also kept in a second place, which the pipeline can only add to.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from connectors.register.database import Head, head


def keep(folders: Sequence[Path], night: date, register: sa.Engine) -> Head:
    """Write down the register's end in each folder, beside what was written down before; returns it."""
    with register.connect() as connection:
        last = head(connection)
    line = json.dumps(asdict(last)) + "\n"
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / f"{night.isoformat()}.json"
        if not path.is_file() or not path.read_text(encoding="utf-8").endswith(line):
            _append(path, line)
    return last


def kept(folder: Path) -> list[Head]:
    """All anchors, oldest night first; none where there is no folder yet."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("[0-9]*.json"))]
    return [Head(**json.loads(line)) for text in texts for line in text.splitlines() if line.endswith("}")]


def _append(path: Path, line: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    try:
        cut_short = path.stat().st_size and not path.read_bytes().endswith(b"\n")
        os.write(handle, ("\n" * bool(cut_short) + line).encode())
        os.fsync(handle)
    finally:
        os.close(handle)
