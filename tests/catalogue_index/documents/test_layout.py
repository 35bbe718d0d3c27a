import pytest

from catalogue_index.documents import layout


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("高县政务公开工作实施方案", True),
        ("26个试点领域责任分工表", True),
        ("关于印发方案的通知（川办函〔2021〕57号）", True),
        ("各单位要制定方案，落实责任", False),
        ("县教育局", False),
    ],
)
def test_titles(text, title):
    assert layout.is_title(text) is title


@pytest.mark.parametrize(
    ("text", "finished"),
    [
        ("做好工作。", True),
        ("称为“最后一公里”。", True),
        ("他说：“好。”", True),
        ("通知如下：", True),
        ("做好工作。（县教育局负责）", True),
        ("（此件公开发布）", True),
        ("做好工作。（详见附件）", True),
        ("按照《意见》（国办发〔2019〕54号）", False),
        ("做好工", False),
        ("做好；", False),
    ],
)
def test_finished_lines(text, finished):
    assert layout.is_finished(text) is finished


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("附件2", layout.is_attachment),
        ("附 件", layout.is_attachment),
        ("【怎样编制】", layout.is_section),
        ("组长：何彬", layout.is_label),
        ("附件1：分工表", layout.is_label),
        ("2020年7月31日印发", layout.is_date),
        ("二〇二〇年七月三十一日", layout.is_date),
        ("泽州县人民政府办公室", layout.is_office),
        ("泽州县人民政府办公室文件", layout.is_office),
        ("泽政办发〔2020〕22号", layout.stands_alone),
        ("（此件公开发布）", layout.stands_alone),
        ("〔县教育局、各镇", layout.begins_with_duty),
        ("（责任单位：各镇", layout.begins_with_duty),
        ("http://www.example.cn/1.html", layout.is_link),
    ],
)
def test_forms_of_lines(text, form):
    assert form(text)
    assert not form("做好政务公开工作，落实责任。")


def test_office_closes_a_document_only_over_a_date():
    assert layout.is_closing("高县人民政府办公室", "2023年10月19日")
    assert not layout.is_closing("高县人民政府办公室", "县教育局")
    assert layout.is_closing("2023年10月19日", "")
    assert layout.is_closing("抄送：县委办公室。", "")
