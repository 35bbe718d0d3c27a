"""PDF documents: every form that offices publish gives its cells, or says what to bring instead."""

import zlib
from contextlib import suppress
from functools import cache

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from catalogue_index.errors import UnreadableFile
from catalogue_index.importing import import_catalogue
from catalogue_index.readers import Bounds, grids_of, pdf
from catalogue_index.readers.pdf_pages import read_pages
from catalogue_index.readers.pdf_tables import blocks_of
from tests.fixtures import pdf as fixtures

FORMS = {form.name: form for form in fixtures.forms()}
DOUBTFUL = (
    "行高不够",
    "一级事项印在分页处",
    "各页栏宽不同",
    "一行被分页断开",
    "一行被分页断开且不封口",
    "无框线",
    "无框线居中",
)


def read(data, **options):
    return pdf.read(data, "目录.pdf", **options)


@cache
def form_read(name):
    return read(FORMS[name].data)


def rows_of(grids):
    """(page, row) → (cells as a reader sees them, whether the row is doubtful)."""
    rows = {}
    for grid in grids:
        doubtful = {row for row, _ in grid.doubts}
        for row in range(len(grid.cells)):
            cells = tuple(grid.at(row, column) for column in range(grid.width))
            rows[grid.sheet(row), grid.number(row)] = cells, row in doubtful
    return rows


def compared(form):
    """(cells expected, right ones, wrong ones whose row is not doubtful)."""
    rows = rows_of(form_read(form.name))
    right, silent = 0, []
    for expected in form.rows:
        cells, doubtful = rows.get((f"第{expected.page}页", expected.number), ((), False))
        for column, text in enumerate(expected.cells):
            found = cells[column] if column < len(cells) else None
            if found == text:
                right += 1
            elif not doubtful:
                silent.append((expected.page, expected.number, column, found, text))
    return sum(len(expected.cells) for expected in form.rows), right, silent


@pytest.mark.parametrize("name", FORMS)
def test_no_wrong_cell_is_silent(name):
    _, right, silent = compared(FORMS[name])
    assert right > 0
    assert silent == []


def test_nearly_all_cells_are_right():
    figures = [compared(form)[:2] for form in FORMS.values()]
    expected, right = (sum(column) for column in zip(*figures, strict=True))
    assert right / expected >= 0.98


@pytest.mark.parametrize("name", [name for name in FORMS if name not in DOUBTFUL])
def test_sound_tables_raise_no_doubts(name):
    assert [doubt for grid in form_read(name) for doubt in grid.doubts] == []


@pytest.mark.parametrize("name", FORMS)
def test_every_form_is_imported_row_by_row(name):
    form = FORMS[name]
    result = import_catalogue(form_read(name), sector="安全生产")
    places = [(item.place.sheet, item.place.row) for item in result.items]
    assert places == [(f"第{row.page}页", row.number) for row in form.rows]


def test_merged_cells_over_a_page_break_are_one():
    (grid,) = form_read("合并单元格跨页")
    category = next(span for span in grid.spans if span.left == 1 and span.top > 1)
    assert (category.top, category.bottom) == (2, 5)
    assert [grid.sheet(row) for row in (3, 4)] == ["第1页", "第2页"]


def test_a_header_into_which_a_merged_cell_was_printed_is_still_a_repeated_header():
    (grid,) = form_read("一级事项印在分页处")
    header = blocks_of(read_pages(FORMS["一级事项印在分页处"].data, "", Bounds())[1])[0].rows
    assert header[1][1] != grid.cells[1][1]
    assert len(grid.cells) == 2 + len(fixtures.ROWS)
    assert grid.at(5, 1) == fixtures.ROWS[3][1]


def test_a_row_cut_by_a_page_break_is_joined_and_doubtful():
    (grid,) = form_read("一行被分页断开")
    ((row, why),) = grid.doubts
    assert grid.own(row, 4) == "《中华人民共和国行政处罚法》"
    assert "分页" in why


def test_a_title_stays_once_and_page_numbers_go():
    (grid,) = form_read("三页各有表头")
    texts = [text for row in grid.cells for text in row]
    assert texts.count(fixtures.TITLE) == 1
    assert not any("- 1 -" in text for text in texts)


