"""validate: may this night be published, and may anything leave?

Asks the gate. When it is open the tracker is published by the sealing of this stage; when it is closed the night stops
here, and what was found lies in the unsealed folder until the night is run again. A published night also writes down
where the register ends.
"""

from expectations import gate
from expectations.feeds import FEEDS
from night.may_run import may_run
from night.run import Counts, Run

ASKED = {
    "normalise": (
        "mention",
        "report",
        "quarantine",
        "decision",
        *(feed.table for feed in FEEDS.values()),
    ),
    "link": ("person", "person_id", "person_event", "same_person_question"),
    "reconcile": ("child", "spell", "fact", "change", "review", "action", "forecast", "refusal"),
}


@may_run("validate")
def validate(run: Run) -> Counts:
    """Ask every rule of the night's tables, and publish the night where no blocking one is broken."""
    tables = {name: run.read(stage, name) for stage, names in ASKED.items() for name in names}
    check = gate.validate(tables, run.as_of, run.site, run.published_before("reconcile", "child"))
    writer = run.writer("validate")
    writer.table("check", check)
    gate.require(check)
    broken = sum(not row["passed"] for row in check.to_pylist())
    counts = writer.seal({"rules": check.num_rows, "warnings": broken}, replaceable=False)
    run.anchor()
    return counts
