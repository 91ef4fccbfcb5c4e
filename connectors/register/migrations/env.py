"""Alembic's way in: a step runs on the connection it is given; a new one is compared with the register's tables.

To write a step: `alembic -c connectors/register/migrations/alembic.ini revision --autogenerate --rev-id 0002 -m words`,
on an empty register that has every step so far.
"""

import sqlalchemy as sa
from alembic import context

from connectors.register.schema import metadata


def _run(connection: sa.Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    with sa.create_engine(context.config.get_main_option("sqlalchemy.url") or "sqlite://").begin() as opened:
        _run(opened)
