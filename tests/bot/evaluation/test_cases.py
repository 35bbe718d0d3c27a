"""How question sets are read, and what is said of those that cannot be."""

import pytest

from bot.evaluation.cases import read_cases
from catalogue_index.areas import national_areas
from catalogue_index.errors import Refused, UnreadableFile


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "1",
        '{"question": "问"}',
        '{"gold_faq": 1}',
        '{"kind": "x"}',
        '{"question": 1, "kind": "x"}',
        '{"question": "问", "context": 1, "kind": "x"}',
        '{"question": "问", "gold_faq": "六"}',
        '{"question": "问", "gold_faq": []}',
        '{"question": "问", "must_contain": [1]}',
        '{"question": "问", "must_contain": [""]}',
        '{"question": "问", "gold": ["低保"]}',
        '{"question": "问", "gold": 1}',
        '{"question": "问", "kind": 1}',
        '{"question": "问", "kind": ""}',
        '{"question": "问", "gold_faq": 1, "area": "火星县"}',
    ],
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


def test_areas_by_name_become_codes_and_context_is_kept(write_set):
    path = write_set({"gold_faq": 1, "area": "高县", "context": "前", "asks": "when"})
    (case,) = read_cases(path, national_areas())
    assert (case.question.area, case.question.context, case.id) == ("511525", "前", "1")
    assert (case.set, case.area, case.asks, case.style) == ("题", "高县", "when", "全部")


def test_a_town_that_is_not_in_the_list_may_ask(write_set):
    (case,) = read_cases(write_set({"gold_faq": 1, "area": "441204101"}), national_areas())
    assert case.question.area == "441204101"
