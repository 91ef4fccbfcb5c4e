"""What is known of one person, from every record, decision and file?

A child's page shows it, and `clvt child` prints it: who it is and how that is known, what needs somebody, the reports
with their own words (the force is the reader), what was decided, what changed from what to what, and who was told.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from expectations.clocks import CLOCKS
from expectations.feeds import FEEDS, INTELLIGENCE, Feed
from expectations.plain import Row
from expectations.site import Site
from transforms.reconcile.facts import DECIDED
from transforms.report import wording

# The decision that corrects each fact.
CORRECTED_BY = {name: action for action, fields in DECIDED.items() for name in fields} | {"birth_year": "SET_DOB"}
STANDS_AS = {"SCA_ACTION": "SCA_REFERRAL", "PANEL_ACTION": "PANEL"}  # clocks of what is an action to do, by its kind
AUTHORITIES = ("local_authority", "placing_authority")


@dataclass(frozen=True)
class Held:
    """What a night holds of one person, rows by contract name.

    `reports` have `title` and `text` beside the columns of `report`; `changes` have `before` and `after`, the values of
    each of their fields; `disclosures` have on, recipient, file, operation, state; `looks` are the entries of the
    processing log that say who was shown the person; `clocks` the duties towards them, `routes` who has to hear, with
    `place` and `title` in words.
    """

    person_id: str
    as_of: date
    site: Site
    tables: Mapping[str, list[Row]]
    reports: list[Row] = field(default_factory=list)
    changes: list[Row] = field(default_factory=list)
    disclosures: list[Row] = field(default_factory=list)
    looks: list[Row] = field(default_factory=list)
    clocks: list[Row] = field(default_factory=list)
    routes: list[Row] = field(default_factory=list)

    def rows(self, name: str) -> list[Row]:
        """The person's rows of a table."""
        return self.tables.get(name, [])

    @property
    def child(self) -> Row:
        """The person's row of `child`; empty for somebody who is nobody's case."""
        return next(iter(self.rows("child")), {})


@dataclass(frozen=True)
class Value:
    """One value of a fact: how sure it is, where it comes from and on which day; `stands` where it is the one used.

    `grade` is that of the record, where it is intelligence.
    """

    field: str
    value: str
    status: str
    source: str
    on: date | None
    stands: bool
    grade: str = ""


@dataclass(frozen=True)
class Event:
    """One thing that happened or was recorded: its words where a report has them, and its other values by label."""

    on: date
    kind: str
    reference: str
    title: str = ""
    text: str = ""
    values: tuple[tuple[str, str], ...] = ()
    withdrawn: bool = False
    is_record: bool = False

    @property
    def record_ref(self) -> str:
        """The reference as people know it, of a mention's key that of its record."""
        return wording.record_ref(self.reference)


@dataclass(frozen=True)
class Change:
    """A fact that changed: from what to what, on which night, by which decision or record."""

    on: date
    field: str
    before: str
    after: str
    cause: str


@dataclass(frozen=True)
class Person:
    """One person, ready to be shown."""

    person_id: str
    as_of: date
    child: Row
    names: list[str]
    values: list[Value]
    questions: list[Row]
    actions: list[Row]
    events: list[Event]
    changes: list[Change]
    stays: list[Row]
    disclosures: list[Row]
    looks: list[Row]
    clocks: list[Row]
    routes: list[Row]

    @property
    def missing_since(self) -> date | None:
        """Since when the child is missing; None where they are not, by the last that was heard."""
        return next((row["since"] for row in self.clocks if row["clock"] == "MISSING_NOW"), None)

    @property
    def duties(self) -> list[Row]:
        """The clocks but for those of an action, which stands for itself with who has to do it."""
        kinds = {row["kind"] for row in self.actions}
        return [row for row in self.clocks if STANDS_AS.get(row["clock"]) not in kinds]

    @property
    def late(self) -> int:
        """How many duties are overdue."""
        return sum(row["state"] == "OVERDUE" for row in self.duties)

    @property
    def mention_key(self) -> str:
        """The mention by which a decision names the person: the one recorded first."""
        records = [event for event in self.events if event.is_record]
        return min(records, key=lambda event: (event.on, event.reference)).reference

    @property
    def heading(self) -> Row:
        """Surname and given names, of the tracker's entry or as first recorded."""
        given, _, surname = (self.names[0] if self.names else "").rpartition(" ")
        return self.child or {"surname": surname or None, "given_names": given or None, "person_id": self.person_id}


