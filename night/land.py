"""land: what came, as it came.

Reads the files that were fetched into tables with the contract's columns, every value still the string it was, and
seals everything. What is landed is never changed: all that follows can be made again from it.
"""

from typing import Any

import pyarrow as pa

from connectors.register.database import LogEntry, log_once
from connectors.sources import feeds
from connectors.store import sealed
from expectations.contracts import contract
from expectations.feeds import FEEDS, Feed
from expectations.plain import Row, plain_rows
from night import erased, landed
from night.may_run import may_run
from night.pull import refusal
from night.run import Counts, Run

UNCHANGED = ("landed_report", "landed_subject", "landed_line", "landed_decision")


@may_run("land")
def land(run: Run) -> Counts:
    """Seal what `pull` fetched, and log each record's collection (Data Protection Act 2018 s.62(1)(a)).

    The tables of `pull` stay as they came; each feed's files become rows of its landed table, what cannot be read
    rows of `landed_refusal`. Counts: `reports`, `feed_records`, `decisions`, `refused`.
    """
    writer = run.writer("land")
    tables: dict[str, list[Row]] = {feed.landed: [] for feed in FEEDS.values()}
    refused = run.rows("pull", "landed_refusal")
    for file in run.rows("pull", "pulled_file"):
        table, rows, wrong = _read_file(run, file)
        tables[table] += rows
        refused += wrong
    for name in UNCHANGED:
        writer.table(name, run.read("pull", name))
    for name, rows in tables.items():
        writer.table(name, contract(name).table_of(_distinct(name, rows)))
    writer.table("landed_refusal", contract("landed_refusal").table_of(_distinct("landed_refusal", refused)))
    writer.table("landed_key", _keys(run))
    counts = {
        "reports": run.read("pull", "landed_report").num_rows,
        "feed_records": sum(map(len, tables.values())),
        "decisions": run.read("pull", "landed_decision").num_rows,
        "refused": len(refused),
    }
    writer.seal(counts, replaceable=not run.is_published)
    log_once(run.register, run.as_of.isoformat(), {"land": _collected(run)})
    return counts


def form_of(feed: Feed) -> feeds.FeedForm:
    """The form of a feed's files, as whoever reads them asks for it."""
    lists = frozenset(column.name for column in feed.columns if column.read == "texts")
    return feeds.FeedForm(feed.key, [column.name for column in feed.columns], lists, f"{feed.name}/1", feed.filled_in)


def _read_file(run: Run, file: dict[str, Any]) -> tuple[str, list[Row], list[Row]]:
    feed, digest = FEEDS[file["kind"]], file["file_sha256"]
    content = feeds.read(file["file_name"], sealed.read_file(run.folder, "pull", f"files/{digest}"), form_of(feed))
    envelope = {
        "source": feed.name,
        "stamp": file["stamp"],
        "landed_on": run.as_of,
        "file_name": file["file_name"],
        "file_sha256": digest,
    }
    rows = [{**row, **envelope, "record_key": row[feed.key]} for row in content.rows]
    rows = erased.of(run.home).without(rows, feed.name)
    return feed.landed, rows, [refusal(run, feed.name, one) for one in content.refused]


def _distinct(table: str, rows: list[Row]) -> list[Row]:
    """One row a key; of a record that a file repeats the later one stands."""
    return list({tuple(row[name] for name in contract(table).key): row for row in rows}.values())


def _keys(run: Run) -> pa.Table:
    """All that was ever landed, by key; of what came again, as it came last."""
    rows = [*landed.keys_before(run, run.as_of), *plain_rows(run.read("pull", "landed_key"))]
    return contract("landed_key").table_of(_distinct("landed_key", rows))


def _collected(run: Run) -> list[LogEntry]:
    tables = dict.fromkeys(["landed_report", *(feed.landed for feed in FEEDS.values())], "record_key")
    tables["landed_decision"] = "decision_id"
    keys = [(table, key) for table, name in tables.items() for key in run.read("land", table)[name].to_pylist()]
    night = run.as_of.isoformat()
    return [LogEntry("COLLECTION", "pipeline", record_ref=f"{table}:{key}", run=night) for table, key in sorted(keys)]
