"""What the error codes of the providers of short messages mean."""

from collections.abc import Sequence
from datetime import datetime

from ..meanings import Meaning, read_meanings, unknown
from ..port import Outcome


def official_errors() -> Sequence[Meaning]:
    """The table errors.csv."""
    return read_meanings(__package__)


def outcome_of(provider: str, code: str, now: datetime) -> Outcome:
    """What becomes of a letter that ``provider`` answered with ``code``: the longest beginning in the table counts."""
    fitting = [
        known
        for known in official_errors()
        if known.provider == provider and code.startswith(known.code)
    ]
    details = f"错误码 {code}"
    if not fitting:
        return unknown(
            code, f"短信平台拒绝了这条短信（{details}）。请在服务商的文档中查询这个错误码。"
        )
    known = max(fitting, key=lambda meaning: len(meaning.code))
    return known.outcome(code, details, now)
