"""A platform to test against; it signs and encrypts with WeRoBot, which shares no code with us."""

import itertools
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import httpx2
import pytest
import xmltodict
from fastapi import FastAPI
from fastapi.testclient import TestClient
from werobot.crypto import MessageCrypt
from werobot.utils import get_signature

from bot.clock import CHINA
from bot.dialog.conversations import Conversations
from bot.dialog.model import Incoming, Reply, State, Turn
from bot.settings import Mode, WeChatSettings
from bot.storage.database import Database, open_sqlite
from bot.storage.vault import Vault
from bot.wechat.accounts import accounts_from
from bot.wechat.replies import fit
from bot.wechat.webhook import router

APP_ID = "wx2c2769f8efd9abc2"
TOKEN = "t0ken-of-account"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
PUBLIC_URL = "https://zwgk.example.cn"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 9, 0, tzinfo=CHINA)

    def __call__(self) -> datetime:
        return self.now

    @property
    def timestamp(self) -> int:
        return int(self.now.timestamp())

    def pass_seconds(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Dialog:
    """Repeats what it hears, with its kind; 更多 gives the rest; remembers all it was told."""

    heard: list[Incoming] = field(default_factory=list)
    replies: dict[str, Reply] = field(default_factory=dict)

    def __call__(self, incoming: Incoming, state: State | None) -> Turn:
        self.heard.append(incoming)
        if incoming.kind in {"view", "report_location", "other_event"}:
            return Turn(Reply(""), state)
        if incoming.kind in {"unsubscribe", "revoked"}:
            return Turn(Reply(""), None)
        if incoming.text == "出错":
            raise ZeroDivisionError(incoming.text)
        if incoming.text == "更多" and state and state.rest:
            return Turn(Reply(state.rest), state)
        count = int(state.last_question or 0) + 1 if state else 1
        reply = self.replies.get(incoming.text) or Reply(f"{incoming.kind}:{incoming.text}:{count}")
        return Turn(reply, replace(state or State(), last_question=str(count)))


@dataclass
class Platform:
    """Sends messages as WeChat does and reads the replies back."""

    client: TestClient
    clock: Clock
    crypt: MessageCrypt
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(6054768590064713728))

    def xml(self, type_: str = "text", person: str = "o-anna", **nodes: object) -> str:
        return xmltodict.unparse(
            {"xml": self.fields(type_, person, **nodes)}, full_document=False, pretty=True
        )

    def fields(
        self, type_: str = "text", person: str = "o-anna", **nodes: object
    ) -> dict[str, object]:
        number = {} if type_ == "event" else {"MsgId": str(next(self.numbers))}
        return {
            "ToUserName": "gh_10f6c3c3ac5a",
            "FromUserName": person,
            "CreateTime": str(self.clock.timestamp),
            "MsgType": type_,
            **number,
            **nodes,
        }

    def address(
        self, *signed: str, name: str = "signature", nonce: str = "1320562132"
    ) -> dict[str, str]:
        timestamp = str(self.clock.timestamp)
        return {
            name: get_signature(TOKEN, timestamp, nonce, *signed),
            "timestamp": timestamp,
            "nonce": nonce,
        }

    def sealed(self, body: str) -> tuple[dict[str, str], str]:
        """The address and the cipher text of ``body``."""
        encrypted = self.crypt.prp_crypto.encrypt(body, APP_ID).decode()
        address = self.address(encrypted, name="msg_signature")
        return {**self.address(), **address, "encrypt_type": "aes"}, encrypted

    def post_sealed(self, body: str) -> httpx2.Response:
        address, encrypted = self.sealed(body)
        if body.lstrip().startswith("{"):
            content = json.dumps({"ToUserName": "gh_10f6c3c3ac5a", "Encrypt": encrypted})
        else:
            content = (
                "<xml><ToUserName><![CDATA[gh_10f6c3c3ac5a]]></ToUserName>"
                f"<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
            )
        return self.post(address, content)

    def post(self, address: dict[str, str], content: str | bytes) -> httpx2.Response:
        return self.client.post("/wechat/gaoyao", params=address, content=content)

    def say(self, words: str, person: str = "o-anna") -> str:
        return self.open(self.post_sealed(self.xml(person=person, Content=words)))["Content"]

    def open(self, response: httpx2.Response) -> dict[str, str]:
        """The reply in an encrypted response, checked as the platform checks it."""
        assert response.status_code == 200
        if response.headers["content-type"].startswith("application/json"):
            outer = response.json()
        else:
            outer = xmltodict.parse(response.text)["xml"]
        inner = self.crypt.decrypt_message(
            str(outer["TimeStamp"]), outer["Nonce"], outer["MsgSignature"], outer["Encrypt"]
        ).decode()
        opened: dict[str, str] = (
            json.loads(inner) if inner.startswith("{") else xmltodict.parse(inner)["xml"]
        )
        return opened


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def dialog() -> Dialog:
    return Dialog()


@pytest.fixture
def database(sqlite_file: Path, tmp_path: Path) -> Iterator[Database]:
    database = open_sqlite(Path(shutil.copy(sqlite_file, tmp_path)), busy_seconds=0.05)
    yield database
    database.close()


@pytest.fixture
def counted() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def serve(
    clock: Clock, dialog: Dialog, database: Database, counted: list[tuple[str, str]]
) -> Callable[[Mode], Platform]:
    def serve(mode: Mode) -> Platform:
        account = WeChatSettings.model_validate(
            {
                "name": "gaoyao",
                "app_id": APP_ID,
                "token": TOKEN,
                "encoding_aes_key": KEY,
                "mode": mode,
                "area": "441204",
            }
        )
        conversations = Conversations(
            database,
            Vault("a secret of thirty-two characters"),
            dialog,
            clock,
            fit=partial(fit, public_url=PUBLIC_URL),
            messages_per_minute=1000,
        )
        app = FastAPI()
        app.include_router(
            router(
                accounts_from([account]),
                conversations,
                clock,
                lambda name, outcome, seconds: counted.append((name, outcome)),
            )
        )
        # A failure must become a reply: the client raises whatever would have been a 500.
        return Platform(TestClient(app), clock, MessageCrypt(TOKEN, KEY, APP_ID))

    return serve


@pytest.fixture
def platform(serve: Callable[[Mode], Platform]) -> Platform:
    """The platform in safe mode."""
    return serve(Mode.SAFE)
