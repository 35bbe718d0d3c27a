"""Everyday words are found leftmost and longest first, none inside another."""

import csv
from importlib.resources import files

from hypothesis import given
from hypothesis import strategies as st

from catalogue_index.analysis import normalise
from catalogue_index.analysis.synonyms import EVERY_SECTOR, Synonym, Synonyms, everyday_words

WORD = st.text("低保金申", min_size=1, max_size=4)


def found(words, text):
    return [s.word for s in Synonyms(Synonym(word, "官方") for word in words).find(text)]


def test_the_longest_word_wins_and_what_is_inside_it_is_not_found():
    assert found(["低保", "低保金", "保金"], "低保金在哪里") == ["低保金"]
    assert found(["低保", "低保金", "保金"], "低保保金") == ["低保", "保金"]


def test_a_word_counts_once_and_order_is_that_of_the_text():
    assert found(["拆迁", "低保"], "低保和拆迁，低保") == ["低保", "拆迁"]


def test_one_word_may_stand_for_several_things():
    both = [Synonym("证", "营业执照"), Synonym("证", "不动产权证书", "自然资源")]
    assert Synonyms(both).find("办证") == both


def test_words_are_compared_in_their_normal_form():
    assert found(["ＷＣ 改造", "補償"], normalise("wc改造补偿")) == ["ＷＣ 改造", "補償"]


def test_a_word_of_blanks_is_never_found():
    assert found(["", "　", "\u200b"], "低保") == []


@given(st.lists(WORD, max_size=6, unique=True), st.text("低保金申x", max_size=20))
def test_like_a_plain_leftmost_longest_search(words, text):
    plain, at = [], 0
    while at < len(text):
        here = [word for word in words if text[at:].startswith(word)]
        if here:
            plain.append(max(here, key=len))
        at += len(plain[-1]) if here else 1
    assert found(words, text) == list(dict.fromkeys(plain))


def test_the_built_in_list_is_whole():
    table = files("catalogue_index").joinpath("data/synonyms.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(table.splitlines()))
    assert [(s.word, s.standard) for s in everyday_words()] == [
        (row["word"], row["standard"]) for row in rows
    ]
    assert len(rows) > 100
    assert all(s.word and s.standard and s.sector != EVERY_SECTOR for s in everyday_words())
    finder = Synonyms(everyday_words())
    assert Synonym("低保", "最低生活保障", "社会救助") in finder.find("低保怎么办")
