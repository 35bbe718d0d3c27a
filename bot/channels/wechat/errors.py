"""What the platform's error codes mean."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache

from ..meanings import Meaning, read_meanings, unknown
from ..port import Outcome

TOKEN_CODES = frozenset({40001, 40014, 42001})
"""The access token is not the valid one (any more)."""

UNKNOWN_TEMPLATE = 40037

_TOLD = (
    # Only these parts of a message of the platform's are shown: the rest may repeat what we sent.
    ("出口 IP", re.compile(r"invalid ip:? ?([0-9a-fA-F.:]{3,45})")),
    ("字段", re.compile(r"data\.(\w{1,40})")),
    ("rid", re.compile(r"\brid: ?([0-9a-f-]{8,64})")),
)


@cache
def official_errors() -> Mapping[int, Meaning]:
    """The table errors.csv, by code."""
    return {int(meaning.code): meaning for meaning in read_meanings(__package__)}


def outcome_of(code: int, message: str, now: datetime) -> Outcome:
    """What becomes of a letter that the platform answered with ``code`` and ``message``."""
    known = official_errors().get(code)
    details = "，".join([f"错误码 {code}", *_details(message)])
    if known is None:
        why = f"微信拒绝了这次发送（{details}）。请在微信开放文档中查询这个错误码。"
        return unknown(str(code), why)
    return known.outcome(str(code), details, now)


def _details(message: str) -> list[str]:
    found = ((name, pattern.search(message)) for name, pattern in _TOLD)
    return [f"{name} {match[1]}" for name, match in found if match]
