"""What keeps rows of the register from being changed or taken out, beside the proof that finds it where they were?

On SQLite a trigger of each table refuses it. On PostgreSQL the tables belong to a role of their own, and the one that
the pipeline logs in as may read and add, and nothing else. An erasure alone lifts this, and for its own time only.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from connectors.register.tables import every_table

CHANGES = ("UPDATE", "DELETE")


def lock(connection: sa.Connection) -> None:
    """Refuse every change of a row that is there: on SQLite, where whoever reads the file owns its tables."""
    if connection.dialect.name == "sqlite":
        for name, statement in _triggers(connection).items():
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
            connection.exec_driver_sql(statement)


def missing(connection: sa.Connection) -> list[str]:
    """The locks that should be there and are not."""
    if connection.dialect.name != "sqlite":
        return []
    found = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    there = {(name, statement) for name, statement in found}
    return sorted(name for name, statement in _triggers(connection).items() if (name, statement) not in there)


class OwnerNeeded(Exception):
    """The role that the pipeline logs in as may not do this; the text says who may."""


@contextmanager
def lifted(connection: sa.Connection) -> Iterator[None]:
    """Rows can be changed meanwhile, in the transaction that is open; OwnerNeeded where this role may not."""
    _expect_owner(connection)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
        for name in _triggers(connection):
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
    yield
    lock(connection)


def _expect_owner(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        return
    may = "SELECT bool_and(has_table_privilege(tablename, 'DELETE')) FROM pg_tables WHERE schemaname = 'public'"
    if not connection.exec_driver_sql(may).scalar():
        raise OwnerNeeded(
            "This role may not take a row out of the register. Run it with the URL of the role that owns the tables in "
            "CLVT_REGISTER_OWNER."
        )


def give_to(connection: sa.Connection, role: str) -> None:
    """Let a role of PostgreSQL read and add, and neither change nor take out; asked by the owner of the tables."""
    quoted = connection.dialect.identifier_preparer.quote(role)
    tables = every_table().tables
    for table in (*tables, "alembic_version"):
        connection.exec_driver_sql(f"REVOKE ALL ON {table} FROM {quoted}")
        connection.exec_driver_sql(f"GRANT SELECT{', INSERT' * (table in tables)} ON {table} TO {quoted}")
    connection.exec_driver_sql(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {quoted}")


def _triggers(connection: sa.Connection) -> dict[str, str]:
    there = set(sa.inspect(connection).get_table_names())
    return {
        f"no_{change.lower()}_of_{table}": (
            f"CREATE TRIGGER no_{change.lower()}_of_{table} BEFORE {change} ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'the register is append-only'); END"
        )
        for table in every_table().tables
        if table in there
        for change in CHANGES
    }
