"""What has every document in common, whoever it is for?

A drop is what one recipient gets in one night. An exporter makes its documents in the formats of the contract; most
differ only in how they group the fields, and in what they add to each record.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate
from typing import Any, ClassVar

from expectations.recipients import Recipient
from expectations.site import Site
from transforms.export.digest import QUIET, READABLE, SAYS
from transforms.export.document import Document, Sheet, as_csv, as_json, as_sheet, as_xlsx, label, text, twin, words
from transforms.export.holdings import DISCLOSING, NAMED_IN, Operation
from transforms.export.meanings import AUTHORITIES, WORDS, readable
from transforms.export.news import differences, news
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
    may_hold: bool = False
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
        return bool(self.operations) or (self.is_full and self.may_hold)

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

    def about_by_name(self) -> list[tuple[str, Any]]:
        """The same for people: who it is for and from by their names, and what concerns programs left out."""
        names = {"recipient": self.recipient.title, "producer_force": self.site.force_name}
        names |= {"kind": readable("kind", self.kind)}
        return [(name, names.get(name, value)) for name, value in self.about().items() if name != "previous_sha256"]


class Exporter:
    """Documents of a drop: one a format, holding all its records in the groups of the class."""

    schema: ClassVar[str] = "list"
    kind: ClassVar[str] = "SHARE"  # of the file, in the table of what leaves
    part: ClassVar[str] = "list"
    groups: ClassVar[Groups] = {}
    lead: ClassVar[tuple[str, ...]] = ()  # groups that a readable sheet shows first
    stays: ClassVar[tuple[str, ...]] = ()  # groups that it shows also of a child whom its reader knows
    unseen: ClassVar[tuple[str, ...]] = ()  # groups for programs, which the first ones say in words
    is_whole: ClassVar[bool] = True  # one document holds all records, so that a FULL replaces everything held
    everywhere: ClassVar[bool] = False  # it hears of children wherever they live, though its contract does not say so
    formats: ClassVar[tuple[str, ...]] = ("json", "csv", "xlsx", "html")
    needs_fields: ClassVar[tuple[str, ...]] = ()
    needs_settings: ClassVar[tuple[str, ...]] = ()
    brief: ClassVar[tuple[str, ...]] = ("given_names", "surname", "date_of_birth", "age")  # of a list's line a child
    elsewhere: ClassVar[tuple[str, ...]] = ()  # fields that a workbook shows on a sheet of their own
    asks: ClassVar[str] = ""  # what a readable sheet asks of its reader, before the first record
    versions: ClassVar[tuple[str, ...]] = ()  # of the form, where there are several

    def documents(self, drop: Drop) -> Iterator[Document]:
        """The documents of a drop, each where it says something; made one by one, as a first night's are large."""
        forms = ((form, drop.as_form(form)) for form in drop.recipient.formats)
        return (self._document(shown, form) for form, shown in forms if shown.says_something)

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
        return as_csv(self.table(drop))

    def table(self, drop: Drop) -> Sheet:
        """The list for a program: one row a child, with the codes of the fields."""
        names = [*drop.recipient.fields, "accuracy"]
        tail = [drop.as_of.isoformat(), drop.recipient.marking]
        rows = [
            [one.record.ref, one.operation, *(cell(name, self._content(one).get(name)) for name in names), *tail]
            for one in self._listed(drop)
        ]
        return Sheet("Children", ["Record ref", "Operation", *map(words, names), "As of", "Marking"], rows)

    def _xlsx(self, drop: Drop) -> bytes:
        about = Sheet("About", ("What", "Value"), [(label(name), text(value)) for name, value in drop.about_by_name()])
        whose = f"{drop.recipient.title}, {drop.as_of}"
        return as_xlsx([*self.sheets(drop), about], drop.recipient.marking, whose)

    def sheets(self, drop: Drop) -> list[Sheet]:
        """The tables of a workbook for people: what is new, everybody in a line, who is gone, and all facts."""
        return [self.new_sheet(drop), self._everybody(drop), *self.endings(drop), self.facts(drop)]

    def new_sheet(self, drop: Drop) -> Sheet:
        """Whoever is missing now, new or changed: of new ones all that is disclosed, of others what changed."""
        rows = [
            [_titled(one), since_last(one), "\n".join(self._news(drop, one))]
            for one in self._listed(drop)
            if one.operation in DISCLOSING and (is_news(one) or one.record.content.get("is_missing"))
        ]
        return Sheet("What is new", ("Child", LAST_LIST, "What is new"), rows or [NOTHING_NEW])

    def _news(self, drop: Drop, one: Operation) -> list[str]:
        """Since when a child is missing; then of a new child all that is disclosed, of another what changed."""
        content = one.record.content
        disclosed = {name: value for name, value in content.items() if value and name not in (*OF_WHO, *self.elsewhere)}
        missing = {name: disclosed.pop(name) for name in OF_WHO_IS_MISSING if name in disclosed}
        shown = _rows_known(drop.site, missing)
        if one.operation == "UPDATE" and one.before is not None:
            shown += differences(one.before, content, (*self.elsewhere, *OF_WHO_IS_MISSING))
        else:
            shown += _rows_known(drop.site, disclosed)
        sentences = [f"{label(name)}: {text(value)}" for name, value in shown if name not in BESIDE_ALL_FACTS]
        return sentences or [in_short(one)]

    def _everybody(self, drop: Drop) -> Sheet:
        """One line a child, in the order in which somebody has to act."""
        names = [name for name in self.brief if name in drop.recipient.fields]
        rows = [
            [
                name_of(one.record.content),
                *(_last_of(name, one.record.content.get(name)) for name in names),
                since_last(one),
                one.record.ref,
            ]
            for one in self._listed(drop)
            if one.operation in DISCLOSING
        ]
        return Sheet("Everybody", ["Child", *map(words, names), LAST_LIST, "Record ref"], rows).filled()

    def endings(self, drop: Drop) -> list[Sheet]:
        """Who is not on the list any more, by name where that may still be said, and who has another reference."""
        gone = [
            [one.record.ref, _named_still(one), ended(drop, one)["says"]]
            for one in drop.operations
            if one.operation == "ENDED"
        ]
        renamed = [[one.former_ref, one.record.ref] for one in drop.operations if one.former_ref]
        sheets = [
            Sheet("No longer on this list", ("Record ref", "Name", "What that means"), gone),
            Sheet("New references", ("Reference so far", "Reference from now on"), renamed),
        ]
        return [sheet for sheet in sheets if sheet.rows]

    def facts(self, drop: Drop) -> Sheet:
        """All that the contract gives of each child, in words: for the screen."""
        names = [*drop.recipient.fields, "accuracy"]
        rows = [
            [one.record.ref, since_last(one), *(in_words(name, self._content(one).get(name)) for name in names)]
            for one in self._listed(drop)
        ]
        return Sheet(FACTS, ["Record ref", LAST_LIST, *map(words, names)], rows, printed=0)

    def _listed(self, drop: Drop) -> list[Operation]:
        """The children of the drop in their order; suspected perpetrators stand apart from them."""
        children = (one for one in drop.operations if one.record.content["category"] != SUSPECT)
        return sorted(children, key=self.rank)

    def rank(self, one: Operation) -> tuple[Any, ...]:
        """What people read first: who is missing now, then by what the officer says, then by name."""
        content = one.record.content
        urgency = URGENCY.get(content.get("concern_urgency") or "", len(URGENCY))
        return not content.get("is_missing"), urgency, heading(one).casefold()

    def _content(self, one: Operation) -> Mapping[str, Any]:
        return {} if one.operation in ("DELETE", "ENDED") else one.record.content

    def _html(self, drop: Drop) -> bytes:
        about = drop.about_by_name()
        about += [("Not settled by any source", gap) for gap in drop.recipient.gaps]
        records = [
            {
                "heading": heading(one),
                "note": note(one),
                "news": in_short(one),
                "who": who(one),
                "apart": one.operation in DISCLOSING and not is_known(drop, one),
                "tables": self._tables(drop, one),
            }
            for one in sorted(drop.operations, key=self.rank)
        ]
        lead = [*first_sentences(drop), *filter(None, (SAYS.get(drop.digest), self.asks))]
        return as_sheet(drop.recipient.title, drop.recipient.marking, lead, records, about)

    def _tables(self, drop: Drop, one: Operation) -> list[tuple[str, list[tuple[str, Any]]]]:
        """What a readable sheet shows of a record: its groups, or how it ended."""
        if one.operation in ("DELETE", "ENDED"):
            ending = [(name, value) for name, value in ended(drop, one).items() if name not in ("kind", "action")]
            return [("ending", ending)] if ending else []
        groups = {**self.grouped(one.record.content), **self.added(drop, one)}
        if is_known(drop, one):
            return [*self._what_stays(drop, groups), ("changed", self._differences(one))]
        first = {group: groups[group] for group in self.lead if group in groups}
        shown = [(group, fields) for group, fields in (first | groups).items() if group not in self.unseen]
        return [(group, _rows(drop.site, fields)) for group, fields in shown]

    def _what_stays(
        self, drop: Drop, groups: Mapping[str, Mapping[str, Any]]
    ) -> list[tuple[str, list[tuple[str, Any]]]]:
        """The groups that its reader needs each time; of what is not known nothing is repeated."""
        rows = ((group, _rows_known(drop.site, groups[group])) for group in self.stays if group in groups)
        staying = [(group, [row for row in them if row[0] not in OF_WHO_IS_NEW]) for group, them in rows]
        return [(group, them) for group, them in staying if them]

    def _differences(self, one: Operation) -> list[tuple[str, Any]]:
        """What changed of a child whom the reader knows, and where all else is."""
        shown = {name for group in (*self.stays, *self.unseen) for name in self.groups.get(group, ())}
        return [*differences(one.before or {}, one.record.content, shown), ("all_else", AS_BEFORE)]


