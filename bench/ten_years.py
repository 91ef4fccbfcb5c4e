"""Does a home stay small, and a night fast, for ten years?

    python -m bench.ten_years [--years 10] [--children 16] [--every 1] [--home DIR]

A small force is invented whose intelligence spans the years. Its nights are run in one process, their files taken as
delivered and acknowledged, and on the first of each month old nights thin out, as its operators have it. Prints for
each year what the home has of the disk and what a night has of the processor; the bars are three times the disk of the
first year and one and a half times its nights. With `--every 5` only each fifth night is run: each of those between is
a copy of it under its own date, without the files that left, as if nothing had come, with its seals and how its stages
ended in the register. What a night costs is that of the nights that were run.
"""

import argparse
import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, timedelta
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq

from clvt.replay import ASSUMED, TRACKER, endpoint, sources
from connectors.delivery.outbox import ACCEPTED, ACKNOWLEDGED, Outbox, OutgoingFile, Receipt
from connectors.register import history
from connectors.register.history import Ended
from connectors.store import sealed, segments
from connectors.store.paths import STAGES, Home, RunFolder
from demo.synth import make_force
from night.collecting import collect_what_nights_left
from night.night import attempt
from night.retaining import thin
from night.run import Run
from transforms.normalise import LANDED

START = date(2021, 1, 1)  # the ten years for which the contracts of the product are agreed
BEFORE = timedelta(days=30)
BAR_DISK, BAR_NIGHT = 3.0, 1.5
ACTOR = "bench"
OF_ONE_NIGHT = {*LANDED, "pulled_file", "change", "outgoing", "disclosure"}


@dataclass
class Year:
    """What a year of nights took: seconds of the processor by stage, and the disk at its end in MB by place."""

    nights: int = 0
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    retaining: float = 0.0
    disk: dict[str, float] = field(default_factory=dict)

    @property
    def a_night(self) -> float:
        """The CPU seconds of a night."""
        return sum(self.seconds.values()) / self.nights

    @property
    def megabytes(self) -> float:
        """What the home has of the disk."""
        return sum(self.disk.values())


def main() -> None:
    """Live the years, and print each of them and the last beside the first."""
    parser = argparse.ArgumentParser(
        prog="bench.ten_years", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--children", type=int, default=16)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--home", type=Path)
    chosen = parser.parse_args()
    end = START.replace(year=START.year + chosen.years)
    with tempfile.TemporaryDirectory() as scratch:
        force = Path(scratch) / "force"
        make_force(force, children=chosen.children, start=START - BEFORE, end=end)
        home = Home(chosen.home or Path(scratch) / "home")
        years = []
        for year in lived(home, force, chosen.years, chosen.every):
            years.append(year)
            show(len(years), year)
    compare(years[0], years[-1])


def lived(home: Home, force: Path, years: int, every: int) -> Iterator[Year]:
    """Make all nights of these years, and yield each year at its end."""
    last_day = START.replace(year=START.year + years)
    night, base = START, Run(START, home, partial(endpoint, sources(force)), today=last_day)
    for number in range(1, years + 1):
        year, end = Year(), START.replace(year=START.year + number)
        while night < end:
            run = replace(base, as_of=night)
            if (night - START).days % every:
                copy_night(run, home.run(night - timedelta(days=1)))
            else:
                run_night(run, year)
            if night.day == 1:
                spent = _cpu_seconds()
                thin(run, ACTOR)
                year.retaining += _cpu_seconds() - spent
            night += timedelta(days=1)
        year.disk = disk(home)
        yield year


def run_night(run: Run, year: Year) -> None:
    """Run all stages of a night, and have each of its files acknowledged by its recipient."""
    collect_what_nights_left()
    for name in (*TRACKER, *ASSUMED):
        spent = _cpu_seconds()
        attempt(run, name)
        year.seconds[name] += _cpu_seconds() - spent
    year.nights += 1
    box, at = Outbox(run.register), run.site.midnight(run.as_of).astimezone(UTC).isoformat()
    sent = box.of_night(run.as_of.isoformat())
    box.take_receipts([_receipt(step.outgoing, at) for step in sent])
    with box.writing() as connection:
        box.move(connection, sent, ACKNOWLEDGED, ACTOR)


def _receipt(sent: OutgoingFile, at: str) -> Receipt:
    return Receipt(sent.recipient, sent.delivery_id, sent.remote_name, sent.sha256, ACCEPTED, at)


def copy_night(run: Run, earlier: RunFolder) -> None:
    """Make a night of the one before it, as if nothing had come."""
    shutil.copytree(earlier.root, run.folder.root, ignore=shutil.ignore_patterns(segments.SEGMENT))
    for stage in ("pull", "land", "reconcile", "export"):
        for name in sealed.files(run.folder, stage):
            _empty(run.folder.stage(stage) / name)
        for folder in filter(Path.is_dir, run.folder.stage(stage).iterdir()):
            folder.rmdir()
        sealed.seal_again(run.folder, stage, ACTOR)
    for stage in STAGES:
        history.record(run.register, Ended(run.as_of.isoformat(), stage, 0.1, sealed.counts(run.folder, stage)))
    run.write_down_seals(STAGES)
    run.anchor()


def _empty(path: Path) -> None:
    """Take out what came or left on that night alone."""
    if path.suffix != ".parquet":
        path.unlink()
    elif path.stem in OF_ONE_NIGHT:
        sealed.put(path, pq.ParquetFile(path).read().slice(0, 0))


def disk(home: Home) -> dict[str, float]:
    """The blocks of the disk in MB that a home has: by stage, and by place beside the nights."""
    found: dict[str, float] = defaultdict(float)
    for folder, _, files in os.walk(home.root):
        below = Path(folder).relative_to(home.root).parts
        for path in (Path(folder), *(Path(folder) / name for name in files)):
            parts = path.relative_to(home.root).parts
            place = (below[2:3] or ("runs",))[0] if below[:1] == ("runs",) else (parts or (".",))[0]
            found[place] += path.lstat().st_blocks * 512 / 1e6
    return found


def _cpu_seconds() -> float:
    return sum(os.times()[:4])


def show(number: int, year: Year) -> None:
    """Print one year."""
    cost = f"{year.a_night:.3f} CPU s a night, {year.retaining:.1f} CPU s to thin out"
    print(f"year {number:>2}: {year.megabytes:.1f} MB, {cost}")
    print("  MB:    " + "  ".join(f"{name} {size:.1f}" for name, size in sorted(year.disk.items())))
    print(
        "  CPU s: " + "  ".join(f"{name} {seconds / year.nights:.3f}" for name, seconds in year.seconds.items()),
        flush=True,
    )


def compare(first: Year, last: Year) -> None:
    """Print the last year beside the first, and both bars."""
    print(f"disk:    {last.megabytes / first.megabytes:.2f} x the first year's (bar {BAR_DISK})")
    print(f"a night: {last.a_night / first.a_night:.2f} x the first year's (bar {BAR_NIGHT})")


if __name__ == "__main__":
    main()
