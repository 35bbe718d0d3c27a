"""What the platform does when nothing is wrong: each call's effect, as a sender and a follower see it."""

import pytest

from .conftest import CITIZEN, CLERK, DATA, LONG, ONCE, SUBSCRIPTION, TEMPLATE

BUSINESS = "oSandbox_business_000000003"


def texts(platform, openid=CITIZEN):
    return [message.channel for message in platform.ledger.of_person("fuwu", openid)]


def test_stable_token_stays_until_five_minutes_before_its_end(platform):
    first = platform.stable()
    platform.clock.forward(6890)
    assert platform.stable() == {**first, "expires_in": 310}
    platform.clock.forward(15)
    second = platform.stable()
    assert second["access_token"] != first["access_token"]
    for given in (first, second):
        platform.tokens["fuwu"] = given["access_token"]
        assert platform.get("cgi-bin/tags/get") == {"tags": []}


def test_forced_refresh_kills_the_old_token_but_not_twice_in_thirty_seconds(platform):
    first = platform.stable()["access_token"]
    platform.clock.forward(31)
    second = platform.stable(force_refresh=True)["access_token"]
    assert second != first
    platform.clock.forward(29)
    assert platform.stable(force_refresh=True)["access_token"] == second
    platform.tokens["fuwu"] = first
    assert platform.get("cgi-bin/tags/get")["errcode"] == 40001


def test_old_interface_replaces_its_own_token_after_five_minutes_and_no_stable_one(platform):
    query = {
        "grant_type": "client_credential",
        "appid": platform.account.app_id,
        "secret": platform.account.app_secret,
    }
    stable = platform.token()
    first = platform.http.get("/cgi-bin/token", params=query).json()["access_token"]
    platform.http.get("/cgi-bin/token", params=query)
    platform.tokens["fuwu"] = first
    assert platform.get("cgi-bin/tags/get") == {"tags": []}
    platform.clock.forward(301)
    assert platform.get("cgi-bin/tags/get")["errcode"] == 42001
    platform.tokens["fuwu"] = stable
    assert platform.get("cgi-bin/tags/get") == {"tags": []}


@pytest.mark.parametrize(("end", "code"), [("killed", 40001), ("expired", 42001)])
def test_tokens_can_be_ended_by_hand(platform, end, code):
    platform.token()
    platform.control("tokens", account="fuwu", end=end)
    assert platform.get("cgi-bin/tags/get")["errcode"] == code
    platform.tokens.clear()
    assert platform.get("cgi-bin/tags/get") == {"tags": []}


def test_long_consent_lasts_and_a_one_time_one_is_used_up(platform):
    platform.tap("allow", LONG)
    platform.tap("allow", ONCE)
    assert [platform.notice()["errcode"] for _ in range(3)] == [0, 0, 0]
    assert [platform.notice(template=ONCE)["errcode"] for _ in range(2)] == [0, 43101]
    platform.tap("refuse", LONG)
    assert platform.notice()["errcode"] == 43101


def test_two_one_time_consents_are_two(platform):
    platform.tap("allow", ONCE)
    platform.tap("allow", ONCE)
    assert [platform.notice(template=ONCE)["errcode"] for _ in range(3)] == [0, 0, 43101]


def test_leaving_ends_what_was_agreed_to(platform):
    platform.tap("allow", LONG)
    platform.tap("unsubscribe")
    platform.tap("subscribe")
    assert platform.notice()["errcode"] == 43101


def test_a_refused_notice_uses_up_no_consent(platform):
    platform.tap("allow", ONCE)
    assert platform.notice(template=ONCE, data={})["errcode"] == 47003
    assert platform.notice(template=ONCE)["errcode"] == 0


def test_same_key_goes_again_after_ten_minutes_and_to_others_at_once(platform):
    assert platform.template(key="k")["errcode"] == 0
    assert platform.template(openid=CLERK, key="k")["errcode"] == 0
    platform.clock.forward(599)
    assert platform.template(key="k")["errcode"] == 40241
    platform.clock.forward(2)
    assert platform.template(key="k")["errcode"] == 0
    assert texts(platform) == ["wechat_template"] * 2


