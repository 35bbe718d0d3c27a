"""A mail server that accepts what is well-formed and keeps it in the ledger: RFC 5321 by aiosmtpd, strict about headers.

Installed with ``zwgk[drill]``.
"""

import asyncio
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from .faults import BEFORE, Fault, Faults, Kind
from .file import Now, milliseconds
from .world import World

ACCOUNT, CHANNEL, PATH = "email", "email", "smtp"
"""``PATH`` is what faults call it."""

LARGEST = 1024 * 1024
NEEDED = ("From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe")
"""Headers without which a mail to many is refused: RFC 5322 section 3.6, RFC 8058."""

REPLIES = {
    "gone": "550 5.1.1 Mailbox does not exist",
    "full": "452 4.2.2 Mailbox is full",
    "later": "450 4.7.1 Greylisted, try again later",
}
"""By how the address begins: what the server says to it. All others are fine."""

ERROR = "451 4.3.0 Local error in processing"


class MailServer:
    """Takes mails on a port of the loopback interface."""

    def __init__(self, world: World, faults: Faults, now: Now) -> None:
        self._world = world
        self._faults = faults
        self._now = now

    async def listen(self, host: str, port: int) -> asyncio.Server:
        """Begin to take mails."""
        loop = asyncio.get_running_loop()
        return await loop.create_server(self._protocol, host, port)

    def _protocol(self) -> asyncio.BaseProtocol:
        protocol: asyncio.BaseProtocol = SMTP(
            self, data_size_limit=LARGEST, enable_SMTPUTF8=True, hostname="sandbox.invalid"
        )
        return protocol

    async def handle_RCPT(  # noqa: N802
        self, _: SMTP, __: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Whether the mailbox takes mail."""
        for beginning, reply in REPLIES.items():
            if address.startswith(beginning):
                return reply
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, _: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep a mail for each who is to get it."""
        fault = self._faults.strike(PATH)
        await asyncio.sleep(self._faults.latency)
        if fault and fault.kind in BEFORE:
            return await _go_wrong(server, fault)
        mail = BytesParser(policy=policy.default).parsebytes(_bytes(envelope.content))
        if missing := [name for name in NEEDED if not mail[name]]:
            return f"554 5.6.0 Header missing: {', '.join(missing)}"
        for address in envelope.rcpt_tos:
            self._keep(mail, address)
        await self._world.file.settled()
        if fault and fault.kind is not Kind.SLOW:
            return await _go_wrong(server, fault)
        if fault:
            await asyncio.sleep(fault.seconds)
        return "250 2.0.0 Accepted"

    def _keep(self, mail: EmailMessage, address: str) -> None:
        body = mail.get_body(("plain", "html"))
        content = {
            "subject": str(mail["Subject"]),
            "text": body.get_content() if body else "",
            "unsubscribe": str(mail["List-Unsubscribe"]),
        }
        at, key = milliseconds(self._now()), str(mail["Message-ID"]).strip("<>")
        self._world.ledger.accept(ACCOUNT, address, CHANNEL, content, at, key=key)


async def _go_wrong(server: SMTP, fault: Fault) -> str:
    if fault.kind in (Kind.RESET_BEFORE, Kind.RESET_AFTER, Kind.SILENCE_AFTER):
        if fault.kind is Kind.SILENCE_AFTER:
            await asyncio.sleep(fault.seconds)
        transport: Any = server.transport
        if transport:
            transport.abort()
    return ERROR


def _bytes(content: str | bytes | None) -> bytes:
    return content.encode() if isinstance(content, str) else content or b""
