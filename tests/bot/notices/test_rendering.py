from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.notices.model import Attribute, Purpose, Text
from bot.notices.rendering import (
    FIELD,
    MOST_SEGMENTS,
    TEXT_BYTES,
    Told,
    gathered_parts,
    letter_parts,
    reason,
    segments,
)
from tests.bot.notices.office import TEXT

LINK = "https://zwgk.example.cn/notices/0123456789"
CHANNELS = ("wechat_notice", "wechat_template", "wechat_custom", "wechat_mass", "sms", "email")
WHY = ("领域：养老服务",)
words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=3000)


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_letter_says_what_where_why_and_how_to_leave(channel):
    parts = letter_parts(channel, TEXT, LINK, WHY)

    said = parts.title + parts.text
    assert TEXT.title in said
    assert "高要区民政局" in said
    assert "您订阅了“养老服务”" in said
    assert "退订" in said or "拒收请回复R" in said


@pytest.mark.parametrize(
    ("purpose", "mark"),
    [(Purpose.REMINDER, "提醒"), (Purpose.CORRECTION, "更正"), (Purpose.WITHDRAWAL, "撤回")],
)
@pytest.mark.parametrize("channel", CHANNELS)
def test_what_follows_says_so_first(channel, purpose, mark):
    parts = letter_parts(channel, TEXT, LINK, WHY, purpose)

    assert parts.title.startswith(mark)
    assert parts.fields["title"].startswith(mark)
    assert mark in parts.title + parts.text


@given(title=words, body=words, issuer=words, why=st.lists(words, max_size=3))
def test_wechat_letters_fit_whatever_they_say(title, body, issuer, why):
    text = Text(title[:200], body, Attribute.ACTIVE, TEXT.url, issuer=issuer[:50])

    parts = letter_parts("wechat_custom", text, LINK, [w[:30] for w in why])

    assert len(f"{parts.title}\n{parts.text}\n{LINK}".encode()) <= TEXT_BYTES
    assert all(len(parts.fields[name]) <= FIELD for name in ("title", "issuer", "why"))
    assert "退订" in parts.text


@given(title=st.text("政务公开", max_size=800))
def test_short_messages_shorten_the_title_and_nothing_else(title):
    text = letter_parts("sms", replace(TEXT, title=title), LINK, WHY, signature="高要政务公开").text

    assert LINK in text
    assert text.endswith("拒收请回复R")
    assert segments(text, "高要政务公开") <= MOST_SEGMENTS


@pytest.mark.parametrize(
    ("text", "signature", "count"),
    [
        ("字" * 70, "", 1),
        ("字" * 71, "", 2),
        ("字" * 134, "", 2),
        ("字" * 135, "", 3),
        ("字" * 64, "高要政务", 1),
        ("字" * 65, "【高要政务】", 2),
        ("🙂" * 35, "", 1),
        ("🙂" * 36, "", 2),
    ],
)
def test_segments_are_counted_as_providers_do(text, signature, count):
    assert segments(text, signature) == count


def test_the_reason_is_a_sentence_of_its_own():
    assert reason(WHY) == "您订阅了“养老服务”"
    assert reason((*WHY, "人群：老年人")) == "您订阅了“养老服务”、“老年人”"
    assert reason(("您收到过原通知",)) == "您收到过原通知"
    assert "订阅" in reason(())


@pytest.mark.parametrize("braces", ["{}", "{0}", "{{ title }}{% raw %}", "}{"])
def test_braces_are_words(braces):
    text = replace(TEXT, issuer=braces, title=braces)

    said = letter_parts("sms", text, LINK, (f"领域：{braces}",)).text

    assert said == f"{braces}发布《{braces}》，全文：{LINK} 您订阅了“{braces}”。拒收请回复R"


# Several notices in one letter


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_weekly_letter_says_how_many_and_how_to_leave(channel):
    told = [Told(TEXT, LINK, WHY), Told(replace(TEXT, title="关于老年食堂的通知"), LINK, WHY)]

    parts = gathered_parts(channel, told, "https://zwgk.example.cn/weekly/1")

    said = parts.title + parts.text
    assert "2份" in said
    assert "每周汇总" in said
    assert TEXT.title in said
    assert "老年食堂" in said
    assert "您订阅了“养老服务”" in said
    assert "退订" in said or "拒收请回复R" in said
    assert parts.fields["title"].endswith("等2份")


tellings = st.lists(
    st.builds(
        Told,
        st.builds(lambda title: replace(TEXT, title=title), words.map(lambda w: w[:300])),
        st.just(LINK),
        st.lists(words.map(lambda w: w[:40]), max_size=3),
        st.sampled_from([Purpose.FIRST, Purpose.REMINDER]),
    ),
    min_size=2,
    max_size=40,
)


@given(tellings)
def test_weekly_letters_fit_however_many_notices_there_are(told):
    text = gathered_parts("wechat_custom", told, LINK)
    assert len(f"{text.title}\n{text.text}\n{LINK}".encode()) <= TEXT_BYTES
    assert "退订" in text.text
    assert all(len(text.fields[name]) <= FIELD for name in ("title", "issuer", "why"))
    email = gathered_parts("email", told, LINK).text
    assert email.count(LINK) == len(told)


@given(
    st.lists(st.text("政务公开{}", max_size=200), min_size=2, max_size=40),
    st.text("甲乙丙{}", max_size=99),
)
def test_weekly_short_messages_fit_and_keep_their_link(titles, topic):
    told = [Told(replace(TEXT, title=title), LINK, (f"领域：{topic}",)) for title in titles]

    text = gathered_parts("sms", told, LINK, "高要政务公开").text

    assert f"全文：{LINK} " in text
    assert text.endswith("拒收请回复R")
    assert segments(text, "高要政务公开") <= MOST_SEGMENTS


def test_what_does_not_fit_is_counted():
    told = [Told(replace(TEXT, title="字" * 150), LINK, WHY) for _ in range(9)]

    assert "另有 6 份" in gathered_parts("wechat_custom", told, LINK).text


def test_an_email_carries_the_whole_text():
    body = "第一段。\n\n第二段。" * 500

    parts = letter_parts("email", replace(TEXT, body=body), LINK, WHY)

    assert body in parts.text
    assert TEXT.url in parts.text
