"""How do the tables as known change by what landed tonight?

Only tonight's rows are read; everything else is carried over. The answer depends on which versions are known, not on
the nights they came in.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from operator import itemgetter

import pandas as pd
import pyarrow as pa

from expectations.contracts import contract
from expectations.feeds import FEEDS, INTELLIGENCE, Feed
from expectations.plain import Row, grouped, plain_rows
from expectations.site import Site
from transforms.normalise import decisions, feeds, reports
from transforms.normalise.codes import code_of
from transforms.normalise.people import comparable
from transforms.normalise.quarantine import MARKINGS_REFUSED, quarantined
from transforms.normalise.records import Ignored, Mentioned, Night, Stopped, Taken
from transforms.normalise.replacement import replaced, rows_known
from transforms.normalise.text import tidy
from transforms.normalise.versions import History, histories
from transforms.refused import Refused

LANDED = (
    "landed_report",
    "landed_subject",
    "landed_line",
    "landed_decision",
    "landed_refusal",
    *(feed.landed for feed in FEEDS.values()),
)
MADE = (
    "mention",
    "report",
    "ignored",
    "line",
    *(feed.table for feed in FEEDS.values()),
    "decision",
    "refusal",
    "quarantine",
)

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

    def put(self, table: str, row: Row | None, before: object) -> None:
        """Put a row in place where it is not what was known."""
        if row is not None and row != before:
            self.rows[table].append(row)

    def mend(self, record: tuple[str, str], version: int) -> None:
        """A record, by source and key, is mended up to a version."""
        self.mended[record] = max(version, self.mended.get(record, version))


def fold(
    landed: Tables, known: Tables, site: Site, as_of: date, record_refs: frozenset[str] = frozenset()
) -> tuple[Tables, dict[str, int]]:
    """(the tables MADE as known tonight, counts) from tonight's LANDED tables and those of the night before.

    `known` is empty on the first night; `record_refs` are those by which partners know people so far. Every table is in
    its contract's schema.
    """
    night = Night(site, as_of, record_refs)
    changes = Changes()
    _fold_reports(landed, known, night, changes)
    for feed in FEEDS.values():
        _fold_feed(plain_rows(landed[feed.landed]), feed, known, night, changes)
    _fold_lines(plain_rows(landed["landed_line"]), changes)
    _fold_decisions(plain_rows(landed["landed_decision"]), night, changes)
    changes.rows["mention"] += _mention_rows(changes.mentioned, night)
    made = {table: replaced(table, known.get(table), changes.rows[table]) for table in MADE if table != "quarantine"}
    made["quarantine"] = _quarantine(landed, known, changes, as_of)
    return made, _counts(changes, made, as_of)


def _fold_reports(landed: Tables, known: Tables, night: Night, changes: Changes) -> None:
    """Put the highest taken version of each report that came in place, with its mentions."""
    taken: dict[str, list[Taken]] = defaultdict(list)
    ignored: dict[str, list[Ignored]] = defaultdict(list)
    stopped: list[Stopped] = []
    for outcome in [*_judged(landed, night), *_markings_refused(landed, night)]:
        if isinstance(outcome, Taken):
            taken[outcome.record_ref].append(outcome)
        elif isinstance(outcome, Ignored):
            ignored[outcome.record_ref].append(outcome)
        else:
            stopped += outcome
    changes.stopped += stopped
    came = {*taken, *ignored, *(one.record_key for one in stopped)}
    mentions = [
        row for row in rows_known(known.get("mention"), "record_ref", came) if row["source"] == INTELLIGENCE.name
    ]
    reports_known = rows_known(known.get("report"), "report_ref", came)
    ignored_known = rows_known(known.get("ignored"), "report_ref", came)
    for ref, history in sorted(histories(came, reports_known, ignored_known, mentions).items()):
        _fold_report(history, taken[ref], ignored[ref], night, changes)


def _judged(landed: Tables, night: Night) -> Iterable[Taken | Ignored | list[Stopped]]:
    version = itemgetter("report_ref", "version")
    subjects = grouped(plain_rows(landed["landed_subject"]), version)
    for report in plain_rows(landed["landed_report"]):
        yield reports.judge(report, subjects[version(report)], night)


def _fold_report(history: History, taken: list[Taken], ignored: list[Ignored], night: Night, changes: Changes) -> None:
    before = replace(history)
    key = (INTELLIGENCE.name, history.ref)
    if history.report is not None:
        changes.mend(key, history.report["version"] - 1)
    for passed_over in ignored:
        history.ignore(passed_over, night)
        if passed_over.reason_code not in MARKINGS_REFUSED:  # nothing is left to be mended
            changes.mend(key, passed_over.version)
    for version in sorted(taken, key=lambda one: one.version):
        if history.take(version, night):
            changes.taken += 1
            changes.stopped += version.stopped
            changes.mend(key, version.version)
        else:
            changes.overtaken += 1
    history.end(night)
    changes.ignored += len(ignored)
    changes.put("report", history.report, before.report)
    changes.put("ignored", history.ignored, before.ignored)
    for mention_key, one in history.people.items():
        if isinstance(one, Mentioned):
            changes.mentioned[mention_key] = one
        else:
            changes.put("mention", one, before.people.get(mention_key))


def _markings_refused(landed: Tables, night: Night) -> Iterable[Ignored]:
    """Versions refused unread: a report whose marking was raised supports nothing here any more.

    Their own stamps were not read either; that of the last moment that the night knows stands for it.
    """
    last = night.site.midnight(night.as_of) - timedelta(seconds=1)
    for row in plain_rows(landed["landed_refusal"]):
        if row["reason_code"] in MARKINGS_REFUSED and row["version"] is not None:
            yield Ignored(row["record_key"], row["version"], last, row["reason_code"], row["landed_on"])


def _fold_feed(rows: list[Row], feed: Feed, known: Tables, night: Night, changes: Changes) -> None:
    """Put the latest good record of each key in place, unless a later file's record is there already."""
    keys = {f"{feed.prefix}:{row['record_key']}" for row in rows}
    current = {row["record_ref"]: row for row in rows_known(known.get("mention"), "mention_key", keys)}
    for ref, mention in current.items():
        changes.mend((mention["source"], ref), mention["version"] - 1)
    (key,) = contract(feed.table).key
    placed: dict[str, Row] = {}
    for row in sorted(rows, key=lambda row: (row["stamp"], row["landed_on"], row["file_sha256"])):
        outcome = feeds.judge(row, feed, night)
        if not isinstance(outcome, Taken):
            changes.stopped += outcome
        elif outcome.record_ref in current and outcome.version < current[outcome.record_ref]["version"]:
            changes.overtaken += 1
        else:
            _take(outcome, current.get(outcome.record_ref), changes)
            placed[outcome.row[key]] = outcome.row
    changes.rows[feed.table] += placed.values()


