"""Files made to hurt: they cost what their size allows, reach nothing outside, and run nothing."""

import io
import struct
import zipfile

import openpyxl
import pytest
from docx import Document

from catalogue_index.errors import UnreadableFile
from catalogue_index.readers import Bounds, docx, grids_of, html, xlsx

SECRET = "不可读取的内容"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def saved(made):
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def workbook(**cells):
    book = openpyxl.Workbook()
    for place, value in (cells or {"A1": "甲", "B1": "乙", "C1": "丙"}).items():
        book.active[place] = value
    return saved(book)


def document():
    made = Document()
    for cell, text in zip(made.add_table(rows=1, cols=3).rows[0].cells, "甲乙丙", strict=True):
        cell.text = text
    return saved(made)


FILES = {"a.xlsx": workbook(), "a.docx": document()}
READERS = {"a.xlsx": xlsx.read, "a.docx": docx.read}


def parts(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def changed(data, part, old, new):
    """The package with ``old`` replaced once in one part; it must be there."""
    members = parts(data)
    assert old in members[part]
    return packed(members | {part: members[part].replace(old, new, 1)})


def texts(grids):
    return "".join(text for grid in grids for row in grid.cells for text in row)


def texts_or_refusal(data, name):
    try:
        return texts(grids_of(data, name))
    except UnreadableFile as error:
        return str(error)


XML = [
    (name, part)
    for name, data in FILES.items()
    for part, content in parts(data).items()
    if content.startswith(b"<?xml") or part.endswith((".xml", ".rels"))
]


def with_type_definition(content, definition):
    """An XML part that declares ``e`` and names it in a text and in an attribute."""
    start = content.find(b"?>") + 2 if content.startswith(b"<?xml") else 0
    root = content.index(b">", content.index(b"<", start))
    if content[root - 1 : root] == b"/":
        return content
    named = content[start:root] + b' zwgk="&e;">&e;' + content[root + 1 :]
    return content[:start] + b"<!DOCTYPE x [" + definition + b"]>" + named


# Each entity is twenty of the one before it; the last is called e.
LAUGHS = b'<!ENTITY z "lollollol">' + b"".join(
    b'<!ENTITY %c "%s">' % (name, b"&%c;" % below * 20)
    for below, name in zip(b"zyxwvuts", b"yxwvutse", strict=True)
)


@pytest.mark.parametrize(("name", "part"), XML)
def test_entities_that_grow_beyond_all_bounds_do_not(name, part):
    members = parts(FILES[name])
    members[part] = with_type_definition(members[part], LAUGHS)
    assert len(texts_or_refusal(packed(members), name)) < 200


@pytest.mark.parametrize(
    ("name", "part", "cell"),
    [
        ("a.xlsx", "xl/worksheets/sheet1.xml", b"&#30002;"),
        ("a.docx", "word/document.xml", "甲".encode()),
    ],
)
def test_entities_read_no_file_of_ours(name, part, cell, tmp_path):
    (tmp_path / "secret").write_text(SECRET, encoding="utf-8")
    definition = b'<!ENTITY e SYSTEM "%b">' % (tmp_path / "secret").as_uri().encode()
    start = b"<worksheet" if name == "a.xlsx" else b"<w:document"
    data = changed(FILES[name], part, cell, b"&e;")
    data = changed(data, part, start, b"<!DOCTYPE x [" + definition + b"]>" + start)
    shown = texts_or_refusal(data, name)
    assert shown == "乙丙" or "已损坏" in shown


def test_a_page_knows_no_entities_of_its_own(tmp_path):
    (tmp_path / "secret").write_text(SECRET, encoding="utf-8")
    uri = (tmp_path / "secret").as_uri()
    page = f'<!DOCTYPE html [<!ENTITY e SYSTEM "{uri}">]><html><table><td>&e;<td>乙<td>丙'
    assert SECRET not in texts_or_refusal(page.encode(), "a.html")


@pytest.mark.parametrize("name", FILES)
def test_a_package_that_unpacks_to_too_much_is_refused_unopened(name):
    bomb = packed(parts(FILES[name]) | {"docProps/bomb.xml": bytes(3_000_000)})
    assert len(bomb) < 100_000
    with pytest.raises(UnreadableFile, match="超过"):
        READERS[name](bomb, name, bounds=Bounds(unpacked=2_000_000))


@pytest.mark.parametrize("name", FILES)
def test_packages_in_a_package_stay_closed(name):
    inner = packed({"a": bytes(3_000_000)})
    for _ in range(3):
        inner = packed({"a.zip": inner})
    data = packed(parts(FILES[name]) | {"bombs/a.zip": inner})
    assert texts(READERS[name](data, name, bounds=Bounds(unpacked=2_000_000))) == "甲乙丙"
    with pytest.raises(UnreadableFile, match="压缩包"):
        grids_of(inner, name)


@pytest.mark.parametrize("name", FILES)
def test_a_part_larger_than_it_claims_is_damage(name):
    part = "xl/worksheets/sheet1.xml" if name == "a.xlsx" else "word/document.xml"
    members = parts(FILES[name])
    members[part] += b" " * 3_000_000
    data = packed(members).replace(
        struct.pack("<I", len(members[part])), struct.pack("<I", len(members[part]) - 3_000_000)
    )
    with pytest.raises(UnreadableFile, match="已损坏"):
        READERS[name](data, name, bounds=Bounds(unpacked=2_000_000))


def test_a_formula_shows_the_value_that_was_saved_with_it_and_nothing_without():
    data = workbook(A1="甲", A2="=1+1", A3='=HYPERLINK("http://x","乙")', A4="丁")
    sheet = "xl/worksheets/sheet1.xml"
    data = changed(data, sheet, b"<f>1+1</f><v></v>", b"<f>1+1</f><v>7</v>")
    (grid,) = grids_of(data, "a.xlsx")
    assert grid.cells == (("甲",), ("7",), ("",), ("丁",))


def test_macros_are_left_alone():
    members = parts(FILES["a.xlsx"])
    types = members["[Content_Types].xml"].replace(
        b"officedocument.spreadsheetml.sheet.main", b"ms-excel.sheet.macroEnabled.main"
    )
    macros = {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + bytes(600), "[Content_Types].xml": types}
    assert texts(grids_of(packed(members | macros), "a.xlsm")) == "甲乙丙"


def test_links_to_other_files_are_not_followed(tmp_path):
    (tmp_path / "secret").write_text(SECRET, encoding="utf-8")
    uri = (tmp_path / "secret").as_uri().encode()

    def external(kind):
        return (
            b'<Relationship Id="rId99" Type="%b/%b" Target="%b" TargetMode="External"/></Relationships>'
            % (RELATION.encode(), kind, uri)
        )

    for name, part, kinds in (
        ("a.xlsx", "xl/_rels/workbook.xml.rels", [b"externalLinkPath", b"worksheet"]),
        ("a.docx", "word/_rels/document.xml.rels", [b"attachedTemplate", b"numbering", b"image"]),
    ):
        for kind in kinds:
            data = changed(FILES[name], part, b"</Relationships>", external(kind))
            assert texts(grids_of(data, name)) == "甲乙丙"


@pytest.mark.parametrize("open_tag", ["<div>", "<table><tr><td>", "<b>", "<p><font>", "<table>"])
def test_a_page_nested_without_end_is_refused_rather_than_cut(open_tag):
    page = f"<html><body><table><td>甲<td>乙<td>丙</table>{open_tag * 100_000}丁"
    with pytest.raises(UnreadableFile, match="嵌套太深"):
        grids_of(page.encode(), "a.html")


def test_a_document_nested_without_end_is_refused():
    data = changed(FILES["a.docx"], "word/document.xml", b"<w:tbl>", b"<w:sdt>" * 100_000)
    with pytest.raises(UnreadableFile, match="已损坏"):
        grids_of(data, "a.docx")


@pytest.mark.parametrize(
    "rows",
    [
        "<tr>" + "<td rowspan=65534>甲" * 200 + "<tr><td>乙" * 200,
        ("<tr>" + "<td colspan=1000>" * 10 + "<td>甲") * 3,
        "<tr><td>甲" * 1001,
    ],
)
def test_spans_and_rows_beyond_all_bounds_are_refused(rows):
    with pytest.raises(UnreadableFile, match="太大"):
        html.read(f"<html><table>{rows}".encode(), "a.html", bounds=Bounds(rows=1000, cells=20_000))


def test_a_page_too_large_to_hold_is_refused():
    with pytest.raises(UnreadableFile, match="超过 0 MB"):
        html.read(b"<html><table>" + b"<td>x" * 1000, "a.html", bounds=Bounds(xml=1000))


def test_cells_without_content_cost_nothing_in_a_document():
    row = b"<w:tr>" + b"<w:tc><w:tcPr><w:shd/></w:tcPr><w:p/></w:tc>" * 10 + b"</w:tr>"
    data = changed(FILES["a.docx"], "word/document.xml", b"<w:tr>", row * 1000 + b"<w:tr>")
    assert texts(grids_of(data, "a.docx")) == "甲乙丙"


@pytest.mark.parametrize("tail", [b"<c " * 500_000, b"<c " + b'r="A1" ' * 500_000])
def test_cells_that_never_end_take_no_longer_than_others(tail):
    sheet = "xl/worksheets/sheet1.xml"
    data = changed(FILES["a.xlsx"], sheet, b"</worksheet>", b"</worksheet>" + tail)
    assert "甲乙丙" in texts_or_refusal(data, "a.xlsx") or "已损坏" in texts_or_refusal(
        data, "a.xlsx"
    )


def test_merged_areas_that_overlap_cost_no_more_than_the_cells():
    merged = b'<mergeCell ref="A1:XFD1048576"/>' * 10_000
    data = changed(
        FILES["a.xlsx"],
        "xl/worksheets/sheet1.xml",
        b"</sheetData>",
        b"</sheetData><mergeCells>" + merged + b"</mergeCells>",
    )
    (grid,) = grids_of(data, "a.xlsx")
    assert len(grid.spans) == 1
    assert grid.at(0, 2) == "甲"
