"""Files are found by their night: those of one are few beside all that was ever sent."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the index."""
    op.create_index("delivery_run", "delivery", ["run"], if_not_exists=True)
