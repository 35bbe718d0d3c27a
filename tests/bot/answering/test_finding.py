"""Candidates: each with its probability and its reasons, and never from outside the scope."""

from dataclasses import replace

import pytest

from bot.answering.asking import understand
from bot.answering.finding import Finder
from bot.answering.recognising import learned_recogniser
from bot.answering.scope import Gazetteer, Scope, scope_of
from bot.answering.scoring import learned_weights
from bot.knowledge.building import REFERENCE_SHELF, build
from bot.knowledge.library import Knowledge
from bot.knowledge.model import Content
from catalogue_index.analysis.analyser import Analyser
from catalogue_index.analysis.synonyms import Synonyms, everyday_words
from catalogue_index.analysis.tokenise import Tokeniser
from catalogue_index.areas import chain, national_areas
from catalogue_index.model import Document, Item
from catalogue_index.sectors import national_sectors
from catalogue_index.snapshot import SnapshotReader
from faq.model import FaqEntry
from faq.snapshot import Phrasing

LEADS = "问的是这个领域由谁负责"
FOLLOWS = "接着上一个问题理解"
NAMED = "点名问的是这个地方"
OWN = "是您所在地区的目录"
ROW = Item("社会救助", "最低生活保障", "审批信息", content="低保名单", discloser="民政局")
SAMPLE = Content(
    Document("sample", "泽州县目录", "catalogue", "140525", "泽州县", reference=True),
    items=(ROW, replace(ROW, item="办事指南", content="低保申请材料")),
)
GAOYAO = Content(
    Document("gaoyao", "高要区目录", "catalogue", "441204", "高要区"),
    items=(replace(ROW, discloser="区民政局"),),
)


@pytest.fixture(scope="module")
def tokeniser(builtin_dir):
    return Tokeniser(national_sectors().names, builtin_dir / "cache" / "finding.txt")


@pytest.fixture(scope="module")
def finding(tokeniser):
    """Finds in given knowledge, with what this package learned."""

    def finding(knowledge):
        gazetteer = Gazetteer(national_areas(), tokeniser, knowledge.areas)
        finder = Finder(
            knowledge,
            Analyser(tokeniser, knowledge.synonyms),
            national_sectors(),
            learned_recogniser(),
            learned_weights(),
        )

        def find(text, area="441204", context=None):
            asked = understand(text)
            return finder.find(asked, scope_of(asked.text, area, gazetteer, knowledge), context)

        return finder, find

    return finding


@pytest.fixture(scope="module")
def finder(finding, knowledge):
    return finding(knowledge)[0]


@pytest.fixture(scope="module")
def find(finding, knowledge):
    return finding(knowledge)[1]


@pytest.fixture
def find_in(finding, tokeniser, tmp_path):
    """Finds in knowledge made of the given contents and phrasings."""

    def find_in(contents, phrasings=()):
        path = tmp_path / "small.sqlite"
        words = everyday_words()
        build(path, contents, phrasings, words, Analyser(tokeniser, Synonyms(words)))
        return finding(Knowledge("small", SnapshotReader(path)))

    return find_in


def keys(found):
    return [f"{candidate.type}:{candidate.key}" for candidate in found.candidates]


@pytest.mark.parametrize("area", ["441204", "140525", None])
@pytest.mark.parametrize(
    "text", ["低保审批结果在哪里公开", "养老服务目录谁牵头", "今天天气不错", "公开", "高县的方案"]
)
def test_the_probabilities_of_all_and_of_nothing_add_up_to_one(find, text, area):
    found = find(text, area)
    likely = [candidate.score for candidate in found.candidates]
    assert likely == sorted(likely, reverse=True)
    assert sum(likely) + found.nothing_score == pytest.approx(1)
    assert found.best == max(likely, default=0.0)
    assert len(set(keys(found))) == len(keys(found))
    assert len({candidate.subject for candidate in found.candidates}) == len(found.candidates)


