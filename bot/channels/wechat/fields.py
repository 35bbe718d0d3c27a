"""What templates are filled with: each field within the limits of its type.

A title that is too long is shortened with an ellipsis; a date, a number or a name is never cut, for a part of it would
be another one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..calling import Failed
from ..filling import Template, values
from ..port import Fate, Letter, Outcome

_KEY = re.compile(r"([a-z_]+?)\d*")
_DATE = r"\d{4}年\d{1,2}月\d{1,2}日|\d{4}-\d{1,2}-\d{1,2}"
_CLOCK = r"\d{1,2}:\d{2}(:\d{2})?"


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of field: how many characters, what they look like, whether it may be shortened, and how to say it."""

    most: int
    looks: str
    told: str
    shortened: bool = False


KINDS: Mapping[str, Kind] = {
    "thing": Kind(20, r"(?s).+", "最多 20 个字", shortened=True),
    "const": Kind(20, r"(?s).+", "最多 20 个字", shortened=True),
    "number": Kind(32, r"-?\d+(\.\d+)?", "最多 32 位数字，可带小数"),
    "letter": Kind(32, r"[A-Za-z]+", "最多 32 个字母"),
    "symbol": Kind(5, r"[^\w\s]+", "最多 5 个符号"),
    "character_string": Kind(32, r"[!-~ ]+", "最多 32 个数字、字母或符号，不能有汉字"),
    "time": Kind(32, rf"(({_DATE}) ?)?{_CLOCK}|{_DATE}", "如 2026年11月21日 09:05 或 09:05"),
    "date": Kind(32, rf"({_DATE})( ?{_CLOCK})?", "如 2026年11月21日"),
    "amount": Kind(16, r"[¥￥$]?\d+(\.\d+)?元?", "金额，最多 10 位数字，可带小数"),
    "phone_number": Kind(17, r"[\d+\-() ]+", "最多 17 个数字或符号"),
    "car_number": Kind(8, r"\S+", "最多 8 位车牌号"),
    "name": Kind(10, r"[^\d]+", "最多 10 个汉字，不能有数字"),
    "phrase": Kind(5, r"[㐀-鿿]+", "最多 5 个汉字"),
}
"""Types of fields (https://developers.weixin.qq.com/doc/service/api/notify/notify/api_sendnewsubscribemsg.html). Other
keys (first, keyword1, remark of old templates) have no limits of their own."""


def filled(template: Template, letter: Letter) -> dict[str, dict[str, str]]:
    """``{"thing1": {"value": "…"}}``; raises ``Failed`` naming the fields that cannot be filled."""
    fitted = {key: fit(key, value) for key, value in values(template, letter).items()}
    if faults := [fault for key, value in fitted.items() if (fault := fault_of(key, value))]:
        why = f"模板内容不符合微信的要求：{'；'.join(faults)}。请修改通知或模板设置。"
        raise Failed(Outcome(Fate.REFUSED, code="fields", why=why))
    return {key: {"value": value} for key, value in fitted.items()}


def fit(key: str, value: str) -> str:
    """``value`` on one line, and shortened where its type may be."""
    kind, value = _kind(key), " ".join(value.split())
    if kind and kind.shortened and len(value) > kind.most:
        return value[: kind.most - 1] + "…"
    return value


def fault_of(key: str, value: str) -> str:
    """What is wrong with ``value`` as the template's field ``key``; empty: nothing."""
    kind = _kind(key)
    if not value:
        return f"字段 {key} 是空的"
    if kind and (len(value) > kind.most or not re.fullmatch(kind.looks, value)):
        return f"字段 {key} 应为{kind.told}"
    return ""


def _kind(key: str) -> Kind | None:
    match = _KEY.fullmatch(key)
    return KINDS.get(match[1]) if match else None
