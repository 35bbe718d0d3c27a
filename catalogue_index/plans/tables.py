"""Tables of a plan: lines that give work to units, forms to be filled in, and any others."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ..documents.manuscript import Table
from .duties import NO_DUTIES, Duties, due_in, split_units, with_role

_COLUMNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("number", re.compile(r"序\s*号|编号")),
    ("due", re.compile("时限|期限|完成时间|时间要求|时间节点")),
    ("other", re.compile("责任人|负责人|联系人|联系|电话|备注|公开")),
    ("lead", re.compile("牵头|主办|主要负责")),
    ("supporting", re.compile("配合|协办|参与|参加|协助")),
    ("responsible", re.compile("责任|负责|单位|部门")),
    ("sector", re.compile("领域")),
    ("work", re.compile("任务|事项|措施|内容|目录|项目")),
)
_UNIT_ROLES = ("lead", "supporting", "responsible")
_SAME_AS_ABOVE = frozenset({"〃", "同上"})
_TO_FILL_IN = re.compile("填报|填表|填写|报送单位|联系人及")
_SECTOR_END = re.compile(
    "(?:领域)?(?:基层|[县区市镇乡]级|本级)*(?:政务公开)?(?:事项)?(?:标准)?(?:目录|指引)?$"
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: ``text`` has each cell after its column's label, a line each."""

    text: str
    number: str = ""
    work: str = ""
    sectors: tuple[str, ...] = ()
    duties: Duties = NO_DUTIES


def rows_of(table: Table) -> list[Row]:
    """The lines of a table below its header; without a header, the lines as they stand."""
    captions, header, body = _parts(table)
    if not header or not any(map(any, body)):
        return [Row(" ".join(filter(None, row))) for row in _filled(table.rows)]
    roles = [_role(label) for label in header]
    filled = [cells + ("",) * (len(header) - len(cells)) for cells in _filled(body)]
    unused = {label for label, *cells in zip(header, *filled, strict=False) if not any(cells)}
    rows = [_row(header, roles, cells, unused) for cells in filled]
    return [*(Row(" ".join(filter(None, caption))) for caption in captions), *rows]


def is_form(table: Table, around: Sequence[str]) -> bool:
    """Whether a table is to be filled in: nothing is below its header, or 填报 is around it."""
    _, header, body = _parts(table)
    if header and any(_role(label) in _UNIT_ROLES for label in header) and len(body) > 1:
        return False
    empty = not any(any(row[1:]) for row in body)
    return empty or any(_TO_FILL_IN.match(text) for text in around)


def form_text(table: Table) -> str:
    """A form's columns, one a line, those under a common head set in below it; then other cells."""
    top, *below = [list(row) for row in table.rows]
    lines: list[str] = []
    spans = below and not all(below[0]) and any(below[0]) and len(below[0]) <= len(top)
    under = below.pop(0) if spans else [""] * len(top)
    for column, label in enumerate(top):
        if label:
            lines.append(label)
        if column < len(under) and under[column] not in {"", label, *_SAME_AS_ABOVE}:
            lines.append("　" + under[column])
    lines += [" ".join(filter(None, row)) for row in below if any(row)]
    return "\n".join(lines)


def sectors_in(words: str) -> tuple[str, ...]:
    """The sectors that a line is about, as printed but without 领域: 社会救助领域、养老服务领域."""
    names = (_SECTOR_END.sub("", name) for name in re.split("[、，；;, ]", words))
    return tuple(dict.fromkeys(name for name in names if name))


def _parts(
    table: Table,
) -> tuple[list[tuple[str, ...]], tuple[str, ...], list[tuple[str, ...]]]:
    """Caption lines (one cell filled), the header, and the rest; no header where none is plain."""
    captions = []
    rows = list(table.rows)
    while rows and sum(map(bool, rows[0])) == 1 and len(rows[0]) > 1:
        captions.append(rows.pop(0))
    if rows and any(_role(label) for label in rows[0]) and len(set(rows[0])) == len(rows[0]):
        return captions, rows[0], rows[1:]
    return [], (), list(table.rows)


def _role(label: str) -> str:
    return next((role for role, words in _COLUMNS if words.search(label)), "")


def _filled(rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Rows that are not empty; 〃 and 同上 replaced by what stands above them."""
    filled: list[tuple[str, ...]] = []
    for row in rows:
        above = filled[-1] if filled else ()
        if any(row):
            filled.append(
                tuple(
                    above[column] if cell in _SAME_AS_ABOVE and column < len(above) else cell
                    for column, cell in enumerate(row)
                )
            )
    return filled


def _row(
    header: Sequence[str], roles: Sequence[str], cells: Sequence[str], unused: Collection[str]
) -> Row:
    """One line; a column that no line fills is named nonetheless, so that nothing is lost."""
    named = [*zip(header, roles, cells, strict=False)]
    lines = [f"{label} {cell}".strip() for label, _, cell in named if cell or label in unused]
    lines += [cell for cell in cells[len(header) :] if cell]
    duties = NO_DUTIES
    for _, role, cell in named:
        if role in _UNIT_ROLES:
            duties |= with_role(role, split_units(cell))
        elif role == "due" and cell:
            duties |= due_in(cell)
    columns = {role: cell for _, role, cell in reversed(named)}
    sector = columns.get("sector", "")
    return Row(
        text="\n".join(lines),
        number=columns.get("number", ""),
        work=sector or columns.get("work", ""),
        sectors=sectors_in(sector),
        duties=duties,
    )
