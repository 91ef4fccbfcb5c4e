"""Which children on the tracker are seen on the same lines and in the same places?

The closest pairs of the force's profile, with the names of children and lines, for the page and the meeting.
"""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from transforms.reconcile.profile import LINKS_SHOWN, links, links_text, places
from transforms.report.known import Known, Row

THINGS = 4  # lines or places named of a pair, the rarest first; the others are counted
PLACED = {
    "report": ["report_ref", "location"],
    "btp_report": ["mention_key", "station"],
    "missing_episode": ["mention_key", "found_place"],
}


@dataclass(frozen=True)
class Pair:
    """Two children, and the lines and places that they share."""

    child: Row
    other: Row
    lines: list[str]
    places: list[str]


@dataclass(frozen=True)
class Links:
    """The closest pairs, and the sentence above them; without a tracker both are empty."""

    text: str
    pairs: list[Pair]


def linked(known: Known) -> Links:
    """Pairs of children on the tracker who share lines and places, as `clvt profile` lists them."""
    if not known.profile:
        return Links("", [])
    on = known.on_tracker
    found = {name: known.table(name).select(columns).to_pylist() for name, columns in PLACED.items()}
    rows = links(on, places(on, _mentions(known), found))
    child = {row["tracker_id"]: row for row in on}
    pairs = [
        Pair(
            child[row["tracker_id"]],
            child[row["other_tracker_id"]],
            _named([known.line_name(line) for line in row["line_refs"]]),
            _named(row["places"]),
        )
        for row in rows[:LINKS_SHOWN]
    ]
    return Links(links_text(rows, len(on)), pairs)


def _mentions(known: Known) -> list[Row]:
    keys = [key for child in known.on_tracker for key in child["mention_keys"]]
    table = known.table("mention").select(["mention_key", "source", "record_ref", "withdrawn"])
    found = table.filter(pc.is_in(table["mention_key"], pa.array(keys, pa.string())))
    return list(found.to_pylist())


def _named(things: list[str]) -> list[str]:
    more = len(things) - THINGS
    return [*things[:THINGS], f"{more} more"] if more > 0 else things
