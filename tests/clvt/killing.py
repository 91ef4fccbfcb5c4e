"""Runs a replay that is killed again and again at random moments, and goes on until it ends.

    python -m tests.clvt.killing SCENARIO HOME FIRST LAST SEED KILLS LONGEST

A process of its own, which loads everything once and forks each attempt, so that the kills fall into the nights and not
into the loading. Half of the kills take both processes of the replay, the others leave the one that follows an orphan.
No attempt that is killed runs longer than LONGEST seconds; prints how many were really killed before they ended.
"""

import os
import random
import signal
import sys
import time
from datetime import date
from pathlib import Path

from clvt import replay
from connectors.store.paths import STAGES, Home
from night.night import stage


def main(scenario: Path, home: Path, first: date, last: date, seed: int, kills: int, longest: float) -> int:
    """Kill `kills` attempts, then let one end; returns how many were really killed before they ended."""
    moments, killed = random.Random(seed), 0
    for _ in range(kills):
        attempt = _fork(scenario, home, first, last)
        time.sleep(moments.uniform(0.02, longest))
        if os.waitpid(attempt, os.WNOHANG) == (0, 0):
            moments.choice((os.kill, os.killpg))(attempt, signal.SIGKILL)
            os.waitpid(attempt, 0)
            killed += 1
    _, status = os.waitpid(_fork(scenario, home, first, last), 0)
    if status:
        sys.exit("the last attempt failed")
    return killed


def _fork(scenario: Path, home: Path, first: date, last: date) -> int:
    child = os.fork()
    if child:
        return child
    os.setpgid(0, 0)
    try:
        replay.replay(Home(home), scenario, first, last, scenario / "labels.csv", False)
        os._exit(0)
    except BaseException as error:
        sys.stderr.write(f"{error}\n")
        os._exit(1)


if __name__ == "__main__":
    for name in STAGES:
        stage(name)
    scenario, home, *nights, seed, kills, longest = sys.argv[1:]
    first, last = map(date.fromisoformat, nights)
    print(main(Path(scenario), Path(home), first, last, int(seed), int(kills), float(longest)))
