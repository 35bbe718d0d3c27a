"""The rules of the check: what each says, how grave a breach is, and the words it rests on."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal, cast

Severity = Literal["error", "warn", "hint"]

SEVERITIES: Mapping[Severity, str] = {"error": "必须改", "warn": "建议改", "hint": "请核对"}
"""Severities, gravest first, and what an office calls them."""


@dataclass(frozen=True, slots=True)
class Source:
    """A document that rules rest on, by its ``short`` name and in full; ``area`` is the code of the
    area whose offices it binds."""

    short: str
    title: str
    area: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``what`` and ``todo`` are sentences with {names} for what a check found; ``number``
    is the question or article of ``source`` that says ``words``."""

    id: str
    severity: Severity
    what: str
    todo: str
    source: Source
    number: str
    words: str


@lru_cache(maxsize=1)
def rules() -> Mapping[str, Rule]:
    """All rules by id, in the order of the table."""
    sources = {row["id"]: Source(row["id"], row["title"], row["area"]) for row in table("sources")}
    return {
        row["id"]: Rule(
            row["id"],
            cast(Severity, row["severity"]),
            row["what"],
            row["todo"],
            sources[row["source"]],
            f"第{row['number']}问" if row["number"].isdigit() else row["number"],
            row["words"],
        )
        for row in table("rules")
    }


def table(name: str) -> list[dict[str, str]]:
    """The rows of one of the package's data files."""
    text = files("catalogue_index.checking").joinpath(f"data/{name}.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
