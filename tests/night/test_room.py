"""What a process that makes nights has of the memory: no part of its stack with every call, and nothing of others."""

import resource
import weakref
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


class Itself:
    """What only refers to itself: nothing but a search finds it."""

    def __init__(self) -> None:
        self.itself = self


def test_what_a_night_left_is_gone_before_the_next_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[weakref.ref[Itself]] = []
    there: list[int] = []

    def a_stage() -> Counts:
        there.append(sum(one() is not None for one in left))
        left.append(weakref.ref(Itself()))
        return {}

    monkeypatch.setattr(night, "_function", lambda *_: a_stage)
    monkeypatch.setattr(history, "record", lambda *_: None)
    for day in (1, 2, 3):
        night.run_night(Run(date(2022, 3, day), Home(tmp_path / "home")), ["link"])
    assert there == [0, 0, 0]
