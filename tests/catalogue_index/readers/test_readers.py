"""Every file either becomes tables or is refused with a sentence that says what to do."""

import codecs
import io
import json
import os
import zipfile
from pathlib import Path

import openpyxl
import pytest

from catalogue_index.errors import UnreadableFile
from catalogue_index.importing import import_catalogue
from catalogue_index.readers import FORMATS, Bounds, grids_of, read_grids, xlsx

TEXT = "领域,一级事项,二级事项\n安全生产,政策文件,法律法规\n"
ROWS = (("领域", "一级事项", "二级事项"), ("安全生产", "政策文件", "法律法规"))


def workbook(fill=lambda book: None) -> bytes:
    book = openpyxl.Workbook()
    fill(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        TEXT.encode("gb18030"),
        TEXT.encode("utf-16"),
        TEXT.replace(",", "\t").encode(),
        TEXT.replace(",", ";").encode("gb18030"),
        TEXT.replace("\n", "\r\n").encode(),
    ],
)
def test_text_tables_are_read_in_every_office_encoding_and_separator(data):
    (grid,) = grids_of(data, "目录.csv")
    assert grid.cells == ROWS


def test_rare_characters_of_gb18030_and_traditional_big5_are_told_apart():
    rare = "一级事项,二级事项,公开主体\n政策文件,䶮㙍,县民政局\n"
    assert grids_of(rare.encode("gb18030"), "a.csv")[0].own(1, 1) == "䶮㙍"
    traditional = "領域,一級事項,二級事項\n安全生產,政策文件,與安全生產有關的法律法規\n"
    assert grids_of(traditional.encode("big5"), "a.csv")[0].own(1, 2) == "與安全生產有關的法律法規"


def test_quoted_cells_keep_newlines_commas_and_semicolons():
    data = 'a,b,c\n"一\n二","三,四",五;六;七;八\n'.encode()
    assert grids_of(data, "a.csv")[0].cells[1] == ("一\n二", "三,四", "五;六;七;八")


def test_a_title_row_above_the_header_does_not_decide_the_separator():
    data = "安全生产领域；标准目录\na;b,c;d;e\n".encode()
    assert grids_of(data, "a.csv")[0].cells[1] == ("a", "b,c", "d", "e")


def test_merged_cells_numbers_dates_and_positions_of_a_workbook():
    def fill(book):
        sheet = book.active
        sheet.title = "安全生产"
        sheet["B3"], sheet["C3"] = "政策文件", 1
        sheet["C4"], sheet["C5"], sheet["D5"] = 1.5, "x", True
        sheet["D3"].number_format = "yyyy-mm-dd"
        sheet["D3"] = 45413
        sheet.merge_cells("B3:B5")
        sheet.merge_cells("F9:G9")

    (grid,) = grids_of(workbook(fill), "a.xlsx")
    assert grid.name == "安全生产"
    assert grid.cells[0] == ("政策文件", "1", "2024-05-01")
    assert grid.cells[1][1] == "1.5"
    assert grid.cells[2][1:] == ("x", "是")
    assert (grid.own(2, 0), grid.at(2, 0), grid.number(2)) == ("", "政策文件", 5)
    assert len(grid.spans) == 1


def test_hidden_sheets_are_named_but_not_read():
    def fill(book):
        book.active["A1"] = "看得见"
        hidden = book.create_sheet("底稿")
        hidden["A1"], hidden.sheet_state = "看不见", "hidden"

    shown, hidden = grids_of(workbook(fill), "a.xlsx")
    assert shown.cells == (("看得见",),)
    assert (hidden.name, hidden.cells) == ("底稿", ())
    assert "隐藏" in hidden.note


def test_a_million_empty_formatted_cells_cost_nothing():
    sheet = b"".join(
        b'<row r="%d">%s</row>'
        % (n, b"".join(b'<c r="%s%d" s="0"/>' % (c.encode(), n) for c in "ABCDEFGHIJ"))
        for n in range(1, 100_001)
    )
    data = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook())) as source,
        zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for member in source.namelist():
            part = source.read(member)
            if member == "xl/worksheets/sheet1.xml":
                part = part.replace(
                    b"<sheetData></sheetData>", b"<sheetData>" + sheet + b"</sheetData>"
                )
                assert sheet in part
            target.writestr(member, part)
    (grid,) = grids_of(data.getvalue(), "a.xlsx")
    assert grid.cells == ()


def test_two_values_in_far_corners_are_refused_before_they_fill_the_memory():
    def fill(book):
        book.active["A1"] = book.active["XFD1048576"] = "x"

    with pytest.raises(UnreadableFile, match="太大"):
        grids_of(workbook(fill), "a.xlsx")


def test_bounds_hold_for_rows_cells_and_unpacked_bytes():
    def fill(book):
        for _ in range(5):
            book.active.append(["甲", "乙"])

    data = workbook(fill)
    assert len(xlsx.read(data, "a.xlsx", bounds=Bounds(rows=5, cells=10))[0].cells) == 5
    for bounds in (Bounds(rows=4), Bounds(cells=9), Bounds(unpacked=1000)):
        with pytest.raises(UnreadableFile, match="太大"):
            xlsx.read(data, "a.xlsx", bounds=bounds)


def test_json_tables_are_read_as_exported():
    rows = [{"领域": "安全生产", "公开时限": None}, {"领域": "救灾", "备注": "无"}]
    (grid,) = grids_of(json.dumps(rows).encode(), "a.json")
    assert grid.cells == (("领域", "公开时限", "备注"), ("安全生产", "", ""), ("救灾", "", "无"))


