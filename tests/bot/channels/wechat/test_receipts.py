from typing import Any

import pytest
import xmltodict
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.port import Fate
from bot.channels.wechat.receipts import EVENTS, Consent, Told, Totals, is_told, read


def event(name: str, **nodes: Any) -> dict[str, Any]:
    fields = {
        "ToUserName": "gh_1",
        "FromUserName": "o-anna",
        "CreateTime": "1610969440",
        "MsgType": "event",
        "Event": name,
        **nodes,
    }
    # through XML and back, as it comes
    parsed: dict[str, Any] = xmltodict.parse(xmltodict.unparse({"xml": fields}))["xml"]
    return parsed


@pytest.mark.parametrize(
    ("status", "fate"),
    [
        ("success", Fate.DELIVERED),
        ("failed:user block", Fate.UNDELIVERED),
        ("failed: system failed", Fate.UNDELIVERED),
    ],
)
def test_a_template_message_is_told_by_its_number(status: str, fate: Fate) -> None:
    fields = event("TEMPLATESENDJOBFINISH", MsgID="200163836", Status=status)
    [receipt] = read("gaoyao", fields).receipts
    assert (receipt.channel, receipt.account, receipt.ref) == (
        "wechat_template",
        "gaoyao",
        "200163836",
    )
    assert receipt.fate is fate
    assert bool(receipt.why) == (fate is Fate.UNDELIVERED)
    assert read("gaoyao", fields).receipts[0].event == receipt.event


def test_notices_come_one_or_many_in_an_event() -> None:
    one = {
        "TemplateId": "t",
        "MsgID": "1700827132819554304",
        "ErrorCode": "0",
        "ErrorStatus": "success",
    }
    two = {**one, "MsgID": "1700827132819554305", "ErrorCode": "-1", "ErrorStatus": "system failed"}
    single = event("subscribe_msg_sent_event", SubscribeMsgSentEvent={"List": one})
    several = event("subscribe_msg_sent_event", SubscribeMsgSentEvent={"List": [one, two]})
    [receipt] = read("gaoyao", single).receipts
    assert (receipt.channel, receipt.ref, receipt.fate) == (
        "wechat_notice",
        "1700827132819554304",
        Fate.DELIVERED,
    )
    assert [each.fate for each in read("gaoyao", several).receipts] == [
        Fate.DELIVERED,
        Fate.UNDELIVERED,
    ]
    assert len({each.event for each in read("gaoyao", several).receipts}) == 2


def test_of_a_mass_sending_only_totals_come() -> None:
    counts = {"TotalCount": "100", "FilterCount": "80", "SentCount": "75", "ErrorCount": "5"}
    fields = event("MASSSENDJOBFINISH", MsgID="1000001625", Status="send success", **counts)
    assert read("gaoyao", fields) == Told(
        totals=(Totals("gaoyao", "1000001625", "send success", 100, 80, 75, 5, ""),)
    )


def test_a_mass_sending_nobody_confirmed_is_told() -> None:
    fields = event("MASSSENDJOBFINISH", MsgID="1000001625", Status="err(40002)")
    [totals] = read("gaoyao", fields).totals
    assert "30 分钟" in totals.failure
    assert (totals.total, totals.sent) == (0, 0)


def test_consents_are_given_and_taken_back() -> None:
    rows = [
        {"TemplateId": "t1", "SubscribeStatusString": "accept", "PopupScene": "2"},
        {"TemplateId": "t2", "SubscribeStatusString": "reject", "PopupScene": "2"},
    ]
    asked = event("subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": rows})
    assert read("gaoyao", asked).consents == (
        Consent("gaoyao", "o-anna", "t1", True, "2", 1610969440),
        Consent("gaoyao", "o-anna", "t2", False, "2", 1610969440),
    )
    row = {"TemplateId": "t1", "SubscribeStatusString": "reject"}
    changed = event("subscribe_msg_change_event", SubscribeMsgChangeEvent={"List": row})
    assert [consent.given for consent in read("gaoyao", changed).consents] == [False]
    assert "o-anna" not in repr(read("gaoyao", changed))


def test_as_json_the_rows_stand_at_the_top() -> None:
    row = {"TemplateId": "t1", "SubscribeStatusString": "accept", "PopupScene": "0"}
    fields = {"FromUserName": "o-anna", "MsgType": "event", "CreateTime": 1620973045}
    fields |= {"Event": "subscribe_msg_popup_event", "List": [row]}
    assert [consent.given for consent in read("gaoyao", fields).consents] == [True]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"MsgType": "text", "Event": "TEMPLATESENDJOBFINISH", "MsgID": "1", "Status": "success"},
        event("subscribe"),
        event("TEMPLATESENDJOBFINISH"),
        event("TEMPLATESENDJOBFINISH", MsgID="<x>", Status="success"),
        event("subscribe_msg_sent_event", SubscribeMsgSentEvent=None),
        event("subscribe_msg_sent_event", SubscribeMsgSentEvent={"List": ["x", None]}),
        event("subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": {"TemplateId": "t"}}),
        event("MASSSENDJOBFINISH", MsgID={"a": "b"}, Status="send success"),
    ],
)
def test_what_makes_no_sense_tells_nothing(fields: dict[str, Any]) -> None:
    assert read("gaoyao", fields) == Told()


def test_only_these_events_are_ours() -> None:
    assert is_told(event("subscribe_msg_popup_event"))
    assert not is_told(event("CLICK", EventKey="help"))


_NAMES = ["MsgType", "Event", "MsgID", "Status", "List", "FromUserName", "CreateTime"]
_NAMES += [
    "SubscribeMsgSentEvent",
    "TemplateId",
    "SubscribeStatusString",
    "ErrorCode",
    "TotalCount",
]
_WORDS = st.sampled_from(["event", "1", "success", "accept", *sorted(EVENTS)]) | st.text(max_size=5)
_VALUES = st.recursive(
    _WORDS | st.none() | st.integers() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_NAMES), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(_NAMES), _VALUES))
def test_whatever_comes_is_read_or_left(fields: dict[str, Any]) -> None:
    told = read("gaoyao", {"MsgType": "event", **fields})
    assert all(receipt.ref.isdigit() for receipt in told.receipts)
    assert all(consent.openid and consent.template for consent in told.consents)
