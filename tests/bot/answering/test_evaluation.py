"""How question sets are read and judged."""

import json

import pytest

from bot.answering.evaluation import evaluate, read_cases, scores
from bot.answering.model import Answer, Choice, Kind, Source
from catalogue_index.areas import national_areas
from catalogue_index.errors import Refused, UnreadableFile


def source(type="faq", **locator):
    return Source(type, "d", "文件", "44", "广东省", "2020", "题", "词句", True, "/", locator)


FAQ = source(number=6)
ITEM = source("catalogue", sector="社会救助", category="低保", item=None)


def answer(*sources, text="词句", choices=(), related=(), kind=Kind.ANSWER, route="faq"):
    return Answer(kind, route, text, 0.5, sources, choices, related)


@pytest.fixture
def judge(tmp_path):
    def judge(line, given):
        path = tmp_path / "题.jsonl"
        path.write_text(json.dumps({"question": "问"} | line, ensure_ascii=False), "utf-8")
        (outcome,) = evaluate(read_cases(path, national_areas()), lambda _: given)
        return outcome.first, outcome.offered, outcome.wrong

    return judge


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
def test_each_kind_of_question_is_judged(judge, line, given, judged):
    assert judge(line, given) == judged


@pytest.mark.parametrize(
    "line", ["{", "[]", "1", '{"question": "问"}', '{"gold_faq": 1}', '{"kind": "x"}']
)
def test_a_bad_line_is_named(tmp_path, line):
    path = tmp_path / "题.jsonl"
    path.write_text(f'{{"question": "问", "gold_faq": 1}}\n\n{line}\n', "utf-8")
    with pytest.raises(Refused, match=r"“题\.jsonl”第 3 行用不了"):
        read_cases(path, national_areas())


def test_an_empty_set_is_refused(tmp_path):
    path = tmp_path / "题.jsonl"
    path.write_text("\n\n", "utf-8")
    with pytest.raises(UnreadableFile, match=r"“题\.jsonl”"):
        read_cases(path, national_areas())


def test_areas_by_name_become_codes_and_context_is_kept(tmp_path):
    path = tmp_path / "题.jsonl"
    path.write_text('{"question": "问", "gold_faq": 1, "area": "高县", "context": "前"}', "utf-8")
    (case,) = read_cases(path, national_areas())
    assert (case.question.area, case.question.context, case.id) == ("511525", "前", "1")


def test_scores_come_by_style_and_add_up(tmp_path):
    path = tmp_path / "题.jsonl"
    lines = [("a", 6), ("b", 6), ("a", 5)]
    text = [json.dumps({"question": "问", "style": s, "gold_faq": n}) for s, n in lines]
    path.write_text("\n".join(text), "utf-8")
    table = scores(evaluate(read_cases(path, national_areas()), lambda _: answer(FAQ)))
    assert [(s.style, s.cases, s.first, s.wrong) for s in table] == [
        ("a", 2, 1, 1),
        ("b", 1, 1, 0),
        ("合计", 3, 2, 1),
    ]
