"""Which duties run on the night shown, with who was told and who has answered, and whose records are to be reviewed?"""

from collections.abc import Collection
from datetime import date

from expectations.plain import Row
from night.routes import routes
from night.run import Run
from transforms.reconcile.clocks import Duties, clocks, reviews


def clocks_of(run: Run, people: Collection[str] = ()) -> list[Row]:
    """Rows person_id, clock, since, due, state, whom of a published night; of some people only, by person_id."""
    return clocks(
        _duties(run, [row for row in run.rows("reconcile", "child") if not people or row["person_id"] in people])
    )


def reviews_of_others(run: Run) -> list[Row]:
    """Rows of the same columns, and `outcome`: the retention reviews of who has no entry, suspects among them."""
    duties = _duties(run, [])
    entered = {row["person_id"] for row in run.rows("reconcile", "child")}
    recorded = {row["mention_key"]: row["recorded_on"] for row in run.rows("normalise", "mention")}
    last_seen: dict[str, date] = {}
    for row in duties.person:
        person, seen = row["person_id"], recorded[row["mention_key"]]
        if person not in entered:
            last_seen[person] = max(seen, last_seen.get(person, seen))
    found = reviews(duties, ({"person_id": person, "last_seen_on": day} for person, day in last_seen.items()))
    decided = {row["person_id"]: duties.last_review(row["person_id"]) or {} for row in found}
    return [{**row, "outcome": decided[row["person_id"]].get("reason_code")} for row in found]


def _duties(run: Run, children: list[Row]) -> Duties:
    return Duties(
        as_of=run.as_of,
        site=run.site,
        child=children,
        person=run.rows("link", "person"),
        missing_episode=run.rows("normalise", "missing_episode"),
        sca_referral=run.rows("normalise", "sca_referral"),
        action=run.rows("reconcile", "action"),
        decision=run.rows("normalise", "decision"),
        refusal=run.rows("reconcile", "refusal"),
        informed=routes(run),
    )
