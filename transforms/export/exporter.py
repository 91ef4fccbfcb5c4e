"""What has every document in common, whoever it is for?

A drop is what one recipient gets in one night. An exporter makes its documents in the formats of the contract; most
differ only in how they group the fields, and in what they add to each record.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar

from expectations.recipients import Recipient
from expectations.site import Site
from transforms.export.digest import READABLE, SAYS
from transforms.export.document import Document, Sheet, as_csv, as_json, as_sheet, as_xlsx, label, text, twin, words
from transforms.export.holdings import DISCLOSING, Operation
from transforms.export.meanings import AUTHORITIES, WORDS, readable
from transforms.export.records import SUSPECT

Groups = Mapping[str, tuple[str, ...]]  # names of fields by the group that they stand in

ACCURACY = (
    "Personal data processed for law enforcement. Each record says how each fact is known and how the intelligence "
    "behind it is graded (Data Protection Act 2018 s.38). Tell us of anything that is wrong."
)


@dataclass(frozen=True)
class Drop:
    """What one recipient gets in one night: `previous` is the last drop's file and its hash.

    `digest` says which file people get where theirs is not the night's, and `read` is what stands in it.
    """

    recipient: Recipient
    site: Site
    as_of: date
    sequence: int
    is_full: bool
    operations: list[Operation]
    held_before: int = 0
    previous_file: str = ""
    previous_sha256: str = ""
    digest: str = ""
    read: Sequence[Operation] = ()

    def as_form(self, form: str) -> "Drop":
        """The drop as a file of this form has it."""
        return replace(self, operations=list(self.read)) if self.digest and form in READABLE else self

    @property
    def kind(self) -> str:
        """FULL where it replaces everything held, DELTA where it changes it."""
        return "FULL" if self.is_full else "DELTA"

    @property
    def says_something(self) -> bool:
        """False where nothing is to be sent and nothing to be replaced."""
        return bool(self.operations) or (self.is_full and self.held_before > 0)

    @property
    def disclosing(self) -> list[Operation]:
        """The operations that tell what a record says, without deletions and endings."""
        return [one for one in self.operations if one.operation in DISCLOSING]

    def about(self) -> dict[str, Any]:
        """What every file says of itself."""
        return {
            "recipient": self.recipient.name,
            "agreement": self.recipient.agreement.reference,
            "purpose": self.recipient.purpose,
            "legal_basis": self.recipient.legal_basis,
            "marking": self.recipient.marking,
            "producer_force": self.site.force_code,
            "as_of": self.as_of.isoformat(),
            "sequence": self.sequence,
            "kind": self.kind,
            "previous_sha256": "" if self.is_full else self.previous_sha256,
            "contact": dict(self.site.contact),
            "accuracy": ACCURACY,
        }


class Exporter:
    """Documents of a drop: one a format, holding all its records in the groups of the class."""

    schema: ClassVar[str] = "list"
    kind: ClassVar[str] = "SHARE"  # of the file, in the table of what leaves
    part: ClassVar[str] = "list"
    groups: ClassVar[Groups] = {}
    lead: ClassVar[tuple[str, ...]] = ()  # groups that a readable sheet shows first
    unseen: ClassVar[tuple[str, ...]] = ()  # groups for programs, which the first ones say in words
    is_whole: ClassVar[bool] = True  # one document holds all records, so that a FULL replaces everything held
    everywhere: ClassVar[bool] = False  # it hears of children wherever they live, though its contract does not say so
    formats: ClassVar[tuple[str, ...]] = ("json", "csv", "xlsx", "html")
    needs_fields: ClassVar[tuple[str, ...]] = ()
    needs_settings: ClassVar[tuple[str, ...]] = ()
    asks: ClassVar[str] = ""  # what a readable sheet asks of its reader, before the first record
    versions: ClassVar[tuple[str, ...]] = ()  # of the form, where there are several

    def documents(self, drop: Drop) -> list[Document]:
        """The documents of a drop, each where it says something."""
        forms = [(form, drop.as_form(form)) for form in drop.recipient.formats]
        return [self._document(shown, form) for form, shown in forms if shown.says_something]

    def lacking(self, recipient: Recipient) -> list[str]:
        """What a contract lacks for this form, beside the fields and settings that it needs; one clause each."""
        return []

    def added(self, drop: Drop, one: Operation) -> dict[str, dict[str, Any]]:
        """Groups that are worked out from a record for this recipient."""
        return {}

    def _document(self, drop: Drop, form: str) -> Document:
        make = {"json": self._json, "csv": self._csv, "xlsx": self._xlsx, "html": self._html}[form]
        refs = tuple(one.record.ref for one in drop.operations)
        supersedes = twin(drop.previous_file, form) if drop.is_full else ""
        return Document(self.part, form, make(drop), self.kind, refs, supersedes)

    def _json(self, drop: Drop) -> bytes:
        head = {"schema": self.schema, "version": drop.recipient.version, **drop.about()}
        return as_json({**head, "records": [self._record(drop, one) for one in drop.operations]})

    def _record(self, drop: Drop, one: Operation) -> dict[str, Any]:
        head = {"record_ref": one.record.ref, "operation": one.operation, "previous_sha256": one.previous}
        if one.operation == "DELETE":
            return head | ended(drop, one)
        if one.operation == "ENDED":
            return head | {"ending": ended(drop, one)}
        return {
            **head,
            "sha256": one.record.sha256,
            **self.grouped(one.record.content),
            **self.added(drop, one),
        }

    def grouped(self, content: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """A record's fields in the groups of the class; what no group names goes into the first."""
        named = {name for names in self.groups.values() for name in names}
        first = next(iter(self.groups))
        groups = {
            group: {name: content[name] for name in names if name in content} for group, names in self.groups.items()
        }
        groups[first] |= {name: value for name, value in content.items() if name not in named}
        return {group: fields for group, fields in groups.items() if fields}

    def _csv(self, drop: Drop) -> bytes:
        return as_csv(self.sheets(drop)[0])

    def _xlsx(self, drop: Drop) -> bytes:
        about = Sheet("About", ("What", "Value"), [(words(name), text(value)) for name, value in drop.about().items()])
        return as_xlsx([*self.sheets(drop), about], drop.recipient.marking)

    def sheets(self, drop: Drop) -> list[Sheet]:
        """The tables of a workbook; the first is the list of children."""
        names = [*drop.recipient.fields, "accuracy"]
        columns = ["Record ref", "Operation", *map(words, names), "As of", "Marking"]
        tail = [drop.as_of.isoformat(), drop.recipient.marking]
        rows = [
            [one.record.ref, one.operation, *(cell(name, self._content(one).get(name)) for name in names), *tail]
            for one in sorted(drop.operations, key=self.rank)
            if one.record.content["category"] != SUSPECT
        ]
        endings = [[one.record.ref, ended(drop, one)["says"]] for one in drop.operations if one.operation == "ENDED"]
        gone = [Sheet("No longer on this list", ("Record ref", "What that means"), endings)] if endings else []
        renamed = [[one.former_ref, one.record.ref] for one in drop.operations if one.former_ref]
        new = [Sheet("New references", ("Reference so far", "Reference from now on"), renamed)] if renamed else []
        return [Sheet("Children", columns, rows), *gone, *new]

    def rank(self, one: Operation) -> tuple[Any, ...]:
        """What people read first: who is missing now, then by what the officer says, then by name."""
        content = one.record.content
        urgency = URGENCY.get(content.get("concern_urgency") or "", len(URGENCY))
        return not content.get("is_missing"), urgency, heading(one).casefold()

    def _content(self, one: Operation) -> Mapping[str, Any]:
        return {} if one.operation in ("DELETE", "ENDED") else one.record.content

    def _html(self, drop: Drop) -> bytes:
        about = [(name, value) for name, value in drop.about().items() if name not in ("kind", "previous_sha256")]
        about += [("kind", readable("kind", drop.kind))]
        about += [("Not settled by any source", gap) for gap in drop.recipient.gaps]
        records = [
            {
                "heading": heading(one),
                "note": note(one),
                "apart": one.operation in DISCLOSING,
                "tables": self._tables(drop, one),
            }
            for one in sorted(drop.operations, key=self.rank)
        ]
        lead = [*first_sentences(drop), *filter(None, (SAYS.get(drop.digest), self.asks))]
        return as_sheet(drop.recipient.title, drop.recipient.marking, lead, records, about)

    def _tables(self, drop: Drop, one: Operation) -> list[tuple[str, list[tuple[str, Any]]]]:
        """What a readable sheet shows of a record: its groups, or how it ended."""
        if one.operation in ("DELETE", "ENDED"):
            ending = ended(drop, one)
            return [("ending", list(ending.items()))] if ending else []
        groups = {**self.grouped(one.record.content), **self.added(drop, one)}
        first = {group: groups[group] for group in self.lead if group in groups}
        shown = [(group, fields) for group, fields in (first | groups).items() if group not in self.unseen]
        return [(group, _rows(drop.site, fields)) for group, fields in shown]


