"""What the platform's error codes mean, what the office should do, and what becomes of the letter."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

from ..periods import end_of
from ..port import Fate, Outcome

TOKEN_CODES = frozenset({40001, 40014, 42001})
"""The access token is not the valid one (any more)."""

UNKNOWN_TEMPLATE = 40037

_TOLD = (
    # Only these parts of a message of the platform's are shown: the rest may repeat what we sent.
    ("出口 IP", re.compile(r"invalid ip:? ?([0-9a-fA-F.:]{3,45})")),
    ("字段", re.compile(r"data\.(\w{1,40})")),
    ("rid", re.compile(r"\brid: ?([0-9a-f-]{8,64})")),
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """One code: what it says, what to do, the letter's fate, whether the address is dead, and until when nothing is
    taken (minute, hour, day: next midnight in China; empty: no closing). ``source`` is the page that says so."""

    code: int
    meaning: str
    action: str
    fate: Fate
    gone: bool
    until: str
    source: str


@cache
def official_errors() -> Mapping[int, Meaning]:
    """The table errors.csv, by code."""
    text = files(__package__).joinpath("errors.csv").read_text(encoding="utf-8")
    return {int(row["code"]): _meaning(row) for row in csv.DictReader(text.splitlines())}


def outcome_of(code: int, message: str, now: datetime) -> Outcome:
    """What becomes of a letter that the platform answered with ``code`` and ``message``."""
    known = official_errors().get(code)
    details = [f"错误码 {code}", *_details(message)]
    if known is None:
        # The platform said no, so nothing is out. What we do not know may pass: a worker tries a few times only.
        why = f"微信拒绝了这次发送（{'，'.join(details)}）。请在微信开放文档中查询这个错误码。"
        return Outcome(Fate.LATER, code=str(code), why=why)
    why = f"{known.meaning}（{'，'.join(details)}）。{known.action}。"
    until = end_of(known.until, now) if known.until else None
    return Outcome(known.fate, code=str(code), why=why, gone=known.gone, until=until)


def _details(message: str) -> list[str]:
    found = ((name, pattern.search(message)) for name, pattern in _TOLD)
    return [f"{name} {match[1]}" for name, match in found if match]


def _meaning(row: Mapping[str, str]) -> Meaning:
    return Meaning(
        int(row["code"]),
        row["meaning"],
        row["action"],
        Fate(row["fate"]),
        row["gone"] == "yes",
        row["until"],
        row["source"],
    )
