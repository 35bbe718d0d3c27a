"""Personal numbers are found however they are typed; official numbers are left alone.

Every number here is made up: the check digits are computed in the test.
"""

import random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from catalogue_index.privacy import find, mask


def identity_card(first_17: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(d) * w for d, w in zip(first_17, weights, strict=True))
    return first_17 + "10X98765432"[total % 11]


def bank_card(start: str) -> str:
    for check in "0123456789":
        digits = [int(d) for d in start + check]
        for i in range(len(digits) - 2, -1, -2):
            digits[i] = digits[i] * 2 - 9 if digits[i] > 4 else digits[i] * 2
        if sum(digits) % 10 == 0:
            return start + check
    raise AssertionError("one of ten digits fits")


CARD = identity_card("44120419900101123")
CARD_X = next(c for n in range(999) if (c := identity_card(f"37030519850607{n:03}")).endswith("X"))
FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("identity_card", CARD),
        ("identity_card", CARD_X),
        ("identity_card", CARD_X.lower()),
        ("identity_card", CARD.translate(FULL_WIDTH)),
        ("identity_card", f"{CARD[:6]} {CARD[6:14]} {CARD[14:]}"),
        ("identity_card", " ".join(CARD)),
        ("identity_card", f"{CARD[:6]}-{CARD[6:14]}-{CARD[14:]}"),
        ("identity_card", "370305850607123"),
        ("mobile", "13800138000"),
        ("mobile", "138-0013-8000"),
        ("mobile", "138 0013 8000"),
        ("mobile", "1 9 9 0 0 1 3 8 0 0 0"),
        ("mobile", "１３８００１３８０００"),
        ("bank_card", bank_card("622202100112345678")),
        ("bank_card", bank_card("621700123456789")),
        ("bank_card", bank_card("955880123412345678")),
    ],
)
@pytest.mark.parametrize(
    "around", ["{}", "张三的号码是{}，请查收", "电话:{}。", "2024-05-01 {} 办"]
)
def test_found_and_masked_where_it_stands(kind, number, around):
    text = around.format(number)
    (personal,) = find(text)
    assert (personal.kind, text[personal.start : personal.end]) == (kind, number)
    assert number not in mask(text)
    assert "已隐去" in mask(text)


def test_country_code_and_card_words():
    assert mask("0086-13800138000或1.13800138000") == "0086-〔手机号已隐去〕或1.〔手机号已隐去〕"
    assert mask("13800138000@163.com") == "〔手机号已隐去〕@163.com"
    assert mask("请拨+86 13800138000") == "请拨+86 〔手机号已隐去〕"
    assert [p.kind for p in find("卡号 " + bank_card("401234567890123"))] == ["bank_card"]
    assert find("项目 " + bank_card("401234567890123")) == []


def test_several_in_one_text_are_all_found_in_order():
    text = f"身份证{CARD}，手机13800138000，又一个手机13900139000"
    assert [p.kind for p in find(text)] == ["identity_card", "mobile", "mobile"]
    assert (
        mask(text) == "身份证〔身份证号已隐去〕，手机〔手机号已隐去〕，又一个手机〔手机号已隐去〕"
    )


@pytest.mark.parametrize(
    "text",
    [
        "拨打12345、110、119、120、12315、96110",
        "咨询电话：0758-8391234，(0758)8391234，400-810-8888，010 6309 3008",
        "粤府办〔2020〕10号，国令第711号，GB/T 38066-2019，DB44/T 2020.1-2018",
        "自2020年1月1日至2024年12月31日，2020-01-01 2021-12-31 09:30:00",
        "统一社会信用代码：914412047123456789",
        "统一社会信用代码 91441204MA4W2X1Y3Z",
        f"统一社会信用代码 {identity_card('11441219200102123')}",
        "http://www.sxly.gov.cn/doc/2023/12/27/407974.shtml?id=13800138000",
        "http://zs.gov.cn/t20201207_13800138000.html",
        "项目代码：2020-441204-48-01-012345",
        "许可证编号：13812345678",
        "注册号：441204850607123",
        CARD[:-1] + ("0" if CARD[-1] != "0" else "1"),
        identity_card("44120419901301123"),
        identity_card("99120419900101123"),
        "1234567890123456789",
        "第 13 14 15 16 17 1 页",
        "a13800138000",
        "138001380001",
    ],
)
def test_official_numbers_are_left_alone(text):
    assert find(text) == []
    assert mask(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("张三，住某某路12号3单元402室", "张三，住〔家庭住址已隐去〕"),
        ("李小四，男，1960年生，住幸福村3组12号。", "李小四，男，1960年生，住〔家庭住址已隐去〕。"),
        ("村民王五家住新兴镇和平村８号", "村民王五家住〔家庭住址已隐去〕"),
        ("欧阳明 现住址：建设路5号阳光花园2栋1单元301", "欧阳明 现住址：〔家庭住址已隐去〕"),
        ("姓名：赵六；家庭住址：南岸街道江滨路12-3号", "姓名：赵六；家庭住址：〔家庭住址已隐去〕"),
        ("姓名：赵六\n家庭住址：高要区江滨路12-3号", "姓名：赵六\n家庭住址：〔家庭住址已隐去〕"),
        ("申请人：孙丽，家庭地址为城西街9号5栋402房", "申请人：孙丽，家庭地址为〔家庭住址已隐去〕"),
        ("姓名：周强 联系地址：解放路7号2单元501室", "姓名：周强 联系地址：〔家庭住址已隐去〕"),
        ("户主吴刚，户籍所在地：白土镇思福村12号", "户主吴刚，户籍所在地：〔家庭住址已隐去〕"),
        ("郑七（女）居住在府前街3号院6号楼202室", "郑七（女）居住在〔家庭住址已隐去〕"),
    ],
)
def test_a_home_is_masked_where_it_stands_with_a_name(text, masked):
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "地址：新兴路1号政务服务中心",
        "联系人：张三，地址：新兴路1号政务服务中心3楼302室",
        "姓名：张三 联系地址：新兴路1号县民政局302室",
        "家庭住址：某某路12号3单元402室",
        "张三，住某某路",
        "张三，住幸福村",
        "高要区，住房保障中心，江滨路12号",
        "申请人：住址、身份证号、联系电话",
        "申请人，住某某路12号3单元402室",
        "方案，住址在江滨路12号",
        "公司住所地：高要区江滨路12号",
        "张三，住建局5号文件",
        "居民身份证、户籍地址证明、《住房公积金管理条例》（国务院令第710号）",
        "张三。住某某路12号3单元402室的居民请注意",
        "经办人李四，常住人口登记在城东派出所2号窗口",
    ],
)
def test_an_address_of_an_office_or_of_nobody_is_left_alone(text):
    assert find(text) == []


@given(st.text(alphabet="张三住址：，家庭路村12号室姓名地0 。", max_size=40))
def test_masked_homes_hold_nothing_more_to_mask(text):
    assert find(mask(text)) == []


@given(st.text(alphabet="0123456789 -X—０１138年卡:", max_size=60))
def test_masked_text_holds_nothing_more_to_mask(text):
    assert find(mask(text)) == []


@given(st.integers(0, 999), st.dates(), st.sampled_from(["440106", "140525", "511525"]))
def test_every_sound_card_is_found_and_no_other_check_digit(order, day, area):
    assume(day.year >= 1880)
    card = identity_card(f"{area}{day:%Y%m%d}{order:03}")
    assert [p.kind for p in find(card)] == ["identity_card"]
    wrong = random.choice([c for c in "0123456789X" if c != card[-1]])
    assert "identity_card" not in [p.kind for p in find(card[:-1] + wrong)]
