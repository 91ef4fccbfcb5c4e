"""Which records stand outside, since when, and which were let in again?

A record that was stopped stays listed; it is released on the night that a version not older than the one stopped is
taken. A new version that cannot be read leaves the last good one in force: what was known is better than nothing, and
the row here says that there is more.
"""

from collections.abc import Iterable
from datetime import date

from expectations.feeds import INTELLIGENCE
from expectations.plain import Row
from transforms.normalise.reasons import REASONS
from transforms.normalise.records import Stopped

DECISIONS = "decisions"
INBOX = "inbox"
MARKINGS_REFUSED = ("MARKING_TOO_HIGH", "MARKING_MISSING", "MARKING_UNKNOWN")
REPORTED_BY_THE_DATABASE = frozenset(
    (
        *("COLUMN_MISSING", "COLUMN_UNKNOWN", "SOURCE_EMPTY", "SOURCE_TEN_TIMES", "KEY_VANISHED", "KEY_TWICE"),
        *("ROW_WITHOUT_KEY", "KEY_NOT_AGREED", "STAMP_UNREADABLE", "FLAG_NOT_AGREED", "STATUS_UNKNOWN"),
        *MARKINGS_REFUSED,
    )
)

Key = tuple[str, str, str]


def quarantined(
    known: list[Row],
    stopped: Iterable[Stopped],
    refused: Iterable[Row],
    mended: dict[tuple[str, str], int],
    files: set[str],
    as_of: date,
) -> list[Row]:
    """The quarantine after tonight.

    `stopped` are tonight's versions that broke a rule, `refused` the rows of `landed_refusal`, `files` the names of the
    files read tonight; `mended` says of records, by source and key, up to which version they are mended.
    """
    rows: dict[Key, Row] = {_key(row): dict(row) for row in known}
    tonight: set[Key] = set()
    for row in [*(_stopped_row(one) for one in stopped), *(_refused_row(one) for one in refused)]:
        earlier = rows.get(_key(row))
        tonight.add(_key(row))
        if earlier is None:
            rows[_key(row)] = row | {"first_seen_on": as_of, "released_on": None}
        elif not _is_older(row, earlier):
            rows[_key(row)] = earlier | {"reason": row["reason"], "version": row["version"], "released_on": None}
    for key, row in rows.items():
        if row["released_on"] is None and _is_released(row, key in tonight, mended, files):
            row["released_on"] = as_of
    return list(rows.values())


def _key(row: Row) -> Key:
    return row["source"], row["record_key"], row["reason_code"]


def _stopped_row(stopped: Stopped) -> Row:
    return {
        "source": stopped.source,
        "record_key": stopped.record_key,
        "version": stopped.version,
        "reason_code": stopped.reason_code,
        "reason": REASONS[stopped.reason_code].sentence,
    }


def _refused_row(refused: Row) -> Row:
    return {name: refused[name] for name in ("source", "record_key", "version", "reason_code", "reason")}


def _is_older(row: Row, earlier: Row) -> bool:
    return row["version"] is not None and earlier["version"] is not None and row["version"] < earlier["version"]


def _is_released(row: Row, came_again: bool, mended: dict[tuple[str, str], int], files: set[str]) -> bool:
    source, key, version = row["source"], row["record_key"], row["version"]
    report, is_subject, _ = key.rpartition("#")
    record = (source, report) if source == INTELLIGENCE.name and is_subject else (source, key)
    if _is_reported_every_night(row) or key.split(":", 1)[0] in files:
        return not came_again or (version is not None and mended.get(record, 0) > int(version))
    if record not in mended:
        return False
    if version is None:
        return not came_again
    # A version that stops the record again does not release it; one mended in its place does.
    return mended[record] > int(version) or (mended[record] == int(version) and not came_again)


def _is_reported_every_night(row: Row) -> bool:
    """True of what is looked at anew every night: the intelligence database, the inbox, the whole file of decisions."""
    if row["source"] == INTELLIGENCE.name:
        return row["reason_code"] in REPORTED_BY_THE_DATABASE
    return row["source"] in (INBOX, DECISIONS) or row["reason_code"] == "FEED_OVERDUE"
