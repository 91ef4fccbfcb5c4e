"""Which version of a report stands, and whom does it name?

The highest version that is taken stands. A subject whom it no longer names is withdrawn and not forgotten, and one whom
it garbles stays as last read. From a higher version on that is ignored by name, the report supports nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from expectations.plain import Row
from transforms.normalise.records import Ignored, Mentioned, Night, Taken

People = dict[str, Mentioned | Row]  # by mention key: as they came tonight, or as they were known


@dataclass
class History:
    """What is known of one report: its row, the latest version that was ignored, and the people it ever named."""

    ref: str
    report: Row | None = None
    ignored: Row | None = None
    people: People = field(default_factory=dict)

    def ignore(self, version: Ignored, night: Night) -> None:
        """Keep the highest version that is ignored by name; one that comes again stays as it came first."""
        if self.ignored is None or _is_news(version, self.ignored):
            self.ignored = {
                "report_ref": self.ref,
                "version": version.version,
                "stamp": version.stamp,
                "reason_code": version.reason_code,
                "landed_on": version.landed_on,
            }

    def take(self, version: Taken, night: Night) -> bool:
        """Put a version in place; False where a higher one stands already."""
        if self.report is not None and version.version < self.report["version"]:
            return False
        self.report = version.row
        self.people = _after(version, self.people, night)
        return True

    def end(self, night: Night) -> None:
        """Withdraw everything where a version higher than the one that stands is ignored.

        Of one version that was ignored and taken, as when its marking is mended in its place, what came later holds.
        """
        if self.report is None or self.ignored is None or _order(self.ignored) < _order(self.report):
            return
        version, stamp = self.ignored["version"], self.ignored["stamp"]
        self.people = {key: _withdrawn(one, version, stamp, night) for key, one in self.people.items()}
        self.report = self.report | {
            "withdrawn_at": self.report["withdrawn_at"] or stamp,
            "not_taken": self.ignored["reason_code"],
        }


def histories(refs: Iterable[str], reports: list[Row], ignored: list[Row], mentions: list[Row]) -> dict[str, History]:
    """The history of each report by reference, from rows of `report`, `ignored` and `mention` as known."""
    found = {ref: History(ref) for ref in refs}
    for row in reports:
        found[row["report_ref"]].report = row
    for row in ignored:
        found[row["report_ref"]].ignored = row
    for row in mentions:
        found[row["record_ref"]].people[row["mention_key"]] = row
    return found


def _after(version: Taken, people: People, night: Night) -> People:
    named = {person.head["mention_key"]: person for person in version.mentioned}
    named |= {key: person.known_since(_head(people[key])) for key, person in named.items() if key in people}
    garbled = {f"intel:{stopped.record_key}" for stopped in version.stopped}
    earlier = {
        key: one if key in garbled else _withdrawn(one, version.version, version.stamp, night)
        for key, one in people.items()
        if key not in named
    }
    return {**earlier, **named}


def _withdrawn(one: Mentioned | Row, version: int, stamp: datetime, night: Night) -> Mentioned | Row:
    head = _head(one)
    if head["withdrawn"] and head["version"] >= version:
        return one
    ended = head | {"withdrawn": True, "version": version, "stamp": stamp, "landed_on": night.as_of}
    return Mentioned(ended, one.person) if isinstance(one, Mentioned) else ended


def _order(row: Row) -> tuple[int, date]:
    return row["version"], row["landed_on"]


def _is_news(version: Ignored, known: Row) -> bool:
    is_same = (version.version, version.reason_code) == (known["version"], known["reason_code"])
    return version.version >= known["version"] and not is_same


def _head(one: Mentioned | Row) -> Row:
    return one.head if isinstance(one, Mentioned) else one
