"""What did earlier nights land, and what of it has to be looked at again?

Read by `pull`, to fetch what is new, and by `land`, to carry the list on.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from connectors.sources import feeds
from connectors.sources.inbox import Seen
from connectors.sources.intelligence import Earlier, Key, Landed
from connectors.store import sealed
from connectors.store.paths import PUBLISHING_STAGE
from expectations.contracts import contract
from expectations.plain import Row, plain_rows, rows_where
from night.run import Run

INTELLIGENCE, FILE, DECISION = "intelligence", "file", "decision"  # sources of `landed_key`
OPENING = "opening"
MENDABLE = ("_UNREADABLE", "_UNKNOWN_CODE", "_IMPOSSIBLE", "_TOO_LONG")  # endings of warnings of values not read


def keys_before(run: Run, until: date) -> list[Row]:
    """Rows of `landed_key` of all that nights before `until` landed, but this one: of each key as it landed last.

    A night keeps those of the nights before it. Of nights that were not published each may know keys that no other one
    does, since they may have landed in another order.

    Nights of version 1 did not count subjects, and listed with the reports that they landed those that they refused:
    the counts are made up for, and what was refused is not listed, so that it is looked at again.
    """
    rows = _together(run, until)
    if all(row["subjects"] is not None for row in rows if row["source"] == INTELLIGENCE):
        return rows
    subjects: dict[Key, int] = defaultdict(int)
    for ref, version in _keys(run.since(None, "land", "landed_subject")):
        subjects[ref, version] += 1
    landed = set(_keys(run.since(None, "land", "landed_report")))
    kept = []
    for row in rows:
        key = (row["record_key"], row["version"])
        if row["source"] != INTELLIGENCE or row["subjects"] is not None:
            kept.append(row)
        elif key in landed:
            kept.append(row | {"subjects": subjects[key]})
    return kept


def _together(run: Run, until: date) -> list[Row]:
    published = run.previous(PUBLISHING_STAGE)
    since = published.as_of if published else date.min
    nights = [night for night in run.home.nights() if since <= night < until and night != run.as_of]
    folders = [folder for folder in map(run.home.run, nights) if folder.is_sealed("land")]
    kept = [plain_rows(sealed.read(folder, "land", "landed_key")) for folder in folders]
    if len(kept) == 1:
        return kept[0]
    found: dict[tuple[str, ...], Row] = {}
    for row in (row for rows in kept for row in rows):
        key = tuple(row[name] for name in contract("landed_key").key)
        if key not in found or found[key]["landed_on"] < row["landed_on"]:
            found[key] = row
    return list(found.values())


def _keys(table: pa.Table) -> Iterable[Key]:
    return [(row["report_ref"], row["version"]) for row in plain_rows(table.select(["report_ref", "version"]))]


def earlier(run: Run, rows: list[Row]) -> Earlier:
    """What the intelligence database is held against, from the rows of `keys_before`."""
    landed = {
        (row["record_key"], row["version"]): Landed(row["subjects"], tuple(row["lacking"] or ()), row["content"] or "")
        for row in rows
        if row["source"] == INTELLIGENCE
    }
    earlier = run.previous("land")
    in_source = sealed.counts(earlier, "pull").get("in_source", 0) if earlier else 0
    return Earlier(landed, _again(run), _gone(run), in_source)


def _again(run: Run) -> set[str]:
    """Reports that stand outside, or have a value that could not be read: they may be mended without a new version."""
    quarantine, mention = run.before("normalise", "quarantine"), run.before("normalise", "mention")
    refs: set[str] = set()
    if quarantine is not None:
        rows = plain_rows(quarantine.select(["source", "record_key", "released_on"]))
        open_rows = [row for row in rows if row["source"] == INTELLIGENCE and row["released_on"] is None]
        refs |= {row["record_key"].split("#")[0] for row in open_rows}
    if mention is not None:
        is_warned = (pc.field("source") == INTELLIGENCE) & (pc.list_value_length(pc.field("warnings")) > 0)
        warned = plain_rows(mention.filter(is_warned).select(["record_ref", "warnings"]))
        refs |= {row["record_ref"] for row in warned if any(one.endswith(MENDABLE) for one in row["warnings"])}
    return refs


def _gone(run: Run) -> set[str]:
    """Reports that the night before missed in the source already."""
    refused = run.before("land", "landed_refusal")
    return {row["record_key"] for row in rows_where(refused, "reason_code", ["KEY_VANISHED"])} if refused else set()


def files(rows: list[Row]) -> dict[str, Seen]:
    """What was last taken under each name; of the opening tracker, whatever its name was."""
    found = {}
    for row in sorted((row for row in rows if row["source"] == FILE), key=lambda row: row["landed_on"]):
        kind, name = row["record_key"].split("/", 1)
        found[OPENING if kind == OPENING else name] = Seen(row["version"], row["seen"] or "")
    return found


def days_of_feeds(names: Iterable[str]) -> dict[str, set[date]]:
    """The days for which each feed came, from the names of its files."""
    days: dict[str, set[date]] = defaultdict(set)
    for found in filter(None, map(feeds.feed_of, names)):
        days[found[0]].add(found[1])
    return days
