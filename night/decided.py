"""What have people decided, by all that is known at this moment?

On the screens, in a worklist, by a command, or in the decisions file as it lies there now. A night knows what it
landed; what lets a held night go, and what keeps a file here that waits, counts at once.
"""

from datetime import datetime
from operator import itemgetter

from connectors.sources.intelligence import stamp
from expectations.plain import Row, rows_where
from night import landed
from night.foresight import EVER
from night.pull import FROM_FILE, decisions_given, version_of
from night.run import Run
from transforms.normalise.decisions import read
from transforms.normalise.records import Night


def known_now(run: Run) -> list[Row]:
    """Every decision in order, its text tidied; `decided_at` is EVER where it cannot be read."""
    return _in_order(run, decisions_given(run, EVER)[0])


def unknown_to_the_night(run: Run) -> list[Row]:
    """Those that the night did not take in; what it refused is none of them, unless it was corrected since.

    The file of a scenario, which has what is yet to come too, has nothing new.
    """
    given, _ = decisions_given(run, EVER)
    if not given:
        return []
    landed_keys = rows_where(run.read("land", "landed_key"), "source", [landed.DECISION])
    taken = {(landed_key["record_key"], landed_key["version"]) for landed_key in landed_keys}
    new = [decision for decision in given if (decision["decision_id"], version_of(decision)) not in taken]
    if _is_of_a_scenario(run, new):
        new = [decision for decision in new if decision["origin"] != FROM_FILE]
    refused = {row["record_key"] for row in run.rows("land", "landed_refusal") if row["source"] == "decisions"}
    known = {decision_id for decision_id, _ in taken}
    return [decision for decision in _in_order(run, new) if not _is_refused(decision, refused, known)]


def _is_refused(decision: Row, refused: set[str], known: set[str]) -> bool:
    return decision["decision_id"] in refused and (decision["decided_at"] == EVER or decision["decision_id"] in known)


def _is_of_a_scenario(run: Run, decisions: list[Row]) -> bool:
    from_file = any(decision["origin"] == FROM_FILE for decision in decisions)
    return from_file and bool(run.connection("decisions").extra.get("is_of_a_scenario"))


def _in_order(run: Run, decisions: list[Row]) -> list[Row]:
    night = Night(run.site, run.as_of)
    dated = [read({**decision, "decided_at": _moment(run, decision)}, night) for decision in decisions]
    return sorted(dated, key=itemgetter("decided_at"))


def _moment(run: Run, decision: Row) -> datetime:
    try:
        return stamp(str(decision["decided_at"]), run.site.source_timezone)
    except ValueError:  # it is refused where decisions are pulled
        return EVER
