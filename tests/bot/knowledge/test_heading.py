"""Whose a document is and what it is called, from heads as offices print them."""

import pytest

from bot.knowledge.heading import area_of, date_of, lines_of, number_of, title_of
from catalogue_index.areas import national_areas
from catalogue_index.errors import UnknownArea

HEADS = {
    "red head": (
        "泽州县人民政府办公室文件\n\n泽政办发〔2020〕22号\n\n泽州县人民政府办公室 关于印发全面推进基层政务公开"
        "标准化规范化工作实施细则的通知\n\n各乡（镇）人民政府，县直及驻县各有关单位：\n",
        "140525",
        "泽州县人民政府办公室关于印发全面推进基层政务公开标准化规范化工作实施细则的通知",
    ),
    "bold and broken over lines": (
        "高府办函〔2023〕55号\n**高县人民政府办公室\n关于印发高县深化政务公开促进基层政府\n治理能力提升实施方案的通知**\n",
        "511525",
        "关于印发高县深化政务公开促进基层政府治理能力提升实施方案的通知",
    ),
    "title with city and county": (
        "# 肇庆市高要区全面推进基层政务公开 标准化规范化工作实施方案\n为贯彻落实《广东省人民政府办公厅关于……》",
        "441204",
        "肇庆市高要区全面推进基层政务公开标准化规范化工作实施方案",
    ),
    "title with province and county": (
        "山西省泽州县基层政务公开工作要点\n",
        "140525",
        "山西省泽州县基层政务公开工作要点",
    ),
    "one name inside another": (
        "北京市东城区人民政府办公室文件\n东政办发〔2021〕3号\n关于做好政务公开工作的意见（试行）",
        "110101",
        "关于做好政务公开工作的意见（试行）",
    ),
    "a name that several have, told apart": (
        "鼓楼区基层政务公开工作问答\n南京市鼓楼区政务公开办公室",
        "320106",
        "鼓楼区基层政务公开工作问答",
    ),
    "county named late": (
        "附件1\n关于全面推进政务公开的通知\n为落实《山西省人民政府办公厅意见》，按照清水河县人民政府部署，",
        "150124",
        "关于全面推进政务公开的通知",
    ),
    "city": ("晋城市人民政府办公室\n政务公开答疑", "1405", "政务公开答疑"),
    "province": (
        "广东省人民政府办公厅关于切实做好 基层政务公开标准化规范化工作的通知",
        "44",
        "广东省人民政府办公厅关于切实做好基层政务公开标准化规范化工作的通知",
    ),
}


@pytest.mark.parametrize("head", HEADS)
def test_area_and_title(head):
    text, code, title = HEADS[head]
    lines = lines_of(text)
    area = area_of(lines, national_areas())
    assert area is not None
    assert area.code == code
    assert title_of(lines) == title


@pytest.mark.parametrize("text", ["", "政务公开工作问答", "东方红，太阳升\n公开是常态的通知"])
def test_no_area_is_none(text):
    assert area_of(lines_of(text), national_areas()) is None


def test_a_name_that_several_have_is_refused_with_all_of_them():
    with pytest.raises(UnknownArea, match=r"“鼓楼区”对应多个地区：.*320106.*--area"):
        area_of(lines_of("鼓楼区人民政府办公室文件"), national_areas())


def test_a_text_without_a_title_has_none():
    assert title_of(lines_of("问：目录谁编？\n答：县里编。")) == ""
    assert title_of([]) == ""


def test_number_and_day_stand_on_lines_of_their_own():
    text = "某县人民政府\n 清政办发〔2021〕18号 \n依据国办发〔2019〕54号\n2021年12月底前\n（2021年6月1日）\n"
    assert number_of(lines_of(text)) == "清政办发〔2021〕18号"
    assert date_of(text) == "2021-06-01"
    assert number_of(["依据国办发〔2019〕54号、粤府办〔2020〕10号"]) == ""
    assert date_of("于2021年6月1日前完成") == ""
