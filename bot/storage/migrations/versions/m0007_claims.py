"""Claims stand in a table of their own: whoever claims writes into no index of the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "claims",
        sa.Column("delivery", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("attempt", sa.String(32), nullable=False),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("delivery"),
    )
    op.execute(
        "INSERT INTO claims (delivery, attempt, lease_until)"
        " SELECT id, attempt, lease_until FROM deliveries WHERE state = 'claimed'"
    )
    op.execute("UPDATE deliveries SET state = 'queued', lease_until = 0 WHERE state = 'claimed'")
