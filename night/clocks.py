"""Which duties run on the night shown, with what the register says of referrals?"""

import json
from collections.abc import Collection
from datetime import date

from connectors.register.database import entries
from expectations.plain import Row
from night.run import Run
from transforms.reconcile.clocks import Duties, clocks

REFERRING = ("mash",)  # exporters whose files are referrals to a front door
TABLES = {
    "reconcile": ("child", "action", "refusal"),
    "link": ("person",),
    "normalise": ("missing_episode", "sca_referral", "decision"),
}


def clocks_of(run: Run, people: Collection[str] = ()) -> list[Row]:
    """Rows person_id, clock, since, due, state of a night that was published; of some people only, by person_id."""
    children = [row for row in run.rows("reconcile", "child") if not people or row["person_id"] in people]
    duties = Duties(
        as_of=run.as_of,
        site=run.site,
        child=children,
        person=run.rows("link", "person"),
        missing_episode=run.rows("normalise", "missing_episode"),
        sca_referral=run.rows("normalise", "sca_referral"),
        action=run.rows("reconcile", "action"),
        decision=run.rows("normalise", "decision"),
        refusal=run.rows("reconcile", "refusal"),
        referred=_referred(run, [row["person_id"] for row in children]),
    )
    return clocks(duties)


def _referred(run: Run, people: list[str]) -> dict[str, date]:
    """The day on which each person was first referred to a front door, up to the night."""
    fronts = {name for name, one in run.contracts().items() if one.exporter in REFERRING}
    found: dict[str, date] = {}
    for row in entries(run.register, people, "DISCLOSURE"):
        sent = json.loads(row["detail"])
        if row["recipient"] in fronts and sent["operation"] == "CREATE" and row["run"] <= run.as_of.isoformat():
            found.setdefault(row["person_id"], date.fromisoformat(row["run"]))
    return found
