"""validate: may this night be published, and may anything leave?

Asks the gate. When it is open the tracker is published by the sealing of this stage; when it is closed the night stops
here, and what was found lies in the unsealed folder until the night is run again. A published night also writes down
where the register ends.
"""

import pyarrow as pa

from connectors.store import sealed
from connectors.store.paths import PUBLISHING_STAGE, STAGES
from expectations import gate
from night.may_run import may_run
from night.run import Counts, Run

BEFORE = STAGES[: STAGES.index(PUBLISHING_STAGE)]
# Tables that nobody asks, each with the reason; every other table that a stage before the gate seals is asked.
EXCUSED = {
    "landed_key": "It remembers what was ever landed, by keys alone: where one is wrong the record is fetched again.",
}


@may_run("validate")
def validate(run: Run) -> Counts:
    """Ask every rule of the night's tables, and publish the night where no blocking one is broken.

    Seals `check`, a row for each rule. Counts: `rules` asked, `warnings` that did not pass. GateClosed, with a sentence
    for each rule, where a blocking one is broken; then nothing is sealed.
    """
    check = gate.validate(tables_of(run), run.as_of, run.site, run.published_before("reconcile", "child"))
    writer = run.writer("validate")
    writer.table("check", check)
    gate.require(check)
    broken = sum(not row["passed"] for row in check.to_pylist())
    counts = writer.seal({"rules": check.num_rows, "warnings": broken}, replaceable=False)
    run.write_down_seals((*BEFORE, PUBLISHING_STAGE))
    run.anchor()
    return counts


def tables_of(run: Run) -> dict[str, pa.Table]:
    """What the gate asks, by name: of a table that several stages seal, as the last of them did."""
    sealed_by = {name: stage for stage in BEFORE for name in sealed.tables(run.folder, stage)}
    return {name: run.read(stage, name) for name, stage in sorted(sealed_by.items()) if name not in EXCUSED}
