"""Candidates: scored, with reasons, and never from outside the scope."""

import pytest

from bot.answering.asking import understand
from bot.answering.finding import Finder
from bot.answering.scope import Gazetteer, scope_of
from catalogue_index.analysis.analyser import Analyser
from catalogue_index.analysis.tokenise import Tokeniser
from catalogue_index.areas import chain, national_areas
from catalogue_index.sectors import national_sectors


@pytest.fixture(scope="module")
def find(knowledge, builtin_dir):
    sectors = national_sectors()
    tokeniser = Tokeniser(sectors.names, builtin_dir / "cache" / "finding.txt")
    gazetteer = Gazetteer(national_areas(), tokeniser, knowledge.areas)
    finder = Finder(knowledge, Analyser(tokeniser, knowledge.synonyms), sectors)

    def find(text, area="441204", context=None):
        scope = scope_of(understand(text).text, area, gazetteer, knowledge)
        return finder.find(understand(text), scope, context)

    return find


def test_candidates_come_best_first_with_scores_between_0_and_1(find):
    found = find("低保审批结果在哪里公开")
    scores = [candidate.score for candidate in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)
    assert len({(candidate.type, candidate.key) for candidate in found}) == len(found)


def test_reasons_name_the_words_and_the_synonyms(find):
    reasons = " ".join(find("低保审批结果在哪里公开")[0].reasons)
    assert "命中词语" in reasons
    assert "命中同义词 低保=最低生活保障" in reasons


@pytest.mark.parametrize("area", ["441204", "140525", "511525"])
def test_plans_are_the_askers_own(find, knowledge, area):
    for text in ("养老服务目录谁牵头", "政务公开专区怎么建", "年底前要完成什么"):
        for candidate in find(text, area):
            if candidate.type == "plan":
                document = knowledge.documents[knowledge.passage(candidate.key).document]
                assert document.area in chain(area)


def test_the_sectors_line_comes_first_where_its_lead_is_asked(find, knowledge):
    best = find("养老服务目录谁牵头")[0]
    assert knowledge.passage(best.key).sectors == ("养老服务",)
    assert "问的是养老服务领域由谁负责" in best.reasons


def test_a_shared_word_alone_weighs_little(find):
    plain, odd = find("权责清单")[0], find("权责清单炒鸡蛋放几勺盐才不会太咸呢")[0]
    assert odd.score < plain.score / 2


def test_a_follow_up_uses_the_previous_message(find):
    alone = find("那期限呢")
    after = find("那期限呢", context="公共场所卫生监督检查结果公开")
    assert "接着上一个问题理解" in after[0].reasons
    assert after[0].key != (alone[0].key if alone else None)


def test_a_text_without_known_words_finds_nothing(find):
    assert find("😀😀") == []
