"""How often does anybody have to read what leaves: at most once a week each, but for what is urgent?

    python -m bench.readers HOME

Counts, of every recipient and ISO week of a home's nights, the nights that brought a readable file: on the day that its
contract names, or on another for what is urgent, and then why. A correction is urgent, and stands apart. Exit 1 where
anybody had more than one usual file in a week, or one on another day in which nothing is urgent.
"""

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path

from connectors.store.paths import Home
from expectations.plain import Row
from expectations.recipients import Recipient
from night.run import Run
from transforms.export.digest import AT_ONCE, PRESSING, READABLE
from transforms.export.ledger import NOTICE

FIRST, USUAL, CORRECTION, NOTHING = "the first file", "usual", "a correction", "nothing urgent in it"


@dataclass
class Readings:
    """What one recipient had to read: the reasons of each night, by ISO week."""

    weeks: dict[tuple[int, int], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, night: date, why: Iterable[str]) -> None:
        """One more night that brought something to read."""
        week = night.isocalendar()
        self.weeks[week.year, week.week].update(why)

    @property
    def total(self) -> Counter[str]:
        """The nights of all weeks, by reason."""
        return sum(self.weeks.values(), Counter())

    @property
    def most_usual(self) -> int:
        """The most usual files of a week."""
        return max((counted[USUAL] for counted in self.weeks.values()), default=0)

    @property
    def is_too_much(self) -> bool:
        """True where a week had two usual files, or any file that could have waited."""
        return self.most_usual > 1 or self.total[NOTHING] > 0


def readings(nights: Iterable[Run]) -> dict[str, Readings]:
    """What each recipient had to read in these nights, which follow one another; the first one is only begun from."""
    found: dict[str, Readings] = defaultdict(Readings)
    for before, night in pairwise(nights):
        earlier, contracts = _held(before), night.contracts()
        for name, files in _read(night).items():
            why = set(_reasons(contracts[name], before, night, files, earlier.get(name)))
            found[name].add(night.as_of, why)
    return found


def _read(night: Run) -> dict[str, dict[str, str]]:
    """By recipient the kinds of the readable files of a night by their names."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in night.rows("export", "outgoing"):
        if row["file"].rpartition(".")[2] in READABLE:
            found[row["recipient"]][row["file"]] = row["kind"]
    return found


def _held(night: Run) -> dict[str, dict[str, Row]]:
    found: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in night.rows("export", "holding"):
        found[row["recipient"]][row["record_ref"]] = row
    return found


def _reasons(
    contract: Recipient, before: Run, night: Run, files: Mapping[str, str], earlier: Mapping[str, Row] | None
) -> Iterator[str]:
    """Why a recipient got readable files on a night."""
    if NOTICE in files.values():
        yield CORRECTION
    drop = {name for name, kind in files.items() if kind != NOTICE}
    if not drop:
        return
    when = (night.as_of, before.as_of, night.site.meeting)
    schedule = contract.schedule
    if earlier is None:
        yield FIRST
    elif schedule.is_digest(*when) if schedule.digest else schedule.is_due(*when):
        yield USUAL
    else:
        yield from set(_urgent(contract, night, drop, earlier)) or {NOTHING}


def _urgent(contract: Recipient, night: Run, drop: set[str], earlier: Mapping[str, Row]) -> Iterator[str]:
    """What of the records in these files cannot wait, beside what people read of them last."""
    now = _held(night)[contract.name]
    known, stay = ({one["person_id"]: one for one in rows.values()} for rows in (earlier, now))
    for row in night.rows("export", "disclosure"):
        mine = earlier.get(row["record_ref"]) or known.get(row["person_id"])  # by another reference, too
        if row["file"] not in drop or row["operation"] == "ENDED":
            continue
        if row["operation"] == "DELETE":
            yield from [] if row["person_id"] in stay else ["one record of two"]
        elif mine is None:
            yield "somebody new"
        else:
            yield from _pressing(json.loads(mine["read_content"] or mine["content"]), now[row["record_ref"]])


def _pressing(read: Row, row: Row) -> Iterator[str]:
    content = json.loads(row["content"])
    yield from (name for name in AT_ONCE if (read.get(name) or None) != (content.get(name) or None))
    if content.get("concern") != read.get("concern") and content.get("concern_urgency") in PRESSING:
        yield "words"


def show(found: Mapping[str, Readings], nights: int) -> None:
    """Print a line for each recipient: its usual files, the most in a week, and the urgent ones by reason."""
    print(f"{nights} nights; of each recipient the nights that brought something to read")
    print(f"{'':34}usual  most a week  urgent, by reason")
    for name, one in sorted(found.items()):
        urgent = {why: count for why, count in one.total.most_common() if why != USUAL}
        reasons = ", ".join(f"{count} {why}" for why, count in urgent.items())
        print(f"{name:34}{one.total[USUAL]:5}{one.most_usual:13}  {reasons}{' TOO MUCH' if one.is_too_much else ''}")


def main() -> int:
    """Count what each recipient of a home had to read."""
    parser = argparse.ArgumentParser(
        prog="bench.readers", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("home", type=Path)
    home = Home(parser.parse_args().home)
    nights = [Run(night, home) for night in home.published()]
    found = readings(nights)
    show(found, len(nights))
    return int(any(one.is_too_much for one in found.values()))


if __name__ == "__main__":
    sys.exit(main())
