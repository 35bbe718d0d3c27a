"""A sector is known by its name, its other official name, or the title of its catalogue."""

import csv
from importlib.resources import files

import pytest

from catalogue_index.sectors import national_sectors

PILOTS = [
    "国土空间规划",
    "重大建设项目",
    "公共资源交易",
    "财政预决算",
    "安全生产",
    "税收管理",
    "征地补偿",
    "国有土地上房屋征收与补偿",
    "保障性住房",
    "农村危房改造",
    "环境保护",
    "公共文化服务",
    "公共法律服务",
    "扶贫",
    "救灾",
    "食品药品监管",
    "城市综合执法",
    "就业创业",
    "社会保险",
    "社会救助",
    "养老服务",
    "户籍管理",
    "涉农补贴",
    "义务教育",
    "医疗卫生",
    "市政服务",
]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("安全生产", "安全生产"),
        ("环境保护", "生态环境"),
        ("国土空间规划", "城乡规划"),
        ("救灾生产领域", "救灾"),
        ("就业创业领域", "就业"),
        ("乡村振兴（巩固脱贫成果衔接）", "乡村振兴"),
        ("新闻出版(版权)", "新闻出版版权"),
        ("户 籍 管 理", "户籍管理"),
        ("（七）社会保险", "社会保险"),
        ("1.重大建设项目", "重大建设项目"),
        ("附件3 税收管理领域", "税收管理"),
        ("附件2：公共法律服务领域基层政务公开标准目录", "公共法律服务"),
        ("XX县安全生产领域基层政务公开标准目录（试行）", "安全生产"),
        ("高县旅游局社会救助领域政务公开事项标准目录(2024年版)", "社会救助"),
        ("泽州县就业局养老服务基层政务公开标准目录", "养老服务"),
        ("国有土地上房屋征收领域", "国有土地上房屋征收与补偿"),
        ("县就业局", None),
        ("社会救助领域、养老服务领域", None),
        ("统计数据在哪里看", None),
        ("Sheet1", None),
        ("", None),
    ],
)
def test_canonical(text, name):
    assert national_sectors().canonical(text) == name


def test_all_26_names_of_the_state_council_guidance_are_known():
    found = {national_sectors().canonical(name) for name in PILOTS}
    assert len(found - {None}) == len(PILOTS) == 26


def test_mentions_keep_words_and_place_and_prefer_the_longer_name():
    text = "国有土地上房屋征收补偿和环境保护谁牵头？救灾呢"
    assert national_sectors().mentioned(text) == [
        ("国有土地上房屋征收与补偿", "国有土地上房屋征收补偿", 0),
        ("生态环境", "环境保护", 12),
        ("救灾", "救灾", 20),
    ]
    assert national_sectors().mentioned("今天天气怎么样") == []


def test_every_name_belongs_to_one_sector_and_has_a_source():
    table = files("catalogue_index").joinpath("data/sectors.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(table.splitlines()))
    names = [n for row in rows for n in (row["name"], *row["aliases"].split("、")) if n]
    assert len(names) == len(set(names))
    assert all(row["source"] for row in rows)
    assert national_sectors().names == tuple(row["name"] for row in rows)
