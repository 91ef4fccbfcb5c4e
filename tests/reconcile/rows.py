"""Literal rows for the tests of reconcile: each says only what a test is about, the rest is ordinary."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from expectations.contracts import contract
from expectations.site import load
from transforms.tables import Tables

LONDON = ZoneInfo("Europe/London")
SITE = load()
FIRST = date(2022, 1, 1)


def day(text: str) -> date:
    return date.fromisoformat(text)


def at(text: str, hour: int = 14) -> datetime:
    return datetime.combine(day(text), time(hour), LONDON)


def row(table: str, **given: Any) -> dict[str, Any]:
    """A row of a contract: what is not given is not known."""
    empty: dict[str, Any] = dict.fromkeys(contract(table).names)
    unknown = given.keys() - empty.keys()
    assert not unknown, unknown
    return empty | given


def mention(key: str, tables: str = "2022-01-10", **given: Any) -> dict[str, Any]:
    """A child named, as linked, in a report known on a night."""
    source = {"intel": "intelligence", "opening": "opening", "sca": "sca_referrals", "panel": "panel_outcomes"}
    stamp = datetime.combine(day(tables) - timedelta(days=1), time(12), UTC)
    born = given.pop("born", None)
    ordinary = {
        "mention_key": key,
        "source": source.get(key.split(":")[0], "missing_episodes"),
        "record_ref": key.split(":")[1].split("#")[0],
        "version": 1,
        "stamp": stamp,
        "first_stamp": stamp,
        "recorded_on": stamp.date(),
        "first_landed_on": day(tables),
        "landed_on": day(tables),
        "withdrawn": False,
        "role": "CHILD",
        "involvement": "LINKED",
        "given_names": "Robin",
        "surname": "Example",
        "root_key": "robin",
        "given_key": "robin",
        "surname_key": "example",
        "local_authority": "CITY",
        "date_of_birth": day(born) if born else None,
        "birth_year": day(born).year if born else None,
        "dob_precision": "DAY" if born else "NONE",
        "dob_status": "VERIFIED" if born else "UNKNOWN",
    }
    return row("mention", **(ordinary | given))


def report(ref: str, grade: str = "2BP", **given: Any) -> dict[str, Any]:
    ordinary = {"report_ref": ref, "version": 1, "grade_scheme": "3X5X2", "grade": grade, "handling": grade[-1]}
    return row("report", **(ordinary | given))


def decision(number: int, action: str, key: str, on: str, **given: Any) -> dict[str, Any]:
    moment = at(on) + timedelta(seconds=number)
    ordinary = {
        "decision_id": f"D{number:05d}",
        "decided_at": moment,
        "decided_by": "sgt",
        "meeting_ref": f"CLVT-{on[:7]}",
        "action": action,
        "mention_key": key,
        "landed_on": day(on) + timedelta(days=1),
    }
    return row("decision", **(ordinary | given))


def opening(ref: str, added: str, status: str = "OPEN") -> dict[str, Any]:
    return row("opening_entry", mention_key=f"opening:{ref}", entry_ref=ref, status=status, added_on=day(added))


def tables_of(
    as_of: str, mentions: list[dict[str, Any]], persons: dict[str, str] | None = None, **tables: Any
) -> Tables:
    """What a night knows: every mention is its own person `P-…` unless `persons` says who it is."""
    persons = persons or {}
    who = [{"mention_key": m["mention_key"], "person_id": persons.get(m["mention_key"], "P-ONE")} for m in mentions]
    refs = sorted({m["record_ref"] for m in mentions if m["source"] == "intelligence"})
    tables.setdefault("report", [report(ref) for ref in refs])
    tables.setdefault("places_heard", frozenset(SITE.local_authorities))
    return Tables(as_of=day(as_of), site=SITE, mention=mentions, person=who, **tables)


def next_night(before: Tables, result: Any, as_of: str, **changed: Any) -> Tables:
    """The following night, with what the one before came to."""
    kept = {
        name: getattr(before, name)
        for name in (
            "site",
            "mention",
            "person",
            "report",
            "decision",
            "opening_entry",
            "sca_referral",
            "panel_outcome",
        )
    }
    earlier = {
        "child_before": result.child,
        "review_before": result.review,
        "refusal_before": result.refusal,
        "tracker_id_before": result.tracker_id,
    }
    return Tables(as_of=day(as_of), **(kept | earlier | changed))
