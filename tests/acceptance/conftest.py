"""The real service: ``zwgk serve`` as a process of its own, and a platform that delivers messages to it."""

import contextlib
import http.client
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
import xmltodict
from playwright.sync_api import expect
from werobot.crypto import MessageCrypt
from werobot.utils import get_signature

from bot.wechat.webhook import APOLOGY

APP_ID = "wx2c2769f8efd9abc2"
TOKEN = "t0ken-of-account"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ZWGK = Path(sys.executable).with_name("zwgk")
expect.set_options(timeout=120_000)  # a condition is waited for as long as it may take
CONFIG = f"""
[[wechat]]
name = "office"
app_id = "{APP_ID}"
token = "{TOKEN}"
encoding_aes_key = "{KEY}"
"""


@dataclass
class Service:
    """A running ``zwgk serve``, in a process group of its own."""

    process: subprocess.Popen[bytes]
    port: int
    data_dir: Path
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **query: str) -> tuple[int, bytes]:
        address = quote(path) + (f"?{urlencode(query)}" if query else "")
        return self.send("GET", address, b"", {"Accept": "application/json"})

    def send(
        self, method: str, address: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            connection.request(method, address, body, headers or {})
            response = connection.getresponse()
            return response.status, response.read()

    def deliver(self, person: str, text: str, msg_id: int, account: str = "office") -> str:
        """One delivery in safe mode, signed afresh; returns the words of the reply."""
        status, body = self.send("POST", *parcel(person, text, msg_id, account))
        assert status == 200
        sealed = xmltodict.parse(body)["xml"]
        clear = MessageCrypt(TOKEN, KEY, APP_ID).decrypt_message(
            sealed["TimeStamp"], sealed["Nonce"], sealed["MsgSignature"], sealed["Encrypt"]
        )
        reply = xmltodict.parse(clear)["xml"]
        assert reply["ToUserName"] == person
        assert reply["Content"] != APOLOGY, self.words()[-4000:]
        return str(reply["Content"])

    def workers(self) -> list[int]:
        """The worker processes."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [
            int(pid)
            for pid in children.split()
            if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
        ]

    def kill(self) -> None:
        """As a power cut would: when it returns, no process of the service holds anything any more."""
        group = self.process.pid
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
        self.process.wait(10)
        deadline = time.monotonic() + 60
        while any(_alive(group)) and time.monotonic() < deadline:
            time.sleep(0.01)

    def words(self) -> str:
        return self.log.read_text(encoding="utf-8")


def _alive(group: int) -> Iterator[int]:
    """Processes of a group that still run; one that only waits to be asked how it ended holds no file."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, of_group = stat.read_text().rpartition(")")[2].split()[:3]
            if int(of_group) == group and state not in "ZX":
                yield int(stat.parent.name)


def parcel(
    person: str, text: str, msg_id: int, account: str = "office"
) -> tuple[str, bytes, dict[str, str]]:
    """Address, body and headers of one delivery, made by an independent implementation."""
    timestamp, nonce = str(int(time.time())), secrets.token_hex(5)
    said_at = 1_760_000_000 + msg_id % 1_000_000  # a message says it once, whenever it is delivered
    message = (
        "<xml><ToUserName><![CDATA[gh_10f6c3c3ac5a]]></ToUserName>"
        f"<FromUserName><![CDATA[{person}]]></FromUserName><CreateTime>{said_at}</CreateTime>"
        f"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{text}]]></Content>"
        f"<MsgId>{msg_id}</MsgId></xml>"
    )
    encrypted = MessageCrypt(TOKEN, KEY, APP_ID).prp_crypto.encrypt(message, APP_ID).decode()
    query = {
        "signature": get_signature(TOKEN, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "openid": person,
        "encrypt_type": "aes",
        "msg_signature": get_signature(TOKEN, timestamp, nonce, encrypted),
    }
    body = (
        "<xml><ToUserName><![CDATA[gh_10f6c3c3ac5a]]></ToUserName>"
        f"<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    )
    return f"/wechat/{account}?{urlencode(query)}", body.encode(), {"Content-Type": "text/xml"}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def start(data_dir: Path, *options: str) -> Service:
    """Start the service and wait until it is ready."""
    port, log = free_port(), data_dir / "service.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [ZWGK, "serve", "--data-dir", data_dir, "--port", str(port), *options],
            stdout=output,
            stderr=output,
            start_new_session=True,
            env={name: value for name, value in os.environ.items() if "ZWGK" not in name},
        )
    service = Service(process, port, data_dir, log)
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            if service.get("/readyz")[0] == 200:
                return service
        time.sleep(0.05)
    service.kill()
    raise AssertionError(f"the service did not start:\n{service.words()}")


@contextlib.contextmanager
def running(data_dir: Path, *options: str) -> Iterator[Service]:
    service = start(data_dir, *options)
    try:
        yield service
    finally:
        service.kill()


def command(data_dir: Path, *words: str | Path) -> Sequence[str | Path]:
    """A command line of ``zwgk`` over a data directory."""
    return [ZWGK, *words, "--data-dir", data_dir]


@pytest.fixture(scope="module")
def office_dir(builtin_dir, tmp_path_factory) -> Path:
    """A data directory with one official account, and knowledge that is already built."""
    directory = tmp_path_factory.mktemp("office") / "data"
    shutil.copytree(builtin_dir, directory)
    (directory / "zwgk.toml").write_text(CONFIG, encoding="utf-8")
    return directory
