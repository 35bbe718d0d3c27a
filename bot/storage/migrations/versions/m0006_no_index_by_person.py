"""A person's deliveries are found push by push: an index by person had each step of a row write into a page of its own."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.drop_index("ix_deliveries_person", "deliveries")
