"""What an office reviewed as a way of asking is answered so: in these words in any order, and in its own area."""

from datetime import datetime
from functools import cache

import pytest

from bot import bootstrap
from bot.answering.model import Kind, Question
from bot.clock import CHINA
from bot.knowledge.edits import LocalEntry, alias, entry
from bot.knowledge.library import Knowledge
from bot.knowledge.model import Content
from bot.knowledge.service import KnowledgeService
from catalogue_index.analysis.tokenise import Tokeniser
from catalogue_index.areas import national_areas
from catalogue_index.model import Document, Item
from faq.model import FaqEntry

AT = datetime(2026, 11, 21, 9, tzinfo=CHINA)
BUILTIN = (
    Content(
        Document("notice", "某省答疑", "faq", "44", "广东省", reference=True),
        entries=(FaqEntry("notice", 1, "", "标准目录由谁来编制？", "由县级政府编制。"),),
    ),
    Content(
        Document("catalogue", "高要区目录", "catalogue", "441204", "高要区"),
        items=(Item("社会救助", "最低生活保障", "审核信息", time_limit="公示7个工作日"),),
    ),
)
ALLOWANCE = LocalEntry("高龄津贴发多少钱？", "每人每月五十元。", "高龄津贴办法", "高府〔2024〕3号")


@cache
def tokeniser():
    return Tokeniser()


@pytest.fixture(scope="module")
def answer(tmp_path_factory):
    """Answers from a version in which the office's edits hold."""
    service = KnowledgeService(
        tmp_path_factory.mktemp("office"),
        tokeniser,
        national_areas(),
        lambda: AT,
        "1",
        lambda: BUILTIN,
        phrasings=lambda: (),
    )
    service.ensure()
    said = {"area": "441204", "by": "小李", "at": AT}
    for edit in (
        entry(ALLOWANCE, **said),
        alias("faq:notice-1", ["街坊的小本本归谁弄"], **said),
        alias("item:社会救助/最低生活保障/审核信息", ["吃皇粮的榜贴几天"], **said),
    ):
        kept = service.propose(edit)
        service.decide(kept.id, lambda one: one.approved("老王", AT))
    known = service.versions.load(service.versions.current(), Knowledge)
    answerer = bootstrap._answerer(tokeniser, known)
    return lambda text, area="441204", context=None: answerer.answer(Question(text, area, context))


@pytest.mark.parametrize(
    ("asked", "page"),
    [
        ("高龄津贴发多少钱", "/faq/local-"),
        ("请问一下，发多少钱啊，高龄津贴", "/faq/local-"),
        ("小本本归谁弄呀，我们街坊的", "/faq/notice-1"),
        ("吃皇粮的榜贴几天？", "/items/catalogue-1"),
    ],
)
def test_who_asks_so_gets_it_whatever_the_order(answer, asked, page):
    given = answer(asked)

    assert given.kind is Kind.ANSWER
    assert given.sources[0].page.startswith(page)
    assert given.reasons[0] in ("是本单位审核过的问法", "与官方问题一字不差")


def test_a_local_answer_is_official_text_with_its_own_source(answer):
    given = answer("高龄津贴发多少钱")

    assert ALLOWANCE.answer in given.text
    assert "高龄津贴办法" in given.text
    assert "高府〔2024〕3号" in given.text
    assert given.sources[0].binding


@pytest.mark.parametrize("area", ["370303", None])
def test_it_is_for_its_own_area(answer, area):
    given = answer("高龄津贴发多少钱", area)

    assert not any(source.page.startswith("/faq/local-") for source in given.sources)


def test_a_call_for_help_is_one_whatever_was_reviewed(answer):
    assert answer("高龄津贴发多少钱，再不发我就不想活了").route == "crisis"


def test_a_few_words_after_another_message_are_no_question_of_their_own(answer):
    given = answer("贴几天", context="吃皇粮的榜")

    assert given.reasons != ("是本单位审核过的问法",)
