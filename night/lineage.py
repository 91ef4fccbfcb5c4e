"""Which data sets did a stage read, and which did it make?

By name alone, as feed, table of a stage, files of a recipient, recipient: from the source to whoever was told. The DAG
hands the names to OpenLineage where a force's Airflow has it; no value, key or count is among them.
"""

from connectors.delivery.outbox import Outbox
from night.run import Run

INTELLIGENCE = "source/intelligence"


def data_sets(run: Run, stage: str, recipient: str | None = None) -> tuple[list[str], list[str]]:
    """What a stage of the night, which has ended, read and made; of deliver, for one recipient."""
    if recipient:
        return _delivered(run, recipient)
    made = [f"{stage}/{path.name.removesuffix('.parquet')}" for path in run.folder.stage(stage).glob("[!S]*.*")]
    if stage == "pull":
        return sorted(_came(run)), sorted(made)
    if stage == "export":
        made += {f"files/{row['recipient']}" for row in run.rows("export", "outgoing")}
    return sorted("/".join(name) for name in run.tables_read if name[0] != stage), sorted(made)


def _came(run: Run) -> set[str]:
    kinds = {row["kind"] for row in run.rows("pull", "pulled_file")}
    return {INTELLIGENCE, "source/decisions", *(f"source/{kind}" for kind in kinds)}


def _delivered(run: Run, recipient: str) -> tuple[list[str], list[str]]:
    fates = Outbox(run.register).fates(run=run.as_of.isoformat(), recipient=recipient)
    arrived = any(fate.was_delivered for fate in fates)
    return ([f"files/{recipient}"], [f"recipient/{recipient}"]) if arrived else ([], [])
