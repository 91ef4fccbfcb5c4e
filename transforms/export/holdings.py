"""What has a recipient to be told, so that it holds exactly what it may?

Compares what a recipient holds with what it is entitled to. A drop brings what is new and different when it is due;
a correction notice goes out at once, whatever the schedule, when something that was told is wrong or may no longer be
held (DPA 2018 s.38(5)(c)).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from expectations.recipients import Recipient
from transforms.export.entitled import Ending, Entitlement, Record, digest, is_wrong, record_ref
from transforms.export.known import Known

WORDS = {  # what a notice of each kind says to the recipient
    "CORRECTED": "Part of what you hold was wrong or no longer stands. Replace it as given; erase what has no value.",
    "WITHDRAWN": "The record no longer stands.",
    "RESTRICTED": "The record is restricted: keep it, use it for nothing, pass it to nobody.",
    "MERGED": "This record and the one named are the same child: keep one record, under the reference named.",
    "MERGE_ERROR": "The record held information of two children. Replace it as a whole with the values given.",
    "AGED_OUT": "The person has turned 18: the record is no longer that of a child.",
    "AGE_UNSETTLED": "By the date of birth known the person is 18, which is being settled: do not act on the record.",
    "REMOVED": "The child was removed from the tracker.",
    "MOVED": "The child is no longer within what is shared with you.",
}


@dataclass(frozen=True)
class Held:
    """A record as a recipient holds it, its canonical text, and the first and the last file that brought it."""

    record: Record
    text: str
    first_file: str
    last_file: str
    first_sent_on: date
    last_sent_on: date


@dataclass(frozen=True)
class Operation:
    """A record in a drop: CREATE, UPDATE or DELETE; `previous` is the hash of what the recipient holds so far."""

    operation: str
    record: Record
    previous: str = ""
    last_file: str = ""


@dataclass(frozen=True)
class Notice:
    """A correction: `values` are the right ones of the fields that were wrong, for RECTIFY only."""

    notice_id: str
    ref: str
    person_id: str
    kind: str
    action: str
    files: tuple[str, ...]
    issued_on: date
    ack_due: date
    values: Mapping[str, Any] = field(default_factory=dict)
    merged_into: str = ""


@dataclass(frozen=True)
class Settled:
    """What a night brings to one recipient, and the records that it holds afterwards."""

    operations: list[Operation]
    notices: list[Notice]
    after: dict[str, Record]


def settle(
    known: Known,
    recipient: Recipient,
    due: Entitlement,
    held: Mapping[str, Held],
    *,
    again: frozenset[str] = frozenset(),
    served_on: date | None = None,
    is_due: bool,
    is_full: bool,
) -> Settled:
    """The operations of tonight's drop, tonight's notices, and what the recipient holds then.

    `is_full`: every record is told, whether it is held already or not; else of those held the changed ones and `again`.
    """
    after: dict[str, Record] = {}
    notices = []
    split = known.split_after(served_on)
    for _, mine in sorted(held.items()):
        notice, left = _correction(known, recipient, due, mine, split)
        if notice:
            notices.append(notice)
        if left:
            after[left.ref] = left
    after |= {notice.merged_into: due.records[notice.merged_into] for notice in notices if notice.merged_into}
    if not is_due:
        return Settled([], notices, after)
    operations = _deletions(due, held) + _tellings(due, held, again, is_full=is_full)
    after = {ref: _unless_same(record, held.get(ref)) for ref, record in due.records.items()}
    return Settled(sorted(operations, key=lambda one: one.record.ref), notices, after)


def _unless_same(record: Record, mine: Held | None) -> Record:
    return mine.record if mine and mine.record.content == record.content else record


def _correction(
    known: Known, recipient: Recipient, due: Entitlement, mine: Held, split: set[str]
) -> tuple[Notice | None, Record | None]:
    """The notice that a held record needs, and what is left of it when the recipient has done as it asks."""
    record = mine.record
    if record.person_id in known.merged and record.ref not in due.records:
        return _merged(known, recipient, due, mine), None
    now = due.records.get(record.ref)
    if now is None:
        ending = due.endings.get(record.ref, Ending("WITHDRAWN", "ERASE", "NOT_IDENTIFIED"))
        return _notice(known, recipient, mine, ending.kind, ending.action), None
    if now.content == record.content:
        return None, record
    if record.person_id in split:
        return _notice(known, recipient, mine, "MERGE_ERROR", "RECTIFY", now.content), now
    wrong = [name for name, value in record.content.items() if is_wrong(name, value, now.content.get(name))]
    if not wrong:
        return None, record
    names = set(wrong) | {"accuracy"} | _resting_on(record.content, wrong)
    values = {name: now.content[name] for name in sorted(names) if name in now.content}
    put_right = replace(record, content={**record.content, **values})
    return _notice(known, recipient, mine, "CORRECTED", "RECTIFY", values), put_right


def _resting_on(content: Mapping[str, Any], wrong: list[str]) -> set[str]:
    """The age goes with the date of birth: it only ever moves on by itself."""
    return {"age"} & set(content) if {"date_of_birth", "attains_18_on", "dob_status"} & set(wrong) else set()


def _merged(known: Known, recipient: Recipient, due: Entitlement, mine: Held) -> Notice:
    """Names the record of the person that now stands; only where the recipient may hold that one."""
    category = mine.record.content["category"]
    target = due.records.get(record_ref(known.merged[mine.record.person_id], category))
    if target is None:
        return _notice(known, recipient, mine, "WITHDRAWN", "ERASE")
    return replace(_notice(known, recipient, mine, "MERGED", "RECTIFY", target.content), merged_into=target.ref)


def _notice(
    known: Known, recipient: Recipient, mine: Held, kind: str, action: str, values: Mapping[str, Any] | None = None
) -> Notice:
    key = f"{recipient.name}/{mine.record.ref}/{kind}/{known.as_of}"
    return Notice(
        notice_id=f"N-{digest(key)[:12].upper()}",
        ref=mine.record.ref,
        person_id=mine.record.person_id,
        kind=kind,
        action=action,
        files=tuple(sorted({mine.first_file, mine.last_file})),
        issued_on=known.as_of,
        ack_due=known.as_of + timedelta(days=recipient.notice_days),
        values=values or {},
    )


def _deletions(due: Entitlement, held: Mapping[str, Held]) -> list[Operation]:
    return [
        Operation("DELETE", mine.record, mine.record.sha256, mine.last_file)
        for ref, mine in held.items()
        if ref not in due.records
    ]


def _tellings(due: Entitlement, held: Mapping[str, Held], again: frozenset[str], *, is_full: bool) -> list[Operation]:
    operations = []
    for ref, record in due.records.items():
        mine = held.get(ref)
        if mine is None:
            operations.append(Operation("CREATE", record))
        elif is_full or ref in again or mine.record.content != record.content:
            operations.append(Operation("UPDATE", record, mine.record.sha256, mine.last_file))
    return operations
