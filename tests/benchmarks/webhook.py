"""Our webhook beside a WeRoBot echo bot; part of ``python -m tests.benchmarks``.

Alone: ``python -m tests.benchmarks.webhook [--app MODULE:APP]``. Both have two workers and get the
same encrypted, distinct messages over kept connections, in turns. Ours answers, remembers the person
and stores the reply; the peer does nothing but repeat. Without ``--app`` the whole service runs, as
``zwgk serve``.
"""

import argparse
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from werobot.crypto import MessageCrypt  # type: ignore[import-untyped]
from werobot.utils import get_signature  # type: ignore[import-untyped]

from tests.benchmarks.load import Load, send

APP_ID = "wx2c2769f8efd9abc2"
TOKEN = "t0ken-of-account"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
QUESTIONS = ("低保怎么申请", "标准目录由谁编制", "信息公开的时限是多少", "医疗救助怎么办")
CONFIG = f"""
data_dir = "{{data_dir}}"
messages_per_minute = 1000000

[[wechat]]
name = "bench"
app_id = "{APP_ID}"
token = "{TOKEN}"
encoding_aes_key = "{KEY}"
area = "441204"
"""


def requests(path: str, count: int, crypt: MessageCrypt) -> list[bytes]:
    """``count`` whole HTTP requests, each another message; 500 people ask in turn."""
    return [_request(path, number, crypt) for number in range(count)]


def _request(path: str, number: int, crypt: MessageCrypt) -> bytes:
    timestamp, nonce = str(int(time.time())), secrets.token_hex(5)
    message = (
        "<xml><ToUserName><![CDATA[gh_10f6c3c3ac5a]]></ToUserName>"
        f"<FromUserName><![CDATA[oyORnuP8q7ou2gfYjqLzSIWZ{number % 500:04}]]></FromUserName>"
        f"<CreateTime>{timestamp}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[{QUESTIONS[number % len(QUESTIONS)]}]]></Content>"
        f"<MsgId>{secrets.randbits(62)}</MsgId></xml>"
    )
    encrypted = crypt.prp_crypto.encrypt(message, APP_ID).decode()
    body = (
        "<xml><ToUserName><![CDATA[gh_10f6c3c3ac5a]]></ToUserName>"
        f"<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    ).encode()
    query = (
        f"signature={get_signature(TOKEN, timestamp, nonce)}&timestamp={timestamp}&nonce={nonce}"
        f"&encrypt_type=aes&msg_signature={get_signature(TOKEN, timestamp, nonce, encrypted)}"
    )
    head = (
        f"POST {path}?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/xml\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode()
    return head + body


@contextmanager
def serving(command: Sequence[str], port: int, environment: dict[str, str]) -> Iterator[None]:
    """Run a server until the end of the block; it is ready when it takes connections."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=output, stderr=output
        )
        try:
            _wait_for(port, process)
            yield
        except BaseException:
            output.seek(0)
            sys.stderr.buffer.write(output.read()[-4000:])
            raise
        finally:
            process.terminate()
            process.wait(20)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                time.sleep(1.5)  # the second worker
                return
        time.sleep(0.05)
    raise RuntimeError(f"no server on port {port}")


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def our_command(app: str | None, port: int, config: Path) -> list[str]:
    """What starts our service with two workers."""
    where = ["--host", "127.0.0.1", "--port", str(port), "--workers", "2"]
    if app is None:
        return [
            str(Path(sys.executable).with_name("zwgk")),
            "serve",
            "--config",
            str(config),
            *where,
        ]
    quiet = ["--no-access-log", "--log-level", "warning"]
    return [sys.executable, "-m", "uvicorn", "--factory", app, *where, *quiet]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Loads of both in each round, and ours at 50 messages a second."""

    rounds: Mapping[str, Sequence[Load]]
    paced: Load

    @property
    def rates(self) -> dict[str, float]:
        """Answers a second, the median of the rounds."""
        return {
            name: median(load.per_second for load in loads) for name, loads in self.rounds.items()
        }

    @property
    def ratio(self) -> float:
        """Our rate over the peer's."""
        return self.rates["zwgk"] / self.rates["werobot"]

    @property
    def failed(self) -> int:
        """Messages of any round without a right answer."""
        return self.paced.failed + sum(load.failed for ls in self.rounds.values() for load in ls)


def compare(
    count: int = 6000,
    rounds: int = 3,
    connections: int = 64,
    app: str | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Comparison:
    """Run both servers and send each ``count`` messages in each of ``rounds``."""
    crypt = MessageCrypt(TOKEN, KEY, APP_ID)
    ports = {"zwgk": free_port(), "werobot": free_port()}
    paths = {"zwgk": "/wechat/bench", "werobot": "/"}
    # The fastest way found to serve it: threads keep connections, which gunicorn's default cannot.
    peer = [sys.executable, "-m", "gunicorn", "--workers", "2", "--log-level", "warning"]
    peer += ["--worker-class", "gthread", "--threads", "8", "--keep-alive", "30"]
    peer += ["--bind", f"127.0.0.1:{ports['werobot']}", "tests.benchmarks.werobot_echo:application"]
    secrets_of_peer = {"PEER_TOKEN": TOKEN, "PEER_KEY": KEY, "PEER_APP_ID": APP_ID}
    with tempfile.TemporaryDirectory() as directory:
        config = Path(directory) / "zwgk.toml"
        config.write_text(CONFIG.format(data_dir=directory), encoding="utf-8")
        ours = our_command(app, ports["zwgk"], config)
        with (
            serving(ours, ports["zwgk"], {"ZWGK_CONFIG": str(config)}),
            serving(peer, ports["werobot"], secrets_of_peer),
        ):
            loads: dict[str, list[Load]] = {name: [] for name in ports}
            for name, port in ports.items():
                send(port, requests(paths[name], 400, crypt), connections)  # warm up
            for _ in range(rounds):
                for name, port in ports.items():
                    load = send(port, requests(paths[name], count, crypt), connections)
                    loads[name].append(load)
                    tell(
                        f"{name:8} {load.per_second:7.0f}/s  p50 {load.quantile(0.5):6.1f} ms"
                        f"  p99 {load.quantile(0.99):6.1f} ms  failed {load.failed}"
                    )
            made = requests(paths["zwgk"], 500, crypt)
            return Comparison(loads, send(ports["zwgk"], made, connections, pace=50))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--app", help="factory of a smaller service, such as webhook_app:app")
    parser.add_argument("--count", type=int, default=6000, help="messages a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=64)
    options = parser.parse_args()
    found = compare(options.count, options.rounds, options.connections, options.app, print)
    print(f"ratio    {found.ratio:.2f}  (at least 0.40 is wanted)")
    print(
        f"at 50/s  p50 {found.paced.quantile(0.5):.1f} ms  p99 {found.paced.quantile(0.99):.1f} ms"
        f"  failed {found.paced.failed}  (p99 of at most 100 ms is wanted)"
    )


if __name__ == "__main__":
    main()
