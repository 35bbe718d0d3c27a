import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.likeness import likeness


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("低保在哪查", "在哪查低保？"),
        ("低保在哪查", "请问一下，最低生活保障在哪里查啊"),
        ("低保公示多久", "低保多久公示"),
        ("養老服務補貼", "养老服务补贴"),
        ("边度查低保", "低保在哪里查"),
    ],
)
def test_like_words_share_it_whatever_the_order(analyser, one, other):
    assert likeness(one, analyser) == likeness(other, analyser) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("低保在哪查", "低保谁查"),
        ("低保在哪查", "低保在哪办"),
        ("低保公示", "低保审批"),
        ("中学招小学生", "小学招中学生"),
    ],
)
def test_another_matter_or_another_thing_asked_for_does_not(analyser, one, other):
    assert likeness(one, analyser) != likeness(other, analyser)


@pytest.mark.parametrize("words", ["", "？", "请问在哪里", "有没有呢", "😀"])
def test_words_about_nothing_have_none(analyser, words):
    assert likeness(words, analyser) == ""


@given(
    st.lists(st.sampled_from(["低保", "公示", "审批结果", "养老", "补贴"]), min_size=1),
    st.integers(),
)
def test_neither_order_nor_repetition_matters(analyser, words, seed):
    shuffled = [*words, words[0]]
    random.Random(seed).shuffle(shuffled)

    assert likeness("，".join(words), analyser) == likeness("，".join(shuffled), analyser)


@given(st.text())
def test_anything_typed_has_one_that_fits_its_column(analyser, text):
    assert len(likeness(text, analyser)) in (0, 64)
