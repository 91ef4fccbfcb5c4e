"""pull: what came since the last night?

Fetches flagged intelligence, partners' files, people's decisions and, the first time, the opening tracker. What was
landed before is fetched again only where it landed with a defect. A source that is down, or is not what it was, fails
the night here, before anything was done.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from connectors.endpoints import EndpointError
from connectors.register import answers
from connectors.sources import feeds, inbox, intelligence
from connectors.sources.database import SourceError
from connectors.sources.inbox import InboxFile
from connectors.sources.refusals import Refusal
from connectors.store import sealed
from expectations.contracts import contract
from expectations.plain import Row
from expectations.volume import is_overdue
from night import erased, landed
from night.belongs import expect_source_of_site, write_down
from night.may_run import may_run
from night.run import Counts, Run
from night.signing import passphrase_of

INTELLIGENCE_TABLES = {
    "intelligence_report": "landed_report",
    "report_subject": "landed_subject",
    "county_line": "landed_line",
}
FROM_FILE = "file"  # the origin of a decision
DECISION = feeds.FeedForm("decision_id", [name for name in answers.DECISION_COLUMNS if name != "origin"])


@may_run("pull")
def pull(run: Run) -> Counts:
    """Fetch what is new; once the night has landed its data, nothing more is fetched for it.

    Seals the files themselves and the tables `landed_report`, `landed_subject`, `landed_line`, `landed_decision`,
    `pulled_file`, `landed_refusal` and `landed_key`; their columns are in their contracts. Counts: `reports`,
    `subjects`, `files`, `decisions`, `refused`, and of the source's versions `in_source`, `not_flagged` and
    `not_authorised`. SourceError where a source is not as agreed, NotOurs where it is another force's.
    """
    if run.folder.is_sealed("land"):
        return sealed.counts(run.folder, "pull")
    writer = run.writer("pull")
    before = landed.keys_before(run, date.max)
    found = intelligence.read(
        run.connection("intelligence_db"), wanted(run), landed.earlier(run, before), source_columns()
    )
    expect_source_of_site(run, found.reports)
    found = _without_erased(run, found)
    known = landed.files(before)
    taken, refused_files = _files(run, known, writer.folder / "files")
    decided, refused_decisions = _decisions(
        run, {(r["record_key"], r["version"]) for r in before if r["source"] == landed.DECISION}
    )
    refused = _refusals(run, found) + refused_files + refused_decisions + _overdue(run, known, taken)
    stamps = _stamps(run, found.reports)
    writer.table("landed_report", _enveloped(run, "landed_report", found.reports, stamps))
    writer.table("landed_subject", _enveloped(run, "landed_subject", found.subjects, stamps))
    writer.table("landed_line", contract("landed_line").table_of([{**r, "landed_on": run.as_of} for r in found.lines]))
    writer.table("landed_decision", contract("landed_decision").table_of(decided))
    writer.table("pulled_file", contract("pulled_file").table_of([_file_row(run, file) for file in taken]))
    writer.table("landed_refusal", contract("landed_refusal").table_of(refused))
    writer.table("landed_key", contract("landed_key").table_of(_keys(run, found, taken, decided)))
    counts = {
        "reports": len(found.reports),
        "subjects": len(found.subjects),
        "files": len(taken),
        "decisions": len(decided),
        "refused": len(refused),
        "in_source": found.in_source,
        "not_flagged": found.not_flagged,
        "not_authorised": found.not_authorised,
    }
    write_down(run)
    return writer.seal(counts, replaceable=True)


def cut_off(run: Run) -> datetime:
    """The first moment that the night does not know: its date, 00:00 local time."""
    return run.site.midnight(run.as_of)


def wanted(run: Run) -> intelligence.Wanted:
    """What is asked of the intelligence database, by the site's settings."""
    site = run.site
    may_shrink = run.as_of in site.shrinking_accepted_on
    excused = (site.absent_columns, newer_columns())
    return intelligence.Wanted(site.flag, site.markings, cut_off(run), site.source_timezone, *excused, may_shrink)


def newer_columns() -> frozenset[str]:
    """Columns of the intelligence tables that a source of the inbound contract's version 1 does not have."""
    return frozenset(one.name for table in INTELLIGENCE_TABLES.values() for one in contract(table).columns if one.newer)


