"""Words that sound alike to many speakers have one sound here."""

import pytest

from catalogue_index.analysis.pinyin import fold, sound


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
