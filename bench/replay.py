"""How many nights a second does a replay run, beside the bar of three, and where do the seconds go?

    python -m bench.replay [--scenario DIR] [--first 2022-07-01] [--nights 40]

Every stage but delivery, every gate on. Without a scenario a force is invented. The tracker and what leaves of it are
made by two processes beside each other; loading counts too, so that few nights look slower than a year of them.
"""

import argparse
import os
import tempfile
from datetime import date, timedelta
from pathlib import Path

from clvt.replay import ASSUMED, TRACKER, Summary, replay
from connectors.store.paths import Home
from demo.synth import make_force

BAR = 3.0  # nights a second


def main() -> None:
    """Replay nights into a folder that is thrown away, and print how fast they were."""
    parser = argparse.ArgumentParser(
        prog="bench.replay", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--scenario", type=Path)
    parser.add_argument("--first", type=date.fromisoformat, default=date(2022, 7, 1))
    parser.add_argument("--nights", type=int, default=40)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        scenario = chosen.scenario or Path(scratch) / "force"
        if chosen.scenario is None:
            make_force(scenario)
        last = chosen.first + timedelta(days=chosen.nights - 1)
        labels = scenario / "labels.csv" if (scenario / "labels.csv").is_file() else None
        spent = _cpu_seconds()
        done = replay(Home(Path(scratch) / "home"), scenario, chosen.first, last, labels, deliver=False)
        show(done, _cpu_seconds() - spent)


def _cpu_seconds() -> float:
    """What this process and those that it waited for have had of the machine's cores."""
    return sum(os.times()[:4])


def show(done: Summary, cpu_seconds: float) -> None:
    """Print nights a second as a ratio to the bar, the seconds a night of each stage, and what two cores allow."""
    rate, cpu = done.nights / done.seconds, cpu_seconds / done.nights
    print(f"{cpu:.3f} CPU seconds a night, loading too: two cores that do nothing else allow {2 / cpu:.2f} a second")
    print(f"{done.nights} nights in {done.seconds:.1f} s: {rate:.2f} a second, {rate / BAR:.2f} x the bar")
    for process, stages in (("the tracker", TRACKER), ("what leaves", ASSUMED)):
        seconds = {name: done.by_stage[name] / done.nights for name in stages}
        told = "  ".join(f"{name} {taken:.3f}" for name, taken in seconds.items())
        print(f"{process:<12}{sum(seconds.values()):.3f} s a night: {told}")


if __name__ == "__main__":
    main()
