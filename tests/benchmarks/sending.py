"""The ledger of deliveries: how fast it claims beside many old rows, and how many letters a worker sends.

On SQLite, and on the PostgreSQL of ``ZWGK_TEST_POSTGRES_URL`` where it names one. The provider takes 50 ms for a letter.
"""

import json
import os
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

import psycopg
from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    MetaData,
    String,
    Table,
    case,
    insert,
    make_url,
    update,
)

from bot import bootstrap
from bot.channels.port import Accounting, Capability, Fate, Letter, Limits, Outcome
from bot.clock import china_clock
from bot.deliveries.ledger import Ledger
from bot.deliveries.model import Account, Delivery
from bot.deliveries.states import State
from bot.deliveries.worker import Worker
from bot.drill.model import Choices
from bot.drill.office import open_office
from bot.drill.rehearsal import gather
from bot.drill.stage import staged
from bot.notices.audience import provider_key
from bot.notices.model import Plan, Rule
from bot.storage.bulk import add_rows
from bot.storage.database import Database, Statement, open_sqlite, open_url, statements_within
from bot.storage.migration import migrate
from bot.storage.schema import approvals, deliveries, notices, pushes

from .figures import Figure, quantile

PROVIDER_SECONDS = 0.05
SENDERS = 64
CLAIM, QUEUED = 50, 30_000
POSTGRES = "ZWGK_TEST_POSTGRES_URL"

_PAGE = 20_000


class Provider:
    """Takes its time, and everything it is given."""

    name, account, medium = "sms", "county", "sms"
    accounting = Accounting.PER_PERSON
    limits = Limits()

    def __init__(self) -> None:
        self.keys: list[str] = []

    def forecast(self, letter: Letter) -> Outcome:
        """Free."""
        return Outcome(Fate.ACCEPTED)

    def hand(self, letters: Sequence[Letter]) -> Sequence[Outcome]:
        """After a while: accepted."""
        time.sleep(PROVIDER_SECONDS)
        self.keys += [letter.key for letter in letters]
        return [Outcome(Fate.ACCEPTED, ref=letter.key) for letter in letters]

    def settle(self, letters: Sequence[Letter], refs: Sequence[str]) -> Sequence[Outcome]:
        """It does not tell."""
        return [Outcome(Fate.UNKNOWN) for _ in letters]

    def probe(self) -> Capability:
        """It may."""
        return Capability(True)


class BareQueue:
    """The least that hands out work: a table of leases with one index, and one statement that takes some. The peer of the
    ledger's claim, which tells each step, looks at pauses, quotas and closed channels, and has its rows in four more
    indexes."""

    def __init__(self, database: Database, old: int, queued: int) -> None:
        self._database = database
        locking = "FOR UPDATE SKIP LOCKED" if database.dialect == "postgresql" else ""
        self._take = Statement(
            "UPDATE bare_queue SET state = 'claimed', attempt = :attempt, lease_until = :until"
            " WHERE id IN (SELECT id FROM bare_queue WHERE push = 'new' AND state = 'queued'"
            f" AND not_before <= :until ORDER BY not_before, id LIMIT :most {locking})"
            " RETURNING id, push, state, attempt, lease_until, not_before"
        )
        columns = (Column("id", BigInteger, primary_key=True), Column("push", String(32)))
        columns += (Column("state", String(32)), Column("attempt", String(32)))
        columns += (Column("lease_until", BigInteger), Column("not_before", BigInteger))
        table = Table("bare_queue", MetaData(), *columns)
        Index("ix_bare_queue", table.c.push, table.c.state, table.c.not_before, table.c.id)
        with database.write() as connection:
            table.create(connection)
            rows = ((n, "old" if n < old else "new") for n in range(old + queued))
            state = case((table.c.push == "old", State.DELIVERED), else_=State.QUEUED)
            same = {"state": "", "attempt": "", "lease_until": 0, "not_before": 0}
            add_rows(connection, table, ("id", "push"), rows, same)
            connection.execute(update(table).values(state=state))

    def claim(self, most: int) -> int:
        """Take so many rows; returns how many there were."""
        values = {"attempt": secrets.token_hex(8), "until": int(time.time()) + 60, "most": most}
        # As the ledger claims: nobody waits for the disk.
        with self._database.write(hot=True) as connection:
            return len(statements_within(connection).all(self._take, values))


