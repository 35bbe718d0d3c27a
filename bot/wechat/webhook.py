"""``/wechat/{account}``: the platform calls it to verify the address, then for each message.

Whatever is not provably the platform gets 403 and no detail. Whatever is gets an answer: a reply,
``success`` when none is due, an apology when something failed; never an error page, which the
platform would show to the person as 该公众号提供的服务出现故障.
"""

import secrets
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import structlog
from fastapi import APIRouter, Request, Response

from bot.clock import Clock
from bot.dialog.conversations import Conversations, Person
from bot.settings import Mode
from bot.storage.database import DatabaseRefused

from .accounts import Account
from .crypto import Forged, Signature, check, sign
from .messages import Format, Message, Unreadable, parse, read, text_of
from .replies import envelope, sealed_envelope

BODY_LIMIT = 64 * 1024
"""Bytes of a request body. The platform's own are below 10 KB; parsing far larger ones is slow."""

APOLOGY = "抱歉，系统暂时出了点问题，没能处理您的消息。请稍后再发一次。"

SUCCESS = "success"
"""What the platform takes for: received, no reply, do not send again. Never encrypted."""

_NO_REPLY_DUE = frozenset({"unsubscribe", "revoked", "view", "report_location", "other_event"})

Count = Callable[[str, str, float], None]
"""Called once a request with the account's name, the outcome and the seconds it took. Outcomes:
verified, answered, heard, repeated, silent, rate_limited, unreadable, refused, too_large, failed."""

Hear = Callable[[str, Mapping[str, Any]], bool]
"""Called with the account's name and the nodes of a message; ``True`` when it was a receipt or a consent, which the
platform tells us and nobody waits for an answer to."""

log = structlog.get_logger()


def _deaf(_account: str, _fields: Mapping[str, Any]) -> bool:
    return False


def router(
    accounts: Mapping[str, Account],
    conversations: Conversations,
    clock: Clock,
    count: Count | None = None,
    hear: Hear = _deaf,
) -> APIRouter:
    """The webhook of ``accounts``; ``conversations`` fits its replies with ``replies.fit``."""
    webhook = _Webhook(accounts, conversations, clock, count, hear)
    routes = APIRouter()
    # Plain routes: the platform is no client of the JSON API, and validation by FastAPI costs more
    # than the answer.
    routes.add_route("/wechat/{account}", webhook.verify, methods=["GET"])
    routes.add_route("/wechat/{account}", webhook.receive, methods=["POST"])
    return routes


@dataclass(frozen=True, slots=True)
class _Delivery:
    """A body proved to be the platform's."""

    format: Format
    fields: Mapping[str, Any]


