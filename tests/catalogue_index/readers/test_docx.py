import io
import zipfile

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from catalogue_index.errors import UnreadableFile
from catalogue_index.plans.parsing import parse_plan
from catalogue_index.readers.bounds import Bounds
from catalogue_index.readers.docx import read_docx_text


@pytest.fixture
def path(tmp_path):
    return tmp_path / "plan.docx"


def lines(path):
    return [line for line in read_docx_text(path).split("\n") if line]


def add_xml(document, xml):
    document.element.body.insert(0, parse_xml(xml.replace(">", f" {nsdecls('w')}>", 1)))


def numbered(document, text, number, depth):
    properties = document.add_paragraph(text)._p.get_or_add_pPr()
    properties.append(
        parse_xml(
            f"<w:numPr {nsdecls('w')}>"
            f'<w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>'
        )
    )


def define_list(document, number, levels, starts=()):
    """A list ``number`` with (format, text) per level; the templates' own lists have low numbers."""
    root = document.part.numbering_part.element
    level = "".join(
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
        for depth, (form, text) in enumerate(levels)
    )
    override = "".join(
        f'<w:lvlOverride w:ilvl="{depth}"><w:startOverride w:val="{start}"/></w:lvlOverride>'
        for depth, start in starts
    )
    root.insert(
        0,
        parse_xml(
            f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{number}">{level}</w:abstractNum>'
        ),
    )
    root.append(
        parse_xml(
            f'<w:num {nsdecls("w")} w:numId="{number}">'
            f'<w:abstractNumId w:val="{number}"/>{override}</w:num>'
        )
    )


def test_paragraphs_and_tables_come_in_document_order(path):
    document = Document()
    document.add_paragraph("一、任务")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        (cell for row in table.rows for cell in row.cells),
        ["领域", "责任单位", "就业", "县人社局"],
        strict=True,
    ):
        cell.text = text
    document.add_paragraph("二、保障")
    document.save(path)
    assert lines(path) == ["一、任务", "领域\t责任单位", "就业\t县人社局", "二、保障"]


def test_merged_cells_stand_once(path):
    document = Document()
    table = document.add_table(rows=3, cols=3)
    table.cell(0, 0).merge(table.cell(1, 0)).text = "单位"
    table.cell(0, 1).merge(table.cell(0, 2)).text = "进度"
    table.cell(1, 1).text = "上月"
    table.cell(1, 2).text = "本月"
    document.save(path)
    assert read_docx_text(path).strip("\n").split("\n") == [
        "单位\t进度\t",
        "〃\t上月\t本月",
        "\t\t",
    ]


def test_paragraphs_of_a_cell_are_one_cell(path):
    document = Document()
    cell = document.add_table(rows=1, cols=2).cell(0, 1)
    cell.text = "县教育局"
    cell.add_paragraph("县民政局")
    document.save(path)
    assert lines(path) == ["\t县教育局 县民政局"]


def test_automatic_numbers_are_written_out(path):
    document = Document()
    levels = [("chineseCounting", "%1、"), ("chineseCounting", "（%2）"), ("decimal", "%3.")]
    define_list(document, 90, levels)
    for text, depth in [
        ("要求", 0),
        ("编制", 1),
        ("公开", 1),
        ("目录", 2),
        ("任务", 0),
        ("拓宽", 1),
    ]:
        numbered(document, text, 90, depth)
    for _ in range(10):
        numbered(document, "其他", 90, 1)
    document.save(path)
    found = lines(path)
    assert found[:6] == ["一、要求", "（一）编制", "（二）公开", "1.目录", "二、任务", "（一）拓宽"]
    assert found[-2:] == ["（十）其他", "（十一）其他"]


def test_list_that_starts_anew_counts_apart(path):
    document = Document()
    define_list(document, 90, [("decimal", "%1.")])
    define_list(document, 91, [("decimal", "%1.")], starts=[(0, 5)])
    numbered(document, "甲", 90, 0)
    numbered(document, "乙", 91, 0)
    numbered(document, "丙", 90, 0)
    document.save(path)
    assert lines(path) == ["1.甲", "5.乙", "2.丙"]


def test_bullets_and_circled_and_lettered_numbers(path):
    document = Document()
    levels = [("bullet", "•"), ("decimalEnclosedCircle", "%2"), ("upperLetter", "%3.")]
    define_list(document, 90, levels)
    for depth in range(3):
        numbered(document, "要求", 90, depth)
    document.save(path)
    assert lines(path) == ["要求", "①要求", "A.要求"]


