"""How does one night run, from the first stage to the last?

The order of the stages stands in `connectors.store.paths.STAGES`; the DAG makes a task of each, and `run_night` runs
them in one process. A task is a process of its own, so what a stage imports is imported where it runs and nowhere else.
A stage that fails ends the night; the report is written all the same and says where and why.
"""

import importlib
import time
from collections.abc import Callable, Iterable
from functools import partial

from connectors.register import history
from connectors.register.history import Ended
from connectors.store.paths import BEFORE_THE_REPORT, STAGES
from night.collecting import collect_seldom, collect_what_nights_left
from night.failures import MayNotRun, NightFailed, sentence_of, worth_another_try
from night.run import Counts, Run
from transforms.memory import give_back, with_room

STAGE_OF = {"assumed": "deliver"}  # files taken as delivered are sealed as a delivery


def run_night(run: Run, stages: Iterable[str] = STAGES) -> list[Ended]:
    """Run these stages of a night in order; NightFailed where one fails, after the report was written."""
    collect_what_nights_left()
    ended, names = [], tuple(stages)
    expected = _expected(names)
    for name in names:
        try:
            ended.append(attempt(run, name, expected=expected))
        except NightFailed:
            if name != "report":
                attempt(run, "report", expected=expected)
            raise
    return ended


def _expected(stages: tuple[str, ...]) -> tuple[str, ...]:
    """The stages that have ended once these did: those before the first of them too."""
    names = [STAGE_OF.get(name, name) for name in stages]
    before = BEFORE_THE_REPORT[: STAGES.index(names[0])]
    return tuple(name for name in BEFORE_THE_REPORT if name in (*before, *names))


def attempt(run: Run, name: str, recipient: str | None = None, expected: Iterable[str] = BEFORE_THE_REPORT) -> Ended:
    """Run one stage, for one recipient only where it is named, and keep in the register how it ended.

    `expected` are the stages that the report misses where they have no seal. MayNotRun where it may not run now; then
    nothing is changed, the register neither. NightFailed, with a sentence for people, where it failed.
    """
    collect_seldom()
    give_back()
    label = f"{name}[{recipient}]" if recipient else name
    start, counts, failed, again = time.perf_counter(), {}, "", False
    try:
        counts = with_room(_function(run, name, recipient, expected))
    except MayNotRun:
        raise
    except Exception as error:
        failed = f"Night {run.as_of}: {label} failed. {sentence_of(error, run.home.root)}"
        again = worth_another_try(error)
    # Out of reach of that error: one of the register would carry it, with a value of a record, into the log.
    ended = Ended(run.as_of.isoformat(), label, time.perf_counter() - start, counts, failed)
    unwritten = _record(run, ended)
    if failed or unwritten:
        raise NightFailed(failed or unwritten, worth_another_try=again or not failed)
    return ended


def _record(run: Run, ended: Ended) -> str:
    """Keep in the register how a stage ended; a sentence where it cannot be kept."""
    try:
        history.record(run.register, ended)
    except Exception as error:
        return f"Night {run.as_of}: how {ended.stage} ended cannot be kept. {sentence_of(error, run.home.root)}"
    return ""


def stage(name: str) -> Callable[..., Counts]:
    """The function of a stage, by its word."""
    found: Callable[..., Counts] = getattr(importlib.import_module(f"night.{name}"), name)
    return found


def import_ahead(names: Iterable[str]) -> None:
    """Import what these stages import where they run, and Great Expectations, which takes longer than all of them."""
    for name in names:
        stage(name)
    importlib.import_module("expectations.suites").suite(())


def _function(run: Run, name: str, recipient: str | None, expected: Iterable[str]) -> Callable[[], Counts]:
    if recipient:
        return partial(importlib.import_module("night.deliver").deliver_to, run, recipient)
    if name == "report":
        failures = importlib.import_module("night.outcome").failures
        return partial(stage(name), run, failure=" ".join(failures(run, expected)))
    return partial(stage(name), run)
