"""What each role may do: ``rights.csv``, a row a right and a column a role."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from .model import Officer, Role


@dataclass(frozen=True, slots=True)
class Right:
    """Something that may be done on the console: its id, its name for people, and by whom."""

    id: str
    name: str
    roles: frozenset[Role]


@cache
def rights() -> Mapping[str, Right]:
    """All rights by id, in the table's order."""
    text = files(__package__).joinpath("rights.csv").read_text(encoding="utf-8")
    return {
        row["right"]: Right(
            row["right"], row["name"], frozenset(role for role in Role if row[role])
        )
        for row in csv.DictReader(text.splitlines())
    }


def may(officer: Officer, right: str) -> bool:
    """Whether an officer has a right; ``KeyError`` for one that there is not."""
    return not rights()[right].roles.isdisjoint(officer.roles)
