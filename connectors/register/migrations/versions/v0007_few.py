"""Seals are found by their night, alterations by what they are and receipts by their outcome: of each there are few."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the indexes."""
    op.create_index("stage_seal_run", "stage_seal", ["run"], if_not_exists=True)
    op.create_index("processing_log_operation", "processing_log", ["operation"], if_not_exists=True)
    op.create_index("ix_delivery_receipt_outcome", "delivery_receipt", ["outcome"], if_not_exists=True)
