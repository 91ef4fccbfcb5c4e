"""Which flagged intelligence has the record system that was not landed yet, or that landed with a defect?

Reads the inbound contract's three tables through SQLAlchemy. The database itself sorts out what is not flagged and
what is not due, and says which of the reports landed before have not as many versions and subjects as landed, or may
have been ended in their place; keys, stamps, statuses, flags and markings cross the wire of all but those that are as
they landed, and whole rows of those that are new, have more subjects than landed, or are to be looked at again. A
report whose marking is not one that the site may hold is refused unread: its reference and the reason are kept.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from connectors.endpoints import Endpoint
from connectors.sources import keys
from connectors.sources.database import SourceError, snapshot
from connectors.sources.refusals import Refusal
from connectors.sources.values import NotText, text_of
from expectations.agreed import REPORT_STATUSES
from expectations.plain import Row, grouped
from expectations.spelling import agreed_of, folded, is_near, is_same, shape_of

BATCH = 400  # rows read at a time
NAMED, NAMED_BY = 10_000, {"oracle": 900, "mssql": 900}  # references in one question: an index may lack
ENVELOPE = {"record_key", "source", "stamp", "landed_on"}
NO_KEY = "(no report_ref)"
REPORT, SUBJECT, LINE = "intelligence_report", "report_subject", "county_line"
_RAW = "report_ref as it lies there"
SWEEP = ("report_ref", "version", "updated_at", "status", "flags", "protective_marking")
KEYS = {REPORT: ("report_ref", "version"), SUBJECT: ("report_ref", "version", "subject_no"), LINE: ("line_ref",)}
AUTHORISED = "AUTHORISED"
HIGHER = re.compile(r"\b(SECRET|CONFIDENTIAL|RESTRICTED)\b", re.IGNORECASE)  # markings above OFFICIAL, of any year
EARLIEST = 1900  # year of any stamp
FAR_FEWER = 0.1  # of the keys landed before: so many gone at once is no tidying up
TEN_TIMES = 10
SPARE = timedelta(days=2)  # for the offsets of stamps, which the database does not reckon with
LATELY = timedelta(days=8)  # before the cut-off: a slip within the flag is looked so long, reported until mended

REASONS = {
    "MARKING_TOO_HIGH": "The report is marked too high and was refused unread: handle it where it is held.",
    "MARKING_MISSING": "The report has no protective marking and was refused unread: its originator has to mark it.",
    "MARKING_UNKNOWN": "The report's protective marking is none that is agreed, so it was refused unread: correct "
    "it in the record system. It is looked at again every night.",
    "STATUS_UNKNOWN": "The report's status is none of the five agreed ones, so it was not read: correct it in the "
    "record system. It is looked at again every night.",
    "FLAG_NOT_AGREED": "The report has a flag that is nearly the agreed one, so it was not read: correct the flag "
    "in the record system. It is looked at again every night.",
    "STAMP_UNREADABLE": "The report's updated_at is not a timestamp with an offset: correct it in the record "
    "system, or have source_timezone set where it gives local time.",
    "KEY_TWICE": "Two rows have one key; the first was taken: the record system has to keep one of them.",
    "SUBJECT_WITHOUT_NUMBER": "A subject of the report has no number that can be read, so it cannot be told from "
    "others: correct it in the record system.",
    "REPORT_WITHOUT_SUBJECTS": "The report names nobody: ask the record system whether its subjects are still to come.",
    "KEY_VANISHED": "The report was landed before and the record system no longer holds it: ask its owner why.",
    "SOURCE_EMPTY": "The intelligence database holds no report at all: ask its owner whether that is right.",
    "SOURCE_TEN_TIMES": "The intelligence database holds ten times as many reports as the night before: ask its "
    "owner why.",
    "COLUMN_MISSING": "The source lacks a column that the site excuses: its values are taken as not known, and "
    "fetched once it is there.",
    "COLUMN_UNKNOWN": "The source has a column that the contract does not name: it was not read. Tell the engineer.",
}

Key = tuple[str, str]  # report_ref, version


@dataclass(frozen=True)
class Wanted:
    """What to take: the flag's spelling, the markings that may be read, the cut-off of stamps, and what is excused.

    `timezone` is where timestamps without an offset are read; `absent` names agreed columns, as `table.column` or
    `column`, that the source may lack; `newer` are columns of later versions of the inbound contract, which it may lack
    without a word; with `may_shrink` many keys may be gone at once.
    """

    flag: str
    markings: Sequence[str]
    before: datetime
    timezone: str = ""
    absent: Collection[str] = ()
    newer: Collection[str] = ()
    may_shrink: bool = False


@dataclass(frozen=True)
class Landed:
    """What earlier nights landed of one version: how many subjects, which columns lacked, and a hash of the whole."""

    subjects: int | None = None
    lacking: tuple[str, ...] = ()
    content: str = ""


@dataclass(frozen=True)
class Earlier:
    """What earlier nights know: versions landed, reports to be looked at again, keys gone, reports in the source."""

    landed: Mapping[Key, Landed] = field(default_factory=dict)
    again: Collection[str] = ()
    gone: Collection[str] = ()
    in_source: int = 0


@dataclass
class Intelligence:
    """What came: rows as the source has them, every value a string or None, and what was refused or passed over.

    `landed` describes the versions in `reports`; `signals` are (table.column, reason code).
    """

    reports: list[Row] = field(default_factory=list)
    subjects: list[Row] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)
    landed: dict[Key, Landed] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)
    signals: list[tuple[str, str]] = field(default_factory=list)
    in_source: int = 0
    not_flagged: int = 0
    not_authorised: int = 0

    def refuse(self, key: str | None, version: str | None, code: str, detail: str = "") -> None:
        """Note a refusal; what may not be shown of its key is shown as its shape."""
        self.refused.append(Refusal(keys.shown(key) if key else NO_KEY, code, version or "", detail))


def read(endpoint: Endpoint, wanted: Wanted, earlier: Earlier, columns: Mapping[str, Sequence[str]]) -> Intelligence:
    """Everything wanted that is new, or to be fetched again.

    `columns` gives the contract's column names of intelligence_report, report_subject and county_line. Raises
    SourceError where the source is down, refuses the login, lacks a table or an agreed column that is not excused, or
    holds far fewer of the keys landed before.
    """
    with snapshot(endpoint) as connection:
        return _Visit(connection, wanted, earlier, columns).run()


def check(endpoint: Endpoint, wanted: Wanted, columns: Mapping[str, Sequence[str]]) -> None:
    """Raise SourceError where the tables and columns of the inbound contract cannot be read."""
    with snapshot(endpoint) as connection:
        _Visit(connection, wanted, Earlier(), columns).tables()


def stamp(text: str | None, timezone: str = "") -> datetime:
    """A timestamp, in `timezone` where it has no offset; ValueError where it is none, or has none and nothing says."""
    moment = datetime.fromisoformat((text or "").strip())
    if moment.year < EARLIEST:
        raise ValueError("no time of a record system")
    if moment.tzinfo is None:
        if not timezone:
            raise ValueError("a timestamp without an offset")
        moment = moment.replace(tzinfo=ZoneInfo(timezone))
    return moment.astimezone(UTC)


@dataclass
class _Visit:
    """One night's questions to the source, over one snapshot of it."""

    connection: sa.Connection
    wanted: Wanted
    earlier: Earlier
    columns: Mapping[str, Sequence[str]]
    found: Intelligence = field(default_factory=Intelligence)
    lacking: dict[str, tuple[str, ...]] = field(default_factory=dict)
    stamp_type: Any = None
    here: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    again: set[str] = field(default_factory=set)
    settled: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.again |= set(self.earlier.again)
        for ref, version in self.earlier.landed:
            self.here[ref].append(version)
        self.named = NAMED_BY.get(self.connection.dialect.name, NAMED)

    def run(self) -> Intelligence:
        tables = self.tables()
        self._count(tables[REPORT])
        self.settled = self._settled(tables)
        swept = self._distinct(REPORT, self._sweep(tables[REPORT]))
        self._expect_keys(tables[REPORT], swept)
        due = self._due(swept)
        due |= self._late(tables[SUBJECT], [row for row in swept if _key(row) in self.earlier.landed])
        self._fetch(tables, [row for row in swept if _key(row) in due])
        self._lines(tables[LINE])
        return self.found

    # What the source looks like

    def tables(self) -> dict[str, sa.TableClause]:
        """The three tables with the agreed columns that they have; SourceError where one lacks that is not excused."""
        return {name: self._table(name, names) for name, names in self.columns.items()}

    def _table(self, name: str, names: Sequence[str]) -> sa.TableClause:
        inspector = sa.inspect(self.connection)
        if not inspector.has_table(name):
            raise SourceError(f"The intelligence database has no table {name}: see the inbound contract, section 1.")
        types = {column["name"].lower(): column["type"] for column in inspector.get_columns(name)}
        missing = [column for column in names if column not in types]
        excused = {c for c in missing if {c, f"{name}.{c}"} & {*self.wanted.absent, *self.wanted.newer}}
        excused -= {*SWEEP, *KEYS[name]}
        if wrong := [column for column in missing if column not in excused]:
            raise SourceError(
                f"Table {name} of the intelligence database has no column {', '.join(wrong)}. Was it renamed? Have it "
                "put back, or, where the force never had it, name it in absent_columns of site.yml."
            )
        self.lacking[name] = tuple(f"{name}.{column}" for column in missing)
        reported = [column for column in missing if column not in self.wanted.newer]
        self.found.signals += [(f"{name}.{column}", "COLUMN_MISSING") for column in reported]
        self.found.signals += [(_column_name(name, c), "COLUMN_UNKNOWN") for c in sorted(types.keys() - set(names))]
        self.stamp_type = types.get("updated_at", self.stamp_type)
        # Without their types: what the driver gives passes the door, and no type may choke on it before.
        return sa.table(name, *(sa.column(column) for column in names if column in types))

    def _count(self, report: sa.TableClause) -> None:
        self.found.in_source = self.connection.scalar(sa.select(sa.func.count()).select_from(report)) or 0
        if not self.found.in_source:
            self.found.signals.append((REPORT, "SOURCE_EMPTY"))
        if self.earlier.in_source and self.found.in_source >= TEN_TIMES * self.earlier.in_source:
            self.found.signals.append((REPORT, "SOURCE_TEN_TIMES"))

    # Which reports are as they landed

    def _settled(self, tables: Mapping[str, sa.TableClause]) -> frozenset[str]:
        """Reports landed before, with nothing to look at again, of which the source has as many rows as landed.

        The database counts; a report that is gone, or bears another reference, makes its whole batch ask.
        """
        versions, subjects = {ref: len(landed) for ref, landed in self.here.items()}, dict.fromkeys(self.here, 0)
        lacking, again = {name for names in self.lacking.values() for name in names}, set(self.again)
        for (ref, _), landed in self.earlier.landed.items():
            subjects[ref] += landed.subjects or 0
            if landed.subjects is None or set(landed.lacking) - lacking:
                again.add(ref)
        settled: set[str] = set()
        for refs in self._batches(self.here.keys() - again):
            there = self._counted(tables[REPORT], refs, self._ended(tables[REPORT]))
            of_subjects = self._counted(tables[SUBJECT], refs, sa.literal(0))
            self.again |= (may_be_ended := {ref for ref, (_, ended) in there.items() if ended})
            if there.keys() == set(refs) and of_subjects.keys() <= there.keys():
                as_landed = {ref for ref, (count, _) in there.items() if count == versions[ref]}
                others = {ref for ref, (count, _) in of_subjects.items() if count != subjects[ref]}
                settled |= as_landed - others - may_be_ended
        return frozenset(settled)

    def _ended(self, report: sa.TableClause) -> "sa.ColumnElement[int]":
        """Of how many versions nothing may be held or supported: they may have been so changed in their place."""
        sought = Sought(report, self.wanted, self.connection.dialect.name, is_text=self._stamps_are_text())
        return sa.func.sum(sa.case((sought.is_ended(), 1), else_=0))

    def _counted(
        self, table: sa.TableClause, refs: list[str], ended: "sa.ColumnElement[int]"
    ) -> dict[str, tuple[int, int]]:
        """How many rows a table has of each of these reports, and how many ended versions, by reference."""
        ref = table.c.report_ref
        query = sa.select(ref, sa.func.count(), ended).where(ref.in_(refs)).group_by(ref)
        return {keys.key_of(str(one)) or "": (count, over) for one, count, over in self.connection.execute(query).all()}

    def _batches(self, refs: Iterable[str]) -> Iterator[list[str]]:
        ordered = sorted(set(refs))
        for start in range(0, len(ordered), self.named):
            yield ordered[start : start + self.named]

    # Which versions are due

    def _sweep(self, report: sa.TableClause) -> list[Row]:
        """What is swept of each version that is flagged, or nearly, and of the other versions of these reports."""
        sought = Sought(report, self.wanted, self.connection.dialect.name, is_text=self._stamps_are_text())
        everything = not self.here  # on a first night a near miss of any age is news
        flagged = self._texts(REPORT, self.connection.execute(sought.flagged(everything, self._left_out())))
        rows = [row for row in flagged if row["report_ref"] not in self.settled and self._is_sought(row)]
        refs = {row[_RAW] for row in rows if row["report_ref"]} | self.again
        refs |= self.here.keys() - self.settled
        seen = {(row[_RAW], row["version"]) for row in rows}
        others = self._texts(REPORT, self._of_refs(sought.not_flagged(), report, refs))
        rows += [row for row in others if (row[_RAW], row["version"]) not in seen]
        self.found.not_flagged += self.found.in_source - len(rows) - sum(len(self.here[ref]) for ref in self.settled)
        return rows

    def _left_out(self) -> list[str]:
        """Of the reports that are as they landed, as many as one question may name."""
        return next(self._batches(self.settled), [])

    def _is_sought(self, row: Row) -> bool:
        return self._is_flagged(row) or self._near_flag(row["flags"] or "")

    def _due(self, swept: list[Row]) -> set[Key]:
        """Versions to fetch: new ones of reports that are taken, and those that landed with a defect."""
        versions = [row for row in swept if self._is_placed(row)]
        taken = {row["report_ref"] for row in versions if self._is_flagged(row) and is_same(row["status"], AUTHORISED)}
        taken |= self.here.keys()
        return {_key(row) for row in versions if self._is_wanted(row, taken) and self._may_be_read(row)}

    def _is_placed(self, row: Row) -> bool:
        """True where a version has a key and a stamp before the cut-off; one of ours without is reported."""
        if row["report_ref"] is None or row["version"] is None:
            if self._is_flagged(row):
                self.found.refuse(row["report_ref"], row["version"], "ROW_WITHOUT_KEY")
            return False
        if not keys.is_agreed(row["report_ref"]):
            if self._is_flagged(row):
                self.found.refuse(row["report_ref"], row["version"], keys.NOT_AGREED)
            return False
        try:
            return stamp(row["updated_at"], self.wanted.timezone) < self.wanted.before
        except ValueError:
            if row["report_ref"] in self.here or (self._is_flagged(row) and is_same(row["status"], AUTHORISED)):
                self._tell(row, "STAMP_UNREADABLE")
            return False

    def _tell(self, row: Row, code: str, detail: str = "") -> None:
        """Tell of a version every night: until it is mended, or a later version is here."""
        if not _is_overtaken(row["version"], self.here.get(row["report_ref"], [])):
            self.found.refuse(*_key(row), code, detail)

    def _is_wanted(self, row: Row, taken: set[str]) -> bool:
        key = _key(row)
        if key in self.earlier.landed:
            then, now = (
                set(self.earlier.landed[key].lacking),
                {name for names in self.lacking.values() for name in names},
            )
            is_worse = any(name.split(".")[1] not in self.wanted.newer for name in now - then)
            return not is_worse and (bool(then - now) or row["report_ref"] in self.again)
        is_flagged = self._is_flagged(row)
        if not is_flagged and self._near_flag(row["flags"] or ""):
            self._tell(row, "FLAG_NOT_AGREED", f"Its flags look like {shape_of(row['flags'])}.")
        elif (is_flagged or row["report_ref"] in taken) and not agreed_of(row["status"], REPORT_STATUSES):
            self._tell(row, "STATUS_UNKNOWN", _looks("status", row["status"]))
        elif row["report_ref"] in taken:
            return True
        self.found.not_flagged += not is_flagged
        self.found.not_authorised += is_flagged
        return False

    def _may_be_read(self, row: Row) -> bool:
        marking = row["protective_marking"]
        if agreed_of(marking, self.wanted.markings):
            return True
        if not folded(marking):
            self._tell(row, "MARKING_MISSING")
        elif HIGHER.search(marking):
            self._tell(row, "MARKING_TOO_HIGH")
        else:
            self._tell(row, "MARKING_UNKNOWN", _looks("marking", marking))
        return False

    def _is_flagged(self, row: Row) -> bool:
        return any(is_same(part, self.wanted.flag) for part in (row["flags"] or "").split("|"))

    def _near_flag(self, flags: str) -> bool:
        """True where one of the flags, whatever stands between them, may be meant for ours."""
        flag = self.wanted.flag
        return any(is_same(part, flag) or is_near(part, flag) for part in re.split(r"[|,;]", flags))

    def _stamps_are_text(self) -> bool:
        is_moment = isinstance(self.stamp_type, sa.DateTime | sa.Date)
        return self.connection.dialect.name == "sqlite" or not is_moment  # SQLite keeps a moment as text

    # Keys that are gone, and subjects that came late

    def _expect_keys(self, report: sa.TableClause, swept: list[Row]) -> None:
        """Tell which keys landed before are gone; SourceError where they are far too many at once."""
        before = self.here.keys()
        gone = before - self.settled - {row["report_ref"] for row in swept}
        for ref in gone:
            self.found.refuse(ref, None, "KEY_VANISHED")
        fresh = gone - set(self.earlier.gone)
        still = len(before) - len(gone)
        if fresh and not self.wanted.may_shrink and (not still or len(fresh) > max(2, FAR_FEWER * len(before))):
            raise SourceError(
                f"Of {len(before)} reports landed before, the intelligence database no longer holds {len(fresh)}. Ask "
                "its owner; where that is right, name this night in shrinking_accepted_on of site.yml."
            )

    def _late(self, subject: sa.TableClause, swept: list[Row]) -> set[Key]:
        """Versions that landed with fewer subjects than the source has for them now."""
        if not swept:
            return set()
        counted = sa.select(subject.c.report_ref, subject.c.version, sa.func.count().label("subjects"))
        counted = counted.group_by(subject.c.report_ref, subject.c.version)
        there: dict[Key, int] = defaultdict(int)
        for row in self._texts(SUBJECT, self._of_refs(counted, subject, _spellings(swept))):
            there[row["report_ref"] or "", row["version"] or ""] += int(row["subjects"] or 0)
        due = set()
        for key in map(_key, swept):
            landed = self.earlier.landed[key].subjects
            if landed is not None and there[key] > landed:
                due.add(key)
        return due

    # The rows themselves

    def _fetch(self, tables: Mapping[str, sa.TableClause], due: list[Row]) -> None:
        wanted = {_key(row) for row in due}
        refs = _spellings(due)
        reports = self._distinct(REPORT, self._read(tables[REPORT], refs, wanted))
        subjects = self._read(tables[SUBJECT], refs, wanted)
        if without := wanted - {_key(row) for row in subjects}:
            trimmed = [row["report_ref"] for row in due if _key(row) in without]
            subjects += self._read(tables[SUBJECT], trimmed, without, is_trimmed=True)
        subjects = self._distinct(SUBJECT, [row for row in subjects if self._is_numbered(row)])
        by_key = grouped(subjects, _key)
        for report in reports:
            self._keep(report, by_key[_key(report)])

    def _lines(self, line: sa.TableClause) -> None:
        for row in self._distinct(LINE, self._texts(LINE, self._all(sa.select(line)))):
            if keys.is_agreed(row["line_ref"]):
                self.found.lines.append({name: row[name] for name in row if name != _RAW})
            else:
                self.found.signals.append((f"{LINE} {keys.shown(row['line_ref'])}", keys.NOT_AGREED))

    def _read(
        self, table: sa.TableClause, refs: Iterable[str], wanted: set[Key], *, is_trimmed: bool = False
    ) -> list[Row]:
        rows = self._of_refs(sa.select(table), table, refs, is_trimmed=is_trimmed)
        return [row for row in self._texts(table.name, rows, wanted) if _key(row) in wanted]

    def _keep(self, report: Row, subjects: list[Row]) -> None:
        """Take a version in, unless it is what landed before."""
        key = _key(report)
        before = self.earlier.landed.get(key)
        report, *subjects = ({name: row[name] for name in row if name != _RAW} for row in (report, *subjects))
        content = _content([report, *subjects])
        if not subjects:
            self.found.refuse(*key, "REPORT_WITHOUT_SUBJECTS")
        lacking = self.lacking[REPORT] + self.lacking[SUBJECT]
        if before is not None and (before.content, before.lacking) == (content, lacking):
            return
        self.found.landed[key] = Landed(len(subjects), lacking, content)
        self.found.reports.append(report)
        self.found.subjects += subjects

    def _is_numbered(self, row: Row) -> bool:
        number = row["subject_no"]
        if number is None or not keys.is_agreed(number):
            self.found.refuse(*_key(row), "SUBJECT_WITHOUT_NUMBER")
            return False
        return True

    # Rows as texts

    def _all(self, query: "sa.Select[Any]") -> Iterator["sa.Row[Any]"]:
        yield from self.connection.execute(query, execution_options={"yield_per": BATCH})

    def _of_refs(
        self, query: "sa.Select[Any]", table: sa.TableClause, refs: Iterable[str], *, is_trimmed: bool = False
    ) -> Iterator["sa.Row[Any]"]:
        column = sa.func.trim(table.c.report_ref) if is_trimmed else table.c.report_ref
        for named in self._batches(refs):
            yield from self._all(query.where(column.in_(named)))

    def _texts(self, table: str, rows: Iterable["sa.Row[Any]"], reported: set[Key] | None = None) -> Iterator[Row]:
        """Each row by column, every value a text or None; values refused in rows of `reported` are reported."""
        for row in rows:
            yield self._as_texts(table, row._mapping, reported)

    def _as_texts(self, table: str, values: Mapping[Any, Any], reported: set[Key] | None) -> Row:
        made: Row = {}
        wrong: list[tuple[str, str]] = []
        for name, value in values.items():
            try:
                made[name] = text_of(value)
            except NotText as reason:
                made[name] = None
                wrong.append((str(reason), name))
        made[_RAW] = made.get("report_ref")
        for name in KEYS[table]:
            made[name] = keys.key_of(made[name]) if name in made else None
        if reported and _key(made) in reported:
            self._tell_values(table, made, wrong)
        return made

    def _tell_values(self, table: str, row: Row, wrong: list[tuple[str, str]]) -> None:
        key = f"{row['report_ref']}#{row['subject_no']}" if table == SUBJECT else row["report_ref"]
        for code in {code for code, _ in wrong}:
            columns = ", ".join(name for other, name in wrong if other == code)
            self.found.refused.append(Refusal(key, code, row["version"], f"Column {columns}."))

    def _distinct(self, table: str, rows: Iterable[Row]) -> list[Row]:
        """Rows by key, the first of each; another one with the key is reported."""
        made: dict[tuple[str | None, ...], Row] = {}
        for row in rows:
            key = tuple(row[name] for name in KEYS[table])
            if None in key:
                if table == REPORT:
                    made[(*key, str(len(made)))] = row
                continue
            if key in made:
                self.found.refuse(row[KEYS[table][0]], row.get("version"), "KEY_TWICE")
            else:
                made[key] = row
        return list(made.values())


