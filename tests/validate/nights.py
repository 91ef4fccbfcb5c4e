"""A small night in which every rule holds: one child on the tracker, one proposed, and one removed tonight."""

from copy import deepcopy
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa

from expectations.contracts import contract

AS_OF = date(2022, 11, 22)
BEFORE_MIDNIGHT = datetime(2022, 11, 21, 23, 59, tzinfo=UTC)
LONG_AGO = datetime(2022, 1, 4, 9, tzinfo=UTC)

CANARIES = ("Zebediah", "Quillfeather", "Ottoline", "Marchbanks", "1 Canary Wharf Lane", "NG99 9ZZ")

ADA, BEN, CAT = "P-00000000AA", "P-00000000BB", "P-00000000CC"


def mention(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "mention_key": f"intel:31/2022/{number:06d}#1",
        "source": "intelligence",
        "record_ref": f"31/2022/{number:06d}",
        "version": 1,
        "stamp": BEFORE_MIDNIGHT,
        "recorded_on": date(2022, 11, 20),
        "first_landed_on": AS_OF,
        "landed_on": AS_OF,
        "withdrawn": False,
        "role": "CHILD",
        "given_names": "Zebediah",
        "surname": "Quillfeather",
        "date_of_birth": date(2008, 2, 29),
        "dob_precision": "DAY",
        "dob_status": "VERIFIED",
        "gender": "Male",
        "postcode": "NG1 1AA",
        "outward_code": "NG1",
        "telephone": "+447700900123",
        "pnc_id": "2008/0123456A",
    } | changes


def report(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "report_ref": f"31/2022/{number:06d}",
        "version": 1,
        "source_force": "31",
        "intelligence_date": date(2022, 11, 20),
        "created_at": LONG_AGO,
        "updated_at": BEFORE_MIDNIGHT,
        "protective_marking": "OFFICIAL-SENSITIVE",
        "grade_scheme": "3X5X2",
        "grade": "1AP",
        "handling": "P",
        "landed_on": AS_OF,
    } | changes


def child(person: str, number: int, **changes: Any) -> dict[str, Any]:
    return {
        "person_id": person,
        "tracker_id": None,
        "state": "PROPOSED",
        "proposed_on": date(2022, 11, 1),
        "given_names": "Zebediah",
        "surname": f"Quillfeather-{number}",
        "date_of_birth": date(2008, 2, 29),
        "dob_status": "VERIFIED",
        "age": 14,
        "attains_18_on": date(2026, 3, 1),
        "age_presumed": False,
        "local_authority": "CITY",
        "panel": "CCEP",
        "data_subject_category": "VICTIM_OR_MAY_BE",
        "restricted": False,
        "disputed": False,
        "report_count": 1,
        "mention_keys": [f"intel:31/2022/{number:06d}#1"],
    } | changes


def rows() -> dict[str, list[dict[str, Any]]]:
    """The night's rows by table; a test changes its own copy."""
    entry = {"added_on": date(2022, 2, 1), "proposed_on": None, "status": "OPEN"}
    gone = {"removed_on": date(2022, 11, 21), "removal_reason": "NO_LONGER_AT_RISK"}
    change = {"noticed_on": AS_OF, "effective_on": date(2022, 11, 21)}
    return deepcopy(
        {
            "mention": [mention(1), mention(2), mention(3)],
            "report": [report(1), report(2), report(3)],
            "quarantine": [
                {
                    "source": "intelligence",
                    "record_key": "31/2022/000009",
                    "reason_code": "GRADE_UNREADABLE",
                    "reason": "The grade is no grade of its scheme.",
                    "first_seen_on": date(2022, 11, 1),
                }
            ],
            "decision": [
                {
                    "decision_id": "D1",
                    "decided_at": LONG_AGO,
                    "action": "RATIFY",
                    "mention_key": "intel:31/2022/000001#1",
                    "landed_on": AS_OF,
                },
                {
                    "decision_id": "D2",
                    "decided_at": BEFORE_MIDNIGHT,
                    "action": "REMOVE",
                    "mention_key": "intel:31/2022/000003#1",
                    "landed_on": AS_OF,
                },
            ],
            "person": [
                {"mention_key": f"intel:31/2022/00000{number}#1", "person_id": person}
                for number, person in ((1, ADA), (2, BEN), (3, CAT))
            ],
            "person_id": [
                {"person_id": person, "founding_mention_key": f"intel:31/2022/00000{number}#1", "minted_on": AS_OF}
                for number, person in ((1, ADA), (2, BEN), (3, CAT))
            ],
            "person_event": [],
            "child": [
                child(ADA, 1, state="OPEN", tracker_id="CLVT-000001", **entry),
                child(BEN, 2),
                child(CAT, 3, state="REMOVED", tracker_id="CLVT-000002", **entry, **gone),
            ],
            "spell": [
                {
                    "person_id": ADA,
                    "tracker_id": "CLVT-000001",
                    "number": 1,
                    "added_on": date(2022, 2, 1),
                    "added_by": "D1",
                },
                {
                    "person_id": CAT,
                    "tracker_id": "CLVT-000002",
                    "number": 1,
                    "added_on": date(2022, 2, 1),
                    "added_by": "D1",
                    "removed_by": "D2",
                    **gone,
                },
            ],
            "fact": [
                {
                    "person_id": ADA,
                    "field": "surname",
                    "value": "Quillfeather",
                    "status": "STATED",
                    "mention_key": "intel:31/2022/000001#1",
                }
            ],
            "change": [{"person_id": CAT, "kind": "REMOVED", "cause": "D2", **change}],
            "review": [
                {
                    "review_id": "R1",
                    "kind": "same_person",
                    "asked_on": AS_OF,
                    "mention_key": "intel:31/2022/000001#1",
                    "other_mention_key": "intel:31/2022/000002#1",
                    "why": "alike",
                    "is_open": True,
                }
            ],
            "action": [
                {
                    "action_id": "A1",
                    "person_id": ADA,
                    "kind": "SCA_REFERRAL",
                    "mention_key": "intel:31/2022/000001#1",
                    "raised_on": AS_OF,
                    "due_on": date(2022, 11, 27),
                }
            ],
            "forecast": [
                {
                    "person_id": BEN,
                    "attains_18_on": date(2022, 12, 2),
                    "days": 10,
                    "threshold": 30,
                    "meaning": "18 soon",
                }
            ],
            "refusal": [],
        }
    )


def before() -> list[dict[str, Any]]:
    """Table `child` of the night before: the child removed tonight was still on the tracker."""
    stood = {"state": "OPEN", "status": "OPEN", "added_on": date(2022, 2, 1)}
    return [child(ADA, 1, tracker_id="CLVT-000001", **stood), child(CAT, 3, tracker_id="CLVT-000002", **stood)]


def tables(night: dict[str, list[dict[str, Any]]]) -> dict[str, pa.Table]:
    return {name: nullable(name, found) for name, found in night.items()}


def nullable(name: str, found: list[dict[str, Any]]) -> pa.Table:
    """A table with whatever the test put in, as a stage that went wrong would write it."""
    agreed = contract(name)
    return agreed.table_of([{column: None for column in agreed.names} | row for row in found])
