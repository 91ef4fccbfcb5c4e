"""Who has to hear of each identified child, who of them has heard, and who is to be informed by hand?

Puts a night's routes beside the contracts, what each recipient holds, and the decisions that say who was informed.
"""

from datetime import date

from connectors.delivery.outbox import FAILED, PREPARED, REJECTED, SENDING, Outbox
from expectations.feeds import FEEDS
from expectations.plain import Row
from night.run import Run
from transforms.export.routed import ByHand, routed
from transforms.reconcile.routes import INFORMED_BY

OPENING = FEEDS["opening"]
NOT_REACHED = (PREPARED, SENDING, FAILED, REJECTED)


def routes(run: Run) -> list[Row]:
    """Rows of the listing: person_id, mention_keys, role, authority (ONS code), force, recipient, state, why.

    Who has heard is by the last files that were made: a night that is held, or failed, has none yet. Beside them
    `informed_on`, `began_on` and `answered_on`: since when the place knows, has to hear, has answered; and
    `is_baseline`: the child was taken over, and in the recipient's first file, so that nothing new is referred.
    """
    keys = {row["person_id"]: row["mention_keys"] for row in run.rows("reconcile", "child")}
    holding = _holding(run)
    first: dict[str, date] = {}
    for (name, _), since in holding.items():
        first[name] = min(since, first.get(name, since))
    rows = routed(
        run.rows("reconcile", "route"),
        run.contracts(),
        holding=holding,
        held_back={
            (row["recipient"], row["person_id"]): row["reason"]
            for row in run.rows_of_files("held_back")
            if row["field"] == "*"
        },
        informed=_informed(run),
    )
    places = run.site.places
    ons = {one.code: one.ons for one in places.all}
    return [
        {
            **row,
            "mention_keys": keys[row["person_id"]],
            "authority": ons.get(row["authority"], ""),
            "is_baseline": row["informed_on"] == first.get(row["recipient"]) and _is_taken_over(keys[row["person_id"]]),
        }
        for row in rows
    ]


def _is_taken_over(mention_keys: list[str]) -> bool:
    return any(key.startswith(f"{OPENING.prefix}:") for key in mention_keys)


def _holding(run: Run) -> dict[tuple[str, str], date]:
    """The day of each (recipient, person) whose record is held; what a night brings counts once it arrived."""
    last = run.with_files()
    if last is None:
        return {}
    held = {(row["recipient"], row["person_id"]): row["first_sent_on"] for row in last.rows("export", "holding")}
    made = Outbox(run.register).of_night(last.as_of.isoformat())
    waiting = {(one.outgoing.recipient, one.outgoing.file) for one in made if one.state in NOT_REACHED}
    brought = {
        (row["recipient"], row["person_id"]): (row["recipient"], row["file"]) in waiting
        for row in last.rows("export", "disclosure")
        if row["operation"] == "CREATE"
    }
    return {whom: since for whom, since in held.items() if not brought.get(whom)}


def _informed(run: Run) -> dict[tuple[str, str], ByHand]:
    """How a place was informed by hand, by (person, place), from the decisions that say so."""
    person_of = {row["mention_key"]: row["person_id"] for row in run.rows("link", "person")}
    refused = {row["decision_id"] for row in run.rows("reconcile", "refusal")}
    return {
        (person_of[row["mention_key"]], row["value"]): ByHand(row["decision_id"], run.site.local_day(row["decided_at"]))
        for row in run.rows("normalise", "decision")
        if row["action"] in INFORMED_BY and row["decision_id"] not in refused and row["mention_key"] in person_of
    }
