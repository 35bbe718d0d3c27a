"""What providers tell later: kept as it came before it is understood, brought in once, in any order.

A receipt may overtake our own note of what it is about, and one for a letter that nobody here knows is kept, not dropped.
Of a letter whose reference died with the process that was told it, a receipt still names the address and the template: it
settles the letter only where it can be about no other.
"""

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict

from sqlalchemy import Connection, select, update

from bot.channels.port import Fate, Receipt
from bot.clock import Clock
from bot.storage.database import Database, DatabaseRefused
from bot.storage.schema import channel_jobs, deliveries, receipts
from bot.storage.upserting import insert
from bot.storage.vault import Vault
from bot.subscriptions.repository import Reach

from . import repository
from .ledger import Ledger
from .model import Account

TRIED_FOR = 96 * 60 * 60
"""Seconds for which a receipt is tried again: a day longer than any letter waits for one."""

_PAGE = 500

_log = logging.getLogger(__name__)


class Receipts:
    """Receipts of all channels; safe to share between threads and processes."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        clock: Clock,
        ledger: Ledger,
        templates: Mapping[Account, str] | None = None,
    ) -> None:
        """``templates``: what each account's channel sends; others send by the same account, too."""
        self._database = database
        self._vault = vault
        self._clock = clock
        self._ledger = ledger
        self._templates = dict(templates or {})

    def keep(self, told: Iterable[Receipt]) -> int:
        """Store receipts and bring in those that can be; returns how many are new. The caller may then answer 200.

        The same event again is the same receipt.
        """
        return sum(self._keep(receipt) for receipt in told)

    def apply(self) -> int:
        """Try once more the receipts that could not be brought in; returns how many were."""
        since, applied, last = self._second() - TRIED_FOR, 0, 0
        while True:
            waiting = (
                select(receipts.c.id, receipts.c.raw, receipts.c.received_at)
                .where(receipts.c.applied_at.is_(None), receipts.c.id > last)
                .where(receipts.c.received_at >= since)
                .order_by(receipts.c.id)
                .limit(_PAGE)
            )
            with self._database.read() as connection:
                rows = connection.execute(waiting).all()
            for id, raw, received_at in rows:
                with self._database.write() as connection:
                    applied += self._apply(connection, id, self._opened(raw), received_at)
            if len(rows) < _PAGE:
                return applied
            last = rows[-1].id

    def strangers(self) -> int:
        """Receipts that nothing here is known of."""
        with self._database.read() as connection:
            waiting = select(receipts.c.id).where(receipts.c.applied_at.is_(None))
            return len(connection.execute(waiting).all())

    def _keep(self, receipt: Receipt) -> bool:
        now = self._second()
        try:
            with self._database.write() as connection:
                id = self._store(connection, receipt, now)
                if id is not None:
                    self._apply(connection, id, receipt, now)
        except DatabaseRefused:
            raise
        except Exception as error:
            # Whatever went wrong with it, the receipt is kept, and tried again.
            _log.error("receipt_failed %s %s", receipt.channel, type(error).__name__)
            with self._database.write() as connection:
                id = self._store(connection, receipt, now)
        return id is not None

    def _store(self, connection: Connection, receipt: Receipt, now: int) -> int | None:
        """The id of a receipt; ``None`` for one that is there already."""
        row = {
            "channel": receipt.channel,
            "account": receipt.account,
            "event": receipt.event[:128],
            "raw": self._vault.seal(json.dumps(asdict(receipt), ensure_ascii=False)),
            "received_at": now,
        }
        return connection.execute(
            insert(connection, receipts)
            .values(row)
            .on_conflict_do_nothing()
            .returning(receipts.c.id)
        ).scalar()

    def _apply(self, connection: Connection, id: int, receipt: Receipt, received_at: int) -> bool:
        first = connection.execute(
            update(receipts)
            .where(receipts.c.id == id, receipts.c.applied_at.is_(None))
            .values(applied_at=self._second())
        )
        if not first.rowcount:
            return False
        if self._ledger.apply_within(connection, receipt) or self._apply_to_only(
            connection, receipt, received_at
        ):
            return True
        connection.execute(update(receipts).where(receipts.c.id == id).values(applied_at=None))
        return False

    def _apply_to_only(self, connection: Connection, receipt: Receipt, received_at: int) -> bool:
        ours = self._templates.get((receipt.channel, receipt.account))
        if not receipt.address or not ours or receipt.template != ours:
            return False
        medium = receipt.channel.partition("_")[0]
        to = Reach(medium, receipt.address, receipt.account).hash(self._vault)
        return self._ledger.apply_to_only(connection, receipt, to, received_at)

    def _opened(self, raw: str) -> Receipt:
        values = json.loads(self._vault.unseal(raw))
        return Receipt(**values | {"fate": Fate(values["fate"])})

    def _second(self) -> int:
        return int(self._clock().timestamp())


def keep_totals(
    database: Database,
    ledger: Ledger,
    receipt: Receipt,
    totals: dict[str, int | str],
    now: int,
) -> bool:
    """Store what the platform tells of a whole 群发, by its reference; ``False`` for one that is not ours.

    ``receipt``: what it means for each letter, ``ACCEPTED`` where only totals are known. Where nothing was sent at all
    (an administrator did not confirm), the letters are undelivered.
    """
    of_job = repository.known_as(receipt.channel, receipt.account, receipt.ref)
    with database.write() as connection:
        push = connection.execute(select(deliveries.c.push).where(of_job).limit(1)).scalar()
        if push is None:
            return False
        id = f"{receipt.account}:{receipt.ref}"[:64]
        told = {"state": "finished", "totals": json.dumps(totals), "updated_at": now}
        known = connection.execute(update(channel_jobs).where(channel_jobs.c.id == id).values(told))
        if not known.rowcount:
            job = {"id": id, "push": push, "channel": receipt.channel, "scope": ""}
            job |= {"account": receipt.account, "attempt": "", "lease_until": 0, "not_before": 0}
            job |= {"provider_ref": receipt.ref}
            connection.execute(insert(connection, channel_jobs).values(job | told))
        ledger.apply_within(connection, receipt)
    return True
