"""How do the tables as known change by what landed tonight?

Only tonight's rows are read; everything else is carried over. The answer depends on which versions are known, not on
the nights they came in: the highest version that is taken stands, and it supports nothing from the version on that is
withdrawn, suppressed, no longer flagged or marked too high.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa

from expectations.contracts import contract
from expectations.site import Site
from transforms.normalise import decisions, feeds, reports
from transforms.normalise.codes import code_of
from transforms.normalise.people import comparable
from transforms.normalise.quarantine import INTELLIGENCE, quarantined
from transforms.normalise.records import Ignored, Mentioned, Night, Row, Stopped, Taken
from transforms.normalise.standing import replaced, rows_where
from transforms.normalise.text import tidy

LANDED = (
    "landed_report",
    "landed_subject",
    "landed_line",
    "landed_decision",
    "landed_refusal",
    *(feed.landed for feed in feeds.FEEDS),
)
MADE = (
    "mention",
    "report",
    "ignored",
    "line",
    *(feed.table for feed in feeds.FEEDS),
    "decision",
    "refusal",
    "quarantine",
)
MARKINGS_REFUSED = ("MARKING_TOO_HIGH", "MARKING_MISSING")

Tables = dict[str, pa.Table]


@dataclass
class Changes:
    """What tonight changes: rows to put in place by table, people to compare, records stopped and mended."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    mentioned: dict[str, Mentioned] = field(default_factory=dict)
    stopped: list[Stopped] = field(default_factory=list)
    mended: dict[tuple[str, str], int] = field(default_factory=dict)
    taken: int = 0
    ignored: int = 0
    overtaken: int = 0


def tonight(landed: Tables, known: Tables, site: Site, as_of: date) -> tuple[Tables, dict[str, int]]:
    """(the tables MADE as known tonight, counts) from tonight's LANDED tables and those of the night before.

    `known` is empty on the first night. Every table is in its contract's schema.
    """
    night = Night(site, as_of)
    changes = Changes()
    _fold_reports(landed, known, night, changes)
    for feed in feeds.FEEDS:
        _fold_feed(landed[feed.landed].to_pylist(), feed, known, night, changes)
    _fold_lines(landed["landed_line"].to_pylist(), changes)
    _fold_decisions(landed["landed_decision"].to_pylist(), night, changes)
    changes.rows["mention"] += _mention_rows(changes.mentioned, as_of)
    made = {table: replaced(table, known.get(table), changes.rows[table]) for table in MADE if table != "quarantine"}
    made["quarantine"] = _quarantine(landed, known, changes, as_of)
    return made, _counts(changes, made, as_of)


def _fold_reports(landed: Tables, known: Tables, night: Night, changes: Changes) -> None:
    subjects: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for subject in landed["landed_subject"].to_pylist():
        subjects[subject["report_ref"], subject["version"]].append(subject)
    taken: dict[str, list[Taken]] = defaultdict(list)
    ignored: dict[str, list[Ignored]] = defaultdict(list)
    for report in landed["landed_report"].to_pylist():
        outcome = reports.judge(report, subjects[report["report_ref"], report["version"]], night)
        if isinstance(outcome, Taken):
            taken[outcome.record_ref].append(outcome)
        elif isinstance(outcome, Ignored):
            ignored[outcome.record_ref].append(outcome)
        else:
            changes.stopped += outcome
    for refusal in _markings_refused(landed, night):
        ignored[refusal.record_ref].append(refusal)
    came = sorted({*taken, *ignored, *(stopped.record_key for stopped in changes.stopped)})
    standing = {row["report_ref"]: row for row in rows_where(known.get("report"), "report_ref", came)}
    passed_over = {row["report_ref"]: row for row in rows_where(known.get("ignored"), "report_ref", came)}
    mentions: dict[str, list[Row]] = defaultdict(list)
    for mention in rows_where(known.get("mention"), "record_ref", came):
        if mention["source"] == INTELLIGENCE:
            mentions[mention["record_ref"]].append(mention)
    for ref in came:
        _fold_ignored(ref, ignored[ref], passed_over, night, changes)
        _fold_versions(ref, taken[ref], standing.get(ref), passed_over.get(ref), mentions[ref], night, changes)