def _take(taken: Taken, current: Row | None, changes: Changes) -> None:
    """Take a record in with whom it names; one that names nobody is about a child whom it refers to."""
    changes.taken += 1
    changes.mend((taken.source, taken.record_ref), taken.version)
    for person in taken.mentioned:
        key = person.head["mention_key"]
        earlier = current or (changes.mentioned[key].head if key in changes.mentioned else None)
        changes.mentioned[key] = person.known_since(earlier) if earlier else person


def _fold_lines(rows: list[Row], changes: Changes) -> None:
    for row in rows:
        kind, _ = code_of(row["kind"], "line", "kind")
        if kind is None:
            changes.stopped.append(Stopped("county_line", row["line_ref"], None, "LINE_KIND_UNKNOWN"))
            continue
        kept = ("line_name", "deal_number", "owner_force", "status")
        changes.mend(("county_line", row["line_ref"]), 0)
        changes.rows["line"].append(
            {"line_ref": row["line_ref"], "kind": kind} | {name: tidy(row[name]) for name in kept}
        )


def _fold_decisions(rows: list[Row], night: Night, changes: Changes) -> None:
    for landed in rows:
        decision = decisions.read(landed, night)
        code = decisions.refused_for(decision, night)
        if code:
            changes.rows["refusal"].append(Refused(decision, code, decisions.REFUSALS[code]).row(night.as_of))
        else:
            changes.rows["decision"].append(decision)


def _mention_rows(mentioned: dict[str, Mentioned], night: Night) -> list[Row]:
    """Rows of `mention` for the people of tonight's records, in comparable form."""
    if not mentioned:
        return []
    raw = pd.DataFrame([one.person for one in mentioned.values()], dtype=object)
    people = comparable(raw, night.as_of, night.site.places)
    read = [dict(zip(people.columns, row, strict=True)) for row in people.itertuples(index=False, name=None)]
    return [
        person | one.head | {"warnings": sorted({*person["warnings"], *one.head["warnings"]})}
        for person, one in zip(read, mentioned.values(), strict=True)
    ]


def _quarantine(landed: Tables, known: Tables, changes: Changes, as_of: date) -> pa.Table:
    files = {str(name) for feed in FEEDS.values() for name in landed[feed.landed]["file_name"].to_pylist()}
    before = plain_rows(known["quarantine"]) if "quarantine" in known else []
    refused = plain_rows(landed["landed_refusal"])
    rows = quarantined(before, changes.stopped, refused, changes.mended, files, as_of)
    return contract("quarantine").table_of(rows)


def _counts(changes: Changes, made: Tables, as_of: date) -> dict[str, int]:
    quarantine = plain_rows(made["quarantine"])
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
