"""What has a recipient to be sent, so that it holds exactly what it may?

Compares what a recipient holds with what it is entitled to. A drop brings what is new and different when it is due;
a correction notice goes out at once, whatever the schedule, when something that was told is wrong or may no longer be
held (DPA 2018 s.38(5)(c)).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from expectations.endings import Ending
from expectations.recipients import Recipient
from transforms.export.endings import ending_for
from transforms.export.entitled import Ended, Entitlement
from transforms.export.records import SUSPECT, Record, digest, former_ref, record_ref, refs_of
from transforms.export.wrong import Judge
from transforms.tables import Tables

WORDS = {  # what a notice says to the recipient that is no ending of its contract's table
    "CORRECTED": "Part of what you hold was wrong. Replace it as given; erase what has no value.",
    "MERGED": "This record and the one named are the same child: keep one record, under the reference named.",
    "MERGE_ERROR": "The record held information of two children. Replace it as a whole with the values given.",
}
DISCLOSING = ("CREATE", "UPDATE")  # operations by which a recipient gets to know a record
SEVERITY = (  # of notices, the most pressing first
    *("DECEASED", "WITHDRAWN", "MERGE_ERROR", "UNDER_REVIEW", "UNSHARED", "CORRECTED", "MERGED"),
    *("AGED_OUT", "MOVED", "REMOVED", "AGE_UNSETTLED", "INCOMPLETE", "REFERRED"),
)
NAMED_IN = ("DECEASED", "CORRECTED", "MERGED", "MERGE_ERROR", "REMOVED", "MOVED")  # notices of who may be named still


@dataclass(frozen=True)
class Held:
    """A record as a recipient holds it, its canonical text, and the first and the last file that brought it.

    `ended`: the kind and the action of the ending that it was sent, both empty while the record is in use. `read`: what
    people read of it, where that is not what it says now; `read_ref`: the reference by which they did, where it is
    another one by now.
    """

    record: Record
    text: str
    first_file: str
    last_file: str
    first_sent_on: date
    last_sent_on: date
    ended: tuple[str, str] = ("", "")
    read: Mapping[str, Any] | None = None
    read_ref: str = ""


def held_as(held: Mapping[str, Held], record: Record) -> Held | None:
    """A record as it is held, by its reference or by that of an earlier version."""
    return held.get(record.ref) or held.get(former_ref(record.person_id, record.content["category"]))


@dataclass(frozen=True)
class Operation:
    """A record in a drop: CREATE, UPDATE, DELETE or ENDED; `previous` is the hash of what the recipient holds so far.

    `before` is what an UPDATE takes the place of; `former_ref` the reference by which a CREATE was known before.
    """

    operation: str
    record: Record
    previous: str = ""
    last_file: str = ""
    ending: Ending | None = None
    merged_into: str = ""
    before: Mapping[str, Any] | None = None
    former_ref: str = ""


@dataclass(frozen=True)
class Notice:
    """A correction: `values` are the right ones of the fields that were wrong, for RECTIFY only."""

    notice_id: str
    ref: str
    person_id: str
    kind: str
    action: str
    says: str
    files: tuple[str, ...]
    issued_on: date
    ack_due: date
    name: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    merged_into: str = ""


@dataclass(frozen=True)
class Settled:
    """What a night brings to one recipient, the records that it holds afterwards, and those of them that have ended."""

    operations: list[Operation]
    notices: list[Notice]
    after: dict[str, Record]
    ended: dict[str, Ending]


@dataclass(frozen=True)
class Serving:
    """How a recipient is served tonight.

    `is_due`: it gets a drop, which tells everything where it `is_full`, else of the records held the changed ones and
    `again`. `by_notice`: its files are packs of single records, so that endings and merges come as notices alone.
    `served_on`: the last day before. `matters`: the fields that a changed record is sent again for; none named: all.
    """

    is_due: bool
    is_full: bool
    by_notice: bool = False
    again: frozenset[str] = frozenset()
    served_on: date | None = None
    matters: frozenset[str] = frozenset()


def settle(tables: Tables, recipient: Recipient, due: Entitlement, held: Mapping[str, Held], how: Serving) -> Settled:
    """The operations of tonight's drop, tonight's notices, and what the recipient holds then."""
    night = _Night(tables, recipient, due, held, how, tables.split_after(how.served_on))
    for _, mine in sorted(held.items()):
        night.look_at(mine)
    if how.is_due:
        night.tell()
    return Settled(
        sorted(night.operations, key=lambda one: one.record.ref),
        sorted(night.notices, key=lambda one: (SEVERITY.index(one.kind), one.name, one.ref)),
        night.after,
        {ref: ending for ref, ending in night.ended.items() if ref in night.after},
    )


def _created(record: Record, former: Held | None) -> Operation:
    """A record that comes by a new reference: of somebody new, or of one who was told by another before."""
    if former is None:
        return Operation("CREATE", record)
    before, ref = former.record.content, former.record.ref
    return Operation("CREATE", record, last_file=former.last_file, before=before, former_ref=ref)


def _is_changed(name: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """True where a field says something else; one that the contract had not then, and that is empty, says nothing."""
    return before[name] != now.get(name) if name in before else bool(now.get(name))


@dataclass
class _Night:
    """One recipient's night, as it is worked out."""

    tables: Tables
    recipient: Recipient
    due: Entitlement
    held: Mapping[str, Held]
    how: Serving
    split: set[str]
    operations: list[Operation] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    after: dict[str, Record] = field(default_factory=dict)
    ended: dict[str, Ending] = field(default_factory=dict)

    def look_at(self, mine: Held) -> None:
        """What becomes of one record that the recipient holds."""
        ref, now = mine.record.ref, self.due.records.get(mine.record.ref)
        if mine.ended[1] == "ERASE":
            self._delete_again(mine)
        elif now is not None:
            self._go_on(mine, now)
        elif (renamed := self._renamed(mine)) is not None:
            self._rename(mine, renamed)
        elif mine.record.person_id in self.tables.merged and ref not in self.due.ended:
            self._merge(mine)
        else:
            self._end(mine, self.due.ended.get(ref) or Ended(ending_for(self.recipient, "WITHDRAWN"), mine.record))

    def _delete_again(self, mine: Held) -> None:
        """A record whose deletion was told by a file that fell: it is in no file but as deleted, or as new."""
        if not self.how.is_due:
            self._keep(mine)
        elif mine.record.ref not in self.due.records:
            self.operations.append(Operation("DELETE", mine.record, mine.record.sha256, mine.last_file))

    def _keep(self, mine: Held) -> None:
        """A record that stays with the recipient as it is, in use or ended."""
        self.after[mine.record.ref] = mine.record
        if mine.ended != ("", ""):
            self.ended[mine.record.ref] = Ending(*mine.ended, "")

    def _ref(self, person: str, category: str) -> str:
        return record_ref(self.tables.site.force_code, person, category)

    def _refs(self, person: str, category: str) -> list[str]:
        """Every reference that a person's record may be held by, its own of tonight first."""
        ids = (person, *self.tables.merged_away(person))
        return [ref for one in ids for ref in refs_of(self.tables.site.force_code, one, category)]

    def _renamed(self, mine: Held) -> Record | None:
        """The record as it is told now, of one that is held by the reference of an earlier version."""
        return self.due.records.get(self._ref(mine.record.person_id, mine.record.content["category"]))

    def _former(self, record: Record) -> Held | None:
        """The record as it is held by the reference of an earlier version."""
        return self.held.get(former_ref(record.person_id, record.content["category"]))

    def _rename(self, mine: Held, now: Record) -> None:
        """With the next drop the record goes on under its present reference; until then it is put right as it is."""
        if not self.how.is_due:
            self._go_on(mine, replace(now, ref=mine.record.ref))
        elif not self.how.by_notice:
            self.operations.append(Operation("DELETE", mine.record, mine.record.sha256, mine.last_file, None, now.ref))

    def _go_on(self, mine: Held, now: Record) -> None:
        """A record that stands: put right where it was wrong; what is new in it comes with the drop."""
        self._keep(mine)
        if now.content == mine.record.content:
            return
        if mine.record.person_id in self.split:
            self._notify(mine, "MERGE_ERROR", "RECTIFY", WORDS["MERGE_ERROR"], now.content)
            self.after[now.ref] = now
        else:
            self._correct(mine, now)

    def _correct(self, mine: Held, now: Record) -> None:
        judge = Judge(self.tables, self.recipient, now.person_id)
        wrong = judge.wrong(mine.record.content, now.content)
        if not wrong:
            return
        names = {*wrong, "accuracy"} & now.content.keys()
        values = {name: now.content[name] for name in sorted(names)}
        self._notify(mine, "CORRECTED", "RECTIFY", WORDS["CORRECTED"], values)
        self.after[now.ref] = replace(mine.record, content={**mine.record.content, **values})

    def _merge(self, mine: Held) -> None:
        """The record of a person who is another: which one stands, where the recipient may hold that."""
        refs = self._refs(self.tables.merged[mine.record.person_id], mine.record.content["category"])
        into = next((ref for ref in refs if ref in self.due.records), refs[0])
        target = self.due.records.get(into)
        if target is None:
            ended = self.due.ended.get(into)
            self._end(mine, Ended(ended.ending if ended else ending_for(self.recipient, "WITHDRAWN"), mine.record))
        elif self.how.by_notice:
            self._notify(mine, "MERGED", "RECTIFY", WORDS["MERGED"], target.content, into)
            self.after[into] = target
        elif self.how.is_due:
            self.operations.append(Operation("DELETE", mine.record, mine.record.sha256, mine.last_file, None, into))
        else:
            self._keep(mine)

    def _end(self, mine: Held, ended: Ended) -> None:
        """A record that ends: sent at once or with the drop, once; then erased, or kept as its ending says."""
        ref, ending = mine.record.ref, ended.ending
        is_new = mine.ended != (ending.kind, ending.action)
        at_once = ending.is_at_once or self.how.by_notice
        in_drop = self.how.is_due and not self.how.by_notice and mine.record.content["category"] != SUSPECT
        if not is_new or at_once or in_drop:
            if ending.action != "ERASE":
                self.after[ref], self.ended[ref] = mine.record, ending
        else:
            self._keep(mine)
        if is_new and at_once:
            self._notify(mine, ending.kind, ending.action, ending.says)
        if in_drop and (is_new or self.how.is_full):
            operation = "DELETE" if ending.action == "ERASE" else "ENDED"
            self.operations.append(Operation(operation, mine.record, mine.record.sha256, mine.last_file, ending))
        if ended.record.content != mine.record.content and ending.action != "ERASE" and not self._is_off_the_list:
            self._correct(mine, ended.record)

    @property
    def _is_off_the_list(self) -> bool:
        """True where tonight's file replaces the one that has a record which ends: nothing in it is left to correct."""
        return self.how.is_due and self.recipient.content == "full"

    def tell(self) -> None:
        """The records of the drop that are new or changed, or all; of a list only these stay."""
        for ref, record in self.due.records.items():
            mine = self.held.get(ref)
            if mine is None:
                self.operations.append(_created(record, self._former(record)))
                self.after[ref] = record
            elif self._is_due(ref, record, mine):
                before = mine.record
                self.operations.append(
                    Operation("UPDATE", record, before.sha256, mine.last_file, before=before.content)
                )
                self.after[ref] = before if before.content == record.content else record
            self.ended.pop(ref, None)
        if self.recipient.content == "full":
            self.after = {ref: record for ref, record in self.after.items() if ref in self.due.records}

    def _is_due(self, ref: str, record: Record, mine: Held) -> bool:
        is_put_right = self.after.get(ref, mine.record) is not mine.record  # by a notice of tonight
        is_due_again = self.how.is_full or ref in self.how.again or is_put_right or mine.ended != ("", "")
        return is_due_again or self._is_changed(mine.record, record)

    def _is_changed(self, before: Record, now: Record) -> bool:
        if before is now:
            return False
        names = self.how.matters or now.content.keys() | before.content.keys()
        return any(_is_changed(name, before.content, now.content) for name in names)

    def _notify(
        self,
        mine: Held,
        kind: str,
        action: str,
        says: str,
        values: Mapping[str, Any] | None = None,
        merged_into: str = "",
    ) -> None:
        """A notice; with the name where the recipient may still have it."""
        names = (mine.record.content.get(name) for name in ("given_names", "surname"))
        self.notices.append(
            Notice(
                notice_id=f"N-{digest(f'{self.recipient.name}/{mine.record.ref}/{kind}/{self.tables.as_of}')[:12].upper()}",
                ref=mine.record.ref,
                person_id=mine.record.person_id,
                kind=kind,
                action=action,
                says=says,
                files=tuple(sorted({mine.first_file, mine.last_file})),
                issued_on=self.tables.as_of,
                ack_due=self.tables.as_of + timedelta(days=self.recipient.notice_days),
                name=" ".join(str(name) for name in names if name) if kind in NAMED_IN else "",
                values=values or {},
                merged_into=merged_into,
            )
        )
