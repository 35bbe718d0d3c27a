"""PDF documents with a text layer: tables by their ruled lines, else by aligned words.

pdf_pages    file → glyphs and ruled boxes, within a budget; what cannot be read is refused
pdf_text     glyphs of a cell → text in reading order
pdf_tables   a page → its lines of text and the parts of tables on it
pdf_joining  pages → grids; what page breaks cut is made whole
"""

from .bounds import DEFAULT_BOUNDS, Bounds
from .grid import Grid


def read(data: bytes, name: str, *, bounds: Bounds = DEFAULT_BOUNDS) -> list[Grid]:
    """The tables of a PDF in order; lines above a table stand over it as rows of one cell.

    A table that goes on over pages is one grid, whose ``pages`` tell the page of each row; rows
    that may not say what the page says are among its ``doubts``. Raises ``UnreadableFile`` for
    locked, damaged and too large files, for scans, and for text whose characters are not told.
    """
    from .pdf_columns import find_columns
    from .pdf_joining import grids_of
    from .pdf_pages import read_pages
    from .pdf_tables import Part, blocks_of

    pages = read_pages(data, name, bounds)
    contents = [blocks_of(page) for page in pages]
    if not any(isinstance(block, Part) for content in contents for block in content):
        contents = find_columns(pages) or contents
    grids = grids_of(pages, contents)
    bounds.check(name, sum(len(g.cells) for g in grids), sum(len(g.cells) * g.width for g in grids))
    return grids