def test_each_table_has_the_title_above_it_and_the_note_below_it():
    first, second = form_read("两个领域")
    assert first.cells[1] == ("（一）安全生产领域基层政务公开标准目录",)
    assert first.cells[-1] == ("注：打■的是本级选用的公开渠道。",)
    assert second.cells[0] == ("（二）社会救助领域基层政务公开标准目录",)
    sectors = [item.sector for item in import_catalogue([first, second]).items]
    assert sectors == ["安全生产"] * 3 + ["社会救助"] * 3


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("竖排表头", ("全社会", "特定群体", "主动", "依申请", "县级", "乡级")),
        ("竖写表头", ("全社会", "特定群体（请写明）", "主动", "依申请", "县级", "乡级")),
    ],
)
def test_upright_and_turned_labels_are_read_in_order(name, labels):
    (grid,) = form_read(name)
    assert grid.cells[2][8:] == labels


def test_cut_off_text_is_doubtful_with_its_column():
    (grid,) = form_read("行高不够")
    doubts = {(grid.number(row), why) for row, why in grid.doubts}
    assert any(
        number == 4 and "公开内容（要素）" in why and "格线" in why for number, why in doubts
    )
    assert {number for number, _ in doubts} == {4, 5, 6, 7}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (fixtures.scanned(), "扫描件"),
        (fixtures.blank(), "没有文字"),
        (fixtures.locked(), "密码"),
        (fixtures.without_characters(), "编码"),
        (FORMS["居中"].data[:-900], "已损坏"),
        (fixtures.of_pages(601), "太大"),
        (b"%PDF-1.4\n%%EOF", "已损坏"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_bring(data, words):
    with pytest.raises(UnreadableFile) as refused:
        read(data)
    message = str(refused.value)
    assert words in message
    assert "目录.pdf" in message
    assert "Word" in message


PACKED = b"/Filter/FlateDecode"


@pytest.mark.parametrize(
    "data",
    [
        # a page that unpacks to 100 MB
        fixtures.by_hand(b"", content=fixtures.stream(zlib.compress(b" " * 100_000_000), PACKED)),
        # and one packed twice
        fixtures.by_hand(
            b"",
            content=fixtures.stream(
                zlib.compress(zlib.compress(b" " * 100_000_000)),
                b"/Filter[/FlateDecode/FlateDecode]",
            ),
        ),
        # a form that draws ten times one that draws ten times …
        fixtures.by_hand(
            b"/A Do " * 10,
            resources=b"<</XObject<</A {f0}>>>>",
            **{
                f"f{n}": fixtures.stream(
                    b"/A Do " * 10,
                    b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</A {f%d}>>>>"
                    % (n + 1),
                )
                for n in range(12)
            },
            f12=fixtures.stream(b" ", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]"),
        ),
        # a net of lines
        fixtures.by_hand(
            b"".join(
                b"%d 0 m %d 500 l S 0 %d m 500 %d l S " % (n, n, n, n) for n in range(0, 840, 3)
            )
        ),
        # more lines than a page of a table has
        fixtures.by_hand(b"0 0 m 9 0 l S " * 9000),
    ],
    ids=["packed", "packed twice", "nested forms", "net", "lines"],
)
def test_what_would_cost_minutes_or_gigabytes_is_refused(data):
    with pytest.raises(UnreadableFile, match="太大"):
        read(data)


def test_characters_of_more_glyphs_than_a_font_has_are_refused():
    ranges = b"1 beginbfrange <00000000> <FFFFFFFF> <0000> endbfrange"
    with pytest.raises(UnreadableFile, match="已损坏"):
        read(fixtures.with_character_map(ranges, b"<0001>", b"<0002>"))


def test_radicals_that_look_like_characters_are_read_as_those():
    mapping = b"4 beginbfchar <0001> <2F42> <0002> <4EF6> <0003> <5E02> <0004> <2EA0> endbfchar"
    (grid,) = read(fixtures.with_character_map(mapping, b"<00010002>", b"<00030004>"))
    assert grid.cells == (("文件", "市民"),)


def test_boxes_of_symbol_fonts_are_read_as_boxes():
    mapping = b"3 beginbfchar <0001> <F06E> <0002> <F06F> <0003> <7F51> endbfchar"
    (grid,) = read(fixtures.with_character_map(mapping, b"<00010003>", b"<00020003>"))
    assert grid.cells == (("■网", "□网"),)


def test_a_character_that_the_font_does_not_tell_is_doubtful():
    mapping = b"2 beginbfchar <0001> <7F51> <0002> <7AD9> endbfchar"
    (grid,) = read(
        fixtures.with_character_map(mapping, b"<0001000200010002>", b"<00010002000100020009>")
    )
    assert grid.cells[0][0] == "网站网站"
    ((row, why),) = grid.doubts
    assert row == 0
    assert "第2列" in why
    assert "字形" in why


def test_a_scanned_page_among_others_is_named_as_not_read():
    table, picture = read(fixtures.partly_scanned())
    assert len(table.cells) == 2 + len(fixtures.ROWS)
    assert (picture.name, picture.cells) == ("第2页", ())
    assert "扫描" in picture.note
    doubtful = import_catalogue([table, picture], sector="安全生产").report.doubtful
    assert [finding.place.sheet for finding in doubtful] == ["第2页"]


def test_a_table_that_may_not_be_printed_is_read():
    (grid,) = read(fixtures.restricted())
    assert grid.cells == (("A", "B"),)


def test_too_many_cells_are_refused():
    with pytest.raises(UnreadableFile, match="太大"):
        read(FORMS["居中"].data, bounds=Bounds(cells=100))


def test_the_reader_is_registered():
    assert grids_of(FORMS["居中"].data, "目录.pdf")[0].name == "第1页"


WORDS = st.lists(
    st.sampled_from(["政务", "公", "县级，", "（乡）", "开。", "《法》"]), max_size=7
).map("".join)


@st.composite
def tables(draw):
    """Cells, widths, and one merged area; every cell's text begins with where it stands."""
    height, width = draw(st.integers(2, 5)), draw(st.integers(2, 6))
    top, left = draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))
    bottom, right = draw(st.integers(top, height - 1)), draw(st.integers(left, width - 1))
    # A border over which every cell is merged is no border that anyone sees.
    assume(bottom - top + 1 < height or left == right)
    assume(right - left + 1 < width or top == bottom)
    cells = [
        [
            "" if _covers((top, left, bottom, right), r, c) else f"{r}{c}{draw(WORDS)}"
            for c in range(width)
        ]
        for r in range(height)
    ]
    cells[top][left] = f"{top}{left}{draw(WORDS)}"
    return cells, [draw(st.integers(45, 120)) for _ in range(width)], (top, left, bottom, right)


