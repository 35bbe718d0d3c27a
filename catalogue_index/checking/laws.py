"""Laws and rules that are repealed or revised: a short dated list of what is certain, each with its source."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from .rules import table


@dataclass(frozen=True, slots=True)
class Law:
    """One law that ``status`` (废止, 修订) ended or changed on ``since``.

    ``number`` is the number of the decree before a revision: only that makes a citation old.
    ``replaced_by`` is "" where nothing took its place.
    """

    name: str
    status: str
    since: date
    replaced_by: str
    number: str
    source: str


@lru_cache(maxsize=1)
def laws() -> Mapping[str, Law]:
    """The list by name, without 中华人民共和国."""
    return {
        row["name"]: Law(
            row["name"],
            row["status"],
            date.fromisoformat(row["since"]),
            row["replaced_by"],
            row["number"],
            row["source"],
        )
        for row in table("laws")
    }


_CITED = re.compile(r"《(?P<name>[^《》]{2,60})》\s*(?P<number>[（(〔][^（()）]{0,40}[)）〕])?")


def outdated(text: str, today: date) -> Iterator[tuple[str, Law]]:
    """Each citation in ``text`` that was out of date on ``today``: name as cited, and the law."""
    for cited in _CITED.finditer(text):
        name = cited["name"].removeprefix("中华人民共和国")
        law = laws().get(name) or laws().get(re.sub(r"[（(](?:试行|暂行)[)）]$", "", name))
        if law is None or law.since > today:
            continue
        if not law.number or re.search(rf"第?{law.number}号", cited["number"] or ""):
            yield cited["name"], law


def successor(law: Law, today: date) -> str:
    """What is in force on ``today`` in place of a law; "" where nothing is."""
    heir = laws().get(law.replaced_by)
    while heir and heir.since <= today and not heir.number:
        law, heir = heir, laws().get(heir.replaced_by)
    return law.replaced_by
