"""E-mail by a mail server (SMTP, RFC 5321), one connection for many letters.

The final dot decides: a connection that breaks before it has delivered nothing; after it, nobody knows.
"""

import html
import re
import smtplib
import ssl
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import quote

from bot.clock import Clock

from .calling import Failed, one_by_one
from .options import Security
from .port import Accounting, Capability, Fate, Letter, Limits, Outcome

TIMEOUT = 30
"""Seconds for each step up to the final dot."""

FINAL_TIMEOUT = 120
"""Seconds for the answer to it. RFC 5321 (4.5.3.2.6) would have ten minutes; a sender's thread waits no longer than this,
and the letter is unknown then."""

LIMITS = Limits(per_second=5)
"""Mail services of Chinese providers slow down whoever sends faster to many."""

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(
    rf"(?=.{{3,254}}$)(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*"
)
_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})\b")

_MEANINGS = {
    "x.1.": "收件地址不存在或写错了",
    "x.2.1": "收件邮箱已停用",
    "x.2.2": "收件邮箱已满",
    "x.3.4": "邮件太大",
    "x.4.": "对方邮件服务器连不上",
    "x.5.3": "一次的收件人太多",
    "x.7.": "对方邮件服务器出于安全策略拒收",
}
"""By the beginning of an enhanced status code, its class left out (RFC 3463)."""

_GONE = ("5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1")
"""Enhanced codes that say that the address takes nothing, ever (RFC 3463, RFC 7505)."""

_GONE_PLAIN = (550, 551, 553)
"""The same from servers without enhanced codes, when they answer to the address itself (RFC 5321, 4.2.3)."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where letters are handed in, and whose they are."""

    host: str
    port: int
    security: Security
    sender: str
    sender_name: str = ""
    user: str = ""
    password: str = field(default="", repr=False)