def test_a_message_opens_two_days_and_a_tap_a_minute_on_top(platform):
    platform.tap("text", "你好")
    platform.clock.forward(60)
    platform.tap("click", "help")
    assert [platform.custom()["errcode"] for _ in range(9)] == [0] * 8 + [45047]
    platform.tap("text", "还在吗")
    platform.clock.forward(48 * 3600 - 1)
    platform.tokens.clear()
    assert platform.custom()["errcode"] == 0
    platform.clock.forward(1)
    assert platform.custom()["errcode"] == 45015


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("news", {"articles": [{"title": "政策", "url": "http://127.0.0.1/"}]}),
        ("msgmenu", {"head_content": "满意吗？", "list": [{"id": "1", "content": "满意"}]}),
    ],
)
def test_other_kinds_of_custom_messages(platform, kind, content):
    platform.tap("text", "你好")
    body = {"touser": CITIZEN, "msgtype": kind, kind: content}
    assert platform.post("cgi-bin/message/custom/send", **body)["errcode"] == 0
    assert texts(platform) == ["wechat_custom"]


def test_mass_to_all_reaches_followers_and_tells_totals(platform, webhook):
    platform.many(5)
    platform.alter(lambda followers: followers.leave("fuwu", "oMany_00000001"))
    platform.alter(lambda followers: followers.bar("fuwu", "oMany_00000002", "off"))
    number = platform.mass(clientmsgid="push-1")["msg_id"]
    (event,) = platform.told(webhook)
    told = ("Event", "MsgID", "Status", "TotalCount", "FilterCount", "SentCount", "ErrorCount")
    assert [event[name] for name in told] == [
        "MASSSENDJOBFINISH",
        str(number),
        "send success",
        "7",
        "6",
        "6",
        "0",
    ]
    assert len(platform.ledger.received("push-1")) == 6
    assert platform.post("cgi-bin/message/mass/get", msg_id=number)["msg_status"] == "SEND_SUCCESS"


def test_fifth_mass_message_of_a_month_is_filtered(platform, webhook):
    for n in range(5):
        platform.mass_to([CITIZEN, CLERK], text={"content": f"第 {n} 条"})
        platform.told(webhook, n + 1)
    assert texts(platform) == ["wechat_mass"] * 4
    assert webhook.got[-1]["FilterCount"] == "0"
    platform.clock.forward(11 * 24 * 3600)
    platform.tokens.clear()
    platform.mass_to([CITIZEN, CLERK], text={"content": "下个月"})
    platform.told(webhook, 6)
    assert texts(platform) == ["wechat_mass"] * 5


def test_mass_without_a_key_is_known_by_people_and_content(platform):
    first = platform.mass_to([CITIZEN, CLERK])
    assert platform.mass_to([CITIZEN, CLERK])["errcode"] == 45065
    assert platform.mass_to([CITIZEN, BUSINESS])["msg_id"] != first["msg_id"]


def test_key_of_a_mass_is_free_again_after_a_day(platform):
    platform.mass_to([CITIZEN, CLERK], clientmsgid="push-1")
    platform.clock.forward(24 * 3600 + 1)
    platform.tokens.clear()
    assert platform.mass_to([CITIZEN, CLERK], clientmsgid="push-1")["errcode"] == 0


def test_protected_mass_waits_for_the_administrator(platform, webhook):
    platform.choose("protection", True)
    number = platform.mass_to([CITIZEN, CLERK])["msg_id"]
    platform.clock.forward(60)
    assert platform.post("cgi-bin/message/mass/get", msg_id=number)["msg_status"] == "SENDING"
    assert texts(platform) == []
    answer = {"account": "fuwu", "job": number, "answer": "yes"}
    assert platform.http.post("/sandbox/confirm", data=answer).status_code == 303
    assert platform.told(webhook)[0]["Status"] == "send success"
    assert texts(platform) == ["wechat_mass"]


@pytest.mark.parametrize("answer", ["no", ""])
def test_protected_mass_that_nobody_confirms_fails(platform, webhook, answer):
    platform.choose("protection", True)
    number = platform.mass_to([CITIZEN, CLERK])["msg_id"]
    if answer:
        form = {"account": "fuwu", "job": number, "answer": answer}
        platform.http.post("/sandbox/confirm", data=form)
    else:
        platform.clock.forward(1801)
    expected = "err(40001)" if answer else "err(40002)"
    assert platform.told(webhook)[0]["Status"] == expected
    late = {"account": "fuwu", "job": number, "answer": "yes"}
    platform.http.post("/sandbox/confirm", data=late)
    assert platform.post("cgi-bin/message/mass/get", msg_id=number)["msg_status"] == "SEND_FAIL"
    assert texts(platform) == []


