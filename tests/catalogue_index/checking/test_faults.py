"""Faults planted one at a time in clean drafts are found, each at its place and nothing else with it."""

import csv
from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from bot.knowledge.builtin import builtin_contents
from catalogue_index.checking import Draft, Guide, check, consensus, of_file
from catalogue_index.checking.rules import rules
from catalogue_index.headers import plain
from catalogue_index.readers import Grid, read_grids

FAULTS = Path(__file__).parents[2] / "fixtures" / "faults"
TODAY = date(2026, 9, 1)
FIRST_ROW = 3


@dataclass(frozen=True)
class Fault:
    draft: str
    guide: str
    action: str
    row: str
    column: str
    value: str
    rule: str
    at_row: str
    at_column: str

    def __str__(self):
        where = f"第{self.row}行" if self.row else self.column
        return f"{self.draft} {where} {self.action} {self.value[:20]} -> {self.rule}"

    @property
    def expected(self):
        return (self.rule, int(self.at_row), self.at_column)


def faults():
    rows = csv.DictReader((FAULTS / "faults.csv").read_text("utf-8").splitlines())
    return [Fault(**row) for row in rows]


def drafts():
    return sorted(path.stem for path in (FAULTS / "drafts").iterdir())


@cache
def clean(name):
    (grid,) = read_grids(FAULTS / "drafts" / f"{name}.csv")
    return grid


@cache
def published():
    places = {}
    for content in builtin_contents():
        if content.document.kind == "catalogue":
            places.setdefault(content.document.area, []).extend(content.items)
    return consensus(places)


def guide_of(name, kind):
    if kind == "published":
        return published()
    return of_file(Draft.read([clean(name)], Guide(), TODAY).imported)


def findings(grid, guide):
    return check(Draft.read([grid], guide, TODAY))


def told(found):
    return Counter((one.rule, one.place.row, one.label) for one in found)


def column_of(cells, label):
    return next(
        position
        for row in cells[1:FIRST_ROW]
        for position, text in enumerate(row)
        if plain(text) == plain(label)
    )


def planted(fault):
    """The clean draft with one fault."""
    cells = [list(row) for row in clean(fault.draft).cells]
    row = int(fault.row) - 1 if fault.row else None
    column = column_of(cells, fault.column) if fault.column else None
    match fault.action:
        case "set":
            cells[row][column] = fault.value
        case "move tick":
            cells[row][column] = ""
            cells[row][column_of(cells, fault.value)] = "√"
        case "rename column":
            line = 1 if cells[1][column] else 2
            cells[line][column] = fault.value
        case "delete column":
            for line in cells:
                del line[column]
        case "clear column":
            for line in cells[FIRST_ROW:]:
                line[column] = ""
        case "title":
            cells[0][0] = fault.value
        case "delete row":
            del cells[row]
        case "copy row":
            cells.insert(row + 1, list(cells[row]))
        case "insert row":
            cells.insert(row, ["", *fault.value.split("|")])
        case "blank row":
            cells[row][3:] = [""] * len(cells[row][3:])
        case action:
            raise AssertionError(f"no such action: {action}")
    return Grid("", tuple(map(tuple, cells)))


def table(fault, found):
    lines = [f"{fault}", "expected: {} row {} {}".format(*fault.expected), "found:"]
    lines += [f"  {one.severity:5} {one.rule:22} {one.place.row:3} {one.what}" for one in found]
    return "\n".join(lines)


@pytest.mark.parametrize("fault", faults(), ids=str)
def test_a_planted_fault_is_found_at_its_place_and_nothing_else(fault):
    guide = guide_of(fault.draft, fault.guide)
    found = findings(planted(fault), guide)
    before = told(findings(clean(fault.draft), guide))
    assert told(found)[fault.expected] > before[fault.expected], table(fault, found)
    grave = [one for one in found if one.severity != "hint" and one.rule != fault.rule]
    assert not grave, table(fault, found)


@pytest.mark.parametrize("name", drafts())
@pytest.mark.parametrize("kind", ["own", "published"])
def test_a_clean_draft_has_nothing_to_change(name, kind):
    found = findings(clean(name), guide_of(name, kind))
    assert [one for one in found if one.severity != "hint"] == []


def test_sixty_faults_are_planted_over_twelve_sectors_and_every_rule():
    planted_rules = {fault.rule for fault in faults()}
    assert len(faults()) >= 60
    assert len({fault.draft for fault in faults()}) >= 12
    assert planted_rules == set(rules())