@dataclass(frozen=True)
class Sought:
    """What the database is asked for every night: `is_text` where it keeps stamps as text."""

    report: sa.TableClause
    wanted: Wanted
    dialect: str
    is_text: bool

    def flagged(self, everything: bool, left_out: list[str]) -> "sa.Select[Any]":
        """Versions that are due and hold the words of the flag; of those stamped lately, or of all, any word of it."""
        holds_all, *holds = self._words()
        near = sa.or_(*holds) if everything else sa.and_(self._is_stamped_lately(), sa.or_(*holds))
        ref = self.report.c.report_ref
        is_open = sa.or_(ref.is_(None), ref.not_in(left_out)) if left_out else sa.true()
        return self._swept().where(sa.or_(holds_all, near), self._is_due(), is_open)

    def not_flagged(self) -> "sa.Select[Any]":
        """Versions that do not hold the words of the flag, to be asked for by the reports' references."""
        holds_all, *_ = self._words()
        return self._swept().where(sa.or_(sa.not_(holds_all), self.report.c.flags.is_(None)))

    def is_ended(self) -> "sa.ColumnElement[bool]":
        """True of a version that is withdrawn, not authorised, not flagged, or of a marking that is not agreed."""
        holds_all, *_ = self._words()
        ended = [sa.not_(holds_all), self.report.c.flags.is_(None)]
        agreed = {"status": [AUTHORISED], "protective_marking": self.wanted.markings}
        for name, values in agreed.items():
            written = self._written(name)
            ended += [written.is_(None), sa.func.upper(written).not_in([one.upper() for one in values])]
        if "withdrawn_at" in self.report.c:
            # By its length: to Oracle an empty text is none, and to PostgreSQL a moment is never one.
            ended.append(sa.func.char_length(self._written("withdrawn_at")) > 0)
        return sa.or_(*ended)

    def _written(self, name: str) -> "sa.ColumnElement[str]":
        """A column as text without outer spaces, whatever its type: a status may be one of a list of the database's."""
        return sa.func.trim(sa.cast(self.report.c[name], sa.String(60)))

    def _swept(self) -> "sa.Select[Any]":
        return sa.select(*(self.report.c[name] for name in SWEEP))

    def _words(self) -> list["sa.ColumnElement[bool]"]:
        """Whether the flags hold the beginnings of the flag's words, all in their order, and each of them."""
        words = [_ascii(word[:4]) for word in re.findall(r"[^\W_]+", self.wanted.flag)]
        patterns = [f"%{'%'.join(words)}%", *(f"%{word}%" for word in words)]
        flags = self.report.c.flags
        # SQLite compares ASCII without case by itself, and twice as fast as where it is asked to.
        return [flags.like(one) if self.dialect == "sqlite" else flags.ilike(one) for one in patterns]

    def _is_due(self) -> "sa.ColumnElement[bool]":
        """Stamped before the cut-off, with something to spare; what is no stamp counts too, to be reported."""
        stamp, bound = self.report.c.updated_at, self._day(SPARE)
        odd = sa.or_(stamp >= "3", stamp.is_(None)) if self.is_text else stamp.is_(None)
        return sa.or_(stamp < bound, odd)

    def _is_stamped_lately(self) -> "sa.ColumnElement[bool]":
        return sa.and_(self.report.c.updated_at >= self._day(-LATELY))

    def _day(self, after: timedelta) -> Any:
        moment = (self.wanted.before + after).replace(tzinfo=None)
        return moment.date().isoformat() if self.is_text else moment


