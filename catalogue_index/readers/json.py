"""JSON tables: a list of objects, one a row, as the export writes them."""

import json
from typing import Any

from ..errors import UnreadableFile
from .bounds import DEFAULT_BOUNDS, Bounds
from .csv import decode
from .grid import Grid


def read(data: bytes, name: str, *, bounds: Bounds = DEFAULT_BOUNDS) -> list[Grid]:
    """One table: its header row is the keys in order of first appearance; null is an empty cell.

    Raises ``UnreadableFile`` for anything but a list of objects, and for too many rows or cells.
    """
    try:
        rows = json.loads(decode(data, name))
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(f"文件“{name}”不是完整的 JSON。请重新导出后再导入。") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UnreadableFile(
            f"文件“{name}”不是表格：应为 JSON 数组，每行一个对象。请使用本系统导出的文件。"
        )
    labels = tuple(dict.fromkeys(label for row in rows for label in row))
    bounds.check(name, len(rows), len(rows) * len(labels))
    body = (tuple(_text(row.get(label)) for label in labels) for row in rows)
    return [Grid("", (labels, *body) if labels else ())]


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
