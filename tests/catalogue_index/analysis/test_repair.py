"""Homophones are read as the knowledge's own words, and nothing else is."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_index.analysis.repair import COMMON, Reading, Repairer, words_by_sound

COUNTS = {
    "公布": 40,
    "公开": 90,
    "低保": 30,
    "审批": 12,
    "标准": 25,
    "公部": 1,
    "由谁": 9,
    "谁公": 6,
}


def repairer(counts, words=()):
    weights = {term: math.log(1000 / n) for term, n in counts.items()}
    return Repairer({**weights, **{f"={word}": 1.0 for word in words}}, words_by_sound(counts))


@pytest.fixture(scope="module")
def repair():
    return repairer(COUNTS).repair


@pytest.mark.parametrize(
    ("typed", "read", "readings"),
    [
        ("由谁公步", "由谁公布", [Reading("公步", "公布")]),
        ("底保审批", "低保审批", [Reading("底保", "低保")]),
        ("标准公开", "标准公开", []),
        ("低报和公步", "低保和公布", [Reading("低报", "低保"), Reading("公步", "公布")]),
    ],
    ids=["at the end", "at the start", "known words stay", "two in one"],
)
def test_a_homophone_is_read_as_the_common_word(repair, typed, read, readings):
    assert repair(typed) == (read, tuple(readings))


def test_a_word_of_other_characters_stays_though_it_sounds_the_same(repair):
    assert repair("滴宝") == ("滴宝", ())


def test_a_word_that_a_neighbour_needs_stays():
    known = {"低保": 30, "底线": 8, "保底": 8}
    assert repairer(known).repair("保底保")[0] == "保底保"
    known = {"厂找": 30, "招工": 8, "找工": 8}
    assert repairer(known).repair("本厂招工")[0] == "本厂找工", "a pair that is no word may go"
    assert repairer(known, ["招工"]).repair("本厂招工")[0] == "本厂招工"


def test_a_pair_across_the_border_of_a_word_of_the_language_is_none():
    known = {"个行": 30, "去哪": 30, "公布": 40}
    assert repairer(known).repair("一个星期公步", [(2, 4)])[0] == "一个星期公布"
    assert repairer(known).repair("一个星期公步", [(1, 4)])[0] == "一个行期公布"
    assert repairer(known).repair("去那里看", [(1, 3)])[0] == "去哪里看"


def test_a_slip_that_texts_have_once_or_twice_is_one_and_a_rare_word_is_none():
    counts = {"公布": 400, "公步": 2, "公部": 20, "合作": 400, "合坐": 2}
    assert repairer(counts).repair("公步公部")[0] == "公布公部"
    assert repairer(counts, ["合坐"]).repair("合坐")[0] == "合坐"


def test_the_commonest_pair_of_a_sound_is_taken_and_rare_ones_never():
    found = words_by_sound({"公布": 40, "工部": 41, "底包": COMMON - 1})
    assert found == {"gon bu": "工部"}


@given(st.text("低底保公布步由谁 a1,。", max_size=20))
def test_repairing_keeps_the_length_and_says_all_it_changed(text):
    read, readings = repairer(COUNTS).repair(text)
    assert len(read) == len(text)
    assert bool(readings) == (read != text)
    assert all(reading.read in COUNTS for reading in readings)