def cell(name: str, value: Any) -> str:
    """A field as a program's list shows it: an authority by its name, all else as it is."""
    return text(readable(name, value) if name in AUTHORITIES else value)


def in_words(name: str, value: Any) -> str:
    """A field as a list for people shows it, each item of a list in a line of its own, as far as a cell has room."""
    shown = readable(name, value)
    if not isinstance(shown, list):
        return text(shown)
    lines = list(map(text, shown))
    ends = accumulate(len(line) + 1 for line in lines)
    fitting = sum(end <= CELL_HOLDS for end in ends)
    rest = len(lines) - fitting
    return "\n".join([*lines[:fitting], *([f"and {rest} more: ask us"] if rest else [])])


def _last_of(name: str, value: Any) -> str:
    """A field in a line: of a list of what happened the last item, and how many there are before it."""
    if not isinstance(value, list) or len(value) < 2 or name == "themes":
        return in_words(name, value)
    return f"{in_words(name, value[-1:])} (and {len(value) - 1} earlier)"


def is_news(one: Operation) -> bool:
    """True of a child who is new on a list, or of whom something else changed than what nobody is asked to read."""
    known = one.before if one.operation == "UPDATE" else None
    return known is None or any(
        (known.get(name) or None) != (value or None)
        for name, value in one.record.content.items()
        if name not in (*QUIET, "links")
    )


