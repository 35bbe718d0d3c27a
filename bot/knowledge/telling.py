"""A comparison of two catalogues in words: sentences for citizens, rows for clerks, JSON for programs."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from catalogue_index.comparing import CellChange, Comparison, ItemChange, Piece, cells_of
from catalogue_index.errors import Refused
from catalogue_index.model import COLUMNS, Item

COLUMNS_OF_CHANGES = ("变化", "事项", "栏目", "改动（【原来→现在】）")
"""Headings over ``rows``."""

_LONG = 60
"""Characters from which a text that changed is not told whole."""
_AROUND = 12
"""Characters kept on each side of a change in a long text."""
_NAMES = (COLUMNS["sector"], COLUMNS["category"], COLUMNS["item"])


def day_of(text: str, option: str) -> date:
    """A day as typed: 2026-11-21 or 2026年11月21日; raises ``Refused`` naming the ``option``."""
    plain = text.strip().replace("年", "-").replace("月", "-").removesuffix("日")
    try:
        year, month, day = map(int, plain.split("-"))
        return date(year, month, day)
    except ValueError as error:
        raise Refused(
            f"{option} 的日期“{text}”看不懂。请写成 2026-11-21 或 2026年11月21日。"
        ) from error


def called(item: Item) -> str:
    """An item's category and name."""
    return " · ".join(filter(None, (item.category, item.item))) or "（没有名称的事项）"


def marked(pieces: Sequence[Piece]) -> str:
    """A text with what changed in it between 【】; of long stretches that stayed, the words beside a change."""
    words = []
    for number, (before, after) in enumerate(pieces):
        if before == after:
            words.append(_shortened(after, number > 0, number < len(pieces) - 1))
        elif before and after:
            words.append(f"【{before}→{after}】")
        else:
            words.append(f"【增：{after}】" if after else f"【删：{before}】")
    return "".join(words)


def _shortened(text: str, after_change: bool, before_change: bool) -> str:
    head = text[:_AROUND] if after_change else ""
    tail = text[-_AROUND:] if before_change else ""
    return text if len(text) <= len(head) + len(tail) + 3 else f"{head}……{tail}"


def sentences(comparison: Comparison) -> Iterator[str]:
    """What changed, each in a plain sentence. Changes of form alone are not told."""
    for item in comparison.added:
        known = [f"公开时限：{item.time_limit}"] if item.time_limit else []
        known += [f"公开主体：{item.discloser}"] if item.discloser else []
        told = f"（{'；'.join(known)}）" if known else ""
        yield f"新增“{called(item)}”{told}。"
    for item in comparison.removed:
        yield f"不再列出“{called(item)}”。"
    for change in comparison.worded:
        yield from _of_one_item(change)


def _of_one_item(change: ItemChange) -> Iterator[str]:
    before, after = called(change.before), called(change.after)
    worded = {cell.label: cell for cell in change.worded}
    if COLUMNS["category"] in worded:
        done = "移到别处并改名" if change.renamed else "移到别处"
        yield f"“{before}”{done}，现在是“{after}”。"
    elif change.renamed:
        yield f"“{before}”改名，现在是“{after}”。"
    if sector := worded.get(COLUMNS["sector"]):
        old, new = (text or "未写明" for text in (sector.before, sector.after))
        yield f"“{after}”由{old}领域移到{new}领域。"
    for cell in change.worded:
        if cell.label in _NAMES:
            continue
        if not cell.before:
            yield f"“{after}”写明了{cell.label}：{_told(cell.after)}。"
        elif not cell.after:
            yield f"“{after}”不再写明{cell.label}（原来是{_told(cell.before)}）。"
        elif max(len(cell.before), len(cell.after)) > _LONG:
            yield f"“{after}”的{cell.label}有修改：{_in_one_line(marked(cell.pieces()))}。"
        else:
            yield f"“{after}”的{cell.label}由{_told(cell.before)}改为{_told(cell.after)}。"


def _told(text: str) -> str:
    line = _in_one_line(text)
    return f"“{line}”" if len(line) <= _LONG else f"“{line[: _LONG - 1]}…”"


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def _kinds(change: ItemChange) -> list[str]:
    """改名, 移动 and 修改, as far as they hold."""
    others = any(cell.label not in _NAMES for cell in change.worded)
    holds = {"改名": change.renamed, "移动": change.moved, "修改": others}
    return [kind for kind, true in holds.items() if true]


def rows(comparison: Comparison) -> list[tuple[str, str, str, str]]:
    """What changed as rows of a table: an added or removed item, or one cell of a changed one."""
    found = [("新增", called(item), "", "") for item in comparison.added]
    found += [("删除", called(item), "", "") for item in comparison.removed]
    for change in comparison.worded:
        kinds = "、".join(_kinds(change))
        found += [
            (kinds, called(change.after), cell.label, marked(cell.pieces()))
            for cell in change.worded
        ]
    return found


def form_only(comparison: Comparison) -> int:
    """How many items changed in list numbers, punctuation or blanks only."""
    return len(comparison.changed) - len(comparison.worded)


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """A comparison for programs."""
    return {
        "added": [cells_of(item) for item in comparison.added],
        "removed": [cells_of(item) for item in comparison.removed],
        "changed": [_change_json(change) for change in comparison.changed],
    }


def _change_json(change: ItemChange) -> dict[str, Any]:
    return {
        "before": cells_of(change.before),
        "after": cells_of(change.after),
        "renamed": change.renamed,
        "moved": change.moved,
        "form_only": not change.worded,
        "cells": [_cell_json(cell) for cell in change.cells],
    }


def _cell_json(cell: CellChange) -> dict[str, Any]:
    return {
        "label": cell.label,
        "before": cell.before,
        "after": cell.after,
        "form_only": not cell.worded,
        "pieces": [list(piece) for piece in cell.pieces()],
    }