def _markings_refused(landed: Tables, night: Night) -> Iterable[Ignored]:
    """Versions refused unread: a report whose marking was raised supports nothing here any more."""
    midnight = datetime.combine(night.as_of, time(), ZoneInfo(night.site.timezone))
    for row in landed["landed_refusal"].to_pylist():
        if row["reason_code"] in MARKINGS_REFUSED and row["version"] is not None:
            yield Ignored(row["record_key"], row["version"], midnight, row["reason_code"])


def _fold_ignored(
    ref: str, ignored: list[Ignored], passed_over: dict[str, Row], night: Night, changes: Changes
) -> None:
    """Keep the highest version that is ignored by name, here and in `passed_over`."""
    changes.ignored += len(ignored)
    latest = max(ignored, key=lambda one: one.version, default=None)
    if latest and (ref not in passed_over or latest.version >= passed_over[ref]["version"]):
        passed_over[ref] = {
            "report_ref": ref,
            "version": latest.version,
            "stamp": latest.stamp,
            "reason_code": latest.reason_code,
            "landed_on": night.as_of,
        }
        changes.rows["ignored"].append(passed_over[ref])


def _fold_versions(
    ref: str,
    taken: list[Taken],
    standing: Row | None,
    passed_over: Row | None,
    mentions: list[Row],
    night: Night,
    changes: Changes,
) -> None:
    """Put the highest taken version in place, with its mentions and those that it no longer has."""
    report = standing
    people: dict[str, Mentioned | Row] = {mention["mention_key"]: mention for mention in mentions}
    if standing:
        changes.mended[INTELLIGENCE, ref] = standing["version"] - 1
    for version in sorted(taken, key=lambda one: one.version):
        if report and version.version < report["version"]:
            changes.overtaken += 1
            continue
        changes.taken += 1
        changes.stopped += version.stopped
        changes.mended[INTELLIGENCE, ref] = version.version
        report = version.row
        people = _people_of(version, people, night)
    if report is None:
        return
    ended = passed_over if passed_over and passed_over["version"] > report["version"] else None
    if ended:
        people = {key: _withdrawn(one, ended["version"], ended["stamp"], night) for key, one in people.items()}
        report = report | {
            "withdrawn_at": report["withdrawn_at"] or ended["stamp"],
            "not_taken": ended["reason_code"],
        }
    if report != standing:
        changes.rows["report"].append(report)
    _place(people, mentions, changes)


def _people_of(version: Taken, people: dict[str, Mentioned | Row], night: Night) -> dict[str, Mentioned | Row]:
    """The people of a report after a version: a subject it no longer names is withdrawn, one it garbles stays."""
    named = {person.head["mention_key"]: person for person in version.mentioned}
    named |= {key: person.known_since(_head(people[key])) for key, person in named.items() if key in people}
    garbled = {f"intel:{stopped.record_key}" for stopped in version.stopped}
    stamp = version.mentioned[0].head["stamp"] if version.mentioned else version.row["updated_at"]
    gone = {
        key: one if key in garbled else _withdrawn(one, version.version, stamp, night)
        for key, one in people.items()
        if key not in named
    }
    return {**gone, **named}


def _withdrawn(one: Mentioned | Row, version: int, stamp: datetime, night: Night) -> Mentioned | Row:
    head = _head(one)
    if head["withdrawn"] and head["version"] >= version:
        return one
    ended = head | {"withdrawn": True, "version": version, "stamp": stamp, "landed_on": night.as_of}
    return Mentioned(ended, one.person) if isinstance(one, Mentioned) else ended


def _head(one: Mentioned | Row) -> Row:
    return one.head if isinstance(one, Mentioned) else one


def _place(people: dict[str, Mentioned | Row], mentions: list[Row], changes: Changes) -> None:
    before = {mention["mention_key"]: mention for mention in mentions}
    for key, one in people.items():
        if isinstance(one, Mentioned):
            changes.mentioned[key] = one
        elif one is not before.get(key):
            changes.rows["mention"].append(one)


