"""An office's register of people who agreed to be told: rows of a table → entries, and why others are refused.

A consent must be given by the person, on a day, and be provable (个人信息保护法 第十四条、第六十九条): a row without
one is refused. Names are not read at all. Reasons never repeat what a cell holds: a row may be shifted, and a cell of
topics hold a telephone.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from catalogue_index.areas import Areas
from catalogue_index.errors import UnknownArea, UnrecognisedFile
from catalogue_index.readers import Grid

from .model import Topic
from .topics import Topics

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "phone": ("手机", "手机号", "手机号码", "电话", "联系电话"),
    "email": ("邮箱", "电子邮箱", "电子邮件", "email", "e-mail"),
    "area": ("地区", "所在地区", "镇街", "所属地区"),
    "topics": ("订阅", "订阅内容", "领域", "人群", "领域或人群"),
    "consent": ("同意", "是否同意", "本人同意"),
    "day": ("同意日期", "日期", "同意时间"),
    "basis": ("依据", "同意依据", "同意方式"),
}
"""Headers by what the column holds; of 领域 and 人群 both are read where both are there."""

_YES = frozenset({"是", "同意", "已同意", "有", "√", "✓", "✔", "y", "yes"})
_HEADER_WITHIN = 10
_AROUND_DIGITS = re.compile(r"[\s\-‐–—()._·]")
_COUNTRY = re.compile(r"^(?:\+|00)?86(?=1)")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?e\+?\d+", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}", re.ASCII)
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?|(\d{4})(\d{2})(\d{2})")
_BETWEEN_TOPICS = re.compile(r"[、,，;；/\s]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """A person of the register. ``row`` is the row as the clerk sees it; ``basis`` says how they agreed."""

    row: int
    phone: str = field(repr=False)
    email: str = field(repr=False)
    area: str
    topics: tuple[Topic, ...]
    day: date
    basis: str

    @property
    def key(self) -> str:
        """What tells people apart: the telephone, else the e-mail address."""
        return self.phone or self.email


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was not taken: its number, the last four digits of its telephone for finding it, and why."""

    row: int
    ending: str
    why: str


@dataclass(frozen=True, slots=True)
class Book:
    """A register as read; ``folded`` rows said again what an earlier one said of the same person."""

    entries: tuple[Entry, ...]
    refusals: tuple[Refusal, ...]
    folded: int


def read_book(
    grids: Sequence[Grid], topics: Topics, areas: Areas, today: date, area: str = ""
) -> Book:
    """The entries of all tables; ``area`` is the code for rows that name none. Raises ``UnrecognisedFile``."""
    tables = [(grid, *header) for grid in grids if (header := _header(grid))]
    if not tables:
        raise UnrecognisedFile(
            "没有找到登记表的表头：要有“手机”或“邮箱”一栏，和“同意”“同意日期”“依据”三栏。"
            "其余栏目是“地区”“订阅”；“姓名”可以有，不会保存。"
        )
    reader = _Reader(topics, areas, today, area)
    people: dict[str, Entry] = {}
    refusals: list[Refusal] = []
    folded = 0
    for grid, top, columns in tables:
        for number, cells in _rows(grid, top, columns):
            entry = reader.read(number, cells)
            if isinstance(entry, Refusal):
                refusals.append(entry)
            elif entry.key in people:
                people[entry.key] = _fold(people[entry.key], entry)
                folded += 1
            else:
                people[entry.key] = entry
    return Book(tuple(people.values()), tuple(refusals), folded)


def mobile(text: str) -> str:
    """A mainland mobile number as eleven digits, whatever is written around them; empty for anything else."""
    plain = _AROUND_DIGITS.sub("", unicodedata.normalize("NFKC", text))
    digits = _COUNTRY.sub("", plain)
    return digits if digits.isascii() and _MOBILE.fullmatch(digits) else ""


def mailbox(text: str) -> str:
    """An e-mail address in small letters; empty for anything else."""
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    return plain if len(plain) <= 254 and _EMAIL.fullmatch(plain) else ""


