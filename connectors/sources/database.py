"""How is the force's record system opened, so that nothing there can change and nothing here can stop?

Read-only, one consistent snapshot for all that a night asks, and a limit on how long one question may take. Text that
is no text of its own encoding comes as what no text can be, for the value to be refused and not the night.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import sqlalchemy as sa

from connectors.endpoints import Endpoint, refuses_login

ANSWER_SECONDS, CONNECT_SECONDS = 600, 20  # how long the source may keep us waiting; its extra may set others
DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
    "oracle": "oracle+oracledb",
    "mssql": "mssql+pyodbc",
}
SNAPSHOT: dict[str, tuple[str, ...]] = {  # what opens a read-only snapshot, by dialect
    "sqlite": ("PRAGMA query_only = ON", "BEGIN"),
    "postgresql": (
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
        "SET LOCAL statement_timeout = '{seconds}s'",
        "SET LOCAL lock_timeout = '{seconds}s'",
        "SET LOCAL datestyle = 'ISO'",
    ),
    "mysql": (
        "SET SESSION max_execution_time = {seconds}000",
        "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
    ),
    "mariadb": (
        "SET SESSION max_statement_time = {seconds}",
        "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
    ),
    "oracle": ("SET TRANSACTION READ ONLY",),  # its snapshot is that of its first statement
    "mssql": ("SET TRANSACTION ISOLATION LEVEL SNAPSHOT",),  # its login has to be one that may only read
}


class SourceError(Exception):
    """A source cannot be read; says which, why and what to do, never a value of a record."""

    worth_another_try = False


class SourceDown(SourceError):
    """The source does not answer: it may when it is asked again."""

    worth_another_try = True


def database_url(endpoint: Endpoint) -> sa.URL:
    """The SQLAlchemy URL of a connection; SQLite files are opened read-only."""
    if endpoint.kind == "sqlite":
        return sa.make_url(f"sqlite:///file:{endpoint.path}?mode=ro&uri=true")
    return sa.URL.create(
        DRIVERS.get(endpoint.kind, endpoint.kind),
        username=endpoint.login or None,
        password=endpoint.password or None,
        host=endpoint.host or None,
        port=endpoint.port,
        database=endpoint.schema or None,
    )


@contextmanager
def snapshot(endpoint: Endpoint) -> Iterator[sa.Connection]:
    """A connection to read one state by; SourceDown where the source is down, SourceError where it refuses."""
    seconds = int(float(endpoint.extra.get("answer_seconds", ANSWER_SECONDS)))
    try:
        engine = _engine(database_url(endpoint), **_arguments(endpoint))
    except (ImportError, sa.exc.ArgumentError):
        raise _error(endpoint, "no driver for its type is installed, or the connection cannot be read") from None
    try:
        with engine.connect() as connection:
            _prepare(connection, seconds)
            yield connection
    except sa.exc.OperationalError as error:
        if refuses_login(error):
            raise SourceError(
                f"Connection {endpoint.name}: the intelligence database refuses the login. Check user and password."
            ) from None
        raise SourceDown(
            f"Connection {endpoint.name}: the intelligence database does not answer, or not in time. Check that it "
            "is up, and host, database, user and password of the connection."
        ) from None
    except (sa.exc.SQLAlchemyError, UnicodeError) as error:  # a broken file breaks its driver's own messages too
        raise _error(endpoint, type(error).__name__) from None


@cache
def _engine(url: sa.URL, **arguments: Any) -> sa.Engine:
    """What keeps no connection, but how it words each question: a replay asks the same ones every night."""
    return sa.create_engine(url, poolclass=sa.NullPool, hide_parameters=True, connect_args=arguments)


def _error(endpoint: Endpoint, why: str) -> SourceError:
    return SourceError(
        f"Connection {endpoint.name}: the intelligence database cannot be read ({why}). Check the connection's type "
        "and that its user may read the three tables of the inbound contract."
    )


def _arguments(endpoint: Endpoint) -> dict[str, Any]:
    dialect = DRIVERS.get(endpoint.kind, endpoint.kind).split("+")[0]
    seconds = int(endpoint.extra.get("connect_seconds", CONNECT_SECONDS))
    if dialect == "postgresql":
        return {"client_encoding": "utf8", "connect_timeout": seconds, "tcp_user_timeout": 60_000}
    return {"charset": "utf8mb4", "connect_timeout": seconds} if dialect in ("mysql", "mariadb") else {}


def _prepare(connection: sa.Connection, seconds: int) -> None:
    dialect = "mariadb" if getattr(connection.dialect, "is_mariadb", False) else connection.dialect.name
    driver: Any = connection.connection.driver_connection
    if prepare := _READERS.get(dialect):
        prepare(driver, seconds)
    for statement in SNAPSHOT.get(dialect, ()):
        connection.exec_driver_sql(statement.format(seconds=seconds))


def _prepare_sqlite(driver: Any, seconds: int) -> None:
    until = time.monotonic() + seconds
    driver.text_factory = _text
    driver.set_progress_handler(lambda: time.monotonic() > until, 100_000)


def _prepare_postgresql(driver: Any, _seconds: int) -> None:
    from psycopg.adapt import Loader

    class Text(Loader):
        def load(self, data: Any) -> str:
            return _text(bytes(data))

    # Moments too: a driver's own form has no place for `infinity`, and one such value would stop the night.
    for name in ("text", "varchar", "bpchar", "name", "date", "timestamp", "timestamptz"):
        driver.adapters.register_loader(name, Text)
    if driver.info.parameter_status("server_encoding") == "SQL_ASCII":
        driver.execute("SET client_encoding = 'SQL_ASCII'")  # else the server itself refuses whole answers


def _text(content: bytes) -> str:
    """What is no UTF-8 keeps its bytes as half characters, which no text has: its value is refused, not the night."""
    return content.decode(errors="surrogateescape")


_READERS: dict[str, Callable[[Any, int], None]] = {"sqlite": _prepare_sqlite, "postgresql": _prepare_postgresql}
