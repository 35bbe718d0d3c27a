"""An office's edits as a table or as JSON, out and in again, so that nothing is locked in.

What comes in is proposed: somebody reviews it, whatever it was where it comes from.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from catalogue_index.errors import UnreadableFile, UnrecognisedFile
from catalogue_index.readers.text import read_text

from .edits import Edit, EditRefused, Kind, LocalEntry, State, alias, entry

KINDS: Mapping[Kind, str] = {Kind.ALIAS: "相似问法", Kind.ENTRY: "本地答疑"}
STATES: Mapping[State, str] = {
    State.PROPOSED: "待审核",
    State.APPROVED: "已通过",
    State.REJECTED: "已退回",
    State.WITHDRAWN: "已撤下",
}
COLUMNS: Mapping[str, str] = {
    "kind": "类型",
    "area": "地区",
    "unit": "答复编号",
    "texts": "问法（一行一个）",
    "question": "问题",
    "answer": "答复原文",
    "title": "文件名称",
    "number": "文号",
    "date": "文件日期",
    "url": "网址",
    "state": "状态",
    "proposed_by": "提出人",
    "proposed_at": "提出时间",
    "reviewed_by": "审核人",
    "reviewed_at": "审核时间",
    "note": "说明",
    "id": "编号",
}
"""What a row has, in order; the first ten come in again."""

_MARK = "'"
_RUN = ("=", "+", "-", "@", _MARK)
"""What a spreadsheet takes for the beginning of a formula, and the mark that makes it text."""

_KIND_CALLED = {name: kind for kind, name in KINDS.items()}


def to_csv(edits: Iterable[Edit]) -> str:
    """A table that spreadsheets open as text, with ``COLUMNS`` as its head."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(COLUMNS.values())
    for edit in edits:
        row = _row(edit)
        table.writerow(_harmless(row[name]) for name in COLUMNS)
    return written.getvalue()


def to_json(edits: Iterable[Edit]) -> str:
    """The same rows as JSON."""
    return json.dumps([_row(edit) for edit in edits], ensure_ascii=False, indent=2)


def read(path: Path, by: str, at: datetime) -> list[Edit]:
    """The edits in a file that ``to_csv`` or ``to_json`` wrote, proposed ``by`` somebody. Raises ``Refused``."""
    found = []
    for number, row in enumerate(_rows(path), 1):
        try:
            found.append(_proposed(row, by, at))
        except EditRefused as error:
            raise EditRefused(f"第 {number} 条用不了：{error}没有导入任何一条。") from error
    if not found:
        raise UnrecognisedFile(f"“{path.name}”里没有问法或答疑。请用导出的文件，或照它的表头填写。")
    return found


def _row(edit: Edit) -> dict[str, str]:
    told = edit.to_json() | (edit.to_json()["entry"] or {})
    own = {"kind": KINDS[edit.kind], "state": STATES[edit.state], "texts": "\n".join(edit.texts)}
    return {name: str({**told, **own}.get(name, "")) for name in COLUMNS}


def _proposed(row: Mapping[str, str], by: str, at: datetime) -> Edit:
    kind = _KIND_CALLED.get(row.get("kind", "").strip())
    area = row.get("area", "").strip()
    if kind is Kind.ALIAS:
        texts = row.get("texts", "").splitlines()
        return alias(row.get("unit", "").strip(), texts, area=area, by=by, at=at)
    if kind is Kind.ENTRY:
        names = ("question", "answer", "title", "number", "date", "url")
        given = LocalEntry(**{name: row.get(name, "") for name in names})
        return entry(given, area=area, by=by, at=at)
    raise EditRefused(f"类型应为{'或'.join(_KIND_CALLED)}。")


def _rows(path: Path) -> Iterator[dict[str, str]]:
    text = read_text(path)
    if path.suffix.lower() == ".json":
        try:
            for one in json.loads(text):
                yield {name: str(one.get(name, "")) for name in COLUMNS}
        except (ValueError, AttributeError, TypeError) as error:
            raise UnrecognisedFile(f"“{path.name}”不是导出的 JSON。请用导出的文件。") from error
        return
    called = {label: name for name, label in COLUMNS.items()}
    try:
        for one in csv.DictReader(io.StringIO(text, newline=""), strict=True):
            known = {called[label]: value for label, value in one.items() if label in called}
            yield {name: (value or "").removeprefix(_MARK) for name, value in known.items()}
    except csv.Error as error:
        raise UnreadableFile(f"“{path.name}”不是完整的 CSV 表格（{error}）。") from error


def _harmless(cell: str) -> str:
    return f"{_MARK}{cell}" if cell.startswith(_RUN) else cell
