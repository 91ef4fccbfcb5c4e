"""What does a front door need to know of the referral itself: is it new, what changed, how urgent, who was asked?

A record of a child whom the force kept before this tracker, in the first file to a recipient, is a baseline and no new
referral. Consent is what an officer recorded for this child, and nothing where nobody did.
"""

from collections.abc import Mapping
from typing import Any

from transforms.export.document import words
from transforms.export.exporter import Drop
from transforms.export.holdings import Operation

FOLLOW = "The officer's own words follow; until then ask the team at the head of this file."
NOT_ASKED = "Not recorded: ask the team before you speak to the family."
COUNTED = {"report_count": "report", "missing_count": "missing episode", "rail_count": "report from the railway"}
SILENT = (
    *("accuracy", "age", "chronology", "missing", "missing_now", "rail_dates", "seen_areas", "links", "repeats"),
    *("first_reported_on", "last_reported_on", "concern_on", "concern_urgency", "lead_officer", "consent_on"),
    *("return_interviews", "education_on"),
)


def referral(drop: Drop, one: Operation) -> dict[str, Any]:
    """The group `referral` of a record that is told."""
    content = one.record.content
    consent = {"consent": content.get("consent"), "parents": content.get("parents")}
    return {
        "kind": kind_of(drop, one),
        "what_changed": changed(one.before, content) if one.before is not None else None,
        **({"former_ref": one.former_ref} if one.former_ref else {}),
        "urgency": content.get("concern_urgency"),
        "words": None if content.get("concern") else FOLLOW,
        **({name: value or NOT_ASKED for name, value in consent.items()} if "consent" in content else {}),
    }


def kind_of(drop: Drop, one: Operation) -> str:
    """BASELINE, REFERRAL or UPDATE."""
    if one.before is not None:
        return "UPDATE"
    is_first = not drop.previous_file
    return "BASELINE" if is_first and one.record.content.get("is_taken_over") else "REFERRAL"


def changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """What is new since the last file, in a sentence; most pressing first."""
    found = [*_missing(before, now)]
    if now.get("concern") and before.get("concern") != now["concern"]:
        found.append("the officer's words are new")
    for name, what in COUNTED.items():
        more = (now.get(name) or 0) - (before.get(name) or 0)
        if more > 0:
            found.append(f"{more} more {what}{'s' if more > 1 else ''}")
    found += [_value(name, now[name]) for name in now if name in before and _is_named(name, before[name], now[name])]
    return f"Since the last file: {'; '.join(found)}." if found else "Nothing that is told in words; sent again."


def _missing(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    if now.get("is_missing") and not before.get("is_missing"):
        return ["the child is missing now"]
    return ["the child has come back"] if before.get("is_missing") and not now.get("is_missing") else []


def _is_named(name: str, before: Any, now: Any) -> bool:
    return before != now and name not in {*COUNTED, *SILENT, "is_missing", "concern"}


def _value(name: str, value: Any) -> str:
    if isinstance(value, str | int) and not isinstance(value, bool) and name in ("rag", "status", "visited_on", "age"):
        return f"{words(name).lower() if name != 'rag' else 'rating'} {value}"
    return (
        f"{words(name)[:1].lower()}{words(name)[1:]} {'changed' if value not in (None, [], '') else 'no longer told'}"
    )
