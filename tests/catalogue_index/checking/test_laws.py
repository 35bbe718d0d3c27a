"""Laws that are no longer in force are known by their exact names, from their day on."""

from datetime import date

import pytest

from catalogue_index.checking.laws import laws, outdated, successor

TODAY = date(2026, 9, 1)


def names(text, today=TODAY):
    return [name for name, _ in outdated(text, today)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("《中华人民共和国收养法》", ["中华人民共和国收养法"]),
        ("《合同法》《劳动合同法》", ["合同法"]),
        ("《中华人民共和国农村土地承包法》；《物权法》", ["物权法"]),
        (
            "《最低生活保障审核审批办法（试行）》（民发〔2012〕220号）",
            ["最低生活保障审核审批办法（试行）"],
        ),
        ("《政府信息公开条例》（国务院令第492号）", ["政府信息公开条例"]),
        ("《政府信息公开条例》（国令第711号）", []),
        ("《政府信息公开条例》", []),
        ("《噪声污染防治法》", ["噪声污染防治法"]),
        ("《关于实施合同法的通知》", []),
        ("收养法", []),
    ],
)
def test_citations_of_ended_laws_are_found(text, found):
    assert names(text) == found


def test_a_law_ends_on_its_day():
    assert names("《增值税暂行条例》", date(2025, 12, 31)) == []
    assert names("《增值税暂行条例》", date(2026, 1, 1)) == ["增值税暂行条例"]


def test_what_replaced_a_law_may_be_replaced_in_its_turn():
    noise = laws()["环境噪声污染防治法"]
    assert successor(noise, date(2025, 1, 1)) == "噪声污染防治法"
    assert successor(noise, TODAY) == "生态环境法典"


def test_every_law_is_listed_once_with_its_source():
    for name, law in laws().items():
        assert law.source, name
        assert law.status in ("废止", "修订"), name
        assert law.replaced_by != name
        assert "《" not in name
        assert not name.startswith("中华人民共和国")
