"""Indexes of what few deliveries have leave out the others: each step of a row writes an entry into every index."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_PARTIAL = {
    "ix_deliveries_provider_ref": ("provider_ref", "provider_ref <> ''"),
    "ix_deliveries_shares": ("shares", "shares IS NOT NULL"),
}


def upgrade() -> None:
    """Apply the step."""
    for name, (column, condition) in _PARTIAL.items():
        op.drop_index(name, "deliveries")
        where = sa.text(condition)
        op.create_index(name, "deliveries", [column], sqlite_where=where, postgresql_where=where)