def _fold_feed(rows: list[Row], feed: feeds.Feed, known: Tables, night: Night, changes: Changes) -> None:
    """Put the latest good record of each key in place, unless a later file's record stands already."""
    keys = {f"{feed.prefix}:{row['record_key']}" for row in rows}
    standing = {row["record_ref"]: row for row in rows_where(known.get("mention"), "mention_key", keys)}
    for ref, mention in standing.items():
        changes.mended[mention["source"], ref] = mention["version"] - 1
    for row in sorted(rows, key=lambda row: (row["stamp"], row["file_sha256"])):
        outcome = feeds.judge(row, feed, night)
        if not isinstance(outcome, Taken):
            changes.stopped += outcome
        elif outcome.record_ref in standing and outcome.version < standing[outcome.record_ref]["version"]:
            changes.overtaken += 1
        else:
            _put(outcome, standing.get(outcome.record_ref), changes)


def _put(taken: Taken, standing: Row | None, changes: Changes) -> None:
    (person,) = taken.mentioned
    key = person.head["mention_key"]
    earlier = standing or (changes.mentioned[key].head if key in changes.mentioned else None)
    changes.taken += 1
    changes.mended[taken.source, taken.record_ref] = taken.version
    changes.mentioned[key] = person.known_since(earlier) if earlier else person
    changes.rows[taken.table] = [row for row in changes.rows[taken.table] if row["mention_key"] != key] + [taken.row]


def _fold_lines(rows: list[Row], changes: Changes) -> None:
    for row in rows:
        kind, _ = code_of(row["kind"], "line", "kind")
        if kind is None:
            changes.stopped.append(Stopped("county_line", row["line_ref"], None, "LINE_KIND_UNKNOWN"))
            continue
        kept = ("line_name", "deal_number", "owner_force", "status")
        changes.mended["county_line", row["line_ref"]] = 0
        changes.rows["line"].append(
            {"line_ref": row["line_ref"], "kind": kind} | {name: tidy(row[name]) for name in kept}
        )


def _fold_decisions(rows: list[Row], night: Night, changes: Changes) -> None:
    for landed in rows:
        decision = decisions.read(landed)
        code = decisions.refused_for(decision, night)
        if code:
            changes.rows["refusal"].append(decisions.refusal(decision, code, night.as_of))
        else:
            changes.rows["decision"].append(decision)


def _mention_rows(mentioned: dict[str, Mentioned], as_of: date) -> list[Row]:
    """Rows of `mention` for the people of tonight's records, in comparable form."""
    if not mentioned:
        return []
    people = comparable(pd.DataFrame([one.person for one in mentioned.values()]), as_of)
    records: list[Row] = people.to_dict("records")  # type: ignore[assignment]
    return [
        person | one.head | {"warnings": sorted({*person["warnings"], *one.head["warnings"]})}
        for person, one in zip(records, mentioned.values(), strict=True)
    ]


def _quarantine(landed: Tables, known: Tables, changes: Changes, as_of: date) -> pa.Table:
    files = {str(name) for feed in feeds.FEEDS for name in landed[feed.landed]["file_name"].to_pylist()}
    before = known["quarantine"].to_pylist() if "quarantine" in known else []
    refused = landed["landed_refusal"].to_pylist()
    rows = quarantined(before, changes.stopped, refused, changes.mended, files, as_of)
    return contract("quarantine").table_of(rows)


def _counts(changes: Changes, made: Tables, as_of: date) -> dict[str, int]:
    quarantine = made["quarantine"].to_pylist()
    return {
        "taken": changes.taken,
        "ignored": changes.ignored,
        "overtaken": changes.overtaken,
        "stopped": sum(row["first_seen_on"] == as_of for row in quarantine),
        "released": sum(row["released_on"] == as_of for row in quarantine),
        "mentions": made["mention"].num_rows,
        "mentions_changed": len(changes.mentioned),
        "warnings": sum(len(row["warnings"]) for row in changes.rows["mention"]),
        "decisions": len(changes.rows["decision"]),
        "refused": len(changes.rows["refusal"]),
    }
