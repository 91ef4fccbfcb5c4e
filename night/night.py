"""How does one night run, from the first stage to the last?

The order of the stages stands in `connectors.paths.STAGES`; the DAG makes a task of each, and `run_night` runs them in
one process. A stage that fails ends the night; the report is written all the same and says where and why.
"""

import importlib
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from traceback import extract_tb

from connectors import history
from connectors.history import Ended
from connectors.paths import STAGES
from night.run import Counts, Run

OURS = ("clvt", "connectors", "expectations", "night", "transforms")


class NightFailed(Exception):
    """A stage failed; the message is a sentence for a person and holds no value of any record."""

    def __init__(self, sentence: str, *, worth_another_try: bool) -> None:
        super().__init__(sentence)
        self.worth_another_try = worth_another_try


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


def told(error: Exception) -> str:
    """The sentence of an error of ours; of any other only its kind and place, since its message may hold a value."""
    if type(error).__module__.split(".")[0] in OURS:
        return str(error)
    places = [frame for frame in extract_tb(error.__traceback__) if str(Path(frame.filename).parent) in _folders()]
    where = f" in {Path(places[-1].filename).name}, line {places[-1].lineno}" if places else ""
    return f"Unexpected {type(error).__name__}{where}: tell the engineer."


def _folders() -> set[str]:
    ours = (module for name, module in sys.modules.items() if name.split(".")[0] in OURS)
    return {str(Path(module.__file__).parent) for module in ours if getattr(module, "__file__", None)}


def _function(run: Run, name: str, recipient: str | None) -> Callable[[], Counts]:
    if recipient:
        return partial(importlib.import_module("night.deliver").deliver_to, run, recipient)
    if name == "report":
        return partial(stage(name), run, failure=" ".join(history.failures(run.register, run.as_of.isoformat())))
    return partial(stage(name), run)
