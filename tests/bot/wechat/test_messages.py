import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wechat.messages import UNSUPPORTED, Format, Message, Unreadable, parse, read

HEAD = (
    "<ToUserName><![CDATA[gh_0]]></ToUserName><FromUserName><![CDATA[o-anna]]></FromUserName>"
    "<CreateTime>1348831860</CreateTime>"
)
TEXT = "<MsgType>text</MsgType><Content>a</Content>"
MESSAGES = [
    ("text", "<Content><![CDATA[ 低保 ]]></Content>", "text", "低保"),
    ("text", "<Content></Content>", "text", ""),
    ("text", "", "text", ""),
    ("text", "<Content>满意</Content><bizmsgmenuid>101</bizmsgmenuid>", "text", "满意"),
    ("text", "<Content>a</Content><MsgDataId>x</MsgDataId><Idx>x</Idx>", "text", "a"),
    ("text", f"<Content>{UNSUPPORTED}</Content>", "unsupported", ""),
    ("TEXT", "<Content>a</Content>", "text", "a"),
    ("voice", "<MediaId>m</MediaId><Recognition>低保</Recognition>", "voice", "低保"),
    ("voice", "<MediaId>m</MediaId><Format>amr</Format>", "voice", ""),
    ("image", "<PicUrl>http://a.cn</PicUrl><MediaId>m</MediaId>", "image", ""),
    ("video", "<MediaId>m</MediaId>", "video", ""),
    ("shortvideo", "<MediaId>m</MediaId>", "video", ""),
    ("location", "<Location_X>23.1</Location_X><Label>高要区</Label>", "location", ""),
    ("link", "<Title>t</Title><Url>http://a.cn</Url>", "link", ""),
    ("file", "<Title>t.zip</Title><FileKey>k</FileKey>", "file", ""),
    ("miniprogrampage", "<Title>t</Title>", "unsupported", ""),
    ("of-tomorrow", "<Content>a</Content>", "unsupported", ""),
]
EVENTS = [
    ("subscribe", "", "subscribe", ""),
    ("subscribe", "<EventKey></EventKey>", "subscribe", ""),
    ("subscribe", "<EventKey>qrscene_town-3</EventKey><Ticket>T</Ticket>", "subscribe", "town-3"),
    ("subscribe", "<EventKey>last_trade_no_400</EventKey>", "subscribe", ""),
    ("unsubscribe", "<EventKey></EventKey>", "unsubscribe", ""),
    ("SCAN", "<EventKey>town-3</EventKey><Ticket>T</Ticket>", "scan", "town-3"),
    ("CLICK", "<EventKey>menu</EventKey>", "click", "menu"),
    ("VIEW", "<EventKey>http://a.cn</EventKey><MenuId>1</MenuId>", "view", "http://a.cn"),
    ("LOCATION", "<Latitude>23.1</Latitude><Longitude>113.3</Longitude>", "report_location", ""),
    ("TEMPLATESENDJOBFINISH", "<MsgID>1</MsgID><Status>success</Status>", "other_event", ""),
    ("PUBLISHJOBFINISH", "<P><fail_idx>1</fail_idx><fail_idx>2</fail_idx></P>", "other_event", ""),
    ("subscribe_msg_popup_event", "<S><List><T>t</T></List></S>", "other_event", ""),
    ("kf_create_session", "<KfAccount>a@b</KfAccount>", "other_event", ""),
    ("user_info_modified", "<OpenID>o-ben</OpenID>", "other_event", ""),
    ("of_tomorrow", "", "other_event", ""),
    ("", "", "other_event", ""),
]


def xml(inner: str) -> str:
    return f"<xml>{HEAD}{inner}</xml>"


def message(body: str, app_id: str = "wx1") -> Message:
    _, fields = parse(body)
    return read(fields, app_id, "441204")


def key(inner: str, head: str = HEAD) -> str:
    return message(f"<xml>{head}{inner}</xml>").key


@pytest.mark.parametrize(("type_", "nodes", "kind", "text"), MESSAGES)
def test_message_types(type_: str, nodes: str, kind: str, text: str) -> None:
    read = message(xml(f"<MsgType>{type_}</MsgType>{nodes}<MsgId>1</MsgId>"))

    assert (read.incoming.kind, read.incoming.text) == (kind, text)
    assert (read.person, read.recipient, read.incoming.area) == ("o-anna", "gh_0", "441204")


@pytest.mark.parametrize(("event", "nodes", "kind", "text"), EVENTS)
def test_events(event: str, nodes: str, kind: str, text: str) -> None:
    read = message(xml(f"<MsgType>event</MsgType><Event>{event}</Event>{nodes}"))

    assert (read.incoming.kind, read.incoming.text) == (kind, text)


@pytest.mark.parametrize("event", ["user_authorization_revoke", "user_authorization_cancellation"])
def test_taken_back_grant_forgets_the_person_named_apart(event: str) -> None:
    read = message(
        xml(f"<MsgType>event</MsgType><Event>{event}</Event><OpenID>o-ben</OpenID><AppID>x</AppID>")
    )

    assert (read.person, read.incoming.kind) == ("o-ben", "revoked")


