"""Does Python take a part of its stack from the system with every call of a loop, while a stage is at work?"""

import resource
from datetime import date
from pathlib import Path

import pytest

from connectors.register import history
from connectors.store.paths import Home
from night import night
from night.run import Counts, Run

CALLS, DEPTHS = 500, range(300)  # at some of these depths a part of the stack of 16 KB ends


def _called() -> int:
    a = b = c = d = e = f = g = h = i = j = k = m = 1  # room for more than one depth takes: no end is passed over
    return a + b + c + d + e + f + g + h + i + j + k + m


def _taken_at(depth: int) -> int:
    """How often the system gave memory for calls so deep below."""
    if depth:
        return _taken_at(depth - 1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(CALLS):
        _called()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def _most_taken() -> Counts:
    return {"taken": max(map(_taken_at, DEPTHS))}


def test_a_stage_calls_functions_without_taking_memory_for_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(night, "_function", lambda *_: _most_taken)
    monkeypatch.setattr(history, "record", lambda *_: None)
    run = Run(date(2022, 3, 1), Home(tmp_path / "home"))
    assert _most_taken()["taken"] >= CALLS
    assert night.attempt(run, "link").counts["taken"] < CALLS
