"""The inbox and the phones of many, and how messages of the platform look there."""

import pytest

from bot.sandbox.cards import Card, card
from bot.sandbox.ledger import Message
from bot.sandbox.replies import Piece

LONG = "sandbox-notice-long"


def message(content, channel="wechat_custom"):
    return Message(1, "a", "o", channel, "", "", "", content, 0, True)


def test_text_with_a_link():
    content = {"msgtype": "text", "text": {"content": '看<a href="http://a/">原文</a>'}}
    assert card(message(content)) == Card(
        "客服消息", words=(Piece("看"), Piece("原文", url="http://a/"))
    )


def test_template_with_labels():
    content = {
        "title": "提醒",
        "labels": [["thing1", "政策名称"]],
        "data": {"thing1": {"value": "津贴"}},
        "page": "http://a/",
    }
    shown = card(message(content, "wechat_notice"))
    assert shown == Card("订阅通知", "提醒", (("政策名称", "津贴"),), link="http://a/")


def test_article_that_was_deleted():
    content = {
        "msgtype": "mpnews",
        "articles": [{"title": "办法", "digest": "摘要"}],
        "deleted": True,
    }
    shown = card(message(content, "wechat_mass"))
    assert (shown.title, shown.words, shown.deleted) == ("办法", (Piece("摘要"),), True)


def test_card_of_one_article():
    article = {"title": "办法", "description": "说明", "url": "http://a/"}
    shown = card(message({"msgtype": "news", "news": {"articles": [article]}}))
    assert (shown.title, shown.link) == ("办法", "http://a/")


def test_menu_of_questions_is_listed():
    menu = {"head_content": "满意吗？", "list": [{"id": "1", "content": "满意"}]}
    shown = card(message({"msgtype": "msgmenu", "msgmenu": menu}))
    assert shown.words == (Piece("满意吗？\n满意"),)


@pytest.mark.parametrize("content", [{"msgtype": "image", "image": {"media_id": "m"}}, {}])
def test_anything_else_is_named(content):
    assert "〔" in card(message(content)).words[0].text


def test_inbox_lists_followers_and_leads_to_their_phones(browser):
    page = browser.get("/sandbox/inbox", params={"account": "safe"}).text
    assert "王大娘 · 群众" in page
    assert "/sandbox?account=safe&amp;follower=oSandbox_clerk_000000000002" in page
    assert "没有等待管理员确认的群发" in page


def test_inbox_finds_by_name(browser):
    page = browser.get("/sandbox/inbox", params={"account": "safe", "words": "老板"}).text
    assert "张老板" in page
    assert "王大娘" not in page
    page = browser.get("/sandbox/inbox", params={"account": "safe", "words": "查无此人"}).text
    assert "没有找到" in page


def test_inbox_never_shows_words_as_markup(browser):
    page = browser.get("/sandbox/inbox", params={"words": "<script>alert(1)</script>"}).text
    assert "<script>alert" not in page


def test_protection_is_switched_by_the_administrator(browser):
    form = {"account": "compatible", "on": "yes"}
    assert "关闭群发保护" in browser.post("/sandbox/protect", data=form).text
    form["on"] = "no"
    assert "打开群发保护" in browser.post("/sandbox/protect", data=form).text


@pytest.mark.parametrize("path", ["/sandbox/protect", "/sandbox/confirm"])
def test_other_sites_cannot_confirm(browser, path):
    form = {"account": "safe", "on": "yes", "job": "1", "answer": "yes"}
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert browser.post(path, data=form, headers=headers).status_code == 403


def test_consent_is_given_and_taken_back_on_the_phone(browser, webhook):
    form = {"account": "safe", "follower": "oSandbox_business_000000003", "text": LONG}
    page = browser.post("/sandbox/send", data={**form, "kind": "allow"}).text
    assert "（长期，已同意）" in page
    assert webhook.got[-1]["Event"] == "subscribe_msg_popup_event"
    page = browser.post("/sandbox/send", data={**form, "kind": "refuse"}).text
    assert "（长期，已同意）" not in page
    assert webhook.got[-1]["Event"] == "subscribe_msg_change_event"


def test_who_scans_without_following_follows(browser, webhook):
    form = {"account": "plain", "follower": "oSandbox_business_000000003", "text": "street"}
    browser.post("/sandbox/send", data={**form, "kind": "unsubscribe"})
    browser.post("/sandbox/send", data={**form, "kind": "scan"})
    assert (webhook.got[-1]["Event"], webhook.got[-1]["EventKey"]) == (
        "subscribe",
        "qrscene_street",
    )
