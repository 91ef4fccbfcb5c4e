"""The register as it was when its steps began: the tables that are not there yet, as they were then."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

tables = sa.MetaData()

sa.Table(
    "decision_made",
    tables,
    sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=True),
    sa.Column("decision_id", sa.String(40), nullable=False, unique=True),
    sa.Column("review_id", sa.String(200), nullable=False),
    sa.Column("person_id", sa.String(40), nullable=False),
    sa.Column("decided_at", sa.String(40), nullable=False),
    sa.Column("decided_by", sa.String(200), nullable=False),
    sa.Column("meeting_ref", sa.String(80), nullable=False),
    sa.Column("action", sa.String(40), nullable=False),
    sa.Column("mention_key", sa.String(200), nullable=False),
    sa.Column("other_mention_key", sa.String(200), nullable=False),
    sa.Column("value", sa.Text(), nullable=False),
    sa.Column("reason_code", sa.String(40), nullable=False),
    sa.Column("reason", sa.Text(), nullable=False),
    sa.Column("origin", sa.String(40), nullable=False),
    sa.Index("ix_decision_made_decided_at", "decided_at"),
    sa.Index("ix_decision_made_review_id", "review_id"),
)
sa.Table(
    "decision_withdrawn",
    tables,
    sa.Column("decision_id", sa.String(40), primary_key=True),
    sa.Column("withdrawn_at", sa.String(40), nullable=False),
    sa.Column("withdrawn_by", sa.String(200), nullable=False),
)
sa.Table(
    "delivery",
    tables,
    sa.Column("delivery_id", sa.String(64), primary_key=True),
    sa.Column("run", sa.String(10), nullable=False),
    sa.Column("recipient", sa.String(80), nullable=False),
    sa.Column("sequence", sa.Integer(), nullable=False),
    sa.Column("file", sa.String(200), nullable=False),
    sa.Column("remote_name", sa.String(200), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("records", sa.Integer(), nullable=False),
    sa.Column("supersedes", sa.String(200), nullable=False),
    sa.Column("content_sha256", sa.String(64), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("bytes", sa.BigInteger(), nullable=False),
    sa.Index("delivery_recipient", "recipient", "run", "sequence"),
    sa.Index("ix_delivery_sha256", "sha256"),
)
sa.Table(
    "delivery_receipt",
    tables,
    sa.Column("recipient", sa.String(80), primary_key=True),
    sa.Column("receipt_key", sa.String(64), primary_key=True),
    sa.Column("file", sa.String(200), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("outcome", sa.String(20), nullable=False),
    sa.Column("received_at", sa.String(40), nullable=False),
    sa.Index("ix_delivery_receipt_sha256", "sha256"),
)
sa.Table(
    "full_request",
    tables,
    sa.Column("recipient", sa.String(80), primary_key=True),
    sa.Column("requested_on", sa.String(10), primary_key=True),
    sa.Column("reason", sa.Text(), nullable=False),
)
sa.Table(
    "processing_log",
    tables,
    sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("at", sa.String(40), nullable=False),
    sa.Column("operation", sa.String(16), nullable=False),
    sa.Column("actor", sa.String(200), nullable=False),
    sa.Column("record_ref", sa.String(200), nullable=False),
    sa.Column("person_id", sa.String(40), nullable=False),
    sa.Column("recipient", sa.String(80), nullable=False),
    sa.Column("file_sha256", sa.String(64), nullable=False),
    sa.Column("run", sa.String(10), nullable=False),
    sa.Column("detail", sa.Text(), nullable=False),
    sa.Column("previous_hash", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False, unique=True),
    sa.Index("processing_log_person", "person_id"),
    sa.Index("processing_log_run", "run", "operation"),
)
sa.Table(
    "row_proof",
    tables,
    sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("table_name", sa.String(40), nullable=False),
    sa.Column("row_key", sa.String(400), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Index("row_proof_of", "table_name", "row_key", unique=True),
)
sa.Table(
    "stage_run",
    tables,
    sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=True),
    sa.Column("run", sa.String(10), nullable=False),
    sa.Column("stage", sa.String(80), nullable=False),
    sa.Column("ended_at", sa.String(40), nullable=False),
    sa.Column("seconds", sa.Float(), nullable=False),
    sa.Column("counts", sa.Text(), nullable=False),
    sa.Column("failure", sa.Text(), nullable=False),
    sa.Index("ix_stage_run_run", "run"),
)
sa.Table(
    "delivery_state",
    tables,
    sa.Column("delivery_id", sa.String(64), sa.ForeignKey("delivery.delivery_id"), primary_key=True),
    sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
    sa.Column("actor", sa.String(200), nullable=False),
    sa.Column("reason", sa.Text(), nullable=False),
)


def upgrade() -> None:
    """Make what is not there yet: a register of before the steps has most of it."""
    tables.create_all(op.get_bind())
