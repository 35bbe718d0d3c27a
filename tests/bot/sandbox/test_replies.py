"""A reply is read as strictly as the platform and the phone take it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.platform import BadReply
from bot.sandbox.replies import Piece, pieces, read_reply

MENU = '<a href="weixin://bizmsgmenu?msgmenucontent={}&msgmenuid={}">{}</a>'


def reply(content="好", kind="text", to="o1", sender="gh_1", created="1", more=""):
    return (
        f"<xml><ToUserName>{to}</ToUserName><FromUserName>{sender}</FromUserName>"
        f"<CreateTime>{created}</CreateTime><MsgType>{kind}</MsgType>"
        + (f"<Content><![CDATA[{content}]]></Content>" if kind == "text" else "")
        + f"{more}</xml>"
    )


def read(xml, most_articles=1):
    return read_reply(xml, openid="o1", account_id="gh_1", most_articles=most_articles)


def news(count, articles):
    items = "<item><Title>题</Title><Description>述</Description><Url>http://a/</Url></item>"
    return reply(
        kind="news",
        more=f"<ArticleCount>{count}</ArticleCount><Articles>{items * articles}</Articles>",
    )


def test_text_of_exactly_2048_bytes_is_taken():
    assert read(reply("政" * 682 + "ab")).pieces == (Piece("政" * 682 + "ab"),)


def test_links_and_tappable_lines_are_told_apart():
    content = (
        "选：" + MENU.format("低保%26标准", "2", "1. 低保") + '\n<a href="https://a/b">看</a>。'
    )
    assert read(reply(content)).pieces == (
        Piece("选："),
        Piece("1. 低保", message="低保&标准", menu_id="2"),
        Piece("\n"),
        Piece("看", url="https://a/b"),
        Piece("。"),
    )


def test_news_media_and_handover_are_known():
    assert read(news(1, 1)).articles[0].title == "题"
    assert len(read(news(8, 8), most_articles=8).articles) == 8
    assert read(reply(kind="image", more="<Image><MediaId>m</MediaId></Image>")).kind == "image"
    assert read(reply(kind="transfer_customer_service")).kind == "transfer_customer_service"


@pytest.mark.parametrize(
    ("xml", "reason"),
    [
        (reply("政" * 683), "2049 字节"),
        (reply(" \n"), "Content 是空的"),
        (reply("a\x0bb"), "控制字符"),
        (reply(to="o2"), "ToUserName 应为 o1，实际是 o2"),
        (reply(to="gh_1", sender="o1"), "对调"),
        (reply(created="now"), "CreateTime"),
        (reply(kind="card"), "“card”不是可以回复的类型"),
        (reply(kind=""), "不是可以回复的类型"),
        (reply('说明 <a href="http://a'), "写了一半"),
        (reply("说明</a>"), "写了一半"),
        (reply(MENU.format("", "1", "空")), "msgmenucontent"),
        (reply(MENU.format("x", "", "空")), "msgmenuid"),
        (reply('<a href="/faq/1">看</a>'), "打不开"),
        (reply('<a href="javascript:alert(1)">看</a>'), "打不开"),
        (reply("a]]></Content><MsgType>image</MsgType><Content><![CDATA[b"), "不止一次"),
        (news(2, 1), "ArticleCount"),
        (news(2, 2), "1 到 1 篇"),
        (news(0, 0), "1 到 1 篇"),
        (reply(kind="image"), "MediaId"),
        (reply(kind="music"), "ThumbMediaId"),
    ],
)
def test_replies_that_the_phone_would_not_show_are_named(xml, reason):
    with pytest.raises(BadReply, match=reason):
        read(xml)


@given(st.text(st.sampled_from('<a href="http://x">甲</a>乙 \n'), max_size=60))
def test_no_word_is_lost_outside_tags(content):
    try:
        found = pieces(content)
    except BadReply:
        return
    if not any(piece.url for piece in found):
        assert "".join(piece.text for piece in found) == content
