"""What leaves the force tonight?

For each recipient: what it is entitled to, what it holds, the drop and the notices that make the two agree, and the
manifest. Gives the files as bytes, and the tables that say who had what.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from itertools import chain, product
from typing import Any

from expectations.plain import Row, grouped
from expectations.recipients import Recipient
from transforms.export import ledger
from transforms.export.barnardos import Barnardos
from transforms.export.btp import Btp
from transforms.export.columns import Columns
from transforms.export.digest import URGENT, WEEK, for_readers, is_pressing
from transforms.export.entitled import Entitlement, HeldBack, entitlement, tie
from transforms.export.exporter import Drop, Exporter
from transforms.export.holdings import Held, Operation, Serving, Settled, settle
from transforms.export.manifest import manifest
from transforms.export.mash import Mash
from transforms.export.missing import Missing
from transforms.export.neighbourhood import Neighbourhood
from transforms.export.notices import notices_documents
from transforms.export.notification import Notification
from transforms.export.nrm import Nrm
from transforms.export.panel import Panel
from transforms.export.pnd import Pnd
from transforms.export.shareable import Shareables
from transforms.export.tracker_share import TrackerShare
from transforms.export.turning_18 import Turning18
from transforms.export.unheard import unheard
from transforms.tables import Tables

EXPORTERS: dict[str, Exporter] = {
    "pnd": Pnd(),
    "nrm": Nrm(),
    "mash": Mash(),
    "notification": Notification(),
    "barnardos": Barnardos(),
    "btp": Btp(),
    "panel": Panel(),
    "tracker_share": TrackerShare(),
    "neighbourhood": Neighbourhood(),
    "missing": Missing(),
    "columns": Columns(),
    "turning_18": Turning18(),
}


class ExportError(Exception):
    """A contract cannot be carried out; the message says which and why."""


@dataclass(frozen=True)
class Earlier:
    """What recipients hold so far: rows of `holding` and `sequence`, and the last night that had files to make.

    `since`: for a recipient whom files of a night did not reach, the last day that it was served. `numbers`: the
    highest number that its files ever bore, whatever became of them.
    """

    night: date | None = None
    holding: list[Row] = field(default_factory=list)
    sequence: list[Row] = field(default_factory=list)
    since: Mapping[str, date] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """Files by name below the stage's folder, and rows of the stage's tables; of `notice` only tonight's."""

    files: dict[str, bytes] = field(default_factory=dict)
    outgoing: list[Row] = field(default_factory=list)
    disclosure: list[Row] = field(default_factory=list)
    held_back: list[Row] = field(default_factory=list)
    unheard: list[Row] = field(default_factory=list)
    holding: list[Row] = field(default_factory=list)
    sequence: list[Row] = field(default_factory=list)
    notice: list[Row] = field(default_factory=list)


TABLES = ("outgoing", "disclosure", "held_back", "holding", "sequence", "notice")  # of one recipient's outcome


def drops(
    tables: Tables,
    recipients: Mapping[str, Recipient],
    earlier: Earlier,
    full_requested: frozenset[str] = frozenset(),
) -> Outcome:
    """Tonight's files and tables for all recipients; those of `full_requested` get everything again."""
    files: dict[str, bytes] = {}
    each = each_drop(Shareables(tables), recipients, earlier, full_requested, files.__setitem__)
    return replace(combined(tables, recipients, earlier, [one() for one in each.values()]), files=files)


def each_drop(
    shareables: Shareables,
    recipients: Mapping[str, Recipient],
    earlier: Earlier,
    full_requested: frozenset[str],
    keep: ledger.Keep,
) -> dict[str, Callable[[], Outcome]]:
    """What makes each recipient's files and rows, by name; `keep` takes each file once it is made.

    They know nothing of each other, and can be done in any order. ExportError where a contract cannot be carried out.
    """
    held = grouped(earlier.holding, lambda row: row["recipient"])
    sequences = {row["recipient"]: row for row in earlier.sequence}
    made: dict[str, Callable[[], Outcome]] = {}
    for name, recipient in sorted(recipients.items()):
        wrong = shortfalls(recipient)
        if wrong:
            raise ExportError(f"Contract {name} cannot be carried out: {'; '.join(wrong)}.")
        before = Before(
            holding=held[name],
            sequence=sequences.get(name),
            number=max(earlier.numbers.get(name, 0), sequences[name]["sequence"] if name in sequences else 0),
            served_on=earlier.since.get(name, earlier.night),
            full_requested=name in full_requested,
        )
        made[name] = partial(_drop_of, shareables, recipient, before, keep)
    return made


def combined(
    tables: Tables, recipients: Mapping[str, Recipient], earlier: Earlier, outcomes: Iterable[Outcome]
) -> Outcome:
    """The outcomes of recipients as one, in their order, with what nobody's drop says."""
    outcome = Outcome()
    for one, table in product(outcomes, TABLES):
        getattr(outcome, table).extend(getattr(one, table))
    _keep_without_contract(recipients, earlier, outcome)
    outcome.unheard.extend(unheard(tables, recipients, outcome.held_back, outcome.holding))
    return outcome


def shortfalls(recipient: Recipient) -> list[str]:
    """What a contract lacks to be carried out, one clause each."""
    exporter = EXPORTERS.get(recipient.exporter)
    if exporter is None:
        return [f"there is no exporter {recipient.exporter}; known are {', '.join(sorted(EXPORTERS))}"]
    settings = {*exporter.needs_settings, *(["rag"] if "rag" in recipient.fields else [])}
    nowhere = not (recipient.population.where or exporter.everywhere or recipient.is_everywhere)
    return [
        *(["population.where is missing: name whose children it hears of, or write everywhere"] if nowhere else []),
        *(f"it needs the field {name}" for name in exporter.needs_fields if name not in recipient.fields),
        *(f"it needs settings.{name}" for name in sorted(settings) if name not in recipient.settings),
        *_version_unknown(exporter, recipient),
        *(f"{form} is no format of {recipient.exporter}" for form in recipient.formats if form not in exporter.formats),
        *exporter.lacking(recipient),
    ]


