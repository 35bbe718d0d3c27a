"""``zwgk worker`` at the command line."""

import json

import pytest


@pytest.fixture(autouse=True)
def of_its_own(office, monkeypatch, zwgk):
    monkeypatch.setenv("ZWGK_DATA_DIR", str(office))


def test_a_channel_is_closed_with_a_reason_and_opened_again(zwgk):
    assert zwgk("worker", "channel", "list")[1] == "没有停用的渠道。\n"
    status, out, _ = zwgk("worker", "channel", "close", "sms", "--reason", "签名被停")
    assert (status, "已停用短信" in out) == (0, True)

    listed = json.loads(zwgk("worker", "channel", "list", "--json")[1])
    assert listed == [{"channel": "sms", "account": "", "why": "签名被停", "until": None}]
    assert "签名被停" in zwgk("worker", "channel", "list")[1]

    assert zwgk("worker", "channel", "open", "sms")[0] == 0
    assert zwgk("worker", "channel", "list")[1] == "没有停用的渠道。\n"


def test_all_channels_are_closed_at_once(zwgk):
    zwgk("worker", "channel", "close", "all", "--reason", "内容有误")
    (closed,) = json.loads(zwgk("worker", "channel", "list", "--json")[1])
    assert closed["channel"] == "all"


def test_what_cannot_be_done_is_said(refused):
    assert "没有“短信”" in refused("worker", "channel", "close", "短信", "--reason", "x")
    assert "原因" in refused("worker", "channel", "close", "sms", "--reason", " ")
    assert "没有停用" in refused("worker", "channel", "open", "sms")
    assert "还没有设置发送渠道" in refused("worker", "--once")
