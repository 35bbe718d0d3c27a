"""What providers' error codes mean, what the office should do, and what becomes of the letter: the tables errors.csv."""

import csv
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

from .periods import end_of
from .port import Fate, Outcome

_LONGEST_CODE = 32


@dataclass(frozen=True, slots=True)
class Meaning:
    """One code, or the beginning of several: what it says, what to do, the letter's fate, whether the address is dead, and
    until when nothing is taken (minute, hour, day: next midnight in China; empty: no closing).

    ``source`` is the page that says so; ``provider`` is empty in the table of one.
    """

    provider: str
    code: str
    meaning: str
    action: str
    fate: Fate
    gone: bool
    until: str
    source: str

    def outcome(self, code: str, details: str, now: datetime) -> Outcome:
        """What becomes of a letter that was answered with ``code``; ``details`` are told with the reason."""
        why = f"{self.meaning}（{details}）。{self.action}。"
        until = end_of(self.until, now) if self.until else None
        return Outcome(self.fate, code=code[:_LONGEST_CODE], why=why, gone=self.gone, until=until)


def unknown(code: str, why: str) -> Outcome:
    """What becomes of a letter that was answered with a code of no table.

    The provider said no, so nothing is out. What we do not know may pass: a worker tries a few times only.
    """
    return Outcome(Fate.LATER, code=code[:_LONGEST_CODE], why=why)


@cache
def read_meanings(package: str) -> tuple[Meaning, ...]:
    """The table errors.csv of a package."""
    text = files(package).joinpath("errors.csv").read_text(encoding="utf-8")
    return tuple(
        Meaning(
            row.get("provider", ""),
            row["code"],
            row["meaning"],
            row["action"],
            Fate(row["fate"]),
            row["gone"] == "yes",
            row["until"],
            row["source"],
        )
        for row in csv.DictReader(text.splitlines())
    )
