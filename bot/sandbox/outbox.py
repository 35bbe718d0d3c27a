"""Events that the platform still owes the account: receipts above all, kept until they are delivered.

https://developers.weixin.qq.com/doc/service/guide/product/subscription_messages/push.html and
https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Template_Message_Interface.html
"""

import json
from dataclasses import dataclass
from itertools import count
from typing import Any

from .account import Account
from .faults import Receipts
from .file import File, milliseconds
from .messages import event_xml

TRIES = 3
AGAIN_SECONDS = 5
SYSTEM_OPENID = "oSandbox_platform_000000000"
"""Who sends the event that a 群发 is done: an openid of the platform's own."""


@dataclass(frozen=True, slots=True)
class Totals:
    """What the platform tells of a 群发: people meant, left over after filtering, sent to, failed."""

    total: int = 0
    filtered: int = 0
    sent: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Due:
    """An event to be delivered now, as clear XML."""

    id: int
    account: str
    openid: str
    body: str
    tries: int


class Outbox:
    """The events kept in a file, by the present plan for ``receipts``."""

    def __init__(self, file: File) -> None:
        self._file = file
        self._numbers = count(1)
        self._early: list[int] = []
        self.receipts = Receipts()

    def notice_sent(
        self, account: Account, openid: str, template: str, ref: str, now: float
    ) -> None:
        """The receipt of a 订阅通知."""

        def body(ref: str) -> str:
            return (
                "<SubscribeMsgSentEvent><List>"
                f"<TemplateId><![CDATA[{template}]]></TemplateId><MsgID>{ref}</MsgID>"
                "<ErrorCode>0</ErrorCode><ErrorStatus><![CDATA[success]]></ErrorStatus>"
                "</List></SubscribeMsgSentEvent>"
            )

        self._receipt(account, openid, "subscribe_msg_sent_event", body(ref), now)
        self._stranger(account, "subscribe_msg_sent_event", body("1"), now)

    def template_sent(
        self, account: Account, openid: str, ref: str, status: str, now: float
    ) -> None:
        """The receipt of a 模板消息."""

        def body(ref: str) -> str:
            return f"<MsgID>{ref}</MsgID><Status><![CDATA[{status}]]></Status>"

        self._receipt(account, openid, "TEMPLATESENDJOBFINISH", body(ref), now)
        self._stranger(account, "TEMPLATESENDJOBFINISH", body("1"), now)

    def mass_finished(
        self, account: Account, number: int, status: str, totals: Totals, now: float
    ) -> None:
        """The totals of a 群发: nothing of single people."""
        body = (
            f"<MsgID>{number}</MsgID><Status><![CDATA[{status}]]></Status>"
            f"<TotalCount>{totals.total}</TotalCount><FilterCount>{totals.filtered}</FilterCount>"
            f"<SentCount>{totals.sent}</SentCount><ErrorCount>{totals.failed}</ErrorCount>"
        )
        self._receipt(account, SYSTEM_OPENID, "MASSSENDJOBFINISH", body, now)

    def report(self, provider: str, reports: list[dict[str, Any]], now: float) -> None:
        """Reports of a provider of short messages, for the address that was chosen for them."""
        number, plan = next(self._numbers), self.receipts
        if plan.happens("lost", number):
            return
        times = plan.repeats if plan.happens("repeated", number) else 1
        body, wait = json.dumps(reports, ensure_ascii=False), plan.wait(number)
        for turn in range(times):
            values = (provider, "", body, milliseconds(now + wait + turn * plan.delay))
            self._file.write(_PUT, values)

    def take_early(self) -> list[Due]:
        """Events that are to be delivered before the call that led to them is answered."""
        early, self._early = self._early, []
        return [self._get(number) for number in early]

    def due(self, now: float, most: int) -> list[Due]:
        """Events whose time has come, oldest first."""
        rows = self._file.rows(_DUE, (milliseconds(now), most))
        return [
            Due(row["id"], row["account"], row["openid"], row["body"], row["tries"]) for row in rows
        ]

    def told(self, event: Due, answer: str, now: float, *, taken: bool) -> None:
        """What came of a delivery; it is tried again a few times where it was not ``taken``."""
        done = taken or event.tries + 1 >= TRIES
        again = milliseconds(now + AGAIN_SECONDS)
        self._file.write(_TOLD, (done, answer, again, event.id))

    def open(self) -> int:
        """How many events are still to be delivered."""
        return self._file.number("SELECT count(*) FROM outbox WHERE done = 0")

    def _receipt(self, account: Account, openid: str, event: str, body: str, now: float) -> None:
        number, plan = next(self._numbers), self.receipts
        if plan.happens("lost", number):
            return
        wait = plan.wait(number)
        times = plan.repeats if plan.happens("repeated", number) else 1
        for turn in range(times):
            at = now + wait + turn * plan.delay
            if wait or turn:
                self._put(account, openid, event, body, at, due=at)
            else:
                # Whoever answers the call delivers it. It is due only after that, should it fail: not twice at once.
                due = at + AGAIN_SECONDS
                self._early.append(self._put(account, openid, event, body, at, due=due))

    def _stranger(self, account: Account, event: str, body: str, now: float) -> None:
        number, plan = next(self._numbers), self.receipts
        if plan.happens("stranger", number):
            at = now + plan.delay
            self._put(account, "oSandbox_stranger_000000000", event, body, at, due=at)

    def _put(
        self, account: Account, openid: str, event: str, body: str, at: float, *, due: float
    ) -> int:
        xml = event_xml(account.original_id, openid, int(at), event, body)
        values = (account.name, openid, xml, milliseconds(due))
        return self._file.write(_PUT, values).lastrowid or 0

    def _get(self, number: int) -> Due:
        row = self._file.rows("SELECT * FROM outbox WHERE id = ?", (number,))[0]
        return Due(row["id"], row["account"], row["openid"], row["body"], row["tries"])


_PUT = "INSERT INTO outbox (account, openid, body, due) VALUES (?, ?, ?, ?)"
_DUE = "SELECT * FROM outbox WHERE done = 0 AND due <= ? ORDER BY due, id LIMIT ?"
_TOLD = "UPDATE outbox SET tries = tries + 1, done = ?, answer = ?, due = ? WHERE id = ?"
