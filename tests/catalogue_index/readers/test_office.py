"""Formats that LibreOffice turns into ours, where it is installed."""

import io
import os
import shutil
import subprocess
import zipfile

import pytest
from docx import Document

from catalogue_index.errors import UnreadableFile
from catalogue_index.readers import Bounds, Span, grids_of, office

PROGRAM = shutil.which("soffice") or shutil.which("libreoffice")
needs_libreoffice = pytest.mark.skipif(PROGRAM is None, reason="LibreOffice is not installed")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
WORD = OLE + "WordDocument".encode("utf-16-le")
ROWS = (("序号", "一级事项", "二级事项"), ("1", "政策文件", "法律法规"), ("2", "", "部门规章"))


def packed(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


KIND = "application/vnd.oasis.opendocument."
NAMES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (("o", "office"), ("t", "table"), ("x", "text"), ("m", "manifest"))
)


def open_document(kind, body):
    """An OpenDocument package with nothing but its words."""
    manifest = "".join(
        f'<m:file-entry m:full-path="{path}" m:media-type="{media}"/>'
        for path, media in (("/", KIND + kind), ("content.xml", "text/xml"))
    )
    document = f"<o:body><o:{kind}>{body}</o:{kind}></o:body>"
    content = f'<o:document-content {NAMES} o:version="1.2">{document}</o:document-content>'
    return packed(
        {
            "mimetype": KIND + kind,
            "META-INF/manifest.xml": f"<m:manifest {NAMES}>{manifest}</m:manifest>",
            "content.xml": content,
        }
    )


def open_table(rows):
    """Its rows of cells; 政策文件 spans two rows."""

    def cell(text):
        spanned = ' t:number-rows-spanned="2"' if text == "政策文件" else ""
        return f"<t:table-cell{spanned}><x:p>{text}</x:p></t:table-cell>"

    written = "".join(
        f"<t:table-row>{''.join(cell(t) if t else '<t:covered-table-cell/>' for t in row)}</t:table-row>"
        for row in rows
    )
    columns = f'<t:table-column t:number-columns-repeated="{len(rows[0])}"/>'
    return f'<t:table t:name="救灾">{columns}{written}</t:table>'


def document(last):
    """A document with a title and a merged table. Word itself always has a paragraph after it."""
    made = Document()
    made.add_paragraph("救灾领域目录")
    table = made.add_table(rows=3, cols=3)
    for row, texts in zip(table.rows, ROWS, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.paragraphs[0].text = text
    table.cell(1, 1).merge(table.cell(2, 1)).text = "政策文件"
    if last:
        made.add_paragraph(last)
    return made


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Word 97-2003 documents as LibreOffice saves them: one ends with its table, one does not."""
    folder = tmp_path_factory.mktemp("office")
    document("责任编辑").save(folder / "usual.docx")
    document("").save(folder / "last.docx")
    command = [PROGRAM, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"]
    files = (folder / "usual.docx", folder / "last.docx")
    subprocess.run(
        [*command, "--convert-to", "doc", "--outdir", folder, *files],
        check=True,
        capture_output=True,
    )
    return folder


@needs_libreoffice
def test_a_document_keeps_its_table_and_merged_cells(saved):
    (grid,) = grids_of((saved / "usual.doc").read_bytes(), "目录.doc")
    assert grid.cells == (("救灾领域目录",), *ROWS)
    assert grid.spans == (Span(2, 1, 3, 1),)


@needs_libreoffice
def test_a_table_lost_on_the_way_is_not_passed_over(saved):
    with pytest.raises(UnreadableFile, match="丢失了表格"):
        grids_of((saved / "last.doc").read_bytes(), "目录.doc")


@needs_libreoffice
def test_rich_text_is_read():
    row = r"\trowd\cellx1000\cellx2000\cellx3000\intbl {}\cell {}\cell {}\cell\row "
    (grid,) = grids_of((r"{\rtf1" + row.format("a", "b", "c") + r"\pard d\par}").encode(), "a.rtf")
    assert grid.cells == (("a", "b", "c"),)


@needs_libreoffice
def test_a_spreadsheet_keeps_its_sheets_and_merged_cells():
    (grid,) = grids_of(open_document("spreadsheet", open_table(ROWS)), "目录.ods")
    assert (grid.name, grid.cells) == ("救灾", ROWS)
    assert grid.spans == (Span(1, 1, 2, 1),)


@needs_libreoffice
def test_an_open_document_keeps_its_table_and_merged_cells():
    data = open_document("text", f"<x:p>救灾领域目录</x:p>{open_table(ROWS)}<x:p/>")
    (grid,) = grids_of(data, "目录.odt")
    assert grid.cells == (("救灾领域目录",), *ROWS)
    assert grid.spans == (Span(2, 1, 3, 1),)


@needs_libreoffice
def test_a_damaged_document_is_refused():
    with pytest.raises(UnreadableFile, match=r"另存为 \.docx"):
        grids_of(WORD, "目录.doc")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (WORD, "a.doc"),
        (WORD, "a.wps"),
        (b"{\\rtf1}", "a.rtf"),
        (open_document("text", ""), "a.odt"),
    ],
)
def test_without_libreoffice_the_clerk_is_told_what_to_save(data, name, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnreadableFile, match=r"LibreOffice，本机没有安装.*另存为 \.docx"):
        grids_of(data, name)


def test_a_package_that_unpacks_to_too_much_never_reaches_the_program(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    bomb = packed({"META-INF/manifest.xml": b"", "content.xml": bytes(2_000_000)})
    with pytest.raises(UnreadableFile, match="太大"):
        office.read_open_document(bomb, "a.ods", bounds=Bounds(unpacked=1_000_000))


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Puts a shell script in the place of LibreOffice."""
    if os.name != "posix":
        pytest.skip("a shell script stands in for the program")

    def program(script):
        file = tmp_path / "soffice"
        file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        file.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    return program


@pytest.mark.parametrize("script", ["exit 1", "exit 0"])
def test_a_program_that_saves_nothing_is_told_as_such(script, program):
    program(script)
    with pytest.raises(UnreadableFile, match="无法转换"):
        grids_of(WORD, "a.doc")


def test_a_program_that_hangs_is_ended(program):
    program("exec sleep 1000")
    with pytest.raises(UnreadableFile, match=r"超过 0\.01 秒，已停止"):
        office.read_document(WORD, "a.doc", seconds=0.01)


def test_what_the_program_started_ends_with_it(program, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    program(f"exec 3>'{pipe}'; echo begun >&3; (sleep 20; echo outlived >&3) & exit 0")
    with pytest.raises(UnreadableFile, match="无法转换"):
        grids_of(WORD, "a.doc")
    os.set_blocking(reading, True)
    with os.fdopen(reading, "rb") as end:
        # Reading ends when nobody is left who could write.
        assert end.read() == b"begun\n"