class _Webhook:
    def __init__(
        self,
        accounts: Mapping[str, Account],
        conversations: Conversations,
        clock: Clock,
        count: Count | None,
        hear: Hear,
    ) -> None:
        self._hear = hear
        self._accounts = accounts
        self._conversations = conversations
        self._clock = clock
        self._count = count

    async def verify(self, request: Request) -> Response:
        """Send back ``echostr`` to whoever signs with the token: the platform's address check."""
        started = perf_counter()
        account = self._accounts.get(request.path_params["account"])
        if account is None:
            return Response(status_code=404)
        try:
            check(account.token, _signature(request, "signature"), self._now())
        except Forged as error:
            return self._refuse(account, error, started)
        self._finish(account, "verified", started)
        return Response(request.query_params.get("echostr", ""), media_type="text/plain")

    async def receive(self, request: Request) -> Response:
        """Take a message and send back the reply to it."""
        started = perf_counter()
        account = self._accounts.get(request.path_params["account"])
        if account is None:
            return Response(status_code=404)
        body = await _body(request)
        if body is None:
            self._finish(account, "too_large", started)
            return Response(status_code=413)
        try:
            delivery = _open(account, request, body, self._now())
        except Forged as error:
            return self._refuse(account, error, started)
        except Unreadable as error:
            self._finish(account, "unreadable", started, error=str(error))
            return Response(SUCCESS, media_type="text/plain")
        return self._answer(account, delivery, started)

    def _answer(self, account: Account, delivery: _Delivery, started: float) -> Response:
        try:
            if self._hear(account.name, delivery.fields):
                self._finish(account, "heard", started)
                return Response(SUCCESS, media_type="text/plain")
        except Exception as error:
            # Nobody sees the failure, and the platform tells it again.
            self._finish(account, "failed", started, incoming="told", **_place(error))
            return Response(status_code=500)
        try:
            message = read(delivery.fields, account.app_id, account.area)
        except Unreadable as error:
            self._finish(account, "unreadable", started, error=str(error))
            return Response(SUCCESS, media_type="text/plain")
        kind = message.incoming.kind
        try:
            reply = self._conversations.handle(
                message.key, Person("wechat", account.name, message.person), message.incoming
            )
            response = self._respond(account, delivery.format, message, reply.text)
        except Exception as error:
            # The messages of exceptions may hold words of people: the log gets type and place only.
            self._finish(account, "failed", started, incoming=kind, **_place(error))
            text = "" if kind in _NO_REPLY_DUE else APOLOGY
            return self._respond(account, delivery.format, message, text)
        outcome = _outcome(reply.text, reply.facts)
        self._finish(account, outcome, started, incoming=kind, facts=dict(reply.facts))
        return response

    def _respond(self, account: Account, format: Format, message: Message, text: str) -> Response:
        if not text:
            return Response(SUCCESS, media_type="text/plain")
        now = int(self._now())
        content = envelope(
            format, sender=message.recipient, recipient=message.person, text=text, created=now
        )
        if account.cipher:
            encrypted = account.cipher.encrypt(content)
            timestamp, nonce = str(now), secrets.token_hex(8)
            content = sealed_envelope(
                format,
                encrypted=encrypted,
                signature=sign(account.token, timestamp, nonce, encrypted),
                timestamp=timestamp,
                nonce=nonce,
            )
        return Response(content, media_type=f"application/{format}")

    def _refuse(self, account: Account, error: Forged, started: float) -> Response:
        self._finish(account, "refused", started, reason=error.reason)
        return Response(status_code=403)

    def _finish(self, account: Account, outcome: str, started: float, **facts: Any) -> None:
        seconds = perf_counter() - started
        if self._count:
            self._count(account.name, outcome, seconds)
        milliseconds = round(seconds * 1000, 1)
        log.info("wechat", account=account.name, outcome=outcome, ms=milliseconds, **facts)

    def _now(self) -> float:
        return self._clock().timestamp()


def _open(account: Account, request: Request, body: bytes, now: float) -> _Delivery:
    """Prove the body and read it; raises ``Forged``, or ``Unreadable`` once it is proved."""
    if account.mode is Mode.PLAIN:
        check(account.token, _signature(request, "signature"), now)
        format, fields = parse(body.decode(errors="replace"))
        if "Encrypt" in fields and "MsgType" not in fields:
            raise Forged("encrypted")
        return _Delivery(format, fields)
    # In compatible mode the body holds the message twice. Only the encrypted one is signed, so the
    # clear one is not looked at, and its absence in safe mode makes no difference.
    try:
        format, outer = parse(body.decode(errors="replace"))
    except Unreadable:
        raise Forged("unreadable") from None
    encrypted = text_of(outer, "Encrypt")
    if not encrypted or account.cipher is None:
        raise Forged("clear")
    check(account.token, _signature(request, "msg_signature"), now, encrypted)
    _, fields = parse(account.cipher.decrypt(encrypted))
    return _Delivery(format, fields)


def _signature(request: Request, name: str) -> Signature:
    query = request.query_params
    return Signature(query.get(name, ""), query.get("timestamp", ""), query.get("nonce", ""))


async def _body(request: Request) -> bytes | None:
    """The body, or ``None`` when it is too large; no more than the limit is ever held."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > BODY_LIMIT:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _outcome(text: str, facts: Mapping[str, Any]) -> str:
    if facts.get("repeated"):
        return "repeated"
    if facts.get("kind") == "rate_limited":
        return "rate_limited"
    return "answered" if text else "silent"


def _place(error: BaseException) -> dict[str, str]:
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    place = " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
    known = {"detail": str(error)} if isinstance(error, DatabaseRefused) else {}
    return {"error": type(error).__name__, "at": place, **known}
