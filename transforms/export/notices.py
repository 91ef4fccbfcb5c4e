"""The correction notices of one night for one recipient: what to rectify, erase or restrict, and by when to say so.

They go out at once, whatever the schedule, and hold no more than is needed: the record's reference, and for a
rectification the right values (DPA 2018 s.38(5)(c)).
"""

from typing import Any

from expectations.plain import Row
from transforms.export.document import Document, as_json, as_sheet
from transforms.export.exporter import Drop, first_sentences
from transforms.export.holdings import Notice
from transforms.export.meanings import readable

SCHEMA = "correction_notices"
HEADINGS = {  # of what a notice asks for, before the name or the reference
    "RECTIFY": "Correct",
    "ERASE": "Erase",
    "RESTRICT": "Restrict",
    "HISTORIC": "Keep as history",
    "UPDATE": "Please note",
}


def notices_documents(drop: Drop, notices: list[Notice]) -> list[Document]:
    """The notices as JSON and as a readable sheet; none where there is nothing to correct."""
    if not notices:
        return []
    refs = tuple(sorted({ref for notice in notices for ref in (notice.ref, notice.merged_into) if ref}))
    head = {name: value for name, value in drop.about().items() if name not in ("kind", "previous_sha256")}
    rows = [_row(notice) for notice in notices]
    data = as_json({"schema": SCHEMA, "version": "1.0", **head, "notices": rows})
    readable = _sheet(drop, rows)
    return [
        Document("corrections", "json", data, "NOTICE", refs),
        Document("corrections", "html", readable, "NOTICE", refs),
    ]


def _row(notice: Notice) -> dict[str, Any]:
    return {
        "notice_id": notice.notice_id,
        "record_ref": notice.ref,
        "name": notice.name,
        "kind": notice.kind,
        "action_requested": notice.action,
        "reason": notice.says,
        "files_affected": list(notice.files),
        "correct_values": dict(notice.values),
        "merged_into": notice.merged_into,
        "issued_on": notice.issued_on.isoformat(),
        "ack_due": notice.ack_due.isoformat(),
    }


def _sheet(drop: Drop, rows: list[Row]) -> bytes:
    shown = ("record_ref", "reason", "merged_into", "files_affected", "issued_on", "ack_due")
    records = [
        {
            "heading": f"{HEADINGS[row['action_requested']]} {row['name'] or row['record_ref']}",
            "tables": [
                ("notice", [(name, row[name]) for name in ("notice_id", *shown) if row[name]]),
                *([("correct values", _values(row))] if row["correct_values"] else []),
            ],
        }
        for row in rows
    ]
    do = "Do as each notice asks, tell those to whom you passed the record, and acknowledge this file"
    lead = [*first_sentences(drop), f"{do} by {min(row['ack_due'] for row in rows)}."]
    about = [("Recipient", drop.recipient.title), ("As of", drop.as_of.isoformat())]
    return as_sheet("Correction notices", drop.recipient.marking, lead, records, about)


def _values(row: dict[str, Any]) -> list[tuple[str, Any]]:
    values = sorted(row["correct_values"].items(), key=lambda value: value[0] == "accuracy")  # how it is known is last
    return [(name, readable(name, value)) for name, value in values]
