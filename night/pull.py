"""pull: what came since the last night?

Fetches flagged intelligence, partners' files, people's decisions and, the first time, the opening tracker. What was
landed before is not fetched again. A source that is down fails the night here, before anything was done.
"""

import hashlib
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from connectors.endpoints import Endpoint, EndpointError
from connectors.register import answers
from connectors.sources import feeds, inbox, intelligence
from connectors.store import sealed
from connectors.store.paths import PUBLISHING_STAGE
from expectations.contracts import contract
from night.may_run import may_run
from night.run import Counts, Run

INTELLIGENCE_TABLES = {
    "intelligence_report": "landed_report",
    "report_subject": "landed_subject",
    "county_line": "landed_line",
}
DECISION = feeds.FeedForm(
    "decision_id", [name for name in contract("landed_decision").names if name not in ("origin", "landed_on")]
)


@may_run("pull")
def pull(run: Run) -> Counts:
    """Fetch what is new; once the night has landed its data, nothing more is fetched for it."""
    if run.folder.is_sealed("land"):
        return sealed.counts(run.folder, "pull")
    writer = run.writer("pull")
    landed = landed_before(run)
    found = intelligence.read(
        run.endpoint("intelligence_db"),
        intelligence.Wanted(run.site.flag, run.site.markings, cut_off(run), newer=newer_columns()),
        landed["intelligence"],
        source_columns(),
    )
    files, encrypted, refused_files = _files(run, landed["file"], writer.folder / "files")
    decided, refused_decisions = _decisions(run, landed["decision"])
    refused = _refusals(run, found) + refused_files + refused_decisions
    writer.table("landed_report", _enveloped(run, "landed_report", found.reports, _stamps(found.reports)))
    writer.table("landed_subject", _enveloped(run, "landed_subject", found.subjects, _stamps(found.reports)))
    writer.table("landed_line", contract("landed_line").table_of([{**r, "landed_on": run.as_of} for r in found.lines]))
    writer.table("landed_decision", contract("landed_decision").table_of(decided))
    writer.table("pulled_file", contract("pulled_file").table_of(files))
    writer.table("landed_refusal", contract("landed_refusal").table_of(refused))
    writer.table("landed_key", _keys(run, found, encrypted))
    counts = {
        "reports": len(found.reports),
        "subjects": len(found.subjects),
        "files": len(files),
        "decisions": len(decided),
        "refused": len(refused),
        "not_flagged": found.not_flagged,
        "not_authorised": found.not_authorised,
    }
    return writer.seal(counts, replaceable=True)


def cut_off(run: Run) -> datetime:
    """The first moment that the night does not know: its date, 00:00 local time."""
    return datetime.combine(run.as_of, time(), ZoneInfo(run.site.timezone))


def landed_before(run: Run) -> dict[str, set[tuple[str, str]]]:
    """(record_key, version) of all that other nights landed, by source; later ones too, where none was published."""
    known: dict[str, set[tuple[str, str]]] = {"intelligence": set(), "file": set(), "decision": set()}
    for table in landed_keys(run, date.max):
        for row in table.to_pylist():
            known[row["source"]].add((row["record_key"], row["version"]))
    return known


def landed_keys(run: Run, until: date) -> list[pa.Table]:
    """`landed_key` of all that nights before `until` landed, but this one: each key once.

    A night keeps those of the nights before it. Of nights that were not published each may know keys that no other one
    does, since they may have landed in another order.
    """
    published = run.previous(PUBLISHING_STAGE)
    since = published.as_of if published else date.min
    nights = [night for night in run.home.nights() if since <= night < until and night != run.as_of]
    folders = [run.home.run(night) for night in nights if run.home.run(night).is_sealed("land")]
    tables = [sealed.read(folder, "land", "landed_key") for folder in folders]
    if len(tables) < 2:
        return tables
    names = ["source", "record_key", "version"]
    first = pa.concat_tables(tables).group_by(names).aggregate([("landed_on", "min")])
    return [contract("landed_key").conform(first.rename_columns([*names, "landed_on"]))]


