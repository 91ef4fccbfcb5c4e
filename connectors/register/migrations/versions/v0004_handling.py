"""Who works on which question, and their notes."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """A table more."""
    op.create_table(
        "question_handled",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("review_id", sa.String(200), nullable=False),
        sa.Column("person_id", sa.String(40), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("holder", sa.String(200), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        if_not_exists=True,
    )
    op.create_index("ix_question_handled_review_id", "question_handled", ["review_id"], if_not_exists=True)
