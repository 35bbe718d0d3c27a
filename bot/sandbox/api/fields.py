"""What the fields of templates may hold, by their type.

https://developers.weixin.qq.com/doc/service/api/notify/notify/api_sendnewsubscribemsg.html
"""

import re
from collections.abc import Mapping
from typing import Any

from ..rules import Denied

_DAY = r"\d{4}(年|-|/|\.)\d{1,2}(月|-|/|\.)\d{1,2}日?"
_HOUR = r"\d{1,2}:\d{2}(:\d{2})?"

LOOKS: Mapping[str, tuple[int, str]] = {
    "thing": (20, r"(?s).+"),
    "const": (20, r"(?s).+"),
    "number": (32, r"[+-]?\d+(\.\d+)?"),
    "letter": (32, r"[A-Za-z]+"),
    "symbol": (5, r"[^\w\s]+"),
    "character_string": (32, r"[\x21-\x7e ]+"),
    "time": (40, rf"({_DAY} ?)?{_HOUR}(~(({_DAY} ?)?{_HOUR}))?|{_DAY}(~{_DAY})?"),
    "date": (40, rf"{_DAY}( ?{_HOUR})?(~{_DAY}( ?{_HOUR})?)?"),
    "amount": (14, r"\D?\d{1,10}(\.\d+)?元?"),
    "phone_number": (17, r"[\d+\-() ]+"),
    "car_number": (8, r"\S+"),
    "name": (20, r"[一-鿿·]{1,10}|[A-Za-z .]{1,20}|(?=.{1,10}$)[^\d]+"),
    "phrase": (5, r"[一-鿿]+"),
}
"""Type of field → the most characters, and what they must look like."""


def check(data: Mapping[str, Any], keys: Mapping[str, str]) -> None:
    """Refuse data that do not fill exactly ``keys``, each in the form of its type; the answer names the key."""
    for key in keys:
        value = data.get(key)
        filled = value.get("value") if isinstance(value, dict) else None
        if not isinstance(filled, str) or not filled:
            raise Denied("template_data", f"data.{key}.value is empty")
        if not _fits(key, filled):
            raise Denied("template_data", f"data.{key}.value invalid")
    if unknown := next((key for key in data if key not in keys), None):
        raise Denied("template_data", f"data.{unknown} is not in the template")


def _fits(key: str, value: str) -> bool:
    known = LOOKS.get(key.rstrip("0123456789"))
    if known is None:
        return True
    most, looks = known
    return len(value) <= most and re.fullmatch(looks, value) is not None
