"""The operations database as tables. A change here needs a migration, and a test sees to it.

Moments are whole seconds since 1970, and structured values are JSON text: both read the same on
SQLite and PostgreSQL. A person is never named: ``person`` is the vault's keyed hash of channel,
account and the platform's id.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _some(name: str, column: str, condition: str) -> Index:
    """An index of the rows of which a condition is true, for queries that say it, too. PostgreSQL's has it by migration: to
    say so here would load all of its dialect at every start."""
    return Index(name, column, sqlite_where=text(condition))


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

# Subscriptions

subscribers = Table(
    "subscribers",
    metadata,
    Column("person", String(64), primary_key=True),
    Column("account", String(64), nullable=False),
    Column("area", String(12)),
    # active, paused (until paused_until, or until the person says so), ended
    Column("state", String(16), nullable=False),
    Column("paused_until", BigInteger),
    # immediate or weekly
    Column("digest", String(16), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Index("ix_subscribers_state", "state", "area"),
)
"""Everyone who may be sent a notice: followers by the hash of their openid, imported people by that of their address."""

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("person", String(64), ForeignKey("subscribers.person"), primary_key=True),
    # sector, item or group
    Column("kind", String(16), primary_key=True),
    Column("value", String(200), primary_key=True),
    Column("since", BigInteger, nullable=False),
    # where it came from: words, menu, scene:<key>, page, import:<file>
    Column("source", String(200), nullable=False),
    Index("ix_subscriptions_kind", "kind", "value"),
)
"""What a person wants to hear of."""

addresses = Table(
    "addresses",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person", String(64), ForeignKey("subscribers.person"), nullable=False, index=True),
    # wechat, email or sms
    Column("medium", String(16), nullable=False),
    Column("account", String(64), nullable=False),
    Column("sealed", Text, nullable=False),
    # of medium, account and the normalised address: two people may have one telephone
    Column("hash", String(64), nullable=False, index=True),
    Column("failures", Integer, nullable=False),
    # why nothing is sent there any more; empty: it is in use
    Column("suppressed", String(64), nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    UniqueConstraint("person", "medium", "hash", name="uq_addresses_person"),
)
"""Where a person can be reached; the address itself is sealed by the vault."""

consents = Table(
    "consents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person", String(64), nullable=False, index=True),
    # a channel's name, or wechat, email, sms for all of the medium; with a template's id for one-time consents
    Column("scope", String(128), nullable=False),
    Column("evidence", Text, nullable=False),
    Column("given_at", BigInteger, nullable=False),
    # of one-time consents: how often it may still be used; empty: as long as it lasts
    Column("uses_left", Integer),
    Column("ended_at", BigInteger),
    Column("ended_by", String(64)),
)
"""Who agreed to what, when, and how we know; kept after it ended."""

scenes = Table(
    "scenes",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("value", String(200), nullable=False),
    Column("area", String(12)),
    Column("label", String(200), nullable=False),
    Column("created_at", BigInteger, nullable=False),
)
"""What a QR code subscribes to: the platform tells us its ``key`` (scene_str) when it is scanned."""

# Notices

notices = Table(
    "notices",
    metadata,
    Column("id", String(32), primary_key=True),
    # 文号 or 索引号, else the address on the government's site: one text is published once
    Column("content_key", String(200), nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("area", String(12), nullable=False),
    # JSON of bot.notices.model.Text
    Column("text", Text, nullable=False),
    # the same, of a later version that no approved push carries yet; empty: there is none
    Column("draft", Text, nullable=False, server_default=text("''")),
    # draft, published, updated, recalled: what the notice's page says
    Column("state", String(16), nullable=False),
    Column("note", Text, nullable=False),
    Column("created_by", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
)
"""Policy texts to be carried to people."""

pushes = Table(
    "pushes",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("notice", String(32), ForeignKey("notices.id"), nullable=False),
    Column("version", Integer, nullable=False),
    # first, reminder, correction, withdrawal; each of them once, but for those of another reason
    Column("purpose", String(16), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", String(32), nullable=False, index=True),
    # JSON of bot.notices.model.Plan: audience rule, channels in order, window, expiry, cost cap, urgency
    Column("plan", Text, nullable=False),
    # of renderings, audience, channels, window and cost: what is approved; empty before submission
    Column("hash", String(64), nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("created_by", String(64), nullable=False),
    Column("submitted_by", String(64), nullable=False),
    Column("submitted_at", BigInteger),
    Column("updated_at", BigInteger, nullable=False),
    UniqueConstraint("notice", "version", "purpose", "sequence", name="uq_pushes_notice"),
)
"""One approved sending of one version of a notice."""

approvals = Table(
    "approvals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("push", String(32), ForeignKey("pushes.id"), nullable=False, index=True),
    Column("step", String(64), nullable=False),
    Column("officer", String(64), nullable=False),
    # approved or rejected
    Column("decision", String(16), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("note", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    # set when something of what was approved changed
    Column("void_at", BigInteger),
)
"""Who decided what over which hash; never changed but for being void."""

push_events = Table(
    "push_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("push", String(32), nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("who", String(64), nullable=False),
    Column("what", String(64), nullable=False),
    Column("detail", Text, nullable=False),
)
"""Everything that happened to a push and everything refused about it, in order; append-only."""

audience = Table(
    "audience",
    metadata,
    Column("push", String(32), ForeignKey("pushes.id"), primary_key=True),
    Column("person", String(64), primary_key=True),
    Column("included", Integer, nullable=False),
    # JSON list of words: which subscription matched; why not
    Column("why", Text, nullable=False),
    # by which channels the person is to be reached, in order, as approved; parted by commas
    Column("channels", Text, nullable=False, server_default=text("''")),
    Index("ix_audience_included", "push", "included"),
    # a person may see and erase what is theirs
    Index("ix_audience_person", "person"),
)
"""Everyone whom a push concerned when it was submitted, those left out included."""

# Deliveries

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("push", String(32), ForeignKey("pushes.id"), nullable=False),
    Column("person", String(64), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("account", String(64), nullable=False),
    # of the address; empty where another delivery of the push goes there for both (shares)
    Column("address_hash", String(64)),
    Column("shares", BigInteger),
    Column("address", Integer),
    # place in the person's order of channels: a later one waits for the one before to fail
    Column("turn", Integer, nullable=False),
    Column("state", String(32), nullable=False),
    Column("attempt", String(32), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease_until", BigInteger, nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    # what we tell the provider, so that it can know a repetition; made with the row
    Column("provider_key", String(64), nullable=False, unique=True),
    Column("provider_ref", String(128), nullable=False),
    Column("job", String(64), nullable=False),
    Column("code", String(32), nullable=False),
    Column("cost", Integer, nullable=False),
    Column("segments", Integer, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    UniqueConstraint("push", "person", "channel", name="uq_deliveries_push"),
    UniqueConstraint("push", "channel", "address_hash", name="uq_deliveries_address"),
    # not_before is when a row is next looked at, whatever its state: claimed, released, asked about
    Index("ix_deliveries_state", "state", "not_before", "id"),
    # claiming goes push by push and channel by channel; counting by state reads its beginning
    Index("ix_deliveries_push", "push", "state", "channel", "account", "not_before", "id"),
    # Each step of a row writes an entry into every index: of what few rows have, the others stand in none, and a person is
    # found push by push.
    _some("ix_deliveries_provider_ref", "provider_ref", "provider_ref <> ''"),
    _some("ix_deliveries_shares", "shares", "shares IS NOT NULL"),
)
"""One person on one channel: the ledger, which is the queue, too. ``cost`` is in ten-thousandths of a yuan."""

claims = Table(
    "claims",
    metadata,
    Column(
        "delivery",
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("attempt", String(32), nullable=False),
    Column("lease_until", BigInteger, nullable=False),
)
"""Deliveries in a worker's hands, which stand in the ledger as queued meanwhile: to write each claim into all the ledger's
indexes took three times as long as to claim. One that a crash of the database takes back is nobody's."""

