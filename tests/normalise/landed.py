"""Literal landed rows for the tests of normalise: each says only what a test is about, the rest is ordinary."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa

from expectations.contracts import contract
from expectations.site import load
from transforms.normalise import LANDED, fold
from transforms.normalise.records import Night

SITE = load()
FIRST = date(2022, 3, 2)
NIGHT = Night(SITE, FIRST)


def row(table: str, **given: Any) -> dict[str, Any]:
    """A row of a contract: what is not given is not known."""
    unknown = given.keys() - set(contract(table).names)
    assert not unknown, unknown
    return dict.fromkeys(contract(table).names) | given


def envelope(source: str, key: str, came: date) -> dict[str, Any]:
    stamp = datetime(came.year, came.month, came.day, tzinfo=UTC) - timedelta(hours=6)
    return {"record_key": key, "source": source, "stamp": stamp, "landed_on": came}


def report(ref: str = "31/2022/000001", version: int = 1, came: date = FIRST, **given: Any) -> dict[str, Any]:
    """An authorised, flagged report graded 2BP."""
    ordinary = {
        **envelope("intelligence", ref, came),
        "report_ref": ref,
        "version": str(version),
        "source_force": "31",
        "status": "AUTHORISED",
        "intelligence_date": "2022-03-01",
        "created_at": "2022-03-01T09:00:00+00:00",
        "updated_at": "2022-03-01T09:00:00+00:00",
        "flags": "COUNTY LINES|DRUGS",
        "protective_marking": "OFFICIAL-SENSITIVE",
        "grade_scheme": "3X5X2",
        "grade": "2BP",
        "policing_area": "City North",
    }
    return row("landed_report", **(ordinary | given))


def subject(
    ref: str = "31/2022/000001", version: int = 1, number: int = 1, came: date = FIRST, **given: Any
) -> dict[str, Any]:
    """A child linked to a report."""
    ordinary = {
        **envelope("intelligence", ref, came),
        "report_ref": ref,
        "version": str(version),
        "subject_no": str(number),
        "role": "CHILD",
        "involvement": "LINKED",
        "given_names": "Robin",
        "surname": "Example",
        "date_of_birth": "2008-05-17",
        "dob_status": "VERIFIED",
    }
    return row("landed_subject", **(ordinary | given))


def from_file(table: str, source: str, key: str, named_for: date = FIRST, came: date = FIRST, **given: Any) -> Any:
    """A record of an inbox file named for a day."""
    stamp = datetime(named_for.year, named_for.month, named_for.day, tzinfo=UTC)
    ordinary = {
        **envelope(source, key, came),
        "stamp": stamp,
        "file_name": f"{source}_{named_for:%Y%m%d}.csv",
        "file_sha256": f"{named_for:%Y%m%d}{came:%Y%m%d}",
        "given_names": "Robin",
        "surname": "Example",
    }
    return row(table, **(ordinary | given))


def missing(key: str = "MFH-1", **given: Any) -> dict[str, Any]:
    ordinary = {"episode_ref": key, "missing_from": "2022-02-28T23:30:00+00:00"}
    return from_file("landed_missing", "missing_episodes", key, **(ordinary | given))


def btp(key: str = "BTP-1", **given: Any) -> dict[str, Any]:
    ordinary = {"report_ref": key, "reported_at": "2022-06-30T23:30:00+00:00", "grade": "2BP"}
    return from_file("landed_btp", "btp_reports", key, **(ordinary | given))


def sca(key: str = "NRM-1", **given: Any) -> dict[str, Any]:
    ordinary = {"referral_ref": key, "received_at": "2022-02-28T10:00:00+00:00", "kind": "REFERRAL"}
    return from_file("landed_sca", "sca_referrals", key, **(ordinary | given))


def panel(key: str = "PAN-1", **given: Any) -> dict[str, Any]:
    ordinary = {"outcome_ref": key, "panel": "CCEP", "held_on": "2022-02-17"}
    return from_file("landed_panel", "panel_outcomes", key, **(ordinary | given))


def opening(key: str = "P1", **given: Any) -> dict[str, Any]:
    ordinary = {"entry_ref": key, "status": "Vulnerable to County Lines", "date_added": "29/12/2021"}
    return from_file("landed_opening", "opening", key, **(ordinary | given))


def decision(action: str, came: date = FIRST, **given: Any) -> dict[str, Any]:
    ordinary = {
        "decision_id": "D1",
        "decided_at": datetime(2022, 3, 1, 14, tzinfo=UTC),
        "decided_by": "sgt.1",
        "action": action,
        "mention_key": "intel:31/2022/000001#1",
        "landed_on": came,
    }
    return row("landed_decision", **(ordinary | given))


def refusal(source: str, key: str, code: str, version: int | None = None, came: date = FIRST) -> dict[str, Any]:
    given = {"source": source, "record_key": key, "reason_code": code, "version": version, "landed_on": came}
    return row("landed_refusal", **given, reason="It was refused.")


def nights(*landed: dict[str, list[dict[str, Any]]], site: Any = SITE) -> dict[str, Any]:
    """What is known after these nights, one after the other from FIRST: rows by table and key."""
    known: dict[str, pa.Table] = {}
    for number, rows in enumerate(landed):
        tables = {table: contract(table).table_of(rows.get(table, [])) for table in LANDED}
        known, _ = fold(tables, known, site, FIRST + timedelta(days=number))
    return {table: {_key(table, one): one for one in made.to_pylist()} for table, made in known.items()}


def _key(table: str, one: dict[str, Any]) -> Any:
    key = tuple(one[name] for name in contract(table).key)
    return key[0] if len(key) == 1 else key


OURS = "CL-0123456789AB"  # a reference by which partners know somebody


def outcome(ref: str, **given: Any) -> dict[str, Any]:
    """What a front door decided on a referral of ours."""
    ordinary = {"file_name": "f.csv", "file_sha256": ref, "record_ref": OURS, "outcome": "assessment"}
    return row(
        "landed_mash_outcomes", **{**envelope("mash_outcomes", ref, FIRST), "outcome_ref": ref, **ordinary, **given}
    )