def test_reasons_name_the_words_and_the_synonyms(find, finder):
    found = find("低保审批结果在哪里公开")
    reasons = finder.reasons(found.candidates[0], found)
    assert any(reason.startswith("命中词语 ") and "审批" in reason for reason in reasons)
    assert "命中同义词 低保=最低生活保障" in reasons


@pytest.mark.parametrize("area", ["441204", "140525", "511525"])
def test_plans_are_the_askers_own(find, knowledge, area):
    for text in ("养老服务目录谁牵头", "政务公开专区怎么建", "年底前要完成什么"):
        for candidate in find(text, area).candidates:
            if candidate.type == "plan":
                document = knowledge.documents[knowledge.passage(candidate.key).document]
                assert document.area in chain(area)


@pytest.mark.parametrize(
    ("text", "sector"),
    [("收税那块归哪家来做", "税收管理"), ("环保那一摊由谁来管", "生态环境")],
)
def test_a_line_of_the_sector_that_everyday_words_sound_like_comes_first(
    find, knowledge, text, sector
):
    plans = [c for c in find(text).candidates if c.type == "plan"]
    assert knowledge.passage(plans[0].key).sectors == (sector,)
    assert plans[0].features["plan.sector"] == 0


def test_a_passage_of_no_sector_sounds_like_none(find, knowledge):
    plans = [c for c in find("养老服务目录什么时候公布").candidates if c.type == "plan"]
    told = {c.key: "plan.sector" in c.features for c in plans}
    assert told == {c.key: bool(knowledge.passage(c.key).sectors) for c in plans}
    assert set(told.values()) == {True, False}


@pytest.mark.parametrize("home", [None, "441204", "140525"])
def test_naming_the_area_of_a_plan_speaks_for_the_plan(find, finder, home):
    found = find("高要区培训多久一次", home)
    plan = next(candidate for candidate in found.candidates if candidate.type == "plan")
    assert NAMED in finder.reasons(plan, found)
    unnamed = find("培训多久一次", "441204")
    same = next(candidate for candidate in unnamed.candidates if candidate.key == plan.key)
    assert NAMED not in finder.reasons(same, unnamed)
    assert same.score < plan.score


def test_naming_an_area_says_nothing_for_the_plan_of_another(find):
    for candidate in find("天河区培训多久一次").candidates:
        assert "plan.named" not in candidate.features


def test_the_sectors_line_comes_first_where_its_lead_is_asked(find, finder, knowledge):
    found = find("养老服务目录谁牵头")
    best = found.candidates[0]
    assert knowledge.passage(best.key).sectors == ("养老服务",)
    assert LEADS in finder.reasons(best, found)


def test_who_leads_is_told_only_for_the_sector_asked(find, finder):
    found = find("养老服务目录里都有哪些事项")
    assert all(LEADS not in finder.reasons(each, found) for each in found.candidates)


def test_a_shared_word_alone_weighs_little(find):
    plain, odd = find("权责清单"), find("权责清单炒鸡蛋放几勺盐才不会太咸呢")
    assert odd.nothing_score > plain.nothing_score
    assert odd.best < plain.best


def test_a_follow_up_uses_the_previous_message(find, finder):
    before = "公共场所卫生监督检查结果公开"
    after = find("那期限呢", context=before)
    assert FOLLOWS in finder.reasons(after.candidates[0], after)
    assert keys(after)[0] == keys(find(before))[0]
    assert after.best > find("那期限呢").best


@pytest.mark.parametrize("text", ["都写些什么", "在哪能查到", "那多久更新一次"])
def test_words_that_fit_any_matter_are_read_after_what_was_said_before(find, finder, text):
    after = find(text, context="公共场所卫生监督检查结果公开")
    assert FOLLOWS in finder.reasons(after.candidates[0], after)


def test_who_asks_for_all_rows_of_a_catalogue_is_hardly_answered_from_elsewhere(find):
    assert "nothing.lists" in find("养老服务目录里面具体有哪些二级事项").nothing
    assert "nothing.lists" not in find("养老服务目录谁牵头").nothing


