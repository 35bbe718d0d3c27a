"""What a guide holds, and how names are compared with it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_index.checking.guide import consensus, of_file, plain
from catalogue_index.checking.naming import compare
from catalogue_index.importing import Import, Report
from catalogue_index.model import Item, Place


def rows(*names, sector="安全生产", channels="政府网站"):
    return [
        Item(sector, category, item, channels=channels, place=Place(number))
        for number, (category, item) in enumerate(names, 2)
    ]


def guide(items):
    return of_file(Import(tuple(items), Report(len(items), len(items))))


def outcome(draft, official):
    (found,) = compare(draft, guide(official))
    return {
        "categories": [official for _, official in found.categories],
        "renamed": [(item.item, row.item) for item, row in found.renamed],
        "removed": [(item.item, row.item) for item, row in found.removed],
        "emptied": [name for _, name in found.emptied],
        "added": [item.item for item in found.added],
    }


NOTHING = {"categories": [], "renamed": [], "removed": [], "emptied": [], "added": []}
OFFICIAL = rows(
    ("政策文件", "法律法规"),
    ("政策文件", "标准"),
    ("依法行政", "行政许可"),
    ("依法行政", "行政处罚"),
)


def test_consensus_is_what_two_places_publish_alike_in_their_order():
    found = consensus(
        {
            "甲县": rows(("1.政策文件", "1.1法律法规"), ("2.依法行政", "2.1行政许可")),
            "乙县": rows(("政策文件", "法律法规"), ("政策文件", "标准"), ("依法行政", "行政许可")),
            "丙县": rows(("政策文件", "法律法规")),
        }
    )
    assert [(row.category, row.item) for row in found.rows] == [
        ("政策文件", "法律法规"),
        ("依法行政", "行政许可"),
    ]
    assert not found.complete


def test_one_place_alone_is_no_consensus_however_often_it_says_it():
    assert consensus({"甲县": rows(("政策文件", "标准")) * 3}).rows == ()


def test_a_row_is_offline_only_where_two_places_agree():
    def online(*channels):
        places = {f"{n}": rows(("甲", "乙"), channels=c) for n, c in enumerate(channels)}
        return consensus(places).rows[0].online

    assert online("公示栏", "入户/现场") is False
    assert online("公示栏", "政府网站") is True
    assert online("公示栏", None) is None


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        ([("政策文件", "法律法规"), ("政策文件", "标准")], {"emptied": ["依法行政"]}),
        (
            [("政策文件", "法律法规"), ("依法行政", "行政许可"), ("依法行政", "行政处罚")],
            {"removed": [("法律法规", "标准")]},
        ),
        (
            [
                ("政策文件", "法律、法规"),
                ("政策文件", "标准目录"),
                *[("依法行政", x) for x in ("行政许可", "行政处罚")],
            ],
            {"renamed": [("标准目录", "标准")]},
        ),
        (
            [
                ("政策类文件", "法律法规"),
                ("政策类文件", "标准"),
                *[("依法行政", x) for x in ("行政许可", "行政处罚")],
            ],
            {"categories": ["政策文件"]},
        ),
        (
            [*[(i.category, i.item) for i in OFFICIAL], ("依法行政", "行政强制")],
            {"added": ["行政强制"]},
        ),
        (
            [
                *[(i.category, i.item) for i in OFFICIAL[:3]],
                *[("依法行政", f"行政处罚（{kind}）") for kind in ("警告", "罚款")],
            ],
            {},
        ),
    ],
    ids=["category left out", "item left out", "renamed", "category renamed", "added", "refined"],
)
def test_what_became_of_the_guides_names(draft, expected):
    assert outcome(rows(*draft), OFFICIAL) == NOTHING | expected


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("1.1国家层面法规政策", "国家层面法规政策"),
        ("（一）公共资源交易", "公共资源交易"),
        ("一、政策文件", "政策文件"),
        ("一次性补贴", " 一次性补贴"),
        ("3岁以下婴幼儿照护", "3岁以下婴幼儿 照护"),
        ("迁出、 迁入登记", "迁出迁入登记"),
        ("“三公”经费", "三公经费"),
    ],
)
def test_names_are_compared_without_numbers_blanks_and_marks(name, bare):
    assert plain(name) == plain(bare)


def test_a_number_that_is_part_of_a_name_stays():
    assert plain("3岁以下婴幼儿照护") != plain("岁以下婴幼儿照护")
    assert plain("12345热线") != plain("热线")


WORD = st.text(alphabet="政策文件法律规标准许可处罚办理信息公示0123.、", min_size=1, max_size=8)


@given(st.lists(st.tuples(WORD, WORD), min_size=1, max_size=12))
def test_a_draft_is_its_own_guide(names):
    items = rows(*names)
    for found in compare(items, guide(items)):
        assert not found.renamed + found.removed + found.categories + found.emptied
