"""Subscriptions, notices and their deliveries (政策直通车)."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "channels",
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("closed", sa.Text(), nullable=False),
        sa.Column("closed_until", sa.BigInteger()),
        sa.Column("capability", sa.Text(), nullable=False),
        sa.Column("probed_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("channel", "account", name="pk_channels"),
    )
    op.create_table(
        "consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("scope", sa.String(128), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
        sa.Column("uses_left", sa.Integer()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("ended_by", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
    )
    op.create_index("ix_consents_person", "consents", ["person"])
    op.create_table(
        "delivery_events",
        sa.Column("id", _ID, nullable=False),
        sa.Column("delivery", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("came_from", sa.String(32), nullable=False),
        sa.Column("went_to", sa.String(32), nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_delivery_events"),
    )
    op.create_index("ix_delivery_events_delivery", "delivery_events", ["delivery"])
    op.create_table(
        "notices",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("content_key", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("area", sa.String(12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("draft", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_by", sa.String(64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.UniqueConstraint("content_key", name="uq_notices_content_key"),
    )
    op.create_table(
        "platform_tokens",
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.Column("forced_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", name="pk_platform_tokens"),
    )
    op.create_table(
        "push_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("push", sa.String(32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("what", sa.String(64), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_push_events"),
    )
    op.create_index("ix_push_events_push", "push_events", ["push"])
    op.create_table(
        "quotas",
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("period", sa.String(32), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "account", "subject", "period", name="pk_quotas"),
    )
    op.create_table(
        "receipts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("event", sa.String(128), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("applied_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_receipts"),
        sa.UniqueConstraint("channel", "account", "event", name="uq_receipts_channel"),
    )
    op.create_index("ix_receipts_applied_at", "receipts", ["applied_at", "id"])
    op.create_table(
        "scenes",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("value", sa.String(200), nullable=False),
        sa.Column("area", sa.String(12)),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_scenes"),
    )
    op.create_table(
        "subscribers",
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("area", sa.String(12)),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("paused_until", sa.BigInteger()),
        sa.Column("digest", sa.String(16), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person", name="pk_subscribers"),
    )
    op.create_index("ix_subscribers_state", "subscribers", ["state", "area"])
    op.create_table(
        "timers",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_timers"),
    )
    op.create_table(
        "addresses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("medium", sa.String(16), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("suppressed", sa.String(64), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"], ["subscribers.person"], name="fk_addresses_person_subscribers"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_addresses"),
        sa.UniqueConstraint("person", "medium", "hash", name="uq_addresses_person"),
    )
    op.create_index("ix_addresses_hash", "addresses", ["hash"])
    op.create_index("ix_addresses_person", "addresses", ["person"])
    op.create_table(
        "pushes",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("notice", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(64), nullable=False),
        sa.Column("submitted_by", sa.String(64), nullable=False),
        sa.Column("submitted_at", sa.BigInteger()),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["notice"], ["notices.id"], name="fk_pushes_notice_notices"),
        sa.PrimaryKeyConstraint("id", name="pk_pushes"),
        sa.UniqueConstraint("notice", "version", "purpose", "sequence", name="uq_pushes_notice"),
    )
    op.create_index("ix_pushes_state", "pushes", ["state"])
    op.create_table(
        "subscriptions",
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("value", sa.String(200), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"], ["subscribers.person"], name="fk_subscriptions_person_subscribers"
        ),
        sa.PrimaryKeyConstraint("person", "kind", "value", name="pk_subscriptions"),
    )
    op.create_index("ix_subscriptions_kind", "subscriptions", ["kind", "value"])
    op.create_table(
        "approvals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("push", sa.String(32), nullable=False),
        sa.Column("step", sa.String(64), nullable=False),
        sa.Column("officer", sa.String(64), nullable=False),
        sa.Column("decision", sa.String(16), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("void_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["push"], ["pushes.id"], name="fk_approvals_push_pushes"),
        sa.PrimaryKeyConstraint("id", name="pk_approvals"),
    )
    op.create_index("ix_approvals_push", "approvals", ["push"])
    op.create_table(
        "audience",
        sa.Column("push", sa.String(32), nullable=False),
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("included", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("channels", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.ForeignKeyConstraint(["push"], ["pushes.id"], name="fk_audience_push_pushes"),
        sa.PrimaryKeyConstraint("push", "person", name="pk_audience"),
    )
    op.create_index("ix_audience_included", "audience", ["push", "included"])
    op.create_index("ix_audience_person", "audience", ["person"])
    op.create_table(
        "channel_jobs",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("push", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("attempt", sa.String(32), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("provider_ref", sa.String(128), nullable=False),
        sa.Column("totals", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["push"], ["pushes.id"], name="fk_channel_jobs_push_pushes"),
        sa.PrimaryKeyConstraint("id", name="pk_channel_jobs"),
    )
    op.create_index("ix_channel_jobs_push", "channel_jobs", ["push"])
    op.create_table(
        "deliveries",
        sa.Column("id", _ID, nullable=False),
        sa.Column("push", sa.String(32), nullable=False),
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("address_hash", sa.String(64)),
        sa.Column("shares", sa.BigInteger()),
        sa.Column("address", sa.Integer()),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("attempt", sa.String(32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("provider_key", sa.String(64), nullable=False),
        sa.Column("provider_ref", sa.String(128), nullable=False),
        sa.Column("job", sa.String(64), nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("cost", sa.Integer(), nullable=False),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["push"], ["pushes.id"], name="fk_deliveries_push_pushes"),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("push", "person", "channel", name="uq_deliveries_push"),
        sa.UniqueConstraint("push", "channel", "address_hash", name="uq_deliveries_address"),
        sa.UniqueConstraint("provider_key", name="uq_deliveries_provider_key"),
    )
    op.create_index("ix_deliveries_provider_ref", "deliveries", ["provider_ref"])
    op.create_index("ix_deliveries_person", "deliveries", ["person"])
    op.create_index(
        "ix_deliveries_push",
        "deliveries",
        ["push", "state", "channel", "account", "not_before", "id"],
    )
    op.create_index(
        "ix_deliveries_shares",
        "deliveries",
        ["shares"],
        sqlite_where=sa.text("shares IS NOT NULL"),
    )
    op.create_index("ix_deliveries_state", "deliveries", ["state", "not_before", "id"])
