"""Whatever happens to a file on its way, it ends in tables or in a sentence."""

import codecs
import io
import json
import zipfile

import openpyxl
import pytest
import xlwt
from docx import Document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalogue_index.errors import UnreadableFile
from catalogue_index.readers import FORMATS, Grid, grids_of

ROWS = [
    ["序号", "一级事项", "二级事项", "公开内容", "公开依据"],
    ["1", "政策文件", "法律法规", "名称、文号", "《安全生产法》"],
    ["2", "", "部门规章", "名称", "《政府信息公开条例》"],
]


def _saved(made):
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _xlsx():
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    book.active.merge_cells("B2:B3")
    return _saved(book)


def _xls():
    book = xlwt.Workbook()
    sheet = book.add_sheet("救灾")
    for top, row in enumerate(ROWS):
        for left, text in enumerate(row):
            sheet.write(top, left, text)
    return _saved(book)


def _docx():
    document = Document()
    table = document.add_table(rows=len(ROWS), cols=len(ROWS[0]))
    for row, texts in zip(table.rows, ROWS, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    table.cell(1, 1).merge(table.cell(2, 1))
    return _saved(document)


HTML = "<html><body><h1>救灾领域目录</h1><table border=1>" + "".join(
    "<tr>" + "".join(f'<td rowspan="1" colspan="1">{text}</td>' for text in row) + "</tr>"
    for row in ROWS
)
MHT = (
    "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=B\r\n\r\n"
    f"--B\r\nContent-Type: text/html\r\n\r\n{HTML}\r\n--B--\r\n"
)
FILES = {
    "a.csv": codecs.BOM_UTF8 + "\n".join(map(",".join, ROWS)).encode(),
    "a.json": json.dumps([dict(zip(ROWS[0], row, strict=True)) for row in ROWS]).encode(),
    "a.xlsx": _xlsx(),
    "a.docx": _docx(),
    "a.html": HTML.encode("gb18030"),
    "a.mht": MHT.encode(),
}


ANY_TIME = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
"""These show what comes of files, not how soon."""


XLS = _xls()


def read_or_refused(data, name):
    """The grids, or ``None`` where a sentence says what to do. Anything else is a defect."""
    try:
        grids = grids_of(data, name)
    except UnreadableFile as error:
        refusal = str(error)
    else:
        assert all(isinstance(grid, Grid) for grid in grids)
        return grids
    assert "文件" in refusal or "网页" in refusal or "工作簿" in refusal or "文档" in refusal
    assert refusal.endswith("。")
    return None


@pytest.mark.parametrize("name", FILES)
def test_whole_files_are_read(name):
    grids = read_or_refused(FILES[name], name)
    assert "部门规章" in {text for row in grids[0].cells for text in row}


@pytest.mark.parametrize("name", FILES)
@ANY_TIME
@given(data=st.data())
def test_files_cut_short_are_read_or_refused(name, data):
    whole = FILES[name]
    read_or_refused(whole[: data.draw(st.integers(0, len(whole)))], name)


@pytest.mark.parametrize("name", FILES)
@ANY_TIME
@given(data=st.data())
def test_damaged_files_are_read_or_refused(name, data):
    damaged = bytearray(FILES[name])
    places = st.integers(0, len(damaged) - 1)
    for place, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=30)):
        damaged[place] = value
    read_or_refused(bytes(damaged), name)


@settings(ANY_TIME, max_examples=12)  # a process each
@given(data=st.data())
def test_damaged_workbooks_of_old_are_read_or_refused(data):
    damaged = bytearray(XLS)
    places = st.integers(0, len(damaged) - 1)
    for place, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=30)):
        damaged[place] = value
    read_or_refused(bytes(damaged[: data.draw(places)]), "a.xls")


PARTS = [
    (name, part)
    for name in ("a.xlsx", "a.docx")
    for part in zipfile.ZipFile(io.BytesIO(FILES[name])).namelist()
    if part.endswith((".xml", ".rels")) and "theme" not in part
]


def repacked(data, part, change):
    """A package with one part changed, and sound for the rest."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for member in source.namelist():
            content = source.read(member)
            target.writestr(member, change(content) if member == part else content)
    return out.getvalue()


@ANY_TIME
@given(place=st.sampled_from(PARTS), data=st.data())
def test_damaged_parts_of_sound_packages_are_read_or_refused(place, data):
    name, part = place

    def change(content):
        start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(content))] * 2)))
        return (
            content[:start]
            + data.draw(st.sampled_from([b"", b"<", b"x", b"-1", b"9" * 30]))
            + (content[end:] if data.draw(st.booleans()) else content[start + 1 :])
        )

    read_or_refused(repacked(FILES[name], part, change), name)


@ANY_TIME
@given(name=st.sampled_from(sorted(FILES)), of=st.sampled_from(sorted(FILES)))
def test_files_under_the_name_of_another_format_are_read_or_refused(name, of):
    read_or_refused(FILES[of], name)


@pytest.mark.parametrize(
    "extension", [extension for known in FORMATS for extension in known.extensions]
)
@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\0" * 600, b" \r\n"])
def test_empty_files_of_every_format_are_said_to_be_empty(extension, data):
    with pytest.raises(UnreadableFile, match="空的"):
        grids_of(data, f"目录{extension}")


@ANY_TIME
@given(
    st.text(alphabet=st.sampled_from("<>/= \n'\"甲tdrhablecospn12&;!-"), max_size=200).map(
        lambda text: f"<html><table><tr><td>{text}".encode()
    )
)
def test_any_tags_make_a_page(data):
    read_or_refused(data, "a.html")
