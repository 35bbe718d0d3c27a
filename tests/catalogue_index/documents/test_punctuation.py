import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_index.documents.punctuation import clean


def test_chinese_marks_are_for_chinese_text_only():
    assert (
        clean("(四) 强化考核,切实督促(附件 2);时间:9:00")
        == "（四）强化考核，切实督促（附件2）；时间：9:00"
    )
    assert clean("see http://a.cn/?q=1,2 (IPv6)") == "see http://a.cn/?q=1,2 (IPv6)"


def test_scan_blanks_between_chinese_and_digits_go():
    assert clean("2020 年 8 月，对照 26 个领域") == "2020年8月，对照26个领域"


def test_blank_between_two_units_of_a_cell_stays():
    assert clean("县发展和改革局 县行政审批局") == "县发展和改革局 县行政审批局"


def test_running_text_has_no_blanks_between_chinese_characters():
    assert clean("关于做好 政务公开的通知", running=True) == "关于做好政务公开的通知"


@pytest.mark.parametrize(
    ("scanned", "text"),
    [
        ("组  长：何 彬 副县长", "组长：何彬 副县长"),
        ("责 任 单 位", "责任单位"),
        ("要求（见 (1) 项）", "要求（见（1）项）"),
        ("单位：\u3000县局", "单位：县局"),
        ("((见附件))", "（（见附件））"),
    ],
)
def test_padding_and_nested_brackets(scanned, text):
    assert clean(scanned) == text


CHINESE = st.text(
    "政务公开标准目录县局一二12.、，。；：（）()〔〕“”【】问答附件附 \t\n#*-|ab:,", max_size=120
)


@given(CHINESE)
def test_cleaning_twice_changes_nothing(text):
    assert clean(clean(text)) == clean(text)
