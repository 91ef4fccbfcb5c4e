"""Which flagged intelligence has the record system that was not landed yet?

Reads the inbound contract's three tables read-only through SQLAlchemy (SQLite and PostgreSQL). Every night sweeps the
keys of all reports, so a row that arrives late is caught; only what is flagged, authorised and not yet landed is read,
in batches. A report marked higher than the site may hold is refused unread: its reference and the reason are kept.
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from connectors.endpoints import Endpoint, refuses_login

BATCH = 400
ENVELOPE = {"record_key", "source", "stamp", "landed_on"}
NO_KEY = "(no report_ref)"
SWEEP = ("report_ref", "version", "updated_at", "status", "flags", "protective_marking")
DRIVERS = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}


class SourceError(Exception):
    """A source cannot be read; says which, why and what to do, never a value of a record."""

    worth_another_try = False


class SourceDown(SourceError):
    """The source does not answer: it may when it is asked again."""

    worth_another_try = True


@dataclass(frozen=True)
class Wanted:
    """What to take: the flag's spelling, the markings that may be read, and the cut-off of stamps.

    `newer` are columns of later versions of the inbound contract, which a source may lack without a word.
    """

    flag: str
    markings: Sequence[str]
    before: datetime
    newer: Container[str] = frozenset()


@dataclass
class Intelligence:
    """What came: rows as the source has them, every value a string or None, and what was refused or passed over."""

    reports: list[dict[str, Any]] = field(default_factory=list)
    subjects: list[dict[str, Any]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    refused: list[tuple[str, str, str]] = field(default_factory=list)  # record_key, version, reason_code
    signals: list[tuple[str, str]] = field(default_factory=list)  # table.column, reason_code
    not_flagged: int = 0
    not_authorised: int = 0


def database_url(endpoint: Endpoint) -> sa.URL:
    """The SQLAlchemy URL of a connection; SQLite files are opened read-only."""
    if endpoint.kind == "sqlite":
        path = endpoint.extra.get("path") or endpoint.host or endpoint.schema
        return sa.make_url(f"sqlite:///file:{path}?mode=ro&uri=true")
    return sa.URL.create(
        DRIVERS.get(endpoint.kind, endpoint.kind),
        username=endpoint.login or None,
        password=endpoint.password or None,
        host=endpoint.host or None,
        port=endpoint.port,
        database=endpoint.schema or None,
    )


def read(
    endpoint: Endpoint, wanted: Wanted, landed: set[tuple[str, str]], columns: dict[str, list[str]]
) -> Intelligence:
    """Everything wanted whose (report_ref, version) is not in `landed`.

    `columns` gives the contract's column names of intelligence_report, report_subject and county_line. Raises
    SourceError where the source is down, refuses the login, or lacks a table or column that a report cannot do without.
    """
    url = database_url(endpoint)
    engine = sa.create_engine(url, hide_parameters=True, connect_args=_patience(url, endpoint.extra))
    try:
        with engine.connect().execution_options(**_read_only(engine)) as connection:
            return _read(connection, wanted, landed, columns)
    except sa.exc.OperationalError as error:
        if refuses_login(error):
            raise SourceError(
                f"Connection {endpoint.name}: the intelligence database refuses the login. Check user and password."
            ) from None
        raise SourceDown(
            f"Connection {endpoint.name}: the intelligence database does not answer, or not in time. Check that it "
            "is up, and host, database, user and password of the connection."
        ) from None
    except (sa.exc.DBAPIError, sa.exc.NoSuchModuleError) as error:
        raise SourceError(
            f"Connection {endpoint.name}: the intelligence database cannot be read ({type(error).__name__}). Check the "
            "connection's type and that its user may read the three tables of the inbound contract."
        ) from None
    finally:
        engine.dispose()


def check(endpoint: Endpoint, columns: dict[str, list[str]]) -> None:
    """Raise SourceError where the tables and columns of the inbound contract cannot be read."""
    wanted = Wanted(flag="", markings=(), before=datetime.min.replace(tzinfo=UTC))
    read(endpoint, wanted, set(), columns)


def _patience(url: sa.URL, extra: dict[str, Any]) -> dict[str, Any]:
    """How long the source may keep us waiting: for a connection, for one answer, and when the network is gone.

    The connection's extra may set `connect_seconds` (20) and `answer_seconds` (600).
    """
    if url.get_backend_name() != "postgresql":
        return {}
    answer_ms = int(float(extra.get("answer_seconds", 600)) * 1000)
    return {
        "connect_timeout": int(extra.get("connect_seconds", 20)),
        "options": f"-c statement_timeout={answer_ms} -c lock_timeout={answer_ms}",
        "tcp_user_timeout": 60_000,
    }


def _read_only(engine: sa.Engine) -> dict[str, Any]:
    return {"postgresql_readonly": True} if engine.dialect.name == "postgresql" else {}


def _read(
    connection: sa.Connection, wanted: Wanted, landed: set[tuple[str, str]], columns: dict[str, list[str]]
) -> Intelligence:
    found = Intelligence()
    tables = {name: _table(connection, name, names, wanted.newer, found) for name, names in columns.items()}
    keys = _sweep(connection, tables["intelligence_report"], wanted, landed, found)
    refs = sorted({ref for ref, _ in keys})
    for name, into in (("intelligence_report", found.reports), ("report_subject", found.subjects)):
        into.extend(r for r in _rows(connection, tables[name], refs) if (r["report_ref"], r["version"]) in keys)
    found.lines.extend(_texts(connection.execute(sa.select(tables["county_line"]))))
    return found


def _table(
    connection: sa.Connection, name: str, names: list[str], newer: Container[str], found: Intelligence
) -> sa.TableClause:
    inspector = sa.inspect(connection)
    if not inspector.has_table(name):
        raise SourceError(f"The intelligence database has no table {name}: see the inbound contract, section 1.")
    there = {column["name"] for column in inspector.get_columns(name)}
    missing = [column for column in names if column not in there and column not in newer]
    needed = [column for column in missing if column in SWEEP or column in ("subject_no", "line_ref")]
    if needed:
        raise SourceError(f"Table {name} of the intelligence database has no column {', '.join(needed)}.")
    found.signals.extend((f"{name}.{column}", "COLUMN_MISSING") for column in missing)
    found.signals.extend((f"{name}.{column}", "COLUMN_UNKNOWN") for column in sorted(there - set(names)))
    return sa.table(name, *(sa.column(column) for column in names if column in there))


def _sweep(
    connection: sa.Connection,
    report: sa.TableClause,
    wanted: Wanted,
    landed: set[tuple[str, str]],
    found: Intelligence,
) -> set[tuple[str, str]]:
    swept = list(_texts(connection.execute(sa.select(*(report.c[name] for name in SWEEP)))))
    found.refused += [
        (row["report_ref"] or NO_KEY, row["version"] or "", "ROW_WITHOUT_KEY")
        for row in swept
        if not _has_key(row) and _is_flagged(row, wanted.flag)
    ]
    stamped = [(row, _moment(row)) for row in swept if _has_key(row)]
    versions = [row for row, moment in stamped if moment is not None and moment < wanted.before]
    known = {ref for ref, _ in landed}
    found.refused += _unplaced([row for row, moment in stamped if moment is None], wanted.flag, landed)
    taken = {row["report_ref"] for row in versions if _is_flagged(row, wanted.flag) and row["status"] == "AUTHORISED"}
    keys = set()
    for row in versions:
        key = (row["report_ref"], row["version"])
        if key in landed:
            continue
        if row["report_ref"] not in taken | known:
            found.not_flagged += not _is_flagged(row, wanted.flag)
            found.not_authorised += _is_flagged(row, wanted.flag)
        elif row["protective_marking"] not in wanted.markings:
            found.refused.append((*key, "MARKING_TOO_HIGH" if row["protective_marking"] else "MARKING_MISSING"))
        else:
            keys.add(key)
    return keys


def _unplaced(
    versions: list[dict[str, Any]], flag: str, landed: set[tuple[str, str]]
) -> Iterator[tuple[str, str, str]]:
    """Versions of ours that no night can place, told every night: until they are mended, or a later version is here."""
    for row in versions:
        here = [version for ref, version in landed if ref == row["report_ref"]]
        is_ours = here or (_is_flagged(row, flag) and row["status"] == "AUTHORISED")
        if is_ours and not _is_overtaken(row["version"], here):
            yield row["report_ref"], row["version"], "STAMP_UNREADABLE"


def _is_overtaken(version: str | None, here: list[str]) -> bool:
    """True where this or a later version is here; of what is no number, none is known to be later."""
    numbers = [int(other) for other in here if other.isdecimal()]
    return version is not None and version.isdecimal() and int(version) <= max(numbers, default=0)


def _has_key(row: dict[str, Any]) -> bool:
    return row["report_ref"] is not None and row["version"] is not None


def _moment(row: dict[str, Any]) -> datetime | None:
    try:
        return stamp(row["updated_at"])
    except (TypeError, ValueError):
        return None


def stamp(text: str) -> datetime:
    """A timestamp with an offset; ValueError where it has none."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a timestamp without an offset")
    return moment


def _is_flagged(row: dict[str, Any], flag: str) -> bool:
    return flag in [part.strip() for part in (row["flags"] or "").split("|")]


def _rows(connection: sa.Connection, table: sa.TableClause, refs: list[str]) -> Iterator[dict[str, Any]]:
    for start in range(0, len(refs), BATCH):
        some = refs[start : start + BATCH]
        yield from _texts(connection.execute(sa.select(table).where(table.c.report_ref.in_(some))))


def _texts(rows: sa.Result[Any]) -> Iterator[dict[str, Any]]:
    names = list(rows.keys())
    return (dict(zip(names, map(_as_text, row), strict=True)) for row in rows)


def _as_text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)