def person(held: Held) -> Person:
    """Everything of one person: what needs somebody first, then what is known, the latest first."""
    return Person(
        person_id=held.person_id,
        as_of=held.as_of,
        child=held.child,
        names=_names(held.rows("mention")),
        values=_values(held),
        questions=[row for row in held.rows("review") if row["is_open"]],
        actions=[*held.rows("unheard"), *(row for row in held.rows("action") if row["done_on"] is None)],
        events=sorted([*_records(held), *_replies(held), *_decisions(held)], key=lambda event: event.on, reverse=True),
        changes=_changes(held),
        stays=sorted(held.rows("spell"), key=lambda row: row["added_on"], reverse=True),
        disclosures=sorted(held.disclosures, key=lambda row: (row["on"], row["recipient"], row["file"]), reverse=True),
        looks=held.looks[::-1],
        clocks=sorted(held.clocks, key=lambda row: (list(CLOCKS).index(row["clock"]), row["due"])),
        routes=held.routes,
    )


def _names(mentions: Iterable[Row]) -> list[str]:
    """Every name the person was ever recorded under, the most frequent first."""
    uses: dict[str, int] = defaultdict(int)
    for mention in mentions:
        name = " ".join(filter(None, (mention["given_names"], mention["surname"])))
        for used in filter(None, (name, mention["alias"])):
            uses[used] += 1
    return sorted(uses, key=lambda name: (-uses[name], name))


def _values(held: Held) -> list[Value]:
    """The facts that stand, each followed by the other values that records give for it."""
    grades = {row["mention_key"]: row["grade"] or "" for row in held.rows("mention")}
    found = []
    for fact in sorted(held.rows("fact"), key=lambda row: row["field"]):
        source = f"decision {fact['decision_id']}" if fact["decision_id"] else _source(fact["mention_key"])
        value, status = _fact_in_words(held, fact["field"], fact["value"]), wording.label(fact["status"])
        grade = "" if fact["decision_id"] else grades.get(fact["mention_key"], "")
        found.append(Value(fact["field"], value, status, source, fact["recorded_on"], True, grade))
        found += _rivals(held, fact)
    return found


def _rivals(held: Held, fact: Row) -> list[Value]:
    name, rivals = fact["field"], {}
    for mention in sorted(held.rows("mention"), key=lambda row: row["recorded_on"]):
        value = mention.get(name)
        if value is not None and str(value) != str(fact["value"]):
            status = "withdrawn" if mention["withdrawn"] else _status(mention, name)
            shown = _fact_in_words(held, name, value)
            source, grade = _source(mention["mention_key"]), mention["grade"] or ""
            rivals[shown] = Value(name, shown, status, source, mention["recorded_on"], False, grade)
    return list(rivals.values())


def _fact_in_words(held: Held, name: str, value: Any) -> str:
    return held.site.places.name(value) if name in AUTHORITIES else wording.decided_value(str(value))


def _status(mention: Row, name: str) -> str:
    return wording.label(mention["dob_status"]) if name in ("date_of_birth", "birth_year") else "recorded"


def _source(mention_key: str | None) -> str:
    return wording.source_record(mention_key) if mention_key else ""


def _records(held: Held) -> list[Event]:
    reports = {row["report_ref"]: row for row in held.reports}
    given = {name: feed for name, feed in FEEDS.items() if feed.prefix}
    rows = {name: {row["mention_key"]: row for row in held.rows(feed.table)} for name, feed in given.items()}
    events = []
    for mention in held.rows("mention"):
        source, report = mention["source"], reports.get(mention["record_ref"], {})
        values = _of_report(report) if source == INTELLIGENCE.name else _of_feed(given[source], rows[source], mention)
        events.append(
            Event(
                on=mention["recorded_on"],
                kind=wording.label(source),
                reference=mention["mention_key"],
                title=report.get("title") or "",
                text=report.get("text") or "",
                values=(*_as_recorded(mention), *values, *_not_read(mention)),
                withdrawn=mention["withdrawn"],
                is_record=True,
            )
        )
    return events


def _replies(held: Held) -> list[Event]:
    """What partners recorded about the child under the reference that we sent; one without a day is of this night."""
    return [
        Event(
            on=_day(held, row[feed.day]),
            kind=wording.label(feed.name),
            reference=row[feed.key],
            values=_shown(
                {column.to: row[column.to] for column in feed.columns if column.to and column.to != feed.key}
            ),
            is_record=True,
        )
        for feed in FEEDS.values()
        if not feed.prefix
        for row in held.rows(feed.table)
    ]


def _day(held: Held, value: date | datetime | None) -> date:
    return held.site.local_day(value) if isinstance(value, datetime) else value or held.as_of


