"""What does a stage need to know of the night it works for?"""

import atexit
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache, cached_property
from pathlib import Path

import pyarrow as pa
import sqlalchemy as sa

from connectors.endpoints import Endpoint, from_environment
from connectors.register import anchors, seals
from connectors.register.database import Head, open_register
from connectors.store import sealed
from connectors.store.at_work import Held
from connectors.store.forces import force_of
from connectors.store.paths import PUBLISHING_STAGE, Home, RunFolder
from expectations.plain import Row, plain_rows
from expectations.recipients import Recipient, broken
from expectations.recipients import load as load_recipients
from expectations.site import LONDON, Site
from expectations.site import load as load_site

Counts = dict[str, int]


site_at = cache(load_site)


@cache
def register_at(url: str | Path, key_file: Path | None, owner_url: str = "") -> sa.Engine:
    """A register, opened once; with the process it is closed, so that SQLite leaves no file beside it."""
    opened = open_register(url, key_file, owner_url)
    atexit.register(opened.dispose)
    return opened


def named_register(home: Home) -> str:
    """The register's database URL, from `CLVT_REGISTER`; empty for the data home's own SQLite file."""
    return force_of(home).setting("CLVT_REGISTER")


def registers_owner(home: Home) -> str:
    """The database URL of the role that owns the register's tables, from `CLVT_REGISTER_OWNER`; empty: no other one."""
    return force_of(home).setting("CLVT_REGISTER_OWNER")


def register_key(home: Home) -> Path:
    """The file with the key of the register's proofs: `CLVT_REGISTER_KEY`, else in the data home."""
    return Path(force_of(home).setting("CLVT_REGISTER_KEY") or home.register_key)


def second_place(home: Home) -> Path | None:
    """The place that `CLVT_ANCHORS` names, which the pipeline can only add to; None where it names none."""
    second = force_of(home).setting("CLVT_ANCHORS")
    return Path(second) if second else None


def anchor_folders(home: Home) -> list[Path]:
    """Where the register's end is written down: the data home, and the second place."""
    second = second_place(home)
    return [home.anchors, *([second] if second else [])]


def today_in_london() -> date:
    """The day it is: no later night can be run."""
    return datetime.now(LONDON).date()


