"""Whom has a person protected since the night began, so that its files may not leave any more?

A decision counts from the next night on. But what leaves is judged when it leaves: where a partner could not be reached
until noon, or a file is sent once more, a child who was restricted in the morning leaves the force for nobody.
"""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from connectors.register import answers
from night.foresight import EVER
from night.pull import cut_off
from night.run import Run
from transforms.reconcile.panels import PERSON_MARKS

LIFTED_BY = {mark: lift for mark, lift, _ in PERSON_MARKS} | {"SUSPECT_EVIDENCE": ""}


def protected_since(run: Run) -> frozenset[str]:
    """Person ids, as the night has them, whom decisions made on the screens since the night began keep here."""
    keys = set()
    for row in answers.decisions_before(run.register, EVER):
        if row["decided_at"] < cut_off(run):
            continue
        if row["action"] in LIFTED_BY:
            keys.add((row["mention_key"], row["action"]))
        keys -= {(row["mention_key"], mark) for mark, lift in LIFTED_BY.items() if lift == row["action"]}
    return _persons(run, {key for key, _ in keys}) if keys else frozenset()


def _persons(run: Run, keys: Iterable[str]) -> frozenset[str]:
    person = run.read("link", "person")
    theirs = person.filter(pc.is_in(person["mention_key"], pa.array(sorted(keys), pa.string())))
    return frozenset(map(str, theirs["person_id"].to_pylist()))


def tells_of(disclosure: Iterable[dict[str, Any]], persons: frozenset[str]) -> bool:
    """True where rows of `disclosure` tell anything of these persons; that a record ends says nothing of its child."""
    return any(row["person_id"] in persons and row["fields"] for row in disclosure)
