"""What does a recipient hold, by the files that came to it?

Each night's export says what a recipient holds once the night's files are there. Where some never came, were rejected,
lost or withdrawn, the nights are gone through again, file by file; what such a file held has to be sent again.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from expectations.plain import Row

MANIFEST, NOTICE = "MANIFEST", "NOTICE"
PACK = "PREFILL"  # kind of files that leave all other records as they are
REPLACING = {"FULL", "DROP"}  # kinds of files of which a full one deletes all that it leaves out; lists name who left
CONTENT = ("content", "content_sha256")  # what a record says
DELETED = {"ending": "WITHDRAWN", "action": "ERASE"}  # of a record whose deletion was told by a file that fell


@dataclass(frozen=True)
class Night:
    """What a night made for one recipient, and what became of it.

    `holding`: rows of what it holds once all came. `kinds`: the kind of each file by its name. `fallen`: names of those
    that it rejected or lost, or that were withdrawn. `has_arrived`: False where the night came in part at most.
    """

    holding: list[Row]
    disclosure: list[Row]
    kinds: Mapping[str, str]
    is_full: bool
    fallen: frozenset[str]
    has_arrived: bool


@dataclass
class Held:
    """Rows of `holding` by record ref; `again`: refs to be sent again; `is_broken`: everything is to be sent again."""

    rows: dict[str, Row] = field(default_factory=dict)
    again: set[str] = field(default_factory=set)
    is_broken: bool = False


def held_after(nights: Iterable[Night], before: Held | None = None) -> Held:
    """What a recipient holds after these nights, in their order, where it held this before them."""
    held = before or Held()
    for night in nights:
        _take(held, night)
    return held


def _take(held: Held, night: Night) -> None:
    files = _files_by_ref(night.disclosure)
    fallen = frozenset(night.kinds) if not _counts(night) else night.fallen
    drop = {name for name, kind in night.kinds.items() if kind not in (NOTICE, MANIFEST)}
    now = _stands(held, night, fallen)
    if night.is_full and drop and not drop & fallen and PACK not in night.kinds.values():
        held.rows, held.again, held.is_broken = now, set(), False
        return
    if night.is_full and not REPLACING.isdisjoint(night.kinds.values()):
        left_out = held.rows.keys() - now.keys()
        held.rows |= {ref: {**held.rows[ref], **DELETED} for ref in left_out}
        held.is_broken |= bool(left_out)
    deleted = {row["record_ref"] for row in night.disclosure if row["operation"] == "DELETE"} - _noticed(night)
    for ref, names in files.items():
        if names & fallen:
            held.again.add(ref)
            held.is_broken = True
        elif names & drop:
            held.again.discard(ref)
        if names <= fallen:
            if ref in deleted and ref in held.rows:
                held.rows[ref] = {**held.rows[ref], **DELETED}
            continue
        held.rows.pop(ref, None)
        if ref in now:
            held.rows[ref] = now[ref]


def _counts(night: Night) -> bool:
    """False where a recipient does not act on any of the night's files: without their manifest it does not."""
    manifests = {name for name, kind in night.kinds.items() if kind == MANIFEST}
    return night.has_arrived and not manifests & night.fallen


def _stands(held: Held, night: Night, fallen: frozenset[str]) -> dict[str, Row]:
    """Rows of what is held by then: files bring records, notices correct and endings end what is there."""
    telling = [row for row in night.disclosure if row["fields"] and row["file"] not in fallen]
    brought = {row["record_ref"] for row in telling if night.kinds.get(row["file"]) != NOTICE}
    known = held.rows.keys() | brought
    rows = {row["record_ref"]: row for row in night.holding if row["record_ref"] in known}
    untold = rows.keys() - {row["record_ref"] for row in telling}
    return rows | {ref: rows[ref] | {name: held.rows[ref][name] for name in CONTENT} for ref in untold}


def _noticed(night: Night) -> set[str]:
    return {row["record_ref"] for row in night.disclosure if night.kinds.get(row["file"]) == NOTICE}


def _files_by_ref(rows: list[Row]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        found[row["record_ref"]].add(row["file"])
    return found
