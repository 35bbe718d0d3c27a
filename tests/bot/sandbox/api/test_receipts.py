"""Receipts by plan: in time, before the answer, late, twice, never, for a stranger."""

import json

import pytest

from bot.sandbox.faults import Receipts

from .conftest import CITIZEN, LONG, wait_for


def events(webhook, kind):
    return [event for event in webhook.got if event["Event"] == kind]


def test_receipt_of_a_template_names_the_message(platform, webhook):
    ref = platform.template()["msgid"]
    platform.clock.forward(1)
    (event,) = webhook.wait(1)
    assert event["Event"] == "TEMPLATESENDJOBFINISH"
    assert (event["MsgID"], event["Status"]) == (str(ref), "success")
    assert event["FromUserName"] == CITIZEN


def test_who_takes_no_messages_gets_none_and_the_receipt_says_so(platform, webhook):
    platform.alter(lambda followers: followers.bar("fuwu", CITIZEN, "off"))
    assert platform.template()["errcode"] == 0
    platform.clock.forward(1)
    assert webhook.wait(1)[0]["Status"] == "failed:user block"
    assert platform.ledger.received() == []


def test_receipt_of_a_notice_names_template_and_message(platform, webhook):
    platform.tap("allow", LONG)
    ref = platform.notice()["msgid"]
    platform.clock.forward(1)
    sent = wait_for(lambda: events(webhook, "subscribe_msg_sent_event"))[0]
    listed = sent["SubscribeMsgSentEvent"]["List"]
    assert listed == {
        "TemplateId": LONG,
        "MsgID": str(ref),
        "ErrorCode": "0",
        "ErrorStatus": "success",
    }


def test_consent_gestures_are_told(platform, webhook):
    platform.tap("allow", LONG)
    platform.tap("refuse", LONG)
    first, second = webhook.got
    assert first["SubscribeMsgPopupEvent"]["List"]["SubscribeStatusString"] == "accept"
    assert second["SubscribeMsgChangeEvent"]["List"] == {
        "TemplateId": LONG,
        "SubscribeStatusString": "reject",
    }


def test_early_receipt_is_there_before_the_answer(platform, webhook):
    platform.control("receipts", early=1)
    ref = platform.template()["msgid"]
    assert [event["MsgID"] for event in webhook.got] == [str(ref)]


def test_late_receipt_comes_no_sooner(platform, webhook):
    platform.control("receipts", late=1, late_seconds=3600)
    platform.template()
    platform.clock.forward(3600)
    platform.control("receipts")
    ref = platform.template(key="second")["msgid"]
    platform.clock.forward(1)
    assert len(webhook.wait(2)) == 2
    assert str(ref) in {event["MsgID"] for event in webhook.got}


def test_repeated_receipts_are_the_same(platform, webhook):
    platform.control("receipts", repeated=1, repeats=3)
    platform.template()
    platform.clock.forward(10)
    got = webhook.wait(3)
    assert len({event["MsgID"] for event in got}) == 1


def test_lost_receipt_never_comes(platform, webhook):
    platform.control("receipts", lost=1)
    platform.template()
    platform.control("receipts")
    ref = platform.template(key="second")["msgid"]
    platform.clock.forward(100)
    assert [event["MsgID"] for event in webhook.wait(1)] == [str(ref)]


def test_receipt_for_a_stranger_comes_along(platform, webhook):
    platform.control("receipts", stranger=1)
    platform.template()
    platform.clock.forward(1)
    openids = {event["FromUserName"] for event in webhook.wait(2)}
    assert openids == {CITIZEN, "oSandbox_stranger_000000000"}


def test_receipts_out_of_order(platform, webhook):
    platform.control("receipts", jitter=1000, seed=1)
    refs = [str(platform.template(key=f"k{n}")["msgid"]) for n in range(10)]
    platform.clock.forward(1001)
    got = [event["MsgID"] for event in webhook.wait(10)]
    assert sorted(got) == sorted(refs)
    assert got != refs


def test_webhook_that_is_down_is_told_three_times(platform, webhook):
    webhook.status = 500
    platform.template()
    # What became of one attempt may be written down after the clock moved: it moves on until the next one comes.
    assert wait_for(lambda: platform.clock.forward(6) or len(webhook.got) >= 3)
    assert wait_for(lambda: not platform.http.get("/sandbox/control/received").json()["events"])
    assert len(webhook.got) == 3


def test_plan_is_the_same_for_the_same_seed():
    plan = {"early": 0.1, "late": 0.2, "jitter": 3.0}
    waits = [Receipts(**plan, seed=7).wait(n) for n in range(200)]
    assert waits == [Receipts(**plan, seed=7).wait(n) for n in range(200)]
    assert waits != [Receipts(**plan, seed=8).wait(n) for n in range(200)]
    assert 5 < waits.count(0.0) < 45


@pytest.mark.parametrize("given", [{"early": "often"}, {"unknown": 1}])
def test_a_plan_that_makes_no_sense_is_refused(platform, given):
    answer = platform.http.post("/sandbox/control/receipts", content=json.dumps(given))
    assert answer.status_code == 422
