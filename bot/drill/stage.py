"""Where a drill is held: a data directory and a database of its own, the sandbox as a process of its own, and whoever hears
its receipts. Nothing of the office's is touched, and nothing is left behind."""

import json
import os
import secrets
import socket
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import make_url

from bot import bootstrap
from bot.sandbox.account import PLAIN, Account
from bot.settings import CONFIG_NAME, PREFIX, Settings, load_settings
from bot.storage.database import Database
from bot.storage.vault import Vault

from .clock import DrillClock
from .model import Choices
from .processes import DrillRefused, Process, unbroken

ACCOUNT = "drill"
TEMPLATES: Mapping[str, tuple[str, str]] = {
    "wechat_notice": (
        "sandbox-notice-long",
        'thing1 = "title", thing2 = "issuer", date3 = "=2026年11月21日", thing4 = "why"',
    ),
    "wechat_template": (
        "sandbox-template",
        'thing1 = "title", phrase2 = "=已发布", time3 = "=2026年11月21日"',
    ),
}
"""Channel → the sandbox's template for it, and what that is filled with."""

HEARING = "bot.drill.hearing"
SANDBOX = "bot.sandbox.strict"
LOG = "drill.log"
PACE = 100_000
"""Letters a second that the drill allows itself: how fast the sandbox is, is measured, not asked."""

_NOWHERE = "http://127.0.0.1:9"
"""The platform's address as long as it has none."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The parts of one drill. ``environment`` is what its processes are started with."""

    folder: Path
    environment: Mapping[str, str]
    settings: Settings
    database: Database
    vault: Vault
    clock: DrillClock
    sandbox: "Sandbox"

    @property
    def log(self) -> Path:
        """Where the processes say what went wrong."""
        return self.folder / LOG


class Sandbox:
    """The strict sandbox as its controls show it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._http = httpx2.Client(base_url=f"{address}/sandbox/control", timeout=120)

    def set(self, what: str, **given: Any) -> Any:
        """Tell it to be so (followers, faults, receipts, …)."""
        return self._http.post(f"/{what}", json=given).raise_for_status().json()

    def ask(self, what: str) -> Any:
        """What it knows (received, messages, duplicates)."""
        return self._http.get(f"/{what}").raise_for_status().json()

    def received(self) -> dict[str, int]:
        """How many messages it has taken, by openid."""
        found: dict[str, int] = {}
        for message in self.ask("messages"):
            found[message["openid"]] = found.get(message["openid"], 0) + 1
        return found

    def close(self) -> None:
        """Let go of its connections."""
        self._http.close()


@contextmanager
def staged(choices: Choices, start: float, server: str = "") -> Iterator[Stage]:
    """A stage for ``choices``, taken down afterwards whatever happens.

    ``start``: when the drill's time begins. ``server``: the address of a PostgreSQL, where a database of the drill's
    own is made and dropped; SQLite without one.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="zwgk-drill-")))
        url = stack.enter_context(_database_at(server)) if server else ""
        environment = _environment(folder, url)
        clock, account = DrillClock(start, choices.speed), _account()
        _write_settings(folder, account, choices.channel, _NOWHERE)
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=1024))
        # Both begin at once: either needs seconds until it is ready.
        with unbroken():
            hearing = _hearing(listening, clock, environment, folder)
            stack.callback(hearing.kill)
        webhook = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with unbroken():
            platform = _platform(account, choices, webhook, environment, folder)
            stack.callback(platform.kill)
        sandbox = Sandbox(json.loads(platform.line())["address"])
        stack.callback(sandbox.close)
        hearing.line()
        _write_settings(folder, account, choices.channel, f"{sandbox.address}/sandbox/api")
        settings = load_settings(None, environment)
        database, vault = bootstrap.operations(settings)
        stack.callback(database.close)
        yield Stage(folder, environment, settings, database, vault, clock, sandbox)


def _environment(folder: Path, url: str) -> Mapping[str, str]:
    """That of this process without anything that concerns the office's own installation."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return kept | {
        f"{PREFIX}DATA_DIR": str(folder),
        **({f"{PREFIX}DATABASE_URL": url} if url else {}),
    }


def _account() -> Account:
    return Account(
        ACCOUNT,
        "wx" + secrets.token_hex(8),
        secrets.token_hex(16),
        "",
        PLAIN,
        app_secret=secrets.token_hex(16),
    )


def _write_settings(folder: Path, account: Account, channel: str, api_url: str) -> None:
    template, fields = TEMPLATES[channel]
    (folder / CONFIG_NAME).write_text(
        f"""
public_url = "http://127.0.0.1:8000"

[[wechat]]
name = "{account.name}"
app_id = "{account.app_id}"
app_secret = "{account.app_secret}"
token = "{account.token}"
mode = "plain"
kind = "service"
area = "441204"
api_url = "{api_url}"

[[channel]]
kind = "{channel}"
account = "{account.name}"
template = "{template}"
fields = {{ {fields} }}
per_second = {PACE}
""",
        encoding="utf-8",
    )


def _hearing(
    listening: socket.socket, clock: DrillClock, environment: Mapping[str, str], folder: Path
) -> Process:
    arguments = ["--clock", str(clock), "--socket", str(listening.fileno())]
    return Process(HEARING, arguments, environment, folder / LOG, [listening])


def _platform(
    account: Account,
    choices: Choices,
    webhook: str,
    environment: Mapping[str, str],
    folder: Path,
) -> Process:
    accounts = folder / "accounts.json"
    accounts.write_text(json.dumps([asdict(account)]), encoding="utf-8")
    arguments = ["--port", "0", "--ledger", str(folder / "sandbox.db"), "--webhook", webhook]
    arguments += ["--accounts", str(accounts), "--latency", str(choices.latency)]
    return Process(SANDBOX, arguments, environment, folder / LOG)


@contextmanager
def _database_at(server: str) -> Iterator[str]:
    """A new database of PostgreSQL, dropped at the end; one that is there already is never touched."""
    try:
        import psycopg
    except ModuleNotFoundError as error:
        raise DrillRefused(
            "没有安装 PostgreSQL 驱动。请先运行 pip install 'zwgk[postgres]'。"
        ) from error
    address = make_url(server).set(drivername="postgresql")
    name = f"zwgk_drill_{secrets.token_hex(6)}"
    try:
        connection = psycopg.connect(
            address.render_as_string(hide_password=False), autocommit=True, connect_timeout=5
        )
    except psycopg.Error:
        # The error may repeat the address with its password.
        raise DrillRefused(
            "连不上 PostgreSQL。请核对 ZWGK_DATABASE_URL，并确认数据库在运行。"
        ) from None
    with connection:
        try:
            connection.execute(f"CREATE DATABASE {name}".encode())
        except psycopg.Error:
            raise DrillRefused(
                "建不了演练用的数据库。请给数据库用户 CREATEDB 权限，或用 --database sqlite 演练。"
            ) from None
        try:
            yield address.set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
