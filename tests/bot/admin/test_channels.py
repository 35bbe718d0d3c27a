"""Channels in the console: what can be used, the switch with its reason, and who may turn it."""

import re

import pytest

from bot.deliveries import switches
from bot.officers.model import Role
from tests.bot.admin.conftest import NAMES, PASSWORD, words

HOSTILE = "<img src=x>{{ 7*7 }}\u202e"
WAY = ("wechat_notice", "trial")


@pytest.fixture
def closed(desk):
    def closed():
        with desk.database.read() as connection:
            return dict(switches.closures(connection, desk.clock()))

    return closed


def test_what_is_set_up_is_shown(desk):
    page = desk.get(Role.ADMINISTRATOR, "/channels")
    assert page.status_code == 200
    assert "订阅通知（账号 trial）" in words(page)
    assert "服务号" in words(page)
    assert desk.get(Role.LIAISON, "/channels").status_code == 403
    assert "停用全部渠道" not in desk.get(Role.DRAFTER, "/channels").text


@pytest.mark.parametrize("way", [WAY, ("sms", ""), ("", "")], ids=str)
def test_a_channel_is_closed_with_a_reason_and_opened_again(desk, closed, way):
    fields = {"channel": way[0], "account": way[1]}
    assert desk.send(Role.FINAL, "/channels/close", **fields, why="  ").status_code == 422
    assert closed() == {}
    assert desk.send(Role.FINAL, "/channels/close", **fields, why=HOSTILE).status_code == 303
    (found,) = closed().items()
    assert found[0] == way
    assert NAMES[Role.FINAL] in found[1].why
    page = desk.get(Role.DRAFTER, "/channels")
    assert "&lt;img src=x&gt;{{ 7*7 }}" in page.text
    assert "<img src=x>" not in page.text

    desk.as_(Role.REVIEWER)
    desk.clock.pass_(minutes=15)
    assert desk.send(Role.REVIEWER, "/channels/open", **fields).status_code == 422
    assert closed()
    done = desk.send(Role.REVIEWER, "/channels/open", **fields, password=PASSWORD)
    assert done.status_code == 303, done.text
    assert closed() == {}
    told = [(r.deed.action, r.deed.who) for r in desk.records.search(outcome="done", limit=9)]
    assert told.count(("channels.close", NAMES[Role.FINAL])) == 1
    assert told.count(("channels.open", NAMES[Role.REVIEWER])) == 1


def test_who_may_not_turns_no_switch(desk, closed):
    for role in (Role.DRAFTER, Role.LIAISON, Role.AUDITOR):
        sent = desk.send(role, "/channels/close", channel="sms", account="", why="x")
        assert sent.status_code == 403
    for role in (Role.FINAL, Role.DRAFTER):
        assert desk.send(role, "/channels/probe").status_code == 403
        assert desk.send(role, "/channels/menu/trial").status_code == 403
    assert closed() == {}


def test_what_there_is_not_is_said(desk, closed):
    unknown = desk.send(Role.FINAL, "/channels/close", channel="fax", account="", why="x")
    assert unknown.status_code == 422
    again = desk.send(Role.FINAL, "/channels/open", channel="sms", account="")
    assert again.status_code == 422
    assert "没有停用" in words(again)
    menu = desk.send(Role.ADMINISTRATOR, "/channels/menu/another", password=PASSWORD)
    assert menu.status_code == 404
    assert closed() == {}


def test_ids_are_used_once(desk):
    desk.send(Role.FINAL, "/channels/close", channel="sms", account="", why="x")
    desk.send(Role.FINAL, "/channels/close", channel=WAY[0], account=WAY[1], why="x")
    desk.as_(Role.ADMINISTRATOR)
    desk.clock.pass_(minutes=15)
    page = desk.get(Role.ADMINISTRATOR, "/channels").text
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