def test_json_and_xml_say_the_same() -> None:
    body = {
        "ToUserName": "gh_0",
        "FromUserName": "o-anna",
        "CreateTime": 1348831860,
        "MsgType": "text",
        "Content": "低保",
        "MsgId": 6054768590064713728,
    }
    of_xml = "<MsgType>text</MsgType><Content>低保</Content><MsgId>6054768590064713728</MsgId>"

    format, _ = parse(json.dumps(body))
    assert format is Format.JSON
    assert message(json.dumps(body)) == message(xml(of_xml))


@pytest.mark.parametrize("odd", ["\x00", "\x08", "\x0b", "\x1f", "\ufffe", "\uffff"])
def test_control_characters_are_removed(odd: str) -> None:
    read = message(xml(f"<MsgType>text</MsgType><Content><![CDATA[低{odd}保]]></Content>"))

    assert read.incoming.text == "低保"


def test_control_characters_written_as_json_escapes_are_removed() -> None:
    body = '{"MsgType": "text", "FromUserName": "o", "Content": "\\u0000\\ud800低\\u000b保"}'

    assert message(body).incoming.text == "低保"


@pytest.mark.parametrize(
    "inner",
    [
        "<MsgType>text</MsgType><MsgType>image</MsgType><Content>a</Content>",
        "<MsgType>text</MsgType><Content>a</Content><Content>b</Content>",
        '<MsgType>text</MsgType><Content kind="x">a</Content>',
        "<MsgType>text</MsgType><Content>a</Content>stray",
    ],
)
def test_repeated_nodes_give_their_first(inner: str) -> None:
    assert message(xml(inner)).incoming.text == "a"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "garbage",
        "<xml>",
        "<xml/>",
        "<html><MsgType>text</MsgType></html>",
        xml("<Content>a</Content>"),
        "<xml><MsgType>text</MsgType></xml>",
        '<!DOCTYPE x [<!ENTITY a "b">]><xml><MsgType>&a;</MsgType></xml>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><xml><MsgType>&a;</MsgType></xml>',
        "{",
        "{}",
        "[1]",
        '{"MsgType": []}',
        '{"MsgType": null}',
        '{"a":' * 30_000,
    ],
)
def test_what_the_platform_never_sends_is_unreadable(body: str) -> None:
    with pytest.raises(Unreadable):
        message(body)


@given(st.text())
def test_no_body_raises_anything_else(body: str) -> None:
    for each in (body, f"<xml>{body}</xml>", xml(f"{TEXT}<Content>{body}</Content>"), f"{{{body}"):
        try:
            message(each)
        except Unreadable:
            continue


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_no_json_value_raises_anything_else(value: object) -> None:
    body = dict.fromkeys(("MsgType", "Event", "EventKey", "Content", "MsgId"), value)
    try:
        message(json.dumps({**body, "FromUserName": "o-anna"}))
    except Unreadable:
        return
    assert message(json.dumps({**body, "FromUserName": "o-anna"})).person == "o-anna"


def test_key_is_the_same_in_each_delivery() -> None:
    assert key(TEXT + "<MsgId>1</MsgId>") == key(TEXT + "<MsgId>1</MsgId>")
    assert key("<MsgType>event</MsgType>") == key("<MsgType>event</MsgType>")


def test_key_tells_messages_apart() -> None:
    ben = HEAD.replace("o-anna", "o-ben")
    later = HEAD.replace("1348831860", "1348831861")
    keys = [
        key(TEXT + "<MsgId>1</MsgId>"),
        key(TEXT + "<MsgId>2</MsgId>"),
        key(TEXT + "<MsgId>1</MsgId>", ben),
        key(TEXT + "<MsgId>1</MsgId>", later),
        message(xml(TEXT + "<MsgId>1</MsgId>"), "wx2").key,
    ]

    assert len(set(keys)) == len(keys)


def test_key_tells_events_of_one_second_apart() -> None:
    event = "<MsgType>event</MsgType><Event>{}</Event>{}".format
    inners = [
        event("CLICK", "<EventKey>a</EventKey>"),
        event("CLICK", "<EventKey>b</EventKey>"),
        event("SCAN", "<EventKey>a</EventKey><Ticket>1</Ticket>"),
        event("SCAN", "<EventKey>a</EventKey><Ticket>2</Ticket>"),
        event("TEMPLATESENDJOBFINISH", "<MsgID>1</MsgID>"),
        event("TEMPLATESENDJOBFINISH", "<MsgID>2</MsgID>"),
        event("subscribe_msg_change_event", "<S><List><TemplateId>1</TemplateId></List></S>"),
        event("subscribe_msg_change_event", "<S><List><TemplateId>2</TemplateId></List></S>"),
        event("subscribe", ""),
        event("LOCATION", "<Latitude>1</Latitude>"),
    ]

    assert len({key(inner) for inner in inners}) == len(inners)