def _ascii(word: str) -> str:
    return "".join(sign if sign.isascii() else "_" for sign in word)


def _column_name(table: str, column: str) -> str:
    return f"{table}.{column}" if re.fullmatch(r"\w{1,60}", column) else f"{table}.({shape_of(column)})"


def _looks(what: str, value: str | None) -> str:
    return f"Its {what} looks like {shape_of(value)}." if value else f"It has no {what}."


def _spellings(rows: Iterable[Row]) -> set[str]:
    """References as they lie there and as they are read: a column may be padded in one table and not in another."""
    return {ref for row in rows for ref in (row[_RAW], row["report_ref"]) if ref}


def _is_overtaken(version: str | None, here: list[str]) -> bool:
    """True where a later version is here; what is no number is never overtaken."""
    numbers = [int(other) for other in here if other.isdecimal()]
    return version is not None and version.isdecimal() and int(version) < max(numbers, default=0)


def _key(row: Row) -> Key:
    return row["report_ref"], row["version"]


def _content(rows: list[Row]) -> str:
    """A hash of what landed of a version: the values of its report and of its subjects, in order."""
    values = sorted([f"{name}={value}" for name, value in sorted(row.items()) if value is not None] for row in rows)
    return hashlib.sha256(repr(values).encode()).hexdigest()[:16]
