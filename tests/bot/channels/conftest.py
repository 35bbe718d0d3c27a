import socket
from collections.abc import Callable, Iterator

import pytest
import urllib3

from bot.channels.calling import Http, open_http
from bot.channels.port import Letter
from bot.channels.tokens import Tokens
from bot.channels.wechat.client import Platform, fetcher
from bot.storage.database import Database
from bot.storage.vault import Vault
from tests.fixtures.clock import Clock
from tests.fixtures.platform import APP_ID, APP_SECRET, Server, serving


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vault() -> Vault:
    return Vault("a secret of thirty-two characters")


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        server.followers |= {"o-anna", "o-ben"}
        yield server


@pytest.fixture
def http(server: Server) -> Iterator[Http]:
    with open_http(server.url, urllib3.Timeout(0.5)) as http:
        yield http


@pytest.fixture
def tokens(database: Database, vault: Vault, clock: Clock, http: Http) -> Tokens:
    return Tokens(database, vault, clock, fetcher(http, {"gaoyao": (APP_ID, APP_SECRET)}, clock))


@pytest.fixture
def platform(http: Http, tokens: Tokens, clock: Clock) -> Platform:
    return Platform(http, tokens, "gaoyao", clock)


@pytest.fixture
def letter() -> Callable[..., Letter]:
    def letter(address: str = "o-anna", **other: object) -> Letter:
        values: dict[str, object] = {
            "delivery": 1,
            "key": "push-1/anna",
            "address": address,
            "title": "高要区2026年度城乡居民基本医疗保险缴费标准的通知",
            "text": "个人缴费标准调整为每人每年 400 元。",
            "link": "https://zwgk.example.cn/notices/1",
            "fields": {"issuer": "高要区医保局", "date": "2026年11月21日"},
        }
        return Letter(**{**values, **other})  # type: ignore[arg-type]

    return letter


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
