"""Official words in an answer are marked, and nothing else is."""

from hypothesis import given
from hypothesis import strategies as st

from bot.answering.model import Answer, Kind, Source
from bot.web.card import card, chinese_date, source_line


def source(quote, kind="faq", **changes):
    values = {
        "type": kind,
        "document": "d",
        "document_title": "某通知",
        "area": "44",
        "area_name": "广东省",
        "date": "2020-07-31",
        "title": "题目",
        "quote": quote,
        "binding": True,
        "page": "/faq/d-1",
        "locator": {"number": 1},
    }
    return Source(**{**values, **changes})


def answer(text, *sources):
    return Answer(Kind.ANSWER, "faq", text, sources=tuple(sources))


def test_quote_stands_apart_from_our_own_words():
    runs = card(answer("答：\n原文一。\n以上。", source("原文一。"))).runs
    assert [(run.text, run.official) for run in runs] == [
        ("答：", False),
        ("原文一。", True),
        ("以上。", False),
    ]


def test_neighbouring_cells_form_one_row():
    quote = {"公开时限": "7日", "公开主体": "民政局", "公开方式": "主动"}
    shown = card(answer("查到：\n公开主体：民政局\n公开时限：7日", source(quote, "catalogue")))
    assert shown.runs[1].cells == (("公开主体", "民政局"), ("公开时限", "7日"))
    assert not shown.cited[0].whole


def test_two_sources_keep_their_order():
    shown = card(answer("甲。\n另外：\n乙。", source("甲。"), source("乙。")))
    assert [run.text for run in shown.runs if run.official] == ["甲。", "乙。"]
    assert all(cited.whole for cited in shown.cited)


def test_quote_that_the_text_does_not_show_is_offered_whole():
    shown = card(answer("摘要", source("完全不同的原文")))
    assert not shown.cited[0].whole
    assert [run.official for run in shown.runs] == [False]


def test_excerpt_of_a_long_text_is_marked_without_our_dots():
    quote = "第一句话讲总的要求。第二句话讲由谁来牵头。第三句话讲什么时候完成。"
    shown = card(answer("三、任务\n……第二句话讲由谁来牵头。……", source(quote, "plan")))
    assert [run.text for run in shown.runs if run.official] == ["第二句话讲由谁来牵头。"]
    assert not shown.cited[0].whole


def test_line_that_names_the_source_is_left_to_the_citation():
    shown = card(answer("甲。\n来源：《某通知》，答疑第1问", source("甲。")))
    assert [run.text for run in shown.runs] == ["甲。"]


def test_same_words_from_two_sources_are_shown_once():
    shown = card(answer("甲乙丙", source("甲乙丙"), source("乙")))
    assert [run.text for run in shown.runs] == ["甲乙丙"]


def test_source_line_names_document_number_place_date_and_area():
    assert source_line(source("x", document_number="粤办〔2020〕1号")) == (
        "《某通知》（粤办〔2020〕1号） · 第 1 问 · 2020年7月31日 · 广东省"
    )
    row = {"sector": "社会救助", "category": "低保", "item": None, "row": 12}
    assert "社会救助—低保，第 12 行" in source_line(source({}, "catalogue", locator=row))
    assert source_line(source("x", "plan", locator={}, date="", title="（二）任务")) == (
        "《某通知》 · （二）任务 · 广东省"
    )


def test_dates_are_said_as_far_as_they_are_known():
    assert chinese_date("2020") == "2020年"
    assert chinese_date("2020-07") == "2020年7月"
    assert chinese_date("2020年夏") == "2020年夏"


WORDS = st.text("甲乙丙：\n ", max_size=8)


@given(WORDS, st.lists(WORDS.filter(bool), max_size=3), WORDS)
def test_marking_loses_and_invents_no_word(before, quotes, after):
    text = before + "".join(quotes) + after
    shown = card(answer(text, *map(source, quotes)))
    assert "".join("".join(run.text for run in shown.runs).split()) == "".join(text.split())
    for run in shown.runs:
        assert not run.official or run.text in quotes
