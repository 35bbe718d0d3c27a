"""Workbooks that would end the process that reads them end another one."""

import io
import struct
import zipfile

import openpyxl
import pytest
import xlwt

from catalogue_index.errors import UnreadableFile
from catalogue_index.readers import Bounds, Span, grids_of, xlsx

FAR = [(0, 0, "甲"), (1_048_575, 16_383, "乙")]
"""The corners of a sheet: between them calamine would lay out half a terabyte."""


def record(kind, body=b""):
    """A record of a binary workbook ([MS-XLSB] 2.1.4): type and size in groups of seven bits."""
    written = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size = len(body)
    while size >= 0x80:
        written += bytes([size & 0x7F | 0x80])
        size >>= 7
    return written + bytes([size]) + body


def string(text):
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(cells):
    last_row, last_column = max(cell[0] for cell in cells), max(cell[1] for cell in cells)
    sheet = (
        record(0x81) + record(0x94, struct.pack("<4I", 0, last_row, 0, last_column)) + record(0x91)
    )
    for row, column, text in cells:
        sheet += record(0, struct.pack("<I", row) + bytes(21))
        sheet += record(6, struct.pack("<II", column, 0) + string(text))
    sheets = record(0x8F) + record(0x9C, struct.pack("<II", 0, 1) + string("r1") + string("表"))
    namespace = "http://schemas.openxmlformats.org/package/2006/relationships"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        start = record(0x83) + record(0x99, bytes(12))
        archive.writestr("xl/workbook.bin", start + sheets + record(0x90) + record(0x84))
        archive.writestr("xl/worksheets/sheet1.bin", sheet + record(0x92) + record(0x82))
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            f'<Relationships xmlns="{namespace}">'
            f'<Relationship Id="r1" Type="{kind}" Target="worksheets/sheet1.bin"/></Relationships>',
        )
    return out.getvalue()


def xls(row, column):
    """Two numbers in the corners; xlwt itself writes no column beyond 255."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    sheet.write(0, 0, 1)
    sheet.write(100, 200, 2)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue().replace(struct.pack("<HH", 100, 200), struct.pack("<HH", row, column))


def far_xlsx(change):
    """A sound workbook of two far cells whose sheet is then written in another way."""
    book = openpyxl.Workbook()
    for row, column, text in FAR:
        book.active.cell(row + 1, column + 1, text)
    out = io.BytesIO()
    book.save(out)
    again = io.BytesIO()
    with zipfile.ZipFile(out) as source, zipfile.ZipFile(again, "w") as target:
        for name in source.namelist():
            part = source.read(name)
            target.writestr(name, change(part) if "sheet1" in name else part)
    return again.getvalue()


def test_binary_workbooks_are_read():
    (grid,) = grids_of(xlsb([(0, 0, "甲"), (2, 1, "乙")]), "a.xlsb")
    assert (grid.name, grid.cells) == ("表", (("甲", ""), ("", ""), ("", "乙")))


def test_old_workbooks_are_read_with_their_places_and_notes():
    book = xlwt.Workbook()
    sheet = book.add_sheet("目录")
    sheet.write_merge(1, 2, 1, 1, "甲")
    sheet.write(1, 2, "乙")
    sheet.write(2, 2, "丙")
    hidden = book.add_sheet("底稿")
    hidden.visibility = 1
    out = io.BytesIO()
    book.save(out)
    shown, left_out = grids_of(out.getvalue(), "a.xls")
    assert (shown.first_row, shown.first_column) == (2, 2)
    assert shown.cells == (("甲", "乙"), ("", "丙"))
    assert shown.spans == (Span(0, 0, 1, 0),)
    assert (left_out.name, left_out.cells) == ("底稿", ())
    assert "隐藏" in left_out.note


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (xlsb(FAR), "a.xlsb"),
        (xls(65_535, 65_535), "a.xls"),
        (far_xlsx(lambda part: part.replace(b'"', b"'")), "a.xlsx"),
        (far_xlsx(lambda part: part.replace(b"XFD1048576", b"xfd1048576")), "a.xlsx"),
    ],
)
def test_sheets_that_nobody_can_weigh_are_refused_when_they_are_too_large(data, name):
    with pytest.raises(UnreadableFile, match=r"已损坏|太大"):
        grids_of(data, name)


def test_bounds_hold_there_too():
    data = xlsb([(0, 0, "甲"), (4, 1, "乙")])
    assert xlsx.read(data, "a.xlsb", bounds=Bounds(rows=5, cells=10))
    with pytest.raises(UnreadableFile, match="太大"):
        xlsx.read(data, "a.xlsb", bounds=Bounds(rows=4))