def test_mass_to_a_tag(platform, webhook):
    tag = platform.tag()["tag"]["id"]
    put = "cgi-bin/tags/members/batchtagging"
    assert platform.post(put, tagid=tag, openid_list=[CLERK])["errcode"] == 0
    platform.mass(filter={"is_to_all": False, "tag_id": tag})
    platform.told(webhook)
    assert texts(platform, CLERK) == ["wechat_mass"]
    assert texts(platform) == []


def test_deleting_an_article_leaves_the_card_and_takes_the_page(platform, webhook):
    article = {"title": "办法", "content": "<p>全文</p>", "digest": "摘要"}
    media = platform.post("cgi-bin/draft/add", articles=[article])["media_id"]
    body = {"touser": [CITIZEN, CLERK], "msgtype": "mpnews", "mpnews": {"media_id": media}}
    number = platform.post("cgi-bin/message/mass/send", **body)["msg_id"]
    platform.told(webhook)
    delete = "cgi-bin/message/mass/delete"
    assert platform.post(delete, msg_id=number)["errcode"] == 0
    assert platform.post("cgi-bin/message/mass/get", msg_id=number)["msg_status"] == "DELETE"
    page = platform.http.get("/sandbox", params={"account": "fuwu", "follower": CITIZEN}).text
    assert "办法" in page
    assert "该内容已被发布者删除" in page


def test_a_text_cannot_be_taken_back(platform, webhook):
    number = platform.mass_to([CITIZEN, CLERK])["msg_id"]
    platform.told(webhook)
    assert platform.post("cgi-bin/message/mass/delete", msg_id=number)["errcode"] == 40059


def test_preview_goes_to_one_person_and_counts_for_nothing(platform):
    body = {"touser": CITIZEN, "msgtype": "text", "text": {"content": "预览"}}
    assert platform.post("cgi-bin/message/mass/preview", **body)["errcode"] == 0
    assert texts(platform) == ["wechat_preview"]


def test_tags_live_and_die(platform):
    tag = platform.tag()["tag"]["id"]
    platform.post("cgi-bin/tags/members/batchtagging", tagid=tag, openid_list=[CITIZEN, CLERK])
    platform.post("cgi-bin/tags/members/batchuntagging", tagid=tag, openid_list=[CLERK])
    platform.post("cgi-bin/tags/update", tag={"id": tag, "name": "高龄"})
    assert platform.get("cgi-bin/tags/get") == {"tags": [{"id": tag, "name": "高龄", "count": 1}]}
    assert platform.post("cgi-bin/user/tag/get", tagid=tag)["data"] == {"openid": [CITIZEN]}
    assert platform.post("cgi-bin/tags/getidlist", openid=CITIZEN) == {"tagid_list": [tag]}
    platform.post("cgi-bin/tags/delete", tag={"id": tag})
    assert platform.get("cgi-bin/tags/get") == {"tags": []}


def test_followers_are_listed_ten_thousand_at_a_time(platform):
    platform.many(10_000)
    first = platform.get("cgi-bin/user/get")
    assert (first["total"], first["count"]) == (10_003, 10_000)
    rest = platform.get("cgi-bin/user/get", next_openid=first["next_openid"])
    everybody = first["data"]["openid"] + rest["data"]["openid"]
    assert len(set(everybody)) == 10_003
    end = platform.get("cgi-bin/user/get", next_openid=rest["next_openid"])
    assert (end["count"], "data" in end) == (0, False)


def test_info_tells_who_follows_and_no_more(platform):
    platform.tap("unsubscribe", openid=CLERK)
    user = platform.get("cgi-bin/user/info", openid=CITIZEN)
    assert (user["subscribe"], user["nickname"]) == (1, "")
    listed = [{"openid": CITIZEN}, {"openid": CLERK}]
    both = platform.post("cgi-bin/user/info/batchget", user_list=listed)["user_info_list"]
    assert [one["subscribe"] for one in both] == [1, 0]