def since_last(one: Operation) -> str:
    """What became of a child since the last list, in a word."""
    if one.operation not in DISCLOSING:
        return GONE
    how = "new reference" if one.former_ref else OPERATIONS[one.operation] if is_news(one) else "as before"
    return f"{how}, missing" if one.record.content.get("is_missing") else how


def name_of(content: Mapping[str, Any]) -> str:
    """A child's name as people write it."""
    return " ".join(content[part] for part in ("given_names", "surname") if content.get(part))


def _titled(one: Operation) -> str:
    return "\n".join(filter(None, (name_of(one.record.content), who(one), one.record.ref)))


def _named_still(one: Operation) -> str:
    """The name of somebody who is no longer on a list, where a notice of it would say it too."""
    return name_of(one.record.content) if one.ending is not None and one.ending.kind in NAMED_IN else ""


def _rows(site: Site, fields: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What a table of a readable sheet shows; what is not known, or not shared, is named in one row at its end."""
    shown = _rows_known(site, fields)
    known = {name for name, _ in shown}
    shown += [(name, UNSAID[name]) for name in fields if name in UNSAID.keys() - known]
    empty = [label(name) for name in fields if name not in {*known, *UNSAID, *NEEDLESS}]
    return [*shown, *([(UNKNOWN, "; ".join(empty))] if empty else [])]


def _rows_known(site: Site, fields: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The rows of what is known."""
    known = ((name, _by_its_name(site, name, value)) for name, value in fields.items() if _says_something(value))
    return [(name, readable(name, value)) for name, value in known]


def _says_something(value: Any) -> bool:
    return (isinstance(value, list) and len(value) > 1) or bool(text(value))


def _by_its_name(site: Site, name: str, value: Any) -> Any:
    """An authority of the force's own by its full name: nobody else knows the force's short one."""
    return site.local_authorities[value].name if name in AUTHORITIES and value in site.local_authorities else value


CELL_HOLDS = 32_000  # letters; of more than 32,767 Excel keeps nothing
OF_WHO_IS_MISSING = ("missing_now",)
BESIDE_ALL_FACTS = ("accuracy", "category")  # stand on the sheet that has all facts
OF_WHO_IS_NEW = ("kind", "what_changed", "words")  # of a referral: of a child who is known they stand elsewhere
FACTS = "Children"  # the sheet that has all facts
NOTHING_NEW = ("Nobody", "", "No child is new, missing now or changed since the last list.")
LAST_LIST, GONE = "Since the last list", "no longer on this list"
OF_WHO = ("given_names", "surname", "aliases", "date_of_birth", "age", "gender", "address", "postcode")  # by `who`
AS_BEFORE = "As you have it from us; ask for the whole record where you do not find it."
UNKNOWN = "not known, or not shared"
UNSAID = {  # what nobody may take for an answer where it is empty
    "missing_now": "By no report that may be told to you; ask us where you need to be sure.",
    "rail": "By no report that may be told to you.",
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


def is_known(drop: Drop, one: Operation) -> bool:
    """True of a child whom the file's readers know, so that only what changed is shown; not where all is sent anew."""
    if one.operation != "UPDATE" or one.before is None:
        return False
    is_list = drop.recipient.content == "full"
    return is_list or not (drop.is_full or one.before == one.record.content)


def in_short(one: Operation) -> str:
    """What the list at the head of a page says beside a child whom its readers know."""
    return "; ".join(news(one.before, one.record.content)) if one.operation == "UPDATE" and one.before else ""


def who(one: Operation) -> str:
    """Whom a record is about, in a line: enough to find the child in what its reader has."""
    content = one.record.content if one.operation in DISCLOSING else {}
    born = f"born {content['date_of_birth']}" if content.get("date_of_birth") else ""
    aged = f"aged {content['age']}" if content.get("age") is not None else ""
    names = "also known as " + ", ".join(content["aliases"]) if content.get("aliases") else ""
    return ", ".join(
        filter(None, (born, aged, content.get("gender"), names, content.get("address"), content.get("postcode")))
    )


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
