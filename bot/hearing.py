"""What comes back from outside, brought to those it concerns: receipts and totals to the ledger, consents and goodbyes
to the subscriptions."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from bot.channels import leaving
from bot.channels.port import Fate, Receipt
from bot.channels.sms import receipts as sms
from bot.channels.wechat import receipts as wechat
from bot.clock import Clock
from bot.deliveries.ledger import Ledger
from bot.deliveries.receipts import Receipts, keep_totals
from bot.storage.database import Database, Statement
from bot.storage.vault import Vault
from bot.subscriptions import reaching
from bot.subscriptions.repository import Contact, Reach, keep, read_subscriber
from bot.subscriptions.service import PLATFORM

LEFT = "left"
"""Why nothing is sent to a telephone any more: its owner answered so."""

LINK = "link"
"""Who ended a consent: a tap on a mail's link."""


class Hearing:
    """Hears for all channels; safe to share between threads and processes. Whatever it is told twice changes nothing."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        clock: Clock,
        ledger: Ledger,
        templates: Mapping[tuple[str, str], str],
    ) -> None:
        """``templates``: what each account's channel sends."""
        self._database = database
        self._vault = vault
        self._clock = clock
        self._ledger = ledger
        self._receipts = Receipts(database, vault, clock, ledger, templates)

    def platform(self, account: str, fields: Mapping[str, Any]) -> bool:
        """An event of the platform's webhook; ``False`` for one that is a person's, to be answered in the dialogue."""
        if not wechat.is_told(fields):
            return False
        told = wechat.read(account, fields)
        self._receipts.keep(told.receipts)
        for totals in told.totals:
            self._keep_totals(totals)
        for consent in told.consents:
            self._keep_consent(consent)
        return True

    def sms(self, told: sms.Told) -> None:
        """What a provider of short messages pushed."""
        self._receipts.keep(told.receipts)
        self._suppress(one.phone for one in told.leavings)

    def person_of(self, token: str) -> str:
        """Whose leaving address it is; empty for nobody's."""
        return leaving.person_of(self._vault, token)

    def leave(self, person: str) -> None:
        """End all that a person subscribed to; nothing where they left already."""
        with self._database.statements(writing=True) as statements:
            before = read_subscriber(statements, person)
            if before:
                contact, evidence = Contact(person, "", ()), {"by": LINK}
                keep(statements, self._vault, contact, before, before.left(), evidence, self._now())

    def _keep_totals(self, totals: wechat.Totals) -> None:
        # Of a 群发 that went out nobody's own fate is known.
        fate = Fate.UNDELIVERED if totals.failure else Fate.ACCEPTED
        receipt = Receipt(
            "wechat_mass",
            totals.account,
            f"{wechat.MASS}:{totals.ref}",
            fate,
            ref=totals.ref,
            code=totals.status[:32],
            why=totals.failure,
        )
        counted: dict[str, int | str] = {
            "status": totals.status,
            "total": totals.total,
            "filtered": totals.filtered,
            "sent": totals.sent,
            "failed": totals.failed,
            "why": totals.failure,
        }
        keep_totals(self._database, self._ledger, receipt, counted, self._now())

    def _keep_consent(self, consent: wechat.Consent) -> None:
        """A tap on the platform's own question is evidence; refusing it ends what was allowed for that template."""
        evidence = {"by": "subscribe_msg_popup_event", "scene": consent.scene}
        values = {
            "person": self._vault.hash("person", "wechat", consent.account, consent.openid),
            "scope": f"wechat_notice:{consent.template}"[:128],
            "evidence": self._vault.seal(json.dumps(evidence)),
            "at": consent.at,
            "by": PLATFORM,
        }
        with self._database.statements(writing=True) as statements:
            statements.run(_CONSENT if consent.given else _NO_CONSENT, values)

    def _suppress(self, phones: Iterable[str]) -> None:
        for phone in phones:
            hashed = Reach("sms", phone).hash(self._vault)
            with self._database.write() as connection:
                reaching.suppress(connection, hashed, LEFT, self._now())

    def _now(self) -> int:
        return int(self._clock().timestamp())


_CONSENT = Statement(
    "INSERT INTO consents (person, scope, evidence, given_at, uses_left)"
    " SELECT CAST(:person AS VARCHAR), CAST(:scope AS VARCHAR), CAST(:evidence AS VARCHAR),"
    " CAST(:at AS BIGINT), 1 WHERE NOT EXISTS"
    " (SELECT 1 FROM consents WHERE person = :person AND scope = :scope AND given_at = :at)"
)
_NO_CONSENT = Statement(
    "UPDATE consents SET ended_at = :at, ended_by = :by"
    " WHERE person = :person AND scope = :scope AND ended_at IS NULL AND given_at <= :at"
)
