"""Where does each fact of a child come from, and how sure is it?

The surviving facts of the children on the tracker, each with the record or decision it was taken from, its status and
day, and how many other records say the same.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from expectations.plain import Row, plain_rows
from transforms.report import wording
from transforms.report.contents import Contents

AUTHORITIES = ("local_authority", "placing_authority")


@dataclass(frozen=True)
class Fact:
    """One fact in words: `source` names a record or decision, `others` counts further records that say the same."""

    field: str
    value: str
    status: str
    source: str
    on: date | None
    others: int


def provenance(contents: Contents) -> dict[str, list[Fact]]:
    """The facts of every child on the tracker by person_id, by name; no year of birth beside a whole date."""
    table = contents.table("fact")
    on = pa.array([child["person_id"] for child in contents.on_tracker], pa.string())
    dated = {child["person_id"] for child in contents.on_tracker if child["date_of_birth"]}
    found = defaultdict(list)
    for row in plain_rows(table.filter(pc.is_in(table["person_id"], on))):
        if row["value"] and not (row["field"] == "birth_year" and row["person_id"] in dated):
            found[row["person_id"]].append(_fact(contents, row))
    return {person: sorted(facts, key=lambda fact: fact.field) for person, facts in found.items()}


def _fact(contents: Contents, row: Row) -> Fact:
    supporting = set(row["supporting_mention_keys"] or ()) - {row["mention_key"]}
    return Fact(
        wording.field_label(row["field"]),
        contents.site.places.name(row["value"]) if row["field"] in AUTHORITIES else wording.decided_value(row["value"]),
        wording.label(row["status"]),
        f"decision {row['decision_id']}" if row["decision_id"] else wording.source_record(row["mention_key"]),
        row["recorded_on"],
        len(supporting),
    )
