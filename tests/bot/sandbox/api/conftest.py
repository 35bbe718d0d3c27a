"""The strict platform over real HTTP, with a clock to be moved and an account's webhook to be told."""

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
import pytest
import uvicorn
import xmltodict

from bot.sandbox.account import Account
from bot.sandbox.faults import Faults
from bot.sandbox.file import File
from bot.sandbox.followers import Followers, period
from bot.sandbox.ledger import Ledger
from bot.sandbox.rules import rule
from bot.sandbox.strict import Breakable, Front, create_app, open_strict

SERVICE = Account("fuwu", "wx00000000000000aa", "token-a", "", "plain", "secret-a", "service")
SUBSCRIPTION = Account(
    "dingyue", "wx00000000000000bb", "token-b", "", "plain", "secret-b", "subscription"
)
NOON = 1_795_233_600.0
"""2026-11-21 12:00 in China."""
CITIZEN = "oSandbox_citizen_0000000001"
CLERK = "oSandbox_clerk_000000000002"
LONG, ONCE, TEMPLATE = "sandbox-notice-long", "sandbox-notice-once", "sandbox-template"


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Platform:
    """What a test does with the platform: call it as a sender, set it up, and look at its ledger."""

    http: httpx2.Client
    path: Path
    ledger: Ledger
    clock: Clock
    account: Account = SERVICE
    tokens: dict[str, str] = field(default_factory=dict, repr=False)

    def as_(self, account: Account) -> "Platform":
        return replace(self, account=account)

    def token(self) -> str:
        known = self.tokens.get(self.account.name)
        if not known:
            known = self.tokens[self.account.name] = self.stable()["access_token"]
        return known

    def stable(self, **changes) -> dict:
        body = {
            "grant_type": "client_credential",
            "appid": self.account.app_id,
            "secret": self.account.app_secret,
            **changes,
        }
        return self.http.post("/cgi-bin/stable_token", json=body).json()

    def post(self, path: str, **body) -> dict:
        params = {"access_token": self.token()}
        return self.http.post(f"/{path}", params=params, json=body).json()

    def get(self, path: str, **params) -> dict:
        return self.http.get(f"/{path}", params={"access_token": self.token(), **params}).json()

    def control(self, path: str, **body) -> dict:
        response = self.http.post(f"/sandbox/control/{path}", json=body)
        assert response.status_code == 200, response.text
        return response.json()

    def many(self, number: int, **more) -> list[str]:
        given = {"account": self.account.name, "count": number, "prefix": "oMany_", **more}
        self.control("followers", **given)
        return [f"oMany_{n:08d}" for n in range(1, number + 1)]

    def choose(self, name: str, value: object, account: str = "") -> None:
        self.control("choices", account=account or self.account.name, name=name, value=value)

    def tap(self, kind: str, text: str = "", openid: str = CITIZEN) -> None:
        """A follower does something on the phone."""
        data = {"account": self.account.name, "follower": openid, "kind": kind, "text": text}
        assert self.http.post("/sandbox/send", data=data).status_code == 303

    def told(self, webhook: "Webhook", number: int = 1) -> list[dict]:
        """The events, as soon as there are so many; meanwhile time goes on."""

        def look() -> list[dict] | None:
            self.clock.forward(1)
            return webhook.got if len(webhook.got) >= number else None

        return wait_for(look)

    def use_up(self, name: str, subject: str = "", left: int = 0) -> None:
        """Have the count of a rule so near to its limit."""
        file = File(self.path)
        values = (
            self.account.name,
            name,
            subject,
            period(name, self.clock()),
            rule(name).limit - left,
        )
        file.write("INSERT INTO used VALUES (?, ?, ?, ?, ?)", values)
        file.close()

    def alter(self, change) -> None:
        """Change followers as only the platform could."""
        file = File(self.path)
        change(Followers(file))
        file.close()

    def notice(self, openid: str = CITIZEN, template: str = LONG, **changes) -> dict:
        body = {
            "touser": openid,
            "template_id": template,
            "page": "http://127.0.0.1/notices/1",
            "data": DATA[template],
            **changes,
        }
        return self.post("cgi-bin/message/subscribe/bizsend", **body)

    def template(self, openid: str = CITIZEN, key: str = "", **changes) -> dict:
        keyed = {"client_msg_id": key} if key else {}
        body = {
            "touser": openid,
            "template_id": TEMPLATE,
            "data": DATA[TEMPLATE],
            **keyed,
            **changes,
        }
        return self.post("cgi-bin/message/template/send", **body)

    def custom(self, openid: str = CITIZEN, content: str = "您好", **changes) -> dict:
        body = {"touser": openid, "msgtype": "text", "text": {"content": content}, **changes}
        return self.post("cgi-bin/message/custom/send", **body)

    def mass(self, **changes) -> dict:
        body = {
            "filter": {"is_to_all": True},
            "msgtype": "text",
            "text": {"content": "通知"},
            **changes,
        }
        return self.post("cgi-bin/message/mass/sendall", **body)

    def mass_to(self, openids: list[str], **changes) -> dict:
        body = {"touser": openids, "msgtype": "text", "text": {"content": "通知"}, **changes}
        return self.post("cgi-bin/message/mass/send", **body)

    def tag(self, name: str = "养老") -> dict:
        return self.post("cgi-bin/tags/create", tag={"name": name})


