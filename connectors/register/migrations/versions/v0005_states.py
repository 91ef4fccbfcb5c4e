"""Files are found by the state that a step took them to: what fell or waits is little beside all that was ever sent."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the index."""
    op.create_index("delivery_state_by_state", "delivery_state", ["state", "number", "delivery_id"], if_not_exists=True)
