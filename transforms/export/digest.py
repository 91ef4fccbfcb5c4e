"""What do people read of a recipient's files: the week's changes on one day, and on any other night what cannot wait?

A system takes every night's file. Whoever opens a readable one gets at most one a week, in which each record stands
against what they read last, but for what is urgent: somebody new, a child who is missing or back, words that say so, a
new role, a decision of the competent authority. What is urgent is read that morning, and is not told twice. A new
reference of a child whom they know waits for the week.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from transforms.export.entitled import Entitlement
from transforms.export.holdings import Held, Operation, Settled, held_as
from transforms.export.records import Record

READABLE = ("html", "xlsx", "csv")
AT_ONCE = ("is_missing", "missing_now", "hears_as", "nrm_outcome")  # fields whose change is urgent
QUIET = ("age", "accuracy")  # fields whose change alone nobody is asked to read
PRESSING = ("IMMEDIATE", "SOON")
URGENT, WEEK = "URGENT", "WEEK"
SAYS = {
    URGENT: "What cannot wait. Everything else that changed comes once a week.",
    WEEK: "The week: whoever changed since you read of them last. In between you only get what cannot wait.",
}


def for_readers(due: Entitlement, settled: Settled, held: Mapping[str, Held], *, is_day: bool) -> list[Operation]:
    """The operations of tonight's readable file: what is urgent, and on the week's day everything not read yet."""
    tonight = [_as_read(one, held) for one in settled.operations]
    waiting = {} if is_day else {one.former_ref for one in tonight if one.former_ref and not is_urgent(one)}
    urgent = [
        one for one in tonight if (is_urgent(one) and one.record.ref not in waiting) or (is_day and one.former_ref)
    ]
    if not is_day:
        return urgent
    shown = {one.record.ref for one in urgent}
    unshown = {ref: mine for ref, mine in held.items() if ref in settled.after and ref not in shown}
    rest = (one for _, mine in sorted(unshown.items()) for one in _of_the_week(due, settled, mine))
    return sorted([*urgent, *rest], key=lambda one: one.record.ref)


def is_urgent(one: Operation) -> bool:
    """True of what people are told the same night; a new reference of a child whom they know is nothing urgent."""
    if one.operation == "UPDATE" or one.former_ref:
        return _presses(one.before or {}, one.record.content)
    return one.operation in ("CREATE", "DELETE")


def is_pressing(due: Entitlement, held: Mapping[str, Held]) -> bool:
    """True where a list has to go out before its day."""
    known = ((held_as(held, one), one) for one in due.records.values())
    return any(_presses(mine.record.content if mine else {}, one.content) for mine, one in known)


def _presses(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    says_so = now.get("concern") != before.get("concern") and now.get("concern_urgency") in PRESSING
    return says_so or any((before.get(name) or None) != (now.get(name) or None) for name in AT_ONCE)


def read_of(mine: Held) -> Mapping[str, Any]:
    """What people read last of a record that is held."""
    return mine.record.content if mine.read is None else mine.read


def unread(settled: Settled, ref: str, mine: Held | None, is_read: bool) -> Mapping[str, Any] | None:
    """What people have read of a record that says something else by now, or has ended; None where they read it all."""
    if mine is None or is_read:
        return None
    has_ended = ref in settled.ended and (mine.read is not None or mine.ended == ("", ""))
    before = read_of(mine)
    return before if has_ended or settled.after[ref].content != before else None


def read_by(ref: str, mine: Held | None, is_read: bool) -> str:
    """The reference by which people know a record that has another one by now; empty where they know that."""
    if mine is None or is_read:
        return ""
    return mine.read_ref or (mine.record.ref if mine.record.ref != ref else "")


def _as_read(one: Operation, held: Mapping[str, Held]) -> Operation:
    """An operation on a record that people know beside what they read of it, and by which reference."""
    mine = held.get(one.former_ref or one.record.ref)
    if mine is None or not (one.operation == "UPDATE" or one.former_ref):
        return one
    return replace(one, before=read_of(mine), former_ref=mine.read_ref or one.former_ref)


def _of_the_week(due: Entitlement, settled: Settled, mine: Held) -> list[Operation]:
    ref = mine.record.ref
    before, record = unread(settled, ref, mine, is_read=False), settled.after[ref]
    if before is not None and ref in settled.ended:
        ending = due.ended[ref].ending if ref in due.ended else settled.ended[ref]
        return [Operation("ENDED", record, mine.record.sha256, mine.last_file, ending)]
    if mine.read_ref:
        return _renamed(mine, record)
    if before is None or all(before.get(name) == value for name, value in record.content.items() if name not in QUIET):
        return []
    return [Operation("UPDATE", record, mine.record.sha256, mine.last_file, before=before)]


def _renamed(mine: Held, record: Record) -> list[Operation]:
    """The reference that people know, and the one that stands instead."""
    known = replace(record, ref=mine.read_ref)
    return [
        Operation("DELETE", known, mine.record.sha256, mine.last_file, merged_into=record.ref),
        Operation("CREATE", record, last_file=mine.last_file, before=read_of(mine), former_ref=mine.read_ref),
    ]
