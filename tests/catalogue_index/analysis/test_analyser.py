"""Official text and questions become terms in the same way."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue_index.analysis.analyser import Analyser
from catalogue_index.analysis.synonyms import Synonym, Synonyms
from catalogue_index.analysis.tokenise import Tokeniser

LOW = Synonym("低保", "最低生活保障", "社会救助")


@pytest.fixture(scope="module")
def analyser():
    return Analyser(Tokeniser(), Synonyms([LOW]))


def test_characters_pairs_and_words(analyser):
    terms = analyser.terms("公开公开 WiFi")
    assert terms["公"] == terms["公开"] == terms["=公开"] == 2
    assert terms["开公"] == 1
    assert terms["wifi"] == terms["=wifi"] == 1


def test_pairs_do_not_reach_over_punctuation(analyser):
    assert "开低" not in analyser.terms("公开，低保")


def test_a_question_is_widened_by_the_office_words_at_less_weight(analyser):
    query = analyser.query("低保公示")
    assert query.synonyms == (LOW,)
    assert query.terms["低保"] == 1
    assert 0 < query.terms["救助"] < query.terms["最低"] < 1
    assert query.terms["保"] == 1, "a term of the question itself keeps its count"


@pytest.mark.parametrize("text", ["", "？！…", "👍", "\ud800", " \n"])
def test_a_text_without_letters_has_no_terms(analyser, text):
    assert analyser.terms(text) == {}
    assert analyser.query(text).terms == {}


@settings(max_examples=50)
@given(st.text(max_size=60))
def test_a_question_without_everyday_words_is_its_own_terms(analyser, text):
    query = analyser.query(text)
    assert query.terms.items() >= dict(analyser.terms(text)).items()
    assert query.synonyms or query.terms == analyser.terms(text)
