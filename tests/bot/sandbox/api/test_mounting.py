"""Where the interface can be reached, by whom, and how a connection breaks where the server cannot break it."""

import asyncio

import pytest

from bot.sandbox.faults import Fault, Faults, Kind
from bot.sandbox.strict import open_strict

from .conftest import NOON, SERVICE


def test_interface_is_at_the_root_and_beside_the_pages(platform):
    params = {"access_token": platform.token()}
    for path in ("/cgi-bin/tags/get", "/sandbox/api/cgi-bin/tags/get"):
        assert platform.http.get(path, params=params).json() == {"tags": []}


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "received"), ("GET", "messages"), ("POST", "followers")]
)
def test_other_sites_have_no_control(platform, method, path):
    headers = {"Sec-Fetch-Site": "cross-site"}
    body = {"account": "fuwu", "count": 1} if method == "POST" else None
    address = f"/sandbox/control/{path}"
    assert platform.http.request(method, address, json=body, headers=headers).status_code == 403


def test_accounts_that_do_not_exist_are_not_set_up(platform):
    body = {"account": "nobody", "count": 1}
    assert platform.http.post("/sandbox/control/followers", json=body).status_code == 404


def test_an_answer_is_cut_off_where_the_server_cannot_break_the_connection(tmp_path):
    faults = Faults([Fault("/", Kind.RESET_AFTER, calls=(1,))], latency=0)
    strict = open_strict(tmp_path / "l.db", [SERVICE], "", now=lambda: NOON, faults=faults)
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"{}"}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/cgi-bin/stable_token",
        "query_string": b"",
        "headers": [],
        "client": ("127.0.0.1", 1),
    }

    async def call():
        await strict.api(scope, receive, send)

    asyncio.run(call())
    strict.world.file.close()
    assert [message["type"] for message in sent] == ["http.response.start"]
    assert dict(sent[0]["headers"])[b"content-length"] == b"100"


def test_without_a_webhook_events_wait(tmp_path):
    strict = open_strict(tmp_path / "l.db", [SERVICE], "", now=lambda: NOON)
    strict.world.outbox.template_sent(SERVICE, "o", "1", "success", NOON - 60)

    async def run():
        async with strict.running():
            await asyncio.sleep(0.2)
            return strict.world.outbox.open()

    assert asyncio.run(run()) == 1
