"""What does each partner hold, by what the register says was delivered to it?

The one place that answers this: for the next night's files, the pages and the commands. A night's files that did not
all come count for nothing; what was withdrawn, rejected or lost is not held.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property

import pyarrow.compute as pc

from connectors.delivery.outbox import Fate, Outbox, has_arrived
from connectors.store import sealed
from connectors.store.paths import RunFolder
from expectations.plain import Row, grouped, plain_rows
from night.run import Run
from transforms.export.arrivals import Held, Night, held_after
from transforms.export.drops import Earlier


def earlier(run: Run) -> Earlier:
    """What every recipient holds before the night's files are made."""
    delivered = _Delivered(run, run.as_of)
    return replace(delivered.held(), numbers=delivered.numbers())


def held_now(run: Run) -> list[Row]:
    """Rows of `holding` as they are once the night's files are delivered, as far as they were."""
    return _Delivered(run, run.as_of + timedelta(days=1)).held().holding


@dataclass(frozen=True)
class _Basis:
    """From where a recipient's holdings go on: the last night that counts (None: none does), and what came after it.

    `row` is its row of `sequence` there; `missed` the first night after it whose files did not come; `may_hold` is
    True where some of those may have.
    """

    night: date | None
    row: Row | None
    missed: date | None = None
    may_hold: bool = False


