"""A report as a table, and the table as a file."""

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from bot.clock import CHINA

from .model import NAMES, Count, Pace, Report

COLUMNS = ("部分", "项目", "结果", "数目")
"""What ``rows`` tells, as the heads of its columns."""


def rows(found: Report, speed: Pace) -> Iterator[tuple[str, str, str, object]]:
    """Block, item, line, number: the whole report as a table. Lines of one item sum up to it; what cannot be told yet is
    empty."""
    yield ("合计", "", "匹配人数", found.matched)
    for outcome, number in found.lines().items():
        yield ("合计", "", NAMES[outcome], number)
    for block, key in BLOCKS.items():
        for item, lines in found.by(key).items():
            yield from ((block, item, NAMES[o], lines[o]) for o in NAMES if lines.get(o))
    for hour, number in speed.hours().items():
        yield ("按小时（人，首次交付）", hour_name(hour), "已交付", number)
    for (channel, state), number in sorted(found.letters.items()):
        yield ("按渠道（条）", channel, NAMES[state], number)
    for one in found.totals:
        told = {k: v for k, v in one.items() if k in TOTAL_NAMES}
        yield from (
            ("群发（只有总数，不与上面相加）", str(one["job"]), TOTAL_NAMES[k], v)
            for k, v in told.items()
        )
    yield ("费用", "", "万分之一元", found.cost)
    yield ("费用", "", "每个收到的人（万分之一元）", _told(found.cost_each))
    yield ("收到", "", "至少一个渠道已交付或送达（人）", found.reached)
    for percent in (50, 95):
        seconds = _told(speed.seconds_to(percent))
        yield ("速度", "", f"批准后多少秒，{percent}% 的人收到", seconds)


TOTAL_NAMES: Mapping[str, str] = {
    "total": "应发",
    "filtered": "过滤后准备发",
    "sent": "成功",
    "failed": "失败",
    "status": "平台的说法",
    "why": "说明",
}
"""What the platform tells of a 群发 in the event MASSSENDJOBFINISH (https://developers.weixin.qq.com/doc/service/guide/
product/message/Batch_Sends.html), as ``Hearing`` keeps it."""


def _told(number: float | None) -> float | str:
    return "" if number is None else number


BLOCKS: Mapping[str, Callable[[Count], Iterable[str]]] = {
    "按渠道（人，按最好的结果）": lambda one: (one.channel or "无",),
    "按地区（人）": lambda one: (one.area or "未填",),
    "按人群（人，可属多个）": lambda one: one.why,
}
"""How the people of a report are told apart."""


def hour_name(second: int) -> str:
    """The hour of a moment: 2026-11-21 09:00."""
    return f"{datetime.fromtimestamp(second, CHINA):%Y-%m-%d %H:00}"


def as_csv(table: Sequence[Sequence[object]]) -> bytes:
    """The table as CSV that Excel opens, its SHA-256 in the last line: over all bytes before that line."""
    text = io.StringIO()
    csv.writer(text).writerows([[_plain(cell) for cell in row] for row in table])
    body = ("\ufeff" + text.getvalue()).encode()
    return body + f"SHA-256,{hashlib.sha256(body).hexdigest()}\r\n".encode()


def as_xlsx(table: Sequence[Sequence[object]]) -> bytes:
    """The table as a workbook; the hash of the same table's CSV is on its second sheet."""
    # It takes a tenth of a second and some megabytes to load: only who wants a workbook waits for it.
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "报表"
    for row in table:
        sheet.append([_plain(cell) for cell in row])
    proof = book.create_sheet("校验")
    proof.append(["SHA-256（同一报表的 CSV）", as_csv(table).decode().rsplit(",", 1)[1].strip()])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


WRITERS: Mapping[str, Callable[[Sequence[Sequence[object]]], bytes]] = {
    "csv": as_csv,
    "xlsx": as_xlsx,
}
"""The kinds of file that a table can be written as."""


def _plain(cell: object) -> object:
    """Words that a spreadsheet would run as a formula are made words."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" and cell else cell
