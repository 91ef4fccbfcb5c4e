"""reconcile: the tracker of tonight.

Reads what is known of the people named and what people decided, and writes the tracker, what changed, what is asked,
what was refused, and what has to be done.
"""

from typing import Any

from connectors.register.database import LogEntry, log_once
from connectors.store.paths import PUBLISHING_STAGE
from expectations.agreed import ON_TRACKER
from expectations.contracts import contract
from expectations.plain import Row, plain_rows
from expectations.recipients import places_heard
from night import brakes, erased
from night.may_run import may_run
from night.run import Counts, Run
from transforms.reconcile import Reconciled, changes
from transforms.reconcile import reconcile as reconciled
from transforms.tables import Tables

OF_LINKAGE = ("source_person_ids", "first_key", "surname_key", "alias_key", "address_key", "outward_code", "warnings")
LARGE = {  # rows that no later stage reads, so that they are let go of: the columns that this one looks at
    "mention": [name for name in contract("mention").names if name not in OF_LINKAGE],
    "report": ["report_ref", "grade_scheme", "grade", "flags"],
}
NORMALISED = (
    "decision",
    "opening_entry",
    "sca_referral",
    "panel_outcome",
    "missing_episode",
    "force_sighting",
    "mash_outcome",
)
LINKED = ("person", "person_id", "same_person_question")


@may_run("reconcile")
def reconcile(run: Run) -> Counts:
    """Write the tracker of the night, and log each alteration and combination (DPA 2018 s.62(1)(b) and (e)).

    Seals a table for each field of `Reconciled`; their columns are in the contracts of the same names.
    """
    tables = tables_of(run)
    result = reconciled(tables)
    writer = run.writer("reconcile")
    for name, rows in result.__dict__.items():
        writer.table(name, contract(name).table_of(rows))
    counts = _counts(tables, result)
    writer.seal(counts, replaceable=not run.is_published)
    night = run.as_of.isoformat()
    done = {"reconcile": _alterations(result, night), "link": _combinations(run, tables, night)}
    log_once(run.register, night, done)
    return counts


def tables_of(run: Run) -> Tables:
    """Everything the night knows, from its own folders and those of the last night that was published."""

    def before(table: str) -> list[Row]:
        published = run.published_before("reconcile", table)
        return plain_rows(published) if published is not None else []

    published = run.published_before("normalise", "mash_outcome")
    outcomes: list[Any] = published["outcome_ref"].to_pylist() if published is not None else []
    tables: dict[str, Any] = {name: run.rows("normalise", name) for name in NORMALISED}
    tables |= {name: run.rows("link", name) for name in LINKED}
    tables |= {name: plain_rows(run.read("normalise", name).select(columns)) for name, columns in LARGE.items()}
    return Tables(
        as_of=run.as_of,
        site=run.site,
        **tables,
        person_event=plain_rows(run.since(run.previous(PUBLISHING_STAGE), "link", "person_event")),
        refused_elsewhere=run.rows("normalise", "refusal") + run.rows("link", "refusal"),
        child_before=before("child"),
        review_before=before("review"),
        refusal_before=before("refusal"),
        tracker_id_before=before("tracker_id"),
        held_nights=brakes.held_nights(run),
        tracker_number_before=erased.of(run.home).tracker_number,
        places_heard=places_heard(run.contracts().values()),
        route_before=before("route"),
        outcomes_before=frozenset(outcomes),
    )


def _counts(tables: Tables, result: Reconciled) -> Counts:
    opening, added, removed = changes.movement(tables.child_before, result.change)
    return {
        "opening": opening,
        "added": added,
        "removed": removed,
        "closing": sum(row["state"] in ON_TRACKER for row in result.child),
        "proposed": sum(row["state"] == "PROPOSED" for row in result.child),
        "questions": sum(row["is_open"] for row in result.review),
        "refused_decisions": len(result.refusal),
    }


def _alterations(result: Reconciled, night: str) -> list[LogEntry]:
    return [
        LogEntry("ALTERATION", "pipeline", f"{row['kind']}:{row['cause']}", row["person_id"], run=night)
        for row in result.change
    ]


def _combinations(run: Run, tables: Tables, night: str) -> list[LogEntry]:
    """Mentions that joined, tonight, a person whom other mentions name too."""
    return [
        LogEntry("COMBINATION", "pipeline", row["mention_key"], tables.persons[row["mention_key"]], run=night)
        for row in tables.mention
        if row["first_landed_on"] == run.as_of and len(tables.mentions_of[tables.persons[row["mention_key"]]]) > 1
    ]
