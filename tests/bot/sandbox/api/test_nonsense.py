"""Whatever is sent, the platform answers: a refusal by one of its rules, never an accident."""

import json
from types import MappingProxyType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.sandbox.api.call import Call
from bot.sandbox.api.server import ROUTES
from bot.sandbox.rules import Denied
from bot.sandbox.sms import aliyun, tencent
from bot.sandbox.world import open_world

from .conftest import CITIZEN, DATA, LONG, NOON, ONCE, SERVICE, TEMPLATE

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 9),
    st.sampled_from([2**31, 2**64]),
    st.floats(allow_nan=False),
    st.sampled_from([CITIZEN, LONG, ONCE, TEMPLATE, "text", "news", "mpnews", "msgmenu", "", "1"]),
    st.text(max_size=8),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
TEXT = {"msgtype": "text", "text": {"content": "您好"}}
NEWS = {"articles": [{"title": "政策", "url": "http://127.0.0.1/"}]}
MENU = {"head_content": "", "list": [{"id": "1", "content": "好"}], "tail_content": ""}
BUTTONS = [
    {"name": "一", "type": "click", "key": "k"},
    {"name": "二", "sub_button": [{"name": "三", "type": "view", "url": "http://127.0.0.1/"}]},
]
TAG = {"id": 100, "name": "养老"}
PEOPLE = ["oSandbox_clerk_000000000002", CITIZEN]
WELL: dict[str, list[dict]] = {
    "/cgi-bin/message/subscribe/bizsend": [
        {"touser": CITIZEN, "template_id": LONG, "page": "", "data": DATA[LONG]}
    ],
    "/wxaapi/newtmpl/addtemplate": [{"tid": "9", "kidList": [1, 2], "sceneDesc": ""}],
    "/wxaapi/newtmpl/deltemplate": [{"priTmplId": "gone"}],
    "/cgi-bin/message/template/send": [
        {
            "touser": CITIZEN,
            "template_id": TEMPLATE,
            "url": "",
            "client_msg_id": "k",
            "data": DATA[TEMPLATE],
        }
    ],
    "/cgi-bin/template/del_private_template": [{"template_id": "gone"}],
    "/cgi-bin/message/custom/send": [
        {"touser": CITIZEN, **TEXT},
        {"touser": CITIZEN, "msgtype": "news", "news": NEWS},
        {"touser": CITIZEN, "msgtype": "msgmenu", "msgmenu": MENU},
        {"touser": CITIZEN, "msgtype": "image", "image": {"media_id": "m"}},
    ],
    "/cgi-bin/message/mass/sendall": [
        {"filter": {"is_to_all": False, "tag_id": 100}, "clientmsgid": "k", **TEXT},
        {"filter": {"is_to_all": True}, "msgtype": "mpnews", "mpnews": {"media_id": "m"}},
    ],
    "/cgi-bin/message/mass/send": [{"touser": PEOPLE, **TEXT}],
    "/cgi-bin/message/mass/preview": [{"touser": CITIZEN, **TEXT}],
    "/cgi-bin/message/mass/get": [{"msg_id": "1"}],
    "/cgi-bin/message/mass/delete": [{"msg_id": 1, "article_idx": 0}],
    "/cgi-bin/draft/add": [{"articles": [{"title": "政策", "content": "全文"}]}],
    "/cgi-bin/tags/create": [{"tag": {"name": "养老"}}],
    "/cgi-bin/tags/update": [{"tag": TAG}],
    "/cgi-bin/tags/delete": [{"tag": {"id": 9}}],
    "/cgi-bin/tags/members/batchtagging": [{"tagid": 100, "openid_list": PEOPLE}],
    "/cgi-bin/tags/members/batchuntagging": [{"tagid": 100, "openid_list": PEOPLE}],
    "/cgi-bin/tags/getidlist": [{"openid": CITIZEN}],
    "/cgi-bin/user/tag/get": [{"tagid": 100, "next_openid": ""}],
    "/cgi-bin/qrcode/create": [
        {
            "action_name": "QR_STR_SCENE",
            "action_info": {"scene": {"scene_str": "s"}},
            "expire_seconds": 60,
        },
        {"action_name": "QR_LIMIT_SCENE", "action_info": {"scene": {"scene_id": 1}}},
    ],
    "/cgi-bin/menu/create": [{"button": BUTTONS}],
    "/cgi-bin/user/info/batchget": [{"user_list": [{"openid": CITIZEN}]}],
    "/cgi-bin/clear_quota": [{"appid": SERVICE.app_id}],
}
"""Bodies that are as they should be, by path."""