def test_numbers_that_come_with_a_style(path):
    document = Document()
    define_list(document, 90, [("chineseCounting", "%1、")])
    style = document.styles["Heading 1"]
    style.element.get_or_add_pPr().append(
        parse_xml(f'<w:numPr {nsdecls("w")}><w:numId w:val="90"/></w:numPr>')
    )
    document.add_paragraph("要求", style="Heading 1")
    document.add_paragraph("任务", style="Heading 1")
    document.save(path)
    assert lines(path) == ["一、要求", "二、任务"]


def test_inserted_text_is_read_and_deleted_text_is_not(path):
    document = Document()
    add_xml(
        document,
        "<w:p><w:r><w:t>县</w:t></w:r><w:ins><w:r><w:t>教育局</w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>民政局</w:delText></w:r></w:del></w:p>",
    )
    document.save(path)
    assert lines(path) == ["县教育局"]


def test_content_controls_are_read(path):
    document = Document()
    add_xml(
        document,
        "<w:sdt><w:sdtContent><w:p><w:r><w:t>一、目标</w:t></w:r></w:p></w:sdtContent></w:sdt>",
    )
    document.save(path)
    assert lines(path) == ["一、目标"]


def test_text_boxes_are_read_once(path):
    document = Document()
    add_xml(
        document,
        "<w:p><w:r><w:t>正文</w:t><w:pict><w:txbxContent><w:p><w:r><w:t>框内</w:t></w:r></w:p>"
        "</w:txbxContent></w:pict></w:r></w:p>",
    )
    document.save(path)
    assert lines(path) == ["正文", "框内"]


def test_word_plan_becomes_passages(path):
    document = Document()
    document.add_paragraph("某县实施方案")
    define_list(document, 90, [("chineseCounting", "%1、"), ("chineseCounting", "（%2）")])
    numbered(document, "重点任务", 90, 0)
    numbered(document, "拓宽渠道。设立专区。〔县政数局负责〕", 90, 1)
    table = document.add_table(rows=3, cols=3)
    for column, label in enumerate(["序号", "领域", "责任单位"]):
        table.cell(0, column).text = label
    for row, sector in enumerate(["安全生产", "救灾"], start=1):
        table.cell(row, 0).text, table.cell(row, 1).text = str(row), sector
    table.cell(1, 2).merge(table.cell(2, 2)).text = "县应急管理局"
    document.save(path)
    passages = parse_plan(read_docx_text(path), "d")
    assert [(p.kind, p.number, p.title, p.responsible) for p in passages[1:]] == [
        ("task", "（一）", "拓宽渠道", ("县政数局",)),
        ("responsibility", "1", "安全生产", ("县应急管理局",)),
        ("responsibility", "2", "救灾", ("县应急管理局",)),
    ]


def refusal(path, **limits):
    with pytest.raises(UnreadableFile) as refused:
        read_docx_text(path, **limits)
    return str(refused.value)


def test_missing_file_and_folder_are_refused(path):
    assert "找不到文件" in refusal(path)
    assert "是文件夹" in refusal(path.parent)


def test_empty_file_is_refused(path):
    path.write_bytes(b"")
    assert "是空的" in refusal(path)


def test_file_over_the_limits_is_refused(path):
    Document().save(path)
    assert "超过 0 MB" in refusal(path, max_bytes=1000)
    assert "解开后超过 0 MB" in refusal(path, bounds=Bounds(unpacked=1000))


def test_damaged_file_is_refused(path):
    Document().save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "损坏" in refusal(path)


@pytest.mark.parametrize("content", ["<w:document", "", "<a/>"])
def test_damaged_content_is_refused(path, content):
    Document().save(path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["word/document.xml"] = content.encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    path.write_bytes(packed.getvalue())
    assert "损坏" in refusal(path)


def test_locked_file_is_refused_with_what_to_do(path):
    path.write_bytes(b"\xd0\xcf\x11\xe0".ljust(128, b"\0") + "EncryptedPackage".encode("utf-16-le"))
    assert "先取消密码" in refusal(path)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (
            b"\xd0\xcf\x11\xe0".ljust(128, b"\0") + "WordDocument".encode("utf-16-le"),
            "是Word 97-2003 文档",
        ),
        (b"%PDF-1.7", "是PDF 文档"),
        ("一、总体要求".encode(), "不是 Word 文档"),
    ],
)
def test_other_formats_are_refused_by_name(path, content, kind):
    path.write_bytes(content)
    assert kind in refusal(path)
