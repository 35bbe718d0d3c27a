"""The ledger: exact, on disk before the answer, and the same after a restart."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx2
import pytest

from bot.sandbox.file import File
from bot.sandbox.ledger import Ledger

from .conftest import DATA, TEMPLATE


@pytest.fixture
def file(tmp_path):
    file = File(tmp_path / "ledger.db")
    yield file
    file.close()


def accept(ledger, openid="o1", text="甲", key="", channel="wechat_custom", at=1, **more):
    return ledger.accept("a", openid, channel, {"text": text}, at, key=key, **more)


def test_received_by_key_and_by_content(file):
    ledger = Ledger(file)
    accept(ledger, key="push-1:o1")
    accept(ledger, "o2", text="详见 http://127.0.0.1/n/push-1")
    accept(ledger, "o3", key="push-2:o3")
    assert [message.openid for message in ledger.received("push-1")] == ["o1", "o2"]
    assert len(ledger.received()) == 3


def test_same_content_to_one_person_on_one_channel_is_a_duplicate(file):
    ledger = Ledger(file)
    accept(ledger)
    accept(ledger, "o2")
    accept(ledger, text="乙")
    accept(ledger, channel="wechat_notice")
    assert ledger.duplicates() == []
    accept(ledger, key="another key does not excuse it")
    accept(ledger)
    assert [message.openid for message in ledger.duplicates()] == ["o1", "o1"]
    assert ledger.counts() == {
        "messages": 6,
        "people": 2,
        "duplicates": 2,
        "channels": {"wechat_custom": 5, "wechat_notice": 1},
    }


def test_what_did_not_arrive_is_not_received(file):
    ledger = Ledger(file)
    accept(ledger, arrived=False)
    assert ledger.received() == []
    assert [message.arrived for message in ledger.sent("a", "o1", before=9)] == [False]


def test_references_are_all_different(file):
    ledger = Ledger(file)
    refs = {accept(ledger) for _ in range(100)}
    assert len(refs) == 100
    assert {message.ref for message in ledger.received()} == refs


def test_writers_of_one_moment_share_a_transaction_and_all_wait_for_it(tmp_path):
    path = tmp_path / "ledger.db"
    file, other = File(path), File(path)
    ledger, seen = Ledger(file), Ledger(other)

    async def write(n):
        accept(ledger, f"o{n}")
        before = len(seen.received())
        await file.settled()
        return before, len(seen.received())

    async def write_all():
        return await asyncio.gather(*(write(n) for n in range(20)))

    assert asyncio.run(write_all()) == [(0, 20)] * 20
    file.close()
    other.close()


@contextmanager
def process(path, accounts, port=0):
    command = [sys.executable, "-m", "bot.sandbox.strict", "--ledger", str(path), "--latency", "0"]
    command += ["--accounts", str(accounts), "--port", str(port), "--smtp-port", "0"]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield started, json.loads(started.stdout.readline())
    finally:
        started.kill()
        started.wait()
        started.stdout.close()


def test_all_that_was_answered_is_there_after_a_kill(tmp_path):
    path, accounts = tmp_path / "ledger.db", tmp_path / "accounts.json"
    account = {
        "name": "a",
        "app_id": "wx1",
        "token": "t",
        "encoding_aes_key": "",
        "app_secret": "s",
    }
    accounts.write_text(json.dumps([account | {"mode": "plain"}]), encoding="utf-8")
    body = {"grant_type": "client_credential", "appid": "wx1", "secret": "s"}
    answered = []

    def send(http, token, n):
        letter = {"touser": f"oMany_{n:08d}", "template_id": TEMPLATE, "data": DATA[TEMPLATE]}
        try:
            query = {"access_token": token}
            answer = http.post("/cgi-bin/message/template/send", params=query, json=letter).json()
        except httpx2.HTTPError:
            return
        answered.append((n, str(answer["msgid"])))
        if len(answered) == 200:
            os.kill(started.pid, signal.SIGKILL)

    with (
        process(path, accounts) as (started, told),
        httpx2.Client(base_url=told["address"], trust_env=False) as http,
    ):
        token = http.post("/cgi-bin/stable_token", json=body).json()["access_token"]
        many = {"account": "a", "count": 400, "prefix": "oMany_"}
        assert http.post("/sandbox/control/followers", json=many).json()["count"] == 400
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda n: send(http, token, n), range(1, 401)))
    with (
        process(path, accounts) as (_, told),
        httpx2.Client(base_url=told["address"], trust_env=False) as http,
    ):
        assert http.post("/cgi-bin/stable_token", json=body).json()["access_token"] == token
        messages = http.get("/sandbox/control/messages").json()
    kept = {(int(message["openid"][-8:]), message["ref"]) for message in messages}
    assert 200 <= len(answered) < 400
    assert set(answered) <= kept
    assert len(kept) == len(messages)
