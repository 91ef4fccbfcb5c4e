"""Which children on the tracker are seen on the same lines and in the same places?

The closest pairs of the force's profile, with the names of children and lines, for the page and the meeting.
"""

from dataclasses import dataclass

from expectations.plain import Row
from transforms.reconcile.profile import links_text
from transforms.report import wording
from transforms.report.contents import Contents

THINGS = 4  # lines or places named of a pair, the rarest first; the others are counted


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


def linked(contents: Contents) -> Links:
    """Pairs of children on the tracker who share lines and places, as `clvt profile` lists them."""
    if not contents.profile:
        return Links("", [])
    child = {row["tracker_id"]: row for row in contents.on_tracker}
    pairs = [
        Pair(
            child[row["tracker_id"]],
            child[row["other_tracker_id"]],
            wording.shortened([contents.line_name(line) for line in row["line_refs"]], THINGS),
            wording.shortened(row["places"], THINGS),
        )
        for row in contents.links.closest
    ]
    return Links(links_text(contents.links, len(child)), pairs)
