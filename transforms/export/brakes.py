"""Is a night so unlike this home's nights that a person has to see it before anything leaves?

Counts what the night does, measure by measure and recipient by recipient, and holds each count against its limit: what
this home's own nights bring, and never less than what a small home may do on an ordinary day. A limit that is passed
is no error; it may be a true flood, or a slip of the hand that would reach every partner. Only a person can tell.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from expectations.agreed import ON_TRACKER
from expectations.plain import Row
from expectations.site import Limit
from transforms.export.holdings import DISCLOSING

REMEMBERED = timedelta(days=90)  # so long a night is among those that say what is usual
USUAL = ["measure", "recipient", "count", "beyond"]  # what its rows say that with
UNDECIDED = (None, "AGED_OUT")  # reasons of a removal for which nobody was asked
InUse = dict[str, set[tuple[str, str]]]  # kinds of records and person ids, by recipient


@dataclass(frozen=True)
class TwoNights:
    """What the brakes look at: tonight's rows, and those of the last night whose files were made.

    `merged` is the person id that now stands for one that was merged away. `reports` and `keys` are what came in since:
    reports by force, and keys of the source that are no longer there, of so many.
    """

    as_of: date
    force_code: str
    child_before: list[Row]
    child: list[Row]
    merged: Mapping[str, str]
    holding_before: list[Row]
    holding: list[Row]
    notice: list[Row]
    disclosure: list[Row]
    reports: Mapping[str, int] = field(default_factory=dict)
    reports_expected: float = 0.0
    keys_vanished: int = 0
    keys_known: int = 0

    @cached_property
    def in_use_before(self) -> InUse:
        """Who each recipient has a record of, as the nights before left it."""
        return _in_use(self.holding_before)

    @cached_property
    def decided_on(self) -> set[str]:
        """Children whom a decision by name took off since, with its reason, or did not take on."""
        before = {self.merged.get(row["person_id"], row["person_id"]): row["state"] for row in self.child_before}
        return {
            row["person_id"]
            for row in self.child
            if (row["state"] == "DECLINED" or row["removal_reason"] not in UNDECIDED)
            and before.get(row["person_id"]) != row["state"]
        }

    @cached_property
    def were(self) -> set[str]:
        """Children who were on the tracker."""
        return _on_tracker(self.child_before)

    @cached_property
    def gone(self) -> set[str]:
        """Those of them who are not on it any more."""
        return {self.merged.get(person, person) for person in self.were} - _on_tracker(self.child)


@dataclass(frozen=True)
class Count:
    """How many, to whom (empty: nobody in particular), of how many it is a part, how many of them are held there."""

    count: int
    of: float
    recipient: str = ""
    held_already: int | None = None


def _leaving(nights: TwoNights) -> Iterator[Count]:
    yield Count(len(nights.gone - nights.decided_on), len(nights.were))


def _taken_off_by_people(nights: TwoNights) -> Iterator[Count]:
    """With those who left otherwise: a slip in two columns is one slip."""
    yield Count(len(nights.gone) if nights.gone & nights.decided_on else 0, len(nights.were))


def _endings(nights: TwoNights) -> Iterator[Count]:
    """But for those of children on whom people decided by name."""
    after = _in_use(nights.holding)
    for recipient, refs in sorted(nights.in_use_before.items()):
        ended = [person for _, person in refs - after.get(recipient, set()) if person not in nights.decided_on]
        yield Count(len(ended), len(refs), recipient)


def _notices(nights: TwoNights) -> Iterator[Count]:
    sent = Counter(row["recipient"] for row in nights.notice)
    for recipient, refs in sorted(nights.in_use_before.items()):
        yield Count(sent[recipient], len(refs), recipient)


def _disclosed(nights: TwoNights) -> Iterator[Count]:
    """Of recipients who hold something: the first file that a partner gets is as large as it is."""
    before = nights.in_use_before
    sent: InUse = {name: set() for name in before}
    for row in nights.disclosure:
        if row["operation"] in DISCLOSING and row["recipient"] in sent:
            sent[row["recipient"]].add((row["record_ref"][:2], row["person_id"]))
    for recipient, them in sorted(sent.items()):
        yield Count(len(them), len(before[recipient]), recipient, len(them & before[recipient]))


def _reports(nights: TwoNights) -> Iterator[Count]:
    yield Count(sum(nights.reports.values()), nights.reports_expected)


def _of_other_forces(nights: TwoNights) -> Iterator[Count]:
    others = sum(count for force, count in nights.reports.items() if force != nights.force_code)
    yield Count(others, sum(nights.reports.values()))


def _vanished(nights: TwoNights) -> Iterator[Count]:
    yield Count(nights.keys_vanished, nights.keys_known)


def _on_tracker(children: list[Row]) -> set[str]:
    return {row["person_id"] for row in children if row["state"] in ON_TRACKER}


@dataclass(frozen=True)
class Brake:
    """One measure: what it says of a count, and how it counts."""

    says: str
    counts: Callable[[TwoNights], Iterator[Count]]


BRAKES = {
    "children_leaving": Brake("children leave the tracker", _leaving),
    "children_taken_off": Brake("children leave the tracker, by decisions among others", _taken_off_by_people),
    "endings": Brake("records end at {recipient}", _endings),
    "notices": Brake("correction notices go to {recipient}", _notices),
    "records_disclosed": Brake("records go to {recipient}", _disclosed),
    "reports": Brake("reports came in", _reports),
    "reports_of_other_forces": Brake("reports of other forces came in", _of_other_forces),
    "keys_vanished": Brake("records that were known have vanished from the source", _vanished),
}


def remembered(earlier: pa.Table, as_of: date) -> pa.Table:
    """Rows of table `brake` of the nights that say what is usual on a night."""
    since, until = pa.scalar(as_of - REMEMBERED), pa.scalar(as_of)
    return earlier.filter(pc.and_(pc.greater(earlier["night"], since), pc.less(earlier["night"], until)))


def braked(nights: TwoNights, earlier: list[Row], limits: Mapping[str, Limit]) -> list[Row]:
    """Tonight's rows of table `brake`; `earlier` are the columns USUAL of the nights that are remembered.

    A night that a person let through does not say what is usual.
    """
    usual: dict[tuple[str, str], int] = {}
    for row in earlier:
        if not row["beyond"]:
            key = row["measure"], row["recipient"] or ""
            usual[key] = max(usual.get(key, 0), row["count"])
    found = []
    for measure, brake in BRAKES.items():
        limit = limits[measure]
        for one in brake.counts(nights):
            most = int(max(limit.least, limit.share * one.of, limit.times * usual.get((measure, one.recipient), 0)))
            found.append(
                {
                    "night": nights.as_of,
                    "measure": measure,
                    "recipient": one.recipient or None,
                    "count": one.count,
                    "limit": most,
                    "beyond": one.count > most,
                    "held_already": one.held_already,
                }
            )
    return found


def held_for(rows: list[Row], night: date) -> list[Row]:
    """The measures of a night that lie beyond their limits."""
    return [row for row in rows if row["night"] == night and row["beyond"]]


def consequence(held: list[Row]) -> str:
    """What a held night would do, in one sentence: what and how many, and nobody's name."""
    parts = [
        f"{row['count']} {BRAKES[row['measure']].says.format(recipient=row['recipient'])}{_again(row)} "
        f"(at most {row['limit']} pass unasked)"
        for row in held
    ]
    return "; ".join(parts) + "."


def _again(row: Row) -> str:
    """How many are told again of whom the recipient knows: all but all of them after an upgrade, none in a flood."""
    return f", {row['held_already']} of them of people whom it knows already" if row.get("held_already") else ""


def _in_use(rows: list[Row]) -> InUse:
    """Who each recipient has a record of in use, as what: what ended and is kept is not."""
    found: InUse = {}
    for row in rows:
        refs = found.setdefault(row["recipient"], set())
        if not row.get("ending"):
            refs.add((row["record_ref"][:2], row["person_id"]))
    return found
