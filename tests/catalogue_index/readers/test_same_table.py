"""One table, whatever the format it was written in."""

import io

import openpyxl
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue_index.readers import Span, grids_of

HEADER = ("序号", "一级事项", "二级事项", "公开内容", "公开依据")


@st.composite
def tables(draw):
    """Merged areas that never overlap, between two rows of single cells: (span, text).

    Those rows make every row and column seen, for a workbook ends with its last value.
    """
    height, width = draw(st.integers(1, 5)), len(HEADER)
    texts = st.text(alphabet="政务公开目录一二1√", min_size=1, max_size=6)
    areas = [(Span(0, column, 0, column), text) for column, text in enumerate(HEADER)]
    taken = set()
    for top in range(1, height + 1):
        for left in range(width):
            if (top, left) in taken:
                continue
            free = next((c for c in range(left, width) if (top, c) in taken), width)
            span = Span(
                top, left, draw(st.integers(top, height)), draw(st.integers(left, free - 1))
            )
            taken |= set(places(span))
            areas.append((span, draw(texts)))
    return areas + [(Span(height + 1, c, height + 1, c), text) for c, text in enumerate(HEADER)]


def places(span):
    return [
        (row, column)
        for row in range(span.top, span.bottom + 1)
        for column in range(span.left, span.right + 1)
    ]


def as_html(areas):
    rows = {}
    for span, text in areas:
        height, width = span.bottom - span.top + 1, span.right - span.left + 1
        rows.setdefault(span.top, []).append(f"<td rowspan={height} colspan={width}>{text}</td>")
    height = max(span.bottom for span, _ in areas) + 1
    body = "".join(f"<tr>{''.join(rows.get(row, []))}</tr>" for row in range(height))
    return f"<html><body><table>{body}</table></body></html>".encode()


def as_docx(areas):
    document = Document()
    height = max(span.bottom for span, _ in areas) + 1
    table = document.add_table(rows=height, cols=len(HEADER))
    for span, text in areas:
        cell = table.cell(span.top, span.left)
        cell.merge(table.cell(span.bottom, span.right)).text = text
    return saved(document)


def as_xlsx(areas):
    book = openpyxl.Workbook()
    for span, text in areas:
        book.active.cell(span.top + 1, span.left + 1, text)
        if len(places(span)) > 1:
            book.active.merge_cells(
                start_row=span.top + 1,
                start_column=span.left + 1,
                end_row=span.bottom + 1,
                end_column=span.right + 1,
            )
    return saved(book)


def saved(made):
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@settings(deadline=None, max_examples=50)
@given(tables())
def test_a_table_is_the_same_in_every_format(areas):
    height = max(span.bottom for span, _ in areas) + 1
    expected = {
        place: (text, place == (span.top, span.left))
        for span, text in areas
        for place in places(span)
    }
    assert len(expected) == height * len(HEADER)
    for write, name in ((as_html, "a.html"), (as_docx, "a.docx"), (as_xlsx, "a.xlsx")):
        (grid,) = grids_of(write(areas), name)
        assert grid.width == len(HEADER)
        for (row, column), (text, begins) in expected.items():
            assert grid.at(row, column) == text, name
            assert grid.own(row, column) == (text if begins else ""), name
        merged = {span for span, _ in areas if len(places(span)) > 1}
        assert {span for span in grid.spans if len(places(span)) > 1} == merged, name
