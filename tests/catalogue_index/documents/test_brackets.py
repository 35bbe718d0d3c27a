import pytest

from catalogue_index.documents.brackets import last_bracket, left_open


@pytest.mark.parametrize(
    ("text", "bracket"),
    [
        ("完成。〔各乡（镇）负责〕", "〔各乡（镇）负责〕"),
        ("完成。（县委宣传部（县委网信办）负责）", "（县委宣传部（县委网信办）负责）"),
        ("完成。〔各局负责）", "〔各局负责）"),
    ],
)
def test_last_bracket_is_the_outer_one_at_the_end(text, bracket):
    assert text[last_bracket(text) :] == bracket


@pytest.mark.parametrize("text", ["", "（附件）已发。", "负责）", "《条例》"])
def test_text_that_ends_otherwise_has_no_last_bracket(text):
    assert last_bracket(text) is None


def test_left_open_until_closed():
    assert left_open("完成。（责任单位：县教育局")
    assert not left_open("完成。（责任单位：各乡（镇））")
    assert not left_open("多出的）括号")


def test_bracket_lost_long_ago_is_not_open():
    assert not left_open("（" + "政" * 300)
