import pytest

from catalogue_index.documents.numbering import Number, number_of


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("第一章 总则", Number(1, "第一章", "总则")),
        ("一、总体要求", Number(2, "一", "总体要求")),
        ("（十二）探索", Number(3, "（十二）", "探索")),
        ("(一)探索", Number(3, "(一)", "探索")),
        ("3. 出台", Number(4, "3", "出台")),
        ("10、出台", Number(4, "10", "出台")),
        ("（2）要求", Number(5, "（2）", "要求")),
        ("①要求", Number(6, "①", "要求")),
    ],
)
def test_numbers_of_official_documents(text, number):
    assert number_of(text) == number


@pytest.mark.parametrize(
    "text", ["26个领域", "2020年底前", "3.5万人", "一些单位", "（此件公开）", ""]
)
def test_other_beginnings_are_no_numbers(text):
    assert number_of(text) is None
