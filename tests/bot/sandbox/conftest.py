"""A webhook made with another project's crypto (WeRoBot), served for real on a loopback port."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from werobot.crypto import MessageCrypt
from werobot.parser import parse_user_msg, parse_xml

from bot.sandbox import routes
from bot.sandbox.account import Account
from bot.sandbox.world import open_world

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
SAFE = Account("safe", "wx0123456789abcdef", "sandbox-token", KEY, "safe")
COMPATIBLE = Account("compatible", "wxcompatible000001", "token-two", KEY, "compatible")
PLAIN = Account("plain", "wxplain00000000001", "token-three", "", "plain")
ACCOUNTS = (SAFE, COMPATIBLE, PLAIN)
NOW = 1_760_000_000
PATIENCE = 1.0
"""Seconds; slow answers take longer."""
MENU_TEXT = (
    "请选择：\n"
    '<a href="weixin://bizmsgmenu?msgmenucontent=低保%20标准&msgmenuid=2">1. 低保</a>\n'
    '<a href="http://127.0.0.1:9/faq/a-1">看原文</a>'
)
MENU = (routes.MenuButton("问政策", "ASK"), routes.MenuButton("换地区", "AREA"))


def text_reply(fields, content) -> str:
    return (
        f"<xml><ToUserName><![CDATA[{fields['FromUserName']}]]></ToUserName>"
        f"<FromUserName><![CDATA[{fields['ToUserName']}]]></FromUserName>"
        f"<CreateTime>{NOW}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[{content}]]></Content></xml>"
    )


class Webhook:
    """Answers by the words of the message; keeps what it got."""

    def __init__(self) -> None:
        self.got: list[dict[str, str]] = []

    async def answer(self, account: Account, fields: dict[str, str]) -> Response | str:
        self.got.append(fields)
        said = fields.get("Content") or fields.get("Recognition") or fields.get("EventKey") or ""
        times = sum(1 for one in self.got if one.get("MsgId") == fields.get("MsgId"))
        if said == "慢":
            await asyncio.sleep(1.3)
        if said == "前两次慢" and times < 3:
            await asyncio.sleep(1.3)
        if said == "坏":
            return Response(status_code=500)
        if said == "网页":
            return Response('{"msg": "ok"}', media_type="application/json")
        if said == "沉默":
            return Response("success")
        if said == "明文":
            return Response(text_reply(fields, "没有加密"))
        if said == "超长":
            return text_reply(fields, "政" * 700)
        if said == "健忘":
            return text_reply(fields, f"第 {times} 次")
        if said == "菜单":
            return text_reply(fields, MENU_TEXT)
        return text_reply(fields, f"收到{fields['MsgType']}：{said}")

    async def post(self, account: Account, request: Request) -> Response:
        body, query = await request.body(), request.query_params
        if account.mode == "plain":
            given = await self.answer(account, dict(parse_xml(body)))
            return given if isinstance(given, Response) else Response(given)
        crypt = MessageCrypt(account.token, account.encoding_aes_key, account.app_id)
        sealed = parse_xml(body)["Encrypt"]
        clear = crypt.decrypt_message(
            query["timestamp"], query["nonce"], query["msg_signature"], sealed
        )
        assert parse_user_msg(clear) is not None
        given = await self.answer(account, dict(parse_xml(clear)))
        if isinstance(given, Response):
            return given
        return Response(crypt.encrypt_message(given))


def service(webhook: Webhook, base_url: str, patience: float, ledger: Path) -> FastAPI:
    app = FastAPI()
    world = open_world(ledger, ACCOUNTS, NOW)
    named = {account.name: account for account in ACCOUNTS}

    @app.get("/wechat/{name}")
    def verify(name: str, echostr: str) -> Response:
        return Response(echostr if name != "plain" else f'"{echostr}"')

    @app.post("/wechat/{name}")
    async def push(name: str, request: Request) -> Response:
        return await webhook.post(named[name], request)

    app.include_router(
        routes.router(world, base_url, now=lambda: NOW, menu=MENU, patience=patience)
    )
    return app


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Webhook, str]]:
    """The webhook and the sandbox before it, on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        webhook, base_url = Webhook(), f"http://127.0.0.1:{listening.getsockname()[1]}"
        app = service(webhook, base_url, PATIENCE, tmp_path_factory.mktemp("sandbox") / "s.db")
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none"))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield webhook, base_url
        server.should_exit = True
        thread.join()


@pytest.fixture
def webhook(served: tuple[Webhook, str]) -> Webhook:
    webhook = served[0]
    webhook.got.clear()
    return webhook


@pytest.fixture
def browser(served: tuple[Webhook, str]) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=served[1], follow_redirects=True, trust_env=False) as client:
        yield client
