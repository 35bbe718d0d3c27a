"""Administrative areas (行政区划) by GB/T 2260 code, where a code's prefix is its parent."""

import csv
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files

from .errors import UnknownArea

NATION = ""
"""The code above every province: what binds the whole country."""

LEVELS = (2, 4, 6, 9, 12)
"""Digits of a province, city, county, town and village code (GB/T 2260 and GB/T 10114)."""

_PLACEHOLDERS = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}
_DIGITS = re.compile(r"[0-9]{6}|[0-9]{9}|[0-9]{12}")
_SUFFIX = re.compile(r"(特别行政区|自治区|自治州|自治县|自治旗|地区|林区|新区|省|市|区|县|旗|盟)$")


@dataclass(frozen=True, slots=True)
class Area:
    """One area: code, own name (高要区) and full name (广东省肇庆市高要区)."""

    code: str
    name: str
    full_name: str

    @property
    def short_name(self) -> str:
        """The name as people say it, where that leaves at least two characters: 高要, 泽州, but 高县."""
        short = _SUFFIX.sub("", self.name)
        return short if len(short) >= 2 else self.name


def chain(code: str) -> tuple[str, ...]:
    """Codes whose rules bind ``code``, nearest first: town, county, city, province, nation."""
    return (*(code[:n] for n in reversed(LEVELS) if n <= len(code)), NATION)


def unpadded(code: str) -> str:
    """The code without the zeros that fill it up (440000 → 44): GB/T 2260 prints all its codes with six digits."""
    if not _DIGITS.fullmatch(code):
        return code
    shorter = (n for n in LEVELS if n < len(code) and not code[n:].strip("0"))
    return code[: next(shorter, len(code))]


class Areas:
    """The list of areas: look one up by code or by name, or find those that a text names."""

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        self._names = dict(names)

    def get(self, code: str, name: str = "") -> Area:
        """The area of ``code``; ``name`` serves codes that are not in the list, such as towns.

        Raises ``UnknownArea`` for a malformed code, and for one that the list lacks when no name is given.
        """
        code = unpadded(code)
        if code == NATION:
            return Area(NATION, "全国", "全国")
        if not code.isascii() or not code.isdigit() or len(code) not in LEVELS:
            raise UnknownArea(
                f"地区代码“{code}”不正确：应为 2、4、6、9 或 12 位数字，例如 441204（高要区）。"
            )
        parents = [self._names[c] for c in chain(code)[1:-1] if c in self._names]
        own = self._names.get(code) or name
        if not own:
            raise UnknownArea(
                f"地区代码“{code}”不在行政区划表中。请核对代码；乡镇、村等请用 --area-name 写明名称。"
            )
        shown = [part for part in (*reversed(parents), own) if part not in _PLACEHOLDERS]
        return Area(code, own, "".join(shown) or own)

    def names(self) -> Iterable[tuple[str, str]]:
        """All codes with their own names, placeholders such as 市辖区 left out."""
        return ((code, name) for code, name in self._names.items() if name not in _PLACEHOLDERS)

    def find(self, text: str) -> Area:
        """The area that ``text`` names or whose code it is; raises ``UnknownArea`` otherwise or when several fit.

        Any well-formed code is taken, a town's too; one that is not in the list stands for its own name.
        """
        text = text.strip()
        if text.isascii() and text.isdigit():
            return self.get(text, text)
        found = self.named(text)
        if len(found) == 1:
            return found[0]
        if found:
            several = "、".join(f"{area.full_name}（{area.code}）" for area in found[:6])
            raise UnknownArea(f"“{text}”对应多个地区：{several}。请写全称或代码。")
        raise UnknownArea(f"没有找到地区“{text}”。请写县（市、区）全称，例如“高要区”，或六位代码。")

    def named(self, text: str) -> list[Area]:
        """Areas called ``text``: by full name, own name or everyday short name, in that order of trust."""
        for index in (self._by_full_name, self._by_name, self._by_short_name):
            if codes := index.get(text):
                return [self.get(code) for code in codes]
        return []

    @cached_property
    def _by_full_name(self) -> dict[str, list[str]]:
        return self._invert(
            lambda area: {area.full_name, area.full_name[len(self._province(area)) :]}
        )

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        return self._invert(lambda area: {area.name})

    @cached_property
    def _by_short_name(self) -> dict[str, list[str]]:
        return self._invert(lambda area: {area.short_name})

    def _province(self, area: Area) -> str:
        return self._names.get(area.code[:2], "") if len(area.code) > 2 else ""

    def _invert(self, keys: Callable[[Area], set[str]]) -> dict[str, list[str]]:
        index: dict[str, list[str]] = {}
        for code, _ in self.names():
            for key in keys(self.get(code)) - {""}:
                index.setdefault(key, []).append(code)
        return index


@lru_cache(maxsize=1)
def national_areas() -> Areas:
    """The built-in list down to counties (3,354 codes, as published by the statistics authority in 2023)."""
    table = files("catalogue_index").joinpath("data/areas.csv").read_text(encoding="utf-8")
    return Areas((row["code"], row["name"]) for row in csv.DictReader(table.splitlines()))
