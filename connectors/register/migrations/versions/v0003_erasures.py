"""Who was erased, which rows that changed, and with which seals stages left; no other change is taken from now on."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Three tables more."""
    op.create_table(
        "erasure",
        sa.Column("erasure_id", sa.String(40), primary_key=True),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("night", sa.String(10), nullable=False),
        sa.Column("tracker_number", sa.Integer(), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "erased_row",
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("erasure_id", sa.String(40), nullable=False),
        sa.Column("table_name", sa.String(40), nullable=False),
        sa.Column("row_key", sa.String(400), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "stage_seal",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("run", sa.String(10), nullable=False),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        if_not_exists=True,
    )
