import json
import re

import pytest
import xmltodict
from hypothesis import example, given
from hypothesis import strategies as st

from bot.dialog.model import Option, Reply
from bot.wechat.messages import Format
from bot.wechat.replies import LIMIT, cut, envelope, fit

URL = "https://zwgk.example.cn"
TAG = re.compile(r'<a href="([^"<>]*)">([^<>]*)</a>')
SENTENCE = "县级人民政府应当在二十个工作日内公开。"

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
pieces = st.sampled_from(["政务公开。", "，", "\n", "！", " ", "。”", "x", "https://a.cn/?a=1"])
tags = st.sampled_from(["<a href='x'>", "</a>", "<", ">", '"', "&lt;", "]]>"])
marks = st.sampled_from([FAMILY, "👍🏽", "é", "e\u0301", "\x0b", "\ud800", "\uffff"])
texts = st.lists(pieces | tags | marks | st.text(max_size=8), max_size=60).map("".join)
long_texts = st.builds(lambda text, times: text * times, texts, st.integers(1, 40))
options = st.lists(st.builds(Option, texts, texts), max_size=8).map(tuple)


def size(text: str) -> int:
    return len(text.encode())


def words(text: str) -> str:
    return "".join(text.split())


def without_links(text: str) -> str:
    return TAG.sub("", text)


pages = st.just("") | st.just("/faq/甲-2")


@given(st.builds(Reply, long_texts, options, texts, pages, source=texts))
@example(Reply("字" * 5000, page="/faq/1"))
@example(Reply(FAMILY * 500))
def test_every_reply_fits_and_holds_no_foreign_tag(reply: Reply) -> None:
    fitted = fit(reply, URL)

    assert size(fitted.reply.text) <= LIMIT
    assert not re.search(r"<[A-Za-z/!?]", without_links(fitted.reply.text))
    assert all(
        address.startswith(("weixin://bizmsgmenu?msgmenucontent=", URL))
        for address, _ in TAG.findall(fitted.reply.text)
    )
    assert bool(fitted.rest) == ("msgmenucontent=更多&msgmenuid=0" in fitted.reply.text)
    document = envelope(Format.XML, sender="gh", recipient="o", text=fitted.reply.text, created=1)
    read = xmltodict.parse(document, strip_whitespace=False)["xml"]
    assert words(read["Content"] or "") == words(fitted.reply.text)
    assert read["MsgType"] == "text"


@given(long_texts)
def test_all_parts_together_are_the_text(text: str) -> None:
    parts, rest = [], text
    while rest:
        fitted = fit(Reply(rest), "")
        parts.append(
            fitted.reply.text.removesuffix(
                '\n\n<a href="weixin://bizmsgmenu?msgmenucontent=更多&msgmenuid=0">【更多】</a>'
            )
        )
        assert len(fitted.rest) < len(rest)
        rest = fitted.rest

    plain = re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)
    assert words("".join(parts)) == words(re.sub("<(?=[A-Za-z/!?])", "＜", plain))


def test_reply_that_fits_stays_as_it_is() -> None:
    text = "一、公开时限：信息形成之日起 20 个工作日内；\n二、x < 5 且 y > 3。"

    assert fit(Reply(text), URL).reply.text == text


def test_exactly_the_limit_is_not_cut() -> None:
    text = "字" * 682 + "xx"
    assert size(text) == LIMIT

    assert fit(Reply(text), "").reply.text == text
    assert fit(Reply(text + "x"), "").rest


def test_page_is_linked_whole_or_cut() -> None:
    link = f'<a href="{URL}/faq/a-2">查看原文</a>'

    assert fit(Reply("短", page="/faq/a-2"), URL).reply.text == f"短\n\n{link}"
    assert fit(Reply(SENTENCE * 90, page="/faq/a-2"), URL).reply.text.endswith(f"  {link}")
    assert fit(Reply("短", page="/faq/a-2"), "").reply.text == "短"
    assert fit(Reply("短", page="/" + "字" * 600), URL).reply.text == "短"


def test_cut_reply_ends_with_a_tappable_more() -> None:
    text = fit(Reply(SENTENCE * 90), URL).reply.text

    assert text.endswith(
        '。\n\n<a href="weixin://bizmsgmenu?msgmenucontent=更多&msgmenuid=0">【更多】</a>'
    )


