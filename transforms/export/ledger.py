"""Who has what: the rows that an export leaves behind.

`outgoing` for delivery, `disclosure` for the processing log, `held_back` and `notice` for the sergeant, `holding` and
`sequence` for the next night.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from expectations.plain import Row
from expectations.recipients import Recipient
from transforms.export.digest import READABLE, read_by, unread
from transforms.export.document import Document
from transforms.export.entitled import HeldBack
from transforms.export.exporter import Drop
from transforms.export.holdings import Held, Notice, Settled, held_as
from transforms.export.records import Record, canonical, digest
from transforms.export.release import REASONS

MANIFEST, NOTICE = "MANIFEST", "NOTICE"
KEPT_CONTENTS = 4096
Keep = Callable[[str, bytes], object]  # takes a file by its name below the stage's folder


@dataclass(frozen=True)
class File:
    """A document that is kept under the name that it leaves under; its bytes are not held any more."""

    name: str
    document: Document
    sha256: str
    size: int

    @property
    def row(self) -> dict[str, Any]:
        """As `outgoing` and the manifest name it."""
        return {
            "file": self.name,
            "sha256": self.sha256,
            "bytes": self.size,
            "records": len(self.document.refs),
            "kind": self.document.kind,
            "supersedes": self.document.supersedes or None,
        }


def kept(drop: Drop, keep: Keep, document: Document) -> File:
    """Keep a document under its name: force, recipient, night and sequence, never a person or a line."""
    stem = drop.recipient.file.format(
        recipient=drop.recipient.name,
        date=f"{drop.as_of:%Y%m%d}",
        sequence=f"{drop.sequence:06d}",
        part=document.part,
    )
    name, content = f"{drop.site.force_code}_{stem}.{document.extension}", document.content
    keep(f"{drop.recipient.name}/{name}", content)
    return File(name, replace(document, content=b""), hashlib.sha256(content).hexdigest(), len(content))


def disclosures(drop: Drop, settled: Settled, files: list[File]) -> list[Row]:
    """Rows of `disclosure`: one for each person in each file."""
    sent = {one.record.ref: one for one in (*drop.read, *drop.operations)}
    corrected = {notice.ref: notice for notice in settled.notices}
    rows = []
    for file in files:
        for ref in file.document.refs:
            if file.document.kind == NOTICE:
                disclosed = _noticed(ref, corrected, settled)
            else:
                one = sent[ref]
                fields = [] if one.operation in ("DELETE", "ENDED") else _fields_of(one.record.content)
                disclosed = {
                    "person_id": one.record.person_id,
                    "operation": one.operation,
                    "fields": fields,
                    "content_sha256": one.record.sha256,
                }
            agreed = {"recipient": drop.recipient.name, "agreement": drop.recipient.agreement.reference}
            rows.append({**agreed, "file": file.name, "record_ref": ref, **disclosed})
    return rows


def _noticed(ref: str, corrected: Mapping[str, Notice], settled: Settled) -> dict[str, Any]:
    """Of a record in a notice; one that others were merged into is sent as a whole."""
    notice = corrected.get(ref)
    values = (
        notice.values
        if notice and not notice.merged_into
        else settled.after[ref].content
        if ref in settled.after
        else {}
    )
    return {
        "person_id": notice.person_id if notice else settled.after[ref].person_id,
        "operation": NOTICE,
        "fields": _fields_of(values),
        "content_sha256": digest(canonical(values)),
    }


def _fields_of(content: Mapping[str, Any]) -> list[str]:
    return sorted(name for name, value in content.items() if value not in (None, [], {}))


def held_back(recipient: Recipient, entries: list[HeldBack]) -> list[Row]:
    """Rows of `held_back`."""
    return [held_back_row(recipient.name, entry) for entry in dict.fromkeys(entries)]


def held_back_row(recipient: str, entry: HeldBack) -> dict[str, Any]:
    """One row of `held_back`, with the reason's sentence."""
    return {
        "recipient": recipient,
        "person_id": entry.person_id,
        "field": entry.field,
        "reason_code": entry.code,
        "reason": REASONS[entry.code],
    }


class Contents(Mapping[str, Mapping[str, Any]]):
    """What the records of a recipient say by their refs, each read where somebody asks for it."""

    def __init__(self, holding: list[Row]) -> None:
        self._texts = {row["record_ref"]: row["content"] for row in holding}

    def __getitem__(self, ref: str) -> Mapping[str, Any]:
        return _content(self._texts[ref])

    def __contains__(self, ref: object) -> bool:
        return ref in self._texts

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


