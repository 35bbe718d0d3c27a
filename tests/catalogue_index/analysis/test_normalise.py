"""Everything that people type for the same words comes to one form, and only that."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_index.analysis import clean, normalise, simplify

CHINESE = st.characters(min_codepoint=0x3400, max_codepoint=0x9FFF)
AWKWARD = st.sampled_from(
    "甚麽么麼什薴苧乾著　 \u200b\ufeff\u0301\ud800İΣＡａ１①Ⅲ〔﹝【—～…👨\u200d👩\U000e0041\n\t"
)
TEXT = st.text(st.one_of(st.characters(), CHINESE, AWKWARD), max_size=40)


@given(TEXT)
def test_normalising_twice_changes_nothing_more(text):
    once = normalise(text)
    assert normalise(once) == once


@given(TEXT)
def test_the_form_is_writable_and_has_nothing_unseen(text):
    normal = normalise(text)
    normal.encode("utf-8")
    assert clean(normal) == normal == normal.strip()
    assert "\u3000" not in normal


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ("最低生活保障審批結果在哪裏公開", "最低生活保障审批结果在哪里公开"),
        ("甚麼時候公開", "什么时候公开"),
        ("甚 么", "什么"),
        ("ＡＢＣ１２３（一）", "abc123(一)"),
        ("低 保　怎么\t申 请\r\n", "低保怎么申请"),
        ("低\u200b保\ufeff金\u2060", "低保金"),
        ("低\ufe0f保\u0301\u20e3", "低保"),
        ("\ud800低保\udfff", "低保"),
        ("\x00低\x1b保\x7f", "低保"),
        ("please  check   IT", "please check it"),
        ("“低保”，怎么办？", '"低保",怎么办?'),
        ("政策【2020】——", "政策[2020]--"),
        ("İ", "i"),
        ("", ""),
        (" \u3000\n", ""),
    ],
)
def test_forms(typed, form):
    assert normalise(typed) == form


@pytest.mark.parametrize("text", ["①", "国办发〔2019〕54号", "低保👍", "㈠", "½", "km²", "é"])
def test_what_means_something_else_when_folded_stays(text):
    assert normalise(text) == text


def test_roman_numerals_only_become_small():
    assert normalise("Ⅲ级响应") == "ⅲ级响应"


def test_cleaning_keeps_script_width_and_case():
    assert clean("審批　ＡＢ\u200b  C\u0301") == "審批 ＡＢ C"


def test_simplifying_keeps_everything_but_the_script():
    assert simplify("審批　ＡＢ Ⅲ ①\ud800") == "审批　ＡＢ Ⅲ ①"
    assert simplify("plain ASCII") == "plain ASCII"


@pytest.mark.parametrize("piece", ["低 保", "\u0301", " ", "審\u200b", "〔", "👨\u200d👩"])
def test_a_very_long_message_comes_through(piece):
    text = piece * (100_000 // len(piece))
    assert normalise(text) == "".join(normalise(piece) for _ in range(100_000 // len(piece)))