class Email:
    """Sends e-mail by one mail server."""

    name = "email"
    medium = "email"
    accounting = Accounting.PER_PERSON

    def __init__(
        self,
        account: str,
        server: MailServer,
        clock: Clock,
        limits: Limits = LIMITS,
        *,
        timeout: float = TIMEOUT,
        final_timeout: float = FINAL_TIMEOUT,
    ) -> None:
        self.account = account
        self.limits = limits
        self._server = server
        self._clock = clock
        self._timeout = timeout
        self._final_timeout = final_timeout
        self._idle: deque[smtplib.SMTP] = deque()

    def forecast(self, letter: Letter) -> Outcome:
        """Free; refused for what is no address."""
        if not _ADDRESS.fullmatch(letter.address):
            why = "收件地址写得不对，应形如 name@example.cn。请更正通讯录。"
            return Outcome(Fate.REFUSED, code="address", why=why, gone=True)
        return Outcome(Fate.ACCEPTED)

    def hand(self, letters: Sequence[Letter]) -> Sequence[Outcome]:
        """Send each by itself, so that nobody sees another's address; ``ref`` is the Message-ID."""
        return one_by_one(letters, self._send)

    def settle(self, letters: Sequence[Letter], refs: Sequence[str]) -> Sequence[Outcome]:
        """Mail servers answer no questions about letters."""
        why = "邮件不能查询结果，只能等待退信。"
        return [
            Outcome(Fate.UNKNOWN, ref=ref, why=why) for _, ref in zip(letters, refs, strict=True)
        ]

    def probe(self) -> Capability:
        """Whether the server lets us in."""
        try:
            self._idle.append(self._connect())
        except Failed as failed:
            return Capability(False, failed.outcome.why)
        return Capability(True)

    def close(self) -> None:
        """Say goodbye on all connections."""
        while self._idle:
            with suppress(smtplib.SMTPException, OSError):
                self._idle.pop().quit()

    def _send(self, letter: Letter) -> Outcome:
        forecast = self.forecast(letter)
        if forecast.fate is not Fate.ACCEPTED:
            return forecast
        content = stuffed(message(letter, self._server, self._clock()))
        smtp = self._open()
        try:
            outcome = self._give(smtp, letter, content)
            if outcome.fate is not Fate.ACCEPTED:
                smtp.rset()
            self._idle.append(smtp)
        except Failed:
            smtp.close()
            raise
        except OSError:  # the outcome is known; only the connection is not good any more
            smtp.close()
        return outcome

    def _open(self) -> smtplib.SMTP:
        """A connection that is alive: an idle one, or a new one."""
        while self._idle:
            smtp = self._idle.pop()
            with suppress(smtplib.SMTPException, OSError):
                if smtp.noop()[0] == 250:
                    return smtp
            smtp.close()
        return self._connect()

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        try:
            if server.security is Security.TLS:
                context = ssl.create_default_context()
                smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                    server.host, server.port, timeout=self._timeout, context=context
                )
            else:
                smtp = smtplib.SMTP(server.host, server.port, timeout=self._timeout)
        except OSError as error:
            raise Failed(_no_connection(error)) from None
        try:
            if server.security is Security.STARTTLS:
                smtp.starttls(context=ssl.create_default_context())
            if server.user:
                smtp.login(server.user, server.password)
            smtp.ehlo_or_helo_if_needed()
        except OSError as error:
            smtp.close()
            raise Failed(self._not_let_in(error)) from None
        return smtp

    def _not_let_in(self, error: OSError) -> Outcome:
        if isinstance(error, smtplib.SMTPAuthenticationError) and error.smtp_code >= 500:
            why = "邮件服务器拒绝登录。请核对邮箱账号和授权码（多数邮箱要用授权码，不是登录密码）。"
            return self._closed(str(error.smtp_code), why)
        if isinstance(error, smtplib.SMTPNotSupportedError):
            why = "邮件服务器不支持设置的加密或登录方式。请核对 security 和端口（465 用 tls，587 用 starttls）。"
            return self._closed("unsupported", why)
        return _no_connection(error)

    def _give(self, smtp: smtplib.SMTP, letter: Letter, content: bytes) -> Outcome:
        try:
            code, text = smtp.mail(self._server.sender)
            if code != 250:
                return self._refused_sender(code, text)
            code, text = smtp.rcpt(letter.address)
            if code not in (250, 251):
                return self._refused(code, text, about_address=True)
            code, text = smtp.docmd("DATA")
            if code != 354:
                return self._refused(code, text)
            smtp.send(content)
        except OSError as error:
            raise Failed(_no_connection(error)) from None
        ref = message_id(letter.key, self._server.sender)
        # Until the last line a server takes nothing (RFC 5321, 4.1.1.4).
        letter.leaving()
        try:
            if smtp.sock:
                smtp.sock.settimeout(self._final_timeout)
            smtp.send(b".\r\n")
            code, text = smtp.getreply()
            if smtp.sock:
                smtp.sock.settimeout(self._timeout)
        except OSError as error:
            why = f"邮件已发出，但邮件服务器没有答复（{type(error).__name__}），可能已经送达。不会自动重发。"
            raise Failed(Outcome(Fate.UNKNOWN, ref=ref, code="no_answer", why=why)) from None
        if code == 250:
            return Outcome(Fate.ACCEPTED, ref=ref, code="250")
        return self._refused(code, text)

    def _refused_sender(self, code: int, text: bytes) -> Outcome:
        if code < 500:
            return self._refused(code, text)
        why = f"邮件服务器不接受发件地址（{_told(code, text)}）。请核对 sender 与登录账号是否一致。"
        return self._closed(str(code), why)

    def _refused(self, code: int, text: bytes, *, about_address: bool = False) -> Outcome:
        told, enhanced = _told(code, text), _enhanced(text)
        meaning = _meaning(enhanced)
        if code == 421:  # the server is going away, or has enough of us
            why = f"邮件服务器暂停服务（{told}）。一分钟后自动继续。"
            until = self._clock() + timedelta(minutes=1)
            return Outcome(Fate.CLOSED, code="421", why=why, until=until)
        if code < 500:
            why = f"邮件服务器暂时不收{meaning}（{told}）。稍后会自动重试。"
            return Outcome(Fate.LATER, code=enhanced or str(code), why=why)
        gone = enhanced in _GONE if enhanced else about_address and code in _GONE_PLAIN
        why = f"邮件服务器拒收{meaning}（{told}）。请核对收件地址和邮件内容。"
        return Outcome(Fate.REFUSED, code=enhanced or str(code), why=why, gone=gone)

    def _closed(self, code: str, why: str) -> Outcome:
        return Outcome(Fate.CLOSED, code=code, why=why, until=self._clock() + timedelta(hours=1))


