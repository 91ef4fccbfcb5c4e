"""assumed: a night's files taken as delivered, where nobody is to get them: in a replay that delivers to nobody.

Seals `deliver` as a delivery would, and enters the same rows in the register, so that the next night, the pages and
the processing log go on from the same rule: a partner holds what was delivered to it.
"""

from datetime import UTC

from connectors.delivery.outbox import Outbox
from connectors.register import database as register
from expectations.plain import grouped
from night import outgoing_files
from night.run import Counts, Run

ACTOR = "replay"


def assumed(run: Run) -> Counts:
    """Enter all files of the night as delivered at its midnight, with their disclosures, in one step."""
    midnight = run.site.midnight(run.as_of).astimezone(UTC)
    box = Outbox(run.register)
    entered = outgoing_files.assumed(run, box)
    disclosed = grouped(run.rows("export", "disclosure"), lambda row: (row["recipient"], row["file"]))
    entries = [e for one in entered for e in outgoing_files.disclosures(one, disclosed[one.recipient, one.file], ACTOR)]
    with box.writing() as connection:
        box.assume(connection, entered, ACTOR, midnight.isoformat(timespec="milliseconds"))
        register.log(connection, entries, midnight)
    rows = run.rows("export", "outgoing")
    counts = {"files": len(rows), "recipients": len({row["recipient"] for row in rows})}
    return run.writer("deliver").seal(counts, replaceable=True)
