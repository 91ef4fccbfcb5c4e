"""What do the pages show?

Holds the tables that the stages sealed and answers the look-ups that every page makes: which child, which
mention, which decision. Tables of stages that a failed night never reached are empty.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from expectations.agreed import ON_TRACKER
from expectations.contracts import contract
from expectations.fields import FIELDS
from expectations.plain import Row, grouped, plain_rows, plain_values, rows_where, where
from expectations.questions import candidates
from expectations.recipients import Recipient
from expectations.site import Site
from transforms.reconcile.profile import Linked
from transforms.report.find import FOUND_BY, forms

LARGE = 250  # children in any state
SHOWN_OF_A_MENTION = [
    *("mention_key", "source", "record_ref", "recorded_on", "withdrawn", "grade", "line_ref"),
    *(name for name, field in FIELDS.items() if field.access),
]


@dataclass(frozen=True)
class Contents:
    """Everything the pages show.

    `as_of` is the date of the tracker shown, `night` that of the run: they differ where the night failed before its
    tracker was published. `tables` are by contract name; `changes` are the rows of `change` of every night since
    the last meeting, `disclosures` the rows of `disclosure` of the latest nights, each with its `run`; `holdings` are
    the rows of `holding` by what was delivered; `deliveries` are the register's, and so are `receipt_problems`;
    `profile` is the force's profile of the day and `links` its closest pairs of children; `counts` what each stage of
    the night counted. `held_night` is the question, in the form of a row of `review`, that a night itself is where the
    brakes hold it. `clocks` are the duties as `clvt clocks` lists them, `heard_before` the references of what others
    had told three nights before, None where there is no such night; `was` the values of the night before, by person and
    field, of those whose facts changed. `stamp` is the night's own: no other night and no other home has the same.
    """

    as_of: date
    night: date
    site: Site
    tables: Mapping[str, pa.Table]
    profile: Mapping[str, Any] = field(default_factory=dict)
    links: Linked = field(default_factory=Linked)
    changes: list[Row] = field(default_factory=list)
    disclosures: list[Row] = field(default_factory=list)
    holdings: list[Row] = field(default_factory=list)
    deliveries: list[Row] = field(default_factory=list)
    receipt_problems: list[Row] = field(default_factory=list)
    recipients: Mapping[str, Recipient] = field(default_factory=dict)
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    clocks: list[Row] = field(default_factory=list)
    heard_before: frozenset[str] | None = None
    failure: str = ""
    held_night: Row | None = None
    was: Mapping[tuple[str, str], str] = field(default_factory=dict)
    stamp: str = ""
    _rows: dict[str, list[Row]] = field(default_factory=dict, compare=False, repr=False)

    def table(self, name: str) -> pa.Table:
        """A table by name, empty where its stage was not reached."""
        found = self.tables.get(name)
        return contract(name).schema.empty_table() if found is None else found

    def rows(self, name: str) -> list[Row]:
        """A table's rows, made once though many parts of the pages show them."""
        if name not in self._rows:
            self._rows[name] = plain_rows(self.table(name))
        return [*self._rows[name]]

    def column(self, name: str, column: str) -> list[Any]:
        """One column of a table."""
        return plain_values(self.table(name)[column])

    @cached_property
    def children(self) -> list[Row]:
        """Rows of `child`, by surname, given names and id."""
        return sorted(self.rows("child"), key=_by_name)

    @cached_property
    def on_tracker(self) -> list[Row]:
        """Children that are on the tracker."""
        return [child for child in self.children if child["state"] in ON_TRACKER]

    @property
    def is_large(self) -> bool:
        """True where there are more children than one page lists: it has the first of each list, and the counts."""
        return len(self.children) > LARGE

    @cached_property
    def child(self) -> dict[str, Row]:
        """Rows of `child` by person_id."""
        return {child["person_id"]: child for child in self.children}

    @cached_property
    def person_of(self) -> dict[str, str]:
        """The person_id of every mention."""
        return dict(zip(self.column("person", "mention_key"), self.column("person", "person_id"), strict=True))

    @cached_property
    def open_questions(self) -> list[Row]:
        """Open questions, the oldest first."""
        asked = [row for row in self.rows("review") if row["is_open"]]
        asked += [self.held_night] if self.held_night else []
        return sorted(asked, key=lambda row: (row["asked_on"], row["review_id"]))

    def questions(self, kind: str) -> list[Row]:
        """Open questions of one kind."""
        return [row for row in self.open_questions if row["kind"] == kind]

    @cached_property
    def tasks(self) -> list[Row]:
        """What somebody has to do and has not done: rows of `action` and of `unheard`."""
        return [*self.rows("unheard"), *(row for row in self.rows("action") if row["done_on"] is None)]

    @cached_property
    def _asked(self) -> dict[str, Row]:
        """Rows of `mention` that a question or an action is about, or its child, or a missing child: read at once."""
        wanted = {key for row in self.open_questions for key in (row["mention_key"], *candidates(row)) if key}
        wanted |= {row["mention_key"] for row in self.tasks}
        about = {row["person_id"] for row in self.open_questions}
        about |= {self.person_of.get(row["mention_key"]) for row in self.missing_now}
        wanted |= {key for child in self.children if child["person_id"] in about for key in child["mention_keys"]}
        table = self.table("mention").select(SHOWN_OF_A_MENTION)
        return {row["mention_key"]: row for row in rows_where(table, "mention_key", wanted)}

    @cached_property
    def findable(self) -> dict[str, str]:
        """What every child was ever recorded by, in the form that the page's own search compares, by person_id."""
        person_of = {key: child["person_id"] for child in self.children for key in child["mention_keys"]}
        table = self.table("mention").select(["mention_key", *FOUND_BY])
        rows = rows_where(table, "mention_key", person_of)
        records = grouped(rows, lambda row: person_of[row["mention_key"]])
        return {person: forms(rows) for person, rows in records.items()}

    @cached_property
    def missing_now(self) -> list[Row]:
        """Missing episodes from which nobody has come back."""
        return [row for row in self.rows("missing_episode") if row["returned_at"] is None]

    def last_landed(self, source: str) -> date | None:
        """The last night on which a record of a source came; None where none ever did."""
        table = self.table("mention").select(["source", "landed_on"])
        found: date | None = pc.max(where(table, "source", [source])["landed_on"]).as_py()
        return found

    @cached_property
    def warnings(self) -> dict[str, list[str]]:
        """Codes of what could not be read, by the mention_key of each mention that has any."""
        table = self.table("mention")
        keys, warnings = table["mention_key"].to_pylist(), table["warnings"].to_pylist()
        return {str(key): codes for key, codes in zip(keys, warnings, strict=True) if codes}

    def mentions(self, keys: Iterable[str]) -> list[Row]:
        """Rows of `mention` that the page tells of, latest record first; other keys are passed over."""
        found = [self._asked[key] for key in set(keys) if key in self._asked]
        return sorted(found, key=lambda row: (row["recorded_on"], row["mention_key"]), reverse=True)

    @cached_property
    def decision(self) -> dict[str, Row]:
        """Rows of `decision` by decision_id."""
        return {row["decision_id"]: row for row in self.rows("decision")}

    @cached_property
    def decisions_about(self) -> dict[str, list[Row]]:
        """Decisions that were not refused, by the person_id that they are about, in order."""
        refused = {row["decision_id"] for row in self.rows("refusal")}
        about: dict[str, list[Row]] = defaultdict(list)
        for decision in sorted(self.decision.values(), key=lambda row: (row["decided_at"], row["decision_id"])):
            person = self.person_of.get(decision["mention_key"])
            if person and decision["decision_id"] not in refused:
                about[person].append(decision)
        return about

    @cached_property
    def line_names(self) -> dict[str, str]:
        """The name of every line, by its reference."""
        return {row["line_ref"]: row["line_name"] or row["line_ref"] for row in self.rows("line")}

    def line_name(self, line_ref: str | None) -> str:
        """The name of a line, or its reference where the line is not known."""
        return self.line_names.get(line_ref or "", line_ref or "")

    @cached_property
    def next_meeting(self) -> date:
        """The next monthly meeting, on or after the day."""
        return next(self.site.meeting.after(self.as_of))

    @cached_property
    def last_meeting(self) -> date:
        """The monthly meeting before the day."""
        return self.site.meeting.before(self.as_of)

    @property
    def yesterday(self) -> date:
        """The last day that the tracker knows of."""
        return self.as_of - timedelta(days=1)

    def recipient_title(self, name: str) -> str:
        """A recipient's title, or its name where its contract is gone."""
        found = self.recipients.get(name)
        return found.title if found else name


def _by_name(child: Row) -> tuple[str, str, str]:
    return ((child["surname"] or "\uffff").casefold(), (child["given_names"] or "").casefold(), child["person_id"])
