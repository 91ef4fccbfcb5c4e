"""A data home on disk in which the small night was run and published."""

from pathlib import Path
from typing import Any

from connectors.register import history
from connectors.store import sealed
from connectors.store.paths import Home
from expectations.contracts import contract
from night.report import SHOWN, report
from night.run import Run
from tests.report import a_night as night

EMPTY = {
    "normalise": ("sca_referral",),
    "reconcile": ("place", "route"),
    "export": ("disclosure", "holding", "sequence"),
}


def a_home(root: Path, **changed: list[dict[str, Any]]) -> Run:
    """The run of the published night; its report is sealed too. Rows of single tables may be given anew."""
    run = Run(night.AS_OF, Home(root))
    tables = night.tables(**changed)
    for stage in ("pull", "land", *SHOWN):
        writer = sealed.StageWriter(run.folder, stage).start()
        for name in SHOWN.get(stage, ()):
            writer.table(name, tables[name])
        for name in EMPTY.get(stage, ()):
            writer.table(name, contract(name).table_of([]))
        counts = {"questions": 4, "closing": 5} if stage == "reconcile" else {"taken": 9, "stopped": 1}
        writer.seal(counts, replaceable=True)
        history.record(run.register, history.Ended(str(run.as_of), stage, 0.5, counts))
    failure = "Night 2022-11-23: deliver[barnardos] failed. The partner did not answer."
    history.record(run.register, history.Ended(str(run.as_of), "deliver[barnardos]", 3.0, {}, failure))
    report(run, failure)
    return run
