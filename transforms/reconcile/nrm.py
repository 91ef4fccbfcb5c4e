"""Where does the National Referral Mechanism case of a child stand?

People say when they submitted a referral and what was decided; the Single Competent Authority says when it received one
and what it decided, perhaps of a referral that another first responder made. In order of time, the last word stands.
"""

from collections.abc import Callable
from datetime import date, datetime

from expectations.plain import Row
from expectations.reference import codes, nrm_outcome
from transforms.tables import Tables

NO_CASE: Row = {"nrm_reference": None, "nrm_submitted_on": None, "nrm_outcome": None}
ASKS_CONSENT = {row["code"] for row in codes("nrm_outcomes") if row["asks_consent"] == "yes"}


def case(tables: Tables, mentions: list[Row], decisions: list[Row]) -> Row:
    """The columns nrm_reference, nrm_submitted_on and nrm_outcome of a child."""
    steps = [(row["decided_at"], STEPS[row["action"]](row)) for row in decisions if row["action"] in STEPS]
    steps += [step for mention in mentions for step in _heard(tables, mention)]
    found = dict(NO_CASE)
    for _, step in sorted(steps, key=lambda one: one[0]):
        found |= step
    return found


def asks_consent(found: Row) -> bool:
    """True where a referral was made and nothing known settles that consent is needed; words of no code settle nothing.

    A child who turns 18 before the conclusive grounds decision must consent to stay in (First Responder Toolkit 2026).
    """
    was_made = found["nrm_reference"] or found["nrm_submitted_on"]
    outcome = nrm_outcome(found["nrm_outcome"])
    return bool(was_made) and (outcome is None or outcome in ASKS_CONSENT)


def _heard(tables: Tables, mention: Row) -> list[tuple[datetime, Row]]:
    """What the authority sent: received at the earlier of what it says and when the force first heard of it."""
    row = tables.sca_referrals.get(mention["mention_key"])
    if row is None:
        return []
    received = min(row["received_at"], mention["first_stamp"] or mention["stamp"])
    steps = [(received, _submitted(mention["record_ref"], tables.site.local_day(received)))]
    if row["kind"] == "DECISION" and row["decision"]:
        steps.append((mention["stamp"], {"nrm_outcome": row["decision"]}))
    return steps


def _submitted(reference: str | None, on: date) -> Row:
    return {"nrm_reference": reference, "nrm_submitted_on": on}


STEPS: dict[str, Callable[[Row], Row]] = {
    "NRM_SUBMITTED": lambda row: _submitted(row["value"], row["decided_on"]),
    "NRM_DECISION": lambda row: {"nrm_outcome": row["value"]},
}
