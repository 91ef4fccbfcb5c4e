"""Where is the end of the processing log written down, outside the register?

One small file a night, with the number and hash of the last entry. Whoever cuts entries off the end of the log, or
writes all of it anew, would have to change these files too: they belong into the backup that only the backup can write.
"""

import json
import os
from dataclasses import asdict
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from connectors.register.database import Head, head


def keep(folder: Path, night: date, register: sa.Engine) -> Path:
    """Write down the log's end as the night left it; an anchor that is there stays as it is."""
    path = folder / f"{night.isoformat()}.json"
    if not path.exists():
        with register.connect() as connection:
            last = head(connection)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        written = folder / f".{path.name}.part"
        written.write_text(json.dumps(asdict(last)) + "\n", encoding="utf-8")
        os.replace(written, path)
    return path


def kept(folder: Path) -> list[Head]:
    """All anchors, oldest first; none where there is no folder yet."""
    return [Head(**json.loads(path.read_text(encoding="utf-8"))) for path in sorted(folder.glob("[0-9]*.json"))]