delivery_events = Table(
    "delivery_events",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("delivery", BigInteger, nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("came_from", String(32), nullable=False),
    Column("went_to", String(32), nullable=False),
    # worker:<attempt>, receipt, poll, reconciler, officer:<name>
    Column("who", String(64), nullable=False),
    Column("evidence", Text, nullable=False),
)
"""Every step of every delivery; append-only."""

receipts = Table(
    "receipts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", String(32), nullable=False),
    Column("account", String(64), nullable=False),
    # the provider's own id of the event, or a hash of it: the same receipt twice is one
    Column("event", String(128), nullable=False),
    Column("raw", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("applied_at", BigInteger),
    UniqueConstraint("channel", "account", "event", name="uq_receipts_channel"),
    Index("ix_receipts_applied_at", "applied_at", "id"),
)
"""What providers told us, stored before it is understood; ``raw`` is sealed by the vault."""

channel_jobs = Table(
    "channel_jobs",
    metadata,
    # sent along as clientmsgid
    Column("id", String(64), primary_key=True),
    Column("push", String(32), ForeignKey("pushes.id"), nullable=False, index=True),
    Column("channel", String(32), nullable=False),
    Column("account", String(64), nullable=False),
    Column("state", String(32), nullable=False),
    Column("attempt", String(32), nullable=False),
    Column("lease_until", BigInteger, nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("scope", Text, nullable=False),
    Column("provider_ref", String(128), nullable=False),
    Column("totals", Text, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
)
"""Sendings that the platform accounts for in totals only (群发): a report never adds them to deliveries of persons."""

quotas = Table(
    "quotas",
    metadata,
    Column("channel", String(32), primary_key=True),
    Column("account", String(64), primary_key=True),
    # a person's hash, a template's id, or empty for the whole account
    Column("subject", String(64), primary_key=True),
    # 2026-11-21 or 2026-11, as the channel counts; second:<n> for a pace
    Column("period", String(32), primary_key=True),
    Column("used", Integer, nullable=False),
)
"""How much of a provider's quota is used."""

channels = Table(
    "channels",
    metadata,
    Column("channel", String(32), primary_key=True),
    Column("account", String(64), primary_key=True),
    # empty: in use; else why not, by whom, and from when on again
    Column("closed", Text, nullable=False),
    Column("closed_until", BigInteger),
    Column("capability", Text, nullable=False),
    Column("probed_at", BigInteger),
)
"""What a channel of an account can do, and whether it is closed for now."""

platform_tokens = Table(
    "platform_tokens",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("sealed", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("lease_until", BigInteger, nullable=False),
    Column("forced_at", BigInteger, nullable=False),
)
"""Access tokens of the platform, one an account for all processes; sealed by the vault."""

timers = Table(
    "timers",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("next_at", BigInteger, nullable=False),
    Column("lease_until", BigInteger, nullable=False),
)
"""Work that comes round again, done by one process at a time."""

# The office's console

officers = Table(
    "officers",
    metadata,
    Column("id", Integer, primary_key=True),
    # signs in with it, and decides under it: never given to another person
    Column("name", String(32), nullable=False, unique=True),
    # argon2id, with its parameters and salt
    Column("password", String(255), nullable=False),
    # chosen by somebody else: to be changed at the first sign-in
    Column("temporary", Integer, nullable=False),
    # JSON lists: roles; area codes, none: all; units, none: all
    Column("roles", Text, nullable=False),
    Column("areas", Text, nullable=False),
    Column("units", Text, nullable=False),
    # the secret of one-time codes, sealed by the vault; empty: none are asked for
    Column("totp", Text, nullable=False),
    # the time step of the last code taken: a code is good once
    Column("totp_used", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
)
"""Accounts of the people of the office; closed, never removed, for the records name them."""

officer_sessions = Table(
    "officer_sessions",
    metadata,
    # SHA-256 of what the browser holds: a copy of the database signs nobody in
    Column("id", String(64), primary_key=True),
    Column("officer", Integer, ForeignKey("officers.id"), nullable=False, index=True),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    # when the password was given last
    Column("confirmed_at", BigInteger, nullable=False),
    Column("origin", String(64), nullable=False),
)
"""Who is signed in to the console."""

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    # acts with this officer's rights, and in the records under their name
    Column("officer", Integer, ForeignKey("officers.id"), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Column("closed_at", BigInteger),
)
"""Keys by which other systems use the JSON API; only their SHA-256 is kept."""

records = Table(
    "records",
    metadata,
    # without a gap: 1, 2, 3, …
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("at", BigInteger, nullable=False, index=True),
    Column("who", String(64), nullable=False),
    # what was done, by its name in the rights' table; to what: kind:id
    Column("action", String(64), nullable=False),
    Column("object", String(200), nullable=False),
    Column("origin", String(64), nullable=False),
    # done or refused
    Column("outcome", String(16), nullable=False),
    Column("detail", Text, nullable=False),
    # of this record and the hash before it
    Column("hash", String(64), nullable=False),
    Index("ix_records_who", "who", "number"),
    Index("ix_records_object", "object", "number"),
)

# what an officer is about to do: gone in the commit that records how it ended
deeds_begun = Table(
    "deeds_begun",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("who", String(64), nullable=False),
    Column("action", String(64), nullable=False),
    Column("object", String(200), nullable=False),
    Column("origin", String(64), nullable=False),
)
"""Who did what, when, from where and with what outcome; append-only, each record chained to the one before."""

questions = Table(
    "questions",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("at", BigInteger, nullable=False),
    # wechat or web; the account's name, or empty
    Column("channel", String(16), nullable=False),
    Column("account", String(64), nullable=False),
    # the vault's hash; empty: nobody is known to have asked, or they had it erased
    Column("person", String(64), nullable=False),
    Column("area", String(12), nullable=False),
    # personal data masked; empty after erasure
    Column("words", Text, nullable=False),
    # what questions of like words share
    Column("likeness", String(64), nullable=False),
    # bot.answering.model.Kind, its route, and the public id of the main source
    Column("kind", String(16), nullable=False),
    Column("route", String(32), nullable=False),
    Column("source", String(128), nullable=False),
    Column("knowledge", String(64), nullable=False),
    Index("ix_questions_at", "at"),
    Index("ix_questions_likeness", "likeness", "id"),
    Index("ix_questions_person", "person"),
)
"""What was asked and how it ended: for the desk of unanswered questions, and to try changes of the knowledge on."""

question_counts = Table(
    "question_counts",
    metadata,
    # a day in China: 2026-11-21
    Column("day", String(10), primary_key=True),
    Column("area", String(12), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("route", String(32), primary_key=True),
    Column("count", Integer, nullable=False),
)
"""How many questions there were, counted with each: read at once, and true after they are removed."""

question_groups = Table(
    "question_groups",
    metadata,
    Column("likeness", String(64), primary_key=True),
    Column("area", String(12), primary_key=True),
    # unanswered (declined, handover) or choices
    Column("kind", String(16), nullable=False),
    # how often asked since it was opened, or closed last
    Column("count", Integer, nullable=False),
    Column("first_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    # the question asked last, whose words stand for the group
    Column("newest", BigInteger, nullable=False),
    # open, or how it was closed: alias, entry, declined
    Column("state", String(16), nullable=False),
    # the public id or address that it was closed with, by whom and why
    Column("target", String(200), nullable=False),
    Column("officer", String(64), nullable=False),
    Column("note", Text, nullable=False),
    Column("closed_at", BigInteger),
    Index("ix_question_groups_state", "state", "count", "area"),
    Index("ix_question_groups_last_at", "state", "last_at", "area"),
)
"""Questions of like words from one area that were not answered, counted: what the desk works through."""
