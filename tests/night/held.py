"""A night of today that is held: its tracker is published, and no file of it is made."""

from dataclasses import asdict, replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path

import pytest
import yaml

from clvt.replay import ASSUMED, TRACKER, endpoint, sources
from connectors.register import answers
from connectors.store.paths import Home
from demo.synth import make_force
from expectations.site import load
from night.failures import NightFailed
from night.night import run_night
from night.run import Run

TAKEN_OFF = 2  # children; one is more than this force's brakes let pass


def a_held_night(folder: Path) -> Run:
    """Tonight is held, since people take children off; and it holds a decision that would make one a grown-up."""
    today = datetime.now(answers.LONDON).date()
    yesterday = today - timedelta(days=1)
    make_force(folder / "given", children=12, start=today - timedelta(days=150), end=yesterday - timedelta(days=1))
    home = Home(folder / "home")
    home.root.mkdir()
    brakes = {name: asdict(one) for name, one in load().brakes.items()}
    brakes["children_taken_off"] = {"least": 1, "share": 0.01, "times": 1}
    (home.root / "site.yml").write_text(yaml.safe_dump({"brakes": brakes}), encoding="utf-8")
    before = Run(yesterday, home, partial(endpoint, sources(folder / "given")))
    run_night(before, (*TRACKER, *ASSUMED))
    keys = [child["mention_keys"][0] for child in before.rows("reconcile", "child") if child["status"]]
    adult, *leave = [{"mention_key": key, "origin": "screen"} for key in keys[: TAKEN_OFF + 1]]
    nineteen = {
        "action": "SET_DOB",
        "value": f"{today.year - 19}-01-01",
        "reason_code": "VERIFIED",
        "reason": "Passport",
    }
    gone = {"action": "REMOVE", "reason_code": "NO_LONGER_AT_RISK", "reason": "Reviewed"}
    decided = [adult | nineteen, *(one | gone for one in leave)]
    answers.record(before.register, decided, "sgt.4417", datetime.combine(yesterday, time(12), UTC))
    tonight = replace(before, as_of=today)
    with pytest.raises(NightFailed, match="2 children leave the tracker, by decisions among others"):
        run_night(tonight, (*TRACKER, *ASSUMED))
    return tonight