def held_by(rows: list[Row], now: Mapping[str, Record]) -> dict[str, Held]:
    """What a recipient holds, by record ref, from its rows of `holding`; what says the same now is that very record."""
    found = {}
    for row in rows:
        record = now.get(row["record_ref"])
        if record is None or record.person_id != row["person_id"] or not _says(record.content, row["content"]):
            record = Record(row["record_ref"], row["person_id"], _content(row["content"]))
        dates = (row["first_sent_on"], row["last_sent_on"])
        files = (row["first_file"], row["last_file"])
        ended = (row.get("ending") or "", row.get("action") or "")
        read = _content(row["read_content"]) if row.get("read_content") else None
        read_ref = row.get("read_ref") or ""
        found[record.ref] = Held(record, row["content"], *files, *dates, ended, read, read_ref)
    return found


def _says(content: Mapping[str, Any], text: str) -> bool:
    """True where a content is what a canonical text says: to read that is quicker than to write the other down too."""
    return content == _content(text) or canonical(content) == text


@lru_cache(maxsize=KEPT_CONTENTS)
def _content(text: str) -> Mapping[str, Any]:
    """What a canonical text says: most records are held for many nights, and looked at in each."""
    content: dict[str, Any] = json.loads(text)
    return content


def holding(drop: Drop, held: Mapping[str, Held], settled: Settled, files: list[File]) -> list[Row]:
    """Rows of `holding`: what the recipient holds after tonight. LedgerError where no file ever brought one of them."""
    brought = {ref: file.name for file in reversed(_first_form(drop, files)) for ref in file.document.refs}
    read_now = {ref for file in files if _is_read(file) for ref in file.document.refs} if drop.digest else settled.after
    rows = []
    for ref, record in sorted(settled.after.items()):
        mine = held_as(held, record)
        if ref in brought:
            last = (brought[ref], drop.as_of)
        elif mine:
            last = (mine.last_file, mine.last_sent_on)
        else:
            raise LedgerError(f"Recipient {drop.recipient.name} would hold {ref}, but no file brings it.")
        first = (mine.first_file, mine.first_sent_on) if mine else last
        text = mine.text if mine and mine.record is record else record.text
        read = unread(settled, ref, mine, ref in read_now)
        rows.append(
            {
                "recipient": drop.recipient.name,
                "record_ref": ref,
                "person_id": record.person_id,
                "content": text,
                "content_sha256": digest(text),
                "first_file": first[0],
                "first_sent_on": first[1],
                "last_file": last[0],
                "last_sent_on": last[1],
                "ending": settled.ended[ref].kind if ref in settled.ended else None,
                "action": settled.ended[ref].action if ref in settled.ended else None,
                "read_content": canonical(read) if read is not None else None,
                "read_ref": read_by(ref, mine, ref in read_now) or None,
            }
        )
    return rows


def _first_form(drop: Drop, files: list[File]) -> list[File]:
    """The night's files without those that say for people what others say for programs."""
    form = drop.recipient.formats[0]
    return [file for file in files if file.document.kind in (NOTICE, MANIFEST) or file.document.extension == form]


def _is_read(file: File) -> bool:
    """True of a file in which people read whole records."""
    return file.document.extension in READABLE and file.document.kind != NOTICE


class LedgerError(Exception):
    """The tables would say that a recipient holds what it never got."""


def sequence(drop: Drop, before: Mapping[str, Any] | None, number: int, files: list[File]) -> list[Row]:
    """The row of `sequence`: the number of the last night with files, and the last drop's first file."""
    if not files:
        return [{**before, "sequence": number}] if before else []
    dropped = [file for file in _first_form(drop, files) if file.document.kind not in (NOTICE, MANIFEST)]
    last = {"file": None, "sha256": None, "fallen": None, "again": None, "is_broken": None, **(before or {})}
    sent = {ref for file in dropped for ref in file.document.refs}
    is_mended = bool(dropped) and drop.is_full
    return [
        {
            "recipient": drop.recipient.name,
            "sequence": drop.sequence,
            "night": drop.as_of,
            "file": dropped[0].name if dropped else last["file"],
            "sha256": dropped[0].sha256 if dropped else last["sha256"],
            "is_full": is_mended,
            "fallen": last["fallen"],
            "again": [] if is_mended else sorted(set(last["again"] or ()) - sent),
            "is_broken": bool(last["is_broken"]) and not is_mended,
        }
    ]


def notices(drop: Drop, made: list[Notice], files: list[File]) -> list[Row]:
    """Rows of `notice`: what was asked of whom, in which file, and by when it must be acknowledged."""
    if not made:
        return []
    file = next(file.name for file in files if file.document.kind == NOTICE)
    return [
        {
            "recipient": drop.recipient.name,
            "notice_id": notice.notice_id,
            "record_ref": notice.ref,
            "person_id": notice.person_id,
            "kind": notice.kind,
            "action": notice.action,
            "issued_on": notice.issued_on,
            "ack_due": notice.ack_due,
            "file": file,
            "fields": sorted(notice.values),
        }
        for notice in made
    ]
