"""Whose register is this: which force's children are in it?"""

from datetime import UTC, datetime

import sqlalchemy as sa

from connectors.register.database import writing
from connectors.register.tables import metadata

register_owner = sa.Table(
    "register_owner",
    metadata,
    sa.Column("force_code", sa.String(8), primary_key=True),
    sa.Column("since", sa.String(40), nullable=False),
)


def owner(engine: sa.Engine) -> str | None:
    """The code of the force that the register belongs to; None before its first night."""
    with engine.connect() as connection:
        return connection.execute(sa.select(register_owner.c.force_code).order_by(register_owner.c.since)).scalar()


def claim(engine: sa.Engine, force_code: str) -> None:
    """Write down that the register belongs to a force, where it belongs to none yet."""
    with writing(engine) as connection:
        if connection.execute(sa.select(register_owner.c.force_code)).first() is None:
            connection.execute(
                register_owner.insert(), {"force_code": force_code, "since": datetime.now(UTC).isoformat()}
            )
