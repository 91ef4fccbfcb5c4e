"""What would leave of a night, if it were run, and why does somebody get nothing?

Makes the whole night but for delivery in a scratch home below the data home: with the nights, the settings and the
register of the home, all copied, and with its sources, which are read and left as they are.
"""

import os
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from clvt.connections import endpoint
from connectors.endpoints import Endpoint
from connectors.store.forces import Force, force_of
from connectors.store.paths import STAGES, Home
from expectations.plain import Row
from expectations.recipients import Recipient
from night.night import run_night
from night.run import Run, register_key
from transforms.export.holdings import DISCLOSING
from transforms.export.release import REASONS

NIGHTS_KEPT = 62  # the report looks back to the meeting before the last
SETTINGS = ("site.yml", "authorities.csv", "FORCE", "erasures.jsonl", "erased")
ALTERS_AN_INBOX = ("taken", "notices")
REHEARSED = tuple(name for name in STAGES if name != "deliver")
COLUMNS = ("recipient", "files", "records", "disclosed", "notices", "why_nothing")
BATCH = 5_000

Find = Callable[[str], Endpoint]


@dataclass(frozen=True)
class Rehearsal:
    """What would have left, a row a recipient, and the run in the scratch home."""

    rows: list[Row]
    run: Run

    @property
    def report(self) -> Path:
        """The page of the night."""
        return self.run.folder.stage("report") / "report.html"


def rehearse(home: Home, as_of: date, find: Find = endpoint) -> Rehearsal:
    """Make the night in the scratch home; NightFailed and MayNotRun as a real night would raise them."""
    scratch = Home(home.root / "rehearsal")
    shutil.rmtree(scratch.root, ignore_errors=True)
    scratch.root.mkdir(parents=True, mode=0o700)
    real = Run(as_of, home)
    _copy_settings(home, scratch)
    _copy_nights(home, scratch, as_of)
    _copy_register(real, scratch)
    os.environ.pop("CLVT_ANCHORS", None)  # a second place for the real register's end only
    run = replace(real, home=scratch, endpoint=partial(_looked_at, find, force_of(home)), register_url=_url(scratch))
    run_night(run, REHEARSED)
    return Rehearsal(_would_leave(run), run)


def _looked_at(find: Find, force: Force, name: str) -> Endpoint:
    """A connection of the home's force through which nothing is changed where it leads."""
    found = find(force.connection(name))
    return replace(found, extra={key: value for key, value in found.extra.items() if key not in ALTERS_AN_INBOX})


def _copy_settings(home: Home, scratch: Home) -> None:
    for path in (home.root / name for name in SETTINGS):
        if path.is_file():
            shutil.copy2(path, scratch.root / path.name)
    for folder in (home.recipients, home.keyring):
        if folder.is_dir():
            shutil.copytree(folder, scratch.root / folder.name, ignore=shutil.ignore_patterns("S.*", "*.lock"))


def _copy_nights(home: Home, scratch: Home, as_of: date) -> None:
    """The nights before, as links: what is sealed is never written to, only replaced."""
    for night in [night for night in home.nights() if night < as_of][-NIGHTS_KEPT:]:
        source = home.run(night).root
        shutil.copytree(source, scratch.run(night).root, copy_function=os.link)


def _copy_register(real: Run, scratch: Home) -> None:
    """Every row of the register, wherever it is kept, into a file of the scratch home; and the key of its proofs."""
    key = register_key(real.home)
    tables = sa.MetaData()
    tables.reflect(real.register)
    for column in (one for table in tables.tables.values() for one in table.columns):
        column.server_default = None  # PostgreSQL numbers rows by a sequence, which a file has not
    copy = sa.create_engine(_url(scratch), hide_parameters=True)
    tables.create_all(copy)
    with real.register.connect() as read, copy.begin() as write:
        for table in tables.sorted_tables:
            for rows in read.execution_options(yield_per=BATCH).execute(sa.select(table)).mappings().partitions(BATCH):
                write.execute(table.insert(), [dict(row) for row in rows])
    copy.dispose()
    if key.is_file():
        shutil.copy2(key, scratch.register_key)


def _url(home: Home) -> str:
    return f"sqlite:///{home.register}"


def _would_leave(run: Run) -> list[Row]:
    outgoing, disclosed = run.rows("export", "outgoing"), run.rows("export", "disclosure")
    disclosures = Counter(row["recipient"] for row in disclosed if row["operation"] in DISCLOSING)
    notices = Counter(row["recipient"] for row in run.rows("export", "notice") if row["issued_on"] == run.as_of)
    records: Counter[str] = Counter()
    for row in outgoing:
        records[row["recipient"]] += row["records"]
    files = Counter(row["recipient"] for row in outgoing)
    return [
        {
            "recipient": name,
            "files": files[name],
            "records": records[name],
            "disclosed": disclosures[name],
            "notices": notices[name],
            "why_nothing": "" if files[name] else _why_nothing(run, recipient),
        }
        for name, recipient in sorted(run.contracts().items())
    ]


def _why_nothing(run: Run, recipient: Recipient) -> str:
    """Why a sound contract brings its recipient no file of the night."""
    if not recipient.is_agreed(run.as_of):
        return REASONS["AGREEMENT_NOT_VALID"]
    day = recipient.schedule.next_day(run.as_of, run.site.meeting, is_list=recipient.content == "full")
    if day > run.as_of:
        return f"Not due: its next day is {day:%A} {day}."
    held = sum(row["recipient"] == recipient.name for row in run.rows("export", "holding"))
    kept = [row for row in run.rows("export", "held_back") if (row["recipient"], row["field"]) == (recipient.name, "*")]
    reasons = (f"{count} held back: {reason}" for reason, count in Counter(row["reason"] for row in kept).most_common())
    known = f"Nothing is new of the {held} that it holds." if held else "It hears of nobody so far."
    return " ".join([known, *reasons])