def _covers(span, row, column):
    top, left, bottom, right = span
    return top <= row <= bottom and left <= column <= right


@settings(max_examples=30, deadline=None)
@given(tables(), st.booleans())
def test_any_ruled_table_is_read_as_it_was_drawn(table, centred):
    cells, widths, span = table
    style = fixtures.Style(centred=centred, middle=centred, heights=dict.fromkeys(range(5), 90.0))
    pages = fixtures.Pages()
    pages.table(cells, [span], style, widths=widths)
    (grid,) = read(pages.bytes())
    for row, texts in enumerate(cells):
        for column, text in enumerate(texts):
            seen = cells[span[0]][span[1]] if _covers(span, row, column) else text
            assert grid.at(row, column) == seen


SMALL = FORMS["文字并排两遍"].data


@settings(max_examples=60, deadline=None)
@given(st.integers(1, len(SMALL) - 1))
def test_a_file_cut_off_anywhere_is_refused(end):
    if b"%%EOF" not in SMALL[:end]:
        with pytest.raises(UnreadableFile):
            read(SMALL[:end])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(SMALL) - 1), st.integers(0, 255)), max_size=12))
def test_damaged_bytes_end_in_grids_or_a_refusal(changes):
    data = bytearray(SMALL)
    for position, byte in changes:
        data[position] = byte
    with suppress(UnreadableFile):
        assert all(grid.name for grid in read(bytes(data)))
