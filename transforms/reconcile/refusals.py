"""Which decisions have no effect, and what does the sergeant have to know about each?"""

from collections.abc import Iterator
from typing import Any

from expectations.actions import ACTIONS, ENTRY, FACT, MARK, REFERRAL
from expectations.plain import Row
from transforms.reconcile.actions import SETTLED_BY
from transforms.reconcile.children import Child
from transforms.reconcile.evidence import is_child
from transforms.reconcile.held import idle_confirmations
from transforms.reconcile.lifecycle import Refused
from transforms.tables import Tables

UNKNOWN_MENTION = (
    "No record with this mention key is known: look for a typing error, or wait until the record has come in."
)
NOT_A_CHILD = "Every record names this person as a suspect or an associate: they are no entry of the tracker."
ALREADY_SO = "This changes nothing: it was so already when it was decided."
NO_SUCH_ACTION = "No action of a referral or a panel is known under this mention key or for this person."

OF_A_CHILD = (ENTRY, FACT, MARK, REFERRAL)  # what these do is done to a child's record
OF_ANYBODY = ("RESTRICT", "UNRESTRICT", "DISPUTE", "UNDISPUTE")  # they hold for suspects and associates too

# Decisions that turn something on or off, by what: the second of two that turn it the same way changes nothing.
SWITCHES = {
    "RESTRICT": ("restricted", True),
    "UNRESTRICT": ("restricted", False),
    "DISPUTE": ("disputed", True),
    "UNDISPUTE": ("disputed", False),
    "SUSPECT_EVIDENCE": ("suspect", True),
    "SHARE_SUSPECT": ("shared", True),
    "UNSHARE_SUSPECT": ("shared", False),
}


def refusal_rows(tables: Tables, everyone: list[Child], actions: list[Row]) -> list[Row]:
    """Rows of `refusal` as known tonight, those found before this stage among them."""
    found = [
        *_unknown(tables),
        *_no_child(tables),
        *_no_action(tables, actions),
        *_without_effect(tables),
        *idle_confirmations(tables),
    ]
    found += [refused for child in everyone for refused in child.life.refused]
    since = {row["decision_id"]: row["refused_on"] for row in tables.refusal_before}
    rows = [_row(refused, since.get(refused.decision["decision_id"], tables.as_of)) for refused in found]
    earlier = [
        {**row, "refused_on": since.get(row["decision_id"], row["refused_on"])} for row in tables.refused_elsewhere
    ]
    return list({row["decision_id"]: row for row in [*rows, *earlier]}.values())


def _unknown(tables: Tables) -> list[Refused]:
    return [
        Refused(row, "UNKNOWN_MENTION", UNKNOWN_MENTION)
        for row in tables.decisions_in_order
        if any(row[name] and row[name] not in tables.persons for name in ("mention_key", "other_mention_key"))
    ]


def _no_child(tables: Tables) -> list[Refused]:
    return [
        Refused(row, "NOT_A_CHILD", NOT_A_CHILD)
        for person, rows in sorted(tables.decisions_of.items())
        if not is_child(tables.mentions_of[person])
        for row in rows
        if ACTIONS[row["action"]].effect in OF_A_CHILD and row["action"] not in OF_ANYBODY
    ]


def _without_effect(tables: Tables) -> list[Refused]:
    """Decisions that leave everything as it was when they came: what they say was so already."""
    codes = {row["decision_id"]: row["reason_code"] for row in tables.refusal_before}
    return [
        Refused(row, "ALREADY_SO", ALREADY_SO)
        for person in sorted(tables.decisions_of)
        for row in _repeating(tables.decisions_of[person])
        if row["landed_on"] == tables.as_of or codes.get(row["decision_id"]) == "ALREADY_SO"
    ]


def _repeating(decisions: list[Row]) -> Iterator[Row]:
    """Of one person's decisions in order those that repeat an earlier one, or end what had not begun."""
    so: dict[tuple[str, str], bool] = {}
    for row in decisions:
        if row["action"] in SWITCHES:
            what, on = SWITCHES[row["action"]]
            about = what, row["value"] or "" if what == "shared" else ""
            if so.get(about, False) == on:
                yield row
            so[about] = on


def _no_action(tables: Tables, actions: list[Row]) -> list[Refused]:
    have = {row["person_id"] for row in actions}
    return [
        Refused(row, "NO_SUCH_ACTION", NO_SUCH_ACTION)
        for person, rows in sorted(tables.decisions_of.items())
        if person not in have
        for row in rows
        if row["action"] in SETTLED_BY
    ]


def _row(refused: Refused, since: Any) -> Row:
    decision = refused.decision
    names = ("decision_id", "decided_at", "decided_by", "action", "mention_key", "other_mention_key")
    return {
        **{name: decision[name] for name in names},
        "reason_code": refused.code,
        "reason": refused.sentence,
        "contradicts": refused.contradicts or None,
        "refused_on": since,
    }