@pytest.mark.parametrize(
    ("text", "head"),
    [
        ("第一句。第二句很长很长很长很长", "第一句。"),
        ("他说：“第一句。”然后第二句很长很长", "他说：“第一句。”"),
        ("第一行\n第二行很长很长很长很长很长很长", "第一行\n"),
        ("没有句号，但有逗号很长很长很长很长很长", "没有句号，"),
        ("增长1,000.5元而且没有停顿很长很长很长很长", "增长1,000.5元而且没有停顿很长"),
        ("see https://a.cn/?a=1,2;3/long/long/long/long", "see "),
        ("ab?cd 没有停顿很长很长很长很长很长很长很长", "ab?cd "),
        ("字" * 40, "字" * 13),
        ("字" * 12 + "e\u0301" * 10, "字" * 12 + "e\u0301"),
        ("字" * 12 + "👍🏽" * 10, "字" * 12),
    ],
)
def test_place_of_the_cut(text: str, head: str) -> None:
    assert cut(text, 40) == (head, text[len(head) :])


@given(long_texts.map(lambda text: text.encode(errors="ignore").decode()), st.integers(8, 200))
def test_cut_loses_nothing_and_moves_on(text: str, room: int) -> None:
    head, rest = cut(text, room)

    assert head + rest == text
    assert size(head) <= room
    assert head or not text


def test_cut_text_keeps_its_options_tappable() -> None:
    reply = Reply(SENTENCE * 90, (Option("甲", "问甲"), Option("乙", "问乙")), "您还可以问：")
    fitted = fit(reply, URL)

    assert "您还可以问：\n1. <a " in fitted.reply.text
    assert "msgmenucontent=问乙" in fitted.reply.text
    assert words(SENTENCE * 90).endswith(words(fitted.rest))


def test_options_without_room_come_later_with_their_numbers() -> None:
    many = tuple(Option(f"第{n}项" + "很长的名称" * 8, f"问{n}") for n in range(1, 13))
    fitted = fit(Reply("请选择：", many), URL)
    shown = re.findall(r"^(\d+)\. <a ", fitted.reply.text, re.MULTILINE)
    later = re.findall(r"^(\d+)\. 第", fitted.rest, re.MULTILINE)

    assert later
    assert [int(number) for number in [*shown, *later]] == list(range(1, 13))


def test_option_cannot_break_out_of_its_link() -> None:
    option = Option('<b>"名\n称"</b>', '问"><script>&x=1 2%')
    text = fit(Reply("？", (option,)), URL).reply.text

    ((address, label),) = TAG.findall(text)
    assert address == (
        "weixin://bizmsgmenu?msgmenucontent=问%22%3E%3Cscript%3E%26x%3D1%202%25&msgmenuid=1"
    )
    assert label == '＜b＞"名 称"＜/b＞'


def test_text_cannot_form_a_tag_or_leave_its_section() -> None:
    text = 'a]]></Content><MsgType>image</MsgType><a href="http://evil.cn">点我</a>'
    shown = fit(Reply(text), URL).reply.text
    read = xmltodict.parse(
        envelope(Format.XML, sender="gh]]>", recipient="o", text=shown, created=1)
    )["xml"]

    assert not TAG.search(shown)
    assert read["MsgType"] == "text"
    assert read["FromUserName"] == "gh]]>"
    assert read["Content"] == shown


def test_json_envelope_is_what_the_platform_reads() -> None:
    document = envelope(Format.JSON, sender="gh", recipient="o", text="公开\x0b", created=7)

    assert json.loads(document) == {
        "ToUserName": "o",
        "FromUserName": "gh",
        "CreateTime": 7,
        "MsgType": "text",
        "Content": "公开",
    }


def test_flag_and_facts_pass_through() -> None:
    fitted = fit(Reply("a", flag="crisis", facts={"route": "crisis"}), URL)

    assert (fitted.reply.flag, fitted.reply.facts) == ("crisis", {"route": "crisis"})


def test_every_part_of_a_cut_answer_names_its_source() -> None:
    source = "来源：《某某通知》，答疑第6问，广东省，2020"
    reply = Reply("甲乙丙丁。" * 200, (Option("再问", "再问"),), source=source)

    first = fit(reply, "")
    second = fit(Reply(first.rest), "")

    assert f"\n{source}\n" in first.reply.text
    assert second.reply.text.endswith(source)
    assert len(first.reply.text.encode()) <= LIMIT
    assert (first.reply.text + second.reply.text).count("甲乙丙丁。") == 200


def test_a_short_answer_names_its_source_once() -> None:
    fitted = fit(Reply("好。", source="来源：《某某通知》"), "")
    assert fitted.reply.text == "好。\n来源：《某某通知》"
    assert fitted.rest == ""