def claim_figures(rows: int, folder: Path, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Claims beside ``rows`` old deliveries of other pushes, by turns with a bare queue's."""
    for database in stores(folder):
        tell(f"claims beside {rows:,} old rows on {database.dialect}")
        fill(database, "old", rows, State.DELIVERED)
        fill(database, "new", QUEUED, State.QUEUED)
        bare = BareQueue(database, rows, QUEUED)
        settle_down(database)
        ledger = Ledger(database, china_clock, limits=_limits())
        ours, theirs = [], []
        for _ in range(QUEUED // CLAIM):
            began = time.perf_counter()
            claimed = ledger.claim("bench", CLAIM)
            ours.append(1000 * (time.perf_counter() - began))
            assert len(ledger.hand(claimed)) == CLAIM  # as a worker does, before it claims again
            theirs.append(_milliseconds(bare.claim, CLAIM))
        assert sum(ledger.counts("new").values()) == QUEUED
        name = f"claim of {CLAIM}, {database.dialect}"
        yield Figure(f"{name}, p50", quantile(ours, 0.5), "ms")
        yield Figure(f"{name}, p99", quantile(ours, 0.99), "ms", most=5)
        yield Figure(f"{name}, by a bare queue, p99", quantile(theirs, 0.99), "ms")
        ratio = quantile(ours, 0.5) / quantile(theirs, 0.5)
        yield Figure(f"{name}, over a bare queue, p50", ratio, "")


def sending_figures(letters: int, folder: Path, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Letters a second of one worker."""
    for database in stores(folder):
        tell(f"{letters:,} letters on {database.dialect}")
        fill(database, "sent", letters, State.QUEUED)
        settle_down(database)
        provider = Provider()
        ledger = Ledger(database, china_clock, limits=_limits())
        channels = {(Provider.name, Provider.account): provider}
        worker = Worker(ledger, channels, _letters, china_clock, senders=SENDERS)
        began = time.perf_counter()
        worker.run_once()
        seconds = time.perf_counter() - began
        assert ledger.counts("sent") == {State.ACCEPTED: letters}
        assert len(provider.keys) == len(set(provider.keys)) == letters
        yield Figure(
            f"letters sent, {SENDERS} senders, {database.dialect}",
            letters / seconds,
            "/s",
            least=800,
        )


def adapter_figures(people: int, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Letters a second of one worker by the real adapter of 订阅通知, to the sandbox, a process of its own beside it. It is
    told to send no receipts: to hear them is the work of yet another process."""
    choices = Choices(people=people, latency=PROVIDER_SECONDS, senders=SENDERS, speed=1)
    for server in filter(lambda url: url is not None, ("", os.environ.get(POSTGRES))):
        with staged(choices, time.time() - 1, server or "") as stage:
            database = stage.database
            tell(f"letters to {people:,} followers by the real adapter on {database.dialect}")
            stage.sandbox.set("receipts", lost=1.0)
            office = open_office(stage.settings, database, stage.vault, stage.clock)
            gather(choices, stage, office, lambda *_: None)
            push = office.submit(choices.channel)
            office.approve(push)
            settle_down(database)
            stage.sandbox.set("faults", rules=[], latency=PROVIDER_SECONDS)
            given = (stage.settings, database, stage.vault, stage.clock)
            with bootstrap.sending(*given, senders=SENDERS) as sending:
                before, began = time.process_time(), time.perf_counter()
                handed = sending.run_once()
                seconds = time.perf_counter() - began
                worked = time.process_time() - before
            assert handed == office.planned(push) == sum(stage.sandbox.received().values())
            name = f"by the real adapter, {database.dialect}"
            yield Figure(f"letters sent {name}", handed / seconds, "/s", least=800)
            yield Figure(f"processor time a letter {name}", 1000 * worked / handed, "ms")


def stores(folder: Path) -> Iterator[Database]:
    """An empty database on each store that there is."""
    database = open_sqlite(folder / f"{secrets.token_hex(4)}.db")
    migrate(database)
    yield database
    database.close()
    if url := os.environ.get(POSTGRES):
        with _postgres(url) as database:
            migrate(database)
            yield database


def fill(database: Database, push: str, rows: int, state: State) -> None:
    """A running push with so many rows in a state."""
    now = int(time.time())
    plan = json.dumps(asdict(Plan(Rule(everyone=True), ("sms",), quiet=(0, 0))))
    made = {"created_by": "a", "updated_at": now}
    with database.write() as connection:
        notice = {"id": push, "content_key": push, "version": 1, "hash": "", "area": "44"}
        notice |= {"text": "{}", "state": "published", "note": "", "created_at": now}
        connection.execute(insert(notices), notice | made)
        row = {"id": push, "notice": push, "version": 1, "purpose": "first", "sequence": 0}
        row |= {"reason": "", "state": "running", "plan": plan, "hash": "h", "submitted_by": "a"}
        row |= {"not_before": now - 9, "expires_at": now + 86400}
        connection.execute(insert(pushes), row | made)
        approval = {"push": push, "step": "s", "officer": "b", "decision": "approved"}
        connection.execute(insert(approvals), approval | {"hash": "h", "note": "", "at": now})
        for begin in range(0, rows, _PAGE):
            page = range(begin, min(begin + _PAGE, rows))
            connection.execute(insert(deliveries), [_row(push, n, state, now - 9) for n in page])


def _row(push: str, number: int, state: State, now: int) -> dict[str, object]:
    person, address = (sha256(f"{what} {number}".encode()).hexdigest() for what in ("who", "where"))
    return {
        "push": push,
        "person": person,
        "channel": Provider.name,
        "account": Provider.account,
        "address_hash": address,
        "turn": 0,
        "state": state,
        "attempt": "",
        "attempts": 0,
        "lease_until": 0,
        "not_before": now,
        "expires_at": now + 86400,
        "provider_key": provider_key(push, person, Provider.name),
        "provider_ref": "",
        "job": "",
        "code": "",
        "cost": 0,
        "segments": 0,
        "updated_at": now,
    }


def _letters(rows: Sequence[Delivery]) -> dict[int, Letter]:
    return {
        row.id: Letter(row.id, row.provider_key, "address", "title", "text", "") for row in rows
    }


def _limits() -> dict[Account, Limits]:
    return {(Provider.name, Provider.account): Limits()}


def _milliseconds(work: Callable[..., object], *given: object) -> float:
    began = time.perf_counter()
    work(*given)
    return 1000 * (time.perf_counter() - began)


def settle_down(database: Database) -> None:
    """Have done what PostgreSQL does by itself in the minutes after so many rows came in."""
    if database.dialect == "postgresql":
        address = make_url(database.url).set(drivername="postgresql")
        with psycopg.connect(
            address.render_as_string(hide_password=False), autocommit=True
        ) as server:
            server.execute("VACUUM ANALYZE")
            server.execute("CHECKPOINT")


@contextmanager
def _postgres(url: str) -> Iterator[Database]:
    name = f"zwgk_bench_{secrets.token_hex(6)}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}".encode())
        database = open_url(make_url(url).set(database=name).render_as_string(hide_password=False))
        try:
            yield database
        finally:
            database.close()
            server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