def source_columns() -> dict[str, list[str]]:
    """Columns of the intelligence tables, as the landed tables' contracts have them, without our own."""
    return {
        name: [column for column in contract(landed).names if column not in intelligence.ENVELOPE]
        for name, landed in INTELLIGENCE_TABLES.items()
    }


def _decisions(run: Run, before: set[tuple[str, str]]) -> tuple[list[Row], list[Row]]:
    """Decisions of the file and of the screen that are stamped before the cut-off and new; and refusals."""
    given, refused = decisions_given(run, cut_off(run))
    known = {decision_id for decision_id, _ in before}
    taken: dict[str, dict[str, Any]] = {}
    for row in given:
        decision_id = row["decision_id"]
        try:
            decided_at = intelligence.stamp(str(row["decided_at"]), run.site.source_timezone)
        except ValueError:
            refused.append(refusal(run, "decisions", Refusal(decision_id, "DECISION_STAMP_UNREADABLE")))
            continue
        if decided_at >= cut_off(run) or (decision_id, version_of(row)) in before:
            continue
        if decision_id not in known and decision_id not in taken:
            taken[decision_id] = {**row, "decided_at": decided_at, "landed_on": run.as_of}
        elif decision_id not in taken or version_of(taken[decision_id]) != version_of(row):
            refused.append(refusal(run, "decisions", Refusal(decision_id, "DECISION_CHANGED")))
    return erased.of(run.home).without(list(taken.values()), landed.DECISION), refused


def _without_erased(run: Run, found: intelligence.Intelligence) -> intelligence.Intelligence:
    """What came but the records of somebody who was erased, as they were then; a later version of one is news.

    A report that names others too comes without its words, which may be about either.
    """
    gone = erased.of(run.home)
    if not gone.erasures:
        return found
    subjects = gone.without(found.subjects, landed.INTELLIGENCE)
    named = {_version(row) for row in subjects}
    untouched = {_version(row) for row in gone.without(found.reports, landed.INTELLIGENCE)}
    silent = dict.fromkeys(("title", "text"))
    reports = [row if _version(row) in untouched else {**row, **silent} for row in found.reports]
    reports = [row for row in reports if _version(row) in untouched | named]
    kept = {_version(row) for row in reports}
    return replace(
        found, reports=reports, subjects=subjects, landed={k: v for k, v in found.landed.items() if k in kept}
    )


def _version(row: dict[str, Any]) -> tuple[str, str]:
    return row["report_ref"], row["version"]


def version_of(decision: dict[str, Any]) -> str:
    """What tells one content of a decision from another: a hash of all that the person gave."""
    given = [decision.get(name) or "" for name in DECISION.columns if name not in ("decision_id", "decided_at")]
    return hashlib.sha256("\x1f".join(map(str, given)).encode()).hexdigest()


def decisions_given(run: Run, before: datetime) -> tuple[list[Row], list[Row]]:
    """The rows of the decisions file as it is now, then those of the screens before a moment; and refusals."""
    screens = [{**row, "origin": row["origin"] or "screen"} for row in answers.decisions_before(run.register, before)]
    path = _path_of(run, "decisions")
    if path is None:
        return screens, []
    content = feeds.read(_named("decisions", path), path.read_bytes(), DECISION)
    rows = [{**row, "origin": FROM_FILE} for row in content.rows]
    return rows + screens, [refusal(run, "decisions", one) for one in content.refused]


def _stamps(run: Run, reports: list[Row]) -> dict[tuple[str, str], datetime]:
    zone = run.site.source_timezone
    return {(row["report_ref"], row["version"]): intelligence.stamp(row["updated_at"], zone) for row in reports}


def _enveloped(run: Run, table: str, rows: list[Row], stamps: dict[tuple[str, str], datetime]) -> pa.Table:
    return contract(table).table_of(
        [
            {
                **row,
                "record_key": row["report_ref"],
                "source": "intelligence",
                "stamp": stamps[row["report_ref"], row["version"]],
                "landed_on": run.as_of,
            }
            for row in rows
        ]
    )


def _refusals(run: Run, found: intelligence.Intelligence) -> list[Row]:
    signals = [Refusal(key, code) for key, code in found.signals]
    return [refusal(run, landed.INTELLIGENCE, one) for one in sorted({*found.refused, *signals})]


