"""What was erased, and must not come in again as it was?

Read by the stages that land data: a record that comes once more as it was when its person was erased is left outside.
A later version of it is news, and is taken in: a child at risk again is a child at risk.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from connectors.register import erasures, proof
from connectors.register.erasures import Erasure
from connectors.store.paths import Home
from expectations.feeds import INTELLIGENCE
from expectations.plain import Row
from night.run import register_key, second_place

ENVELOPE = ("record_key", "source", "stamp", "landed_on", "file_name", "file_sha256")
LANDED = "landed"


@dataclass(frozen=True)
class Erased:
    """The erasures of a home, and the marks that they left."""

    erasures: list[Erasure] = field(default_factory=list)
    key: bytes = b""

    @property
    def marks(self) -> frozenset[str]:
        """The marks of all of them."""
        return frozenset(mark for one in self.erasures for mark in one.marks)

    @property
    def tracker_number(self) -> int:
        """The highest number of a tracker id that was given before one of them; 0 where there is none."""
        return max((one.tracker_number for one in self.erasures), default=0)

    @property
    def last_night(self) -> date | None:
        """The last night that was published before one of them; None where there is none."""
        return max((date.fromisoformat(one.night) for one in self.erasures), default=None)

    def without(self, rows: list[Row], source: str) -> list[Row]:
        """Landed rows of a source but those that were erased as they are."""
        marks = self.marks
        if not marks:
            return rows
        return [row for row in rows if erasures.mark(self.key, LANDED, *landed_as(row, source)) not in marks]


def of(home: Home) -> Erased:
    """The erasures that the home's own file tells of; ProofError where it was changed."""
    if not home.erasures.is_file():
        return Erased()
    key = proof.key_of(register_key(home)) or b""
    return Erased(erasures.kept([home.erasures], key), key)


def landed_as(row: Mapping[str, Any], source: str) -> tuple[str, str, str]:
    """What tells a landed row, in the state in which it landed, from every other: source, key, version."""
    if source == INTELLIGENCE.name:
        return source, f"{row['report_ref']}#{row.get('subject_no', '')}", str(row["version"])
    if source == "decision":
        return source, str(row["decision_id"]), ""
    content = {name: value for name, value in row.items() if value and name not in ENVELOPE}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return source, str(row["record_key"]), hashlib.sha256(text.encode()).hexdigest()


def ledgers(home: Home) -> list[Path]:
    """The files that tell of erasures: the home's, and that of the second place, which no restored backup replaces."""
    second = second_place(home)
    return [home.erasures, *([second / erasures.FILE] if second else [])]
