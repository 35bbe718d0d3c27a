"""``zwgk catalogue template`` writes a workbook that the import reads."""

import pytest

from catalogue_index.importing import import_catalogue
from catalogue_index.readers import read_grids
from catalogue_index.sectors import national_sectors


@pytest.mark.parametrize("sector", ["社会救助", "义务教育"])
def test_a_template_begins_with_what_other_places_publish(zwgk, tmp_path, sector):
    path = tmp_path / "模板.xlsx"
    words = ("catalogue", "template", "--sector", sector, "-o", path, "--area", "441204")
    status, out, _ = zwgk(*words)
    assert status == 0
    items = import_catalogue(read_grids(path)).items
    assert len(items) > 2
    assert f"预填了 {len(items)} 个事项" in out
    assert {(i.sector, i.discloser, i.time_limit, i.level) for i in items} == {
        (sector, None, None, None)
    }


def test_a_blank_one_has_no_items(zwgk, tmp_path):
    path = tmp_path / "模板.xlsx"
    assert zwgk("catalogue", "template", "--sector", "环境保护", "-o", path, "--blank")[0] == 0
    assert import_catalogue(read_grids(path)).items == ()


def test_an_unknown_sector_lists_those_known(refused, tmp_path):
    said = refused("catalogue", "template", "--sector", "太空", "-o", tmp_path / "x.xlsx")
    assert all(name in said for name in national_sectors().names)


def test_another_extension_is_refused(refused, tmp_path):
    said = refused("catalogue", "template", "--sector", "就业", "-o", tmp_path / "x.docx")
    assert ".xlsx" in said


def test_a_filled_template_is_never_replaced(refused, tmp_path):
    path = tmp_path / "填好的.xlsx"
    path.write_bytes(b"filled")
    assert "已经有" in refused("catalogue", "template", "--sector", "就业", "-o", path)
    assert path.read_bytes() == b"filled"
