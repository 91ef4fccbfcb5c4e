"""Where does everything of a data home lie?

The only module that knows the layout. A night's run folder holds one subfolder a stage; a stage folder that exists is
whole and sealed, because it is written beside its place and renamed there in one step.
"""

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

STAGES = ("pull", "land", "normalise", "link", "reconcile", "validate", "export", "deliver", "report")
PUBLISHING_STAGE = "validate"
BEFORE_THE_REPORT = STAGES[: STAGES.index("report")]


@dataclass(frozen=True)
class Home:
    """A data home: the force's runs, register and keys."""

    root: Path

    @property
    def runs(self) -> Path:
        """One folder a night."""
        return self.root / "runs"

    @property
    def register(self) -> Path:
        """The default register, a SQLite file."""
        return self.root / "register.sqlite"

    @property
    def register_key(self) -> Path:
        """The key of the register's proofs, where no other place is named for it."""
        return self.root / "register.key"

    @property
    def anchors(self) -> Path:
        """Where the register ended, night by night."""
        return self.root / "anchors"

    @property
    def erasures(self) -> Path:
        """Which erasures there were, without whose."""
        return self.root / "erasures.jsonl"

    @property
    def erased(self) -> Path:
        """The erasures that were carried out in this home: a restored one may be behind what its file tells of."""
        return self.root / "erased"

    @property
    def temporary(self) -> Path:
        """Where whoever works in the home keeps what it needs for a moment; nothing there outlives its process."""
        return self.root / "tmp"

    @property
    def keyring(self) -> Path:
        """GnuPG home of the force."""
        return self.root / "keyring"

    @property
    def recipients(self) -> Path:
        """Recipient contracts of this home: added to those of the project, or replacing them."""
        return self.root / "recipients"

    @property
    def outbox(self) -> Path:
        """Encrypted files on their way, one folder a recipient: made once, sent again as they are."""
        return self.root / "outbox"

    @property
    def standin(self) -> Path:
        """Keys of the stand-in partners."""
        return self.root / "standin"

    @property
    def drops(self) -> Path:
        """Where the stand-in partners keep what they received."""
        return self.root / "drops"

    @property
    def force(self) -> Path:
        """Where the home's first night wrote whose home it is."""
        return self.root / "FORCE"

    def force_code(self) -> str | None:
        """The code of the force that the home belongs to; None before its first night."""
        return self.force.read_text(encoding="utf-8").strip() if self.force.is_file() else None

    def write_force_code(self, code: str) -> None:
        """Write down whose home it is, where that is not written yet."""
        if not self.force.is_file():
            self.force.write_text(f"{code}\n", encoding="utf-8")

    @property
    def demonstration_mark(self) -> Path:
        """Says that every child in the home is invented."""
        return self.root / "DEMONSTRATION"

    def demonstration(self) -> "Home":
        """The demonstration's own home, beside whatever real one comes here."""
        return Home(self.root / "demonstration")

    @property
    def lock(self) -> Path:
        """Locked by whoever works in the home."""
        return self.root / ".lock"

    @property
    def command_lock(self) -> Path:
        """Locked by the command that runs nights in the home, from the first to the last."""
        return self.root / ".command.lock"

    @property
    def at_work(self) -> Path:
        """Which night was begun and has not ended."""
        return self.root / ".at_work.json"

    def run(self, as_of: date) -> "RunFolder":
        """The run folder of one night."""
        return RunFolder(self.runs / as_of.isoformat(), as_of)

    def nights(self) -> list[date]:
        """Every night that has a run folder, oldest first."""
        if not self.runs.is_dir():
            return []
        return sorted(date.fromisoformat(name) for name in os.listdir(self.runs) if name[:1].isdigit())

    def published(self) -> list[date]:
        """Nights whose tracker passed the gate, oldest first."""
        return [night for night in self.nights() if self.run(night).is_sealed(PUBLISHING_STAGE)]

    def last_published(self) -> date | None:
        """The latest night whose tracker passed the gate; None where none did."""
        return next((night for night in reversed(self.nights()) if self.run(night).is_sealed(PUBLISHING_STAGE)), None)


@dataclass(frozen=True)
class RunFolder:
    """The folder of one night."""

    root: Path
    as_of: date

    def stage(self, name: str) -> Path:
        """The sealed folder of a stage."""
        return self.root / name

    def unsealed(self, name: str) -> Path:
        """Where a stage writes before it is sealed."""
        return self.root / f".{name}.unsealed"

    @property
    def index(self) -> Path:
        """What linkage keeps for the next night, which may be lost: it is no stage, and is made again from mentions."""
        return self.root / "index"

    @property
    def thinned(self) -> Path:
        """Says that the night was published, and that most of it was let go since."""
        return self.root / "THINNED.json"

    def later(self) -> "list[RunFolder]":
        """The folders of later nights, oldest first."""
        home = Home(self.root.parent.parent)
        return [home.run(night) for night in home.nights() if night > self.as_of]

    def is_sealed(self, name: str) -> bool:
        """True where the stage ended and what it made is whole."""
        return (self.stage(name) / "SEAL.json").is_file()
