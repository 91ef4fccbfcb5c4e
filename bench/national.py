"""What does a night cost where one home holds the children of the whole country?

    python -m bench.national [--children 3300]

A force as large as 43 is invented, with a year of reports; the first night takes in all of it but its last day, an
ordinary one what came since. Each night is a process of its own, with a second one where a stage has much to do: its
seconds and the peak memory of both by stage. Its files are taken as delivered, so that an ordinary night sends what
changed. The bar is 90 seconds for the first night, 20 for an ordinary one, and 2 GB, on two cores that are quiet.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from clvt.replay import ASSUMED, TRACKER, endpoint, sources
from connectors.store.paths import Home
from demo.synth import make_force
from night.night import attempt
from night.run import Run

CHILDREN = 3_300
START, END = date(2021, 11, 23), date(2022, 11, 22)
BAR_SECONDS, BAR_MB = {"first": 90.0, "ordinary": 20.0}, 2_048.0
NIGHTS = {"first": END, "ordinary": END + timedelta(days=1)}
OURS = Path("/proc/self")  # proc(5)
LOOK_AGAIN_SECONDS = 0.2


def main() -> None:
    """Measure both nights, and print the seconds and the peak memory of each stage."""
    parser = argparse.ArgumentParser(
        prog="bench.national", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--children", type=int, default=CHILDREN)
    parser.add_argument("--measure", nargs=2, metavar=("FORCE", "NIGHT"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        measure(Path(chosen.measure[0]), date.fromisoformat(chosen.measure[1]))
        return
    with tempfile.TemporaryDirectory() as scratch:
        force = Path(scratch) / "force"
        make_force(force, children=chosen.children, start=START, end=END)
        for kind, night in NIGHTS.items():
            asked = [sys.executable, "-m", "bench.national", "--measure", str(force), night.isoformat()]
            done = subprocess.run(asked, check=True, stdout=subprocess.PIPE, text=True)
            show(kind, [(name, *cost) for name, *cost in json.loads(done.stdout.splitlines()[-1])])


def measure(force: Path, night: date) -> None:
    """Run a night, and print each stage's seconds, peak memory in MB, and counts."""
    run = Run(night, Home(force / "home"), partial(endpoint, sources(force)))
    costs = []
    for name in (*TRACKER, *ASSUMED):
        (OURS / "clear_refs").write_text("5")  # the peak counts from here
        with _of_both() as seen:
            start = time.perf_counter()
            counts = attempt(run, name).counts
            taken = time.perf_counter() - start
        costs.append((name, taken, max(_megabytes(OURS / "status", "VmHWM"), *seen), counts))
    print(json.dumps(costs))


@contextmanager
def _of_both() -> Iterator[list[float]]:
    """Meanwhile, while there is a second process, the memory in MB of both; what they share counts once."""
    seen, is_over = [0.0], threading.Event()

    def look() -> None:
        while not is_over.wait(LOOK_AGAIN_SECONDS):
            second = (OURS / "task" / str(os.getpid()) / "children").read_text().split()
            if second:
                with suppress(OSError, StopIteration):  # it has ended meanwhile
                    both = (OURS, *(OURS.parent / number for number in second))
                    seen.append(sum(_megabytes(one / "smaps_rollup", "Pss") for one in both))

    looks = threading.Thread(target=look)
    looks.start()
    yield seen
    is_over.set()
    looks.join()


def _megabytes(file: Path, name: str) -> float:
    line = next(line for line in file.read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) / 1024


def show(kind: str, costs: list[tuple[str, float, float, dict[str, int]]]) -> None:
    """Print one night."""
    seconds, peak = sum(cost[1] for cost in costs), max(cost[2] for cost in costs)
    is_met = seconds <= BAR_SECONDS[kind] and peak <= BAR_MB
    print(f"{kind} night: {seconds:.1f} s, peak {peak:.0f} MB   {'within' if is_met else 'NOT WITHIN'} the bar")
    for name, taken, megabytes, counts in costs:
        told = ", ".join(f"{what} {number:,}" for what, number in list(counts.items())[:4])
        print(f"  {name:<10}{taken:7.2f} s {megabytes:6.0f} MB   {told}", flush=True)


if __name__ == "__main__":
    main()
