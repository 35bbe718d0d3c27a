"""The built-in catalogue rows import whole and say where each came from."""

import csv
from importlib.resources import as_file, files

import pytest

from catalogue_index.areas import national_areas
from catalogue_index.importing import import_catalogue
from catalogue_index.readers import grids_of
from catalogue_index.sectors import national_sectors

BUILTIN = files("bot.knowledge").joinpath("builtin")
MANIFEST = list(csv.DictReader(BUILTIN.joinpath("catalogues.csv").read_text("utf-8").splitlines()))


def test_the_manifest_lists_every_file_once():
    with as_file(BUILTIN.joinpath("catalogues")) as folder:
        assert sorted(path.name for path in folder.iterdir()) == [e["file"] for e in MANIFEST]


@pytest.mark.parametrize("entry", MANIFEST, ids=lambda entry: entry["file"])
def test_a_file_imports_whole_from_one_place_and_page(entry):
    data = BUILTIN.joinpath("catalogues", entry["file"]).read_bytes()
    result = import_catalogue(grids_of(data, entry["file"]))
    report = result.report
    assert (report.rows_read, report.items, report.dropped) == (int(entry["rows"]),) * 2 + ((),)
    assert [finding.why for finding in report.doubtful if "同上" not in finding.why] == []
    assert {item.extras["来源网址"] for item in result.items} == {entry["url"]}
    assert len({item.extras["来源县区"] for item in result.items}) == 1
    assert {national_sectors().canonical(item.sector or "") for item in result.items} == {
        entry["sector"]
    }
    rows = list(csv.DictReader(data.decode("utf-8").splitlines(keepends=True)))
    published = [{label: text for label, text in row.items() if text} for row in rows]
    assert [{**item.cells(), **item.extras} for item in result.items] == published
    assert not entry["url"].startswith("mirror:")


@pytest.mark.parametrize("entry", MANIFEST, ids=lambda entry: entry["file"])
def test_a_place_stands_under_its_area(entry):
    area = national_areas().get(entry["area"])
    province, own = area.full_name[:2], area.short_name
    assert entry["area_name"].startswith(province)
    zone = any(word in entry["area_name"] for word in ("新区", "经开区", "开发区", "文昌湖区"))
    merged = "现三元区" in entry["area_name"]
    assert zone or merged or own in entry["area_name"]
