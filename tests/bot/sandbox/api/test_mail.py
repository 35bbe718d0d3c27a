"""The mail server over a real connection: what it keeps, what it refuses, and how it fails."""

import asyncio
import smtplib
import threading
from email.message import EmailMessage

import pytest

from bot.sandbox.faults import Fault, Faults, Kind
from bot.sandbox.mail import MailServer
from bot.sandbox.world import open_world


class Running:
    """The server on a loop of its own."""

    def __init__(self, path, faults):
        self.world = open_world(path, [], 0)
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        listening = MailServer(self.world, faults, lambda: 5.0).listen("127.0.0.1", 0)
        self.server = asyncio.run_coroutine_threadsafe(listening, self.loop).result()
        self.port = self.server.sockets[0].getsockname()[1]

    def stop(self):
        async def close():
            self.server.close()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(close(), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()
        self.world.file.close()


@pytest.fixture
def faults():
    return Faults(latency=0)


@pytest.fixture
def running(tmp_path, faults):
    running = Running(tmp_path / "ledger.db", faults)
    yield running
    running.stop()


def letter(to="li@example.cn", **headers):
    mail = EmailMessage()
    given = {
        "From": "office@example.cn",
        "To": to,
        "Subject": "高龄津贴发放办法",
        "Date": "Sat, 21 Nov 2026 12:00:00 +0800",
        "Message-ID": "<push-1.p1@example.cn>",
        "List-Unsubscribe": "<http://127.0.0.1/leave/1>",
        **headers,
    }
    for name, value in given.items():
        if value:
            mail[name] = value
    mail.set_content("详见：http://127.0.0.1/n/1")
    return mail


def send(running, *mails):
    with smtplib.SMTP("127.0.0.1", running.port, timeout=5) as smtp:
        for mail in mails:
            smtp.send_message(mail)


def test_mail_is_kept_by_its_message_id(running):
    send(running, letter())
    (message,) = running.world.ledger.received("push-1")
    assert (message.openid, message.channel, message.key) == (
        "li@example.cn",
        "email",
        "push-1.p1@example.cn",
    )
    assert message.content["subject"] == "高龄津贴发放办法"
    assert "http://127.0.0.1/n/1" in message.content["text"]


def test_same_mail_again_is_seen_as_a_duplicate(running):
    send(running, letter(), letter())
    assert len(running.world.ledger.duplicates()) == 1


@pytest.mark.parametrize("name", ["Date", "Message-ID", "List-Unsubscribe", "Subject"])
def test_mail_without_a_header_is_refused_and_the_header_named(running, name):
    with pytest.raises(smtplib.SMTPDataError) as refused:
        send(running, letter(**{name: ""}))
    assert refused.value.smtp_code == 554
    assert name.encode() in refused.value.smtp_error
    assert running.world.ledger.received() == []


@pytest.mark.parametrize(("name", "code"), [("gone", 550), ("full", 452), ("later", 450)])
def test_mailboxes_that_take_nothing(running, name, code):
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(running, letter(to=f"{name}@example.cn"))
    assert [reply[0] for reply in refused.value.recipients.values()] == [code]
    assert running.world.ledger.received() == []


@pytest.mark.parametrize(
    ("kind", "error", "kept"),
    [
        (Kind.ERROR_BEFORE, smtplib.SMTPDataError, 0),
        (Kind.ERROR_AFTER, smtplib.SMTPDataError, 1),
        (Kind.RESET_BEFORE, smtplib.SMTPServerDisconnected, 0),
        (Kind.RESET_AFTER, smtplib.SMTPServerDisconnected, 1),
        (Kind.SILENCE_AFTER, smtplib.SMTPServerDisconnected, 1),
    ],
)
def test_failures_around_the_final_dot(running, faults, kind, error, kept):
    faults.replace([Fault("smtp", kind, calls=(1,), seconds=0.05)])
    with pytest.raises(error):
        send(running, letter())
    assert len(running.world.ledger.received()) == kept
