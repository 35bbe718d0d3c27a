"""E-mail to a real mail server on loopback, and what every break of the line means."""

import asyncio
import email
import email.policy
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.calling import Failed
from bot.channels.email import Email, MailServer, message, message_id, stuffed
from bot.channels.options import Security
from bot.channels.port import Fate, Letter, Outcome
from tests.fixtures.clock import Clock

Letters = Callable[..., Letter]
SENDER = "zwgk@gaoyao.example.cn"


@dataclass
class Mailbox:
    """What the mail server does; ``answers`` are given in turn, ``drop`` names where it hangs up."""

    received: list[EmailMessage] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    connections: int = 0
    at_recipient: list[str] = field(default_factory=list)
    at_end: list[str] = field(default_factory=list)
    at_sender: list[str] = field(default_factory=list)
    drop: str = ""
    slow: float = 0

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, answers: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return answers

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.at_sender:
            return self.at_sender.pop(0)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.drop == "recipient":
            _hang_up(server)
        if self.at_recipient and (answer := self.at_recipient.pop(0)):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.at_end and (answer := self.at_end.pop(0)):
            return answer
        assert isinstance(envelope.content, bytes)
        self.received.append(
            email.message_from_bytes(envelope.content, EmailMessage, policy=email.policy.SMTP)
        )
        self.senders.append(str(envelope.mail_from))
        if self.drop == "after":
            _hang_up(server)
        await asyncio.sleep(self.slow)
        return "250 OK"


class _Server(SMTP):
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if self.event_handler.drop == "body":
            await self.push("354 go on")
            await self._reader.readline()
        if self.event_handler.drop in ("data", "body"):
            _hang_up(self)
            return
        await super().smtp_DATA(arg)


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Server(self.handler, **self.SMTP_kwargs)


def _hang_up(server: SMTP) -> None:
    assert server.transport is not None
    server.transport.abort()


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def port(mailbox: Mailbox, free_port: int) -> Iterator[int]:
    controller = _Controller(mailbox, hostname="127.0.0.1", port=free_port, enable_SMTPUTF8=False)
    controller.start()
    yield free_port
    controller.stop(no_assert=True)


@pytest.fixture
def mail(port: int, clock: Clock) -> Iterator[Email]:
    server = MailServer("127.0.0.1", port, Security.PLAIN, SENDER, "高要区政务公开办")
    channel = Email("office", server, clock, timeout=2, final_timeout=0.5)
    yield channel
    channel.close()


@pytest.fixture
def to(letter: Letters) -> Letters:
    def to(address: str = "anna@example.cn", **other: object) -> Letter:
        leave = "https://zwgk.example.cn/leave/abc"
        return letter(address, **{"key": f"push-1/{address}", "leave": leave, **other})

    return to


def test_many_letters_go_over_one_connection_each_to_one_person(
    mail: Email, mailbox: Mailbox, to: Letters
) -> None:
    outcomes = mail.hand([to(f"p{number}@example.cn") for number in range(20)])
    outcomes = [*outcomes, *mail.hand([to("last@example.cn")])]
    assert {outcome.fate for outcome in outcomes} == {Fate.ACCEPTED}
    assert mailbox.connections == 1
    assert [str(one["To"]) for one in mailbox.received[:2]] == ["p0@example.cn", "p1@example.cn"]
    assert [outcome.ref for outcome in outcomes] == [one["Message-ID"] for one in mailbox.received]


