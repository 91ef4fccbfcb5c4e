"""What comes out when every night of a period is run in order, on one folder that holds what a force gives?

Runs the same stages as the DAG, without Airflow; what leaves of a night is made beside the next night's tracker. A
night that is done is passed over, so that a replay that was killed goes on where it was. Given labels, a perfect
reviewer answers each same-person question after the night that asked it.
"""

import csv
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from clvt import connections
from clvt.following import following, is_done
from connectors.endpoints import Endpoint, EndpointError
from connectors.register import answers
from connectors.store import at_work
from connectors.store.forces import force_of, forces
from connectors.store.paths import PUBLISHING_STAGE, STAGES, Home
from expectations.questions import PAIRS, candidates, shown_in
from night.may_run import expect_in_order, expect_own
from night.night import run_night
from night.run import Run

REVIEWER = "reviewer"
PATIENCE_SECONDS = 60.0  # for the second process of a replay that was killed, which ends with its night
TRACKER = STAGES[: STAGES.index(PUBLISHING_STAGE) + 1]
LEAVING = STAGES[len(TRACKER) :]
ASSUMED = tuple("assumed" if name == "deliver" else name for name in LEAVING)


class ScenarioError(Exception):
    """A scenario folder lacks what a replay needs."""


@dataclass(frozen=True)
class Summary:
    """What a replay did: nights run and passed over, its seconds, and where they went."""

    nights: int
    passed_over: int
    seconds: float
    by_stage: dict[str, float]


def sources(folder: Path) -> dict[str, Endpoint]:
    """The connections that a scenario folder stands for; ScenarioError where it has no intelligence."""
    database = folder / "intelligence.sqlite"
    if not database.is_file():
        raise ScenarioError(f"{folder} is no scenario: it has no intelligence.sqlite.")
    found = {"intelligence_db": Endpoint("intelligence_db", "sqlite", host=str(database.resolve()))}
    found["partner_inbox"] = _path("partner_inbox", folder / "inbox")
    for name, files in {
        "decisions": ("decisions.csv",),
        "opening_tracker": ("opening_tracker.csv", "opening_tracker.xlsx"),
    }.items():
        path = next((folder / file for file in files if (folder / file).is_file()), None)
        if path is not None:
            found[name] = _path(name, path)
    return found


def _path(name: str, path: Path) -> Endpoint:
    """Marked, since its decisions are those of nights to come as well."""
    return Endpoint(name, "fs", extra={"path": str(path.resolve()), "is_of_a_scenario": True})


def endpoint(known: dict[str, Endpoint], name: str) -> Endpoint:
    """A connection of the scenario, else EndpointError; partners' are found as any command finds them."""
    if name in known:
        return known[name]
    if name in ("decisions", "opening_tracker"):
        raise EndpointError(f"The scenario has no {name}.")
    return connections.endpoint(name)


def replay(
    home: Home,
    scenario: Path,
    first: date,
    last: date,
    labels: Path | None,
    deliver: bool,
    partners: AbstractContextManager[None] | None = None,
) -> Summary:
    """Run the night of every date from `first` to `last`; MayNotRun, and nothing changed, where one of them may not.

    `partners` are stand-ins that are there meanwhile.
    """
    known = read_labels(labels) if labels else {}
    _expect_to_try_out(home)
    base = Run(first, home, partial(endpoint, sources(scenario)))
    nights = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    for night in nights:
        expect_in_order(replace(base, as_of=night))
    expect_own(base)
    with at_work.only_command(home), at_work.alone(home, PATIENCE_SECONDS) as held, partners or nullcontext():
        return _replay(replace(base, held=held), nights, known, LEAVING if deliver else ASSUMED)


def _expect_to_try_out(home: Home) -> None:
    """ScenarioError where the home is the installation's own and has a source: nobody invented comes beside a child."""
    force = force_of(home)
    source = force.connection("intelligence_db")
    whose = f"force {force.name}" if force.name else f"connection {source}"
    is_own = any(one.home.root == home.root for one in forces())
    if is_own and (force.name or connections.configured([source])):
        raise ScenarioError(f"{home.root} is the home of {whose}: a scenario is tried in a folder of its own (--home).")


def _replay(base: Run, nights: list[date], known: dict[str, str], leaving: Sequence[str]) -> Summary:
    start, passed, spent = time.perf_counter(), 0, defaultdict[str, float](float)
    with _progress() as progress, following(base, leaving) as follower:
        bar = progress.add_task("", total=len(nights))
        for night in nights:
            run = replace(base, as_of=night)
            progress.update(bar, description=f"night of {night}", advance=1)
            ended = []
            if not _is_done(run, TRACKER):
                _answer(run, known)
                ended += run_night(run, TRACKER)
            if _is_done(run, follower.stages):
                passed += 1
            else:
                ended += follower.take(night)
            # What a partner sends back for one night is pulled by the next.
            if "deliver" in leaving or night == nights[-1]:
                ended += follower.finish()
            for one in ended:
                spent[one.stage] += one.seconds
    return Summary(len(nights) - passed, passed, time.perf_counter() - start, dict(spent))


def _is_done(run: Run, stages: Sequence[str]) -> bool:
    return all(is_done(run, name) for name in stages)


def read_labels(path: Path) -> dict[str, str]:
    """The true person of each mention, from a CSV with mention_key and person."""
    with path.open(newline="", encoding="utf-8") as file:
        return {row["mention_key"]: row["person"] for row in csv.DictReader(file)}


def _answer(run: Run, labels: dict[str, str]) -> None:
    """Answer what the night before asked: at noon of that night's day, so that this night knows it."""
    earlier = run.previous(PUBLISHING_STAGE)
    if not labels or earlier is None:
        return
    before = replace(run, as_of=earlier.as_of)
    asked = [row for row in before.rows("reconcile", "review") if row["kind"] in shown_in(PAIRS) and row["is_open"]]
    rows = [one for row in asked for one in _answers_to(row, labels)]
    noon = datetime(earlier.as_of.year, earlier.as_of.month, earlier.as_of.day, 12, tzinfo=UTC)
    answers.record(run.register, rows, REVIEWER, noon)


def _answers_to(row: dict[str, Any], labels: dict[str, str]) -> list[dict[str, Any]]:
    """A decision on each candidate of a question, where all are labelled."""
    others = candidates(row)
    if not {row["mention_key"], *others} <= labels.keys():
        return []
    given = {name: row[name] for name in ("review_id", "person_id", "mention_key")} | {"origin": REVIEWER}
    actions = ["LINK" if labels[row["mention_key"]] == labels[key] else "SEPARATE" for key in others]
    return [given | {"other_mention_key": key, "action": action} for key, action in zip(others, actions, strict=True)]


def _progress() -> Progress:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, disable=not sys.stderr.isatty())
