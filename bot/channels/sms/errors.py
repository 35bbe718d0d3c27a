"""What the providers' error codes mean, what the office should do, and what becomes of the letter."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

from ..periods import end_of
from ..port import Fate, Outcome


@dataclass(frozen=True, slots=True)
class Meaning:
    """One code of a provider, or the beginning of several: the fields are those of the platform's errors."""

    provider: str
    code: str
    meaning: str
    action: str
    fate: Fate
    gone: bool
    until: str
    source: str


@cache
def official_errors() -> Sequence[Meaning]:
    """The table errors.csv."""
    text = files(__package__).joinpath("errors.csv").read_text(encoding="utf-8")
    return [_meaning(row) for row in csv.DictReader(text.splitlines())]


def outcome_of(provider: str, code: str, now: datetime) -> Outcome:
    """What becomes of a letter that ``provider`` answered with ``code``: the longest beginning in the table counts."""
    fitting = [
        known
        for known in official_errors()
        if known.provider == provider and code.startswith(known.code)
    ]
    if not fitting:
        # The provider said no, so nothing is out. What we do not know may pass: a worker tries a few times only.
        why = f"短信平台拒绝了这条短信（错误码 {code}）。请在服务商的文档中查询这个错误码。"
        return Outcome(Fate.LATER, code=code[:32], why=why)
    known = max(fitting, key=lambda meaning: len(meaning.code))
    until = end_of(known.until, now) if known.until else None
    why = f"{known.meaning}（错误码 {code}）。{known.action}。"
    return Outcome(known.fate, code=code[:32], why=why, gone=known.gone, until=until)


def _meaning(row: Mapping[str, str]) -> Meaning:
    return Meaning(
        row["provider"],
        row["code"],
        row["meaning"],
        row["action"],
        Fate(row["fate"]),
        row["gone"] == "yes",
        row["until"],
        row["source"],
    )
