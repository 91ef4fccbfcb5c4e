"""Whom has a person protected since, so that files of the night that tell of them may not leave any more?

A decision counts from the next night on. But what leaves is judged when it leaves: where a partner could not be reached
until noon, or a file is sent once more, a child who was restricted in the morning leaves the force for nobody, wherever
that was decided, and also where it was decided before the night and handed in after it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import dropwhile
from typing import Any

from connectors.store import sealed
from connectors.store.paths import RunFolder
from expectations.plain import Row, where
from night.decided import unknown_to_the_night
from night.run import Run
from transforms.reconcile.panels import PERSON_MARKS

IN_ERROR = "REMOVE ENTERED_IN_ERROR"
# What keeps a record here, and what lifts that again before the next night; empty where nothing does.
LIFTED_BY = {mark: lift for mark, lift, _ in PERSON_MARKS} | dict.fromkeys(
    ("SUSPECT_EVIDENCE", "UNSHARE_SUSPECT", IN_ERROR), ""
)


def protected_since(run: Run) -> frozenset[str]:
    """Person ids, as the night has them, whom decisions that it does not know keep here.

    Two children whom the night takes for one, and a person does not any more, are kept too.
    """
    rows = unknown_to_the_night(run)
    kept = _kept(rows)
    found = set[str]()
    if kept:
        now = _newest(run)
        found = _persons(run.folder, kept | _other(now, "mention_key", "person_id", _persons(now, kept)))
    for decision in rows:
        if decision["action"] == "SEPARATE":
            pair = decision["mention_key"], decision["other_mention_key"]
            found |= set[str].intersection(*(_persons(run.folder, [key]) for key in pair))
    return frozenset(found)


def _kept(rows: Iterable[Row]) -> set[str]:
    """The mentions whose records stay here by these decisions, in their order."""
    kept, now = set[tuple[str, str]](), datetime.now(UTC)
    for decision in rows:
        key, mark = decision["mention_key"], decision["action"]
        if mark == "REMOVE":
            mark = f"REMOVE {decision['reason_code']}"
        if mark in LIFTED_BY:
            kept.add((key, mark))
        elif decision["decided_at"] <= now:  # what is to be lifted one day is not yet
            kept -= {(key, one) for one, lift in LIFTED_BY.items() if lift == mark}
    return {key for key, _ in kept}


def _newest(run: Run) -> RunFolder:
    """The last night that says who is who, this one or a later one that was not published."""
    nights = map(run.home.run, reversed(run.home.nights()))
    return next(dropwhile(lambda night: not night.is_sealed("link"), nights))


def _persons(night: RunFolder, keys: Iterable[str]) -> set[str]:
    return _other(night, "person_id", "mention_key", keys)


def _other(night: RunFolder, wanted: str, known: str, values: Iterable[str]) -> set[str]:
    """One column of who is who, of the rows with these values in the other."""
    person = sealed.read(night, "link", "person")
    return set(map(str, where(person, known, values)[wanted].to_pylist()))


def tells_of(disclosure: Iterable[dict[str, Any]], persons: frozenset[str]) -> bool:
    """True where rows of `disclosure` tell anything of these persons; that a record ends says nothing of its child."""
    return any(row["person_id"] in persons and row["fields"] for row in disclosure)
