"""``zwgk catalogue export``: layouts, web pages, and what must not leave."""

import pytest
from openpyxl import load_workbook

from catalogue_index.importing import import_catalogue
from catalogue_index.model import COLUMNS, Item
from catalogue_index.readers import read_grids

ROW = ("救灾", "灾后救助", "救助款物发放", "对象;标准", "《自然灾害救助条例》", "20个工作日")


@pytest.fixture
def here(zwgk, office, tmp_path):
    """An office with one catalogue of its own."""
    path = tmp_path / "目录.csv"
    path.write_text("\n".join([",".join(COLUMNS.values()), ",".join(ROW)]), "utf-8")
    where = ("--area", "441204", "--data-dir", office)
    assert zwgk("catalogue", "import", path, *where)[0] == 0
    return where


def test_the_national_layout_comes_back_the_same(zwgk, here, tmp_path):
    path = tmp_path / "导出.xlsx"
    words = ("catalogue", "export", *here, "--format", "xlsx", "--layout", "national", "-o", path)
    assert zwgk(*words)[0] == 0
    assert load_workbook(path).active["A1"].value == "高要区基层政务公开标准目录"
    (item,) = import_catalogue(read_grids(path)).items
    assert item == Item(*ROW, place=item.place)


def test_a_web_page_names_area_and_date(zwgk, here, tmp_path):
    path = tmp_path / "目录.html"
    words = ("catalogue", "export", *here, "--format", "html", "--sector", "救灾", "-o", path)
    assert zwgk(*words)[0] == 0
    page = path.read_text("utf-8")
    assert "<h1>高要区救灾领域基层政务公开标准目录</h1>" in page
    assert "更新日期：20" in page
    assert "://" not in page


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--format", "pdf"), "csv、json、xlsx 或 html"),
        (("--layout", "national"), "--format xlsx"),
        (("--layout", "x", "--format", "xlsx"), "plain 或 national"),
    ],
)
def test_what_does_not_exist_is_refused(refused, words, sentence):
    assert sentence in refused("catalogue", "export", "--area", "441204", *words)
