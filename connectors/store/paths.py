"""Where does everything of a data home lie?

The only module that knows the layout. A night's run folder holds one subfolder a stage; a stage folder that exists is
whole and sealed, because it is written beside its place and renamed there in one step.
"""

import os
import time
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path

STAGES = ("pull", "land", "normalise", "link", "reconcile", "validate", "export", "deliver", "report")
PUBLISHING_STAGE = "validate"
BEFORE_THE_REPORT = STAGES[: STAGES.index("report")]
UNSETTLED_NS = 50_000_000  # changes within one tick of a file system's clock bear the same time


class Place:
    """A path below the root of a home, or of a night's folder."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, of: "Home | RunFolder", _kind: object = None) -> Path:
        return of.root / self.name


@dataclass(frozen=True)
class Home:
    """A data home: the force's runs, register and keys."""

    root: Path

    runs = Place("runs")  # one folder a night
    register = Place("register.sqlite")  # the default register, a SQLite file
    register_key = Place("register.key")  # the key of the register's proofs, where no other place is named for it
    anchors = Place("anchors")  # where the register ended, night by night
    erasures = Place("erasures.jsonl")  # which erasures there were, without whose
    erased = Place("erased")  # those carried out here: a restored home may be behind what its file tells of
    temporary = Place("tmp")  # what somebody at work needs for a moment; nothing there outlives its process
    keyring = Place("keyring")  # GnuPG home of the force
    recipients = Place("recipients")  # this home's contracts: beside those of the project, or in their place
    outbox = Place("outbox")  # encrypted files on their way, one folder a recipient: made once, sent again as they are
    standin = Place("standin")  # keys of the stand-in partners
    drops = Place("drops")  # where the stand-in partners keep what they received
    force = Place("FORCE")  # where the home's first night wrote whose home it is
    demonstration_mark = Place("DEMONSTRATION")  # says that every child in the home is invented
    lock = Place(".lock")  # locked by whoever works in the home
    command_lock = Place(".command.lock")  # locked by the command that runs nights, from the first to the last
    at_work = Place(".at_work.json")  # which night was begun and has not ended

    def force_code(self) -> str | None:
        """The code of the force that the home belongs to; None before its first night."""
        return self.force.read_text(encoding="utf-8").strip() if self.force.is_file() else None

    def write_force_code(self, code: str) -> None:
        """Write down whose home it is, where that is not written yet."""
        if not self.force.is_file():
            self.force.write_text(f"{code}\n", encoding="utf-8")

    def demonstration(self) -> "Home":
        """The demonstration's own home, beside whatever real one comes here."""
        return Home(self.root / "demonstration")

    def run(self, as_of: date) -> "RunFolder":
        """The run folder of one night."""
        return RunFolder(self.runs / as_of.isoformat(), as_of)

    def nights(self) -> list[date]:
        """Every night that has a run folder, oldest first."""
        try:
            changed = self.runs.stat().st_mtime_ns
        except OSError:
            return []
        nights = _nights if time.time_ns() - changed > UNSETTLED_NS else _nights.__wrapped__
        return [*nights(self.runs, changed)]

    def published(self) -> list[date]:
        """Nights whose tracker passed the gate, oldest first."""
        return [night for night in self.nights() if self.run(night).is_sealed(PUBLISHING_STAGE)]

    def last_published(self) -> date | None:
        """The latest night whose tracker passed the gate; None where none did."""
        return next((night for night in reversed(self.nights()) if self.run(night).is_sealed(PUBLISHING_STAGE)), None)


@lru_cache(maxsize=16)
def _nights(runs: Path, _changed: int) -> tuple[date, ...]:
    """The nights of a folder, read once until it changes: a night asks twenty times, and there are thousands."""
    return tuple(map(_night, sorted(name for name in os.listdir(runs) if name[:1].isdigit())))


@cache
def _night(name: str) -> date:
    return date.fromisoformat(name)


@dataclass(frozen=True)
class RunFolder:
    """The folder of one night."""

    root: Path
    as_of: date

    index = Place("index")  # what linkage keeps for the next night; where it is lost, it is made again from mentions
    thinned = Place("THINNED.json")  # says that the night was published, and that most of it was let go since

    def stage(self, name: str) -> Path:
        """The sealed folder of a stage."""
        return self.root / name

    def unsealed(self, name: str) -> Path:
        """Where a stage writes before it is sealed."""
        return self.root / f".{name}.unsealed"

    def later(self) -> "list[RunFolder]":
        """The folders of later nights, oldest first."""
        home = Home(self.root.parent.parent)
        return [home.run(night) for night in home.nights() if night > self.as_of]

    def is_sealed(self, name: str) -> bool:
        """True where the stage ended and what it made is whole."""
        return (self.stage(name) / "SEAL.json").is_file()