def _as_recorded(mention: Row) -> tuple[tuple[str, str], ...]:
    name = ", ".join(filter(None, (mention["surname"], mention["given_names"])))
    role = None if mention["role"] == "CHILD" else wording.label(mention["role"])
    return _shown({"recorded_as": name, "role": role, "involvement": mention["involvement"], "grade": mention["grade"]})


def _not_read(mention: Row) -> tuple[tuple[str, str], ...]:
    """What stood in the record and could not be read, by the sentence of each warning and never by its value."""
    return _shown({"could_not_be_read": [wording.label(code) for code in mention["warnings"] or ()]})


def _of_report(report: Row) -> tuple[tuple[str, str], ...]:
    shown = ("source_force", "policing_area", "location", "line_ref", "handling_conditions")
    return _shown({name: report.get(name) for name in shown})


def _of_feed(feed: Feed, rows: Mapping[str, Row], mention: Row) -> tuple[tuple[str, str], ...]:
    row = rows.get(mention["mention_key"], {})
    return _shown({column.to: row.get(column.to) for column in feed.read_columns if column.to})


def _shown(values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Values by the label of their field; what is not known is left out."""
    return tuple(
        (wording.field_label(name), _in_words(value)) for name, value in values.items() if value not in (None, "", [])
    )


def _in_words(value: Any) -> str:
    if isinstance(value, datetime):
        return wording.moment(value)
    if isinstance(value, list | tuple):
        return "; ".join(map(_in_words, value))
    return wording.day(value) if isinstance(value, date) else wording.decided_value(str(value))


def _decisions(held: Held) -> list[Event]:
    refused = {row["decision_id"] for row in held.rows("refusal")}
    return [
        Event(
            on=held.site.local_day(row["decided_at"]),
            kind=wording.label(row["action"]) + (" (refused)" if row["decision_id"] in refused else ""),
            reference=row["decision_id"],
            text=row["reason"] or "",
            values=_shown({name: row[name] for name in ("value", "reason_code", "decided_by", "meeting_ref")}),
        )
        for row in held.rows("decision")
    ]


def _changes(held: Held) -> list[Change]:
    found = [_change(row, name) for row in held.changes for name in row["fields"] or ()]
    return sorted(found, key=lambda change: change.on, reverse=True)


def _change(row: Row, name: str) -> Change:
    before, after = (_in_words(row[side].get(name) or "") for side in ("before", "after"))
    return Change(row["noticed_on"], name, before, after, row["cause"])


def as_text(found: Person) -> str:
    """The page for a terminal: one section after another."""
    sections: dict[str, list[str]] = {
        "Recorded as": found.names,
        "Needs somebody": [f"{wording.label(row['kind'])}: {wording.reason(row['why'])}" for row in found.questions]
        + [f"{wording.label(row['kind'])}, due {wording.day(row['due_on'])}" for row in found.actions],
        "Duties": [
            f"{CLOCKS[row['clock']].label}: {wording.label(row['state'])}, {wording.day(row['due'])}"
            for row in found.clocks
        ],
        "Who has to hear": [
            f"{wording.label(row['role'])}: {row['place']}, {wording.label(row['state'])}. {row['why']}"
            for row in found.routes
        ],
        "Facts": [
            f"{'' if value.stands else '  also '}{wording.field_label(value.field)}: {value.value} "
            f"({value.status}, {value.source}, {wording.day(value.on)})"
            for value in found.values
        ],
        "On the tracker": [
            f"{wording.day(s['added_on'])} to {wording.day(s['removed_on']) or 'now'}" for s in found.stays
        ],
        "Records and decisions": [line for event in found.events for line in _event_lines(event)],
        "Changed": [
            f"{wording.day(c.on)} {wording.field_label(c.field)}: {c.before or 'not known'} → {c.after or 'not known'}"
            for c in found.changes
        ],
        "Looked at": [f"{wording.moment(row['at'])} {row['actor']}: {row['record_ref']}" for row in found.looks],
        "Disclosed": [
            f"{row['on']} {row['recipient']}: {row['operation']}, {row['state']}" for row in found.disclosures
        ],
    }
    head = f"{found.person_id} {found.child.get('tracker_id') or ''}, as the night of {found.as_of} knows it"
    return "\n\n".join([head, *(f"{title}\n" + "\n".join(lines or ["none"]) for title, lines in sections.items())])


def _event_lines(event: Event) -> list[str]:
    values = "; ".join(f"{name} {value}" for name, value in event.values)
    first = f"{wording.day(event.on)} {event.kind} {event.reference}{' WITHDRAWN' if event.withdrawn else ''}: {values}"
    return [first, *(f"    {words}" for words in (event.title, event.text) if words)]
