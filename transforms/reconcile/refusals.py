"""Which decisions have no effect, and what does the sergeant have to know about each?"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from expectations.actions import ACTIONS, ENTRY, FACT, MARK, REFERRAL
from expectations.plain import Row
from expectations.questions import QUESTIONS
from transforms.link.model.rulings import RULINGS
from transforms.reconcile.actions import SETTLED_BY
from transforms.reconcile.children import Child
from transforms.reconcile.consequences import BY_LABELS, NEEDS_CONFIRMATION, confirmed
from transforms.reconcile.evidence import is_child
from transforms.reconcile.facts import given_by
from transforms.reconcile.held import idle_confirmations
from transforms.reconcile.panels import REASONS, Shared, closed_to_panels
from transforms.refused import Refused
from transforms.tables import Tables

UNKNOWN_MENTION = (
    "No record with this mention key is known: look for a typing error, or wait until the record has come in."
)
NOT_A_CHILD = "Every record names this person as a suspect or an associate: they are no entry of the tracker."
ALREADY_SO = "This changes nothing: it was so already when it was decided."
NO_SUCH_ACTION = (
    "No action is known under this mention key, and no referral of the competent authority for this person: name a "
    "panel's action by its own key, such as panel:PAN-00012."
)

OF_A_CHILD = (ENTRY, FACT, MARK, REFERRAL)  # what these do is done to a child's record
OF_ANYBODY = ("RESTRICT", "UNRESTRICT", "DISPUTE", "UNDISPUTE", "REVIEWED")  # for suspects and associates too

# Decisions that turn something on or off, by what: the second of two that turn it the same way changes nothing.
# So does one that says of a fact, a pair or a mark what the last on it said.
SWITCHES = {
    "RESTRICT": ("restricted", True),
    "UNRESTRICT": ("restricted", False),
    "DISPUTE": ("disputed", True),
    "UNDISPUTE": ("disputed", False),
    "SUSPECT_EVIDENCE": ("suspect", True),
    "SHARE_SUSPECT": ("shared", True),
    "UNSHARE_SUSPECT": ("shared", False),
}
SWITCHED = {what for what, _ in SWITCHES.values()}
ONCE = ("VISITED", "TOOLKIT_COMPLETED", "MOVED", "REVIEWED")  # of the same day or place there is one only


def refusal_rows(tables: Tables, everyone: list[Child], actions: list[Row]) -> list[Row]:
    """Rows of `refusal` as known tonight, those found before this stage among them."""
    found = [
        *_unknown(tables),
        *_no_child(tables),
        *_no_action(tables, actions),
        *_without_effect(tables, everyone),
        *_named_to_nobody(tables, everyone),
        *idle_confirmations(tables),
    ]
    found += [refused for child in everyone for refused in child.life.refused]
    since = {row["decision_id"]: row["refused_on"] for row in tables.refusal_before}
    rows = [refused.row(since.get(refused.decision["decision_id"], tables.as_of)) for refused in found]
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


def _without_effect(tables: Tables, everyone: list[Child]) -> list[Refused]:
    """Decisions that leave everything as it was when they came: what they say was so already."""
    codes = {row["decision_id"]: row["reason_code"] for row in tables.refusal_before}
    idle = [row for child in everyone for row in child.life.idle if not _answers(tables, child, row)]
    repeating = [row for _, decisions in _in_force(tables, "ALREADY_SO") for row in _repeating(decisions)]
    return [
        Refused(row, "ALREADY_SO", ALREADY_SO)
        for row in (*idle, *repeating, *_ruled_again(tables))
        if row["landed_on"] == tables.as_of or codes.get(row["decision_id"]) == "ALREADY_SO"
    ]


def _named_to_nobody(tables: Tables, everyone: list[Child]) -> Iterator[Refused]:
    """Decisions that share with a panel whom the rule of release keeps here when they come, or are confirmed."""
    before = {row["decision_id"]: row["reason_code"] for row in tables.refusal_before}
    categories = {child.person_id: child.category for child in everyone}
    through = confirmed(tables.decisions_in_order, tables.site)
    for person, decisions in _in_force(tables, *REASONS):
        for row in (row for row in decisions if row["action"] == "SHARE_SUSPECT"):
            came = (row, *filter(None, [through.get(row["decision_id"])]))
            shared = Shared(tables.mentions_of[person], decisions, categories.get(person))
            code = before.get(row["decision_id"], "")
            if tables.as_of in (one["landed_on"] for one in came):
                code = closed_to_panels(shared, tables.site, tables.as_of, confirmed=len(came) > 1)
            if code in REASONS:
                yield Refused(row, code, REASONS[code])


def _in_force(tables: Tables, *codes: str) -> list[tuple[str, list[Row]]]:
    """The decisions on each person that no earlier night refused, but for these codes, and that can be on them."""
    asked = (*codes, NEEDS_CONFIRMATION)  # one that waited and was confirmed since counts
    before = {row["decision_id"] for row in tables.refusal_before if row["reason_code"] not in asked}
    refused = before | {one.decision["decision_id"] for one in _no_child(tables)}
    return [
        (person, [row for row in decisions if row["decision_id"] not in refused])
        for person, decisions in sorted(tables.decisions_of.items())
    ]


def _answers(tables: Tables, child: Child, decision: Row) -> bool:
    """True where a question about the child stood: to say that all stays as it is answers it."""
    return any(
        row["is_open"]
        and tables.persons.get(row["mention_key"]) == child.person_id
        and decision["action"] in QUESTIONS[row["kind"]].answered_by
        for row in tables.review_before
    )


def _repeating(decisions: list[Row]) -> Iterator[Row]:
    """Of one person's decisions in order those that say again what an earlier one said, or end what had not begun."""
    so: dict[tuple[str, ...], Any] = {}
    for row in decisions:
        says = _says(row)
        if says and all(so.get(about, False if about[0] in SWITCHED else None) == what for about, what in says.items()):
            yield row
        so |= says


def _ruled_again(tables: Tables) -> Iterator[Row]:
    """Decisions on who is who that say of two mentions what the last one on them says; answers from labels aside."""
    refused = {row["decision_id"] for row in tables.refused_elsewhere}
    for rows in tables.decisions_on_pair.values():
        ruled = [row for row in rows if row["action"] in RULINGS and row["decision_id"] not in refused]
        yield from (
            after
            for before, after in pairwise(ruled)
            if before["action"] == after["action"] and after["origin"] != BY_LABELS
        )


def _says(decision: Row) -> dict[tuple[str, ...], Any]:
    """What a decision makes so, by what it is about; empty where to say it again is news."""
    action, value = decision["action"], decision["value"]
    if action in SWITCHES:
        what, on = SWITCHES[action]
        return {(what, value or "" if what == "shared" else ""): on}
    given = given_by(decision)
    says: dict[tuple[str, ...], Any] = {("fact", name): (it, decision["reason_code"]) for name, it in given.items()}
    return says | ({(action,): (value, decision["reason_code"])} if action in ONCE else {})


def _no_action(tables: Tables, actions: list[Row]) -> list[Refused]:
    of_panels = {row["mention_key"] for row in actions if row["kind"] == "PANEL"}
    referred = {row["person_id"] for row in actions if row["kind"] == "SCA_REFERRAL"}
    return [
        Refused(row, "NO_SUCH_ACTION", NO_SUCH_ACTION)
        for person, rows in sorted(tables.decisions_of.items())
        if person not in referred
        for row in rows
        if row["action"] in SETTLED_BY and row["mention_key"] not in of_panels
    ]