@dataclass(frozen=True)
class Run:
    """One night's run: its date, its data home, how connections are found, and the register's database URL.

    Without a URL the register is the one named for the home, with the owner of its tables; one with a URL owns them.
    `today` is the day it is while the night runs; `held` the home's lock, where who runs several stages holds it;
    `tables_read`, as stage and table, of whichever night they are.
    """

    as_of: date
    home: Home
    endpoint: Callable[[str], Endpoint] = field(default=from_environment)
    register_url: str = ""
    today: date = field(default_factory=today_in_london)
    held: Held | None = field(default=None, compare=False)
    tables_read: set[tuple[str, str]] = field(default_factory=set, compare=False, repr=False)

    @property
    def folder(self) -> RunFolder:
        """The run folder."""
        return self.home.run(self.as_of)

    @property
    def is_published(self) -> bool:
        """True where the night's tracker has passed the gate: it may not change any more."""
        return self.folder.is_sealed(PUBLISHING_STAGE)

    @cached_property
    def site(self) -> Site:
        """The force's settings."""
        return site_at(self.home.root / "site.yml")

    def contracts(self) -> dict[str, Recipient]:
        """The recipients of this home whose contracts can be read, by name."""
        return load_recipients(self.home.recipients, self.site.recipients, self.home.standin)

    def broken_contracts(self) -> dict[str, str]:
        """What is wrong with each contract of this home that cannot be read, by the name of its file."""
        return broken(self.home.recipients, self.site.recipients)

    def connection(self, name: str) -> Endpoint:
        """The connection that the force's settings call so; EndpointError where it is not configured."""
        return self.endpoint(force_of(self.home).connection(name))

    @cached_property
    def register(self) -> sa.Engine:
        """The register of decisions, deliveries and processing."""
        owner = "" if self.register_url else registers_owner(self.home)
        return register_at(self.named_register, register_key(self.home), owner)

    @cached_property
    def register_of_owner(self) -> sa.Engine:
        """The register as the role that owns its tables, who alone can take a row out of them."""
        return register_at(registers_owner(self.home) or self.named_register, register_key(self.home))

    @property
    def named_register(self) -> str | Path:
        """Where the register is: a database URL, or the data home's own SQLite file."""
        return self.register_url or named_register(self.home) or self.home.register

    def write_down_seals(self, stages: Iterable[str]) -> None:
        """Write down in the register with which seals these stages left."""
        seals.keep(self.register, {(self.as_of.isoformat(), one): sealed.stamp(self.folder, one) for one in stages})

    def anchor(self) -> Head:
        """Write down where the register ends, outside it."""
        return anchors.keep(anchor_folders(self.home), self.as_of, self.register)

    def read(self, stage: str, table: str) -> pa.Table:
        """A table that a stage of this night sealed."""
        return self._read(self.folder, stage, table)

    def rows(self, stage: str, table: str) -> list[Row]:
        """The same, as rows, made once though several stages read them; a value that is not known is None."""
        if (stage, table) not in self._rows:
            self._rows[stage, table] = plain_rows(self.read(stage, table))
        return [*self._rows[stage, table]]

    @cached_property
    def _rows(self) -> dict[tuple[str, str], list[Row]]:
        return {}

    @cached_property
    def nights_before(self) -> list[date]:
        """Every earlier night that has a folder, oldest first: listed once, since there are ten years of them."""
        nights = self.home.nights()
        return nights[: bisect_left(nights, self.as_of)]

    def at(self, night: RunFolder) -> "Run":
        """The run of another night; of its own night this one, whose rows are made already."""
        return self if night.as_of == self.as_of else replace(self, as_of=night.as_of)

    def previous(self, stage: str) -> RunFolder | None:
        """The last earlier night that sealed this stage."""
        folders = map(self.home.run, reversed(self.nights_before))
        return next((folder for folder in folders if folder.is_sealed(stage)), None)

    def with_files(self) -> "Run | None":
        """This night, or where its files are not made, held or failed, the last one before whose are; None: no such."""
        folder = self.folder if self.folder.is_sealed("export") else self.previous("export")
        return self.at(folder) if folder else None

    def rows_of_files(self, table: str) -> list[Row]:
        """Rows of a table of that night's export, for who reads this one; none where there is no such night."""
        made = self.with_files()
        return made.rows("export", table) if made else []

    def before(self, stage: str, table: str) -> pa.Table | None:
        """A table as the last earlier night sealed it; None on the first night."""
        earlier = self.previous(stage)
        return self._read(earlier, stage, table) if earlier else None

    def published_before(self, stage: str, table: str) -> pa.Table | None:
        """A table as the last earlier night that was published had it; None where there is none."""
        earlier = self.previous(PUBLISHING_STAGE)
        return self._read(earlier, stage, table) if earlier else None

    def since(self, earlier: RunFolder | None, stage: str, table: str) -> pa.Table:
        """A table of every night after an earlier one, up to this: what nights that failed left to their followers."""
        nights = self.folders_after(earlier.as_of if earlier else date.min)
        return pa.concat_tables([self._read(night, stage, table) for night in nights if night.is_sealed(stage)])

    def folders_after(self, day: date) -> list[RunFolder]:
        """The folders of the nights after a day, up to this, oldest first; this one's own may not be there yet."""
        nights = self.nights_before[bisect_right(self.nights_before, day) :]
        return [*map(self.home.run, nights), *([self.folder] if day < self.as_of else [])]

    def _read(self, night: RunFolder, stage: str, table: str) -> pa.Table:
        self.tables_read.add((stage, table))
        return sealed.read(night, stage, table)

    def writer(self, stage: str) -> sealed.StageWriter:
        """An empty, unsealed folder for a stage."""
        return sealed.StageWriter(self.folder, stage).start()
