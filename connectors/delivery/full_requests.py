"""Which recipient asked for everything again?

A recipient that finds a DELTA missing asks for a FULL, in a receipt or through a person. The request is kept in the
register with its day, so that a night made again answers the same requests.
"""

from datetime import date

import sqlalchemy as sa

from connectors.register import proof
from connectors.register.database import writing
from connectors.register.tables import metadata

full_request = sa.Table(
    "full_request",
    metadata,
    sa.Column("recipient", sa.String(80), primary_key=True),
    sa.Column("requested_on", sa.String(10), primary_key=True),
    sa.Column("reason", sa.Text, nullable=False),
    info=proof.proven("recipient", "requested_on"),
)


def request(engine: sa.Engine, recipient: str, requested_on: date, reason: str) -> None:
    """Keep that a recipient asked for a FULL on a day; asked twice on one day is once."""
    day = requested_on.isoformat()
    full_request.create(engine, checkfirst=True)
    with writing(engine) as connection:
        asked = sa.select(full_request.c.reason).where(
            full_request.c.recipient == recipient, full_request.c.requested_on == day
        )
        if connection.execute(asked).first() is None:
            row = {"recipient": recipient, "requested_on": day, "reason": reason}
            proof.add(connection, full_request, [row])


def requested(engine: sa.Engine, since: date | None, before: date) -> frozenset[str]:
    """Recipients who asked on or after `since` (or ever) and before a day: what the night of that day has to answer."""
    full_request.create(engine, checkfirst=True)
    asked = sa.select(full_request.c.recipient).where(full_request.c.requested_on < before.isoformat())
    if since is not None:
        asked = asked.where(full_request.c.requested_on >= since.isoformat())
    with engine.connect() as connection:
        return frozenset(connection.execute(asked).scalars())