@dataclass(frozen=True)
class _Delivered:
    """The nights before a day, with what became of their files."""

    run: Run
    before: date
    _fates: dict[date, dict[str, list[Fate]]] = field(default_factory=dict)
    _sequences: dict[date, dict[str, Row]] = field(default_factory=dict)

    @cached_property
    def nights(self) -> list[date]:
        """Every earlier night with files to be, oldest first."""
        return [*self.latest_first()][::-1]

    @cached_property
    def last(self) -> date | None:
        """The last of them; None where there is none."""
        return next(self.latest_first(), None)

    def latest_first(self) -> Iterator[date]:
        """They again: most who ask look at few."""
        return (night for night in self._there if self.folder(night).is_sealed("export"))

    @cached_property
    def _there(self) -> list[date]:
        """Every night before the day that may have a folder, the latest first."""
        nights = [*self.run.nights_before, self.run.as_of]
        return nights[: bisect_left(nights, self.before)][::-1]

    @cached_property
    def box(self) -> Outbox:
        return Outbox(self.run.register)

    @cached_property
    def gone(self) -> frozenset[str]:
        """Recipients to whom a night delivered that this home has no more: it is an older one that was restored."""
        last = self.last.isoformat() if self.last else ""
        return self.box.delivered_after(last, before=self.before.isoformat())

    @cached_property
    def fallen(self) -> dict[str, frozenset[str]]:
        return self.box.fallen(self.before.isoformat())

    def folder(self, night: date) -> RunFolder:
        return self.run.home.run(night)

    def rows(self, night: date, table: str, recipient: str) -> list[Row]:
        found = sealed.read(self.folder(night), "export", table)
        return plain_rows(found.filter(pc.field("recipient") == recipient))

    def sequence(self, night: date) -> dict[str, Row]:
        """The night's rows of `sequence`, by recipient."""
        if night not in self._sequences:
            rows = plain_rows(sealed.read(self.folder(night), "export", "sequence"))
            self._sequences[night] = {row["recipient"]: row for row in rows}
        return self._sequences[night]

    def held(self) -> Earlier:
        """What every recipient holds, without the numbers that its files bore."""
        last = self.last
        if last is None:
            return Earlier()
        made = self.sequence(last)
        bases = {name: self._basis(name) for name in made}
        is_as_made = {
            name: base.night == last and not base.may_hold and self._is_as_made(name, base)
            for name, base in bases.items()
        }
        holding = plain_rows(sealed.read(self.folder(last), "export", "holding"))
        sequence = [row for name, row in made.items() if is_as_made[name]]
        rows = [row for row in holding if is_as_made.get(row["recipient"], False)]
        for name in (name for name, unchanged in is_as_made.items() if not unchanged):
            their_rows, their_sequence = self._gone_through(name, bases[name])
            rows += their_rows
            sequence += their_sequence
        since = {name: base.missed - timedelta(days=1) for name, base in bases.items() if base.missed}
        return Earlier(last, rows, sequence, since)

    def numbers(self) -> dict[str, int]:
        """The highest number that files of each recipient ever bore, on any other night.

        Files that the night itself was given before keep theirs: made again, a night comes out the same.
        """
        found = self.box.nights_with_files(but=self.before.isoformat())
        others = (night for night in reversed(self.run.home.nights()) if night != self.before)
        latest = next((night for night in others if self.folder(night).is_sealed("export")), None)
        for night in {night for night in (self.last, latest) if night}:
            for name, row in self.sequence(night).items():
                found[name] = max(found.get(name, 0), row["sequence"])
        own = self.folder(self.before)
        if own.is_sealed("export"):
            theirs = self.sequence(self.before).items()
            found |= {name: row["sequence"] - 1 for name, row in theirs if row["night"] == self.before}
        return found

    def _basis(self, name: str) -> _Basis:
        missed, may_hold = None, False
        for night in self.latest_first():
            row = self.sequence(night).get(name)
            if row is None:
                return _Basis(None, None, missed, may_hold)
            if row["night"] != night or has_arrived(self._of(night, name)):
                return _Basis(night, row, missed, may_hold or name in self.gone)
            missed = night
            may_hold = may_hold or self._may_have_come(night, name)
        return _Basis(None, None, missed, may_hold)

    def _of(self, night: date, name: str) -> Sequence[Fate]:
        if night not in self._fates:
            self._fates[night] = grouped(self.box.fates(run=night.isoformat()), lambda fate: fate.recipient)
        return self._fates[night].get(name, [])

    def _is_as_made(self, name: str, base: _Basis) -> bool:
        """True where the recipient holds what its last night expected: no file fell since, and none is unknown."""
        return base.row is None or self.fallen.get(name, frozenset()) == frozenset(base.row.get("fallen") or ())

    def _gone_through(self, name: str, base: _Basis) -> tuple[list[Row], list[Row]]:
        """A recipient's rows of `holding` and `sequence`, where they are not as the last night expected."""
        if base.row is None or base.night is None:
            return [], []
        number = self.nights.index(base.night) + 1
        if self._is_as_made(name, base) and not self.folder(base.night).thinned.is_file():
            held = _as_made(self.rows(base.night, "holding", name), base.row)
        else:
            held = held_after(
                self._night(night, name) for night in self.nights[:number] if self._has_files(night, name)
            )
        since = (night for night in self.nights[number:] if self._may_have_come(night, name))
        held = held_after((self._night(night, name) for night in since), held)
        fallen = sorted(self.fallen.get(name, ()))
        known = {"again": sorted(held.again), "is_broken": held.is_broken or base.may_hold, "fallen": fallen}
        return [dict(row) for _, row in sorted(held.rows.items())], [dict(base.row) | known]

    def _may_have_come(self, night: date, name: str) -> bool:
        """True where a file of a night that did not come whole may be there."""
        return any(fate.was_on_its_way or fate.was_delivered for fate in self._of(night, name))

    def _has_files(self, night: date, name: str) -> bool:
        row = self.sequence(night).get(name)
        return row is not None and bool(row["night"] == night)

    def _night(self, night: date, name: str) -> Night:
        row = self.sequence(night)[name]
        kinds: Mapping[str, str] = {one["file"]: one["kind"] for one in self.rows(night, "outgoing", name)}
        return Night(
            holding=self.rows(night, "holding", name),
            disclosure=self.rows(night, "disclosure", name),
            kinds=kinds,
            is_full=bool(row.get("is_full")) or "FULL" in kinds.values(),
            fallen=self.fallen.get(name, frozenset()),
            has_arrived=has_arrived(self._of(night, name)),
        )


def _as_made(holding: list[Row], sequence: Row) -> Held:
    """What a recipient holds, as its last night expected."""
    again, is_broken = sequence.get("again") or (), bool(sequence.get("is_broken"))
    return Held({row["record_ref"]: row for row in holding}, set(again), is_broken)
