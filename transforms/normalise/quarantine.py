"""Which records stand outside, since when, and which were let in again?

A record that was stopped stays listed; it is released on the night that a version not older than the one stopped is
taken. A new version that cannot be read leaves the last good one standing: what was known is better than nothing, and
the row here says that there is more.
"""

from collections.abc import Iterable
from datetime import date

from expectations.plain import Row
from transforms.normalise.reasons import REASONS
from transforms.normalise.records import Stopped

INTELLIGENCE = "intelligence"
DECISIONS = "decisions"
COLUMN_SIGNALS = ("COLUMN_MISSING", "COLUMN_UNKNOWN")

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


def _is_released(row: Row, came_tonight: bool, mended: dict[tuple[str, str], int], files: set[str]) -> bool:
    source, key, version = row["source"], row["record_key"], row["version"]
    if _is_told_every_night(row):
        return not came_tonight
    if key.split(":", 1)[0] in files:
        return not came_tonight
    report, is_subject, _ = key.rpartition("#")
    if source == INTELLIGENCE and is_subject:  # a version that stops the subject again does not release it
        return version is not None and mended.get((source, report), 0) > int(version)
    if (source, key) not in mended:
        return False
    return not came_tonight if version is None else mended[source, key] >= int(version)


def _is_told_every_night(row: Row) -> bool:
    """True of what is read anew every night: the columns of the database, and the whole file of decisions."""
    is_column = row["source"] == INTELLIGENCE and row["reason_code"] in COLUMN_SIGNALS
    return is_column or row["source"] == DECISIONS