def message(letter: Letter, server: MailServer, now: datetime) -> EmailMessage:
    """The letter as an e-mail: plain text and the same as a page, and a way to leave with one tap (RFC 8058)."""
    mail = EmailMessage(SMTP)
    mail["From"] = Address(server.sender_name, addr_spec=server.sender)
    mail["To"] = Address(addr_spec=letter.address)
    mail["Subject"] = " ".join(letter.title.split())
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message_id(letter.key, server.sender)
    mail["Auto-Submitted"] = "auto-generated"  # no out-of-office answers (RFC 3834)
    if letter.leave:
        mail["List-Unsubscribe"] = f"<{letter.leave}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(_plain(letter), cte="base64")
    mail.add_alternative(_page(letter), subtype="html", cte="base64")
    return mail


def message_id(key: str, sender: str) -> str:
    """``<key@domain>``: the same at every attempt, so that mailboxes may know a repetition."""
    return f"<{quote(key, safe='')}@{sender.rpartition('@')[2]}>"


def stuffed(mail: EmailMessage) -> bytes:
    """The message as it goes over the line, dots at the beginning of lines doubled; the final one not yet there."""
    content = re.sub(rb"(?m)^\.", b"..", mail.as_bytes())
    return content if content.endswith(b"\r\n") else content + b"\r\n"


def _plain(letter: Letter) -> str:
    leave = f"不想再收到这类邮件：{letter.leave}" if letter.leave else ""
    link = f"查看全文：{letter.link}" if letter.link else ""
    return "\n\n".join(filter(None, (letter.text, link, leave))) + "\n"


def _page(letter: Letter) -> str:
    lines = [f"<p>{html.escape(line)}</p>" for line in letter.text.splitlines() if line.strip()]
    if letter.link:
        lines.append(f'<p><a href="{html.escape(letter.link)}">查看全文</a></p>')
    if letter.leave:
        lines.append(f'<p><a href="{html.escape(letter.leave)}">不想再收到这类邮件</a></p>')
    title, body = html.escape(letter.title), "\n".join(lines)
    return (
        f'<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title></head>\n'
        f'<body style="font-size:18px;line-height:1.6">\n<h1 style="font-size:22px">{title}</h1>\n{body}\n</body></html>\n'
    )


def _no_connection(error: OSError) -> Outcome:
    kind = type(error).__name__
    why = f"邮件服务器连不上或中途断开（{kind}），邮件没有发出。请检查地址、端口和加密方式；稍后会自动重试。"
    return Outcome(Fate.LATER, code="network", why=why)


def _enhanced(text: bytes) -> str:
    match = _ENHANCED.match(text.decode("ascii", "ignore"))
    return match[1] if match else ""


def _told(code: int, text: bytes) -> str:
    # The words of the server may repeat the address: its codes say enough.
    return " ".join(filter(None, (str(code), _enhanced(text))))


def _meaning(enhanced: str) -> str:
    found = next(
        (m for begin, m in _MEANINGS.items() if ("x" + enhanced[1:]).startswith(begin)), ""
    )
    return f"：{found}" if enhanced and found else ""
