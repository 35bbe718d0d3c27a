"""The operations database as tables. A change here needs a migration, and a test sees to it.

Moments are whole seconds since 1970, and structured values are JSON text: both read the same on
SQLite and PostgreSQL. A person is never named: ``person`` is the vault's keyed hash of channel,
account and the platform's id.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

people = Table(
    "people",
    metadata,
    Column("person", String(64), primary_key=True),
    Column("account", String(64), nullable=False),
    Column("state", Text, nullable=False),
    # Changes with every write; a writer that read another value starts again.
    Column("version", BigInteger, nullable=False),
    Column("window_start", BigInteger, nullable=False),
    Column("window_count", Integer, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
)
"""What is remembered of each person, and how many messages they sent in the current minute."""

seen_messages = Table(
    "seen_messages",
    metadata,
    # The key names the sender too; with the person first, one index finds all that is theirs.
    Column("person", String(64), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("reply", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False, index=True),
)
"""Messages already handled, by hash of their identity, with the reply that was given."""

flagged_messages = Table(
    "flagged_messages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person", String(64), nullable=False),
    Column("account", String(64), nullable=False),
    Column("flag", String(64), nullable=False),
    Column("words", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("handled_at", BigInteger),
    Index("ix_flagged_messages_handled_at", "handled_at", "created_at"),
)
"""Messages that a person of the office should look at; ``words`` are sealed by the vault."""
