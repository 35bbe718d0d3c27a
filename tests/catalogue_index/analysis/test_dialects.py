"""Dialect function words are read as common speech; official text and ordinary words stay as they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.builtin import builtin_contents
from catalogue_index.analysis import normalise
from catalogue_index.analysis.dialects import plain_speech


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("低保结果边度睇", "低保结果哪里看"),
        ("目录搁哪嘎达贴", "目录在哪里贴"),
        ("啥辰光公布", "什么时候公布"),
        ("么时候公示", "什么时候公示"),
        ("咋个查得到", "怎么查得到"),
    ],
    ids=["粤语", "北方", "吴语", "湖北", "西南"],
)
def test_function_words_become_common_speech(typed, plain):
    assert plain_speech(typed) == plain


@pytest.mark.parametrize("text", ["什么事情要公开", "多么事关重大", "身边个人信息", "十几时"])
def test_the_end_of_another_word_stays(text):
    assert plain_speech(text) == text


def test_official_text_has_none():
    for content in builtin_contents():
        texts = [
            *(f"{entry.question}{entry.answer}" for entry in content.entries),
            *(passage.text for passage in content.passages),
            *(value for item in content.items for value in item.cells().values()),
        ]
        for text in map(normalise, texts):
            assert plain_speech(text) == text


@given(st.text("边度咋啥么事公开看 a?", max_size=12))
def test_what_is_plain_stays_plain(text):
    assert plain_speech(plain_speech(text)) == plain_speech(text)
