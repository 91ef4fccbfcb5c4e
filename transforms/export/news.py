"""What is new of a record since its reader read of it last?

A few words of it for the head of a page, a sentence for a file, and the rows of a table that shows what changed and
nothing else: nobody looks for one new line in four pages that they have already.
"""

from collections.abc import Collection, Mapping
from typing import Any

from transforms.export.document import text, words
from transforms.export.meanings import readable

COUNTED = {"report_count": "report", "missing_count": "missing episode", "rail_count": "report from the railway"}
SILENT = (
    *("accuracy", "age", "chronology", "missing", "missing_now", "rail_dates", "seen_areas", "links", "repeats"),
    *("first_reported_on", "last_reported_on", "concern_on", "concern_urgency", "lead_officer", "consent_on"),
    *("return_interviews", "education_on", "report_refs"),
)


def changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """What is new since the last file, in a sentence; most pressing first."""
    found = news(before, now)
    return f"Since the last file: {'; '.join(found)}." if found else "Nothing that is told in words; sent again."


def news(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What is new of a record, in a few words each; most pressing first."""
    found = [*_missing(before, now)]
    if now.get("concern") and before.get("concern") != now["concern"]:
        found.append("the officer's words are new")
    for name, what in COUNTED.items():
        more = (now.get(name) or 0) - (before.get(name) or 0)
        if more > 0:
            found.append(f"{more} more {what}{'s' if more > 1 else ''}")
    return found + [
        _value(name, now[name]) for name in now if name in before and _is_named(name, before[name], now[name])
    ]


def _missing(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    if now.get("is_missing") and not before.get("is_missing"):
        return ["the child is missing now"]
    return ["the child has come back"] if before.get("is_missing") and not now.get("is_missing") else []


def _is_named(name: str, before: Any, now: Any) -> bool:
    return before != now and name not in {*COUNTED, *SILENT, "is_missing", "concern"}


def _value(name: str, value: Any) -> str:
    if isinstance(value, str | int) and not isinstance(value, bool) and name in ("rag", "status", "visited_on", "age"):
        return f"{words(name).lower() if name != 'rag' else 'rating'} {readable(name, value)}"
    return (
        f"{words(name)[:1].lower()}{words(name)[1:]} {'changed' if value not in (None, [], '') else 'no longer told'}"
    )


def differences(
    before: Mapping[str, Any], now: Mapping[str, Any], shown: Collection[str] = ()
) -> list[tuple[str, Any]]:
    """The fields that read differently now, each with what it says: of a list what is new in it and what is gone.

    `shown` are fields that stand elsewhere beside it.
    """
    names = [*(name for name in now if name != "accuracy" and name not in shown), "accuracy"]
    found = ((name, _from_to(name, before.get(name), now.get(name))) for name in names)
    return [(name, change) for name, change in found if change]


def _from_to(name: str, was: Any, becomes: Any) -> Any:
    """What a field says now, beside what it said; nothing where it reads the same."""
    earlier, says = readable(name, was), readable(name, becomes)
    if isinstance(says, list) or isinstance(earlier, list):
        gone = [f"no longer: {readable(name, [one])[0]}" for one in _gone(was, becomes)]
        return [*(item for item in says or () if item not in (earlier or ())), *gone]
    if text(earlier) == text(says):
        return ""
    aside = f" (before: {text(earlier)})" if text(earlier) else ""
    return f"{text(says) or 'no longer told'}{aside}"


def _gone(was: Any, becomes: Any) -> list[Any]:
    """Items of a list that are in it no more, by their reference where they have one."""
    there = [_key(one) for one in becomes or ()]
    return [one for one in was or () if _key(one) not in there] if isinstance(was, list) else []


def _key(item: Any) -> Any:
    return item.get("ref", item) if isinstance(item, Mapping) else item