def test_content_decides_before_the_extension():
    data = workbook(lambda book: book.active.append(["甲"]))
    assert grids_of(data, "目录.csv")[0].cells == (("甲",),)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
PACKAGE = workbook()


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.csv", b"", "空的"),
        ("a.csv", codecs.BOM_UTF8 + b" \r\n", "空的"),
        ("a.xlsx", TEXT.encode(), "内容却不是Excel 工作簿"),
        ("a.xlsx", PACKAGE[: len(PACKAGE) // 2], "已损坏"),
        ("a.xlsx", PACKAGE[:100] + b"damaged" + PACKAGE[107:], "已损坏"),
        ("a.xls", OLE + "Workbook".encode("utf-16-le"), "已损坏"),
        ("a.xlsx", OLE + "EncryptedPackage".encode("utf-16-le"), "密码保护"),
        ("a.pdf", b"%PDF-1.7\n...", "PDF 文档"),
        ("a.xls", b"<html><body><table>", "网页"),
        ("a.xlsx", b"\x89PNG\r\n\x1a\n", "图片"),
        ("a.csv", b"\xff\x81\x30\x00\x01\x02", "编码"),
        ("a.csv", b"abc,\x00\x01\x02", "编码"),
        ("a.csv", b'a,b,"' + b"x" * 200_000, "双引号"),
        ("a.xyz", b"abc", r"\.xyz"),
        ("a.json", b"{", "JSON"),
        ("a.json", b'{"a": 1}', "JSON 数组"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(name, data, words):
    with pytest.raises(UnreadableFile, match=words) as refusal:
        grids_of(data, name)
    assert name in str(refusal.value)
    assert str(refusal.value).endswith("。")


def test_an_unsupported_format_is_told_the_supported_ones():
    with pytest.raises(UnreadableFile, match=r"\.xlsx、.*\.csv"):
        grids_of(b"\x89PNG\r\n\x1a\n", "a.png")


def test_paths_that_lead_to_no_file_are_refused(tmp_path: Path):
    with pytest.raises(UnreadableFile, match="找不到"):
        read_grids(tmp_path / "没有.csv")
    with pytest.raises(UnreadableFile, match=r"文件夹.*没有能读取的文件。$"):
        read_grids(tmp_path)
    with pytest.raises(UnreadableFile, match="无法读取"):
        read_grids(tmp_path / ("长" * 300))
    large = tmp_path / "大.csv"
    large.write_bytes(b"x" * 11)
    with pytest.raises(UnreadableFile, match="超过"):
        read_grids(large, max_bytes=10)


def test_a_folder_is_read_file_by_file_in_name_order(tmp_path: Path):
    body = (
        "<table><tr><td>一级事项<td>二级事项<td>公开内容<td>公开依据<tr><td>政策<td>甲<td>乙<td>丙"
    )
    (tmp_path / "2 救灾.html").write_text(f"<html>{body}</table>{body}<td>", encoding="utf-8")
    table = "一级事项,二级事项,公开内容\n政策文件,法律法规,名称\n"
    (tmp_path / "1 就业.csv").write_text(table, encoding="utf-8")
    (tmp_path / "3.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "~$1.docx").write_bytes(b"lock")
    (tmp_path / "2 救灾.files").mkdir()
    (tmp_path / "2 救灾.files" / "1.csv").write_text(TEXT, encoding="utf-8")
    grids = read_grids(tmp_path)
    assert [grid.name for grid in grids] == [
        "1 就业.csv",
        "2 救灾.html 第1张表",
        "2 救灾.html 第2张表",
        "3.png",
    ]
    assert "图片" in grids[3].note
    imported = import_catalogue(grids)
    assert [(item.sector, item.place.row) for item in imported.items] == [
        ("就业", 2),
        ("救灾", 2),
        ("救灾", 2),
    ]


def test_a_folder_without_a_readable_file_says_why(tmp_path: Path):
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(UnreadableFile, match=r"没有能读取的文件。文件“a\.png”是图片"):
        read_grids(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(tmp_path: Path):
    locked = tmp_path / "锁.csv"
    locked.write_text(TEXT, encoding="utf-8")
    locked.chmod(0)
    with pytest.raises(UnreadableFile, match="没有权限"):
        read_grids(locked)


def compound(*streams, text=""):
    """The directory of an Office 97-2003 file, and a text in it."""
    entries = b"".join(stream.encode("utf-16-le").ljust(128, b"\0") for stream in streams)
    return OLE + entries + ("　" + text).encode("utf-16-le")


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (compound("Root Entry", "Workbook"), "a.doc", "^工作簿"),
        (compound("Book"), "a.xls", "^工作簿"),
        (compound("WordDocument", text="Workbook Book"), "a.xls", "LibreOffice"),
        (compound("Bookmarks", "WordDocument"), "a.doc", "LibreOffice"),
        # A document with a workbook in it, and a workbook with a document in it.
        (compound("WordDocument", "Workbook"), "a.doc", "LibreOffice"),
        (compound("WordDocument", "Workbook"), "a.xls", "^工作簿"),
    ],
)
def test_office_files_are_told_apart_by_their_streams(data, name, words, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnreadableFile, match=words):
        grids_of(data, name)


def test_each_extension_belongs_to_one_format():
    extensions = [extension for known in FORMATS for extension in known.extensions]
    assert len(extensions) == len(set(extensions))
