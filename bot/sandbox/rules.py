"""The platform's rules as a table: each limit, the code and words of its refusal, and the page that says so."""

import csv
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

SITE = "https://developers.weixin.qq.com"
"""Pages in the table that begin with a slash stand here."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``limit`` is in what its name says, or in seconds; ``code`` is 0 where breaking it is no error.

    The end of a name says for which period a count holds: ``_minute``, ``_day``, ``_month``.
    """

    name: str
    limit: int
    code: int
    message: str
    source: str


class Denied(Exception):
    """The platform refuses a call, by the rule it breaks; ``facts`` come with the answer."""

    def __init__(self, name: str, detail: str = "", **facts: object) -> None:
        super().__init__(name)
        self.rule = rule(name)
        self.detail = detail
        self.facts = facts

    def answer(self) -> dict[str, object]:
        """As the platform says it."""
        words = " ".join(filter(None, (self.rule.message, self.detail, f"rid: {_rid()}")))
        return {"errcode": self.rule.code, "errmsg": words, **self.facts}


@cache
def rules() -> Mapping[str, Rule]:
    """The table rules.csv, by name."""
    text = files(__package__).joinpath("rules.csv").read_text(encoding="utf-8")
    return {row["name"]: _rule(row) for row in csv.DictReader(text.splitlines())}


def rule(name: str) -> Rule:
    """The rule of that name."""
    return rules()[name]


def _rule(row: Mapping[str, str]) -> Rule:
    page = row["source"]
    source = SITE + page if page.startswith("/") else page
    return Rule(row["name"], int(row["limit"] or 0), int(row["code"] or 0), row["message"], source)


def _rid() -> str:
    """What the platform ends its refusals with, for looking them up."""
    return f"{secrets.token_hex(4)}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
