"""How does one night run, from the first stage to the last?

The order of the stages stands in `connectors.store.paths.STAGES`; the DAG makes a task of each, and `run_night` runs
them in one process. A stage that fails ends the night; the report is written all the same and says where and why.
"""

import importlib
import time
from collections.abc import Callable, Iterable
from functools import partial

from connectors.register import history
from connectors.register.history import Ended
from connectors.store.paths import STAGES
from night.failures import NightFailed, told
from night.run import Counts, Run


def run_night(run: Run, stages: Iterable[str] = STAGES) -> list[Ended]:
    """Run these stages of a night in order; NightFailed where one fails, after the report was written."""
    ended = []
    for name in stages:
        try:
            ended.append(attempt(run, name))
        except NightFailed:
            if name != "report":
                attempt(run, "report")
            raise
    return ended


def attempt(run: Run, name: str, recipient: str | None = None) -> Ended:
    """Run one stage, for one recipient only where it is named, and keep in the register how it ended."""
    label = f"{name}[{recipient}]" if recipient else name
    start = time.perf_counter()
    try:
        counts = _function(run, name, recipient)()
    except Exception as error:
        failure = f"Night {run.as_of}: {label} failed. {told(error)}"
        history.record(run.register, Ended(run.as_of.isoformat(), label, time.perf_counter() - start, {}, failure))
        raise NightFailed(failure, worth_another_try=getattr(error, "worth_another_try", False)) from None
    ended = Ended(run.as_of.isoformat(), label, time.perf_counter() - start, counts)
    history.record(run.register, ended)
    return ended


def stage(name: str) -> Callable[..., Counts]:
    """The function of a stage, by its word."""
    found: Callable[..., Counts] = getattr(importlib.import_module(f"night.{name}"), name)
    return found


def _function(run: Run, name: str, recipient: str | None) -> Callable[[], Counts]:
    if recipient:
        return partial(importlib.import_module("night.deliver").deliver_to, run, recipient)
    if name == "report":
        return partial(stage(name), run, failure=" ".join(history.failures(run.register, run.as_of.isoformat())))
    return partial(stage(name), run)
