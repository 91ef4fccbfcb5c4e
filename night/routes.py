"""Who has to hear of each identified child, who of them has heard, and who is to be informed by hand?

Puts a night's routes beside the contracts, what each recipient holds, and the decisions that say who was informed.
"""

from connectors.delivery.outbox import deliveries
from expectations.plain import Row
from night.run import Run
from transforms.export.routed import routed
from transforms.reconcile.routes import INFORMED_BY

NOT_REACHED = ("prepared", "sending", "failed", "rejected")


def routes(run: Run) -> list[Row]:
    """Rows of the listing: person_id, mention_keys, role, authority (ONS code), force, recipient, state, why."""
    keys = {row["person_id"]: row["mention_keys"] for row in run.rows("reconcile", "child")}
    rows = routed(
        run.rows("reconcile", "route"),
        run.contracts(),
        holding=_holding(run),
        held_back={
            (row["recipient"], row["person_id"]): row["reason"]
            for row in run.rows("export", "held_back")
            if row["field"] == "*"
        },
        informed=_informed(run),
    )
    places = run.site.places
    ons = {one.code: one.ons for one in places.all}
    return [{**row, "mention_keys": keys[row["person_id"]], "authority": ons.get(row["authority"], "")} for row in rows]


def _holding(run: Run) -> set[tuple[str, str]]:
    """(recipient, person) of every record that is held; one that a file of this night brings counts once it arrived."""
    held = {(row["recipient"], row["person_id"]) for row in run.rows("export", "holding")}
    night = run.as_of.isoformat()
    waiting = {
        (row["recipient"], row["file"])
        for row in deliveries(run.register)
        if str(row["run"]) == night and row["state"] in NOT_REACHED
    }
    brought = {
        (row["recipient"], row["person_id"]): (row["recipient"], row["file"]) in waiting
        for row in run.rows("export", "disclosure")
        if row["operation"] == "CREATE"
    }
    return (held | brought.keys()) - {whom for whom, is_waiting in brought.items() if is_waiting}


def _informed(run: Run) -> dict[tuple[str, str], str]:
    """Why a place counts as informed, by (person, place), from the decisions that say so."""
    person_of = {row["mention_key"]: row["person_id"] for row in run.rows("link", "person")}
    refused = {row["decision_id"] for row in run.rows("reconcile", "refusal")}
    return {
        (person_of[row["mention_key"]], row["value"]): f"Told by hand: decision {row['decision_id']}."
        for row in run.rows("normalise", "decision")
        if row["action"] in INFORMED_BY and row["decision_id"] not in refused and row["mention_key"] in person_of
    }
