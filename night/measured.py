"""What of a night does a dashboard show?

Counts, seconds and moments alone: nobody's data, no reference and no recipient's name. The DAG hands them to Airflow's
own metrics; see monitoring/README.md.
"""

from collections import Counter
from dataclasses import replace

from connectors.delivery.outbox import Outbox
from connectors.register import history
from expectations.agreed import ON_TRACKER
from expectations.site import midnight
from night.brakes import held_night
from night.clocks import clocks_of
from night.outcome import failures, not_reached
from night.run import Run


def measured(run: Run) -> dict[str, float]:
    """Numbers by name: of the night, and of the tracker as the last published night has it."""
    published = run.home.last_published()
    of_the_tracker = _published(replace(run, as_of=published)) if published else {}
    return {**_of_the_night(run), **_seconds(run), **of_the_tracker}


def of_the_tracker(run: Run) -> dict[str, int]:
    """Of a published night: children on the tracker and identified ones; questions, holds and duties that wait."""
    children, asked = run.rows("reconcile", "child"), run.rows("reconcile", "review")
    return {
        "on_tracker": sum(row["state"] in ON_TRACKER for row in children),
        "identified": sum(row["identified_on"] is not None for row in children),
        "questions_open": sum(row["is_open"] for row in asked),
        "held_decisions": sum(row["kind"] == "confirm" and row["is_open"] for row in asked),
        "clocks_overdue": sum(row["state"] == "OVERDUE" for row in clocks_of(run)),
    }


def _published(run: Run) -> dict[str, float]:
    return {"published_at": midnight(run.as_of).timestamp(), **of_the_tracker(run)}


def _of_the_night(run: Run) -> dict[str, float]:
    fates = Outbox(run.register).fates(run=run.as_of.isoformat())
    return {
        "failures": len(failures(run)),
        "held": int(held_night(run) is not None),
        "files_delivered": sum(fate.was_delivered for fate in fates),
        "partners_waiting": len(not_reached(run)),
    }


def _seconds(run: Run) -> dict[str, float]:
    """Seconds of each stage when it ran last in this night; partners, served side by side, come together."""
    night = run.as_of.isoformat()
    last = {row["stage"]: row["seconds"] for row in history.of_nights(run.register, night, night)}
    of_stage = Counter[str]()
    for label, seconds in last.items():
        of_stage[label.partition("[")[0]] += seconds
    return {f"seconds.{name}": seconds for name, seconds in of_stage.items()}