DATA = {
    LONG: {
        "thing1": {"value": "高龄津贴发放办法"},
        "thing2": {"value": "区民政局"},
        "date3": {"value": "2026年11月21日"},
        "thing4": {"value": "点击查看全文"},
    },
    ONCE: {"thing1": {"value": "高龄津贴"}, "time2": {"value": "2026年12月31日 17:00"}},
    TEMPLATE: {
        "thing1": {"value": "高龄津贴"},
        "phrase2": {"value": "已受理"},
        "time3": {"value": "2026-11-21 12:00"},
    },
}


class Webhook:
    """Keeps the events it is told of; ``status`` is what it says to them."""

    def __init__(self) -> None:
        self.status = 200
        self.got: list[dict] = []
        self.bodies: list[bytes] = []
        webhook = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                webhook.bodies.append(body)
                if body.startswith(b"<xml>"):
                    webhook.got.append(xmltodict.parse(body)["xml"])
                self.send_response(webhook.status)
                self.send_header("Content-Length", "7")
                self.end_headers()
                self.wfile.write(b"success")

            def log_message(self, *_) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def wait(self, number: int) -> list[dict]:
        """The events, once there are so many."""
        return wait_for(lambda: self.got if len(self.got) >= number else None)


def wait_for(look, patience: float = 60.0):
    """What ``look`` finds, as soon as it finds something."""
    end = time.monotonic() + patience
    while not (found := look()):
        assert time.monotonic() < end, "nothing came"
        time.sleep(0.01)
    return found


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    hook = Webhook()
    thread = threading.Thread(target=hook.server.serve_forever, args=(0.01,))
    thread.start()
    yield hook
    hook.server.shutdown()
    hook.server.server_close()
    thread.join()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def platform(tmp_path: Path, clock: Clock, webhook: Webhook) -> Iterator[Platform]:
    path = tmp_path / "ledger.db"
    strict = open_strict(
        path,
        [SERVICE, SUBSCRIPTION],
        webhook.address,
        now=clock,
        faults=Faults(latency=0),
        patience=2,
    )
    front = Front(create_app(strict, webhook.address, now=clock), strict.api)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(front, http=Breakable, log_level="error", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        wait_for(lambda: server.started)
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        file = File(path)
        with httpx2.Client(base_url=address, trust_env=False, verify=False, timeout=60) as http:
            yield Platform(http, path, Ledger(file), clock)
        file.close()
        server.should_exit = True
        thread.join()
