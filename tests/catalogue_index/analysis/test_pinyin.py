"""Words that sound alike to many speakers have one sound here."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin

from catalogue_index.analysis.pinyin import fold, sound, sounding


def sounds(word):
    return [sound(character) for character in word]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("底保", "低保"),
        ("改照", "改造"),
        ("老东保障", "劳动保障"),
        ("拆迁不偿", "拆迁补偿"),
        ("森林", "深林"),
        ("英才", "因才"),
    ],
)
def test_homophones_sound_equal(typed, meant):
    assert typed != meant
    assert sounds(typed) == sounds(meant)


@pytest.mark.parametrize(("one", "other"), [("低保", "医保"), ("征地", "征兵"), ("公开", "公告")])
def test_other_words_sound_different(one, other):
    assert sounds(one) != sounds(other)


@pytest.mark.parametrize(
    ("syllable", "folded"),
    [
        ("zhao", "zao"),
        ("chi", "ci"),
        ("shan", "san"),
        ("lan", "nan"),
        ("zhuang", "zuan"),
        ("ling", "nin"),
        ("ng", "ng"),
        ("zong", "zon"),
        ("er", "er"),
    ],
)
def test_folded_syllables(syllable, folded):
    assert fold(syllable) == folded


def test_a_character_without_a_sound_sounds_like_itself():
    assert sound("①") == "①"


@given(st.characters(min_codepoint=0x3400, max_codepoint=0x9FFF))
def test_a_character_sounds_as_its_usual_reading(character):
    assert sound(character) == fold(lazy_pinyin(character)[0])


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x9FFF), min_size=2, max_size=9))
def test_texts_that_sound_alike_and_no_others_are_one(text):
    one, *others = text
    assert len(sounding(text)) == len(text)
    assert sounding(sounding(text)) == sounding(text)
    for other in others:
        assert (sounding(one) == sounding(other)) == (sound(one) == sound(other))


def test_a_text_sounds_as_a_homophone_of_it():
    assert sounding("底保a①𠮷") == sounding("低报a①𠮷")