def refusal(run: Run, source: str, refused: Refusal) -> dict[str, Any]:
    """A row of `landed_refusal`."""
    return {
        "source": source,
        "record_key": refused.key,
        "version": int(refused.version) if re.fullmatch(r"[0-9]{1,9}", refused.version) else None,
        "reason_code": refused.code,
        "reason": " ".join(filter(None, (REASONS[refused.code], refused.detail))),
        "landed_on": run.as_of,
    }


def _keys(run: Run, found: intelligence.Intelligence, taken: list[InboxFile], decided: list[Row]) -> list[Row]:
    """Rows of `landed_key`: what is landed tonight, and of a file what it came as."""
    rows = [
        {
            "source": landed.INTELLIGENCE,
            "record_key": ref,
            "version": version,
            "subjects": one.subjects,
            "content": one.content,
            "lacking": list(one.lacking),
        }
        for (ref, version), one in found.landed.items()
    ]
    for file in taken:
        name = f"{_kind(file)}/{file.name}"
        rows.append({"source": landed.FILE, "record_key": name, "version": file.sha256})
        if file.encrypted_sha256:
            name, digest = name + inbox.ENCRYPTED, file.encrypted_sha256
            rows.append({"source": landed.FILE, "record_key": name, "version": digest})
        rows[-1]["seen"] = file.seen
    rows += [
        {"source": landed.DECISION, "record_key": row["decision_id"], "version": version_of(row)} for row in decided
    ]
    return [{**row, "landed_on": run.as_of} for row in rows]


def _files(run: Run, known: dict[str, inbox.Seen], into: Path) -> tuple[list[InboxFile], list[Row]]:
    """The files that came, the opening tracker among them; and refusals."""
    into.mkdir()
    taken, refused = inbox.fetch(
        run.connection("partner_inbox"), known, into, run.as_of, run.home.keyring, passphrase=passphrase_of(run)
    )
    taken += _opening(run, known, into)
    return taken, [refusal(run, "inbox", Refusal(key, code)) for key, code in refused]


def _opening(run: Run, known: dict[str, inbox.Seen], into: Path) -> list[InboxFile]:
    path = _path_of(run, "opening_tracker")
    if path is None:
        return []
    name, content = _named("opening_tracker", path), path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if landed.OPENING in known and known[landed.OPENING].sha256 == digest:
        return []
    (into / digest).write_bytes(content)
    return [InboxFile(name, digest, len(content), into / digest)]


def _named(connection: str, path: Path) -> str:
    """The name of a file of ours in refusals: its own may say anything."""
    return f"{connection}{path.suffix.lower()}"


def _overdue(run: Run, known: Iterable[str], taken: list[InboxFile]) -> list[Row]:
    """A signal for each feed that usually comes, by its own rhythm, and did not."""
    names = [*known, *(file.name for file in taken)]
    late = [feed for feed, days in landed.days_of_feeds(names).items() if is_overdue(days, run.as_of)]
    return [refusal(run, feed, Refusal(feed, "FEED_OVERDUE")) for feed in sorted(late)]


def _path_of(run: Run, connection: str) -> Path | None:
    try:
        path = run.connection(connection).path
    except EndpointError:
        return None
    if not path.is_file():
        raise SourceError(f"Connection {connection}: there is no file at the path it names.")
    return path


def _kind(file: InboxFile) -> str:
    found = feeds.feed_of(file.name)
    return found[0] if found else landed.OPENING


def _file_row(run: Run, file: InboxFile) -> dict[str, Any]:
    """A row of `pulled_file`; a file of a day holds what was known before it, so its stamp is the second before."""
    _, day = feeds.feed_of(file.name) or ("", run.as_of)
    stamp = run.site.midnight(day) - timedelta(seconds=1)
    return {
        "kind": _kind(file),
        "file_name": file.name,
        "file_sha256": file.sha256,
        "signed_by": file.signed_by or None,
        "stamp": stamp,
    }


REASONS = {
    **feeds.REASONS,
    **inbox.REASONS,
    **intelligence.REASONS,
    "FEED_OVERDUE": "The feed usually comes more often than this, and has not come: ask the sender.",
    "DECISION_STAMP_UNREADABLE": "The decision's decided_at is not a timestamp with an offset: correct the row.",
    "DECISION_CHANGED": "A decision with this id was landed with other content: give the correction an id of its own.",
}