class _Reader:
    def __init__(self, topics: Topics, areas: Areas, today: date, area: str) -> None:
        self._topics = topics
        self._areas = areas
        self._today = today
        self._area = area

    def read(self, number: int, cells: Mapping[str, str]) -> Entry | Refusal:
        """A row as an entry, or all that is wrong with it."""
        phone, email = mobile(cells["phone"]), mailbox(cells["email"])
        area = self._area_of(cells["area"])
        topics = [
            self._topics.find(part) for part in _BETWEEN_TOPICS.split(cells["topics"]) if part
        ]
        day = _day(cells["day"])
        wrong = [
            *_contact_faults(cells, phone, email),
            *([] if area else ["地区认不出，请写县（市、区）全称或代码"]),
            *_topic_faults(topics),
            *self._consent_faults(cells, day),
        ]
        if wrong or not area or not day:
            return Refusal(number, _ending(cells["phone"]), "；".join(wrong))
        only = tuple(dict.fromkeys(found[0] for found in topics))
        return Entry(number, phone, email, area, only, day, cells["basis"][:200])

    def _area_of(self, text: str) -> str:
        try:
            return self._areas.find(text).code if text else self._area
        except UnknownArea:
            return ""

    def _consent_faults(self, cells: Mapping[str, str], day: date | None) -> Iterator[str]:
        if cells["consent"].lower() not in _YES:
            yield "没有写明本人同意（“同意”一栏要写“是”）"
        if day is None:
            yield "没有同意日期，或日期认不出（写成 2026-11-21 这样）"
        elif day > self._today:
            yield "同意日期晚于今天"
        if not cells["basis"]:
            yield "没有同意的依据（例如：纸质登记表）"


def _contact_faults(cells: Mapping[str, str], phone: str, email: str) -> Iterator[str]:
    if _SCIENTIFIC.fullmatch(cells["phone"]):
        yield "手机号被表格软件改成了科学记数，请把这一栏设为文本，再填一次"
    elif cells["phone"] and not phone:
        yield "手机号不对，应为 11 位数字"
    if cells["email"] and not email:
        yield "邮箱写得不对"
    if not cells["phone"] and not cells["email"]:
        yield "手机和邮箱都没有填"


def _topic_faults(topics: Sequence[tuple[Topic, ...]]) -> Iterator[str]:
    if not topics:
        yield "没有写订阅什么"
    for number, found in enumerate(topics, 1):
        if not found:
            yield f"订阅的第 {number} 项不是可以订阅的领域或人群"
        elif len(found) > 1:
            names = "、".join(topic.value for topic in found)
            yield f"订阅的第 {number} 项可能是{names}，请写明是哪一项"


def _day(text: str) -> date | None:
    match = _DAY.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if not match:
        return None
    try:
        return date(*(int(part) for part in match.groups() if part))
    except ValueError:
        return None


def _ending(phone: str) -> str:
    digits = re.sub(r"\D", "", phone)
    return digits[-4:] if len(digits) >= 8 else ""


def _fold(one: Entry, other: Entry) -> Entry:
    """What two rows of one person say together: the later consent, and the topics of both."""
    later = max(one, other, key=lambda entry: entry.day)
    return replace(
        later,
        row=one.row,
        email=one.email or other.email,
        topics=tuple(dict.fromkeys(one.topics + other.topics)),
    )


def _header(grid: Grid) -> tuple[int, Mapping[str, tuple[int, ...]]] | None:
    """The header's row and the columns by what they hold; ``None`` where a table is something else."""
    for row in range(min(_HEADER_WITHIN, len(grid.cells))):
        columns: dict[str, tuple[int, ...]] = {}
        for column in range(grid.width):
            title = re.sub(r"[(（].*|[*＊\s]", "", grid.at(row, column)).lower()
            for name, titles in COLUMNS.items():
                if title in titles:
                    columns[name] = (*columns.get(name, ()), column)
        if {"consent", "day", "basis"} <= columns.keys() and columns.keys() & {"phone", "email"}:
            return row, columns
    return None


def _rows(
    grid: Grid, top: int, columns: Mapping[str, tuple[int, ...]]
) -> Iterable[tuple[int, Mapping[str, str]]]:
    """The rows under the header by number, with what stands in the known columns; empty ones left out."""
    for row in range(top + 1, len(grid.cells)):
        cells = {
            name: " ".join(filter(None, (grid.at(row, c).strip() for c in columns.get(name, ()))))
            for name in COLUMNS
        }
        if any(cells.values()):
            yield grid.number(row), cells