def cell(name: str, value: Any) -> str:
    """A field as a cell of a list shows it: an authority by its name, all else as it is."""
    return text(readable(name, value) if name in AUTHORITIES else value)


def _rows(site: Site, fields: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What a table of a readable sheet shows; what is not known, or not shared, is named in one row at its end."""
    known = {name for name, value in fields.items() if text(value)}
    shown = [(name, readable(name, _by_its_name(site, name, value))) for name, value in fields.items() if name in known]
    shown += [(name, UNSAID[name]) for name in fields if name in UNSAID.keys() - known]
    empty = [label(name) for name in fields if name not in {*known, *UNSAID, *NEEDLESS}]
    return [*shown, *([(UNKNOWN, "; ".join(empty))] if empty else [])]


def _by_its_name(site: Site, name: str, value: Any) -> Any:
    """An authority of the force's own by its full name: nobody else knows the force's short one."""
    return site.local_authorities[value].name if name in AUTHORITIES and value in site.local_authorities else value


UNKNOWN = "not known, or not shared"
UNSAID = {  # what nobody may take for an answer where it is empty
    "missing_now": "By no report that may be told to you; ask us where you need to be sure.",
    "urgency": "Not set by an officer yet: ask the team.",
}
NEEDLESS = ("what_changed", "words")  # empty where there is nothing to say
OPERATIONS = {"CREATE": "new", "UPDATE": "changed", "DELETE": "to be erased", "ENDED": "ended"}
URGENCY = {"IMMEDIATE": 0, "SOON": 1}


def first_sentences(drop: Drop) -> list[str]:
    """What stands before everything else on a page: whose it is, of when, and whom to ring by day and by night."""
    day, night = drop.site.contact, drop.site.out_of_hours
    return [
        f"From {drop.site.force_name}: what was known when {drop.as_of.day} {drop.as_of:%B %Y} began.",
        f"Ask {day['role']}, {day['phone']}, {day['email']}; by night {night['role']}, {night['phone']}.",
    ]


def note(one: Operation) -> str:
    """What the list at the head of a page says beside a name: that the child is missing, and what the officer asks."""
    content = one.record.content if one.operation in DISCLOSING else {}
    urgency = WORDS["urgency"].get(content.get("concern_urgency") or "", "")
    return "; ".join(filter(None, ("missing now" if content.get("is_missing") else "", urgency)))


def heading(one: Operation) -> str:
    """Who a record of a readable sheet is about, by name first; of one that ended no name is given."""
    how = "new reference" if one.former_ref else OPERATIONS[one.operation]
    how = f"is {one.merged_into} now" if one.merged_into else how
    content = one.record.content if one.operation in DISCLOSING else {}
    name = ", ".join(str(content[part]) for part in ("surname", "given_names") if content.get(part))
    return f"{name} ({one.record.ref}): {how}" if name else f"{one.record.ref}: {how}"


def ended(drop: Drop, one: Operation) -> dict[str, str]:
    """What a deletion or an ending says: the record that stands instead, or what is kept how, and until when."""
    if one.operation == "DELETE" or one.ending is None:
        return {"merged_into": one.merged_into} if one.merged_into else {}
    ending = {"kind": one.ending.kind, "action": one.ending.action, "says": one.ending.says}
    if one.ending.action != "HISTORIC":
        return ending
    reviewed = date(drop.as_of.year + drop.site.review_years, drop.as_of.month, min(drop.as_of.day, 28))
    return ending | {"review_on": reviewed.isoformat()}
