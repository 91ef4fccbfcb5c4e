"""Literal mentions and decisions, for tests of linkage."""

from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pyarrow as pa

from expectations.contracts import contract
from transforms.normalise import comparable

NIGHT = date(2022, 3, 1)


def mentions(*rows: dict[str, Any]) -> pa.Table:
    """A `mention` table from rows of raw person columns with `key`, and perhaps `role` and `landed`."""
    raw = pd.DataFrame([{name: value for name, value in row.items() if name not in OURS} for row in rows])
    known = comparable(raw).to_dict("records")
    return contract("mention").table_of([_mention(row, fields) for row, fields in zip(rows, known, strict=True)])


OURS = ("key", "role", "landed")


def _mention(row: dict[str, Any], fields: dict[str, Any]) -> dict[str, Any]:
    landed = row.get("landed", NIGHT)
    return {
        **{name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()},
        "mention_key": row["key"],
        "source": "intelligence",
        "record_ref": row["key"].split("#")[0] if row["key"].startswith("intel:") else row["key"],
        "version": 1,
        "stamp": datetime(2022, 1, 1, tzinfo=UTC),
        "recorded_on": landed,
        "first_landed_on": landed,
        "landed_on": landed,
        "withdrawn": False,
        "role": row.get("role", "CHILD"),
    }


def decisions(*rows: tuple[str, str, str]) -> pa.Table:
    """A `decision` table from (action, mention key, other mention key), one minute after the other."""
    return contract("decision").table_of(
        [
            {
                "decision_id": f"D{number:03d}",
                "decided_at": datetime(2022, 2, 1, 10, number, tzinfo=UTC),
                "action": action,
                "mention_key": left,
                "other_mention_key": right,
                "landed_on": NIGHT,
            }
            for number, (action, left, right) in enumerate(rows)
        ]
    )


NO_DECISIONS = decisions()


def people(linked: Any) -> set[frozenset[str]]:
    """The groups of mention keys that are one person each."""
    found: dict[str, set[str]] = {}
    for row in linked.person.to_pylist():
        found.setdefault(row["person_id"], set()).add(row["mention_key"])
    return {frozenset(keys) for keys in found.values()}


def questions(linked: Any) -> list[tuple[str, str]]:
    """The pairs asked, in order."""
    rows = linked.same_person_question.to_pylist()
    return [(row["mention_key"], row["other_mention_key"]) for row in rows]