def newer_columns() -> frozenset[str]:
    """Columns of the intelligence tables that a source of the inbound contract's version 1 does not have."""
    return frozenset(one.name for table in INTELLIGENCE_TABLES.values() for one in contract(table).columns if one.newer)


def source_columns() -> dict[str, list[str]]:
    """Columns of the intelligence tables, as the landed tables' contracts have them, without our own."""
    return {
        name: [column for column in contract(landed).names if column not in intelligence.ENVELOPE]
        for name, landed in INTELLIGENCE_TABLES.items()
    }


def _decisions(run: Run, landed: set[tuple[str, str]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Decisions of the file and of the screen that are stamped before the cut-off and new; and refusals."""
    given, refused = _decision_file(run)
    given += [
        {**row, "origin": row.get("origin") or "screen"} for row in answers.decisions_before(run.register, cut_off(run))
    ]
    taken: dict[str, dict[str, Any]] = {}
    for row in given:
        try:
            decided_at = intelligence.stamp(str(row["decided_at"]))
        except ValueError:
            refused.append(refusal(run, "decisions", row["decision_id"], "DECISION_STAMP_UNREADABLE"))
            continue
        if decided_at < cut_off(run) and (row["decision_id"], version_of(row)) not in landed:
            if row["decision_id"] in taken.keys() | {decision_id for decision_id, _ in landed}:
                refused.append(refusal(run, "decisions", row["decision_id"], "DECISION_CHANGED"))
            else:
                taken[row["decision_id"]] = {**row, "decided_at": decided_at, "landed_on": run.as_of}
    return list(taken.values()), refused


def version_of(decision: dict[str, Any]) -> str:
    """What tells one content of a decision from another: a hash of all that the person gave."""
    given = [decision.get(name) or "" for name in DECISION.columns if name not in ("decision_id", "decided_at")]
    return hashlib.sha256("\x1f".join(map(str, given)).encode()).hexdigest()


def _decision_file(run: Run) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    path = _path_of(run, "decisions")
    if path is None:
        return [], []
    content = feeds.read(path.name, path.read_bytes(), DECISION)
    rows = [{**row, "origin": "file"} for row in content.rows]
    return rows, [refusal(run, "decisions", key, code) for key, code in content.refused]


def _stamps(reports: list[dict[str, Any]]) -> dict[tuple[str, str], datetime]:
    return {(row["report_ref"], row["version"]): intelligence.stamp(row["updated_at"]) for row in reports}


def _enveloped(run: Run, table: str, rows: list[dict[str, Any]], stamps: dict[tuple[str, str], datetime]) -> pa.Table:
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


def _refusals(run: Run, found: intelligence.Intelligence) -> list[dict[str, Any]]:
    rows = [
        {**refusal(run, "intelligence", key, code), "version": int(version) if version.isdecimal() else None}
        for key, version, code in sorted(set(found.refused))
    ]
    return rows + [refusal(run, "intelligence", key, code) for key, code in sorted(set(found.signals))]


def refusal(run: Run, source: str, key: str, code: str) -> dict[str, Any]:
    """A row of `landed_refusal`."""
    return {"source": source, "record_key": key, "reason_code": code, "reason": _sentence(code), "landed_on": run.as_of}


def _sentence(code: str) -> str:
    return {**REASONS, **inbox.REASONS}[code]


def _keys(run: Run, found: intelligence.Intelligence, encrypted: list[tuple[str, str]]) -> pa.Table:
    """What is not landed as it came and not to be fetched again: reports refused for good, files that were encrypted.

    A stamp or a key that cannot be read may be mended in its place, so it is looked at again.
    """
    keys = [("intelligence", key, version) for key, version, code in found.refused if code not in MENDED_IN_PLACE]
    keys += [("file", name, digest) for name, digest in encrypted]
    names = ("source", "record_key", "version")
    return contract("landed_key").table_of(
        [{**dict(zip(names, key, strict=True)), "landed_on": run.as_of} for key in keys]
    )


def _files(
    run: Run, landed: set[tuple[str, str]], into: Path
) -> tuple[list[dict[str, Any]], list[tuple[str, str]], list[dict[str, Any]]]:
    """Rows of `pulled_file`; (kind and name, SHA-256) of those that came encrypted; and refusals."""
    into.mkdir()
    known = {version for _, version in landed}
    taken, refused = inbox.fetch(run.endpoint("partner_inbox"), known, into, run.as_of, run.home.keyring)
    rows, encrypted = [], []
    for file in taken:
        kind, day = feeds.feed_of(file.name) or ("", run.as_of)
        rows.append(_file_row(run, kind, file.name, file.sha256, day))
        if file.encrypted_sha256:
            encrypted.append((f"{kind}/{file.name}{inbox.ENCRYPTED}", file.encrypted_sha256))
    rows.extend(_opening(run, known, into))
    return rows, encrypted, [refusal(run, "inbox", key, code) for key, code in refused]


def _opening(run: Run, known: set[str], into: Path) -> list[dict[str, Any]]:
    path = _path_of(run, "opening_tracker")
    if path is None:
        return []
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if digest in known:
        return []
    (into / digest).write_bytes(content)
    return [_file_row(run, "opening", path.name, digest, run.as_of)]


def _path_of(run: Run, connection: str) -> Path | None:
    try:
        endpoint: Endpoint = run.endpoint(connection)
    except EndpointError:
        return None
    path = Path(endpoint.extra.get("path") or endpoint.host or endpoint.schema)
    if not path.is_file():
        raise intelligence.SourceError(f"Connection {connection}: there is no file at the path it names.")
    return path


def _file_row(run: Run, kind: str, name: str, digest: str, day: date) -> dict[str, Any]:
    """A row of `pulled_file`; a file of a day holds what was known before it, so its stamp is the second before."""
    stamp = datetime.combine(day, time(), ZoneInfo(run.site.timezone)) - timedelta(seconds=1)
    return {"kind": kind, "file_name": name, "file_sha256": digest, "stamp": stamp}


MENDED_IN_PLACE = ("STAMP_UNREADABLE", "ROW_WITHOUT_KEY")
REASONS = {
    "MARKING_TOO_HIGH": "The report is marked too high and was refused unread: handle it where it is held.",
    "MARKING_MISSING": "The report has no protective marking and was refused unread: its originator has to mark it.",
    "STAMP_UNREADABLE": "The report's updated_at is not a timestamp with an offset: correct it in the record system.",
    "COLUMN_MISSING": "The source lacks a column of the inbound contract: its values are taken as not known.",
    "COLUMN_UNKNOWN": "The source has a column that the contract does not name: it was not read. Tell the engineer.",
    "ROW_WITHOUT_KEY": "The row has no key, so it cannot be told from others: the sender has to give one.",
    "ROW_HAS_TOO_MANY_VALUES": "The row has more values than the header has columns: look for a missing quote.",
    "FILE_WITHOUT_KEY_COLUMN": "The file lacks its key column: the sender has to send it in the agreed form.",
    "FILE_KIND_UNKNOWN": "The file's ending is not csv, json or xlsx.",
    "FILE_IS_NOT_CSV": "The file cannot be read as CSV: look for an unclosed quote, and ask the sender for it again.",
    "FILE_IS_NOT_JSON": "The file is not the agreed JSON: ask the sender for it again.",
    "FILE_IS_NOT_XLSX": "The file cannot be opened as a workbook: save it as XLSX again.",
    "FILE_IS_NOT_UTF8": "The file is not UTF-8 text: the sender has to save it as UTF-8.",
    "DECISION_STAMP_UNREADABLE": "The decision's decided_at is not a timestamp with an offset: correct the row.",
    "DECISION_CHANGED": "A decision with this id was landed with other content: give the correction an id of its own.",
}