def places(value, place=()):
    """The ways to all values inside ``value``."""
    yield place
    if isinstance(value, dict | list):
        inside = value.items() if isinstance(value, dict) else enumerate(value)
        for key, one in inside:
            yield from places(one, (*place, key))


def spoilt(value, place, by):
    """``value`` with what is at ``place`` replaced ``by`` something."""
    if not place:
        return by
    first, *rest = place
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[first] = spoilt(value[first], rest, by)
    return copy


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    world = open_world(tmp_path_factory.mktemp("world") / "w.db", [SERVICE], NOON)
    world.followers.agree(SERVICE.name, [CITIZEN], LONG, "long")
    world.followers.wrote(SERVICE.name, CITIZEN, NOON)
    world.tags.add(SERVICE.name, "养老")
    yield world
    world.file.close()


def answer(world, path, body, query=MappingProxyType({})):
    try:
        return ROUTES[path].handle(Call(world, SERVICE, body, query, NOON))
    except Denied as denied:
        return denied.answer()


def test_every_path_that_takes_a_body_is_spoilt_here():
    assert set(WELL) == {path for path, route in ROUTES.items() if route.method == "POST"}


@pytest.mark.parametrize("path", sorted(WELL))
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_one_thing_spoilt_is_answered(world, path, data):
    body = data.draw(st.sampled_from(WELL[path]))
    place = data.draw(st.sampled_from([place for place in places(body) if place]))
    json.dumps(answer(world, path, spoilt(body, place, data.draw(VALUES))))


@pytest.mark.parametrize("path", sorted(set(ROUTES) - set(WELL)))
@settings(max_examples=30, deadline=None)
@given(query=st.dictionaries(st.sampled_from(["openid", "next_openid"]), st.text()))
def test_any_query_is_answered(world, path, query):
    json.dumps(answer(world, path, {}, query))


TENCENT = {
    "authorization": "TC3-HMAC-SHA256 Credential=id/2026-11-21/sms/tc3_request, "
    f"SignedHeaders=host, Signature={'0' * 64}",
    "x-tc-timestamp": "1",
    "x-tc-version": "2021-01-11",
}
TENCENT_FIELDS = st.sampled_from(
    [
        "PhoneNumberSet",
        "SmsSdkAppId",
        "SignName",
        "TemplateId",
        "TemplateParamSet",
        "SessionContext",
        "Limit",
        "Offset",
        "BeginTime",
        "EndTime",
        "PhoneNumber",
    ]
)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    action=st.sampled_from(["SendSms", "PullSmsSendStatus", "PullSmsSendStatusByPhoneNumber"]),
    body=st.dictionaries(TENCENT_FIELDS, VALUES, max_size=8),
)
def test_tencent_answers_any_object(world, action, body):
    headers = {**TENCENT, "x-tc-action": action}
    status, answer = tencent.answer(world, headers, {}, json.dumps(body).encode(), NOON)
    assert status == 200
    assert answer["Response"]["RequestId"]


ALIYUN_FIELDS = st.sampled_from(
    [
        "PhoneNumbers",
        "SignName",
        "TemplateCode",
        "TemplateParam",
        "OutId",
        "PhoneNumber",
        "SendDate",
        "BizId",
        "PageSize",
        "CurrentPage",
    ]
)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    action=st.sampled_from(["SendSms", "QuerySendDetails"]),
    query=st.dictionaries(ALIYUN_FIELDS, st.text(max_size=8), max_size=8),
)
def test_aliyun_answers_any_query(world, action, query):
    signed = {"Action": action, "Signature": "s", "AccessKeyId": "id", "Timestamp": "t"}
    _, answer = aliyun.answer(world, {}, {**query, **signed}, b"", NOON)
    assert answer["Code"]
