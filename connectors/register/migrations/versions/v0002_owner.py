"""Whose register it is."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """A table more."""
    op.create_table(
        "register_owner",
        sa.Column("force_code", sa.String(8), primary_key=True),
        sa.Column("since", sa.String(40), nullable=False),
        if_not_exists=True,
    )