def test_a_letter_arrives_whole(mail: Email, mailbox: Mailbox, to: Letters) -> None:
    text = ".第一行以点开头\n个人缴费 <400> 元 & 补助。\n."
    mail.hand([to(text=text)])
    [got] = mailbox.received
    assert got["Subject"] == "高要区2026年度城乡居民基本医疗保险缴费标准的通知"
    assert str(got["From"]) == f"高要区政务公开办 <{SENDER}>"
    assert got["List-Unsubscribe"] == "<https://zwgk.example.cn/leave/abc>"
    assert got["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["Date"].datetime.isoformat() == "2026-11-21T09:00:00+08:00"
    plain, page = got.get_body(("plain",)), got.get_body(("html",))
    assert plain is not None
    assert page is not None
    assert plain.get_content().replace("\r\n", "\n").startswith(text)
    assert "https://zwgk.example.cn/notices/1" in plain.get_content()
    assert "&lt;400&gt; 元 &amp;" in page.get_content()


def test_a_letter_leaves_with_its_last_line(mail: Email, mailbox: Mailbox, to: Letters) -> None:
    def stay() -> None:
        raise Failed(Outcome(Fate.LATER, code="late", why="等待太久"))

    seen: list[int] = []
    outcomes = mail.hand([to(leaving=stay), to(leaving=lambda: seen.append(len(mailbox.received)))])
    assert [outcome.fate for outcome in outcomes] == [Fate.LATER, Fate.ACCEPTED]
    assert (seen, len(mailbox.received)) == ([0], 1)


def test_the_message_id_is_the_same_at_every_attempt(
    mail: Email, mailbox: Mailbox, to: Letters
) -> None:
    mailbox.at_end = ["451 4.3.0 try again"]
    [first], [second] = mail.hand([to()]), mail.hand([to()])
    assert (first.fate, second.fate) == (Fate.LATER, Fate.ACCEPTED)
    assert (
        second.ref
        == message_id("push-1/anna@example.cn", SENDER)
        == mailbox.received[0]["Message-ID"]
    )


@pytest.mark.parametrize(
    ("answer", "fate", "gone"),
    [
        ("450 4.2.1 mailbox busy", Fate.LATER, False),
        ("452 4.5.3 too many recipients", Fate.LATER, False),
        ("550 5.1.1 no such user", Fate.REFUSED, True),
        ("550 Mailbox not found: anna@example.cn", Fate.REFUSED, True),
        ("550 5.7.1 spam", Fate.REFUSED, False),
        ("552 5.2.2 mailbox full", Fate.REFUSED, False),
        ("554 rejected", Fate.REFUSED, False),
        ("421 4.7.0 too many, bye", Fate.CLOSED, False),
    ],
)
def test_an_answer_to_the_recipient_concerns_that_one_alone(
    mail: Email, mailbox: Mailbox, to: Letters, answer: str, fate: Fate, gone: bool
) -> None:
    mailbox.at_recipient = [answer]
    first, second = mail.hand([to("anna@example.cn"), to("ben@example.cn")])
    assert (first.fate, first.gone) == (fate, gone)
    assert "anna@example.cn" not in repr(first)
    assert second.fate is (Fate.CLOSED if fate is Fate.CLOSED else Fate.ACCEPTED)
    assert len(mailbox.received) == (0 if fate is Fate.CLOSED else 1)


@pytest.mark.parametrize(
    ("answer", "fate"),
    [("550 content refused", Fate.REFUSED), ("451 4.7.1 greylisted", Fate.LATER)],
)
def test_an_answer_to_the_final_dot_says_nothing_of_the_address(
    mail: Email, mailbox: Mailbox, to: Letters, answer: str, fate: Fate
) -> None:
    mailbox.at_end = [answer]
    [outcome] = mail.hand([to()])
    assert (outcome.fate, outcome.gone) == (fate, False)


def test_a_refused_sender_closes_the_account(mail: Email, mailbox: Mailbox, to: Letters) -> None:
    mailbox.at_sender = ["553 5.7.1 not your address"]
    outcomes = mail.hand([to(), to("ben@example.cn")])
    assert [outcome.fate for outcome in outcomes] == [Fate.CLOSED] * 2
    assert "sender" in outcomes[0].why


@pytest.mark.parametrize(
    ("drop", "fate", "arrived"),
    [("recipient", Fate.LATER, 0), ("data", Fate.LATER, 0), ("after", Fate.UNKNOWN, 1)],
)
def test_the_final_dot_decides_what_a_break_means(
    mail: Email, mailbox: Mailbox, to: Letters, drop: str, fate: Fate, arrived: int
) -> None:
    mailbox.drop = drop
    [outcome] = mail.hand([to(text="很长的正文" * 2000)])
    assert outcome.fate is fate
    assert len(mailbox.received) == arrived
    mailbox.drop = ""
    assert [one.fate for one in mail.hand([to("ben@example.cn")])] == [Fate.ACCEPTED]


def test_a_break_within_the_words_is_never_told_as_sent(
    mail: Email, mailbox: Mailbox, to: Letters
) -> None:
    # Whether we notice before the dot is the network's chance; unknown is right, too.
    mailbox.drop = "body"
    [outcome] = mail.hand([to(text="很长的正文" * 2000)])
    assert outcome.fate in (Fate.LATER, Fate.UNKNOWN)
    assert not mailbox.received


def test_no_answer_to_the_final_dot_in_time_is_unknown_with_its_reference(
    mail: Email, mailbox: Mailbox, to: Letters
) -> None:
    mailbox.slow = 1
    [outcome] = mail.hand([to()])
    assert outcome.fate is Fate.UNKNOWN
    assert outcome.ref == message_id("push-1/anna@example.cn", SENDER)


def test_without_a_server_nothing_is_out(clock: Clock, free_port: int, to: Letters) -> None:
    for security in Security:
        server = MailServer("127.0.0.1", free_port, security, SENDER)
        channel = Email("office", server, clock, timeout=1)
        assert [one.fate for one in channel.hand([to(), to()])] == [Fate.LATER] * 2
        assert not channel.probe().usable


def test_a_server_that_hung_up_meanwhile_is_called_again(
    mail: Email, mailbox: Mailbox, to: Letters
) -> None:
    mail.hand([to()])
    mailbox.at_recipient = ["421 4.4.2 idle too long"]
    mail.hand([to("ben@example.cn")])
    mail.close()
    assert [one.fate for one in mail.hand([to("carl@example.cn")])] == [Fate.ACCEPTED]
    assert mailbox.connections == 2


@pytest.mark.filterwarnings(
    "ignore:Requiring AUTH while not requiring TLS"
)  # aiosmtpd's, of loopback
def test_a_login_is_asked_for_and_a_wrong_one_closes_the_account(
    clock: Clock, free_port: int, to: Letters
) -> None:
    def check(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        right = (data.login, data.password) == (SENDER.encode(), b"authcode")
        return AuthResult(success=right, handled=False)

    mailbox = Mailbox()
    controller = _Controller(
        mailbox,
        hostname="127.0.0.1",
        port=free_port,
        authenticator=check,
        auth_require_tls=False,
        auth_required=True,
    )
    controller.start()

    def channel(password: str) -> Email:
        server = MailServer(
            "127.0.0.1", free_port, Security.PLAIN, SENDER, user=SENDER, password=password
        )
        return Email("office", server, clock, timeout=2)

    try:
        right, wrong = channel("authcode"), channel("login-password")
        [refused] = wrong.hand([to()])
        assert refused.fate is Fate.CLOSED
        assert "授权码" in refused.why
        assert "login-password" not in repr(refused) + repr(wrong._server)
        assert not wrong.probe().usable
        assert right.probe().usable
        assert [one.fate for one in right.hand([to()])] == [Fate.ACCEPTED]
        right.close()
    finally:
        controller.stop(no_assert=True)


def test_a_server_without_starttls_gets_no_letter(port: int, clock: Clock, to: Letters) -> None:
    channel = Email("office", MailServer("127.0.0.1", port, Security.STARTTLS, SENDER), clock)
    [outcome] = channel.hand([to()])
    assert outcome.fate is Fate.CLOSED
    assert "starttls" in outcome.why


def test_a_certificate_of_nobody_known_gets_no_letter(clock: Clock, to: Letters) -> None:
    # any TLS server will do: the certificate is refused before a word is said
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def refuse() -> None:
            connection, _ = listening.accept()
            with connection, suppress(OSError):
                context.wrap_socket(connection, server_side=True)

        thread = threading.Thread(target=refuse)
        thread.start()
        port: int = listening.getsockname()[1]
        channel = Email("office", MailServer("127.0.0.1", port, Security.TLS, SENDER), clock)
        assert [one.fate for one in channel.hand([to()])] == [Fate.LATER]
        thread.join()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "anna",
        "anna@",
        "@example.cn",
        "an na@example.cn",
        "a@b\r\nRCPT TO:<x@y>",
        "张三@example.cn",
        "<a@example.cn>",
        "a..b@example.cn",
        '"a"@example.cn',
        "a@-x.cn",
        "a" * 65 + "@example.cn",
    ],
)
def test_what_is_no_address_is_refused_without_a_connection(
    mail: Email, mailbox: Mailbox, to: Letters, address: str
) -> None:
    [outcome] = mail.hand([to(address)])
    assert (outcome.fate, outcome.gone) == (Fate.REFUSED, True)
    assert mailbox.connections == 0


@given(title=st.text(), text=st.text(), key=st.text(min_size=1))
def test_words_never_become_headers_or_the_final_dot(title: str, text: str, key: str) -> None:
    server = MailServer("h", 25, Security.PLAIN, SENDER, "办公室")
    clock = Clock()
    sent: Any = stuffed(message(Letter(1, key, "a@example.cn", title, text, ""), server, clock()))
    assert b"\r\n.\r\n" not in sent
    assert sent.endswith(b"\r\n")
    got = email.message_from_bytes(sent, policy=email.policy.SMTP)
    assert {name.lower() for name in got} <= {
        *("from", "to", "subject", "date", "message-id", "auto-submitted"),
        *("mime-version", "content-type"),
    }
