"""The whole way of a question: routes, follow-ups, choices that lead on, the privacy gate."""

import pytest

from bot.answering.composing import choice_of
from bot.answering.finding import Candidate
from bot.answering.model import Kind, Question
from bot.answering.scope import Scope
from catalogue_index.snapshot import passage_id

HOME = Scope("441204", None, ())


@pytest.mark.parametrize(
    ("text", "route", "kind"),
    [
        ("", "nonsense", Kind.DECLINED),
        ("\u200b \n", "nonsense", Kind.DECLINED),
        ("字" * 501, "nonsense", Kind.DECLINED),
        ("你好", "chitchat", Kind.DECLINED),
        ("我不想活了", "crisis", Kind.HANDOVER),
        ("居住证怎么续期", "other_government", Kind.DECLINED),
        ("低保怎么申请，要带什么材料", "other_government", Kind.DECLINED),
        ("江汉区那张目录一共几行", "near_miss", Kind.DECLINED),
        ("红头文件扫描件传我", "near_miss", Kind.DECLINED),
        ("政务公开办的电话是多少", "near_miss", Kind.DECLINED),
        ("武昌区养老服务目录谁牵头", "near_miss", Kind.DECLINED),
    ],
)
def test_what_cannot_be_answered_goes_through_the_right_door(ask, text, route, kind):
    answer = ask(text, "441204")
    assert (answer.route, answer.kind) == (route, kind)
    assert answer.text
    assert not answer.sources


def test_who_asks_for_what_is_not_ours_is_shown_what_is_published_of_it(ask):
    answer = ask("种一亩玉米今年补多少钱，啥时候到账")
    assert (answer.kind, answer.route) == ("declined", "other_government")
    assert any("耕地地力保护" in choice.label for choice in answer.related)
    shown = ask(answer.related[0].message)
    assert shown.sources == (answer.related[0].source,)


def test_small_talk_is_shown_no_rows(ask):
    answer = ask("明天去爬山穿什么鞋合适")
    assert (answer.kind, answer.related) == ("declined", ())


def test_what_is_disclosed_about_a_service_is_ours_to_answer(ask):
    answer = ask("低保办事指南在哪里公开", "441204")
    assert answer.route == "catalogue"
    assert answer.kind in (Kind.ANSWER, Kind.CHOICES)


@pytest.mark.parametrize("area", ["441204", "140525", None])
def test_every_official_question_is_answered_by_itself(ask, knowledge, area):
    for entry in knowledge.entries_of("guangdong-2020-notice"):
        answer = ask(entry.question, area)
        assert answer.sources[0].locator["number"] == entry.number


def test_a_tapped_plan_choice_shows_that_passage(ask, knowledge):
    for document in knowledge.documents.values():
        shown = {}
        for passage in knowledge.passages_of(document.id):
            found = Candidate("plan", passage_id(passage), 1.0, ())
            choice = choice_of(found, knowledge, HOME)
            assert choice.label.replace("：", "", 1) == choice.message
            shown.setdefault(choice.message, choice.source.page)
        for message, page in shown.items():
            answer = ask(message, document.area)
            assert answer.kind is Kind.ANSWER
            assert answer.sources[0].page == page


def test_a_tapped_item_choice_shows_that_item(ask, knowledge):
    documents = [d for d in knowledge.documents.values() if d.kind == "catalogue"][::6]
    for document in documents:
        for number, item in enumerate(knowledge.items_of(document.id)[:2], 1):
            choice = choice_of(
                Candidate("item", f"{document.id}-{number}", 1.0, ()), knowledge, HOME
            )
            source = ask(choice.message, "441204").sources[0]
            assert source.locator["sector"] == item.sector
            assert source.title in choice.message


def test_a_follow_up_is_read_after_the_previous_message(ask):
    before = "公共场所卫生监督检查结果由谁公开"
    answer = ask("那多久公开呢", "441204", before)
    first = ask(before, "441204")
    assert answer.sources[0].title == first.sources[0].title
    assert "接着上一个问题理解" in answer.reasons
    assert answer.text.split("\n")[2].startswith("公开时限：")


@pytest.mark.parametrize(
    "text", ["公开依据要写到具体条款吗", "没有扶贫任务的镇还要编扶贫领域的目录吗"]
)
def test_a_fresh_question_is_not_disturbed_by_what_went_before(ask, text):
    alone = ask(text, "441204")
    after = ask(text, "441204", "公共场所卫生监督检查结果由谁公开")
    assert after.sources[0].page == alone.sources[0].page


def test_two_sectors_named_side_by_side_get_both_lines(ask):
    answer = ask("城市综合执法和公共文化服务的目录各由谁编制", "441204")
    assert [s.locator["number"] for s in answer.sources] == ["18", "20"]


def test_an_area_choice_leads_to_that_areas_answer(ask):
    back = ask("养老服务目录谁牵头")
    for choice in back.choices:
        answer = ask(choice.message)
        assert answer.kind is Kind.ANSWER
        assert choice.message.startswith(answer.sources[0].area_name)


def test_the_same_question_has_the_same_answer(services):
    question = Question("低保审批结果在哪里公开", "441204")
    assert services.answers.answer(question) == services.answers.answer(question)


def test_items_are_searched_without_plans_and_entries(services, knowledge):
    found = services.answers.search("低保 审批", "441204", 5)
    assert 0 < len(found) <= 5
    assert [score for _, score in found] == sorted((s for _, s in found), reverse=True)
    assert all(knowledge.item(key) for key, _ in found)