def test_a_question_with_a_subject_of_its_own_follows_nothing(find):
    text = "养老服务目录谁牵头"
    assert find(text, context="公共场所卫生监督检查结果公开") == find(text)


@pytest.mark.parametrize("text", ["😀😀", "？"])
def test_a_text_without_words_finds_nothing(find, text):
    found = find(text)
    assert found.candidates == ()
    assert (found.best, found.nothing_score) == (0.0, 1.0)


@pytest.mark.parametrize("mark", ["", "？", "。"])
def test_an_official_question_word_for_word_is_its_entry(finder, knowledge, mark):
    everywhere = Scope(None, None, (REFERENCE_SHELF,))
    for entry in knowledge.entries_of("guangdong-2020-notice"):
        asked = understand(f" {entry.question.rstrip('？?。')}{mark}\n")
        exact = finder.exact(asked, everywhere)
        assert exact
        assert (exact.type, exact.key) == ("faq", f"{entry.document}-{entry.number}")
        assert finder.exact(asked, Scope("140525", None, ("140525",))) is None
    assert finder.exact(understand("目录谁来编"), everywhere) is None


def test_of_two_answers_to_the_same_question_the_one_that_binds_the_asker_is_taken(find_in):
    def annex(name, area, reference):
        document = Document(name, name, "faq", area, name, reference=reference)
        return Content(document, entries=(FaqEntry(name, 1, "", "公开栏多久更新", "每月更新"),))

    contents = [annex(*told) for told in (("own", "441204", False), ("all", "140525", True))]
    finder, _ = find_in(contents)
    for area, key in (("441204", "own-1"), ("140525", "all-1")):
        exact = finder.exact(
            understand("公开栏多久更新？"), Scope(area, None, (area, REFERENCE_SHELF))
        )
        assert exact.key == key


@pytest.mark.parametrize(
    ("text", "elsewhere"),
    [
        ("武昌区养老服务目录谁牵头", True),
        ("武昌区养老服务目录由哪个局负责", True),
        ("武昌区的低保审批结果在哪公开", False),
        ("高县养老服务目录谁牵头", False),
        ("养老服务目录谁牵头", False),
    ],
)
def test_who_leads_where_we_have_no_plan_is_not_ours_to_say(
    finder, knowledge, tokeniser, text, elsewhere
):
    asked = understand(text)
    gazetteer = Gazetteer(national_areas(), tokeniser, knowledge.areas)
    scope = scope_of(asked.text, "441204", gazetteer, knowledge)
    assert finder.leads_elsewhere(asked, scope) is elsewhere


def test_the_askers_own_row_stands_for_the_same_row_of_other_places(find_in):
    finder, find = find_in([SAMPLE, GAOYAO])
    found = find("低保审批信息在哪里公开")
    assert keys(found) == ["item:gaoyao-1", "item:sample-2"]
    assert OWN in finder.reasons(found.candidates[0], found)
    assert OWN not in finder.reasons(found.candidates[1], found)


def test_a_reference_row_is_nobodys_own(find_in):
    finder, find = find_in([SAMPLE, GAOYAO])
    found = find("低保审批信息在哪里公开", "140525")
    assert keys(found)[0] == "item:sample-1"
    assert "item:gaoyao-1" not in keys(found)
    assert OWN not in finder.reasons(found.candidates[0], found)


def test_what_people_say_of_an_item_finds_it_by_that_alone(find_in):
    said = [Phrasing("item:社会救助/最低生活保障/审批信息", "我们村哪家吃上救济了")]
    text = "村里哪家吃上救济"
    finder, find = find_in([SAMPLE, GAOYAO], said)
    found = find(text)
    assert keys(found)[0] == "item:gaoyao-1"
    assert "和大家常用的问法相近" in finder.reasons(found.candidates[0], found)
    assert found.best > find_in([SAMPLE, GAOYAO])[1](text).best