def _version_unknown(exporter: Exporter, recipient: Recipient) -> list[str]:
    is_known = not exporter.versions or recipient.version in exporter.versions
    return [] if is_known else [f"there is no version {recipient.version} of {recipient.exporter}"]


@dataclass(frozen=True)
class Before:
    """How things stand with a recipient: its rows of `holding`, that of `sequence`, the last number of its files, the
    last day that it was served, and whether it asks for everything.
    """

    holding: list[Row]
    sequence: Mapping[str, Any] | None
    number: int
    served_on: date | None
    full_requested: bool

    @property
    def again(self) -> frozenset[str]:
        """Records that a file held which the recipient rejected or lost, or which was withdrawn."""
        return frozenset((self.sequence or {}).get("again") or ())

    @property
    def is_broken(self) -> bool:
        """True where what the recipient holds is not sure, or such a file held changes."""
        return bool((self.sequence or {}).get("is_broken"))


def _drop_of(shareables: Shareables, recipient: Recipient, before: Before, keep: ledger.Keep) -> Outcome:
    """One recipient's rows; its files are kept."""
    tables = shareables.tables
    due = entitlement(tables, shareables, recipient, ledger.Contents(before.holding))
    if before.holding:
        tie(recipient, due)
    held = ledger.held_by(before.holding, due.records)
    is_due, is_full = _is_due(tables, recipient, before, due, held), _is_full(recipient, before)
    if is_due and not before.holding:
        tie(recipient, due)
    exporter = EXPORTERS[recipient.exporter]
    form = frozenset() if exporter.is_whole else frozenset(exporter.needs_fields)
    how = Serving(is_due, is_full, not exporter.is_whole, before.again, before.served_on, form)
    settled = settle(tables, recipient, due, held, how)
    drop = _drop(tables, recipient, before, settled.operations, is_full=is_full)
    if recipient.schedule.digest and not is_full:
        drop = _with_digest(drop, due, settled, held, before.served_on)
    documents = chain(exporter.documents(drop) if is_due else (), notices_documents(drop, settled.notices))
    files = [*map(partial(ledger.kept, drop, keep), documents)]
    if files:
        rows = [file.row for file in files]
        files.append(ledger.kept(drop, keep, manifest(drop, rows, settled.notices, due.held_back)))
    return Outcome(
        outgoing=[{"recipient": recipient.name, **file.row} for file in files],
        disclosure=ledger.disclosures(drop, settled, files),
        held_back=ledger.held_back(recipient, due.held_back),
        holding=ledger.holding(drop, held, settled, files),
        sequence=ledger.sequence(drop, before.sequence, before.number, files),
        notice=ledger.notices(drop, settled.notices, files),
    )


def _is_due(tables: Tables, recipient: Recipient, before: Before, due: Entitlement, held: Mapping[str, Held]) -> bool:
    if not recipient.is_agreed(tables.as_of):
        return False
    asked_for = before.full_requested or (before.is_broken and EXPORTERS[recipient.exporter].is_whole)
    schedule, when = recipient.schedule, (tables.as_of, before.served_on, tables.site.meeting)
    if recipient.content == "full" and schedule.digest:  # a list is whole: what is urgent brings all of it
        return asked_for or schedule.is_digest(*when) or is_pressing(due, held)
    return asked_for or schedule.is_due(*when)


def _is_full(recipient: Recipient, before: Before) -> bool:
    """Lists are always whole; of changes the first drop is, one after a file fell, and any that was asked for."""
    has_had_a_drop = bool(before.sequence and before.sequence["file"])
    is_broken = before.is_broken and EXPORTERS[recipient.exporter].is_whole
    return recipient.content == "full" or not has_had_a_drop or is_broken or before.full_requested


def _drop(tables: Tables, recipient: Recipient, before: Before, operations: list[Operation], *, is_full: bool) -> Drop:
    last = before.sequence or {"file": "", "sha256": ""}
    return Drop(
        recipient=recipient,
        site=tables.site,
        as_of=tables.as_of,
        sequence=before.number + 1,
        is_full=is_full,
        operations=[one for one in operations if not (is_full and one.operation == "DELETE")],
        may_hold=bool(before.holding) or before.is_broken,
        previous_file=last["file"] or "",
        previous_sha256=last["sha256"] or "",
    )


def _with_digest(
    drop: Drop, due: Entitlement, settled: Settled, held: Mapping[str, Held], served_on: date | None
) -> Drop:
    """The drop with what people read of it: of a FULL, and where no digest is agreed, they read all of it."""
    is_day = drop.recipient.schedule.is_digest(drop.as_of, served_on, drop.site.meeting)
    read = for_readers(due, settled, held, is_day=is_day)
    return replace(drop, digest=WEEK if is_day else URGENT, read=read)


def _keep_without_contract(recipients: Mapping[str, Recipient], earlier: Earlier, outcome: Outcome) -> None:
    """What a recipient holds stays known when its contract goes, and the sergeant is told that nobody corrects it."""
    outcome.holding.extend(row for row in earlier.holding if row["recipient"] not in recipients)
    outcome.sequence.extend(row for row in earlier.sequence if row["recipient"] not in recipients)
    outcome.held_back.extend(
        ledger.held_back_row(row["recipient"], HeldBack(row["person_id"], "*", "NO_CONTRACT"))
        for row in earlier.holding
        if row["recipient"] not in recipients
    )
