"""An area is known by its code, its full name, its name, or what people call it."""

import csv
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_index.areas import LEVELS, NATION, Area, Areas, chain, national_areas
from catalogue_index.errors import UnknownArea

ROWS = list(
    csv.DictReader(
        files("catalogue_index").joinpath("data/areas.csv").read_text("utf-8").splitlines()
    )
)


@pytest.fixture(scope="module")
def areas():
    return national_areas()


@pytest.mark.parametrize(
    ("code", "name", "full_name"),
    [
        ("44", "广东省", "广东省"),
        ("4412", "肇庆市", "广东省肇庆市"),
        ("441204", "高要区", "广东省肇庆市高要区"),
        ("140525", "泽州县", "山西省晋城市泽州县"),
        ("420103", "江汉区", "湖北省武汉市江汉区"),
        ("511525", "高县", "四川省宜宾市高县"),
        ("1101", "市辖区", "北京市"),
        ("110101", "东城区", "北京市东城区"),
        ("469021", "定安县", "海南省定安县"),
        ("500240", "石柱土家族自治县", "重庆市石柱土家族自治县"),
        ("", "全国", "全国"),
    ],
)
def test_a_code_gives_its_names(areas, code, name, full_name):
    assert areas.get(code) == Area(code, name, full_name)


def test_towns_and_villages_bring_their_name(areas):
    assert areas.get("441204102", "回龙镇").full_name == "广东省肇庆市高要区回龙镇"
    assert areas.get("441204102001", "回龙村").full_name == "广东省肇庆市高要区回龙村"
    with pytest.raises(UnknownArea, match="--area-name"):
        areas.get("441204102")


def test_a_name_from_the_list_is_not_overwritten(areas):
    assert areas.get("441204", "别的区").name == "高要区"


@pytest.mark.parametrize(
    "code", ["4", "441", "44120", "4412041", "44120410", "4412041020", "1" * 11, "1" * 13]
)
def test_a_code_of_another_length_is_malformed(areas, code):
    with pytest.raises(UnknownArea, match="应为 2、4、6、9 或 12 位数字"):
        areas.get(code, "某地")
    with pytest.raises(UnknownArea, match="应为"):
        areas.find(code)


@pytest.mark.parametrize(
    "code", ["４４", "4a", "-1", "44 ", " 44", "四四", "44\n", "٤٤", "4.", "²²"]
)
def test_what_is_not_plain_digits_is_malformed(areas, code):
    with pytest.raises(UnknownArea, match="不正确"):
        areas.get(code, "某地")


@given(st.text(max_size=13))
def test_any_code_is_an_area_or_is_refused(code):
    try:
        area = national_areas().get(code, "某地")
    except UnknownArea:
        assert len(code) not in LEVELS or not (code.isascii() and code.isdigit())
    else:
        assert (area.code, len(code) in (0, *LEVELS)) == (code, True)


def test_a_well_formed_code_that_is_not_listed_is_said_so(areas):
    with pytest.raises(UnknownArea, match="“999999”不在行政区划表中"):
        areas.get("999999")


def test_every_code_in_the_list_builds_and_is_found_by_its_full_name(areas):
    assert len(ROWS) == len({row["code"] for row in ROWS}) == 3354
    listed = dict(areas.names())
    for row in ROWS:
        area = areas.get(row["code"])
        assert area.name == row["name"]
        assert area.full_name.endswith(row["name"]) or row["code"] not in listed
        assert areas.get(row["code"][:2]).name in area.full_name
        if row["code"] in listed:
            assert area in areas.named(area.full_name)


def test_a_chain_goes_from_the_nearest_to_the_nation():
    assert chain("441204102001") == ("441204102001", "441204102", "441204", "4412", "44", NATION)
    assert chain("441204") == ("441204", "4412", "44", NATION)
    assert chain("44") == ("44", NATION)
    assert chain(NATION) == (NATION,)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("高县", "高县"),
        ("高要区", "高要"),
        ("泽州县", "泽州"),
        ("浦东新区", "浦东"),
        ("石柱土家族自治县", "石柱土家族"),
        ("鄂伦春自治旗", "鄂伦春"),
        ("香港特别行政区", "香港"),
        ("神农架林区", "神农架"),
        ("锡林郭勒盟", "锡林郭勒"),
        ("广东省", "广东"),
        ("城区", "城区"),
        ("县", "县"),
    ],
)
def test_short_names_keep_two_characters(name, short):
    assert Area("", name, name).short_name == short


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("441204", "441204"),
        (" 441204\n", "441204"),
        ("高要区", "441204"),
        ("高要", "441204"),
        ("高县", "511525"),
        ("肇庆市高要区", "441204"),
        ("广东省肇庆市高要区", "441204"),
        ("南京市鼓楼区", "320106"),
        ("广东", "44"),
        ("北京市", "11"),
    ],
)
def test_finding(areas, text, code):
    assert areas.find(text).code == code


def test_a_name_that_several_have_is_refused_with_all_of_them(areas):
    with pytest.raises(
        UnknownArea, match=r"江苏省南京市鼓楼区（320106）.*请写全称或代码"
    ) as caught:
        areas.find("鼓楼区")
    assert str(caught.value).count("（") == 4
    assert {area.name for area in areas.named("鼓楼区")} == {"鼓楼区"}


@pytest.mark.parametrize("text", ["", " ", "没有这个县", "市辖区", "县", "高"])
def test_what_no_area_is_called_is_refused(areas, text):
    assert areas.named(text) == []
    with pytest.raises(UnknownArea, match="没有找到地区"):
        areas.find(text)


def test_own_names_are_trusted_before_short_ones():
    areas = Areas([("11", "甲省"), ("1101", "东山市"), ("110101", "东山"), ("110102", "西山区")])
    assert [area.code for area in areas.named("东山")] == ["110101"]
    assert [area.code for area in areas.named("西山")] == ["110102"]


def test_placeholders_are_no_names(areas):
    assert not {"市辖区", "县", "省直辖县级行政区划"} & {name for _, name in areas.names()}


@pytest.mark.parametrize(
    ("padded", "name"),
    [
        ("440000", "广东省"),
        ("441200", "肇庆市"),
        ("441204000", "高要区"),
        ("441204000000", "高要区"),
    ],
)
def test_zeros_that_fill_up_a_code_are_not_part_of_it(padded: str, name: str) -> None:
    area = national_areas().get(padded)
    assert area.name == name
    assert padded.startswith(area.code)
    assert set(padded[len(area.code) :]) == {"0"}


def test_a_town_of_a_padded_code_stays_a_town() -> None:
    assert national_areas().get("441204101000", "金渡镇").code == "441204101"


def test_asking_takes_any_well_formed_code() -> None:
    assert national_areas().find("441204101") == Area(
        "441204101", "441204101", "广东省肇庆市高要区441204101"
    )
    with pytest.raises(UnknownArea):
        national_areas().find("44120")
