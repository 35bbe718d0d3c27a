"""What makes an answer right, and how it is told."""

import pytest

from bot.answering.model import Choice, Kind

from .conftest import answer, source

FAQ = source(number=6)
ITEM = source("catalogue", sector="社会救助", category="低保", item=None)


@pytest.mark.parametrize(
    ("line", "given", "judged"),
    [
        ({"gold_faq": 6}, answer(FAQ), (True, True, False)),
        ({"gold_faq": [5, 6]}, answer(FAQ), (True, True, False)),
        ({"gold_faq": 5}, answer(FAQ), (False, False, True)),
        ({"gold_faq": 6}, answer(ITEM), (False, False, True)),
        (
            {"gold_faq": 6},
            answer(source(number=5), related=(Choice("题", "题", FAQ),)),
            (False, True, True),
        ),
        (
            {"gold_faq": 6},
            answer(kind=Kind.CHOICES, choices=(Choice("题", "题", FAQ),)),
            (False, True, False),
        ),
        ({"gold_faq": 6}, answer(kind=Kind.DECLINED), (False, False, False)),
        (
            {"must_contain": ["民政局", "各镇"]},
            answer(FAQ, text="民政局和各镇"),
            (True, True, False),
        ),
        ({"must_contain": ["民政局", "各镇"]}, answer(FAQ, text="民政局"), (False, False, True)),
        ({"must_contain": "民政局"}, answer(FAQ, text="民政局"), (True, True, False)),
        (
            {"must_contain": ["词句"]},
            answer(kind=Kind.CHOICES, text="", choices=(Choice("题", "题", FAQ),)),
            (False, True, False),
        ),
        (
            {"gold": [{"领域": "社会救助", "一级事项": "低保", "二级事项": ""}]},
            answer(ITEM),
            (True, True, False),
        ),
        (
            {"gold": [{"领域": "社会救助", "一级事项": "低保", "二级事项": "审批"}]},
            answer(ITEM),
            (False, False, True),
        ),
        ({"kind": "chitchat"}, answer(kind=Kind.DECLINED, route="chitchat"), (True, True, False)),
        ({"kind": "chitchat"}, answer(kind=Kind.DECLINED, route="abuse"), (True, False, False)),
        ({"kind": "chitchat"}, answer(FAQ), (False, False, True)),
    ],
)
def test_each_kind_of_question_is_judged(outcomes, line, given, judged):
    (outcome,) = outcomes((line, given))
    assert (outcome.first, outcome.offered, outcome.wrong) == judged


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({"gold_faq": [5, 6]}, ("faq", "第5问 / 第6问")),
        ({"must_contain": ["甲", "乙"]}, ("plan", "含有“甲”“乙”")),
        ({"gold": [{"领域": "社会救助", "一级事项": "低保"}]}, ("catalogue", "社会救助—低保")),
        ({"kind": "sensitive"}, ("outside", "辱骂或攻击 / 投诉举报 / 紧急求助 / 个人信息")),
        ({"kind": "unheard_of"}, ("outside", "unheard_of")),
    ],
)
def test_what_is_expected_is_named(outcomes, line, expected):
    (outcome,) = outcomes((line, answer(FAQ)))
    assert (outcome.gold, outcome.expected) == expected


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (answer(FAQ), "第6问 题"),
        (answer(source(number=6, title="长" * 60)), f"第6问 {'长' * 28}……"),
        (answer(ITEM), "社会救助—低保"),
        (answer(source("plan", title="一、任务")), "广东省方案 一、任务"),
        (answer(kind=Kind.CHOICES, choices=(Choice("题", "题", FAQ),)), "给了几个选项"),
        (answer(kind=Kind.DECLINED, route="near_miss"), "没有作答（相近但没有收录）"),
        (answer(kind=Kind.HANDOVER, route="crisis"), "没有作答（紧急求助）"),
    ],
)
def test_what_came_is_named(outcomes, given, told):
    (outcome,) = outcomes(({"gold_faq": 6}, given))
    assert outcome.told == told


def test_the_right_door_is_what_makes_a_refusal_right(outcomes):
    declined = {route: answer(kind=Kind.DECLINED, route=route) for route in ("abuse", "chitchat")}
    right, astray = outcomes(*(({"kind": "chitchat"}, declined[r]) for r in ("chitchat", "abuse")))
    assert (right.right, astray.right) == (True, False)
    assert astray.first
