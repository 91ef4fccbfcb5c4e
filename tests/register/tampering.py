"""Whoever can write to the database's own file lifts its locks, changes rows, and puts the locks back."""

import sqlalchemy as sa

from connectors.register import locks


def change(register: sa.Engine, *statements: str) -> None:
    with register.begin() as connection, locks.lifted(connection):
        for statement in statements:
            connection.exec_driver_sql(statement)
