"""How does one night run, from the first stage to the last?

The order of the stages stands in `connectors.paths.STAGES`; the DAG makes a task of each, and this runs them in one
process. A stage that fails ends the night; the report is written all the same and says where and why.
"""

import importlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from connectors.paths import STAGES
from night.run import Counts, Run

Stage = Callable[[Run], Counts]


class NightFailed(Exception):
    """A stage failed; the message is a sentence for a person."""


@dataclass(frozen=True)
class Ended:
    """How one stage of a night ended: what it counted, and its seconds."""

    stage: str
    counts: Counts
    seconds: float


def stage(name: str) -> Stage:
    """The function of a stage, by its word."""
    found: Stage = getattr(importlib.import_module(f"night.{name}"), name)
    return found


def run_night(run: Run, stages: Iterable[str] = STAGES) -> list[Ended]:
    """Run these stages of a night in order; NightFailed where one fails, after the report was written."""
    ended = []
    for name in stages:
        start = time.perf_counter()
        try:
            counts = stage(name)(run)
        except Exception as error:
            report_failure(run, name, error)
            raise NightFailed(f"Night {run.as_of}: {name} failed. {error}") from error
        ended.append(Ended(name, counts, time.perf_counter() - start))
    return ended


def report_failure(run: Run, name: str, error: Exception) -> None:
    """Write the report of a night that failed."""
    report = importlib.import_module("night.report").report
    if name != "report":
        report(run, failure=f"{name}: {error}")