def test_menu_is_set_read_and_removed(platform):
    button = [{"name": "政策", "type": "click", "key": "ask"}]
    assert platform.post("cgi-bin/menu/create", button=button)["errcode"] == 0
    assert platform.get("cgi-bin/menu/get") == {"menu": {"button": button}}
    platform.get("cgi-bin/menu/delete")
    assert platform.get("cgi-bin/menu/get")["errcode"] == 46003


def test_code_is_scanned_by_who_follows_and_by_who_then_does(platform, webhook):
    scene = {"scene": {"scene_str": "street-01"}}
    given = {"action_name": "QR_STR_SCENE", "action_info": scene, "expire_seconds": 60}
    made = platform.post("cgi-bin/qrcode/create", **given)
    assert made["expire_seconds"] == 60
    query = {"account": "fuwu", "follower": CITIZEN}
    assert "扫二维码：street-01" in platform.http.get("/sandbox", params=query).text
    platform.tap("scan", "street-01")
    platform.tap("unsubscribe")
    platform.tap("scan", "street-01")
    keys = [(event["Event"], event["EventKey"]) for event in webhook.got]
    assert keys == [
        ("SCAN", "street-01"),
        ("unsubscribe", None),
        ("subscribe", "qrscene_street-01"),
    ]
    platform.clock.forward(61)
    assert "扫二维码：street-01" not in platform.http.get("/sandbox", params=query).text


def test_templates_are_listed_added_and_given_back(platform):
    notices = platform.get("wxaapi/newtmpl/gettemplate")["data"]
    assert [(one["priTmplId"], one["type"]) for one in notices] == [(LONG, 3), (ONCE, 2)]
    assert "政策名称:{{thing1.DATA}}" in notices[0]["content"]
    made = platform.post("wxaapi/newtmpl/addtemplate", tid="99", kidList=[1, 2])["priTmplId"]
    platform.control("followers", account="fuwu", count=1, prefix="oNew_", agreed=[made])
    data = {"thing1": {"value": "甲"}, "thing2": {"value": "乙"}}
    assert platform.notice("oNew_00000001", template=LONG, template_id=made, data=data) == {
        "errcode": 0,
        "errmsg": "ok",
        "msgid": int(platform.ledger.received()[0].ref),
    }
    assert platform.post("wxaapi/newtmpl/deltemplate", priTmplId=made)["errcode"] == 0
    assert len(platform.get("wxaapi/newtmpl/gettemplate")["data"]) == 2
    kept = platform.get("cgi-bin/template/get_all_private_template")["template_list"]
    assert [one["template_id"] for one in kept] == [TEMPLATE]


def test_clearing_the_quota_lets_calls_through_again(platform):
    platform.use_up("template_day")
    assert platform.template()["errcode"] == 45009
    assert platform.post("cgi-bin/clear_quota", appid=platform.account.app_id)["errcode"] == 0
    assert platform.template()["errcode"] == 0


def test_quota_of_a_day_ends_at_midnight_in_china(platform):
    platform.use_up("template_day", left=1)
    assert [platform.template()["errcode"] for _ in range(2)] == [0, 45009]
    platform.clock.forward(12 * 3600)
    platform.tokens.clear()
    assert platform.template()["errcode"] == 0


def test_accounts_have_followers_consents_and_tokens_of_their_own(platform):
    platform.tap("allow", LONG)
    platform.tap("text", "你好")
    other = platform.as_(SUBSCRIPTION)
    assert other.custom()["errcode"] == 45015
    assert platform.custom()["errcode"] == 0


def test_only_listed_addresses_get_tokens(platform):
    platform.choose("addresses", ["127.0.0.1"])
    assert "access_token" in platform.stable()


def test_fields_of_a_notice_are_labelled_on_the_phone(platform):
    platform.tap("allow", LONG)
    platform.notice()
    page = platform.http.get("/sandbox", params={"account": "fuwu", "follower": CITIZEN}).text
    for shown in ("政策发布提醒", DATA[LONG]["thing1"]["value"], "notices/1"):
        assert shown in page
    labels = ("政策名称", "发布单位", "发布日期", "温馨提示")
    assert sorted(labels, key=page.index) == list(labels)
