"""Which provider a call is meant for: their SDKs all call the same path, and name themselves in headers."""

from collections.abc import Callable, Mapping
from typing import Any

from ..world import World
from . import aliyun, tencent

PATHS = ("", "/", "/sms", "/sms/")

Provider = Callable[[World, Mapping[str, str], Mapping[str, str], bytes, float], tuple[int, Any]]


def find(path: str, headers: Mapping[str, str], query: Mapping[str, str]) -> Provider | None:
    """The provider whose SDK makes such calls, if any does."""
    if path not in PATHS:
        return None
    if "x-tc-action" in headers:
        return tencent.answer
    if "x-acs-action" in headers or "Action" in query:
        return aliyun.answer
    return None
