"""Which decisions wait for a confirmation, and which confirmations have nothing to confirm?

Links are held where people are linked; the others here. A held decision has no effect until a person confirms it, and
stands as a question until then.
"""

from dataclasses import replace

from expectations.plain import Row
from transforms.reconcile.consequences import (
    CONFIRMED_BY,
    CONSEQUENCES,
    NEEDS_CONFIRMATION,
    Facts,
    held,
    reference,
)
from transforms.refused import Refused
from transforms.tables import Tables

NOTHING_TO_CONFIRM = (
    "Nothing waits for this confirmation: the night or decision it names was not held, is not known, or was confirmed "
    "before."
)
SAME_PERSON = "Another person has to confirm this than the one who decided it: the site asks for two."


def without_held(tables: Tables) -> Tables:
    """What is known, with the decisions that wait for a confirmation among those that have no effect."""
    facts = facts_of(tables)
    found = held(facts, CONSEQUENCES.keys() - {"LINK"})
    waiting = [
        Refused(row, NEEDS_CONFIRMATION, found[row["decision_id"]]).row(tables.as_of)
        for row in facts.decisions
        if row["decision_id"] in found
    ]
    elsewhere = [*tables.refused_elsewhere, *waiting]
    ids = {row["decision_id"] for row in held_rows(elsewhere)}
    carried_out = [row for row in tables.decision if row["decision_id"] not in ids]
    return replace(tables, decision=carried_out, refused_elsewhere=elsewhere)


def held_rows(refusals: list[Row]) -> list[Row]:
    """Those of rows of `refusal` that wait for a confirmation."""
    return [row for row in refusals if row["reason_code"] == NEEDS_CONFIRMATION]


def facts_of(tables: Tables) -> Facts:
    """What the night knows, as far as a consequence may rest on it."""
    named = [row for row in tables.decisions_in_order if not row["mention_key"] or row["mention_key"] in tables.persons]
    entries = {row["person_id"]: row["tracker_id"] for row in tables.child_before if row["tracker_id"]}
    return Facts(tables.site, tables.mentions, tables.persons, named, entries)


def idle_confirmations(tables: Tables) -> list[Refused]:
    """Confirmations that came tonight and confirm nothing, and those of earlier nights that did not."""
    before = {row["decision_id"]: row["reason_code"] for row in tables.refusal_before}
    waited = {reference(row) for row in held_rows(tables.refusal_before)}
    waiting = {reference(row): row for row in held_rows(tables.refused_elsewhere)}
    came = {
        reference(row) for row in tables.decision if row["landed_on"] == tables.as_of and row["action"] in CONSEQUENCES
    }
    nights = {f"night:{night.isoformat()}" for night in tables.held_nights}
    found: list[Refused] = []
    done: set[str] = set()
    for row in (row for row in tables.decisions_in_order if row["action"] in CONFIRMED_BY):
        is_new, is_open = row["landed_on"] == tables.as_of, row["value"] in (waited | came | nights) - done
        if row["value"] in waiting:
            found.append(Refused(row, "SAME_PERSON", SAME_PERSON))
        elif before.get(row["decision_id"]) == "NOTHING_TO_CONFIRM" or (is_new and not is_open):
            found.append(Refused(row, "NOTHING_TO_CONFIRM", NOTHING_TO_CONFIRM))
        else:
            done.add(row["value"])
    return found
